"""docker-compose.yml names what the map names, and every image is what it says."""

import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft7Validator

from rasid.commands.service import NAMES
from rasid.house import SERVICES
from rasid.settings import PARTS
from shared.settings import load
from shared.topology import STAGES

ROOT = Path(__file__).parents[3]
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
AROUND = {"kafka", "postgres", "topics"}
OURS = sorted(set(COMPOSE["services"]) - AROUND)


def test_every_service_of_the_map_has_a_container_and_nothing_else_has() -> None:
    doors = {stage.service for stage in STAGES if stage.kind == "door"}
    mapped = {stage.service for stage in STAGES} - doors
    assert set(SERVICES) == mapped
    assert set(COMPOSE["services"]) - AROUND == {*NAMES} == {*mapped, "web"}


@pytest.mark.parametrize("name", OURS)
def test_a_container_runs_the_service_it_is_named_after(name: str) -> None:
    service = COMPOSE["services"][name]
    assert service["command"] == ["service", name, "--once"]
    assert service["image"] == COMPOSE["services"]["topics"]["image"], "one image for all"
    assert service["depends_on"]["topics"]["condition"] == "service_completed_successfully"
    assert "healthz" in service["healthcheck"]["test"][-1]


def test_the_topics_are_made_once_from_the_map_when_the_broker_answers() -> None:
    topics = COMPOSE["services"]["topics"]
    assert topics["command"] == ["topology", "--create"]
    assert topics["depends_on"]["kafka"]["condition"] == "service_healthy"


@pytest.mark.parametrize("name", [*OURS, "topics"])
def test_what_is_set_for_a_container_is_a_setting(name: str) -> None:
    given = {key: _filled(value) for key, value in COMPOSE["services"][name]["environment"].items()}
    load(PARTS, environ=given)


@pytest.mark.parametrize("dockerfile", ["infra/Dockerfile", "infra/kafka/Dockerfile", "infra/postgres/Dockerfile"])
def test_an_image_is_built_on_what_is_given_and_does_not_run_as_root(dockerfile: str) -> None:
    lines = (ROOT / dockerfile).read_text(encoding="utf-8").splitlines()
    bases = [line.split()[1] for line in lines if line.startswith("FROM ")]
    assert bases
    assert set(bases) == {"${BASE_IMAGE}"}
    assert [line for line in lines if line.startswith("USER ")][-1] != "USER root"


def test_every_base_image_is_one_argument() -> None:
    for name in ("kafka", "postgres", "web"):
        assert COMPOSE["services"][name]["build"]["args"] == {"BASE_IMAGE": "${BASE_IMAGE:-debian:trixie-slim}"}


def test_only_this_machine_reaches_the_page_and_nothing_else_is_published() -> None:
    published = {name: service["ports"] for name, service in COMPOSE["services"].items() if "ports" in service}
    assert published == {"web": ["127.0.0.1:${RASID_PORT:-8080}:8080"]}


def test_the_file_keeps_to_the_part_of_the_specification_it_uses_and_compose_takes_it_where_there_is_one() -> None:
    Draft7Validator(SCHEMA).validate(COMPOSE)
    if compose := shutil.which("docker-compose"):
        done = subprocess.run([compose, "config", "-q"], cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
        assert done.returncode == 0, done.stderr


def _filled(value: str) -> str:
    """The value with its variables at their defaults."""
    while (filled := re.sub(r"\$\{\w+(?::?-([^${}]*))?\}", lambda found: found[1] or "", value)) != value:
        value = filled
    return value


STRINGS = {"type": "array", "items": {"type": "string"}}
SCHEMA = {
    "type": "object",
    "required": ["services"],
    "additionalProperties": False,
    "patternProperties": {"^x-": {}},
    "properties": {
        "name": {"type": "string"},
        "volumes": {"type": "object"},
        "services": {
            "type": "object",
            "additionalProperties": {
                "type": "object",
                "required": ["image", "build"],
                "additionalProperties": False,
                "properties": {
                    "build": {
                        "type": "object",
                        "required": ["context"],
                        "additionalProperties": False,
                        "properties": {
                            "context": {"type": "string"},
                            "dockerfile": {"type": "string"},
                            "network": {"type": "string"},
                            "args": {"type": "object", "additionalProperties": {"type": "string"}},
                        },
                    },
                    "command": STRINGS,
                    "depends_on": {
                        "type": "object",
                        "additionalProperties": {
                            "type": "object",
                            "required": ["condition"],
                            "properties": {"condition": {"enum": ["service_healthy", "service_completed_successfully"]}},
                        },
                    },
                    "environment": {"type": "object", "additionalProperties": {"type": "string"}},
                    "healthcheck": {
                        "type": "object",
                        "additionalProperties": False,
                        "properties": {
                            "test": STRINGS,
                            "disable": {"type": "boolean"},
                            "retries": {"type": "integer"},
                            "interval": {"type": "string", "pattern": r"^\d+(ms|s|m)$"},
                            "timeout": {"type": "string", "pattern": r"^\d+(ms|s|m)$"},
                            "start_period": {"type": "string", "pattern": r"^\d+(ms|s|m)$"},
                        },
                    },
                    "image": {"type": "string"},
                    "init": {"type": "boolean"},
                    "ports": STRINGS,
                    "read_only": {"type": "boolean"},
                    "restart": {"enum": ["no", "always", "on-failure", "unless-stopped"]},
                    "shm_size": {"type": "string"},
                    "stop_grace_period": {"type": "string", "pattern": r"^\d+s$"},
                    "tmpfs": STRINGS,
                    "cap_drop": STRINGS,
                    "security_opt": STRINGS,
                    "volumes": STRINGS,
                },
            },
        },
    },
}
"""The keys this file uses, as https://github.com/compose-spec/compose-spec has them; a misspelt key is an error."""
