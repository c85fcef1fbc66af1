"""What can be set about bringing history in."""

from typing import Annotated

from msgspec import Meta, Struct


class Settings(Struct, frozen=True, kw_only=True):
    """Settings of the replay service."""

    ingest_max_bytes: Annotated[int, Meta(gt=0, description="largest text file, and largest line of a JSON Lines file")] = (
        8 << 20
    )
    ingest_text_bytes: Annotated[int, Meta(gt=0, description="an ingested article's text is cut at this many bytes")] = (
        256 * 1024
    )
    ingest_batch: Annotated[int, Meta(gt=0, description="articles `rasid ingest` puts into the log at a time")] = 200
