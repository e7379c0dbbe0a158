"""Words on the screen: catalogues per locale, and how times, durations and shares are written.

Catalogues are plain ``.po`` files below ``locales/<locale>/``, one per domain, read when first asked for: a msgid is
the code of a note or a key of a page, its msgstr a sentence with ``%(name)s`` placeholders.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import lru_cache
from pathlib import Path

from babel.messages.pofile import read_po

from evidence.notes import Note, Parameter
from evidence.spans import Span
from evidence.zones import beijing

LOCALES = ("zh-CN", "en")
DEFAULT_LOCALE = "zh-CN"
FOLDER = Path(__file__).parent / "locales"

_PLACEHOLDER = re.compile(r"%\((\w+)\)s|%%")
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff\ud800-\udfff]")
_ARTICLE = re.compile(r"(?P<number>\d+(?:\(\d+\))?)(?P<last>末款)?")
_UNITS = ("B", "kB", "MB", "GB", "TB", "PB")
_STEP = 1000


@dataclass(frozen=True)
class Texts:
    """The words of one locale.

    Attributes:
        locale: ``zh-CN`` or ``en``.
    """

    locale: str = DEFAULT_LOCALE

    def t(self, key: str, **params: Parameter) -> str:
        """Return the text of a key; a key that no catalogue has is shown as it is, so that it gets noticed."""
        return self._filled(key, params)

    def say(self, note: Note) -> str:
        """Return a note as a sentence; a code that no catalogue has is shown with its parameters."""
        if note.code in catalogue(self.locale):
            return self._filled(note.code, note.params)
        shown = ", ".join(f"{name} {self.value(name, value)}" for name, value in note.params.items())
        return f"{note.code} ({shown})" if shown else note.code

    def has(self, key: str) -> bool:
        """Whether the catalogues have this key."""
        return key in catalogue(self.locale)

    def word(self, value: StrEnum) -> str:
        """Return the word for a member of a closed list: key ``enum.<list>.<value>``."""
        return self.t(f"enum.{type(value).__name__}.{value.value}")

    def name(self, names: Mapping[str, str], otherwise: str = "") -> str:
        """Return a thing's name in this locale, else in any, else ``otherwise``."""
        return names.get(self.locale) or next(iter(names.values()), otherwise) or otherwise

    def value(self, name: str, value: Parameter) -> str:
        """Return a parameter as people read it, by the ending of its name (`evidence.notes`)."""
        if isinstance(value, StrEnum):
            return self.word(value)
        value = revived(name, value)
        if isinstance(value, datetime):
            return self.at(value)
        if isinstance(value, int | float) and name.endswith("_s"):
            return self.duration(value)
        if isinstance(value, int) and name.endswith("_bytes"):
            return self.size(value)
        if isinstance(value, int | float) and name.endswith("_pct"):
            return f"{value:.0f}%" if value == round(value) else f"{value:.1f}%"
        return self._named(name, str(value))

    def _named(self, name: str, text: str) -> str:
        """Return text as it is, roles by their words, and a thing by its name in this locale."""
        if name.endswith("_roles"):
            return self.t("list.join").join(self.t(f"role.{role}") for role in text.split(";"))
        if name.endswith("_names"):
            return visible(self.name(dict(part.split("=", 1) for part in text.split("|") if "=" in part), text))
        return visible(text)

    def at(self, moment: datetime | None) -> str:
        """Return a time as Beijing time, and say so."""
        return f"{self.clock(moment)} {self.t('time.beijing')}" if moment else self.t("time.unknown")

    def clock(self, moment: datetime) -> str:
        """Return date and time of day in Beijing, for columns whose head names the zone."""
        return beijing(moment).strftime("%Y-%m-%d %H:%M:%S")

    def span(self, span: Span | None) -> str:
        """Return a stretch of time as ``date from – to Beijing time``; the second date only where it differs."""
        if span is None:
            return self.t("time.unknown")
        start, end = beijing(span.start), beijing(span.end)
        until = end.strftime("%H:%M:%S" if start.date() == end.date() else "%Y-%m-%d %H:%M:%S")
        return f"{start:%Y-%m-%d %H:%M:%S} – {until} {self.t('time.beijing')}"

    def duration(self, seconds: float | None) -> str:
        """Return a length of time in hours, minutes and seconds; tenths only below ten seconds."""
        if seconds is None:
            return self.t("time.unknown")
        sign, rest = ("−" if seconds < 0 else ""), abs(seconds)
        if rest < 10 and rest != round(rest):  # noqa: PLR2004 – a tenth tells something below ten seconds only
            return sign + self.t("time.seconds", n=f"{rest:.1f}")
        return sign + self._whole(round(rest))

    def article(self, cited: str) -> str:
        """Return a citation of the pack (``28(4)+28末款``, ``10(3);11``) as people write it; other laws as they are."""
        return self.t("finding.article_join").join(self._article(part.strip()) for part in re.split(r"[;+]", cited))

    def _article(self, cited: str) -> str:
        part = _ARTICLE.fullmatch(cited)
        if part is None:
            return visible(cited)
        return self.t("finding.article_last" if part["last"] else "finding.article", article=part["number"])

    def size(self, count_bytes: int) -> str:
        """Return a size in decimal units with three digits that count."""
        amount, unit = float(count_bytes), 0
        while amount >= _STEP and unit < len(_UNITS) - 1:
            amount, unit = amount / _STEP, unit + 1
        return f"{amount:.3g} {_UNITS[unit]}" if amount < _STEP - 1 else f"{amount:.0f} {_UNITS[unit]}"

    def _whole(self, seconds: int) -> str:
        minutes, second = divmod(seconds, 60)
        hours, minute = divmod(minutes, 60)
        days, hour = divmod(hours, 24) if hours >= 72 else (0, hours)  # noqa: PLR2004 – up to three days in hours
        parts = (("time.days", days), ("time.hours", hour), ("time.minutes", minute), ("time.seconds", second))
        return " ".join(self.t(key, n=n) for key, n in parts if n) or self.t("time.seconds", n=0)

    def _filled(self, key: str, params: Mapping[str, Parameter]) -> str:
        text = catalogue(self.locale).get(key, key)

        def fill(found: re.Match[str]) -> str:
            name = found[1]
            if name is None:
                return "%"
            return self.value(name, params[name]) if name in params else found[0]

        return _PLACEHOLDER.sub(fill, text)


@lru_cache(maxsize=len(LOCALES))
def catalogue(locale: str) -> Mapping[str, str]:
    """Return every text of a locale, all domains together."""
    texts: dict[str, str] = {}
    for file in sorted((FOLDER / locale).glob("*.po")):
        texts.update(read_domain(file))
    return texts


def read_domain(file: Path) -> Mapping[str, str]:
    """Return the texts of one catalogue file."""
    with file.open("rb") as stream:
        messages = read_po(stream, locale=file.parent.name.replace("-", "_"), charset="utf-8")
    return {str(message.id): str(message.string) for message in messages if message.id and message.string}


def placeholders(text: str) -> frozenset[str]:
    """Return the names a text has places for."""
    return frozenset(name for name in _PLACEHOLDER.findall(text) if name)


def choose_locale(accept_language: str = "", cookie: str = "", query: str = "") -> str:
    """Return the locale to speak: what was asked for now, else what was asked for before, else the browser's wish."""
    for wanted in (query, cookie):
        if wanted in LOCALES:
            return wanted
    return next((found for tag in _ranked(accept_language) if (found := _nearest(tag))), DEFAULT_LOCALE)


def visible(text: str) -> str:
    """Return text with control, invisible, direction-changing and undecodable characters spelled out."""
    return _UNPRINTABLE.sub(lambda found: _spelled(ord(found[0])), text)


def _spelled(code: int) -> str:
    if 0xDC80 <= code <= 0xDCFF:  # noqa: PLR2004 – a byte that is not UTF-8, as the file system hands it over
        return f"\\x{code - 0xDC00:02x}"
    return f"\\u{code:04x}"


def _ranked(accept_language: str) -> list[str]:
    weighted = []
    for part in accept_language.split(","):
        tag, _, q = part.strip().partition(";q=")
        try:
            weighted.append((-float(q or 1), tag.strip().lower()))
        except ValueError:
            continue  # a header that is not well formed names no wish
    return [tag for weight, tag in sorted(weighted, key=lambda pair: pair[0]) if tag and weight < 0]


def _nearest(tag: str) -> str:
    return next((locale for locale in LOCALES if locale.split("-")[0].lower() == tag.split("-", maxsplit=1)[0]), "")


def revived(name: str, value: Parameter) -> Parameter:
    """Return a time or a number that was stored as text (in a ledger entry, in a pipeline's payload) as what it was."""
    if not isinstance(value, str):
        return value
    try:
        if name.endswith("_at"):
            return datetime.fromisoformat(value)
        return float(value) if name.endswith(("_s", "_pct")) else value
    except ValueError:
        return value
