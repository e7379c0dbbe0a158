"""Makes the nouns of the core from rows whose cells were read, and judges what only a whole row can show."""

import difflib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache

from evidence.case_numbers import NumberRefusal
from evidence.cases import Case, Step
from evidence.documents import SIGNERS, Document, folded
from evidence.ids import CaseNo, DeviceId, OfficerId, StepNo
from evidence.people import Assignment, Device, Officer
from evidence.secrecy import SecrecyClass, class_named
from evidence.spans import Span
from ingest.records.cells import Sittings, Value
from ingest.records.columns import Noun
from ingest.records.verdicts import Verdict, Weight, verdict

Record = Officer | Device | Assignment | Case | Step | Document
Values = Mapping[str, Value]


@dataclass(frozen=True)
class Known:
    """What rows may refer to; None means: do not check.

    Attributes:
        procedures: codes of the law pack in force; an unknown one is refused.
        documents: names of the text records that the pack knows, folded; an unknown one is a warning.
        profiles: ids of the device profiles; officers, devices, cases: an unknown one is a warning, for files arrive
            in any order.
        secrecy: classes of confidentiality of the pack; a word that means none of them is a warning.
        first_numbers: official number → the number by which its case is kept; two rows of one case are one.
        refusal: says why a provisional number cannot be given an official one; None when it can be.
    """

    procedures: frozenset[str] | None = None
    documents: frozenset[str] | None = None
    profiles: frozenset[str] | None = None
    officers: frozenset[str] | None = None
    devices: frozenset[str] | None = None
    cases: frozenset[str] | None = None
    secrecy: tuple[SecrecyClass, ...] | None = None
    first_numbers: Mapping[str, str] = field(default_factory=dict)
    refusal: Callable[[str, str], NumberRefusal | None] = lambda _provisional, _official: None


def build(noun: Noun, values: Values) -> Record:
    """Return the noun of a row without refusals."""
    return _BUILDERS[noun](values)


def identity(noun: Noun, values: Values, known: Known) -> tuple[str, ...]:
    """Return what makes a row this one and no other inside its file, whichever number of its case it names."""
    said = {name: str(values[name]) for name in _IDENTITY[noun]}
    if noun in _OF_CASES:
        said["case_no"] = known.first_numbers.get(said["case_no"], said["case_no"])
    return tuple(said.values())


def judge(noun: Noun, line: int, values: Values, known: Known) -> Iterator[Verdict]:
    """Yield what is wrong, or to be looked at, in a row whose cells could all be read."""
    yield from _order(noun, line, values)
    yield from _sittings(line, values)
    yield from _procedure(line, values, known)
    yield from _references(noun, line, values, known)
    yield from _confidentiality(line, values, known)
    yield from _numbers(line, values, known)
    if noun is Noun.OFFICERS:
        yield from _short_codes(line, values)
    if noun is Noun.DOCUMENTS:
        yield from _signers(line, values)
        yield from _slot(line, values, known)


def _order(noun: Noun, line: int, values: Values) -> Iterator[Verdict]:
    first, last = _WINDOW.get(noun, ("", ""))
    start, end = values.get(first), values.get(last)
    if isinstance(start, datetime) and isinstance(end, datetime):
        if end < start:
            yield verdict(line, last, end, "ends_before_start", cure="order", other=first, start_at=start, end_at=end)
        elif end == start:
            yield verdict(line, last, end, "no_length", cure="order", weight=Weight.WARNING, other=first)


def _sittings(line: int, values: Values) -> Iterator[Verdict]:
    """Sittings follow one another within the step's window."""
    sittings = _spans(values)
    start, end = values.get("started_at"), values.get("ended_at")
    bounds = [bound for each in sittings for bound in (each.start, each.end)]
    around = [start, *bounds, end] if isinstance(start, datetime) and isinstance(end, datetime) else bounds
    if bounds and around != sorted(around):
        text = "; ".join(f"{each.start.isoformat()}~{each.end.isoformat()}" for each in sittings)
        yield verdict(line, "sittings", text, "sittings_outside", cure="sittings_outside")


def _spans(values: Values) -> tuple[Span, ...]:
    found = values.get("sittings")
    return found.spans if isinstance(found, Sittings) else ()


def _procedure(line: int, values: Values, known: Known) -> Iterator[Verdict]:
    code = values.get("procedure")
    if not isinstance(code, str) or known.procedures is None or canonical(code, known.procedures):
        return
    near = ", ".join(_near(code, known.procedures))
    cure = "procedure_near" if near else "procedure"
    yield verdict(line, "procedure", code, "procedure_unknown", cure=cure, near=near)


def canonical(code: str, known: frozenset[str]) -> str | None:
    """Return a procedure code as the law pack writes it, whatever its case."""
    return code if code in known else code.upper() if code.upper() in known else None


@lru_cache(maxsize=1024)
def _near(code: str, known: frozenset[str]) -> tuple[str, ...]:
    return tuple(difflib.get_close_matches(code.upper(), sorted(known), n=3, cutoff=0.5))


def _references(noun: Noun, line: int, values: Values, known: Known) -> Iterator[Verdict]:
    own = _IDENTITY[noun][:1] if noun in _DEFINES else ()
    for column, there, what in (
        ("officer_id", known.officers, "officer"),
        ("officers", known.officers, "officer"),
        ("device_id", known.devices, "device"),
        ("case_no", known.cases, "case"),
        ("profile", known.profiles, "profile"),
    ):
        value = values.get(column)
        if there is None or not value or isinstance(value, datetime | Sittings):
            continue
        for each in (value,) if isinstance(value, str) else value:
            if each in there:
                continue
            full = _with_zeros(each, there)
            if full:
                weight = Weight.WARNING if column in own else Weight.REFUSED
                yield verdict(line, column, each, "zeros_lost", cure="zeros_lost", weight=weight, near=full)
            elif column not in own:
                yield verdict(line, column, each, f"{what}_unknown", cure=f"{what}_unknown", weight=Weight.WARNING)


def _with_zeros(number: str, known: frozenset[str]) -> str:
    """Return the id of which a spreadsheet would leave just this number; empty when there is none."""
    if not (number.isascii() and number.isdigit()) or number.startswith("0"):
        return ""
    longer = (number.zfill(width) for width in range(len(number) + 1, LONGEST_NUMBER + 1))
    return next((one for one in longer if one in known), "")


def _confidentiality(line: int, values: Values, known: Known) -> Iterator[Verdict]:
    word = _text(values, "confidentiality")
    if known.secrecy is None or not word.strip() or class_named(word, known.secrecy):
        return
    classes, warning = "、".join(one.names["zh-CN"] for one in known.secrecy), Weight.WARNING
    code = "confidentiality_unknown"
    yield verdict(line, "confidentiality", word, code, cure=code, weight=warning, classes=classes or "–")


def _numbers(line: int, values: Values, known: Known) -> Iterator[Verdict]:
    """A provisional case says when it began; the number it had before is one that can become the official one."""
    first, official = _text(values, "provisional_no"), _text(values, "case_no")
    refusal = known.refusal(first, official) if first and official else None
    if refusal is not None:
        code = refusal.fault.value
        yield verdict(line, "provisional_no", first, code, cure=code, about=refusal.about, official=official)
    is_open = bool(_text(values, "provisional")) and not first
    if is_open and not (_time(values, "urgent_at") or _time(values, "opened_at")):
        code = "urgent_start_missing"
        yield verdict(line, "urgent_at", "", code, cure=code, weight=Weight.WARNING)


def _signers(line: int, values: Values) -> Iterator[Verdict]:
    signers = values.get("signed_by")
    for role in signers if isinstance(signers, tuple) else ():
        if role not in _ROLES and role not in SIGNERS:
            roles = "、".join(_ROLES)
            yield verdict(line, "signed_by", role, "signer_unknown", cure="signer_unknown", roles=roles)


def _slot(line: int, values: Values, known: Known) -> Iterator[Verdict]:
    name = values.get("document")
    if not isinstance(name, str) or known.documents is None or folded(name) in known.documents:
        return
    near = ", ".join(difflib.get_close_matches(folded(name), sorted(known.documents), n=3, cutoff=0.5))
    yield verdict(line, "document", name, "document_unknown", cure="document_unknown", weight=Weight.WARNING, near=near)


def _short_codes(line: int, values: Values) -> Iterator[Verdict]:
    codes = values.get("short_codes")
    for code in codes if isinstance(codes, tuple) else ():
        if len(code) != SHORT_CODE_CHARACTERS or not (code.isascii() and code.isalnum()):
            yield verdict(line, "short_codes", code, "short_code_form", cure="short_code_form", weight=Weight.WARNING)


_ROLES: Mapping[str, str] = {
    "执法人员": "officers",
    "当事人": "party",
    "当事人拒签": "party_refused",
    "受送达人": "recipient",
    "送达人": "server",
    "见证人": "witness",
    "负责人": "head",
    "法制审核人员": "legal",
    "鉴定人": "expert",
    "在场人员": "present",
}
"""How Chinese records name the roles in which people sign."""

LONGEST_NUMBER = 18
"""Digits of the longest number that names a person or a camera."""

SHORT_CODE_CHARACTERS = 6
"""Length of the user number in the interface of GA/T 947 recorders."""

_IDENTITY: Mapping[Noun, tuple[str, ...]] = {
    Noun.OFFICERS: ("officer_id",),
    Noun.DEVICES: ("device_id",),
    Noun.ASSIGNMENTS: ("device_id", "from", "officer_id"),
    Noun.CASES: ("case_no",),
    Noun.STEPS: ("case_no", "step_no"),
    Noun.DOCUMENTS: ("case_no", "step_no", "document", "document_no"),
}
"""The columns that no two rows of a file may share; several officers may have one camera from one moment on."""

_OF_CASES = frozenset({Noun.STEPS, Noun.DOCUMENTS})

_DEFINES = frozenset({Noun.OFFICERS, Noun.DEVICES, Noun.CASES})
"""Records that bring the id they are named by, instead of referring to it."""

_WINDOW: Mapping[Noun, tuple[str, str]] = {
    Noun.OFFICERS: ("valid_from", "valid_to"),
    Noun.ASSIGNMENTS: ("from", "to"),
    Noun.CASES: ("opened_at", "concluded_at"),
    Noun.STEPS: ("started_at", "ended_at"),
}


def _text(values: Values, name: str) -> str:
    value = values.get(name)
    return value if isinstance(value, str) else ""


def _texts(values: Values, name: str) -> tuple[str, ...]:
    value = values.get(name)
    return value if isinstance(value, tuple) else ()


def _time(values: Values, name: str) -> datetime | None:
    value = values.get(name)
    return value if isinstance(value, datetime) else None


def _moment(values: Values, name: str) -> datetime:
    value = values[name]
    if not isinstance(value, datetime):
        raise TypeError(f"{name} is required and was checked before")
    return value


def _officer(values: Values) -> Officer:
    return Officer(
        officer_id=OfficerId(_text(values, "officer_id")),
        name=_text(values, "name"),
        unit=_text(values, "unit"),
        valid_from=_time(values, "valid_from"),
        valid_to=_time(values, "valid_to"),
        short_codes=_texts(values, "short_codes"),
    )


def _device(values: Values) -> Device:
    rest = {name: _text(values, name) for name in ("model", "profile", "unit", "serial")}
    return Device(DeviceId(_text(values, "device_id")), **rest)


def _assignment(values: Values) -> Assignment:
    device, officer = DeviceId(_text(values, "device_id")), OfficerId(_text(values, "officer_id"))
    return Assignment(device, officer, _moment(values, "from"), _time(values, "to"))


def _case(values: Values) -> Case:
    """Build a case; one that is still provisional has not been opened (立案): when it was begun is its urgent start."""
    number, first = _text(values, "case_no"), _text(values, "provisional_no")
    opened_at, urgent_at = _time(values, "opened_at"), _time(values, "urgent_at")
    provisional = bool(_text(values, "provisional")) or bool(first)
    if provisional and not first and urgent_at is None:
        opened_at, urgent_at = None, opened_at
    return Case(
        case_no=CaseNo(first or number),
        title=_text(values, "title"),
        matter_type=_text(values, "matter_type"),
        unit=_text(values, "unit"),
        opened_at=opened_at,
        concluded_at=_time(values, "concluded_at"),
        confidentiality=_text(values, "confidentiality"),
        provisional=provisional,
        official_no=number if first else "",
        urgent_at=urgent_at,
    )


def _step(values: Values) -> Step:
    return Step(
        case_no=CaseNo(_text(values, "case_no")),
        step_no=StepNo(_text(values, "step_no")),
        procedure=_text(values, "procedure"),
        started_at=_moment(values, "started_at"),
        ended_at=_moment(values, "ended_at"),
        place=_text(values, "place"),
        officers=tuple(OfficerId(each) for each in _texts(values, "officers")),
        party=_text(values, "party"),
        unsuitable_reason=_text(values, "unsuitable_reason"),
        witness=_text(values, "witness"),
        due_at=_time(values, "due_at"),
        extended_to=_time(values, "extended_to"),
        urgent_reason=_text(values, "urgent_reason"),
        points=int(_text(values, "points") or 0),
        sittings=_spans(values),
    )


def _document(values: Values) -> Document:
    return Document(
        case_no=CaseNo(_text(values, "case_no")),
        step_no=StepNo(_text(values, "step_no")),
        slot=_text(values, "document"),
        document_no=_text(values, "document_no"),
        title=_text(values, "title"),
        dated_at=_time(values, "dated_at"),
        signed_by=tuple(_ROLES.get(each, each) for each in _texts(values, "signed_by")),
    )


_BUILDERS: Mapping[Noun, Callable[[Values], Record]] = {
    Noun.OFFICERS: _officer,
    Noun.DEVICES: _device,
    Noun.ASSIGNMENTS: _assignment,
    Noun.CASES: _case,
    Noun.STEPS: _step,
    Noun.DOCUMENTS: _document,
}
