"""What came of asking for a feed."""

from typing import NamedTuple


class Answer(NamedTuple):
    """What a server answered, whatever its status. `url` is where it came from in the end; `moved_to` is that too, if
    every redirect on the way was permanent. Header names are lower case."""

    url: str
    status: int
    headers: dict[str, str]
    body: bytes
    moved_to: str | None = None


class NoAnswer(NamedTuple):
    """Why there is no answer to use: a word of docs/interfaces.md, and what a person should know."""

    cause: str
    detail: str = ""
    status: int | None = None
