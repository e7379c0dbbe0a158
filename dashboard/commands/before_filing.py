"""``evidock before-filing``: what is still open of a case before it is filed under article 30."""

from collections.abc import Iterator
from datetime import datetime
from typing import Annotated

import typer

from dashboard.console import print_json, print_table, say
from dashboard.indicator_words import left, until
from dashboard.options import HomeOption, JsonOption, LangOption
from dashboard.texts import Texts
from dashboard.wiring import open_house
from evidence.before_filing import BeforeFiling, before_filing_json
from index.before_filing import open_of_case

Line = tuple[str, str, str, str]
COLUMNS = ("what", "step", "due", "days")


def run(
    case: Annotated[str, typer.Argument(help="Case number.")],
    as_json: JsonOption = False,
    home: HomeOption = None,
    lang: LangOption = None,
) -> None:
    """List what is still open of a case before it is filed; exit 1 when anything is."""
    with open_house(home, lang=lang) as house:
        found = open_of_case(house.register, house.pack, case, house.clock())
        if as_json:
            print_json({"before_filing": before_filing_json(found, house.texts.say, house.texts.name)})
        elif found.count:
            _tables(house.texts, found)
        else:
            say(house.texts.t("filing.nothing"))
    raise typer.Exit(1 if found.count else 0)


def _tables(texts: Texts, found: BeforeFiling) -> None:
    lists = {
        "findings": _findings(texts, found),
        "claims": _claims(texts, found),
        "documents": _documents(texts, found),
        "waiting": iter([(", ".join(one.devices), one.step_no, "", "") for one in found.waiting]),
        "unlinked": iter([(one.digest[:12], one.step_no, "", "") for one in found.unlinked]),
        "limits": _limits(texts, found),
    }
    for name, lines in lists.items():
        rows = list(lines)
        if rows:
            print_table(texts.t(f"filing.{name}"), [texts.t(f"filing.{column}") for column in COLUMNS], rows)


def _findings(texts: Texts, found: BeforeFiling) -> Iterator[Line]:
    for one in found.findings:
        yield f"{texts.word(one.finding.kind)}: {texts.say(one.finding.what)}", one.finding.step_no or "", "", ""


def _claims(texts: Texts, found: BeforeFiling) -> Iterator[Line]:
    for one in found.claims:
        yield f"{texts.word(one.finding.kind)} ({texts.word(one.state)})", one.finding.step_no or "", "", ""


def _documents(texts: Texts, found: BeforeFiling) -> Iterator[Line]:
    for one in found.documents:
        yield texts.name(one.slot.names, one.slot.slot), one.step_no, *_due(texts, one.due_at, found.at)


def _limits(texts: Texts, found: BeforeFiling) -> Iterator[Line]:
    for one in found.limits:
        own = one.limit.own
        step_no = own.step.step_no if own else texts.t("filing.whole_case")
        name = texts.name(one.limit.deadline.names, one.limit.deadline.code)
        yield name, step_no, *_due(texts, one.limit.ends, found.at)


def _due(texts: Texts, end: datetime | None, now: datetime) -> tuple[str, str]:
    return (until(texts, end), left(texts, end, now)) if end else ("", texts.t("filing.no_due"))
