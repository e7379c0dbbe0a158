"""Classes of confidentiality, and what each stops. Source: article 32 (国家秘密、商业秘密、个人隐私)."""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from functools import lru_cache

from evidence.errors import WithheldError
from evidence.notes import in_languages, note
from evidence.zones import to_utc_iso

_STARS = re.compile("[★*]")


class Effect(StrEnum):
    """What a class may stop."""

    PROCESSING = "processing"  # proxies, stills, reading the picture, comparing sound
    REPLICATION = "replication"  # the second copy
    VIEWING = "viewing"  # media over the pages
    EXPORT = "export"  # case files for court
    COPIES = "copies"  # copies for the party (article 31)


class Marked(StrEnum):
    """What a mark is on."""

    CLIP = "clip"
    CASE = "case"


@dataclass(frozen=True)
class SecrecyClass:
    """A class of confidentiality as the law pack describes it.

    Attributes:
        rank: the higher, the stricter; of several the strictest holds.
        aliases: what records call it.
        stops: what may not be done with what is in it.
        call: who has to be called, by locale; empty where nobody has.
        separable: parts without what is protected may be copied for a party, where a person says which.
    """

    code: str
    names: Mapping[str, str]
    rank: int
    aliases: tuple[str, ...]
    stops: frozenset[Effect]
    call: Mapping[str, str]
    article: str
    quote: str
    separable: bool = False

    def is_called(self, word: str) -> bool:
        """Whether a record or a person means this class by a word."""
        return folded(word) in {folded(name) for name in self.words}

    @property
    def words(self) -> tuple[str, ...]:
        """Everything it is called: code, names, aliases."""
        return (self.code, *self.names.values(), *self.aliases)


@dataclass(frozen=True)
class Mark:
    """What puts something into a class.

    Attributes:
        code: of the class. word: as it is written there.
        by, reason, at: of a person's decision; empty where an imported record says so.
    """

    scope: Marked
    target: str
    code: str
    word: str
    by: str = ""
    reason: str = ""
    at: datetime | None = None


@dataclass(frozen=True)
class Secrecy:
    """The class that holds for a clip or a case, and all marks that reach it, the strictest first."""

    held: SecrecyClass
    marks: tuple[Mark, ...] = ()

    def stops(self, effect: Effect) -> bool:
        """Whether it forbids something."""
        return effect in self.held.stops


@lru_cache(maxsize=1024)
def folded(word: str) -> str:
    """Return a word without what differs from record to record: width, case, spaces, 级, and the term after a star."""
    plain = unicodedata.normalize("NFKC", word).casefold().replace(" ", "").replace("_", "").strip("★*")
    return _STARS.split(plain)[0].removesuffix("级")


def class_named(word: str, classes: Iterable[SecrecyClass]) -> SecrecyClass | None:
    """Return the class a word means, None for no word and for one that nobody knows."""
    return next((one for one in classes if one.is_called(word)), None) if word.strip() else None


def strictest(classes: Iterable[SecrecyClass | None]) -> SecrecyClass | None:
    """Return the strictest of several classes, None when there is none."""
    return max((one for one in classes if one is not None), key=lambda one: (one.rank, one.code), default=None)


def secrecy_of(marks: Iterable[Mark], classes: Iterable[SecrecyClass]) -> Secrecy | None:
    """Return what follows from marks; a person's mark of a class that the pack lost counts as the strictest."""
    known = tuple(classes)
    read = [(_class_of(mark, known), mark) for mark in marks]
    held = strictest(found for found, _ in read)
    if held is None:
        return None
    told = [(found, mark) for found, mark in read if found is not None]
    told.sort(key=lambda one: (-one[0].rank, one[1].scope, one[1].target))
    return Secrecy(held, tuple(replace(mark, code=found.code) for found, mark in told))


def _class_of(mark: Mark, classes: tuple[SecrecyClass, ...]) -> SecrecyClass | None:
    return class_named(mark.code or mark.word, classes) or (strictest(classes) if mark.by and mark.code else None)


def stops(secrecy: Secrecy | None, effect: Effect) -> bool:
    """Whether something is forbidden; nothing is where there is no mark."""
    return secrecy is not None and secrecy.stops(effect)


def permit(secrecy: Secrecy | None, effect: Effect, subject: str) -> None:
    """Let something be done, unless a class forbids it.

    Raises:
        WithheldError: one does; it says which, by which article, and whom to call.
    """
    if secrecy is not None and secrecy.stops(effect):
        raise withheld(secrecy.held, effect, subject)


def withheld(held: SecrecyClass, effect: Effect, subject: str) -> WithheldError:
    """Return the refusal of a class."""
    name, call = _english(held.names) or held.code, held.call or held.names
    whom = f"call {_english(call)} first" if held.call else "ask who is answerable for it first"
    reason = note(
        f"secrecy.withheld.{effect.value}" if held.call else f"secrecy.withheld_uncalled.{effect.value}",
        class_names=in_languages(held.names),
        call_names=in_languages(call),
        article=held.article,
    )
    message = f"{name}: confidentiality forbids {effect.value} (article {held.article})"
    return WithheldError(message, subject=subject, cure=whom, reason=reason)


def _english(names: Mapping[str, str]) -> str:
    return names.get("en") or next(iter(names.values()), "")


def secrecy_json(secrecy: Secrecy | None) -> dict[str, object] | None:
    """Return the documented JSON of what is confidential; None where nothing is."""
    if secrecy is None:
        return None
    held = secrecy.held
    return {
        "class": held.code,
        "names": dict(held.names),
        "article": held.article,
        "stops": [effect.value for effect in Effect if effect in held.stops],
        "call": dict(held.call),
        "marks": [mark_json(mark) for mark in secrecy.marks],
    }


def mark_json(mark: Mark) -> dict[str, object]:
    """Return the documented JSON of a mark."""
    return {
        "scope": mark.scope.value,
        "target": mark.target,
        "class": mark.code,
        "word": mark.word,
        "by": mark.by,
        "reason": mark.reason,
        "at": to_utc_iso(mark.at) if mark.at else None,
    }
