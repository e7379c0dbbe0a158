"""Retention, holds and disposals as people and programs see them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from evidence.disposal import Disposal
from evidence.holds import Hold
from evidence.ids import Digest, StationId
from evidence.notes import Note
from evidence.ports import Lock
from evidence.retention import Endless, Retention
from evidence.schedules import RetentionClass, Schedule
from evidence.views import Words
from evidence.zones import to_utc_iso


@dataclass(frozen=True)
class KeptView:
    """An original with its promise, its holds, and what the vault last said.

    Attributes:
        promise: None when nothing was promised yet. holds: ids of those that cover it.
        lock: None when the vault was not asked yet. trouble: what it said instead of doing as asked.
        disposed_at: it is gone since then.
    """

    digest: Digest
    size_bytes: int
    received_at: datetime
    station: StationId
    source_path: str
    promise: Retention | None
    holds: tuple[str, ...]
    lock: Lock | None
    trouble: str
    disposed_at: datetime | None


@dataclass(frozen=True)
class ClassView:
    """How many originals a class of the schedule keeps. ``next_until``: the next end among them, None without one."""

    schedule_class: str
    endless: Endless | None
    clips: int
    size_bytes: int
    next_until: datetime | None


@dataclass(frozen=True)
class KeptDifference:
    """Something about an original that is not as it should be. ``what``: a sentence with the cure."""

    digest: Digest
    kind: str
    what: Note


def kept_json(view: KeptView, words: Words) -> dict[str, object]:
    """Return the documented JSON of an original's retention."""
    promise, lock = view.promise, view.lock
    return {
        "sha256": view.digest,
        "size_bytes": view.size_bytes,
        "received_at": to_utc_iso(view.received_at),
        "station": view.station,
        "source_path": view.source_path,
        "until": _iso(promise.until) if promise else None,
        "floor": _iso(promise.floor) if promise else None,
        "endless": promise.endless.value if promise and promise.endless else None,
        "schedule_class": promise.schedule_class if promise else None,
        "rule_version": promise.rule_version if promise else None,
        "cases": sorted(promise.cases) if promise else [],
        "why": words(promise.why) if promise else None,
        "holds": list(view.holds),
        "locked_until": _iso(lock.until) if lock else None,
        "held": lock.held if lock else None,
        "trouble": view.trouble or None,
        "disposed_at": _iso(view.disposed_at),
    }


def schedule_json(schedule: Schedule) -> dict[str, object]:
    """Return the documented JSON of a schedule."""
    return {
        "schedule_id": schedule.schedule_id,
        "version": schedule.version,
        "names": dict(schedule.names),
        "classes": [class_json(one) for one in schedule.classes.values()],
    }


def class_json(one: RetentionClass) -> dict[str, object]:
    """Return the documented JSON of a class of a schedule."""
    return {
        "schedule_class": one.code,
        "names": dict(one.names),
        "words": dict(one.words),
        "months": one.months,
        "runs_from": one.runs_from.value,
        "basis": one.basis,
        "set_by": one.set_by,
        "policy": one.policy,
        "valid_from": one.valid_from.isoformat(),
    }


def class_view_json(view: ClassView) -> dict[str, object]:
    """Return the documented JSON of what a class keeps."""
    return {
        "schedule_class": view.schedule_class,
        "endless": view.endless.value if view.endless else None,
        "clips": view.clips,
        "size_bytes": view.size_bytes,
        "next_until": _iso(view.next_until),
    }


def difference_json(one: KeptDifference, words: Words) -> dict[str, object]:
    """Return the documented JSON of a difference."""
    return {"sha256": one.digest, "kind": one.kind, "what": words(one.what)}


def hold_json(hold: Hold) -> dict[str, object]:
    """Return the documented JSON of a hold."""
    return {
        "hold_id": hold.hold_id,
        "scope": hold.scope.value,
        "target": hold.target,
        "reason": hold.reason,
        "set_by": hold.set_by,
        "set_at": to_utc_iso(hold.set_at),
        "lifted_by": hold.lifted_by,
        "lifted_at": _iso(hold.lifted_at),
        "lift_reason": hold.lift_reason,
    }


def disposal_json(disposal: Disposal, words: Words) -> dict[str, object]:
    """Return the documented JSON of a disposal."""
    return {
        "disposal_id": disposal.disposal_id,
        "state": disposal.state.value,
        "digests": list(disposal.digests),
        "rule": disposal.rule,
        "reason": disposal.reason,
        "proposed_by": disposal.proposed_by,
        "proposed_at": to_utc_iso(disposal.proposed_at),
        "first_by": disposal.first_by,
        "first_at": _iso(disposal.first_at),
        "first_reason": disposal.first_reason,
        "second_by": disposal.second_by,
        "second_at": _iso(disposal.second_at),
        "second_reason": disposal.second_reason,
        "executed_at": _iso(disposal.executed_at),
        "refused_by": disposal.refused_by,
        "refused_at": _iso(disposal.refused_at),
        "refuse_reason": disposal.refuse_reason,
        "spared": [{"sha256": digest, "kept_by": _said(kept, words)} for digest, kept in _sorted(disposal.spared)],
    }


def _said(kept: tuple[Note, ...], words: Words) -> list[str]:
    return [words(one) for one in kept]


def _sorted(spared: Mapping[Digest, tuple[Note, ...]]) -> list[tuple[Digest, tuple[Note, ...]]]:
    return sorted(spared.items(), key=lambda pair: pair[0])


def _iso(moment: datetime | None) -> str | None:
    return to_utc_iso(moment) if moment is not None else None
