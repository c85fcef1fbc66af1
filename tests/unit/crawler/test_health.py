"""How a source fares, in one word and a sentence."""

import pytest

from services.crawler.core.health import health


@pytest.mark.parametrize(
    ("row", "word", "said"),
    [
        (("active", None, 0, ""), "new", ""),
        (("active", "ok", 0, "mended"), "well", ""),
        (("active", "undated", 0, ""), "well", ""),
        (("active", "timeout", 3, "not done within 30 s"), "failing", "timeout: not done within 30 s (3 times in a row)"),
        (("active", "internal-error", 0, "KeyError"), "failing", "internal-error: KeyError"),
        (("paused", "gone", 1, ""), "gone", "410"),
        (("paused", "ok", 0, ""), "paused", "by hand"),
        (("set-aside", "internal-error", 0, "KeyError"), "set-aside", "KeyError"),
    ],
)
def test_the_word_for_a_source_says_what_a_person_should_know(row, word, said):
    found = health(*row)
    assert found.word == word
    assert said in found.reason
    assert bool(found.reason) == (word not in ("new", "well"))
