"""Scoring a judgement over a fleet: one that knows the truth passes every bar, and each kind of mistake is seen."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from functools import cache
from math import inf

import pytest

from evidence.ids import Digest
from tests.bench.clock import figures_of
from tests.support.fleet import make_fleet
from tests.support.fleet_nouns import Fault, Fleet, FleetClip, Side
from tests.support.fleet_score import NamedReset, NamedShift, Outcome, Score, score

MINUTE = timedelta(minutes=1)
HALF = timedelta(seconds=2)
Outcomes = Mapping[Digest, Outcome]


@cache
def fleet() -> Fleet:
    """Return a small fleet with every kind of station."""
    return make_fleet(3, cameras=20, days=14)


def knows(clip: FleetClip) -> Outcome:
    """Return what somebody states who was there, and admits two seconds."""
    return Outcome("trusted", clip.true_start + HALF, 2.0, clip.true_start - HALF, clip.true_start + HALF)


def knows_nothing(_clip: FleetClip) -> Outcome:
    """Return what somebody states who says that he does not know."""
    return Outcome("unknown", None, None, None, None)


def says_nothing(_clip: FleetClip) -> Outcome:
    """Return what somebody states who believes, and does not say what."""
    return Outcome("trusted", None, None, None, None)


def true_resets() -> list[NamedReset]:
    """Return the resets that happened."""
    return [NamedReset(reset.before, reset.after) for reset in fleet().resets]


def true_proposals() -> list[NamedShift]:
    """Return the shifts that are there; clerks two hours behind make cameras look two hours ahead."""
    return [
        NamedShift(
            shift.scope,
            shift.target,
            -shift.shift_s if shift.side is Side.STEPS else shift.shift_s,
            frozenset(shift.clips),
        )
        for shift in fleet().shifts
    ]


def scored(
    tell: Callable[[FleetClip], Outcome] = knows,
    resets: list[NamedReset] | None = None,
    proposals: list[NamedShift] | None = None,
) -> Score:
    """Score a judgement of the small fleet; what is not given is the truth."""
    outcomes: Outcomes = {clip.digest: tell(clip) for clip in fleet().clips}
    named = true_resets() if resets is None else resets
    return score(fleet(), outcomes, named, true_proposals() if proposals is None else proposals)


def missed(total: Score) -> set[str]:
    """Return the figures that miss their bar."""
    return {name for name, figure in figures_of(total).items() if not figure["ok"]}


def test_the_truth_passes_every_bar() -> None:
    """A judgement that states what happened misses nothing, and names nothing that did not happen."""
    total = scored()
    assert missed(total) == set()
    assert total.missed == []
    assert (total.resets_untrue, total.proposals_unplanted) == (0, 0)
    assert total.daily.median_width_s == 4.0
    assert total.resets > 0
    assert total.shifts > 0


def test_a_start_outside_its_bounds_is_seen() -> None:
    """Bounds beside the truth count against the share, and a believed start beside it is a wrong correction."""

    def tells(clip: FleetClip) -> Outcome:
        return replace(knows(clip), earliest=clip.true_start + HALF, latest=clip.true_start + 2 * HALF)

    assert missed(scored(tells)) == {"true_start_inside"}
    late = scored(lambda clip: replace(knows(clip), start=clip.true_start + MINUTE))
    assert {"wrong_corrections", "resets_right"} == missed(late)


def test_wide_bounds_are_seen() -> None:
    """Bounds that hold everything are no answer for clips that were docked daily."""
    total = scored(lambda clip: replace(knows(clip), earliest=clip.true_start - MINUTE))
    assert missed(total) == {"median_width_docked_daily"}


def test_no_bounds_hold_only_what_is_unknown() -> None:
    """Nothing known holds the truth and is counted apart; a time believed without bounds does not hold it."""
    unknown, trusted = scored(knows_nothing), scored(says_nothing)
    assert (unknown.every.inside_share, unknown.every.unbounded) == (1.0, len(fleet().clips))
    assert trusted.every.inside_share == 0.0
    assert unknown.daily.median_width_s == inf
    assert "median_width_docked_daily" in missed(unknown)
    assert figures_of(unknown)["median_width_docked_daily"]["value"] == "unbounded"


@pytest.mark.parametrize(("open_side", "holds"), [("earliest", True), ("latest", True)])
def test_one_bound_holds_its_side(open_side: str, holds: bool) -> None:
    """A bound that is missing leaves that side open, and the width is without end."""
    clip = fleet().clips[0]
    outcome = knows(clip)
    opened = replace(outcome, earliest=None) if open_side == "earliest" else replace(outcome, latest=None)
    assert opened.holds(clip.true_start) is holds
    assert opened.width_s == inf
    assert not opened.holds(clip.true_start + timedelta(days=1 if open_side == "earliest" else -1))


def test_resets_between_other_files_are_seen() -> None:
    """A reset named one file too late is neither right nor true; one that is not named is missed."""
    shifted = [NamedReset(reset.after, reset.before) for reset in true_resets()]
    total = scored(resets=shifted)
    assert "resets_right" in missed(total)
    assert (total.resets_right, total.resets_untrue) == (0, len(shifted))
    assert len(scored(resets=[]).missed) == total.resets


def test_a_reset_whose_files_are_trusted_is_not_right() -> None:
    """Naming the reset does not help while a file after it is believed at the fallen clock's time."""
    fallen = {digest for reset in fleet().resets for digest in reset.clips}
    zero = datetime.fromisoformat("2000-01-01T00:00:00+00:00")
    total = scored(lambda clip: replace(knows(clip), start=zero) if clip.digest in fallen else knows(clip))
    assert total.resets_right == 0


def test_shifts_not_proposed_are_seen() -> None:
    """Each planted shift needs a proposal of its own size and target; the clerks' unit too."""
    systematic = sum(shift.systematic for shift in fleet().shifts)
    assert len(scored(proposals=[]).missed) == systematic
    other_way = [replace(one, shift_s=-one.shift_s) for one in true_proposals()]
    total = scored(proposals=other_way)
    assert (total.shifts_proposed, total.proposals_unplanted) == (0, len(other_way))


def test_what_nothing_speaks_of_is_told_apart() -> None:
    """A clock that no witness contradicts may be left alone, but not moved to a wrong time."""
    unseen = [clip for clip in fleet().clips if not clip.witnessed]
    assert {clip.fault for clip in unseen} >= {Fault.ZONE}

    def leaves(clip: FleetClip) -> Outcome:
        wrong = replace(knows(clip), start=clip.true_start - timedelta(hours=2))
        return knows(clip) if clip.witnessed else wrong

    left = scored(leaves)
    moved = scored(lambda clip: replace(leaves(clip), verdict="adjusted"))
    assert (left.wrong_corrections, moved.wrong_corrections) == (0, len(unseen))
    assert left.unwitnessed.wrong == len(unseen)


def test_scores_add_up() -> None:
    """Two fleets together count what each counts, and the shares are those of all clips."""
    both = scored()
    both.join(scored(says_nothing, resets=[], proposals=[]))
    assert both.every.clips == 2 * len(fleet().clips)
    assert both.every.inside_share == 0.5
    assert both.resets_right * 2 == both.resets
    assert both.shifts_proposed * 2 == both.shifts
    assert sum(group.clips for group in both.by_fault.values()) == both.every.clips
