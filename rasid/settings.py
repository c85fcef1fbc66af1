"""The settings of a command, and the errors that end one.

Exit codes: 0 done; 1 done, but something asked for failed or differs; 2 the command line, a setting or an input file is
wrong; 3 something outside is not reachable; 130 interrupted.
"""

from typing import Any

import click
from msgspec import Struct

from services.alerts.settings import Settings as AlertsSettings
from services.classifier.settings import Settings as ClassifierSettings
from services.crawler.settings import Settings as CrawlerSettings
from services.replay.settings import Settings as ReplaySettings
from services.store.settings import Settings as StoreSettings
from shared import logs, settings
from shared.settings import Common, Settings, SettingsError

PARTS: tuple[type[Struct], ...] = (
    Common,
    CrawlerSettings,
    ClassifierSettings,
    StoreSettings,
    AlertsSettings,
    ReplaySettings,
)


class Differs(click.ClickException):
    """Done, but something asked for failed."""

    exit_code = 1


class Refused(click.ClickException):
    """The command line, a setting or an input file is wrong."""

    exit_code = 2


class Unreachable(click.ClickException):
    """The database or the broker is not reachable."""

    exit_code = 3


def read_settings(**overrides: Any) -> Settings:
    """The settings, with what the command line gave; logging is set up by them. Raises Refused with every fault."""
    try:
        found = settings.load(PARTS, overrides=overrides)
    except SettingsError as error:
        raise Refused(str(error)) from None
    common = found.part(Common)
    logs.configure(common.log_level, common.log_style)
    return found
