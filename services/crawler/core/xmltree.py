"""A feed's XML as a tree of lxml, and what its elements say.

Nothing outside the text is ever read: no entity, no document type, no address. `Scope` says from where relative links start.
"""

import binascii
from base64 import b64decode
from typing import Any, NamedTuple

from lxml import etree

from services.crawler.core.links import absolute
from services.crawler.core.names import Names, local
from services.crawler.core.text import clean, has_markup, is_html, line, plain, said, tidy

XML = "{http://www.w3.org/XML/1998/namespace}"
_BASE, _LANG = f"{XML}base", f"{XML}lang"
_NAMESPACE_ERRORS = range(200, 206)
"""libxml2's numbers for undeclared and ill-written namespaces, which do not harm the tree."""

Kids = dict[str, list[Any]]
"""The children of an element by their short names, in their order."""


class Tree(NamedTuple):
    """The root (None where there is none), what is wrong with the text, and with its namespaces (None: nothing)."""

    root: Any
    fault: str | None = None
    undeclared: str | None = None


def grown(text: str, recover: bool) -> Tree:
    """The tree of this text. Without `recover` an ill-formed text gives none; a prefix never declared is no such fault."""
    closed = {"resolve_entities": False, "no_network": True, "load_dtd": False}
    parser = etree.XMLParser(recover=True, huge_tree=True, remove_pis=True, remove_comments=True, **closed)
    try:
        root = etree.fromstring(text.encode("utf-8", "replace"), parser)
    except (etree.LxmlError, ValueError) as error:
        return Tree(None, str(error)[:200])
    errors = list(parser.error_log)
    broken = next((one for one in errors if one.type not in _NAMESPACE_ERRORS), None)
    if broken is not None:
        return Tree(root if recover else None, f"{broken.message}, line {broken.line}"[:200])
    return Tree(root, None, str(errors[0].message)[:200] if errors else None)


class Scope(NamedTuple):
    """What holds for all elements of a document: its names, where its links start (`home`: for those of its entries), whether
    any element says otherwise by xml:base, and whether any has an xml:lang."""

    names: Names
    base: str | None
    home: str | None
    atom: bool
    rebased: bool = False
    tongues: bool = False

    def link(self, element: Any, value: str | None, *, entry: bool = True) -> str | None:
        """A link that stands in this element, absolute; None where it is none."""
        start = self.home if entry else self.base
        if self.rebased:
            start = self._based(element, start)
        return absolute(value, start)

    def _based(self, element: Any, start: str | None) -> str | None:
        said = [base for one in (element, *element.iterancestors()) if (base := one.get(_BASE))]
        if said:
            start = self.base
        for base in reversed(said):
            start = absolute(base, start) or start
        return start

    def kids(self, element: Any, unwrap: frozenset[str] = frozenset()) -> Kids:
        """The children; those of a wrapper (`media:group`) come after, as if they stood beside it."""
        found: Kids = {}
        inside = []
        of = self.names.of
        for child in element:
            name = of(child)
            if name:
                found.setdefault(name, []).append(child)
                if name in unwrap:
                    inside.append(child)
        for wrapper in inside:
            for name, children in self.kids(wrapper, unwrap).items():
                found.setdefault(name, []).extend(children)
        return found


def first(kids: Kids, *names: str) -> list[Any]:
    """The children of these names: all of the first name, then of the second."""
    return [one for name in names if name in kids for one in kids[name]]


def value(element: Any) -> str:
    """The characters in it, markup left out; for what is one word or one line."""
    if len(element) == 0:
        return clean(element.text or "").strip()
    return clean("".join(element.itertext())).strip()


def words(kids: Kids, *names: str) -> str:
    """The first value that is not empty."""
    return next((found for one in first(kids, *names) if (found := value(one))), "")


def language(element: Any) -> str | None:
    """What xml:lang says of this element or of those around it."""
    while element is not None:
        if (found := element.get(_LANG)) is not None:
            return str(found)
        element = element.getparent()
    return None


def heading(element: Any, atom: bool) -> str:
    """The text of a title."""
    kind = _kind(element, atom)
    if kind == "tree":
        return " ".join(said(element).split())
    text = _decoded(element, kind)
    if kind == "text" and not is_html(text):
        return " ".join(clean(text).split())
    return line(text)


def prose(element: Any, atom: bool) -> str:
    """The text of a summary or a content, with its paragraphs."""
    kind = _kind(element, atom)
    if kind == "tree":
        return said(element)
    text = _decoded(element, kind)
    if kind == "text" and not is_html(text):
        return tidy(text)
    return plain(text)


def _kind(element: Any, atom: bool) -> str:
    """How its text is to be read: `html`, `text` (Atom's, which is none of HTML), `base64`, or `tree`: markup as elements."""
    mode, kind = (element.get("mode") or "").lower(), (element.get("type") or "").lower().partition(";")[0].strip()
    if mode == "base64":
        return "base64"
    if len(element):
        return "tree" if not has_markup("".join(element.itertext())) else "mixed"
    if not atom or kind in ("html", "text/html", "application/xhtml+xml", "xhtml"):
        return "html"
    if kind and "/" in kind and not kind.startswith("text/") and not kind.endswith(("xml", "json", "escaped")):
        return "base64"
    return "text"


def _decoded(element: Any, kind: str) -> str:
    text = element.text or ""
    if kind == "mixed":  # markup both as elements and escaped
        tree = (etree.tostring(child, encoding="unicode", with_tail=False) + (child.tail or "") for child in element)
        return text + "".join(tree)
    if kind != "base64":
        return str(text)
    try:
        return b64decode("".join(text.split()), validate=True).decode("utf-8")
    except (binascii.Error, ValueError):
        return str(text) if " " in text.strip() else ""


def find(element: Any, names: frozenset[str]) -> Any:
    """The element itself or the first under it of one of these local names; None where there is none."""
    return next((one for one in element.iter(etree.Element) if local(one.tag) in names), None)
