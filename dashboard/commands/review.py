"""``evidock review``: match and audit again."""

from collections.abc import Sequence
from typing import Annotated

import typer

from dashboard.catching_up import everything, review_all
from dashboard.commands.lists import print_findings
from dashboard.options import ActorOption, HomeOption, JsonOption, LangOption
from dashboard.wiring import House, open_house
from evidence.ids import CaseNo
from evidence.ports import Scope
from evidence.views import FindingFilter


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
        _review(house, [Scope(cases=frozenset({house.library.key_of(case)}))] if case else everything(house))
        wanted = FindingFilter(open_only=True, case_no=CaseNo(case) if case else None)
        found = house.library.findings(wanted)
        print_findings(house, found, as_json=as_json)
    raise typer.Exit(1 if found else 0)


def _review(house: House, scopes: Sequence[Scope]) -> None:
    def review(scope: Scope) -> None:
        with house.acting() as tx:
            house.reviewer.review(tx, scope, house.actor, house.clock())

    review_all(house, scopes, review)
