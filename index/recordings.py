"""Which clips are one recording: kept in an indexed column, brought up to date around every clip that was judged.

``clip.recording`` holds the digest of the first part, and nothing where a clip stands alone. It is a function of the
judged times and counters of one camera's files (`evidence.recordings`), so it does not depend on what came first.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from evidence.clips import ClipState, Kind
from evidence.ids import Digest
from evidence.recordings import CONTINUED, GAP_S, LONGEST_S, Part, PartView, place_in, reach_of, recordings, takes_part
from evidence.spans import Span
from index import facts, schema
from index.batches import batched

NEAR_S = LONGEST_S + 4 * 3600
"""How far around a clip is looked at first, in seconds; twice as far where a recording goes on there."""

WHOLE_CAMERA = 60
"""From so many places on one camera on, all its files are looked at instead of what lies around each."""

ByKind = Mapping[Kind, Sequence[Part]]
"""The files of a camera by form: sound alone is another recording than the pictures beside it."""


@dataclass
class Regrouper:
    """Puts recordings together in one transaction. ``gap_s``: the longest break within one, in seconds."""

    session: Session
    gap_s: float = GAP_S
    _digests: set[str] = field(default_factory=set)
    _places: dict[str, list[Span]] = field(default_factory=lambda: defaultdict(list))

    def note(self, digest: str, device_id: str | None, span: Span | None) -> None:
        """Remember where a clip lies, or lay, among the files of a camera."""
        self._digests.add(digest)
        if device_id is not None and span is not None:
            self._places[device_id].append(span)

    def regroup(self) -> None:
        """Bring the recordings around all remembered places up to date."""
        self.session.flush()
        placed: set[str] = set()
        for device_id, spans in sorted(self._places.items()):
            if len(spans) > WHOLE_CAMERA:
                placed |= self._keep(self._together(self._parts(device_id, None)))
            else:
                placed |= self._around(device_id, spans)
        self._write(dict.fromkeys(self._digests - placed))
        self.session.flush()
        self._digests.clear()
        self._places.clear()

    def whole_camera(self, device_id: str) -> None:
        """Bring all recordings of a camera up to date."""
        self.session.flush()
        self._keep(self._together(self._parts(device_id, None)))
        self.session.flush()

    def _around(self, device_id: str, spans: Iterable[Span]) -> set[str]:
        placed: set[str] = set()
        done: list[Span] = []
        for span in sorted(set(spans)):
            if not any(whole.start <= span.start and span.end <= whole.end for whole in done):
                near = self._touching(device_id, span)
                done += [run for parts in near.values() for run in runs_at(parts, span, self.gap_s)]
                placed |= self._keep(self._together(near))
        return placed

    def _touching(self, device_id: str, span: Span) -> ByKind:
        """Return the files of the recordings that lie at a stretch, each recording whole."""
        near_s = NEAR_S
        while True:
            near = span.widened(near_s, near_s)
            loaded = self._parts(device_id, near)
            runs = {kind: runs_at(parts, span, self.gap_s) for kind, parts in loaded.items()}
            reaches = [reach_of(run, self.gap_s) for mine in runs.values() for run in mine]
            if all(near.start <= reach.start and reach.end <= near.end for reach in reaches):
                return {
                    kind: [one for one in parts if any(one.span.overlaps(run) for run in runs[kind])]
                    for kind, parts in loaded.items()
                }
            near_s *= 2

    def _parts(self, device_id: str, begun: Span | None) -> ByKind:
        clip = schema.Clip
        mine = (clip.device_id == device_id, clip.kind.in_(sorted(CONTINUED)), clip.state != ClipState.SEALED)
        wanted = sa.select(clip.kind, *PLACED).where(*mine, clip.filed.is_(False))
        if begun is not None:
            wanted = wanted.where(clip.span_start >= begun.start, clip.span_start <= begun.end)
        found: dict[Kind, list[Part]] = defaultdict(list)
        for kind, digest, start, end, sequence in self.session.execute(wanted):
            if start is not None and end is not None and takes_part(Span(start, end)):
                found[kind].append(Part(Digest(digest), Span(start, end), sequence))
        return found

    def _together(self, files: ByKind) -> list[tuple[Part, ...]]:
        return [one for parts in files.values() for one in recordings(parts, self.gap_s)]

    def _keep(self, found: Iterable[Sequence[Part]]) -> set[str]:
        """Write which recording each part is of; return the parts."""
        wanted = {str(one.digest): str(parts[0].digest) if len(parts) > 1 else None for parts in found for one in parts}
        self._write(wanted)
        return set(wanted)

    def _write(self, wanted: Mapping[str, str | None]) -> None:
        """Write the recordings of clips where the register says otherwise."""
        clip = schema.Clip
        for some in batched(sorted(wanted)):
            kept = self.session.execute(sa.select(clip.digest, clip.recording).where(clip.digest.in_(some)))
            changed = [digest for digest, recording in kept if recording != wanted[digest]]
            for row in facts.clip_rows(self.session, changed):
                row.recording = wanted[row.digest]


PLACED = (schema.Clip.digest, schema.Clip.span_start, schema.Clip.span_end, schema.Clip.sequence)


def hull_of(parts: Sequence[Part]) -> Span:
    """Return the stretch of a recording."""
    return Span(min(one.span.start for one in parts), max(one.span.end for one in parts))


def runs_at(parts: Iterable[Part], span: Span, gap_s: float) -> list[Span]:
    """Return the unbroken stretches of footage that touch a stretch, or come as near as a break may be long."""
    hulls = [hull_of(one) for one in recordings([Part(p.digest, p.span) for p in parts], gap_s)]
    wide = Span(span.start - timedelta(seconds=gap_s), span.end + timedelta(seconds=gap_s))
    return [hull for hull in hulls if hull.overlaps(wide)]


def places_of(session: Session, clips: Collection[schema.Clip]) -> Mapping[str, PartView]:
    """Return the place of each clip in its recording; of those that stand alone nothing."""
    mine = {clip.digest: clip.recording for clip in clips if clip.recording is not None}
    together: dict[str, list[Part]] = defaultdict(list)
    clip = schema.Clip
    for some in batched(sorted(set(mine.values()))):
        wanted = sa.select(clip.recording, *PLACED).where(clip.recording.in_(some))
        for recording, digest, start, end, sequence in session.execute(wanted):
            if start is not None and end is not None:
                together[str(recording)].append(Part(Digest(digest), Span(start, end), sequence))
    found = {digest: place_in(Digest(digest), together[recording]) for digest, recording in mine.items()}
    return {digest: place for digest, place in found.items() if place is not None}


def parts_of(session: Session, digest: str) -> tuple[Digest, ...]:
    """Return all parts of the recording that a clip is of, in order; the clip alone where it stands alone."""
    place = places_of(session, facts.clip_rows(session, {digest})).get(digest)
    return place.digests if place else (Digest(digest),)
