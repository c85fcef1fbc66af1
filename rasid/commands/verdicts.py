"""`rasid verdicts`: what people said of topics, as labelled texts that `rasid eval` measures rules on."""

import click
import msgspec

from rasid.home import open_home
from services.store.adapters import reading
from services.store.adapters import verdicts as kept


@click.command()
def verdicts() -> None:
    """Every article that somebody judged, as a labelled text: what `rasid eval` reads. `labels` are its topics as they stand,
    with the verdicts over what the rules say; `verdicts` are the judgements themselves.

    \b
    Example:  rasid verdicts > judged.jsonl
              rasid eval judged.jsonl --rules my-topics
    """
    with open_home() as home, home.database.read() as db:
        judged: dict[str, list[kept.Verdict]] = {}
        for one in kept.every(db):
            judged.setdefault(one.article, []).append(one)
        for article_id, said in judged.items():
            found = reading.one(db, article_id)
            if found is None:
                continue
            article = found.article
            line = {"id": article.id, "lang": article.lang, "title": article.title, "text": article.text}
            labels = sorted(tag.topic for tag in article.topics)
            click.echo(msgspec.json.encode({**line, "labels": labels, "verdicts": said}).decode())
