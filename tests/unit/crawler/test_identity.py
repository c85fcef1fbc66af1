"""No feed that lies about identity makes an article new twice."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from services.crawler.core.identity import Known, candidates, sightings
from services.crawler.core.model import ParsedEntry
from tests.builders import NOON

SOURCE = "src"


class Memory:
    """What the tables keep, in dictionaries."""

    def __init__(self):
        self.seen, self.aliases = {}, {}

    def poll(self, entries):
        """The article ids that are new or changed."""
        found = candidates(SOURCE, entries, "https://e.org/feed", NOON)
        by_article = {}
        for known in self.seen.values():
            if known.article_id not in by_article or by_article[known.article_id].version <= known.version:
                by_article[known.article_id] = known
        seen = {key: self.seen[key] for key in (one.guid_key for one in found) if key in self.seen}
        result = sightings(SOURCE, found, seen, by_article, self.aliases)
        for one in result:
            if one.fresh or one.churned:
                c = one.candidate
                self.seen[c.guid_key] = Known(
                    one.article_id, c.url_key, c.title_key, c.content_key, c.published_at, one.version
                )
                if c.url_key:
                    self.aliases.setdefault(c.url_key, one.article_id)
        return [one.article_id for one in result if one.fresh]


def entry(number, guid=None, **more):
    values = {"title": f"Title {number}", "link": f"https://e.org/{number}", "published": NOON - timedelta(hours=number)} | more
    return ParsedEntry(id=guid, **values)


numbers = st.lists(st.integers(0, 20), min_size=1, max_size=8, unique=True)
guids = st.none() | st.sampled_from("abcd")


@given(numbers, st.data())
def test_entries_with_the_same_links_are_found_once_whatever_their_guids_do(present, data):
    memory = Memory()
    assert len(memory.poll([entry(n, data.draw(guids)) for n in present])) == len(present)
    for _ in range(3):
        again = data.draw(st.permutations(present))
        assert memory.poll([entry(n, data.draw(guids)) for n in again]) == []


@given(numbers, numbers, st.booleans())
def test_every_link_not_seen_before_is_found_whatever_its_guid(first, second, by_position):
    memory = Memory()

    def feed(present):
        return [entry(n, f"guid-{place}" if by_position else None) for place, n in enumerate(present)]

    memory.poll(feed(first))
    assert len(memory.poll(feed(second))) == len(set(second) - set(first))


def test_a_changed_link_keeps_its_article_under_its_guid():
    memory = Memory()
    [article] = memory.poll([entry(1, "a")])
    assert memory.poll([entry(1, "a", link="https://e.org/changed")]) == []
    assert memory.poll([entry(1, "a", link="https://e.org/changed", summary="new text")]) == [article]


def test_a_guid_given_to_another_entry_makes_a_new_article():
    memory = Memory()
    [first] = memory.poll([entry(1, "a")])
    [second] = memory.poll([entry(2, "a")])
    assert first != second


def test_entries_without_links_are_told_by_guid_or_by_title_and_date():
    memory = Memory()
    entries = [entry(1, "a", link=None), entry(2, None, link=None), entry(3, None, link=None, published=None)]
    assert len(set(memory.poll(entries))) == 3
    assert memory.poll(list(reversed(entries))) == []


def test_entries_that_are_places_in_one_page_are_articles_of_their_own():
    memory = Memory()
    feed = [entry(n, link=f"https://e.org/2026/11/22.html#a{n}") for n in range(3)]
    assert len(set(memory.poll(feed))) == 3
    assert memory.poll(feed) == []


def test_an_anchor_makes_no_second_article_of_one_entry():
    memory = Memory()
    memory.poll([entry(1, link="https://e.org/1")])
    assert memory.poll([entry(1, link="https://e.org/1#comments"), entry(1, link="https://e.org/1")]) == []
