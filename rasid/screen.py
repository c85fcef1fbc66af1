"""What a command prints for a person."""

from typing import Any

from rich.console import Console


class Screen(Console):
    """rich's console on stdout; where the reader has gone it says so, instead of ending the process with 1."""

    def on_broken_pipe(self) -> Any:
        raise BrokenPipeError
