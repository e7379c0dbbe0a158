"""What belongs into the case file of a case: its steps, its footage, and every ledger entry that speaks for them."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Protocol

from evidence.attachments import Attachment
from evidence.clips import Derivative, Role
from evidence.custody import Actor, Entry, EventType, LedgerEntry, joined
from evidence.errors import IntegrityError, NotFoundError
from evidence.file_views import CaseFileView
from evidence.ids import CaseNo, Digest
from evidence.packs import DOCUMENTS, ORIGINALS, Pack, PackItem, document_names, item_names, suffix_of
from evidence.ports import DerivativeStore, LogStore, Vault, WallClock
from evidence.sidecars import FOLDER as SIDECAR_FOLDER
from evidence.sidecars import sidecar_name
from evidence.tlog import VerifierKey
from evidence.views import ClaimedFile, ClipView, FindingFilter, FindingView, Library, LinkView, MarkFilter, StepView

DECISION_FOLDER = "decisions"
AT_ONCE = 1000
EVERY = 1_000_000
LATEST = datetime.max.replace(tzinfo=UTC)

CAME = frozenset({EventType.RECEIVED, EventType.SEEN_AGAIN})


class Record(Protocol):
    """Appends a ledger entry in a transaction of its own."""

    def __call__(self, entry: Entry) -> int:
        """Append, seal, and return the number; when it returns, a signed checkpoint covers the entry."""
        ...


@dataclass(frozen=True)
class PackRooms:
    """What making a case file asks of a house.

    Attributes:
        vkey: public half of the key that signs the log now.
        witnesses: keys of the witnesses whose cosignatures go along.
        decisions: gives the ledger number of every decision of a person.
        record: writes what was exported into the ledger.
        seal: seals every entry committed by now.
        case_file: reads the file of a case with its text records.
        claimed: gives the files that claims in a case rest on.
    """

    library: Library
    vault: Vault
    derivatives: DerivativeStore
    log: LogStore
    vkey: VerifierKey
    witnesses: Sequence[VerifierKey]
    decisions: Callable[[], Sequence[int]]
    record: Record
    seal: Callable[[], object]
    clock: WallClock
    case_file: Callable[[str], CaseFileView]
    claimed: Callable[[str], Sequence[ClaimedFile]]


@dataclass(frozen=True)
class Told:
    """An entry as it was meant, read for people. ``number``: its own, of a long one the last."""

    number: int
    at: str
    event: str
    actor: str
    reason: str
    subject: str
    detail: Mapping[str, object]


@dataclass(frozen=True)
class Contents:
    """A pack with what has to be copied for it.

    Attributes:
        file: the file of the case, which the catalogue lists.
        entries: number → bytes of every ledger entry that goes along.
        sidecars: digest of an original → name and bytes of the records sealed about it.
        decisions: ledger number → name and bytes of sealed decisions.
    """

    pack: Pack
    file: CaseFileView
    entries: Mapping[int, bytes]
    sidecars: Mapping[Digest, Mapping[str, bytes]] = field(default_factory=dict)
    decisions: Mapping[int, tuple[str, bytes]] = field(default_factory=dict)

    def told(self, numbers: Iterable[int]) -> list[Told]:
        """Return what these entries say, in order; long ones whole."""
        return list(told_by(LedgerEntry(number, self.entries[number], b"") for number in numbers))

    @property
    def copied_bytes(self) -> int:
        """How many bytes of originals and playable copies there are to copy."""
        return sum(
            (item.clip.size_bytes if item.path else 0) + (copy.size_bytes if (copy := proxy_of(item)) else 0)
            for item in self.pack.items
        )


def proxy_of(item: PackItem) -> Derivative | None:
    """Return the proxy that goes along: one was made where a browser cannot play the original."""
    return item.clip.derivatives.get(Role.PROXY) if item.path else None


def contents_of(rooms: PackRooms, case_no: str, actor: Actor, reason: str, tool: str) -> Contents:
    """Gather a case; every original is there, or a tombstone tells where it went.

    Raises:
        NotFoundError: no such case. IntegrityError: an original is gone without a tombstone.
    """
    case = rooms.library.case(case_no).case
    steps = tuple(rooms.library.steps(case_no=case.case_no))
    findings = tuple(rooms.library.findings(FindingFilter(case_no=case.case_no, limit=EVERY)))
    entries: dict[int, bytes] = {}
    file, claimed = rooms.case_file(case.case_no), rooms.claimed(case.case_no)
    footage = tuple(_items(rooms, steps, file, claimed, entries))
    items = (*footage, *_documents(rooms, footage, file, claimed, entries))
    about_case = _about_case(rooms, case.case_no, items, findings, entries)
    made_at = rooms.clock()
    pack = Pack(
        case=case,
        steps=steps,
        items=items,
        decisions=(),
        entries=tuple(sorted(about_case)),
        findings=findings,
        origin=rooms.vkey.name,
        made_at=made_at,
        made_by=actor.name,
        reason=reason,
        tool=tool,
        rule_version=rooms.library.pack().rule_version,
        marks=tuple(rooms.library.marks(MarkFilter(case_no=case.case_no, withdrawn=True, limit=EVERY))),
    )
    return Contents(pack, file, entries, _sidecars(rooms, items, entries), _decisions(rooms, pack, entries))


# --- items -----------------------------------------------------------------------------------------------------------


def _items(
    rooms: PackRooms,
    steps: Sequence[StepView],
    file: CaseFileView,
    claimed: Sequence[ClaimedFile],
    entries: dict[int, bytes],
) -> Iterator[PackItem]:
    """Yield the footage of a case, in order of its time; what is a text record besides says so."""
    links: dict[Digest, list[LinkView]] = {}
    for step in steps:
        for link in step.links:
            links.setdefault(link.digest, []).append(link)
    clips = sorted(rooms.library.clips_by_digest(list(links)).values(), key=_recorded)
    names = item_names([(clip, links[clip.digest][0].step_no) for clip in clips])
    for number, (clip, name) in enumerate(zip(clips, names, strict=True), 1):
        mine = _entries_about(rooms.library, clip.digest)
        entries.update({entry.number: entry.canonical for entry in mine})
        yield PackItem(
            number=number,
            clip=clip,
            name=name,
            path=_path_of(rooms.vault, clip, f"{ORIGINALS}/{name}", mine),
            links=tuple(links[clip.digest]),
            entries=tuple(entry.number for entry in mine),
            documents=tuple(one.attachment for one in file.files if one.clip.digest == clip.digest),
            claims=tuple(one for one in claimed if one.digest == clip.digest),
        )


def _documents(
    rooms: PackRooms,
    footage: Sequence[PackItem],
    file: CaseFileView,
    claimed: Sequence[ClaimedFile],
    entries: dict[int, bytes],
) -> Iterator[PackItem]:
    """Yield the files that are no footage, each once: text records in the order of the list, then those of claims."""
    known = {item.clip.digest for item in footage}
    attached: dict[Digest, list[Attachment]] = {}
    shown: dict[Digest, list[ClaimedFile]] = {}
    for one in file.files:
        attached.setdefault(one.clip.digest, []).append(one.attachment)
    for each in claimed:
        shown.setdefault(each.digest, []).append(each)
    digests = [digest for digest in dict.fromkeys((*attached, *shown)) if digest not in known]
    clips = rooms.library.clips_by_digest(digests)
    names = document_names([_place_of(digest, attached.get(digest), shown.get(digest)) for digest in digests])
    for number, (digest, name) in enumerate(zip(digests, names, strict=True), len(footage) + 1):
        mine = _entries_about(rooms.library, digest)
        entries.update({entry.number: entry.canonical for entry in mine})
        yield PackItem(
            number=number,
            clip=clips[digest],
            name=name,
            path=_path_of(rooms.vault, clips[digest], f"{DOCUMENTS}/{name}", mine),
            links=(),
            entries=tuple(entry.number for entry in mine),
            documents=tuple(attached.get(digest, ())),
            claims=tuple(shown.get(digest, ())),
        )


def _place_of(
    digest: Digest, attached: Sequence[Attachment] | None, shown: Sequence[ClaimedFile] | None
) -> tuple[str, str, Digest]:
    """Return step, place or reason, and digest, by which a file is named in the pack."""
    if attached:
        return attached[0].step_no, attached[0].slot, digest
    if shown:
        return shown[0].step_no, shown[0].claim.code, digest
    return "", "", digest


def _recorded(clip: ClipView) -> tuple[datetime, str]:
    return clip.clock.start or LATEST, clip.digest


def _path_of(vault: Vault, clip: ClipView, stem: str, entries: Sequence[LedgerEntry]) -> str | None:
    if vault.has(clip.digest):
        return f"{stem}{suffix_of(clip.source_path)}"
    if any(told.event == EventType.DISPOSED for told in told_by(entries)):
        return None
    raise IntegrityError(
        "this original is not in the vault and nobody disposed of it; nothing was exported",
        subject=f"{clip.source_path} ({clip.digest[:12]}…)",
        cure="run `evidock verify`, restore it from a copy, and export again",
    )


def _entries_about(library: Library, subject: str) -> list[LedgerEntry]:
    found: list[LedgerEntry] = []
    while page := library.ledger(subject=subject, start=found[-1].number + 1 if found else 0, limit=AT_ONCE):
        found += page
    return found


# --- the case --------------------------------------------------------------------------------------------------------


def _about_case(
    rooms: PackRooms,
    case_no: CaseNo,
    items: Sequence[PackItem],
    findings: Sequence[FindingView],
    entries: dict[int, bytes],
) -> set[int]:
    """Return the numbers of the entries about findings and decisions of the case that are about no item."""
    ids = {finding.finding.finding_id for finding in findings}
    found = [entry for one in ids for entry in _entries_about(rooms.library, one)]
    for number in rooms.decisions():
        entry = next(iter(rooms.library.ledger(start=number, limit=1)), None)
        if entry is not None and entry.number == number and _concerns(entry, case_no, ids):
            found.append(entry)
    listed = {number for item in items for number in item.entries}
    entries.update({entry.number: entry.canonical for entry in found})
    return {entry.number for entry in found} - listed


def _concerns(entry: LedgerEntry, case_no: CaseNo, finding_ids: Collection[str]) -> bool:
    for told in told_by([entry]):
        return told.detail.get("case_no") == case_no or str(told.detail.get("finding_id")) in finding_ids
    return False


# --- what lies in the vault beside them ------------------------------------------------------------------------------


def _sidecars(
    rooms: PackRooms, items: Sequence[PackItem], entries: Mapping[int, bytes]
) -> dict[Digest, dict[str, bytes]]:
    """Return the records sealed about each original; those of the first version are found by their names."""
    found: dict[Digest, dict[str, bytes]] = {}
    unnamed: set[Digest] = set()
    for item in items:
        came = [told for told in _told(item.entries, entries) if told.event in CAME]
        keys = {str(told.detail.get("pickup_key", "")) for told in came}
        names = {sidecar_name(item.clip.digest, key) for key in keys if key}
        found[item.clip.digest] = {name: rooms.vault.record(SIDECAR_FOLDER, name) for name in sorted(names)}
        if "" in keys:
            unnamed.add(item.clip.digest)
    for name, body in rooms.vault.records(SIDECAR_FOLDER) if unnamed else ():
        digest = Digest(name.partition(".")[0])
        if digest in unnamed:
            found[digest][name] = body
    return found


def _decisions(rooms: PackRooms, pack: Pack, entries: Mapping[int, bytes]) -> dict[int, tuple[str, bytes]]:
    """Return the sealed record of every decision among the entries."""
    found: dict[int, tuple[str, bytes]] = {}
    for told in _told(pack.numbers, entries):
        if told.event == EventType.DECIDED and (named := _sealed_decision(rooms.vault, told)):
            found[told.number] = named
    return found


def _sealed_decision(vault: Vault, told: Told) -> tuple[str, bytes] | None:
    digest = told.detail.get("record")
    if isinstance(digest, str):
        name = f"{told.number:012}.{digest[:16]}.json"
        try:
            return name, vault.record(DECISION_FOLDER, name)
        except NotFoundError as error:
            cure = "run `evidock verify`, restore it from a copy, and export again"
            raise IntegrityError("this sealed decision is not in the vault", subject=name, cure=cure) from error
    start = f"{told.number:012}."
    return next((one for one in vault.records(DECISION_FOLDER) if one[0].startswith(start)), None)


# --- entries, read for people ----------------------------------------------------------------------------------------


def told_by(entries: Iterable[LedgerEntry]) -> Iterator[Told]:
    """Read entries in order; the parts of a long one become one.

    Raises:
        IntegrityError: one cannot be read.
    """
    parts: list[Mapping[str, object]] = []
    for entry in entries:
        try:
            body = entry.body
            detail = body["detail"]
            if not isinstance(detail, Mapping):
                raise TypeError("a detail is no map")  # noqa: TRY301 - told as every other damage is
            if {"part", "parts", "text"} <= detail.keys():
                parts.append(detail)
                if len(parts) < int(str(detail["parts"])):
                    continue
                detail, parts = joined(parts), []
            yield _read(entry.number, body, detail)
        except (LookupError, TypeError, ValueError) as error:
            cure = "run `evidock verify --deep`, and report it"
            raise IntegrityError("cannot be read", subject=f"ledger entry {entry.number}", cure=cure) from error


def _told(numbers: Iterable[int], entries: Mapping[int, bytes]) -> Iterator[Told]:
    return told_by(LedgerEntry(number, entries[number], b"") for number in numbers)


def _read(number: int, body: Mapping[str, object], detail: Mapping[str, object]) -> Told:
    said = {name: str(body[name]) for name in ("at", "event", "actor", "reason", "subject")}
    return Told(number=number, detail=detail, **said)
