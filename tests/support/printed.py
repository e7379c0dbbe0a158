"""What people see of a page, and the times in what is printed that do not say which clock they are of."""

import re
from collections.abc import Iterator
from html.parser import HTMLParser

BEIJING = {"zh-CN": "北京时间", "en": "Beijing time"}
SAID = {"zh-CN": ("北京时间",), "en": ("Beijing time", "(Beijing)")}
"""What a heading or a sentence says of the clock."""

UTC = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z")
TIME = re.compile(r"(?<![\d:])\d{1,2}:\d{2}(?::\d{2})?(?![\d:])")
VOID = frozenset({"area", "base", "br", "col", "hr", "img", "input", "link", "meta", "source", "track", "wbr"})
UNSEEN = frozenset({"script", "style", "template", "title"})


def unsaid(text: str, locale: str) -> list[str]:
    """Return the times that a text prints without saying that they are Beijing time; UTC that says Z is none."""
    if any(words in text for words in SAID[locale]):
        return []
    return TIME.findall(UTC.sub("", text))


class _Seen(HTMLParser):
    """Collects the text on the screen of each ``section``, and of the rest of ``main``."""

    def __init__(self) -> None:
        super().__init__()
        self.panels: list[list[str]] = [[]]
        self._open: list[tuple[str, int | None, bool]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        _, panel, seen = self._open[-1] if self._open else ("", None, True)
        hidden = tag in UNSEEN or "visually-hidden" in (dict(attrs).get("class") or "")
        if tag == "section":
            self.panels.append([])
            panel = len(self.panels) - 1
        if tag not in VOID:
            self._open.append((tag, 0 if tag == "main" else panel, seen and not hidden))

    def handle_endtag(self, tag: str) -> None:
        while self._open and self._open.pop()[0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        _, panel, seen = self._open[-1] if self._open else ("", None, False)
        if seen and panel is not None:
            self.panels[panel].append(data)


def panels_of(page: str) -> list[str]:
    """Return the text of each panel in a page's ``main`` without what is hidden; its footer does not count."""
    seen = _Seen()
    seen.feed(page)
    return [" ".join(panel) for panel in seen.panels]


def strings_of(value: object, name: str = "") -> Iterator[tuple[str, str]]:
    """Yield every text in a JSON value with the name it stands under."""
    if isinstance(value, str):
        yield name, value
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield from strings_of(inner, str(key))
    elif isinstance(value, list):
        for inner in value:
            yield from strings_of(inner, name)
