"""What can be set about alerts and their delivery."""

import ssl
from datetime import timedelta
from typing import Annotated

from msgspec import Meta, Struct

from services.alerts.core.health import HealthRules
from shared.network import networks

MINUTE, HOUR = 60.0, 3600.0

Waits = tuple[float, ...]


class Settings(Struct, frozen=True, kw_only=True):
    """Who is alerted of what, and how hard it is tried."""

    alert_max_age_hours: Annotated[
        float, Meta(gt=0, description="an article published longer than this before it was seen alerts no one")
    ] = 72.0
    alert_batch: Annotated[int, Meta(ge=1, le=5000, description="most articles matched in one transaction")] = 200
    alert_dry_run_articles: Annotated[int, Meta(ge=1, description="most stored articles a dry run looks at")] = 5000
    smtp_url: Annotated[str, Meta(description="mail server, smtp://user:password@host:587 or smtps://...; empty: no mail")] = ""
    smtp_from: Annotated[str, Meta(description="who mail is from, as in its From: rasid <rasid@example.org>")] = ""
    alerts_key_file: Annotated[
        str,
        Meta(description="file with the key that secrets are encrypted with; empty: alerts.key in the data folder"),
    ] = ""
    delivery_schedule: Annotated[
        Waits, Meta(description="seconds to wait after the previous attempt, one entry an attempt, with commas")
    ] = (0.0, 5.0, 5 * MINUTE, 30 * MINUTE, 2 * HOUR, 5 * HOUR, 10 * HOUR, 14 * HOUR, 20 * HOUR, 24 * HOUR)
    delivery_short_schedule: Annotated[
        Waits, Meta(description="the same, where the receiver says the message itself is wrong (400, 413, 415)")
    ] = (0.0, 5.0, 5 * MINUTE)
    delivery_jitter: Annotated[float, Meta(ge=0, le=1, description="each wait is longer by up to this share of it")] = 0.2
    delivery_retry_after_max: Annotated[
        float, Meta(ge=0, description="most seconds a receiver may ask us to wait (Retry-After)")
    ] = 24 * HOUR
    delivery_connect_timeout: Annotated[float, Meta(gt=0, description="seconds until connected")] = 5.0
    delivery_timeout: Annotated[float, Meta(gt=0, description="seconds for a whole attempt, the answer's body included")] = 15.0
    delivery_answer_bytes: Annotated[int, Meta(ge=0, description="most bytes of an answer that are read")] = 64 * 1024
    delivery_excerpt_chars: Annotated[int, Meta(ge=0, description="most characters of an answer that are kept")] = 500
    delivery_concurrency: Annotated[int, Meta(ge=1, description="most requests open at once, per endpoint")] = 4
    delivery_rate: Annotated[float, Meta(gt=0, description="most requests a second, per endpoint")] = 10.0
    delivery_burst: Annotated[int, Meta(ge=1, description="requests an endpoint that was idle may get at once")] = 20
    delivery_total_concurrency: Annotated[int, Meta(ge=1, description="most requests open at once, in all")] = 200
    delivery_lease: Annotated[
        float, Meta(gt=0, description="seconds after which an attempt that told no result is given up and made again")
    ] = 60.0
    delivery_every: Annotated[float, Meta(gt=0, description="seconds between looks for deliveries that are due")] = 0.25
    delivery_body_target: Annotated[int, Meta(ge=1024, description="bytes a webhook's body is trimmed to where it can be")] = (
        20 * 1024
    )
    delivery_body_max: Annotated[int, Meta(ge=4096, description="bytes no webhook's body exceeds")] = 256 * 1024
    delivery_ca_file: Annotated[str, Meta(description="PEM file of further authorities trusted in https")] = ""
    delivery_allow_networks: Annotated[
        tuple[str, ...], Meta(description="otherwise refused networks that webhooks may be sent to, CIDR with commas")
    ] = ()
    delivery_breaker_failures: Annotated[
        int, Meta(ge=1, description="failed attempts in a row after which an endpoint is only probed")
    ] = 10
    delivery_breaker_share: Annotated[
        float, Meta(gt=0, le=1, description="or more than this share of the attempts within RASID_DELIVERY_BREAKER_WINDOW")
    ] = 0.7
    delivery_breaker_least: Annotated[int, Meta(ge=1, description="where there were at least so many of them")] = 10
    delivery_breaker_window: Annotated[float, Meta(gt=0, description="seconds")] = 5 * MINUTE
    delivery_probe_first: Annotated[float, Meta(gt=0, description="seconds until a failing endpoint is first probed")] = 30.0
    delivery_probe_longest: Annotated[
        float, Meta(gt=0, description="most seconds between two probes; each wait is twice the one before")
    ] = 15 * MINUTE
    delivery_disable_after: Annotated[
        float, Meta(gt=0, description="seconds of nothing but failures after which an endpoint is disabled")
    ] = 5 * 24 * HOUR
    delivery_disabled_probe: Annotated[
        float, Meta(gt=0, description="seconds between probes of an endpoint that was disabled for failing")
    ] = 24 * HOUR
    delivery_backlog_max: Annotated[
        int, Meta(ge=1, description="most deliveries that wait for an endpoint that takes none; the oldest give way")
    ] = 100_000
    delivery_rotation_overlap: Annotated[
        float, Meta(ge=0, description="seconds in which a secret that was replaced signs beside the new one")
    ] = 24 * HOUR
    digest_every: Annotated[float, Meta(gt=0, description="seconds between looks for digests that are to be sent")] = 1.0
    redrive_every: Annotated[
        float, Meta(gt=0, description="seconds between looks for deliveries that are to be sent again")
    ] = 1.0
    delivery_page_size: Annotated[int, Meta(ge=1, le=1000, description="deliveries in one answer of the API")] = 100

    def __post_init__(self) -> None:
        networks(self.delivery_allow_networks)
        if self.smtp_url and not (self.smtp_url.startswith(("smtp://", "smtps://")) and "@" in self.smtp_from):
            raise ValueError("RASID_SMTP_URL begins with smtp:// or smtps://, and RASID_SMTP_FROM has a mail address")
        if self.delivery_ca_file:
            try:
                ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(self.delivery_ca_file)
            except OSError as error:  # ssl's own errors are among them
                raise ValueError(f"RASID_DELIVERY_CA_FILE: {self.delivery_ca_file} cannot be used: {error}") from error
        for name, waits in (("SCHEDULE", self.delivery_schedule), ("SHORT_SCHEDULE", self.delivery_short_schedule)):
            if not waits or min(waits) < 0:
                raise ValueError(f"RASID_DELIVERY_{name} needs one or more waits, none below 0")
        if self.delivery_lease <= self.delivery_timeout:
            raise ValueError(
                "RASID_DELIVERY_LEASE must be longer than RASID_DELIVERY_TIMEOUT, or attempts under way are given up"
            )
        if self.delivery_body_target > self.delivery_body_max:
            raise ValueError("RASID_DELIVERY_BODY_TARGET cannot be larger than RASID_DELIVERY_BODY_MAX")

    def health_rules(self) -> HealthRules:
        """When an endpoint is only probed, and when it is disabled."""
        return HealthRules(
            failures=self.delivery_breaker_failures,
            share=self.delivery_breaker_share,
            least=self.delivery_breaker_least,
            window=timedelta(seconds=self.delivery_breaker_window),
            first_probe=timedelta(seconds=self.delivery_probe_first),
            longest_probe=timedelta(seconds=self.delivery_probe_longest),
            disable_after=timedelta(seconds=self.delivery_disable_after),
            disabled_probe=timedelta(seconds=self.delivery_disabled_probe),
        )

    @property
    def delivery_deadline(self) -> float:
        """Seconds an attempt may take in all, whatever hangs: more than its own time-out, less than its lease."""
        return (self.delivery_timeout + self.delivery_lease) / 2
