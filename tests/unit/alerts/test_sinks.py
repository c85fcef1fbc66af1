"""Messages for chats and mail: within each one's limits, in their own direction, and commanding no one."""

import email
import email.policy
import re
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.alerts.core import chat
from services.alerts.core.mail import mail
from services.alerts.core.telling import FSI, PDI, clipped, plain, telling

ARABIC = "تفكيك شبكة تهريب مهاجرين (IOM) في عمّان"


def alert(title: str = ARABIC, text: str = "قالت الشرطة إن 12 شخصا أوقفوا.", **changes: Any) -> dict[str, Any]:
    article = {
        "id": "a", "url": "https://news.example/ا?x=1|2>3", "title": title, "text": text, "lang": "ar",
        "published_at": "2026-11-22T10:00:00Z", "fetched_at": "2026-11-22T10:00:00Z",
        "source": {"id": "s", "name": "UN News", "url": None}, "topics": [], "revision": 1,
    }  # fmt: skip
    return {"article": article | changes, "why": [{"part": "filter.topics", "matched": ["t"], "found": ["t 0.80: تهريب"]}]}


def message(kind: str = "article.tagged", **changes: Any) -> bytes:
    data = alert(**changes) | {"subscription": {"id": "sub", "name": "desk"}}
    return msgspec.json.encode({"type": kind, "timestamp": "2026-11-22T12:00:00Z", "data": data})


def digest(count: int, **changes: Any) -> bytes:
    items = [{"type": "article.tagged", **alert(**changes)} for _ in range(count)]
    data = {"subscription": {"id": "sub", "name": "desk"}, "since": "2026-11-22T11:00:00Z", "count": count, "items": items}
    return msgspec.json.encode({"type": "digest", "timestamp": "2026-11-22T12:00:00Z", "data": data})


FAMILY = "👩\u200d👩\u200d👧"
NASTY = ["<!channel> @everyone", "*" * 900, "&" * 900, "كلمة " * 200, FAMILY * 80]
TEXTS = st.text(max_size=300) | st.sampled_from(NASTY)
BODIES = st.one_of(
    st.builds(message, st.sampled_from(["article.tagged", "article.corrected"]), title=TEXTS, text=TEXTS),
    st.builds(digest, st.integers(1, 60), title=TEXTS, text=TEXTS),
)


@settings(max_examples=40)
@given(BODIES)
def test_slack_gets_no_section_and_no_message_beyond_its_limits(body: bytes) -> None:
    made = msgspec.json.decode(chat.slack(body))
    assert len(made["blocks"]) <= 50
    for block in made["blocks"]:
        assert 0 < len(block["text"]["text"]) <= 3000
        commands = re.findall(r"<[^>]*>", block["text"]["text"])
        assert all(command.startswith("<https://news.example/") for command in commands), commands


@settings(max_examples=40)
@given(BODIES)
def test_discord_gets_no_message_beyond_its_limit_and_mentions_no_one(body: bytes) -> None:
    made = msgspec.json.decode(chat.discord(body))
    assert 0 < len(made["content"].encode("utf-16-le")) // 2 <= 2000
    assert made["allowed_mentions"] == {"parse": []}


@settings(max_examples=40)
@given(BODIES)
def test_teams_gets_no_message_beyond_its_limit(body: bytes) -> None:
    made = chat.teams(body)
    assert len(made) <= 28 * 1024
    assert msgspec.json.decode(made)["attachments"][0]["content"]["type"] == "AdaptiveCard"


@settings(max_examples=40)
@given(BODIES)
def test_ntfy_gets_no_message_beyond_its_limit(body: bytes) -> None:
    made = msgspec.json.decode(chat.ntfy(body, "https://ntfy.example/desk"))
    assert 0 < len(made["message"].encode()) <= 4096
    assert made["topic"] == "desk"


def test_what_does_not_fit_is_counted() -> None:
    assert "and 152 more" in chat.slack(digest(200)).decode()
    assert re.search(r"and 1\d\d more", chat.discord(digest(200)).decode())
    assert re.search(r"and 1\d\d more", chat.teams(digest(200)).decode())


@pytest.mark.parametrize("render", [chat.slack, chat.discord, chat.teams, lambda body: chat.ntfy(body, "https://n.example/t")])
def test_an_arabic_title_is_whole_and_set_apart(render: Any) -> None:
    made = render(message()).decode()
    said = made.replace("\\\\", "")  # escapes of markdown
    assert f"{FSI}{ARABIC}{PDI}" in said
    assert f"{FSI}UN News{PDI}" in said


@pytest.mark.parametrize("render", [chat.slack, chat.discord, chat.teams])
def test_a_message_is_made_the_same_every_time(render: Any) -> None:
    assert render(message()) == render(message())


def test_a_test_message_says_so_everywhere() -> None:
    data = {"subscription": {"id": "s", "name": "desk"}, "message": "This is a test."}
    body = msgspec.json.encode({"type": "test", "timestamp": "2026-11-22T12:00:00Z", "data": data})
    for made in (chat.slack(body), chat.discord(body), chat.teams(body), chat.ntfy(body, "https://n.example/t")):
        assert b"This is a test" in made
    assert b"Subject: desk: This is a test." in mail(body, "msg_a", "rasid@example.org", "desk@example.org")


@given(TEXTS, st.integers(1, 300))
def test_what_is_cut_is_short_enough_and_begins_as_the_whole(text: str, most: int) -> None:
    cut = clipped(plain(text), most)
    assert len(cut) <= most
    assert plain(text).startswith(cut.removesuffix("…"))


def test_no_character_is_parted() -> None:
    assert clipped("a\u0301\u0302bc", 3) == "…"
    assert clipped("هِجْرَةٌ طويلة", 9) == "هِجْرَةٌ…"
    assert clipped("👩‍👧 family", 2) == "…"


def test_what_turns_text_round_does_not_leave_its_place() -> None:
    said = telling(message(title="innocent\u202etxt.exe\u2066"))
    assert said.alerts[0].title == "innocenttxt.exe"


@settings(max_examples=40)
@given(BODIES)
def test_mail_is_the_same_at_every_attempt_and_reads_back_whole(body: bytes) -> None:
    made = mail(body, "msg_abc", "rasid <rasid@example.org>", "desk@example.org")
    assert made == mail(body, "msg_abc", "rasid <rasid@example.org>", "desk@example.org")
    assert all(len(line) <= 998 for line in made.split(b"\r\n"))
    read = email.message_from_bytes(made, policy=email.policy.default)
    assert (read["To"], read["Message-ID"]) == ("desk@example.org", "<msg_abc@example.org>")
    assert read["Auto-Submitted"] == "auto-generated"
    text = read.get_body(("plain",)).get_content()  # type: ignore[union-attr]  # it has one
    assert all(said.title in text for said in telling(body).alerts)


def test_mail_names_each_direction_and_runs_no_script() -> None:
    made = mail(message(title="<script>x</script> خبر", url="javascript:alert(1)"), "msg_a", "r@example.org", "d@example.org")
    read = email.message_from_bytes(made, policy=email.policy.default)
    html = read.get_body(("html",)).get_content()  # type: ignore[union-attr]  # it has one
    assert 'dir="auto"' in html
    assert "<script" not in html
    assert "href" not in html
    assert read["Subject"] == "<script>x</script> خبر"
