"""How settings are read: command line, environment, `rasid.toml`, default, in this order.

Each service describes what can be set in its own frozen struct; a field `fetch_timeout` is the variable
`RASID_FETCH_TIMEOUT` and the same name in `rasid.toml`. This module is the only one that reads the environment. A bad value,
a misspelt name or an unknown one stops the process, with every fault listed at once.
"""

import difflib
import os
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, NamedTuple, TypeVar, get_args, get_origin

import msgspec
from msgspec import Meta, Struct

PREFIX = "RASID_"
FILE = "rasid.toml"
S = TypeVar("S", bound=Struct)


class SettingsError(Exception):
    """Settings that cannot be used; the text lists every fault, a line each."""


class Common(Struct, frozen=True, kw_only=True):
    """What the whole house shares."""

    data: Annotated[Path, Meta(description="folder for everything rasid keeps")] = Path("data")
    host: Annotated[str, Meta(description="address the pages and the API listen on")] = "127.0.0.1"
    port: Annotated[int, Meta(ge=0, le=65535, description="port the pages and the API listen on; 0 takes a free one")] = 8080
    database_url: Annotated[
        str, Meta(description="postgresql://user:password@host/name or sqlite:///path; empty: SQLite in the data folder")
    ] = ""
    database_connections: Annotated[int, Meta(ge=2, description="most connections of a process to PostgreSQL")] = 10
    database_connect_timeout: Annotated[float, Meta(gt=0, description="seconds until connected to PostgreSQL")] = 5.0
    database_statement_timeout: Annotated[
        float, Meta(gt=0, description="seconds a statement may take on PostgreSQL, and a transaction may stand still")
    ] = 30.0
    kafka: Annotated[str, Meta(description="bootstrap servers, host:port with commas; empty: the embedded log")] = ""
    kafka_session_seconds: Annotated[
        float, Meta(gt=0, description="seconds without a sign of life after which a member's partitions go to others")
    ] = 10.0
    stuck_seconds: Annotated[
        float,
        Meta(gt=0, description="a service, or one of its stages, that has not turned for so long ends and is started anew"),
    ] = 300.0
    monitor: Annotated[
        str,
        Meta(
            pattern=r"^(|.+:\d{1,5})$",
            description="host:port where a service other than web answers /healthz, /readyz, /metrics",
        ),
    ] = ""
    workers: Annotated[int, Meta(ge=0, description="worker processes for CPU work; 0: one less than there are cores")] = 0
    tries: Annotated[
        int, Meta(ge=1, description="times a message or a due row that meets a bug is tried before it is set aside")
    ] = 5
    row_rest_seconds: Annotated[
        float, Meta(gt=0, description="seconds a due row rests after it failed; four times as long after each further time")
    ] = 10.0
    effect_seconds: Annotated[
        float, Meta(gt=0, description="seconds a stage's work outside the database may take for a batch before it is given up")
    ] = 120.0
    log_level: Annotated[str, Meta(pattern="^(debug|info|warning|error)$", description="least level that is logged")] = "info"
    log_style: Annotated[str, Meta(pattern="^(auto|json|plain)$", description="auto: plain on a terminal, else JSON")] = "auto"
    public_url: Annotated[
        str,
        Meta(
            pattern="^(https?://[^/?# ]+[^?# ]*)?$",
            description="address under which readers reach this server; empty: http://host:port",
        ),
    ] = ""
    token: Annotated[
        str,
        Meta(
            pattern=r"^[!-~]*\Z",  # what a header can carry; compared as it came
            description="who calls must send this as a bearer token, ASCII without spaces; needed to listen beyond loopback",
        ),
    ] = ""
    trust_network: Annotated[
        bool,
        Meta(description="listen beyond loopback without a token: no stranger reaches this network (a container's)"),
    ] = False
    contact: Annotated[str, Meta(description="e-mail or URL of whoever runs this, sent in the user agent")] = ""


class Entry(NamedTuple):
    """One setting as `rasid settings` shows it."""

    name: str
    value: Any
    origin: str
    meaning: str


class Settings:
    """All settings as read; `part(Struct)` gives a service its own."""

    def __init__(self, parts: Sequence[Struct], origins: Mapping[str, str]) -> None:
        self._parts = {type(part): part for part in parts}
        self._origins = origins

    def part(self, kind: type[S]) -> S:
        """The values of this struct."""
        return self._parts[kind]  # type: ignore[return-value]  # the key is the value's own type

    def entries(self) -> list[Entry]:
        """Every setting with value, origin and meaning, by name; a name that two parts share is shown once."""
        found: dict[str, Entry] = {}
        for kind, part in self._parts.items():
            for field in msgspec.structs.fields(kind):
                name = PREFIX + field.encode_name.upper()
                value = getattr(part, field.name)
                found[name] = Entry(name, value, self._origins.get(field.name, "default"), _meaning(field.type))
        return [found[name] for name in sorted(found)]


def load(
    parts: Sequence[type[Struct]],
    *,
    overrides: Mapping[str, Any] | None = None,
    environ: Mapping[str, str] | None = None,
    file: Path | None = None,
) -> Settings:
    """Reads the settings of these structs. `overrides`: what the command line gave, by field name. Raises SettingsError."""
    names = {field.name for kind in parts for field in msgspec.structs.fields(kind)}
    faults: list[str] = []
    given: dict[str, tuple[Any, str]] = {}
    _read_file(file or Path(FILE), file is not None, names, given, faults)
    for variable, text in sorted((os.environ if environ is None else environ).items()):
        if variable.startswith(PREFIX):
            _take(variable.removeprefix(PREFIX).lower(), text, variable, names, given, faults)
    for name, value in (overrides or {}).items():
        if value is not None:
            given[name] = (value, f"command line: --{name.replace('_', '-')}")
    built = [_build(kind, given, faults) for kind in parts]
    if faults:
        raise SettingsError("\n".join(dict.fromkeys(faults)))
    return Settings([part for part in built if part is not None], {name: origin for name, (_, origin) in given.items()})


def _read_file(path: Path, required: bool, names: set[str], given: dict[str, tuple[Any, str]], faults: list[str]) -> None:
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        if required:
            faults.append(f"{path}: there is no such file")
        return
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        faults.append(f"{path}: {error}")
        return
    keys: dict[str, str] = {}
    for key, value in table.items():
        name = key.removeprefix(PREFIX).lower()
        if keys.setdefault(name, key) != key:
            faults.append(f"{path}: {key}: this is {keys[name]} again; keep one of them")
        _take(name, value, f"{path}: {key}", names, given, faults)


def _take(name: str, value: Any, origin: str, names: set[str], given: dict[str, tuple[Any, str]], faults: list[str]) -> None:
    if name in names:
        given[name] = (value, origin)
        return
    near = difflib.get_close_matches(name, names, n=1)
    hint = f"; did you mean {PREFIX}{near[0].upper()}?" if near else "; `rasid settings` lists what there is"
    faults.append(f"{origin}: no setting has this name{hint}")


def _build(kind: type[S], given: Mapping[str, tuple[Any, str]], faults: list[str]) -> S | None:
    values: dict[str, Any] = {}
    for field in msgspec.structs.fields(kind):
        if field.name in given:
            value, origin = given[field.name]
            try:
                values[field.name] = _value(value, field.type)
            except (msgspec.ValidationError, ValueError) as error:
                faults.append(f"{origin}: {_hint('(hidden)' if is_secret(field.name) else value, error)}")
    try:
        return kind(**values)
    except ValueError as error:  # a struct's own check over several fields, in __post_init__
        faults.append(str(error))
        return None


def is_secret(name: str) -> bool:
    """Whether the value of the setting of this name is for nobody's eyes."""
    return name.lower().endswith(("token", "secret", "key", "password"))


def _value(value: Any, kind: Any) -> Any:
    plain = get_args(kind)[0] if get_origin(kind) is Annotated else kind
    if get_origin(plain) is tuple and isinstance(value, str):
        value = [item.strip() for item in value.split(",") if item.strip()]
    if plain is Path:
        return Path(value if isinstance(value, Path) else msgspec.convert(value, str)).expanduser()
    return msgspec.convert(value, kind, strict=False)


def _hint(value: Any, error: Exception) -> str:
    if isinstance(value, str) and value.startswith("tcp://"):
        return f"{value!r} was set by Kubernetes for a service of this name; set enableServiceLinks: false"
    return f"{value!r} cannot be used: {error}"


def _meaning(kind: Any) -> str:
    metas = [meta for meta in get_args(kind)[1:] if isinstance(meta, Meta)] if get_origin(kind) is Annotated else []
    return next((meta.description for meta in metas if meta.description), "")
