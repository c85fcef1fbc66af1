"""What can be set about tagging."""

from typing import Annotated, Literal

from msgspec import Meta, Struct


class Settings(Struct, frozen=True, kw_only=True):
    """What can be set about tagging; the rules themselves stand in topic files."""

    topics_dir: Annotated[
        str,
        Meta(description="folder with your own topic files, beside the shipped ones (same topic: yours counts); empty: none"),
    ] = ""
    classifier_runtime: Annotated[
        Literal["faust", "kafka"], Meta(description="what carries the classifier's messages where it is a service by itself")
    ] = "faust"
    evidence_limit: Annotated[
        int, Meta(ge=1, le=200, description="most hits a tag carries; the strongest, and only they score")
    ] = 12
    near_miss_limit: Annotated[int, Meta(ge=0, le=200, description="most topics kept that scored below their threshold")] = 8
    classify_batch: Annotated[int, Meta(ge=1, le=5000, description="most articles tagged in one go")] = 200
    classify_chunk: Annotated[int, Meta(ge=1, le=1000, description="articles handed to a worker process at once")] = 25
    classify_seconds: Annotated[float, Meta(gt=0, description="seconds after which a worker busy with a chunk is ended")] = 60.0
