"""What can be set about the store."""

from typing import Annotated

from msgspec import Meta, Struct


class Settings(Struct, frozen=True, kw_only=True):
    """Limits of what is kept and of what one request may ask for."""

    store_batch: Annotated[int, Meta(ge=1, le=5000, description="most messages the store takes in one transaction")] = 200
    store_text_chars: Annotated[
        int, Meta(ge=1, description="most characters kept of an article's text; evidence past it is not kept")
    ] = 262_144
    index_chars: Annotated[int, Meta(ge=0, description="most characters of a text that can be found by search")] = 100_000
    index_chunk: Annotated[
        int, Meta(ge=1, le=5000, description="articles handed to a worker process at once for their words")
    ] = 50
    index_seconds: Annotated[float, Meta(gt=0, description="seconds after which a worker busy with their words is ended")] = (
        60.0
    )
    stories: Annotated[bool, Meta(description="whether articles that report the same are grouped into stories")] = True
    story_strictness: Annotated[
        float, Meta(ge=0, le=1, description="how alike articles of one story must be: 0 groups much, 1 little")
    ] = 0.5
    story_days: Annotated[
        float, Meta(gt=0, le=60, description="most days between two reports of one event in different words")
    ] = 3.0
    story_copy_days: Annotated[float, Meta(gt=0, le=400, description="most days between two copies of one text")] = 14.0
    retag: Annotated[bool, Meta(description="whether kept articles that a change of rules can touch are tagged again")] = True
    retag_batch: Annotated[int, Meta(ge=1, le=5000, description="articles looked at in one go when rules changed")] = 200
    retag_every: Annotated[float, Meta(gt=0, description="seconds between looks whether rules changed")] = 5.0
    retag_lease: Annotated[
        float, Meta(gt=0, description="seconds after which articles that a process was looking at are another's")
    ] = 120.0
    page_size: Annotated[int, Meta(ge=1, description="articles in a list when the request does not say")] = 50
    page_size_max: Annotated[int, Meta(ge=1, description="most articles a list or feed may be asked for")] = 500
    feed_size: Annotated[int, Meta(ge=1, description="articles in a feed when the request does not say")] = 50
    feed_text: Annotated[bool, Meta(description="whether feeds carry the full text; if not, a summary")] = True
    search_words: Annotated[int, Meta(ge=1, description="most words and phrases in one search")] = 32
    stream_interval: Annotated[float, Meta(gt=0, description="seconds between looks for new articles in a stream")] = 1.0
    stream_heartbeat: Annotated[float, Meta(gt=0, description="seconds of silence after which a stream sends a comment")] = 15.0
    stream_clients: Annotated[int, Meta(ge=0, description="most streams open at once")] = 200
    stream_backlog: Annotated[
        int, Meta(ge=1, description="most changes a stream looks through at once for a reader that comes back")
    ] = 200

    def __post_init__(self) -> None:
        if self.page_size > self.page_size_max or self.feed_size > self.page_size_max:
            raise ValueError("RASID_PAGE_SIZE and RASID_FEED_SIZE cannot be larger than RASID_PAGE_SIZE_MAX")
