"""Wiring of alerts: which function answers for which stage."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path

from services.alerts.adapters import asking, deliveries, digests, due, health, redrives
from services.alerts.adapters import outcomes as came
from services.alerts.adapters.deliveries import Draft
from services.alerts.adapters.due import Due, Limits
from services.alerts.adapters.subscriptions import Roster
from services.alerts.adapters.vault import Vault
from services.alerts.adapters.web import Sender
from services.alerts.core import alerting, payload
from services.alerts.core.alerting import Alert, Finding
from services.alerts.core.health import Health, after, succeeded
from services.alerts.core.index import Index
from services.alerts.core.ownership import PROOFS
from services.alerts.core.schedule import first_wait
from services.alerts.core.settled import Stored, event, note
from services.alerts.core.verdict import Answer, NoAnswer, Rules, Verdict, judge
from services.alerts.settings import Settings
from shared import clock, wire
from shared.events import ArticleFiled
from shared.filter import Facts, facts
from shared.handlers import Context, Handler, Reply, RowRef, TimerHandler, TopicHandler, Trace
from shared.network import networks
from shared.outcomes import Dropped, Noted, Reject
from shared.topology import DELIVER, DIGEST, MATCH, REDRIVE


def vault(settings: Settings, data: Path) -> Vault:
    """Where secrets are kept: its key is in the data folder, or where the settings say."""
    return Vault(Path(settings.alerts_key_file) if settings.alerts_key_file else data / "alerts.key")


def sender(
    settings: Settings, kept: Vault, *, user_agent: str, origin: str = "localhost", now: clock.Clock = clock.now
) -> Sender:
    """What makes the attempts; `origin` is the host receivers are told we send from. Raises OSError for an authority file that
    cannot be read. Close it when the house stops."""
    return Sender(
        kept,
        now,
        user_agent=user_agent,
        connect_timeout=settings.delivery_connect_timeout,
        timeout=settings.delivery_timeout,
        answer_bytes=settings.delivery_answer_bytes,
        excerpt_chars=settings.delivery_excerpt_chars,
        allowed=networks(settings.delivery_allow_networks),
        ca_file=Path(settings.delivery_ca_file) if settings.delivery_ca_file else None,
        origin=origin,
        smtp=(settings.smtp_url, settings.smtp_from) if settings.smtp_url else None,
    )


def handlers(settings: Settings, sender: Sender, *, trace: Trace | None = None) -> list[Handler]:
    """The stages of alerts. `trace`: where `match` writes what became of each article."""
    matcher, deliverer = Matcher(settings), Deliverer(settings, sender)
    return [
        TopicHandler(stage=MATCH, decide=matcher.decide, trace=trace, batch=settings.alert_batch),
        TimerHandler(
            stage=DELIVER,
            take=deliverer.take,
            effect=deliverer.effect,
            decide=deliverer.decide,
            done=lambda rows, ctx: came.done(ctx.tx, rows),
            ref=came.ref,
            failed=lambda failures, ctx: came.failed(ctx.tx, failures, ctx.now),
            next_due=lambda ctx: due.next_due(ctx.tx),
            every=settings.delivery_every,
            concurrency=settings.delivery_total_concurrency,
            deadline=settings.delivery_deadline,
        ),
        TimerHandler(
            stage=REDRIVE,
            take=lambda ctx, limit: redrives.running(ctx.tx, limit),
            decide=lambda jobs, _results, ctx: [_redriven(job.id, ctx) for job in jobs],
            done=lambda _jobs, _ctx: None,
            ref=lambda job: RowRef(job.id),
            failed=lambda failures, ctx: redrives.failed(ctx.tx, failures, ctx.now),
            every=settings.redrive_every,
            batch=1,
        ),
        TimerHandler(
            stage=DIGEST,
            take=lambda ctx, limit: digests.due(ctx.tx, ctx.now, limit),
            decide=lambda names, _results, ctx: [_closed(name, settings, ctx) for name in names],
            done=lambda _names, _ctx: None,
            ref=lambda name: RowRef(name),
            failed=lambda failures, ctx: digests.failed(ctx.tx, failures),
            every=settings.digest_every,
        ),
    ]


def _closed(subscription: str, settings: Settings, ctx: Context) -> Reply:
    count = digests.close(ctx.tx, subscription, ctx.now, most_bytes=settings.delivery_body_max)
    return [Noted(f"a digest of {count}")]


def _redriven(job_id: str, ctx: Context) -> Reply:
    job = redrives.advance(ctx.tx, job_id, ctx.now)
    return [Noted(f"{job.done} of {job.total} are due again")]


class Matcher:
    """The stage `match`: which subscriptions an article is for, as deliveries in the same transaction."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._max_age = timedelta(hours=settings.alert_max_age_hours)
        self._roster = Roster()

    def decide(self, articles: Sequence[ArticleFiled], _results: Sequence[None], ctx: Context) -> Iterator[Reply]:
        index = self._roster.index(ctx.tx)
        deliveries.reserve(ctx.tx, (filed.classified.article.article_id for filed in articles))
        for batch in _one_of_each(articles):
            yield from self._decide(batch, index, ctx)

    def _decide(self, articles: Sequence[ArticleFiled], index: Index, ctx: Context) -> Iterator[Reply]:
        """For a batch that holds no article twice: what one revision writes, the next must see."""
        earlier = deliveries.earlier(ctx.tx, [filed.classified.article.article_id for filed in articles])
        drafts, superseded, replies = list[Draft](), list[str](), list[Reply]()
        for filed in articles:
            leaving = wire.article(filed)
            known = facts(leaving)
            told = earlier.get(leaving.id, {})
            finding = alerting.find(filed, index.matching(known), told, index, self._max_age)
            drafts.extend(self._draft(alert, filed, leaving, known) for alert in finding.alerts)
            superseded.extend(finding.superseded)
            replies.append(_reply(finding))
        manners = {draft.subscription_id: index.by_id[draft.subscription_id].manner for draft in drafts}
        drafts = digests.planned(ctx.tx, drafts, manners, ctx.now)
        deliveries.write(ctx.tx, drafts, superseded, ctx.now, self._wait, self._settings.delivery_backlog_max)
        return iter(replies)

    def _draft(self, alert: Alert, filed: ArticleFiled, leaving: wire.Article, known: Facts) -> Draft:
        subscription, settings = alert.subscription, self._settings
        try:
            body = payload.article_body(
                alert.kind,
                leaving,
                payload.SubscriptionRef(id=subscription.id, name=subscription.name),
                payload.why(subscription.filter, known, leaving.topics) if alert.kind != "article.withdrawn" else (),
                at=filed.observed_at,
                target=settings.delivery_body_target,
                most=settings.delivery_body_max,
            )
        except ValueError as error:
            raise Reject(str(error)) from error
        return Draft(
            subscription_id=subscription.id,
            endpoint_id=subscription.endpoint_id,
            kind=alert.kind,
            subject=leaving.id,
            number=alert.number,
            url=leaving.url,
            body=body,
            waits_for=alert.waits_for,
        )

    def _wait(self, delivery_id: str) -> timedelta:
        return first_wait(self._settings.delivery_schedule, self._settings.delivery_jitter, delivery_id)


class Deliverer:
    """The stage `deliver`: takes what is due, attempts it, settles it."""

    def __init__(self, settings: Settings, sender: Sender) -> None:
        self._sender = sender
        self._limits = Limits(
            concurrency=settings.delivery_concurrency,
            rate=settings.delivery_rate,
            burst=settings.delivery_burst,
            lease=timedelta(seconds=settings.delivery_lease),
        )
        self._rules = Rules(
            schedule=settings.delivery_schedule,
            short_schedule=settings.delivery_short_schedule,
            jitter=settings.delivery_jitter,
            retry_after_max=settings.delivery_retry_after_max,
        )
        self._health_rules = settings.health_rules()

    def take(self, ctx: Context, limit: int) -> list[Due]:
        return due.take(ctx.tx, self._limits, ctx.now, limit)

    async def effect(self, row: Due) -> Answer | NoAnswer | None:
        return None if row.is_settled else await self._sender.send(row)

    def decide(self, rows: Sequence[Due], outcomes: Sequence[Answer | NoAnswer | None], ctx: Context) -> Iterable[Reply]:
        attempts = [(row, outcome) for row, outcome in zip(rows, outcomes, strict=True) if outcome is not None]
        came.heard(ctx.tx, attempts, ctx.now)
        held = came.held(ctx.tx, rows)
        judged = [(row, outcome) for row, outcome in attempts if row.id in held and held[row.id].state == "pending"]
        before = health.read(ctx.tx, {row.endpoint_id for row, _ in judged})
        verdicts, known = self._judge(judged, held, before, ctx.now)
        came.settle(ctx.tx, [(row, verdicts[row.id]) for row, _ in judged], ctx.now)
        proven = [row.endpoint_id for row, _ in judged if row.kind in PROOFS and verdicts[row.id].state == "ok"]
        asking.note(ctx.tx, proven, ctx.now)
        health.write(ctx.tx, before, known, self._health_rules, ctx.now)
        return [_told(held.get(row.id), verdicts.get(row.id), ctx.now) for row in rows]

    def _judge(
        self,
        attempts: Sequence[tuple[Due, Answer | NoAnswer]],
        held: Mapping[str, Stored],
        before: Mapping[str, Health],
        now: datetime,
    ) -> tuple[dict[str, Verdict], dict[str, Health]]:
        """What becomes of these deliveries, by id, and of their endpoints; one by one, since what an attempt makes of an
        endpoint's health, the next must see."""
        known, verdicts, accepted = dict(before), dict[str, Verdict](), Counter[str]()
        for row, outcome in attempts:
            name, failures = row.endpoint_id, held[row.id].failures
            verdict = judge(
                outcome, delivery_id=row.id, failures=failures, rules=self._rules, now=now, spends=known[name].spends
            )
            verdicts[row.id] = verdict
            if verdict.state == "ok" and known[name].is_well:
                accepted[name] += 1  # of most endpoints there is nothing else to say: counted, and noted at once
                continue
            well = self._counted(known[name], accepted.pop(name, 0), now)
            known[name] = after(well, verdict, self._health_rules, now, is_proof=row.kind in PROOFS)
        known |= {name: self._counted(known[name], times, now) for name, times in accepted.items()}
        return verdicts, known

    def _counted(self, well: Health, times: int, now: datetime) -> Health:
        return succeeded(well, self._health_rules, now, times) if times else well


def _told(held: Stored | None, verdict: Verdict | None, now: datetime) -> Reply:
    """What is told of a due row: made of what its row says, so that a second time tells the same."""
    if held is None:
        return [Noted("its lease was lost; whoever has it now tells")]
    stands = came.settled(held, verdict, now) if verdict is not None else held
    settled = event(stands)
    return [settled] if settled else [Noted(note(stands))]


def _one_of_each(articles: Sequence[ArticleFiled]) -> Iterator[list[ArticleFiled]]:
    """The same articles in the same order, in runs that hold no article twice."""
    run: dict[str, ArticleFiled] = {}
    for filed in articles:
        if filed.classified.article.article_id in run:
            yield list(run.values())
            run = {}
        run[filed.classified.article.article_id] = filed
    yield list(run.values())


def _reply(finding: Finding) -> Reply:
    count = len(finding.alerts) + finding.there
    if not count and not finding.superseded:
        return [Dropped("; ".join(finding.reasons))]
    told = [Noted(f"{count} {'delivery' if count == 1 else 'deliveries'}")]
    if finding.superseded:
        told.append(Noted(f"{len(finding.superseded)} replaced"))
    return told
