"""Checking a pack offline, without a home: a second opinion beside the ``verify.py`` that lies in it.

The two share no code and must agree; docs/interfaces.md ("Pack") lists what they can find.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from evidence.custody import EventType
from evidence.errors import IntegrityError
from evidence.ids import Digest
from evidence.packs import (
    CHECKPOINT,
    COSIGNED,
    COVER_SHEET,
    LOG_KEY,
    PACK,
    TAG_MANIFEST,
    WITNESSES,
    CheckedItem,
    Difference,
    DifferenceKind,
    PackVerdict,
    entry_path,
    most_telling,
    proof_path,
)
from evidence.ports import Report
from evidence.tlog import VerifierKey
from storage.pack_bag import LARGEST_TEXT_BYTES, PackFiles, check_bag
from storage.pack_ledger import LedgerPart, check_ledger
from storage.pack_stated import Stated, StatedItem, object_of, stated_by

Said = Mapping[str, object]
CAME = frozenset[str]({EventType.RECEIVED, EventType.SEEN_AGAIN})
LARGEST_PACK_BYTES = LARGEST_TEXT_BYTES


def _unheard(_share: float) -> None:
    """Let nobody know how far it is."""


def check_pack(root: Path, trusted: VerifierKey | str | None = None, report: Report = _unheard) -> PackVerdict:
    """Check a pack and return every difference; nothing that lies in it raises.

    Args:
        root: the pack's folder.
        trusted: the log's key as known from elsewhere, or its fingerprint (32 hex digits); None: the pack's own is
            used, and proves only itself.
        report: told the share of the pack's bytes that were read.
    """
    files = PackFiles(root, report)
    found = check_bag(files)
    stated = _stated(files)
    if stated is None:
        found.append(Difference(DifferenceKind.PACK_MALFORMED, PACK))
    ledger = check_ledger(files, stated, trusted, {one.path for one in found})
    found += ledger.differences
    if stated is not None:
        found += _Items(files, stated, ledger).differences()
    return _verdict(files, stated, ledger, most_telling(found, _owners(stated)), from_paper=trusted is not None)


def _stated(files: PackFiles) -> Stated | None:
    try:
        return stated_by(files.read(PACK, LARGEST_PACK_BYTES))
    except IntegrityError:
        return None


def _verdict(
    files: PackFiles, stated: Stated | None, ledger: LedgerPart, differences: list[Difference], *, from_paper: bool
) -> PackVerdict:
    head = ledger.checkpoint
    items = stated.items if stated else ()
    return PackVerdict(
        case_no=stated.case_no if stated else None,
        official_no=(stated.official_no or None) if stated else None,
        items=tuple(CheckedItem(one.number, Digest(one.sha256), one.path, tuple(_aspects(one))) for one in items),
        differences=tuple(differences),
        key=str(ledger.key or ""),
        from_paper=from_paper,
        origin=head.origin if head else "",
        size=head.size if head else None,
        root=head.root.hex() if head else "",
        witnessed=tuple(sorted(ledger.witnessed, key=lambda one: (one.witness, one.size, one.at))),
        proven=sum(said is not None for said in ledger.proven.values()),
        bag_sha256=files.digest(TAG_MANIFEST),
    )


def _aspects(item: StatedItem) -> Iterator[str]:
    """Yield what there is to check of an item."""
    yield from ("original" if item.path else "tombstone", "statement", "ledger")
    yield from (name for name, there in (("sidecar", item.sidecars), ("playable", item.playable)) if there)
    if item.links:
        yield "link"


def _owners(stated: Stated | None) -> dict[str, set[int]]:
    """Return path → numbers of the items a file belongs to."""
    owned: dict[str, set[int]] = {}
    for item in stated.items if stated else ():
        for path in _paths_of(item):
            owned.setdefault(path, set()).add(item.number)
    return owned


def _paths_of(item: StatedItem) -> Iterator[str]:
    if item.path is not None:
        yield item.path
    if item.playable is not None:
        yield from (item.playable.file.path, item.playable.about)
    yield from (one.path for one in item.sidecars)
    for number in item.entries:
        yield from (entry_path(number), proof_path(number))


@dataclass(frozen=True)
class _Items:
    """Compares what pack.json states with the files, and both with what the ledger recorded."""

    files: PackFiles
    stated: Stated
    ledger: LedgerPart

    def differences(self) -> Iterator[Difference]:
        yield from self._list()
        for item in self.stated.items:
            said = [one for _, one in self._about(item)]
            for check in (self._original, self._origin, self._sidecars, self._playable, self._links):
                yield from self._of(check, item, said)
        yield from self._decisions()

    def _of(
        self,
        check: Callable[[StatedItem, list[Said]], Iterator[tuple[DifferenceKind, str]]],
        item: StatedItem,
        said: list[Said],
    ) -> Iterator[Difference]:
        for kind, path in check(item, said):
            yield Difference(kind, path, (item.number,))

    def _about(self, item: StatedItem) -> list[tuple[int, Said]]:
        mine = set(item.entries)
        return [
            (number, said) for number, said in self.ledger.told if number in mine and said.get("subject") == item.sha256
        ]

    # --- the list ----------------------------------------------------------------------------------------------------

    def _list(self) -> Iterator[Difference]:
        for path, digest in self.stated.files.items():
            if self.files.digest(path) != digest:
                yield Difference(DifferenceKind.PACK_FILE, path)
        known = {
            *self.stated.files,
            PACK,
            LOG_KEY,
            CHECKPOINT,
            WITNESSES,
            f"{COVER_SHEET}.pdf",
            f"{COVER_SHEET}-en.pdf",
        }
        for number in self.ledger.proven:
            known |= {entry_path(number), proof_path(number)}
        for path in self.files.below("data"):
            if path not in known and not path.startswith(f"{COSIGNED}/"):
                yield Difference(DifferenceKind.PACK_EXTRA, path)
        if not self._is_recorded():
            yield Difference(DifferenceKind.PACK_UNRECORDED, PACK, tuple(item.number for item in self.stated.items))

    def _is_recorded(self) -> bool:
        """Whether an entry tells of the export of this very pack.json; where such an entry is damaged, that is said."""
        if not self.ledger.holds(self.ledger.proven.keys() - self.stated.numbers):
            return True
        digest = self.files.digest(PACK)
        return any(
            _word(said, "event") == EventType.EXPORTED and _detail(said).get("pack_sha256") == digest
            for _, said in self.ledger.told
        )

    # --- an item -----------------------------------------------------------------------------------------------------

    def _original(self, item: StatedItem, said: list[Said]) -> Iterator[tuple[DifferenceKind, str]]:
        if item.path is None:
            buried = any(_word(one, "event") == EventType.DISPOSED for one in said)
            if not buried and self.ledger.holds(item.entries):
                yield DifferenceKind.ITEM_TOMBSTONE, PACK
        elif self.files.size(item.path) is None:
            yield DifferenceKind.ITEM_MISSING, item.path
        elif (self.files.size(item.path), self.files.digest(item.path)) != (item.size_bytes, item.sha256):
            yield DifferenceKind.ITEM_ORIGINAL, item.path

    def _origin(self, item: StatedItem, said: list[Said]) -> Iterator[tuple[DifferenceKind, str]]:
        if not self.ledger.holds(item.entries):
            return
        stated = {"size_bytes": item.size_bytes, "source_path": item.source_path, "station": item.station}
        came = [_detail(one) for one in said if _word(one, "event") in CAME]
        events = {_word(one, "event") for one in said}
        if not (
            EventType.RECEIVED in events
            and EventType.SEALED in events
            and any({name: one.get(name) for name in stated} == stated for one in came)
        ):
            yield DifferenceKind.ITEM_ENTRY, PACK

    def _sidecars(self, item: StatedItem, said: list[Said]) -> Iterator[tuple[DifferenceKind, str]]:
        named = {_word(_detail(one), "sidecar") for one in said if _word(one, "event") in CAME} - {""}
        for file in item.sidecars:
            is_named = not named or file.sha256 in named
            if not (is_named and self.files.digest(file.path) == file.sha256 and self._tells_of(file.path, item)):
                yield DifferenceKind.ITEM_SIDECAR, file.path
        if not named <= {file.sha256 for file in item.sidecars}:
            yield DifferenceKind.ITEM_SIDECAR, PACK

    def _tells_of(self, path: str, item: StatedItem) -> bool:
        body = self._object(path)
        size_bytes = body.get("size_bytes")
        return body.get("sha256") == item.sha256 and type(size_bytes) is int and size_bytes == item.size_bytes

    def _playable(self, item: StatedItem, said: list[Said]) -> Iterator[tuple[DifferenceKind, str]]:
        if item.playable is None:
            return
        copy, about = item.playable.file, self._object(item.playable.about)
        recorded = [_detail(one).get("derivatives") for one in said if _word(one, "event") == EventType.DERIVED]
        is_recorded = any(isinstance(one, Mapping) and copy.sha256 in one.values() for one in recorded)
        if self.files.digest(copy.path) != copy.sha256 or (self.ledger.holds(item.entries) and not is_recorded):
            yield DifferenceKind.ITEM_PLAYABLE, copy.path
        if about.get("sha256") != copy.sha256 or about.get("parent") != item.sha256:
            yield DifferenceKind.ITEM_PLAYABLE, item.playable.about

    def _links(self, item: StatedItem, said: list[Said]) -> Iterator[tuple[DifferenceKind, str]]:
        standing: dict[tuple[str, str], bool] = {}
        for one in said:
            if _word(one, "event") in {EventType.LINKED, EventType.DECIDED}:
                detail = _detail(one)
                word = _word(detail, "action") or _word(detail, "decision")
                if word in {"link", "unlink"}:
                    standing[_word(detail, "case_no"), _word(detail, "step_no")] = word == "link"
        if self.ledger.holds(item.entries) and not all(standing.get(link) for link in item.links):
            yield DifferenceKind.ITEM_LINK, PACK

    # --- decisions ---------------------------------------------------------------------------------------------------

    def _decisions(self) -> Iterator[Difference]:
        told = dict(self.ledger.told)
        for number, file in self.stated.decisions:
            said = told.get(number)
            named = _word(_detail(said or {}), "record") or file.sha256
            is_decision = said is None or _word(said, "event") == EventType.DECIDED
            if not is_decision or {named, self.files.digest(file.path)} != {file.sha256}:
                yield Difference(DifferenceKind.RECORD_DECISION, file.path)

    def _object(self, path: str) -> Said:
        try:
            return object_of(self.files.read(path))
        except IntegrityError:
            return {}


def _detail(said: Said) -> Said:
    detail = said.get("detail")
    return detail if isinstance(detail, Mapping) else {}


def _word(said: Said, name: str) -> str:
    """Return a text that an entry carries, empty when it carries none under that name."""
    value = said.get(name)
    return value if isinstance(value, str) else ""
