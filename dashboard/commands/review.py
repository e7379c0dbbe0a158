"""``evidock review``: match and audit again."""

from collections.abc import Sequence
from typing import Annotated

import typer
from rich.progress import Progress

from dashboard.commands.lists import print_findings
from dashboard.console import ERR
from dashboard.options import ActorOption, HomeOption, JsonOption, LangOption
from dashboard.wiring import EVERY, House, open_house
from evidence.ids import CaseNo
from evidence.ports import Scope
from evidence.views import FindingFilter
from index import check

PART = 200
"""Clips or cases reviewed in one transaction."""


def run(
    case: Annotated[str | None, typer.Option(help="Only this case.")] = None,
    as_json: JsonOption = False,
    home: HomeOption = None,
    actor: ActorOption = "",
    lang: LangOption = None,
) -> None:
    """Judge clocks, match and audit again, then list the open findings; exit 1 when there are any."""
    with open_house(home, lang=lang, actor=actor) as house:
        if case:
            house.library.case(case)
        scopes = [Scope(cases=frozenset({CaseNo(case)}))] if case else everything(house)
        _review(house, scopes)
        wanted = FindingFilter(open_only=True, case_no=CaseNo(case) if case else None)
        found = house.library.findings(wanted)
        print_findings(house.texts, found, as_json=as_json)
    raise typer.Exit(1 if found else 0)


def everything(house: House) -> Sequence[Scope]:
    """Return all clips, then all cases, in parts: a writing transaction must not keep the pipeline waiting."""
    digests = [digest for digest, _ in check.originals(house.register)]
    cases = [view.case.case_no for view in house.library.cases(limit=EVERY)]
    by_clip = [Scope(clips=frozenset(digests[i : i + PART])) for i in range(0, len(digests), PART)]
    return [*by_clip, *(Scope(cases=frozenset(cases[i : i + PART])) for i in range(0, len(cases), PART))]


def _review(house: House, scopes: Sequence[Scope]) -> None:
    with Progress(console=ERR, transient=True, disable=not ERR.is_terminal) as bars:
        for scope in bars.track(scopes, description=house.texts.t("cli.review.going")):
            with house.acting() as tx:
                house.reviewer.review(tx, scope, house.actor, house.clock())
