"""The broker for development and tests, and the library's log lines while it is away."""

import logging
from pathlib import Path

import pytest

from infra.kafka.broker import Missing, jars
from shared.runtime.kafka_logs import Seldom


def test_without_java_it_says_what_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(Missing, match="there is no java"):
        jars()


def test_without_maven_and_without_jars_it_says_what_is_missing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    java = tmp_path / "java"
    java.write_text("#!/bin/sh\n")
    java.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr("sys.platform", "linux")
    with pytest.raises(Missing, match="there is no mvn"):
        jars()


def test_a_line_that_repeats_is_let_through_seldom_and_counted() -> None:
    ticks = iter([0.0, 1.0, 2.0, 31.0])
    seldom = Seldom(30.0, lambda: next(ticks))
    record = [logging.LogRecord("aiokafka.conn", logging.ERROR, "conn.py", 7, "no %s", ("broker",), None) for _ in range(4)]
    assert [seldom.filter(line) for line in record] == [True, False, False, True]
    assert record[3].getMessage() == "no broker (2 more like it held back)"
