"""JSON that others wrote: what is decoded from it, or one reason why not, whatever the bytes are.

Lone surrogate escapes are removed, as everywhere at the edge: JavaScript and Python write them where a text was cut in the
middle of a character, and no UTF-8 holds them (RFC 8259, 8.2). A byte-order mark before the text is passed over.
"""

import codecs
import re
from typing import Any, TypeVar, overload

import msgspec

T = TypeVar("T")

_ESCAPE = re.compile(
    rb"\\(?:u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|(?P<lone>u[dD][89a-fA-F][0-9a-fA-F]{2})|.)", re.DOTALL
)


class NotJson(ValueError):
    """These bytes are not JSON, or not of the shape asked for; the message says where."""


@overload
def decode(raw: bytes) -> Any: ...
@overload
def decode(raw: bytes, kind: type[T]) -> T: ...
def decode(raw: bytes, kind: Any = Any) -> Any:
    """What the JSON in `raw` says, as a `kind`. Raises NotJson."""
    text = raw.removeprefix(codecs.BOM_UTF8)
    if b"\\ud" in text or b"\\uD" in text:
        text = _ESCAPE.sub(lambda escape: b"" if escape["lone"] else escape[0], text)
    try:
        return msgspec.json.decode(text, type=kind)
    except msgspec.ValidationError as error:
        raise NotJson(str(error)) from None
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise NotJson(f"not JSON: {error}") from None
    except RecursionError:
        raise NotJson("not usable JSON: nested too deeply") from None
