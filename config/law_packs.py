r"""Reads law packs: a folder of TOML files that a lawyer can read and a bureau can write for its own regulation.

::

    pack.toml                        # identity, force dates, names, the bureau's policy
      pack_id, version, in_force_from, in_force_to, calendars, assessment
      [names]                        # zh-CN, en
      [policy]                       # tolerances, and who set them, where a procedure says nothing else
      [thresholds]                   # for findings about clips and text records
      [night]                        # the hours that are night
      [linking]                      # from which score on clips are linked, and suggested
      [extensions]                   # CODE = true switches a procedure's extension on
      [citations.KIND]               # article and words for a finding no procedure speaks of
    procedures.toml
      [CODE]                         # names, stage, article, quote, duty, coverage, … one table per procedure
    documents.toml                   # may be left out
      ["现场勘验笔录"]                # en, aliases, signers, necessity, article, quote: one table per text record
    deadlines.toml                   # may be left out
      [CODE]                         # kind, of, starts, term, met_by, … one table per time limit
    calendars/NAME.toml              # may be left out; calendars of the pack's own, beside those of config/calendars/
    markers.toml                     # may be left out
      [CODE]                         # names, article, quote, procedures, numbered: one table per mark on footage
    reasons.toml
      [CODE]                         # names, purpose, kinds, note, file, article, quote, set_by: one table per reason
    secrecy.toml                     # may be left out
      [CODE]                         # names, rank, aliases, stops, call, article, quote: one table per class
    amendment-*.toml                 # may be left out; a version each, in order of the days they come into force
      version, in_force_from, set_by, reference
      [pack] [procedures.CODE] …     # the keys that change; all else stays as it was

Every mistake is named by file and key, and a pack is taken whole or not at all.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Annotated, TypeVar

from pydantic import Field, TypeAdapter

from config.calendars import CALENDAR_FOLDER, load_calendar
from config.data_files import check_form, raw_toml
from config.law_forms import (
    FIELDS,
    AmendmentForm,
    Code,
    DeadlineForm,
    MarkForm,
    PackForm,
    ProcedureForm,
    SecrecyForm,
    SlotForm,
    moment_of,
)
from config.law_reasons import ReasonForm, check_reasons
from evidence.errors import ConfigError
from evidence.law import WEEKENDS, Citation, LawPack, LinkPolicy
from evidence.workdays import WorkCalendar

LAW_FOLDER = Path(__file__).parent / "law"
"""The packs that ship with the product: a folder per place, in it a folder per instrument."""

DEFAULT_PACK = LAW_FOLDER / "cn-xj-turpan-gaochang" / "2019-full-process-record"

WRONG = "mend or remove that key; config/law_packs.py shows the form"
UNREADABLE = "a law pack is a folder with pack.toml and procedures.toml, and reasons.toml with what people may claim"

Raw = dict[str, object]
Read = TypeVar("Read")

_PACK = TypeAdapter(PackForm)
_PROCEDURES = TypeAdapter(Annotated[dict[Code, ProcedureForm], Field(min_length=1)])
_DOCUMENTS = TypeAdapter(dict[str, SlotForm])
_DEADLINES = TypeAdapter(dict[Code, DeadlineForm])
_MARKERS = TypeAdapter(dict[Code, MarkForm])
_SECRECY = TypeAdapter(dict[Code, SecrecyForm])
_REASONS = TypeAdapter(dict[Code, ReasonForm])
_AMENDMENT = TypeAdapter(AmendmentForm)


@dataclass(frozen=True)
class Written:
    """The files of a pack as they are written, before they are checked. ``amended``: the amendment applied last."""

    pack: Raw
    procedures: Raw
    documents: Raw
    deadlines: Raw
    markers: Raw
    secrecy: Raw
    reasons: Raw
    folder: Path
    amended: Path | None = None

    def said_in(self, name: str) -> Path:
        """Return the file in which a part of the pack was written last."""
        return self.amended or self.folder / name


@lru_cache(maxsize=1)
def default_pack() -> LawPack:
    """Return the pack that ships with the product."""
    return load_pack(DEFAULT_PACK)


def load_pack(folder: Path) -> LawPack:
    """Read the pack of a folder, with its amendments.

    Raises:
        ConfigError: a file is missing or wrong; names the file, the key and what to do.
    """
    written = Written(
        raw_toml(folder / "pack.toml", unreadable=UNREADABLE),
        raw_toml(folder / "procedures.toml", unreadable=UNREADABLE),
        _optional(folder / "documents.toml"),
        _optional(folder / "deadlines.toml"),
        _optional(folder / "markers.toml"),
        _optional(folder / "secrecy.toml"),
        raw_toml(folder / "reasons.toml", unreadable=UNREADABLE),
        folder,
    )
    first = _pack(written)
    return replace(first, later=tuple(_versions(first, written)))


def _optional(file: Path) -> Raw:
    return raw_toml(file, unreadable=UNREADABLE) if file.exists() else {}


def _versions(first: LawPack, written: Written) -> Iterator[LawPack]:
    """Yield what a pack became by each amendment, each on top of the one before."""
    read = [(file, _checked(raw_toml(file, unreadable=UNREADABLE), _AMENDMENT, file)) for file in _amendments(written)]
    seen, last = {first.version}, first.in_force_from
    for file, amendment in sorted(read, key=lambda pair: pair[1].in_force_from):
        if amendment.version in seen or amendment.in_force_from <= last:
            cure = "give it a version of its own and a day after those of the pack and of other amendments"
            raise ConfigError("version, in_force_from: not new", subject=str(file), cure=cure)
        seen.add(amendment.version)
        last = amendment.in_force_from
        written = _amended(written, amendment, file)
        yield _pack(written)


def _amendments(written: Written) -> list[Path]:
    return sorted(written.folder.glob("amendment-*.toml"))


def _amended(written: Written, amendment: AmendmentForm, file: Path) -> Written:
    head: Raw = {"version": amendment.version, "in_force_from": amendment.in_force_from}
    if amendment.pack.keys() & {"pack_id", *head}:
        raise ConfigError("pack: names what makes it this pack", subject=str(file), cure=f"remove that key; {WRONG}")
    return replace(
        written,
        pack=_merged(written.pack, {**amendment.pack, **head}),
        procedures=_merged(written.procedures, dict(amendment.procedures)),
        documents=_merged(written.documents, dict(amendment.documents)),
        deadlines=_merged(written.deadlines, dict(amendment.deadlines)),
        markers=_merged(written.markers, dict(amendment.markers)),
        reasons=_merged(written.reasons, dict(amendment.reasons)),
        amended=file,
    )


def _merged(old: Mapping[str, object], new: Mapping[str, object]) -> Raw:
    """Return tables with the keys of others in the place of their own, tables inside them alike."""
    merged = dict(old)
    for key, value in new.items():
        known = merged.get(key)
        merged[key] = _merged(known, value) if isinstance(known, Mapping) and isinstance(value, Mapping) else value
    return merged


def _pack(written: Written) -> LawPack:
    head = _checked(written.pack, _PACK, written.said_in("pack.toml"))
    procedures = _checked(written.procedures, _PROCEDURES, written.said_in("procedures.toml"))
    documents = _checked(written.documents, _DOCUMENTS, written.said_in("documents.toml"))
    deadlines = _checked(written.deadlines, _DEADLINES, written.said_in("deadlines.toml"))
    markers = _checked(written.markers, _MARKERS, written.said_in("markers.toml"))
    secrecy = _checked(written.secrecy, _SECRECY, written.folder / "secrecy.toml")
    reasons = _checked(written.reasons, _REASONS, written.said_in("reasons.toml"))
    _check_extensions(written.said_in("pack.toml"), head, procedures)
    check_reasons(written.said_in("reasons.toml"), reasons, procedures)
    _check_markers(written.said_in("markers.toml"), markers, procedures)
    _check_documents(written.said_in("procedures.toml"), procedures, documents)
    _check_deadlines(written.said_in("deadlines.toml"), deadlines, procedures, documents)
    return LawPack(
        pack_id=head.pack_id,
        version=head.version,
        names=head.names,
        in_force_from=head.in_force_from,
        in_force_to=head.in_force_to,
        rules={
            code: row.as_rule(code, head.policy, extended=head.extensions.get(code, False))
            for code, row in procedures.items()
        },
        thresholds=head.thresholds.as_thresholds(),
        citations={kind.value: Citation(c.article, c.quote) for kind, c in head.citations.items()},
        documents={slot: row.as_slot(slot) for slot, row in documents.items()},
        deadlines={code: row.as_deadline(code) for code, row in deadlines.items()},
        calendar=_calendar(head.calendars, written),
        night=head.night.as_night() if head.night else None,
        assessment=head.assessment,
        linking=head.linking.as_policy() if head.linking else LinkPolicy(),
        marks={code: row.as_template(code) for code, row in markers.items()},
        secrecy=tuple(row.as_class(code) for code, row in secrecy.items()),
        reasons={code: row.as_reason(code) for code, row in reasons.items()},
    )


def _calendar(names: Sequence[str], written: Written) -> WorkCalendar:
    """Return the calendars a pack names, its own before those that ship with the product."""
    files = [_calendar_file(name, written) for name in names]
    return load_calendar(files[0], *files[1:]) if files else WEEKENDS


def _calendar_file(name: str, written: Written) -> Path:
    own, shipped = (folder / f"{name}.toml" for folder in (written.folder / "calendars", CALENDAR_FOLDER))
    if own.exists() or shipped.exists():
        return own if own.exists() else shipped
    cure = f"put the file into {own.parent}, or name a calendar of config/calendars/"
    raise ConfigError(f"calendars: there is no {name}.toml", subject=str(written.said_in("pack.toml")), cure=cure)


def _check_extensions(file: Path, head: PackForm, procedures: Mapping[str, ProcedureForm]) -> None:
    for code in head.extensions:
        if code not in procedures or procedures[code].extension is None:
            cure = f"remove it, or give [{code}] in procedures.toml an extension"
            raise ConfigError(f"extensions.{code}: no such extension", subject=str(file), cure=cure)


def _check_markers(file: Path, markers: Mapping[str, MarkForm], procedures: Mapping[str, ProcedureForm]) -> None:
    for code, row in markers.items():
        unknown = [one for one in row.procedures if one not in procedures]
        if unknown:
            cure = "name procedures of procedures.toml, or leave them out: for all"
            raise ConfigError(f"{code}.procedures: {unknown[0]} is no procedure", subject=str(file), cure=cure)


def _check_documents(file: Path, procedures: Mapping[str, ProcedureForm], documents: Mapping[str, SlotForm]) -> None:
    """Where a pack describes text records at all, it describes each that a procedure asks for."""
    for code, procedure in procedures.items():
        unknown = [slot for slot in procedure.documents if documents and slot not in documents]
        if unknown:
            cure = f'give documents.toml a table ["{unknown[0]}"], or mend the name'
            raise ConfigError(f"{code}.documents: {unknown[0]} is not described", subject=str(file), cure=cure)


def _check_deadlines(
    file: Path,
    deadlines: Mapping[str, DeadlineForm],
    procedures: Mapping[str, ProcedureForm],
    documents: Mapping[str, SlotForm],
) -> None:
    """A time limit must speak of procedures and text records that the pack knows."""
    for code, row in deadlines.items():
        if row.of and row.of not in procedures:
            cure = "name a procedure of procedures.toml, or leave it out: once for a case"
            raise ConfigError(f"{code}.of: {row.of} is no procedure", subject=str(file), cure=cure)
        if row.without and row.without not in procedures:
            cure = "name a procedure of procedures.toml, or leave it out: whatever steps the case has"
            raise ConfigError(f"{code}.without: {row.without} is no procedure", subject=str(file), cure=cure)
        for key, text in (("starts", row.starts), *(("met_by", each) for each in row.met_by)):
            _check_moment(file, f"{code}.{key}", text, row, procedures, documents)


def _check_moment(
    file: Path,
    key: str,
    text: str,
    row: DeadlineForm,
    procedures: Mapping[str, ProcedureForm],
    documents: Mapping[str, SlotForm],
) -> None:
    try:
        moment = moment_of(text)
    except ValueError as error:
        raise ConfigError(f"{key}: {error}", subject=str(file), cure=WRONG) from error
    if moment.of == "step" and not row.of:
        cure = "name its procedure with `of`, or say which procedure's step is meant"
        raise ConfigError(f"{key}: {text} without a step", subject=str(file), cure=cure)
    is_dated = moment.field in FIELDS["document"]
    if moment.of not in {"case", "step", *(documents if is_dated else procedures)}:
        what = "text record of documents.toml" if is_dated else "procedure of procedures.toml"
        cure = f"name a {what}: dated_at is of text records, all other moments are of steps"
        raise ConfigError(f"{key}: {moment.of} is no {what}", subject=str(file), cure=cure)


def _checked(raw: Raw, form: TypeAdapter[Read], file: Path) -> Read:
    return check_form(raw, form, file, wrong=WRONG)
