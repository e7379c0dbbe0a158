"""The review that is due once at a start, when what the register says was judged by other rules than those in force.

A program with a better judgement, another `dock.sets_clocks` or another law pack comes to other verdicts over the same
facts. A mark in the register names the rules that all of it was last judged by. It is set when the review is done, so
that one that was cut off begins again, and by who serves the home alone: nobody else then judges by other rules.
"""

import hashlib
from collections.abc import Callable, Sequence

from rich.progress import Progress

from dashboard.console import ERR, say
from dashboard.rounds import Rounds
from dashboard.wiring import EVERY, House
from evidence.clock import JUDGEMENT
from evidence.ports import Scope
from index import check
from index.upkeep import UpkeepRegister
from ingest.pipeline_stages import MACHINE

JUDGED_BY = "judged_by"
"""Mark: which rules everything was last reviewed by."""

PART = 200
"""Clips or cases reviewed in one transaction: it must not keep others waiting."""

SEALING_S = 0.5


def rules_in_force(house: House) -> str:
    """Return a name for all that a judgement depends on beside the facts, 64 hex digits."""
    said = (JUDGEMENT, house.settings.dock.sets_clocks, house.pack.pack_id, house.pack.version)
    return hashlib.sha256(repr(said).encode()).hexdigest()


def is_due(house: House) -> bool:
    """Whether everything has to be reviewed once."""
    return UpkeepRegister(house.register).mark(JUDGED_BY)[1] != rules_in_force(house)


def catch_up(house: House) -> None:
    """Review everything if that is due; called by who serves the home, before anything else is at work."""
    if not is_due(house):
        return
    rules, scopes = rules_in_force(house), everything(house)
    clips = sum(len(scope.clips) for scope in scopes)
    if clips:
        say(house.texts.t("cli.review.due", clips=clips))

    def review(scope: Scope) -> None:
        with house.register.transaction() as tx:
            house.reviewer.review(tx, scope, MACHINE, house.clock())

    with Rounds("sealing", house.sealer.seal_if_due, SEALING_S):
        review_all(house, scopes, review)
    UpkeepRegister(house.register).set_mark(JUDGED_BY, 0, rules)


def everything(house: House) -> Sequence[Scope]:
    """Return all clips, then all cases, in parts."""
    digests = list(check.clips(house.register))
    cases = [view.case.case_no for view in house.library.cases(limit=EVERY)]
    by_clip = [Scope(clips=frozenset(digests[i : i + PART])) for i in range(0, len(digests), PART)]
    return [*by_clip, *(Scope(cases=frozenset(cases[i : i + PART])) for i in range(0, len(cases), PART))]


def review_all(house: House, scopes: Sequence[Scope], review: Callable[[Scope], None]) -> None:
    """Review scope by scope under a bar."""
    with Progress(console=ERR, transient=True, disable=not ERR.is_terminal) as bars:
        for scope in bars.track(scopes, description=house.texts.t("cli.review.going")):
            review(scope)
