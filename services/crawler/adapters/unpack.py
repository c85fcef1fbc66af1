"""Content-Encoding undone piece by piece, never beyond a size, and a stream that stops early is an error."""

import zlib

_GZIP, _ZLIB, _RAW = 31, 15, -15
_HEADER_BYTES = 2


class TooLarge(Exception):
    """More bytes than are wanted, before or after unpacking."""


class BadEncoding(Exception):
    """The content is not in the encoding the header says, or in one that was not asked for."""


class Cut(Exception):
    """The stream stops before its end."""


class Unpacking:
    """Feed it what comes; `finish` gives the whole. `encoding` is the header's value; at most `limit` bytes come out."""

    def __init__(self, encoding: str, limit: int) -> None:
        self._name = encoding.strip().lower()
        if self._name not in ("", "identity", "none", "gzip", "x-gzip", "deflate"):
            raise BadEncoding(f"content-encoding {encoding[:60]!r} was not asked for")
        self._limit, self._size, self._taken = limit, 0, 0
        self._out: list[bytes] = []
        self._plain = self._name in ("", "identity", "none")
        self._stream = zlib.decompressobj(_GZIP if self._name.endswith("gzip") else _ZLIB)
        self._head: bytes | None = b"" if self._name == "deflate" else None

    def feed(self, chunk: bytes) -> None:
        """Raises TooLarge, BadEncoding."""
        self._taken += len(chunk)
        if self._plain:
            self._keep(chunk)
            return
        data = self._head + chunk if self._head is not None else chunk
        if self._head is not None:  # `deflate` is sent with and without a header; its first two bytes tell
            if len(data) < _HEADER_BYTES:
                self._head = data
                return
            self._head = None
            if not _is_zlib(data):
                self._stream = zlib.decompressobj(_RAW)
        while data:
            if self._stream.eof:  # a stream of several members
                if not self._name.endswith("gzip") or not data.strip(b"\x00"):
                    return
                self._stream = zlib.decompressobj(_GZIP)
            try:
                self._keep(self._stream.decompress(data, self._limit - self._size + 1))
            except zlib.error as error:
                raise BadEncoding(f"content-encoding says {self._name}, but: {error}") from error
            data = self._stream.unconsumed_tail or self._stream.unused_data

    def finish(self) -> bytes:
        """The whole. Raises Cut where it stopped early."""
        if not self._plain and self._taken and not self._stream.eof:
            raise Cut(f"the {self._name} stream ends after {self._size} bytes")
        return b"".join(self._out)

    def _keep(self, data: bytes) -> None:
        self._size += len(data)
        if self._size > self._limit:
            raise TooLarge
        self._out.append(data)


def _is_zlib(chunk: bytes) -> bool:
    return chunk[0] & 0x0F == 8 and (chunk[0] << 8 | chunk[1]) % 31 == 0
