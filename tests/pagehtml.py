"""What a browser makes of HTML, for the tests of the HTML that the page is given."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser

from rag.webview import Place

_VOID = {"input"}


@dataclass
class Seen(HTMLParser):
    """The text, the marked text, and every element with its attributes.

    ``marked`` is the passage with its sentences, ``strong`` the sentences, ``other`` what else is cited.
    """

    text: str = ""
    marked: str = ""
    strong: str = ""
    other: str = ""
    elements: list[tuple[str, dict[str, str | None]]] = field(default_factory=list)
    open: list[tuple[str, str | None]] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        if tag not in _VOID:
            self.open.append((tag, dict(attrs).get("class")))

    def handle_endtag(self, tag):
        assert self.open.pop()[0] == tag, "elements must be closed in turn"

    def handle_data(self, data):
        self.text += data
        marks = {kind for tag, kind in self.open if tag == "mark"}
        self.other += data if "fs-other" in marks else ""
        self.marked += data if marks - {"fs-other"} else ""
        self.strong += data if "fs-sentence" in marks else ""

    def all(self, name: str, kind: str | None = None) -> list[str | None]:
        """An attribute of all elements, or of those of a class, that have it."""
        return [a[name] for _, a in self.elements if name in a and kind in (None, a.get("class"))]

    def places(self, kind: str) -> list[Place]:
        """What the buttons of a class open."""
        return [Place.read(key or "") for key in self.all("data-place", kind)]


def seen(html: str) -> Seen:
    """Read ``html``, whose elements must be closed in turn."""
    reader = Seen()
    reader.feed(html)
    reader.close()
    assert reader.open == []
    return reader
