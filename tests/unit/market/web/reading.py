"""Read a page as a browser would, and say what would keep somebody from using it."""

from collections import Counter
from dataclasses import dataclass, field
from html.parser import HTMLParser

VOID = {"meta", "link", "input", "br", "hr", "img"}
NAMED = {"region", "img"}


@dataclass
class Element:
    """An element with its attributes, what it lies in, and its text."""

    tag: str
    attributes: dict[str, str]
    above: "Element | None"
    parts: list["str | Element"] = field(default_factory=list)

    @property
    def text(self) -> str:
        """The text in it, spaces drawn together."""
        return " ".join("".join(self._texts()).split())

    @property
    def below(self) -> "list[Element]":
        """The elements directly in it."""
        return [part for part in self.parts if isinstance(part, Element)]

    def _texts(self) -> list[str]:
        return [text for part in self.parts for text in ([part] if isinstance(part, str) else part._texts())]

    def inside(self, *tags: str) -> bool:
        """Say whether it lies in one of *tags*."""
        above = self.above
        while above is not None:
            if above.tag in tags:
                return True
            above = above.above
        return False


class Page(HTMLParser):
    """A page as its elements, in their order."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[Element] = []
        self.open: list[Element] = []
        self.unclosed: list[str] = []
        self.feed(html)
        self.unclosed += [element.tag for element in self.open]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = Element(tag, {name: value or "" for name, value in attrs}, self.open[-1] if self.open else None)
        if element.above:
            element.above.parts.append(element)
        self.elements.append(element)
        if tag not in VOID:
            self.open.append(element)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open[-1].tag != tag:
            self.unclosed.append(f"</{tag}>")
            return
        self.open.pop()

    def handle_data(self, data: str) -> None:
        if self.open:
            self.open[-1].parts.append(data)

    def all(self, *tags: str) -> list[Element]:
        """List the elements of these tags."""
        return [element for element in self.elements if element.tag in tags]

    def one(self, tag: str) -> Element:
        """Give the only element of a tag."""
        (found,) = self.all(tag)
        return found

    def links(self) -> dict[str, str]:
        """Give the address of each link by its text; of several alike the first."""
        found: dict[str, str] = {}
        for element in self.all("a"):
            found.setdefault(element.text, element.attributes.get("href", ""))
        return found

    def faults(self) -> list[str]:
        """List what would keep somebody from using the page."""
        return [*self.unclosed, *self._outline(), *self._names(), *self._tables(), *self._ids()]

    def _outline(self) -> list[str]:
        counted = Counter(element.tag for element in self.elements if not element.inside("svg"))
        out = [f"{counted[tag]} {tag}" for tag in ("main", "h1", "title") if counted[tag] != 1]
        if not self.one("html").attributes.get("lang"):
            out.append("no language")
        level = 0
        for heading in self.all("h1", "h2", "h3", "h4"):
            now = int(heading.tag[1])
            if now > level + 1:
                out.append(f"h{level} is followed by {heading.tag} {heading.text!r}")
            if not heading.text:
                out.append(f"empty {heading.tag}")
            level = now
        return out

    def _names(self) -> list[str]:
        labels = {element.attributes.get("for") for element in self.all("label")}
        ids = {element.attributes["id"] for element in self.elements if "id" in element.attributes}
        out = []
        for element in self.elements:
            has = element.attributes
            named = has.get("aria-label") or all(name in ids for name in has.get("aria-labelledby", "?").split())
            if element.tag == "input" and has.get("type") != "hidden" and has.get("id") not in labels:
                out.append(f"input {has.get('name')} has no label")
            if element.tag in ("a", "button", "summary") and not element.text:
                out.append(f"{element.tag} {has} has no words")
            if has.get("role") in NAMED and not named:
                out.append(f"{element.tag} is a {has['role']} without a name")
            if element.tag == "svg" and has.get("role") != "img" and has.get("aria-hidden") != "true":
                out.append("an svg neither named nor hidden")
            if element.tag == "nav" and not named:
                out.append("a nav without a name")
        return out

    def _tables(self) -> list[str]:
        out = [
            f"a table without {part}"
            for table in self.all("table")
            for part in ("caption", "thead")
            if part not in {element.tag for element in table.below}
        ]
        return out + [f"th {th.text!r} without scope" for th in self.all("th") if "scope" not in th.attributes]

    def _ids(self) -> list[str]:
        counted = Counter(element.attributes["id"] for element in self.elements if "id" in element.attributes)
        return [f"id {name} stands {times} times" for name, times in counted.items() if times > 1]
