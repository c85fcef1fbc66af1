"""The command line: `rasid COMMAND`. Each command is a module in rasid/commands, imported when it is called."""

import errno
import importlib
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import click

from rasid import __version__

COMMANDS = {
    "run": "everything in one process, page and API included",
    "service": "one service on Kafka",
    "demo": "the seeds through the whole house, and out by webhook",
    "ingest": "bring text files into the live system, as history",
    "classify": "tag texts and say why",
    "retag": "what a change of rules does to kept articles",
    "topics": "the topics and their rules: list, check, try, explain",
    "eval": "how well tags agree with labelled texts",
    "parse-feed": "show what a feed file holds",
    "extract": "the article of an HTML file",
    "robots": "say what a robots.txt allows",
    "canonical": "the one spelling of a URL",
    "sources": "the sources that are polled: add, list, check, poll, pause, import, export",
    "subscriptions": "who is alerted: add, list, remove, test",
    "deliveries": "what was sent, and what came of it",
    "dead-letters": "messages set aside: list, show, retry",
    "trends": "how much is reported on what, and what is out of the ordinary",
    "trace": "every gate a URL passed or stopped at",
    "verdicts": "what people said of topics, as labelled texts",
    "migrate": "the database's schema; or the move to PostgreSQL",
    "topology": "topics, stages, who reads and writes",
    "settings": "what can be set, and what is",
}


_UNWRITABLE = (errno.ENOSPC, errno.EFBIG, errno.EDQUOT, errno.EIO, errno.EBADF)


class _NoReader(Exception):
    """Whoever read the output has gone, as `head` does."""


@contextmanager
def _no_reader() -> Iterator[None]:
    try:
        yield
    except BrokenPipeError as error:
        raise _NoReader from error  # click itself would end with 1


class Commands(click.Group):
    """Loads a command when it is asked for, so that `rasid --help` costs nothing."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        name = cmd_name.replace("-", "_")
        command: click.Command = getattr(importlib.import_module(f"rasid.commands.{name}"), name)
        return command

    def make_context(self, *args: Any, **kwargs: Any) -> click.Context:
        with _no_reader():
            return super().make_context(*args, **kwargs)

    def invoke(self, ctx: click.Context) -> Any:
        with _no_reader():
            return super().invoke(ctx)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(__version__, prog_name="rasid")
def rasid() -> None:
    """rasid watches feeds, tags every article by topic with its reasons, and alerts by signed webhook.

    \b
    Example:  rasid run
              rasid sources add https://news.un.org/feed/subscribe/ar/news/topic/migrants-and-refugees/feed/rss.xml
    """


def main(arguments: list[str] | None = None) -> Any:
    """Runs the command line; ends the process with the exit codes of docs/interfaces.md."""
    _open_closed_streams()
    try:
        code = rasid.main(arguments, standalone_mode=False)
        sys.stdout.flush()
    except click.exceptions.NoArgsIsHelpError as error:
        click.echo(error.format_message(), err=True)
        sys.exit(2)
    except click.UsageError as error:
        command = error.ctx.command_path if error.ctx else "rasid"
        click.echo(f"{command}: {error.format_message()} (see {command} --help)", err=True)
        sys.exit(2)
    except click.ClickException as error:
        click.echo(f"rasid: {error.format_message()}", err=True)
        sys.exit(error.exit_code)
    except (click.Abort, KeyboardInterrupt):
        sys.exit(130)
    except _NoReader:
        _let_go_of_stdout()  # whoever read us has gone; say nothing
        sys.exit(0)
    except OSError as error:
        if error.filename is not None or error.errno not in _UNWRITABLE:
            raise
        _let_go_of_stdout()
        click.echo(f"rasid: the output cannot be written: {error.strerror}", err=True)
        sys.exit(1)
    sys.exit(code if isinstance(code, int) else 0)


def _open_closed_streams() -> None:
    """Puts the null device where the caller closed stdin, stdout or stderr: else Python has None there, and the next file
    that is opened, a database say, is what any other program takes for that stream."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: SIM115 - open for as long as the process is


def _let_go_of_stdout() -> None:
    """What could not be written is not tried again when the interpreter ends."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
