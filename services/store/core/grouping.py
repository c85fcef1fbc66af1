"""Groups the articles of a batch into stories, one by one in the order they are filed."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence

from services.store.core.likeness import Alike, Likeness
from services.store.core.stories import CANDIDATES, COMMON, Dial, Known, Member, Story, Told, member
from shared import ids
from shared.events import ArticleClassified, Passage, StoryChanged, StoryPlace
from shared.sketch import passages

MERGES = 1.6
"""Two stories become one by an article that is so many times more like each than it must be."""

SECOND = 0.3
"""What the likeness to a second article of a story counts, so that a story does not wander off from link to link."""


class Grouper:
    """Groups the articles of a batch, one by one. What is to be written: `changed` members, with those they `replaced` in the
    store; `stories` that have more than one article; `moved`: stories that became another's, in the order they did."""

    def __init__(self, known: Known, dial: Dial) -> None:
        self._known, self._dial, self._likeness = known, dial, Likeness(known, dial)
        self.changed: dict[int, Member] = {}
        self.replaced: dict[int, Member] = {}
        self.stories: dict[int, Story] = {}
        self.moved: dict[int, int] = {}
        self._inside: defaultdict[int, list[int]] = defaultdict(list)
        for each in known.members.values():
            self._inside[each.story].append(each.sequence)

    def place(self, event: ArticleClassified, sequence: int) -> Told:
        """Where this article belongs. One that has company already stays with it, whatever its revision says."""
        standing, fresh = self._known.members.get(sequence), member(event, sequence)
        if standing is not None:
            fresh.story, fresh.relation, fresh.of, fresh.share = standing.story, standing.relation, standing.of, standing.share
            fresh.news = standing.news
            self._leave(standing)
        self._keep(fresh, is_new=standing is None)
        if standing is not None and (len(self._inside[fresh.story]) > 1 or standing.sketch == fresh.sketch):
            return Told(self._told(fresh))
        alike = self._alike(fresh)
        found = self._stories(alike)
        if not found:
            return Told(self._told(fresh))
        return self._join(event, fresh, found, alike, is_new=standing is None)

    def _leave(self, standing: Member) -> None:
        """Takes an article's former keys away."""
        if standing.sequence not in self.changed:
            self.replaced[standing.sequence] = standing
        for key in standing.found_by():
            having = self._known.having.get(key, [])
            if standing.sequence in having:
                having.remove(standing.sequence)
                self._known.counted[key] -= 1

    def _keep(self, fresh: Member, *, is_new: bool) -> None:
        self._known.members[fresh.sequence] = self.changed[fresh.sequence] = fresh
        self._known.articles += is_new
        if fresh.sequence not in self._inside[fresh.story]:
            self._inside[fresh.story].append(fresh.sequence)
        for key in fresh.found_by():
            self._known.having.setdefault(key, []).append(fresh.sequence)
            self._known.counted[key] += 1

    def _alike(self, fresh: Member) -> list[Alike]:
        """The articles that share the most with this one and may be met from here, each with its likeness."""
        sharing: Counter[int] = Counter()
        for key in fresh.mark_keys:
            for other in self._having(key):
                sharing[other] += 3
        for key in fresh.word_keys:
            for other in self._having(key):
                sharing[other] += 1
        del sharing[fresh.sequence]
        best = sorted(sharing, key=lambda other: (-sharing[other], other))[: 4 * CANDIDATES]
        members = self._known.members
        near = [members[other] for other in best if other in members and self._may_meet(fresh, members[other])]
        return [self._likeness.of(fresh, other) for other in near[:CANDIDATES]]

    def _having(self, key: int) -> Iterable[int]:
        return self._known.having.get(key, ()) if self._known.counted[key] <= COMMON else ()

    def _may_meet(self, one: Member, other: Member) -> bool:
        return one.language == other.language and abs(one.dated_at - other.dated_at) <= self._dial.copies

    def _stories(self, alike: Sequence[Alike]) -> dict[int, float]:
        """The stories this article belongs to, each with how much more like it is than it must be (1: just enough)."""
        of: defaultdict[int, list[Alike]] = defaultdict(list)
        for each in alike:
            of[each.member.story].append(each)
        found = {}
        for story, members in of.items():
            copy = max(each.copy for each in members) / self._dial.copy
            first, *others = sorted((each.report for each in members), reverse=True)
            wordings = {self._known.members[sequence].words for sequence in self._inside[story]}
            second = others[0] if others else 0.0
            report = (first if len(wordings) < 2 else (1.0 - SECOND) * first + SECOND * second) / self._dial.report
            if max(copy, report) >= 1.0:
                found[story] = max(copy, report)
        return found

    def _join(
        self, event: ArticleClassified, fresh: Member, found: dict[int, float], alike: Sequence[Alike], *, is_new: bool
    ) -> Told:
        best = max(found, key=lambda story: (found[story], -story))
        together = {story for story, strength in found.items() if strength >= MERGES} | {best}
        closest = max((each for each in alike if each.member.story in together), key=self._strength)
        known = {mark for story in together for mark in self._marks_of(story) if story != fresh.sequence}
        if is_new:
            self._inside.pop(fresh.sequence)
        else:
            together.add(fresh.story)  # it was told as a story of its own
        fresh.relation = "copy" if closest.copy >= self._dial.copy else "report"
        fresh.of, fresh.share = closest.member.sequence, round(min(1.0, max(closest.copy, closest.report)), 3)
        winner = min(together)
        if winner == fresh.sequence:
            fresh.relation, fresh.of = "first", None
        story = self.stories[winner] = self._story(winner)
        merged = [self._move(loser, winner) for loser in sorted(together - {winner})]
        story.articles += is_new + sum(each.articles for each in merged)
        if is_new:
            fresh.story = winner
            self._inside[winner].append(fresh.sequence)
        return self._tell(event, fresh, story, closest, known, merged)

    def _marks_of(self, story: int) -> Iterable[int]:
        return (mark for sequence in self._inside[story] for mark in self._known.members[sequence].marks)

    def _strength(self, each: Alike) -> float:
        return max(each.copy / self._dial.copy, each.report / self._dial.report)

    def _move(self, story: int, winner: int) -> Story:
        """Makes the one story the other's."""
        loser = self._story(story)
        for sequence in self._inside.pop(story, []):
            each = self._known.members[sequence]
            each.story = winner
            self.changed[sequence] = each
            self._inside[winner].append(sequence)
        self.moved[story] = winner
        self.stories.pop(story, None)
        return loser

    def _story(self, sequence: int) -> Story:
        """The story that begins with this article; a new one where it has been alone."""
        if sequence not in self._known.stories:
            first = self._known.members[sequence]
            self._known.stories[sequence] = Story(sequence=sequence, started_at=first.dated_at, updated_at=first.dated_at)
        return self._known.stories[sequence]

    def _tell(
        self, event: ArticleClassified, fresh: Member, story: Story, closest: Alike, known: set[int], merged: Sequence[Story]
    ) -> Told:
        article = event.article
        spans = list(passages(article.text, known, self._dial.fewest_shingles))[: self._dial.most_passages]
        fresh.news = tuple(Passage(start=span.start, end=span.end, text=article.text[span.start : span.end]) for span in spans)
        story.number += bool(fresh.news)
        story.updated_at = max([story.updated_at, fresh.dated_at, *(each.updated_at for each in merged)])
        story.started_at = min([story.started_at, fresh.dated_at, *(each.started_at for each in merged)])
        changed = StoryChanged(
            event_id=ids.event_id("file", [event.event_id], 1, event.rules_seq),
            observed_at=event.observed_at,
            published_at=event.published_at,
            backfill=event.backfill,
            story_id=self._id(story.sequence),
            number=story.number,
            articles=story.articles,
            article_id=article.article_id,
            revision=article.revision,
            title=article.title,
            url=article.url,
            source=article.source,
            relation=fresh.relation,
            of=closest.member.article_id,
            share=fresh.share,
            words=closest.words[:8],
            topics=tuple(tag.topic for tag in event.topics),
            new=fresh.news,
            merged=tuple(self._id(each.sequence) for each in merged),
        )
        return Told(self._told(fresh), (changed,))

    def _told(self, fresh: Member) -> StoryPlace:
        story = self._known.stories.get(fresh.story)
        return StoryPlace(
            id=self._id(fresh.story),
            relation=fresh.relation,
            articles=story.articles if story else 1,
            number=story.number if story else 0,
        )

    def _id(self, story: int) -> str:
        return ids.story_id(self._known.members[story].article_id)
