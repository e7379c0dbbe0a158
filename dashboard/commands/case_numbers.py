"""``evidock open-case | number-case``: a case begun before its approval, and its official number."""

from typing import Annotated

import typer

from dashboard.console import print_json, say
from dashboard.handed_in import exact_moment_of
from dashboard.options import ActorOption, HomeOption, JsonOption, LangOption, ReasonOption
from dashboard.wiring import open_house
from evidence.case_numbers import UrgentCase
from evidence.errors import UsageError
from evidence.views import case_json


def open_case(
    title: Annotated[str, typer.Argument(help="What the case is about.")],
    provisional: Annotated[
        bool, typer.Option("--provisional", help="Under a provisional number: it is not approved yet.")
    ] = False,
    unit: Annotated[str, typer.Option("--unit", help="The unit that acts; it is part of the number.")] = "",
    matter_type: Annotated[str, typer.Option("--matter-type", help="Type of matter, as the import has it.")] = "",
    urgent_at: Annotated[str, typer.Option("--urgent-at", help="When it was begun; Beijing time. Default: now.")] = "",
    reason: ReasonOption = "",
    as_json: JsonOption = False,
    home: HomeOption = None,
    actor: ActorOption = "",
    lang: LangOption = None,
) -> None:
    """Open a case that cannot wait for its approval; prints the provisional number footage can hang on."""
    if not provisional:
        cure = "say --provisional if it is not approved yet; an approved case is imported: evidock import cases"
        raise UsageError("only a provisional case is opened here", subject=title, cure=cure)
    begun = exact_moment_of(urgent_at)
    with open_house(home, lang=lang, actor=actor) as house:
        wanted = UrgentCase(title, begun or house.clock(), unit, matter_type)
        case_no = house.human.open_case(wanted, house.actor.name, reason)
        if as_json:
            print_json({"case": case_json(house.library.case(case_no))})
        else:
            say(house.texts.t("cli.case.opened", case_no=case_no))


def number_case(
    provisional_no: Annotated[str, typer.Argument(help="The provisional number it was opened under.")],
    official_no: Annotated[str, typer.Argument(help="The official number it has been given.")],
    approved_at: Annotated[str, typer.Option("--approved-at", help="When it was approved; Beijing time.")] = "",
    reason: ReasonOption = "",
    as_json: JsonOption = False,
    home: HomeOption = None,
    actor: ActorOption = "",
    lang: LangOption = None,
) -> None:
    """Give a provisional case its official number; both then mean the same case, everywhere."""
    approved = exact_moment_of(approved_at)
    with open_house(home, lang=lang, actor=actor) as house:
        house.human.number_case(provisional_no, official_no, approved, house.actor.name, reason)
        if as_json:
            print_json({"case": case_json(house.library.case(official_no))})
        else:
            say(house.texts.t("cli.case.numbered", former=provisional_no, number=official_no))
