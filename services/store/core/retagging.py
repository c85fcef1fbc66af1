"""Which articles are tagged again when rules change, and what is told of each."""

from dataclasses import dataclass, field
from typing import NamedTuple

from shared import ids
from shared.events import ArticleFetched, ArticleRecalled
from shared.retagging import Text


class Kept(NamedTuple):
    """A kept article as it can be tagged again. `detected`: the language its rules were chosen by, '' for none, None where that
    was not kept; `shown`: the language it is shown with."""

    article: ArticleFetched
    detected: str | None
    shown: str | None

    @property
    def text(self) -> Text:
        """What is looked at to tell whether a change touches it."""
        if self.detected is None:
            return Text(self.article.title, self.article.text, tuple({self.shown, None}))
        return Text(self.article.title, self.article.text, (self.detected or None,))


@dataclass(slots=True)
class Part:
    """Articles of a retag that are looked at in one go, up to the change `upto`, under a lease. `touched`: which of them the
    change of rules can touch, once they were looked at."""

    rules_seq: int
    base: int
    upto: int
    lease: str
    articles: tuple[Kept, ...]
    touched: list[bool] = field(default_factory=list)


def recalled(part: Part) -> list[ArticleRecalled]:
    """The articles of a part that are tagged again: the same for the same part, whenever it is looked at."""
    pairs = zip(part.articles, part.touched, strict=True)
    return [_recalled(kept.article, part.rules_seq) for kept, is_touched in pairs if is_touched]


def event_id(article_id: str, revision: int, rules_seq: int) -> str:
    """The id of the message that recalls this revision for these rules."""
    return ids.event_id("retag", [article_id, str(revision)], rules_seq=rules_seq)


def _recalled(article: ArticleFetched, rules_seq: int) -> ArticleRecalled:
    return ArticleRecalled(
        event_id=event_id(article.article_id, article.revision, rules_seq),
        observed_at=article.observed_at,
        published_at=article.published_at,
        backfill=True,
        article=article,
        rules_seq=rules_seq,
    )
