"""``evidock hold place | lift | list``: what must not go, whatever a schedule says."""

from collections.abc import Sequence
from enum import StrEnum
from typing import Annotated

import typer

from dashboard.case_number_words import CaseNames
from dashboard.console import print_json, print_table, say
from dashboard.options import ActorOption, HomeOption, JsonOption, LangOption, ReasonOption
from dashboard.retention_desk import RetentionDesk
from dashboard.texts import Texts
from dashboard.wiring import House, open_house
from evidence.errors import UsageError
from evidence.holds import Hold, HoldScope
from evidence.retention_views import hold_json
from index.holds import holds


class HoldAction(StrEnum):
    """What is done."""

    PLACE = "place"
    LIFT = "lift"
    LIST = "list"


def run(
    action: Annotated[HoldAction, typer.Argument(help="place, lift or list.")],
    hold_id: Annotated[str, typer.Argument(help="Id of the hold to lift.", show_default=False)] = "",
    case: Annotated[str, typer.Option("--case", help="Hold everything of this case.")] = "",
    clip: Annotated[str, typer.Option("--clip", help="Hold this clip: its digest, or the first 6 digits.")] = "",
    step: Annotated[str, typer.Option("--step", help="Hold everything of this step: CASE/STEP.")] = "",
    everything: Annotated[bool, typer.Option("--all", help="Also list what was lifted.")] = False,
    reason: ReasonOption = "",
    as_json: JsonOption = False,
    home: HomeOption = None,
    actor: ActorOption = "",
    lang: LangOption = None,
) -> None:
    """Lay a legal hold on a case, clip or step, lift one, or list them."""
    with open_house(home, lang=lang, actor=actor) as house:
        desk = RetentionDesk(house)
        if action is HoldAction.PLACE:
            found = [desk.place(*target_of(case, clip, step), house.actor.name, reason)]
        elif action is HoldAction.LIFT:
            found = [desk.lift(_named(hold_id), house.actor.name, reason)]
        else:
            with house.register.reading() as session:
                found = holds(session, active_only=not everything)
        _print(house, action, found, as_json=as_json)


def target_of(case: str, clip: str, step: str) -> tuple[HoldScope, str]:
    """Return what a hold is laid on.

    Raises:
        UsageError: nothing or several things were named.
    """
    named = [(scope, text) for scope, text in zip(HoldScope, (case, clip, step), strict=True) if text]
    if len(named) != 1:
        raise UsageError("a hold is laid on one thing", cure="give one of --case, --clip, --step")
    return named[0]


def _named(hold_id: str) -> str:
    if not hold_id:
        raise UsageError("no hold was named", cure="evidock hold lift ID; `evidock hold list` shows the ids")
    return hold_id


def _print(house: House, action: HoldAction, found: Sequence[Hold], *, as_json: bool) -> None:
    texts, cases = house.texts, CaseNames(house.library.official_numbers)
    if as_json:
        print_json({"hold": [hold_json(one) for one in found]})
    elif action is HoldAction.LIST:
        _table(texts, cases, found)
    else:
        [one] = found
        say(texts.t(f"cli.hold.{action.value}", hold=one.hold_id, scope=texts.word(one.scope), target=cases.held(one)))


def _table(texts: Texts, cases: CaseNames, found: Sequence[Hold]) -> None:
    rows = [
        (
            one.hold_id,
            texts.word(one.scope),
            cases.held(one),
            one.reason,
            one.set_by,
            texts.at(one.set_at),
            f"{one.lifted_by} · {texts.at(one.lifted_at)} · {one.lift_reason}" if one.lifted_at else "",
        )
        for one in found
    ]
    names = ("hold", "scope", "target", "reason", "by", "since", "lifted")
    columns = [texts.t(f"cli.column.{name}") for name in names]
    print_table(texts.t("cli.hold.title", shown=len(found)), columns, rows)
