"""`rasid subscriptions` and `rasid deliveries`, as someone calls them."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from rasid.cli import rasid
from services.alerts.core.signature import key_of
from shared.database import Database

HOOK = "http://127.0.0.1:9/hook"


class Shell:
    """Calls rasid over a database of its own."""

    def __init__(self, environment: dict[str, str]) -> None:
        self._env = environment | {"RASID_DELIVERY_ALLOW_NETWORKS": "127.0.0.0/8"}

    def __call__(self, *arguments: str, **env: str) -> Result:
        return CliRunner().invoke(rasid, list(arguments), env=self._env | env)

    def lines(self, *arguments: str) -> list[dict[str, Any]]:
        """What a command prints that ends well, a JSON object a line."""
        result = self(*arguments)
        assert result.exit_code == 0, result.output
        return [json.loads(line) for line in result.stdout.splitlines()]


@pytest.fixture
def shell(environment: dict[str, str]) -> Shell:
    return Shell(environment)


def test_a_subscription_is_added_listed_tested_and_removed(shell: Shell) -> None:
    [made] = shell.lines("subscriptions", "add", HOOK, "--name", "desk", "--topic", "trafficking", "--lang", "ar", "--json")
    assert len(key_of(made["secret"])) == 32
    [listed] = shell.lines("subscriptions", "list", "--json")
    assert (listed["id"], listed["name"]) == (made["id"], "desk")
    assert listed["filter"] == {"topics": {"any": ["trafficking"]}, "languages": {"any": ["ar"]}}
    assert shell.lines("subscriptions", "show", made["id"]) == [listed]
    [queued] = shell.lines("subscriptions", "test", made["id"])
    [delivery] = shell.lines("deliveries", "list", "--state", "pending", "--subscription", made["id"])
    assert (delivery["id"], delivery["type"], delivery["attempts"]) == (queued["id"], "test", [])
    assert shell.lines("deliveries", "list", "--state", "ok") == []
    assert shell.lines("subscriptions", "pause", made["id"])[0]["endpoint_state"] == "paused"
    assert [row["id"] for row in shell.lines("deliveries", "list", "--state", "parked")] == [queued["id"]]
    assert shell.lines("subscriptions", "resume", made["id"])[0]["endpoint_state"] == "active"
    assert [row["id"] for row in shell.lines("deliveries", "list", "--state", "pending")] == [queued["id"]]
    assert shell("subscriptions", "remove", made["id"]).exit_code == 0
    assert shell.lines("subscriptions", "list") == []
    for command in ("remove", "test", "show", "pause", "resume"):
        assert shell("subscriptions", command, made["id"]).exit_code == 1


def test_a_secret_is_rotated_and_an_ed25519_key_told_by_its_public_part(shell: Shell) -> None:
    [made] = shell.lines("subscriptions", "add", HOOK, "--json")
    [fresh] = shell.lines("subscriptions", "rotate", made["id"], "--overlap", "60")
    assert len(key_of(fresh["secret"])) == 32
    assert fresh["secret"] != made["secret"]
    [key] = shell.lines("subscriptions", "rotate", made["id"], "--signature", "v1a")
    assert ("secret" in key, key["public_key"][:5]) == (False, "whpk_")
    assert shell("subscriptions", "rotate", "sub_none").exit_code == 1
    assert shell("subscriptions", "rotate", made["id"], "--secret", "whsec_short").exit_code == 2
    assert "whpk_" in shell("subscriptions", "add", HOOK, "--signature", "v1a").stdout


def test_dead_letters_are_sent_again_and_what_is_not_there_is_said(shell: Shell, database_url: str) -> None:
    [made] = shell.lines("subscriptions", "add", HOOK, "--json")
    [queued] = shell.lines("subscriptions", "test", made["id"])
    database = Database(database_url)
    database.transact_now(
        lambda tx: tx.exec_driver_sql(
            "UPDATE alerts_deliveries SET state = 'dead', due_at = NULL, settled_at = 1764000000000000"
        )
    )
    database.close()
    [job] = shell.lines("deliveries", "redrive", queued["id"])
    assert (job["state"], job["total"], job["done"]) == ("done", 1, 1)
    assert [row["id"] for row in shell.lines("deliveries", "list", "--state", "pending")] == [queued["id"]]
    missing = shell("deliveries", "redrive", queued["id"])
    assert (missing.exit_code, "only 0 of these 1 have died" in missing.output) == (1, True)
    assert shell.lines("deliveries", "redrive", "--since", "2025-11-22T10:00:00Z")[0]["total"] == 0
    assert shell("deliveries", "redrive").exit_code == 2
    assert shell("deliveries", "redrive", "--since", "yesterday").exit_code == 2


def test_a_filter_is_tried_before_a_subscription_is_made(shell: Shell) -> None:
    [told] = shell.lines("subscriptions", "dry-run", "--topic", "trafficking", "--days", "3")
    assert (told["looked_at"], told["matched"], told["is_whole"]) == (0, 0, True)
    [made] = shell.lines("subscriptions", "add", HOOK, "--json")
    assert shell.lines("subscriptions", "dry-run", made["id"])[0]["matched"] == 0
    assert shell("subscriptions", "dry-run", "sub_none").exit_code == 1
    assert shell("subscriptions", "dry-run", "--topic", "weather").exit_code == 2


def test_the_mail_servers_password_is_not_shown_among_the_settings(shell: Shell) -> None:
    shown = shell("settings", "--json", RASID_SMTP_URL="smtp://me:hidden@mail.example:587", RASID_SMTP_FROM="me@mail.example")
    assert shown.exit_code == 0
    assert "hidden" not in shown.output
    assert "smtp://me:***@mail.example:587" in shown.output


def test_without_json_the_secret_is_shown_once_for_a_person(shell: Shell) -> None:
    result = shell("subscriptions", "add", HOOK)
    assert "whsec_" in result.stdout
    assert "whsec_" not in shell("subscriptions", "list").output


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        pytest.param(["--filter", '{"text":"visa"}'], {"text": "visa"}, id="a filter"),
        pytest.param(
            ["--topic", "visa_policy", "--filter", '{"text":"visa"}'],
            {"topics": {"any": ["visa_policy"]}, "text": "visa"},
            id="both",
        ),
        pytest.param(
            ["--lang", "ar", "--filter", '{"languages":{"any":["en"]}}'],
            {"all": [{"languages": {"any": ["ar"]}}, {"languages": {"any": ["en"]}}]},
            id="both, of one field",
        ),
        pytest.param([], {}, id="none: every tagged article"),
    ],
)
def test_options_and_filter_are_joined_by_and(shell: Shell, options: list[str], expected: dict[str, Any]) -> None:
    shell.lines("subscriptions", "add", HOOK, *options, "--json")
    assert shell.lines("subscriptions", "list")[0]["filter"] == expected


@pytest.mark.parametrize(
    ("options", "said"),
    [
        pytest.param(["--topic", "weather"], ["filter.topics.any[0]: there is no topic 'weather'"], id="unknown topic"),
        pytest.param(
            ["--topic", "weather", "--filter", '{"x":1}'], ["filter.topics.any[0]", "filter.x"], id="every fault at once"
        ),
        pytest.param(["--filter", "{"], ["--filter: not JSON"], id="no JSON"),
        pytest.param(["--filter", "[]"], ["filter: must be an object"], id="no object"),
        pytest.param(["--header", "X-A"], ["NAME:VALUE"], id="no header"),
        pytest.param(["--header", "Host: x"], ["sink.headers.Host: is reserved"], id="a reserved header"),
        pytest.param(["--secret", "whsec_short"], ["sink.secret: a secret is"], id="no secret"),
    ],
)
def test_what_cannot_be_had_ends_with_2_and_keeps_nothing(shell: Shell, options: list[str], said: list[str]) -> None:
    result = shell("subscriptions", "add", HOOK, *options)
    assert result.exit_code == 2
    assert all(part in result.output for part in said)
    assert shell.lines("subscriptions", "list") == []


def test_a_private_address_is_refused_unless_the_operator_allows_it(shell: Shell) -> None:
    result = shell("subscriptions", "add", HOOK, RASID_DELIVERY_ALLOW_NETWORKS="")
    assert result.exit_code == 2
    assert "leads to 127.0.0.1, which is refused: loopback" in result.output


def test_the_key_file_can_lie_elsewhere_and_must_hold_a_key(shell: Shell, tmp_path: Path) -> None:
    key = tmp_path / "elsewhere.key"
    assert shell("subscriptions", "add", HOOK, RASID_ALERTS_KEY_FILE=str(key)).exit_code == 0
    assert key.stat().st_size == 32
    key.write_bytes(b"short")
    assert shell("subscriptions", "add", HOOK, RASID_ALERTS_KEY_FILE=str(key)).exit_code == 2


def test_a_second_key_is_neither_made_nor_used_beside_the_first(shell: Shell, tmp_path: Path) -> None:
    [made] = shell.lines("subscriptions", "add", HOOK, "--json")
    key = tmp_path / "another-machine" / "alerts.key"
    missing = shell("subscriptions", "add", HOOK, RASID_ALERTS_KEY_FILE=str(key))
    assert (missing.exit_code, key.exists()) == (2, False)
    assert "put the key file there" in missing.output
    key.parent.mkdir()
    key.write_bytes(b"k" * 32)
    assert "another key" in shell("subscriptions", "add", HOOK, RASID_ALERTS_KEY_FILE=str(key)).output
    assert shell("subscriptions", "remove", made["id"]).exit_code == 0
    assert shell("subscriptions", "add", HOOK, RASID_ALERTS_KEY_FILE=str(key)).exit_code == 0


@pytest.mark.parametrize("name", ["alerts", "web"])
def test_a_service_that_needs_the_key_does_not_start_with_another(shell: Shell, tmp_path: Path, name: str) -> None:
    shell.lines("subscriptions", "add", HOOK, "--json")
    (tmp_path / "other.key").write_bytes(b"k" * 32)
    env = {"RASID_ALERTS_KEY_FILE": str(tmp_path / "other.key"), "RASID_KAFKA": "127.0.0.1:9", "RASID_PORT": "0"}
    refused = shell("service", name, "--once", **env)
    assert refused.exit_code == 2
    assert "holds another key" in refused.output


@pytest.mark.parametrize("command", [("subscriptions",), ("subscriptions", "add"), ("deliveries", "list")])
def test_help_ends_with_an_example(shell: Shell, command: tuple[str, ...]) -> None:
    assert "Example:  rasid" in shell(*command, "--help").output
