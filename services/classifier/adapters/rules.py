"""Topic files on disk: the shipped ones and the user's, read into one RuleSet, every fault of every file named at once."""

from pathlib import Path

from services.classifier.core.reading import Fault, RuleFile, read, rule_set
from services.classifier.core.rules import RuleSet, Topic

SHIPPED = Path(__file__).resolve().parent.parent / "topics"


class BadRules(Exception):
    """Topic files that cannot be used; the text names each fault with file and line."""

    def __init__(self, faults: list[Fault]) -> None:
        super().__init__("\n".join(map(str, faults)))
        self.faults = faults


def load(user: Path | None = None, *, shipped: Path | None = SHIPPED) -> RuleSet:
    """The topics of both folders; a user's file for a shipped topic takes its place. Raises BadRules."""
    files, faults = list[RuleFile](), list[Fault]()
    for folder, own in ((shipped, False), (user, True)):
        if folder is not None:
            files.extend(_files(folder, own, faults))
    topics: dict[str, tuple[RuleFile, Topic]] = {}
    for file in files:
        topic = read(file, faults)
        if topic is None:
            continue
        other = topics.get(topic.topic)
        if other is not None and other[0].own == file.own:
            faults.append(Fault(file.name, 1, f"the topic {topic.topic} is in {other[0].name} too"))
        topics[topic.topic] = (file, topic)
    if not faults and not topics:
        faults.append(Fault(str(user or shipped), 0, "there is no topic file (*.toml) in it"))
    if faults:
        raise BadRules(faults)
    return rule_set([topic for _, topic in topics.values()])


def _files(folder: Path, own: bool, faults: list[Fault]) -> list[RuleFile]:
    if not folder.is_dir():
        faults.append(Fault(str(folder), 0, "there is no such folder"))
        return []
    files = []
    for path in sorted(folder.glob("*.toml")):
        try:
            text = path.read_text(encoding="utf-8-sig")
        except (OSError, UnicodeDecodeError) as error:
            faults.append(Fault(str(path), 0, f"cannot be read: {error}"))
            continue
        files.append(RuleFile(name=str(path) if own else path.name, text=text, own=own))
    return files
