"""JSON of stations, waiting files, the ledger and the state of the house; that of the nouns is in the core's views."""

from collections.abc import Mapping, Sequence

from dashboard.clock_words import clock_json
from dashboard.web.services import Disk, Progress
from evidence.custody import LedgerEntry
from evidence.timekeeping import ClockHealth
from evidence.views import (
    PickupView,
    StationView,
    Totals,
    Words,
)
from evidence.zones import to_utc_iso


def station_json(view: StationView) -> dict[str, object]:
    """Return the JSON of a docking station."""
    return {
        "station": view.station,
        "files": view.files,
        "size_bytes": view.size_bytes,
        "waiting": view.waiting,
        "failed": view.failed,
        "last_received_at": to_utc_iso(view.last_received_at) if view.last_received_at else None,
    }


def pickup_json(view: PickupView, words: Words) -> dict[str, object]:
    """Return the JSON of a watched file that is not sealed yet."""
    return {
        "station": view.station,
        "source_path": view.source_path,
        "size_bytes": view.size_bytes,
        "state": view.state,
        "reason": words(view.reason) if view.reason else None,
        "changed_at": to_utc_iso(view.changed_at),
    }


def progress_json(progress: Progress) -> dict[str, object]:
    """Return the JSON of a file under way."""
    return {
        "key": progress.key,
        "station": progress.station,
        "source_path": progress.source_path,
        "sha256": progress.digest,
        "stage": progress.stage,
        "share": round(progress.share, 4),
        "since": to_utc_iso(progress.since),
    }


def totals_json(totals: Totals) -> dict[str, object]:
    """Return the JSON of the figures of the whole house."""
    return {
        "clips": totals.clips,
        "size_bytes": totals.size_bytes,
        "by_state": _plain(totals.by_state),
        "by_kind": _plain(totals.by_kind),
        "failed": totals.failed,
        "pickups_waiting": totals.pickups_waiting,
        "pickups_failed": totals.pickups_failed,
        "cases": totals.cases,
        "steps": totals.steps,
        "open_findings": _plain(totals.open_findings),
        "ledger_entries": totals.ledger_entries,
    }


def status_json(
    totals: Totals, stations: Sequence[StationView], progress: Sequence[Progress], disk: Disk, clock: ClockHealth
) -> dict[str, object]:
    """Return the JSON of ``evidock status``."""
    return {
        **totals_json(totals),
        "disk": {"total_bytes": disk.total_bytes, "free_bytes": disk.free_bytes},
        "clock": clock_json(clock),
        "stations": [station_json(station) for station in stations],
        "under_way": [progress_json(item) for item in progress],
    }


def ledger_json(entry: LedgerEntry) -> dict[str, object]:
    """Return a ledger entry with its canonical text, so that a reader can check the hash of its leaf."""
    return {
        "number": entry.number,
        "leaf_hash": entry.leaf.hex(),
        "canonical": entry.canonical.decode(),
    }


def _plain(counts: Mapping[str, int]) -> dict[str, int]:
    return {str(name): count for name, count in counts.items()}
