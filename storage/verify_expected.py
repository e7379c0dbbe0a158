"""What the ledger says must lie in the vault: originals, their locks, records, derivatives.

Entries of version 1 name no records: what they tell must stand in a sidecar, and a decision or an imported file must
give the digest in its own name.

Source: docs/ledger-format.md, section "An entry".
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from evidence import sidecars
from evidence.errors import IntegrityError
from storage.verify_entries import Body, Told

SIDECAR = re.compile(r"sidecars/([0-9a-f]{64})\.([^/]{1,16})\.json")
DECISION = re.compile(r"decisions/([0-9]{12,})\.([0-9a-f]{16})\.json")
IMPORT = re.compile(r"imports/([0-9a-f]{64})\.([a-z_]+)(?:\.[^/]*)?")
_DIGEST = re.compile(r"[0-9a-f]{64}")
_MILLISECONDS = len("2026-03-02T04:00:00.123")


class Original(NamedTuple):
    """An original that must be there. ``number``: of the newest entry that says that it came."""

    size_bytes: int
    number: int


class Sighting(NamedTuple):
    """What an entry of version 1 tells of a file that came; its time is cut to milliseconds."""

    digest: str
    station: str
    source_path: str
    size_bytes: int
    received_at: str


class Made(NamedTuple):
    """A derivative: of which original, and its size where the entry tells it."""

    parent: str
    size_bytes: int | None


@dataclass
class Expected:
    """What must be there; `take` each entry in order.

    Attributes:
        originals: by digest. gone: digest → number of the entry that disposed of it.
        kept_until: digest → the end the newest policy assignment names; empty when it names none.
        records: path below ``records/`` → digest.
        old_sightings, old_digests, old_decisions, old_imports: what entries of version 1 tell: sightings by how many,
            of which originals, numbers of entries, and ``<digest>.<noun>``.
        derivatives: digest → what it is, of the newest derivation of each original. older: digests of all before.
        set_aside: names below ``damaged/``.
    """

    originals: dict[str, Original] = field(default_factory=dict)
    gone: dict[str, int] = field(default_factory=dict)
    kept_until: dict[str, str] = field(default_factory=dict)
    records: dict[str, str] = field(default_factory=dict)
    old_sightings: Counter[Sighting] = field(default_factory=Counter)
    old_digests: set[str] = field(default_factory=set)
    old_decisions: set[int] = field(default_factory=set)
    old_imports: set[str] = field(default_factory=set)
    derivatives: dict[str, Made] = field(default_factory=dict)
    older: set[str] = field(default_factory=set)
    set_aside: set[str] = field(default_factory=set)
    _made_of: dict[str, tuple[str, ...]] = field(default_factory=lambda: defaultdict(tuple))

    def take(self, told: Told) -> None:
        """Take in what an entry tells."""
        match told.event:
            case "ingestion" | "appraisal":
                self._came(told)
            case "deletion":
                self._disposed(told)
            case "policy assignment":
                self._retained(told)
            case "decision":
                self._decided(told)
            case "accession":
                self._imported(told)
            case "normalization":
                self._derived(told)
            case "recovery":
                self.set_aside.add(str(told.detail.get("kept", "")))

    @property
    def size_bytes(self) -> int:
        """Size of all originals and, where known, of their derivatives."""
        made = sum(one.size_bytes or 0 for one in self.derivatives.values())
        return made + sum(one.size_bytes for one in self.originals.values())

    def _came(self, told: Told) -> None:
        detail, digest = told.detail, told.subject
        size_bytes = detail.get("size_bytes")
        if not _DIGEST.fullmatch(digest) or not isinstance(size_bytes, int):
            return
        self.originals[digest] = Original(size_bytes, told.number)
        self.gone.pop(digest, None)
        sidecar, key = detail.get("sidecar"), detail.get("pickup_key")
        if isinstance(sidecar, str) and isinstance(key, str) and sidecar:
            self.records[f"sidecars/{digest}.{key[:16]}.json"] = sidecar
        else:
            station, path = str(detail.get("station", "")), str(detail.get("source_path", ""))
            self.old_sightings[Sighting(digest, station, path, size_bytes, _milliseconds(told.at))] += 1
            self.old_digests.add(digest)

    def _disposed(self, told: Told) -> None:
        if self.originals.pop(told.subject, None):
            self.gone[told.subject] = told.number
            self.kept_until.pop(told.subject, None)
            for digest in self._made_of.pop(told.subject, ()):
                self._retire(digest, told.subject)

    def _retained(self, told: Told) -> None:
        self.kept_until[told.subject] = str(told.detail.get("until") or told.detail.get("floor") or "")

    def _decided(self, told: Told) -> None:
        record = told.detail.get("record")
        if isinstance(record, str) and record:
            self.records[f"decisions/{told.number:012}.{record[:16]}.json"] = record
        elif told.version == 1:
            self.old_decisions.add(told.number)

    def _imported(self, told: Told) -> None:
        detail, noun = told.detail, str(told.detail.get("noun", ""))
        name, rows = detail.get("name"), detail.get("rows_record")
        if isinstance(name, str) and name:
            self.records[f"imports/{name}"] = told.subject
        else:
            self.old_imports.add(f"{told.subject}.{noun}")
        if isinstance(rows, str) and rows:
            self.records[f"imports/{rows}.{noun}_rows.json"] = rows

    def _derived(self, told: Told) -> None:
        made = told.detail.get("derivatives")
        if not isinstance(made, Mapping):
            return
        sizes = _sizes(told.detail)
        digests = tuple(str(digest) for digest in made.values())
        for digest in self._made_of[told.subject]:
            self._retire(digest, told.subject)
        self._made_of[told.subject] = digests
        for digest in digests:
            self.derivatives[digest] = Made(told.subject, sizes.get(digest))

    def _retire(self, digest: str, parent: str) -> None:
        """Let a derivative be an older one, unless another original still stands on the same bytes."""
        if digest in self.derivatives and self.derivatives[digest].parent == parent:
            del self.derivatives[digest]
        self.older.add(digest)


def sighting_in(path: str, body: bytes) -> Sighting | None:
    """Return what a sidecar tells, as an entry of version 1 would; None when it is none of that name."""
    try:
        seen = sidecars.from_bytes(path.rpartition("/")[2], body).sighting
    except IntegrityError:
        return None
    readable = seen.source_path.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    at = seen.received_at.isoformat(timespec="milliseconds")
    return Sighting(seen.digest, seen.station, readable, seen.size_bytes, _milliseconds(at))


def _milliseconds(at: str) -> str:
    """Return a time in UTC cut to milliseconds, in one way of writing."""
    text = at.replace("+00:00", "").removesuffix("Z")
    whole, _, fraction = text.partition(".")
    return f"{whole}.{fraction.ljust(3, '0')[:3]}"


def _sizes(detail: Body) -> dict[str, int]:
    return {str(one["digest"]): one["size_bytes"] for one in _listed(detail) if isinstance(one.get("size_bytes"), int)}


def _listed(detail: Body) -> Iterator[Mapping[str, int]]:
    derivation = detail.get("derivation")
    listed = derivation.get("derivatives") if isinstance(derivation, Mapping) else None
    for one in listed if isinstance(listed, list) else ():
        if isinstance(one, Mapping) and "digest" in one:
            yield one
