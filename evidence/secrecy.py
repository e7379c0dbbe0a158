"""Classes of confidentiality, and what each stops. Source: article 32 (国家秘密、商业秘密、个人隐私)."""

import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache


class Effect(StrEnum):
    """What a class may stop."""

    PROCESSING = "processing"  # proxies, stills, reading the picture, comparing sound
    REPLICATION = "replication"  # the second copy
    VIEWING = "viewing"  # media over the pages
    EXPORT = "export"  # case files for court
    COPIES = "copies"  # copies for the party (article 31)


@dataclass(frozen=True)
class SecrecyClass:
    """A class of confidentiality as the law pack describes it.

    Attributes:
        rank: the higher, the stricter; of several the strictest holds.
        aliases: what records call it.
        stops: what may not be done with what is in it.
        call: who has to be called, by locale; empty where nobody has.
    """

    code: str
    names: Mapping[str, str]
    rank: int
    aliases: tuple[str, ...]
    stops: frozenset[Effect]
    call: Mapping[str, str]
    article: str
    quote: str

    def is_called(self, word: str) -> bool:
        """Whether a record or a person means this class by a word."""
        return folded(word) in {folded(name) for name in (self.code, *self.names.values(), *self.aliases)}


@lru_cache(maxsize=1024)
def folded(word: str) -> str:
    """Return a word without what differs from record to record: width, case, spaces, stars of a level."""
    return unicodedata.normalize("NFKC", word).casefold().replace(" ", "").replace("_", "").rstrip("★*")


def class_named(word: str, classes: Iterable[SecrecyClass]) -> SecrecyClass | None:
    """Return the class a word means, None for no word and for one that nobody knows."""
    return next((one for one in classes if one.is_called(word)), None) if word.strip() else None


def strictest(classes: Iterable[SecrecyClass | None]) -> SecrecyClass | None:
    """Return the strictest of several classes, None when there is none."""
    return max((one for one in classes if one is not None), key=lambda one: (one.rank, one.code), default=None)
