"""The closed list of reasons: what people may claim of a finding or a step, and what they must show with it.

The list itself is data of a law pack. A reason for an exemption says that recording was not suitable, and closes a gap
once it is approved; every other reason explains a finding, which goes on being counted.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from evidence.errors import UsageError
from evidence.findings import FindingKind
from evidence.ids import Digest

ASKED = "`evidock reasons SUBJECT` lists them with their words"


class Purpose(StrEnum):
    """What a reason is given for: an explanation stays in the count, an exemption takes a step out of it."""

    EXPLANATION = "explanation"
    EXEMPTION = "exemption"


@dataclass(frozen=True)
class Reason:
    """One reason of the list.

    Attributes:
        code: how programs and the command line name it; names: locale → words, the pack's own language first.
        kinds: which kinds of finding it may explain; none: any. Empty for an exemption, which is about a step.
        needs_note, needs_file: what must be given with it.
        article, quote: where the law has the words; set_by, reference: who set it where it is the bureau's policy.
    """

    code: str
    names: Mapping[str, str]
    purpose: Purpose
    kinds: frozenset[FindingKind] = frozenset()
    needs_note: bool = False
    needs_file: bool = False
    article: str = ""
    quote: str = ""
    set_by: str = ""
    reference: str = ""

    def explains(self, kind: FindingKind) -> bool:
        """Whether it may explain a finding of a kind."""
        return self.purpose is Purpose.EXPLANATION and (not self.kinds or kind in self.kinds)

    def is_called(self, said: str) -> bool:
        """Whether people mean it: by its code, or by its words in any language."""
        return said.strip().casefold() in {self.code.casefold(), *(name.casefold() for name in self.names.values())}


@dataclass(frozen=True)
class GivenReason:
    """What a person gives: a code of the list, a note in their own words, and files that are sealed already."""

    code: str
    note: str = ""
    files: tuple[Digest, ...] = ()


@dataclass(frozen=True)
class Claim:
    """A reason as it was claimed: a `decided` fact that stays readable whatever the list becomes.

    Attributes:
        names: the words of the reason at that time, by locale.
        note: what the person wrote, empty where the reason needs no words.
        files: digests of the sealed files it rests on.
        article: what the reason rests on; rule_version: pack and version whose list it was taken from.
    """

    code: str
    names: Mapping[str, str]
    note: str = ""
    files: tuple[Digest, ...] = ()
    article: str = ""
    rule_version: str = ""

    def as_plain(self) -> dict[str, object]:
        """Return it as ledger, register and programs have it."""
        return {
            "code": self.code,
            "names": dict(sorted(self.names.items())),
            "note": self.note,
            "files": list(self.files),
            "article": self.article,
            "rule_version": self.rule_version,
        }


def claim_from_plain(stored: Mapping[str, object]) -> Claim:
    """Return what `Claim.as_plain` gave.

    Raises:
        LookupError, TypeError: it is no claim.
    """
    names, files = stored["names"], stored["files"]
    if not isinstance(names, Mapping) or not isinstance(files, list):
        raise TypeError("names or files of a claim are none")
    return Claim(
        str(stored["code"]),
        {str(locale): str(name) for locale, name in names.items()},
        str(stored["note"]),
        tuple(Digest(str(one)) for one in files),
        str(stored["article"]),
        str(stored["rule_version"]),
    )


def explaining(reasons: Iterable[Reason], kind: FindingKind) -> tuple[Reason, ...]:
    """Return the reasons that may explain a finding of a kind, in the order of the list."""
    return tuple(one for one in reasons if one.explains(kind))


def exempting(reasons: Iterable[Reason]) -> tuple[Reason, ...]:
    """Return the reasons for which recording was not suitable, in the order of the list."""
    return tuple(one for one in reasons if one.purpose is Purpose.EXEMPTION)


def chosen(fitting: Sequence[Reason], said: str, note: str, *, with_files: bool, subject: str) -> Reason:
    """Return the reason a person means, of those that fit.

    Raises:
        UsageError: none was given, it is not among those that fit, or its note or its file is missing; says which fit.
    """
    codes = ", ".join(one.code for one in fitting)
    cure = f"the reasons that fit: {codes}; {ASKED}" if codes else "the law pack has no reason for this"
    if not said.strip():
        raise UsageError("a reason of the list is needed", subject=subject, cure=cure)
    found = next((one for one in fitting if one.is_called(said)), None)
    if found is None:
        raise UsageError(f"'{said.strip()}' is no reason of the list for this", subject=subject, cure=cure)
    if found.needs_note and not note.strip():
        raise UsageError(
            f"the reason {found.code} needs a note", subject=subject, cure="say in a sentence what happened"
        )
    if found.needs_file and not with_files:
        cure = "attach what shows it, such as a repair slip or a letter of the other agency"
        raise UsageError(f"the reason {found.code} needs an attached file", subject=subject, cure=cure)
    return found


def claimed(fitting: Sequence[Reason], given: GivenReason, rule_version: str, subject: str) -> Claim:
    """Return what is claimed with a reason that was given.

    Raises:
        UsageError: as `chosen` does.
    """
    found = chosen(fitting, given.code, given.note, with_files=bool(given.files), subject=subject)
    files = tuple(dict.fromkeys(given.files))
    return Claim(found.code, found.names, given.note.strip(), files, found.article, rule_version)


def sentence(claim: Claim) -> str:
    """Return a claim as a ledger entry's reason: the words of the list, in the pack's own language, and the note."""
    words = next(iter(claim.names.values()), claim.code)
    return f"{words} – {claim.note}" if claim.note else words


def reason_json(reason: Reason) -> dict[str, object]:
    """Return the documented JSON of a reason."""
    return {
        "code": reason.code,
        "names": dict(reason.names),
        "purpose": reason.purpose.value,
        "kinds": sorted(kind.value for kind in reason.kinds),
        "needs_note": reason.needs_note,
        "needs_file": reason.needs_file,
        "article": reason.article,
        "quote": reason.quote,
        "set_by": reason.set_by,
        "reference": reason.reference,
    }
