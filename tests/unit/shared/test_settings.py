"""Settings: one order of precedence, every fault at once."""

from pathlib import Path
from typing import Annotated

import pytest
from msgspec import Meta, Struct

from shared.settings import Common, SettingsError, load


class Part(Struct, frozen=True, kw_only=True):
    """A service's own settings."""

    fetch_timeout: Annotated[float, Meta(gt=0, description="total seconds of one fetch")] = 30.0
    networks: tuple[str, ...] = ()
    schedule: tuple[float, ...] = (0.0, 5.0)


PARTS = (Common, Part)


def test_the_command_line_wins_over_the_environment_over_the_file_over_the_default(tmp_path: Path) -> None:
    file = tmp_path / "rasid.toml"
    file.write_text('RASID_PORT = 1\nRASID_HOST = "file"\ndata = "from-file"\n', encoding="utf-8")
    found = load(PARTS, overrides={"port": 3, "host": None}, environ={"RASID_PORT": "2", "RASID_HOST": "env"}, file=file)
    common = found.part(Common)
    assert (common.port, common.host, common.data, common.kafka) == (3, "env", Path("from-file"), "")
    origins = {entry.name: entry.origin for entry in found.entries()}
    assert origins["RASID_PORT"] == "command line: --port"
    assert origins["RASID_HOST"] == "RASID_HOST"
    assert origins["RASID_DATA"].endswith("rasid.toml: data")
    assert origins["RASID_KAFKA"] == "default"


def test_the_command_line_may_give_a_folder() -> None:
    assert load(PARTS, overrides={"data": Path("~/here")}, environ={}).part(Common).data == Path("~/here").expanduser()


def test_lists_are_separated_by_commas() -> None:
    part = load(PARTS, environ={"RASID_NETWORKS": "127.0.0.0/8, ::1/128", "RASID_SCHEDULE": "0,1.5"}).part(Part)
    assert part.networks == ("127.0.0.0/8", "::1/128")
    assert part.schedule == (0.0, 1.5)


def test_all_faults_are_told_at_once_and_a_misspelt_name_is_guessed() -> None:
    with pytest.raises(SettingsError) as error:
        load(PARTS, environ={"RASID_PORT": "http", "RASID_FETCH_TIMOUT": "3", "RASID_FETCH_TIMEOUT": "-1", "RASID_XYZZY": ""})
    told = str(error.value).splitlines()
    assert len(told) == 4
    assert any("RASID_FETCH_TIMOUT" in line and "did you mean RASID_FETCH_TIMEOUT?" in line for line in told)
    assert any("RASID_PORT" in line and "'http'" in line for line in told)
    assert any("RASID_XYZZY" in line and "rasid settings" in line for line in told)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        pytest.param("data = 5", "data: 5 cannot be used", id="a number for a folder"),
        pytest.param('data = ["a"]', "data: ['a'] cannot be used", id="a list for a folder"),
        pytest.param("port = 1\nRASID_PORT = 2", "RASID_PORT: this is port again", id="one setting twice"),
        pytest.param('public_url = "news.example"', "public_url: 'news.example' cannot be used", id="no URL"),
        pytest.param('token = "s3 crét"', "token: '(hidden)' cannot be used", id="a token no header carries"),
        pytest.param("[rasid]\nport = 1", "rasid: no setting has this name", id="a table"),
    ],
)
def test_a_fault_in_the_file_is_told_with_its_place(tmp_path: Path, text: str, told: str) -> None:
    file = tmp_path / "rasid.toml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(SettingsError) as error:
        load(PARTS, environ={}, file=file)
    [line] = str(error.value).splitlines()
    assert line.startswith(f"{file}: {told}")


def test_what_kubernetes_puts_into_the_environment_is_recognised() -> None:
    with pytest.raises(SettingsError, match="enableServiceLinks"):
        load(PARTS, environ={"RASID_PORT": "tcp://10.0.0.1:8080"})


def test_a_file_that_is_not_toml_is_named(tmp_path: Path) -> None:
    file = tmp_path / "rasid.toml"
    file.write_text("port = = 3", encoding="utf-8")
    with pytest.raises(SettingsError, match=r"rasid\.toml"):
        load(PARTS, environ={}, file=file)


def test_every_setting_says_what_it_means() -> None:
    assert [entry.name for entry in load((Common,), environ={}).entries() if not entry.meaning] == []
