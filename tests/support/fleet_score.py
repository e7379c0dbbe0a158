"""How right a judgement over a generated fleet is: counted, summed over fleets, held against the truth.

A judgement is scored by what it states, however it came to it: verdict, start with uncertainty, and the bounds of the
true start.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from math import inf, isfinite
from statistics import median

from evidence.ids import Digest
from tests.support.fleet_nouns import Fleet, FleetClip, PlantedReset, PlantedShift, Scope, Side

ADJUSTED = "adjusted"
BELIEVED = frozenset({"trusted", ADJUSTED})
UNKNOWN = "unknown"

SLACK_S = 1.0
"""A believed start this far beyond its uncertainty is not called wrong, in seconds."""

HARMLESS_S = 5.0
"""Nor is one this close to the truth."""

SAME_SHIFT_S = 180.0
"""A proposal this close to a planted shift is that shift: drift and rounding come on top."""

SOUND = "sound"
"""Name of the files without a fault."""


@dataclass(frozen=True)
class Outcome:
    """What is stated of one clip; ``earliest`` and ``latest`` bound the true start, None where nothing does.

    ``moved_s``: what was taken off what its camera's clock showed.
    """

    verdict: str
    start: datetime | None
    uncertainty_s: float | None
    earliest: datetime | None
    latest: datetime | None
    moved_s: float = inf

    def holds(self, truth: datetime) -> bool:
        """Whether the true start is in the bounds; no bounds at all hold only where nothing is claimed to be known."""
        if self.earliest is None and self.latest is None:
            return self.verdict == UNKNOWN
        return (self.earliest is None or self.earliest <= truth) and (self.latest is None or truth <= self.latest)

    @property
    def width_s(self) -> float:
        """Distance between the bounds, infinite when one is missing."""
        return inf if self.earliest is None or self.latest is None else (self.latest - self.earliest).total_seconds()

    def is_wrong(self, truth: datetime) -> bool:
        """Whether a start is believed that is not the true one, by more than is admitted."""
        if self.verdict not in BELIEVED or self.start is None:
            return False
        apart_s = abs((self.start - truth).total_seconds())
        return apart_s > HARMLESS_S and apart_s > (self.uncertainty_s or 0.0) + SLACK_S


@dataclass(frozen=True)
class NamedReset:
    """A reset that a judgement names between two files."""

    before: Digest | None
    after: Digest | None


@dataclass(frozen=True)
class NamedShift:
    """A shift that is proposed: camera's clock minus real time (or minus the steps'), in seconds."""

    scope: str
    target: str
    shift_s: float
    clips: frozenset[Digest]


@dataclass
class Group:
    """The score of some clips."""

    clips: int = 0
    inside: int = 0
    unbounded: int = 0
    wrong: int = 0
    moved_wrong: int = 0
    verdicts: Counter[str] = field(default_factory=Counter)
    widths_s: list[float] = field(default_factory=list)

    def add(self, clip: FleetClip, outcome: Outcome) -> None:
        """Count one clip."""
        self.clips += 1
        self.inside += outcome.holds(clip.true_start)
        self.unbounded += outcome.earliest is None and outcome.latest is None
        is_wrong = outcome.is_wrong(clip.true_start)
        self.wrong += is_wrong
        self.moved_wrong += is_wrong and outcome.verdict == ADJUSTED and abs(outcome.moved_s) > HARMLESS_S
        self.verdicts[outcome.verdict] += 1
        self.widths_s.append(outcome.width_s)

    def join(self, other: "Group") -> None:
        """Add the score of other clips."""
        self.clips += other.clips
        self.inside += other.inside
        self.unbounded += other.unbounded
        self.wrong += other.wrong
        self.moved_wrong += other.moved_wrong
        self.verdicts += other.verdicts
        self.widths_s += other.widths_s

    @property
    def inside_share(self) -> float:
        """Share of clips whose true start lies in the bounds; 0 of none."""
        return self.inside / self.clips if self.clips else 0.0

    @property
    def believed_share(self) -> float:
        """Share of clips that are trusted or adjusted."""
        return sum(self.verdicts[verdict] for verdict in BELIEVED) / self.clips if self.clips else 0.0

    @property
    def median_width_s(self) -> float:
        """Median distance of the bounds; infinite of none."""
        return median(self.widths_s) if self.widths_s else inf


@dataclass
class Score:
    """The score of whole fleets.

    Attributes:
        unwitnessed: clips whose fault nothing speaks of that a camera's judgement is given.
        by_fault: clips by what ails them.
        resets, resets_right, resets_undecidable: planted ones.
        resets_untrue: named between two files where the clock ran on.
        shifts, shifts_proposed: systematic ones; ``hands``: clocks set wrong by hand until the next dock.
        missed: what was planted and not found, for a person to look at.
    """

    every: Group = field(default_factory=Group)
    daily: Group = field(default_factory=Group)
    unwitnessed: Group = field(default_factory=Group)
    by_fault: dict[str, Group] = field(default_factory=lambda: defaultdict(Group))
    resets: int = 0
    resets_right: int = 0
    resets_undecidable: int = 0
    resets_untrue: int = 0
    shifts: int = 0
    shifts_proposed: int = 0
    hands: int = 0
    hands_proposed: int = 0
    proposals_unplanted: int = 0
    missed: list[str] = field(default_factory=list)

    def join(self, other: "Score") -> None:
        """Add the score of another fleet."""
        self.every.join(other.every)
        self.daily.join(other.daily)
        self.unwitnessed.join(other.unwitnessed)
        for fault, group in other.by_fault.items():
            self.by_fault[fault].join(group)
        for name in COUNTS:
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.missed += other.missed

    @property
    def witnessed_inside_share(self) -> float:
        """Share of clips whose true start lies in the bounds, of those that something speaks of."""
        clips = self.every.clips - self.unwitnessed.clips
        return (self.every.inside - self.unwitnessed.inside) / clips if clips else 0.0

    @property
    def wrong_corrections(self) -> int:
        """Clips believed at a wrong time, except those a machine left alone and could know nothing against.

        Moved by no more than `HARMLESS_S` is left alone: what is wrong with such a clip is not what was taken off.
        """
        return self.every.wrong - self.unwitnessed.wrong + self.unwitnessed.moved_wrong


COUNTS = (
    *("resets", "resets_right", "resets_undecidable", "resets_untrue"),
    *("shifts", "shifts_proposed", "hands", "hands_proposed", "proposals_unplanted"),
)


def score(
    fleet: Fleet, outcomes: Mapping[Digest, Outcome], resets: Iterable[NamedReset], proposals: Sequence[NamedShift]
) -> Score:
    """Hold what is stated of a fleet against its truth; a clip of which nothing is stated is an error."""
    total = Score()
    for clip in fleet.clips:
        outcome = outcomes[clip.digest]
        total.every.add(clip, outcome)
        total.by_fault[clip.fault or SOUND].add(clip, outcome)
        if clip.docked_daily:
            total.daily.add(clip, outcome)
        if not clip.witnessed:
            total.unwitnessed.add(clip, outcome)
    _score_resets(total, fleet, outcomes, set(resets))
    _score_shifts(total, fleet, proposals)
    return total


def _score_resets(total: Score, fleet: Fleet, outcomes: Mapping[Digest, Outcome], named: set[NamedReset]) -> None:
    truth = {clip.digest: clip.true_start for clip in fleet.clips}
    for reset in fleet.resets:
        if not reset.decidable:
            total.resets_undecidable += 1
            continue
        is_right = NamedReset(reset.before, reset.after) in named
        is_right = is_right and not any(outcomes[digest].is_wrong(truth[digest]) for digest in reset.clips)
        total.resets += 1
        total.resets_right += is_right
        if not is_right:
            total.missed.append(_told_reset(reset))
    true = {NamedReset(jump.before, jump.after) for jump in fleet.jumps}
    total.resets_untrue += len(named - true)


def _told_reset(reset: PlantedReset) -> str:
    return f"reset ({reset.fault}) of {reset.device_id} at {reset.happened_at:%Y-%m-%d %H:%M:%S}Z"


def _score_shifts(total: Score, fleet: Fleet, proposals: Sequence[NamedShift]) -> None:
    explained: set[int] = set()
    for shift in fleet.shifts:
        hits = {number for number, proposal in enumerate(proposals) if is_proposed(shift, proposal)}
        explained |= hits
        if not shift.systematic:
            total.hands += 1
            total.hands_proposed += bool(hits)
            continue
        total.shifts += 1
        total.shifts_proposed += bool(hits)
        if not hits:
            total.missed.append(f"shift ({shift.fault or 'clerks'}) of {shift.target}: {shift.shift_s:+.0f} s")
    total.proposals_unplanted += len(proposals) - len(explained)


def is_proposed(shift: PlantedShift, proposal: NamedShift) -> bool:
    """Whether a proposal is a planted shift; clerks behind by two hours make cameras look two hours ahead."""
    seen_s = -shift.shift_s if shift.side is Side.STEPS else shift.shift_s
    same = proposal.scope == shift.scope and proposal.target == shift.target
    same = same or (shift.scope is Scope.DEVICE and proposal.scope == Scope.CLIP and proposal.target in shift.clips)
    return same and abs(proposal.shift_s - seen_s) <= SAME_SHIFT_S and not proposal.clips.isdisjoint(shift.clips)


def finite(value: float) -> float | str:
    """Return a rounded number, or a word where there is none that JSON knows."""
    return round(value, 4) if isfinite(value) else "unbounded"
