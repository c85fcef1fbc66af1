"""Topic files on disk: the shipped ones and the user's, read into one RuleSet, every fault of every file named at once.

A folder holds a file a topic (`floods.toml`), and beside it, in a folder of the same name, a file a language
(`floods/ar.toml`; `floods/all.toml` for terms of all). `common.toml` and `common/` hold what topics share.
"""

from collections.abc import Iterator
from pathlib import Path

from services.classifier.core.files import Fault, RuleFile
from services.classifier.core.reading import Everything, read_all
from services.classifier.core.rules import RuleSet

SHIPPED = Path(__file__).resolve().parent.parent / "topics"


class BadRules(Exception):
    """Topic files that cannot be used; the text names each fault with file and line."""

    def __init__(self, faults: list[Fault]) -> None:
        super().__init__("\n".join(map(str, faults)))
        self.faults = faults


def load(user: Path | None = None, *, shipped: Path | None = SHIPPED) -> RuleSet:
    """The topics of both folders. A user's file for a shipped topic takes the place of it and of its languages; a user's
    language file is added to the topic. Raises BadRules."""
    everything, faults = read(user, shipped=shipped, thorough=False)
    if not faults and not everything.rules.topics:
        faults.append(Fault(str(user or shipped), 0, "there is no topic file (*.toml) in it"))
    if errors := [fault for fault in faults if fault.kind == "error"]:
        raise BadRules(errors)
    return everything.rules


def read(user: Path | None = None, *, shipped: Path | None = SHIPPED, thorough: bool = True) -> tuple[Everything, list[Fault]]:
    """All that the files say, and what is wrong with them; a topic with errors is not among the rules. `thorough`: the terms of
    shipped files are tried too."""
    faults = list[Fault]()
    files = [
        file for folder, own in ((shipped, False), (user, True)) if folder is not None for file in _files(folder, own, faults)
    ]
    return read_all(files, faults, thorough=thorough), faults


def _files(folder: Path, own: bool, faults: list[Fault]) -> Iterator[RuleFile]:
    if not folder.is_dir():
        faults.append(Fault(str(folder), 0, "there is no such folder"))
        return
    for path in sorted([*folder.glob("*.toml"), *folder.glob("*/*.toml")]):
        try:
            text = path.read_text(encoding="utf-8-sig")
        except (OSError, UnicodeDecodeError) as error:
            faults.append(Fault(str(path), 0, f"cannot be read: {error}"))
            continue
        name = str(path) if own else str(path.relative_to(folder))
        if path.parent == folder:
            yield RuleFile(name, text, topic=path.stem, own=own)
        else:
            language = "*" if path.stem == "all" else path.stem
            yield RuleFile(name, text, topic=path.parent.name, language=language, own=own)
