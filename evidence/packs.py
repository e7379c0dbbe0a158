"""Case files for court: what a pack holds, how its files are named, and what a check of one can find.

`Pack.to_bytes` gives pack.json, the list that the ledger's entry of the export names by its digest: whoever adds,
removes or describes an item otherwise has to change it. docs/interfaces.md ("Pack") holds its names.
"""

import json
import unicodedata
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from pathlib import PurePosixPath

from evidence.attachments import Attachment
from evidence.cases import Case
from evidence.clips import Derivative
from evidence.ids import Digest
from evidence.markers import MarkView
from evidence.views import ClaimedFile, ClipView, FindingView, LinkView, StepView, Words, clip_json, link_json
from evidence.zones import beijing, to_utc_iso

VERSION = 1
KIND = "evidock-pack"

PACK = "data/pack.json"
ORIGINALS, PLAYABLE, SIDECARS, RECORDS = "data/originals", "data/playable", "data/sidecars", "data/records"
DECISIONS = f"{RECORDS}/decisions"
DOCUMENTS, CATALOGUE = "data/documents", "data/catalogue"
CHAPTERS = f"{RECORDS}/chapters"
CUSTODY_REPORT, COVER_SHEET = "data/custody-report", "data/cover-sheet"
LOG_KEY, CHECKPOINT = "data/ledger/log.vkey", "data/ledger/checkpoint"
WITNESSES, COSIGNED = "data/ledger/witnesses.vkey", "data/ledger/cosigned"
VERIFIER, README = "verify.py", "README.txt"
MANIFEST, TAG_MANIFEST = "manifest-sha256.txt", "tagmanifest-sha256.txt"
BAG_DECLARATION = b"BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"

SLOT_SIGNS = 24
STEP_SIGNS, OFFICER_SIGNS, DEVICE_SIGNS, CASE_SIGNS = 12, 16, 24, 48
SHORT_DIGITS, LONG_DIGITS = 8, 32
LONGEST_SUFFIX = 8


def entry_path(number: int) -> str:
    """Return where a ledger entry lies in a pack."""
    return f"data/ledger/entries/{number}.json"


def proof_path(number: int) -> str:
    """Return where the proof of a ledger entry lies in a pack."""
    return f"data/ledger/proofs/{number}.tlog-proof"


# --- what a pack holds -----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class PackedFile:
    """A file of a pack: its path below the bag's root, and its digest."""

    path: str
    sha256: str

    def as_plain(self) -> dict[str, object]:
        """Return path and digest as JSON-ready values."""
        return {"path": self.path, "sha256": self.sha256}


@dataclass(frozen=True)
class PlayableCopy:
    """A proxy in a pack. ``about``: path of the file that names its parent, tool and parameters."""

    path: str
    about: str
    made: Derivative

    def as_plain(self) -> dict[str, object]:
        """Return what pack.json says of it."""
        return {
            "path": self.path,
            "about": self.about,
            "sha256": self.made.digest,
            "size_bytes": self.made.size_bytes,
            "media_type": self.made.media_type,
        }

    def statement(self) -> dict[str, object]:
        """Return what ``about`` says: enough to make the copy again."""
        return {
            "sha256": self.made.digest,
            "size_bytes": self.made.size_bytes,
            "media_type": self.made.media_type,
            "role": self.made.role.value,
            "parent": self.made.parent,
            "tool": self.made.tool,
            "parameters": dict(self.made.parameters),
        }


@dataclass(frozen=True)
class PackItem:
    """An original in a pack, with everything that speaks for it.

    Attributes:
        number: from 1, in order of the judged time.
        name: file name without folder and suffix, of the original and of its playable copy.
        path: below the bag's root; None when the original was disposed of: its tombstone entry speaks for it.
        links: the clip's links to steps of this case.
        entries: numbers of all ledger entries about it.
        documents: the text records of this case that it is attached to.
        claims: the claims in this case that rest on it.
    """

    number: int
    clip: ClipView
    name: str
    path: str | None
    links: tuple[LinkView, ...]
    entries: tuple[int, ...]
    sidecars: tuple[PackedFile, ...] = ()
    playable: PlayableCopy | None = None
    documents: tuple[Attachment, ...] = ()
    claims: tuple[ClaimedFile, ...] = ()

    @property
    def is_document(self) -> bool:
        """Whether it is here as a text record, or for a claim, alone."""
        return bool(self.documents or self.claims) and not self.links

    def as_plain(self, words: Words) -> dict[str, object]:
        """Return what pack.json says of the item: the names of a clip, with the item's own."""
        return {
            "number": self.number,
            "path": self.path,
            **clip_json(self.clip, words),
            "officer_name": self.clip.officer_name,
            "links": [link_json(link, words) for link in self.links],
            "playable_copy": self.playable.as_plain() if self.playable else None,
            "sidecars": [one.as_plain() for one in self.sidecars],
            "documents": [document_plain(one) for one in self.documents],
            "claims": [claim_plain(one) for one in self.claims],
            "entries": list(self.entries),
        }


def document_plain(one: Attachment) -> dict[str, object]:
    """Return what pack.json says of a text record that an item is attached to."""
    return {
        "step_no": one.step_no,
        "slot": one.slot,
        "document_no": one.document_no,
        "title": one.title,
        "dated_at": to_utc_iso(one.dated_at) if one.dated_at else None,
        "signed_by": list(one.signed_by),
        "attached_by": one.actor,
        "attached_at": to_utc_iso(one.attached_at) if one.attached_at else None,
    }


def claim_plain(one: ClaimedFile) -> dict[str, object]:
    """Return what pack.json says of a claim that an item shows."""
    return {
        "target": one.target,
        "step_no": one.step_no,
        "reason": one.claim.code,
        "names": dict(one.claim.names),
        "note": one.claim.note,
        "claimed_by": one.actor,
        "claimed_at": to_utc_iso(one.at),
    }


@dataclass(frozen=True)
class SealedDecision:
    """A decision of a named person as it was sealed. ``entry``: its ledger number."""

    entry: int
    file: PackedFile


@dataclass(frozen=True)
class Pack:
    """A case file.

    Attributes:
        origin: name of the log whose entries speak for it.
        files: path → digest of everything in it but the ledger's part, the cover sheets and pack.json itself.
        entries: numbers of the ledger entries about the case that are about no item.
        marks: moments that reviewers named on its footage, those withdrawn too.
    """

    case: Case
    steps: tuple[StepView, ...]
    items: tuple[PackItem, ...]
    decisions: tuple[SealedDecision, ...]
    entries: tuple[int, ...]
    findings: tuple[FindingView, ...]
    origin: str
    made_at: datetime
    made_by: str
    reason: str
    tool: str
    rule_version: str
    files: Mapping[str, str] = field(default_factory=dict)
    marks: tuple[MarkView, ...] = ()

    @property
    def numbers(self) -> list[int]:
        """Numbers of all ledger entries in the pack, but for that of the export itself, in order."""
        return sorted({*self.entries, *(number for item in self.items for number in item.entries)})

    def with_files(self, files: Mapping[str, str]) -> "Pack":
        """Return the pack with the digests of its files."""
        return replace(self, files=dict(sorted(files.items())))

    def to_bytes(self, words: Words) -> bytes:
        """Return pack.json; sentences in the words' language."""
        return json_bytes(pack_json(self, words))


def pack_json(pack: Pack, words: Words) -> dict[str, object]:
    """Return the documented JSON of a pack."""
    case = pack.case
    return {
        "kind": KIND,
        "v": VERSION,
        "case": {
            "case_no": case.case_no,
            "official_no": case.official_no or None,
            "title": case.title,
            "matter_type": case.matter_type,
            "unit": case.unit,
            "opened_at": to_utc_iso(case.opened_at) if case.opened_at else None,
            "concluded_at": to_utc_iso(case.concluded_at) if case.concluded_at else None,
            "confidentiality": case.confidentiality,
        },
        "made_at": to_utc_iso(pack.made_at),
        "made_by": pack.made_by,
        "reason": pack.reason,
        "tool": pack.tool,
        "rule_version": pack.rule_version,
        "origin": pack.origin,
        "items": [item.as_plain(words) for item in pack.items],
        "decisions": [{"entry": one.entry, **one.file.as_plain()} for one in pack.decisions],
        "entries": list(pack.entries),
        "files": dict(pack.files),
    }


def json_bytes(body: object) -> bytes:
    """Return JSON that people can read as well: UTF-8, indented, a newline at its end."""
    return (json.dumps(body, ensure_ascii=False, indent=1, allow_nan=False) + "\n").encode()


# --- names -----------------------------------------------------------------------------------------------------------


def folder_name(case_no: str, made_at: datetime) -> str:
    """Return the name of a pack's folder: the case number as file systems take it, and the Beijing date."""
    return f"{tidy(case_no, CASE_SIGNS) or 'case'}-{beijing(made_at):%Y%m%d}"


def item_names(items: Sequence[tuple[ClipView, str]]) -> list[str]:
    """Return a readable name for each clip and its step number, without suffix; no two are the same in any case."""
    taken: set[str] = set()
    names = []
    for clip, step_no in items:
        short, long = (_item_name(clip, step_no, digits) for digits in (SHORT_DIGITS, LONG_DIGITS))
        names.append(long if short.casefold() in taken else short)
        taken.add(names[-1].casefold())
    return names


def _item_name(clip: ClipView, step_no: str, digits: int) -> str:
    start = clip.clock.start
    parts = (
        tidy(step_no, STEP_SIGNS),
        f"{beijing(start):%Y%m%d-%H%M%S}" if start else "no-time",
        tidy(clip.officer_name or clip.officer_id or "", OFFICER_SIGNS) or "no-officer",
        tidy(clip.device_id or "", DEVICE_SIGNS) or "no-device",
        clip.digest[:digits],
    )
    return "_".join(part for part in parts if part)


def document_names(items: Sequence[tuple[str, str, Digest]]) -> list[str]:
    """Return a readable name for each file by step, place or reason, and digest; no two are the same in any case."""
    taken: set[str] = set()
    names = []
    for step_no, what, digest in items:
        about = "_".join(part for part in (tidy(step_no, STEP_SIGNS), tidy(what, SLOT_SIGNS)) if part)
        short, long = (f"{about}_{digest[:digits]}" for digits in (SHORT_DIGITS, LONG_DIGITS))
        names.append(long if short.casefold() in taken else short)
        taken.add(names[-1].casefold())
    return names


def suffix_of(source_path: str) -> str:
    """Return the suffix of a source path in lower case, empty when it is no plain one."""
    suffix = PurePosixPath(source_path).suffix.lower()
    plain = suffix[1:].isascii() and suffix[1:].isalnum() and len(suffix) <= LONGEST_SUFFIX
    return suffix if plain else ""


def tidy(text: str, most: int) -> str:
    """Return letters and digits of a text in composed form, with a hyphen for every run of other characters."""
    signs = (sign if sign.isalnum() else "-" for sign in unicodedata.normalize("NFC", text))
    return "-".join(part for part in "".join(signs).split("-") if part)[:most].strip("-")


# --- what a check can find -------------------------------------------------------------------------------------------


class DifferenceKind(StrEnum):
    """Kinds of difference between a pack and what it should be; those of the pack's own ``verify.py``."""

    BAG_DECLARATION = "bag.declaration"
    BAG_MANIFEST = "bag.manifest"
    BAG_MISSING = "bag.missing"
    BAG_EXTRA = "bag.extra"
    BAG_DIGEST = "bag.digest"
    BAG_OXUM = "bag.oxum"
    PACK_MALFORMED = "pack.malformed"
    PACK_UNRECORDED = "pack.unrecorded"
    PACK_FILE = "pack.file"
    PACK_EXTRA = "pack.extra"
    ITEM_MISSING = "item.missing"
    ITEM_ORIGINAL = "item.original"
    ITEM_TOMBSTONE = "item.tombstone"
    ITEM_ENTRY = "item.entry"
    ITEM_SIDECAR = "item.sidecar"
    ITEM_PLAYABLE = "item.playable"
    ITEM_LINK = "item.link"
    RECORD_DECISION = "record.decision"
    LEDGER_KEY = "ledger.key"
    LEDGER_CHECKPOINT = "ledger.checkpoint"
    LEDGER_COSIGNATURE = "ledger.cosignature"
    LEDGER_ENTRY = "ledger.entry"
    LEDGER_PROOF = "ledger.proof"

    @property
    def rank(self) -> int:
        """How little it tells about a file: its own check 0, its line in a manifest 1, its line in pack.json 2."""
        if self in {DifferenceKind.PACK_FILE, DifferenceKind.PACK_EXTRA}:
            return 2
        return 1 if self.value.startswith("bag.") else 0


@dataclass(frozen=True)
class Difference:
    """One thing that does not hold. ``items``: numbers of the items it concerns."""

    kind: DifferenceKind
    path: str
    items: tuple[int, ...] = ()


def most_telling(found: Iterable[Difference], owners: Mapping[str, Collection[int]]) -> list[Difference]:
    """Return each difference once, with the items its file belongs to; of several about a file those that tell most."""
    whole = [one if one.items else replace(one, items=tuple(sorted(owners.get(one.path, ())))) for one in found]
    best: dict[str, int] = {}
    for one in whole:
        best[one.path] = min(one.kind.rank, best.get(one.path, one.kind.rank))
    kept = {one for one in whole if one.kind.rank == best[one.path]}
    return sorted(kept, key=lambda one: (one.items or (0,), one.path, one.kind))


@dataclass(frozen=True)
class Witnessed:
    """A cosignature that holds: who, over how many entries, when (UTC)."""

    witness: str
    size: int
    at: datetime


@dataclass(frozen=True)
class CheckedItem:
    """An item of a checked pack.

    Attributes:
        path: None when the original was disposed of.
        aspects: what there is to check of it, by name: ``original`` or ``tombstone``, ``statement`` …
    """

    number: int
    sha256: Digest
    path: str | None
    aspects: tuple[str, ...]


@dataclass(frozen=True)
class PackVerdict:
    """What a check of a pack found.

    Attributes:
        key: the vkey that was used, empty when there was none; from_paper: it was named by the one who asked.
        size, root: of the checkpoint that holds; None and empty when none does.
        proven: how many entries were proven to be in the ledger.
        bag_sha256: fingerprint of the pack: digest of its tag manifest, empty when there is none.
    """

    case_no: str | None
    official_no: str | None
    items: tuple[CheckedItem, ...]
    differences: tuple[Difference, ...]
    key: str
    from_paper: bool
    origin: str
    size: int | None
    root: str
    witnessed: tuple[Witnessed, ...]
    proven: int
    bag_sha256: str
