"""Groups the articles of a batch into stories, one by one in the order they are filed."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from itertools import islice

from services.store.core.likeness import Alike, Likeness
from services.store.core.stories import CANDIDATES, NEAR, Dial, Known, Member, Story, Told, member
from shared import ids
from shared.events import ArticleClassified, Passage, StoryChanged, StoryPlace
from shared.sketch import is_known, passages

MERGES = 1.6
"""Two stories become one by an article that is so many times more like each than it must be."""

OF_A_STORY = 3
"""Members of one story that an article is held against: those that share the most."""

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
        self._inside: defaultdict[int, set[int]] = defaultdict(set)
        self._said: dict[int, set[int]] = {}  # by story, the marks of its members, once they have been asked for
        for each in known.members.values():
            self._inside[each.story].add(each.sequence)

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
        self._forget(standing.sequence, standing.found_by())

    def _forget(self, sequence: int, keys: Iterable[int]) -> None:
        for key in keys:
            having = self._known.having.get(key, [])
            if sequence in having:
                having.remove(sequence)
                self._known.counted[key] -= 1

    def _keep(self, fresh: Member, *, is_new: bool) -> None:
        self._known.members[fresh.sequence] = self.changed[fresh.sequence] = fresh
        self._known.articles += is_new
        self._inside[fresh.story].add(fresh.sequence)
        self._said.pop(fresh.story, None)
        for key in fresh.found_by():
            self._known.having.setdefault(key, []).append(fresh.sequence)
            self._known.counted[key] += 1

    def _alike(self, fresh: Member) -> list[Alike]:
        """The articles that share the most with this one and may be met from here, each with its likeness."""
        sharing = self._known.sharing(fresh)
        del sharing[fresh.sequence]
        near = [sequence for sequence, times in sharing.items() if times >= NEAR]
        best = sorted(near, key=lambda sequence: (-sharing[sequence], sequence))[: 4 * CANDIDATES]
        members, looked, alike = self._known.members, Counter[int](), list[Alike]()
        for other in (members[sequence] for sequence in best if sequence in members):
            if looked[other.story] < OF_A_STORY and self._may_meet(fresh, other):
                looked[other.story] += 1
                alike.append(self._likeness.of(fresh, other))
                if len(alike) == CANDIDATES:
                    break
        return alike

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
            second = others[0] if others else 0.0 if len(self._inside[story]) > 1 else first
            report = ((1.0 - SECOND) * first + SECOND * second) / self._dial.report
            if max(copy, report) >= 1.0:
                found[story] = max(copy, report)
        return found

    def _join(
        self, event: ArticleClassified, fresh: Member, found: dict[int, float], alike: Sequence[Alike], *, is_new: bool
    ) -> Told:
        best = max(found, key=lambda story: (found[story], -story))
        together = {story for story, strength in found.items() if strength >= MERGES} | {best}
        closest = max((each for each in alike if each.member.story in together), key=self._strength)
        said, keys = self._said_by(together), fresh.found_by()
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
            self._inside[winner].add(fresh.sequence)
        told = self._tell(event, fresh, story, closest, said, merged)
        if not fresh.found_by():
            self._forget(fresh.sequence, keys)
        said |= fresh.marks
        self._said[winner] = said
        return told

    def _said_by(self, stories: set[int]) -> set[int]:
        """The marks of these stories' members; of one story the very set that is kept, so that a large one is not copied."""
        for story in stories - self._said.keys():
            self._said[story] = set().union(*(self._known.members[sequence].marks for sequence in self._inside[story]))
        first, *others = stories
        return self._said[first].union(*(self._said[story] for story in others)) if others else self._said[first]

    def _strength(self, each: Alike) -> float:
        return max(each.copy / self._dial.copy, each.report / self._dial.report)

    def _move(self, story: int, winner: int) -> Story:
        """Makes the one story the other's."""
        loser = self._story(story)
        for sequence in self._inside.pop(story, ()):
            each = self._known.members[sequence]
            each.story = winner
            self.changed[sequence] = each
            self._inside[winner].add(sequence)
        self._said.pop(story, None)
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
        has_news = not all(is_known(sentence, known) for sentence in fresh.sentences)
        found = passages(article.text, known, self._dial.fewest_shingles) if has_news else ()
        spans = list(islice(found, self._dial.most_passages))
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
