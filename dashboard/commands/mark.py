"""``evidock mark`` and ``evidock marks``: moments of footage that reviewers name, and the list of them."""

from collections.abc import Sequence
from typing import Annotated

import typer

from dashboard.commands.decide import digest_in
from dashboard.console import print_json, print_table, say
from dashboard.options import ActorOption, HomeOption, JsonOption, LangOption, ReasonOption
from dashboard.texts import Texts, visible
from dashboard.wiring import House, open_house
from evidence.errors import UsageError
from evidence.ids import CaseNo
from evidence.law import LawPack
from evidence.marker_views import label_of, mark_json, template_json
from evidence.markers import MarkView, MarkWish, media_time
from evidence.views import MarkFilter


def mark(
    clip: Annotated[str, typer.Argument(help="Digest of the clip, or its first 6 digits or more.")] = "",
    moment: Annotated[str, typer.Argument(metavar="AT", help="Media time: seconds, m:ss or h:mm:ss.")] = "",
    template: Annotated[str, typer.Argument(help="Code of a template, as `evidock marks --templates` lists.")] = "",
    text: Annotated[str, typer.Option("--text", help="What is to be seen, in your own words.")] = "",
    note: Annotated[str, typer.Option("--note", help="A remark; it is kept in the ledger as the reason.")] = "",
    number: Annotated[int, typer.Option("--number", min=0, help="Which of several; else the next.")] = 0,
    withdraw: Annotated[int | None, typer.Option("--withdraw", min=0, help="Number of a mark to withdraw.")] = None,
    reason: ReasonOption = "",
    home: HomeOption = None,
    actor: ActorOption = "",
    lang: LangOption = None,
) -> None:
    """Mark a moment of a clip, by a template or freely; or withdraw a mark, which stays with the reason."""
    if (withdraw is None) == (not clip):
        raise UsageError(
            "either one clip and a moment, or a mark to withdraw", cure="give CLIP AT, or --withdraw NUMBER"
        )
    with open_house(home, lang=lang, actor=actor) as house:
        if withdraw is not None:
            house.human.withdraw_mark(withdraw, house.actor.name, reason)
            say(house.texts.t("cli.mark.withdrawn", number=withdraw))
            return
        wish = MarkWish(digest_in(house, clip), media_time(moment), template, text, note, number)
        marker_id = house.human.mark(wish, house.actor.name)
        say(house.texts.t("cli.mark.set", clip=wish.digest[:12], number=marker_id))


def marks(
    clip: Annotated[str, typer.Option("--clip", help="Only of this clip.")] = "",
    case: Annotated[str, typer.Option("--case", help="Only on the footage of this case.")] = "",
    everything: Annotated[bool, typer.Option("--all", help="Also those that were withdrawn.")] = False,
    templates: Annotated[bool, typer.Option("--templates", help="List the templates of the law pack instead.")] = False,
    as_json: JsonOption = False,
    home: HomeOption = None,
    lang: LangOption = None,
) -> None:
    """List marks in order of clip and media time, or the templates there are."""
    with open_house(home, lang=lang) as house:
        if templates:
            print_templates(house.texts, house.library.pack(), as_json=as_json)
            return
        found = house.library.marks(wanted_of(house, clip, case, everything=everything))
        if as_json:
            print_json({"marks": [mark_json(one) for one in found]})
        else:
            print_marks(house.texts, found)


def wanted_of(house: House, clip: str, case: str, *, everything: bool) -> MarkFilter:
    """Return what to list; NotFoundError when there is no such clip or case."""
    case_no = house.library.case(case).case.case_no if case else None
    digest = digest_in(house, clip) if clip else None
    return MarkFilter(digest=digest, case_no=CaseNo(case_no) if case_no else None, withdrawn=everything)


def print_marks(texts: Texts, found: Sequence[MarkView]) -> None:
    """Print marks as a table."""
    names = ("number", "digest", "moment", "mark", "real_time", "verdict", "actor", "note")
    rows = [
        (
            str(view.mark.marker_id),
            view.mark.digest[:12],
            f"{view.mark.at_s:.1f} s",
            visible(label_of(view, texts.locale)),
            texts.at(view.real_at),
            texts.word(view.clock),
            visible(view.mark.actor),
            visible(view.mark.withdraw_reason or view.mark.note),
        )
        for view in found
    ]
    columns = [texts.t(f"cli.column.{name}") for name in names]
    print_table(texts.t("cli.mark.title", shown=len(found)), columns, rows)


def print_templates(texts: Texts, pack: LawPack, *, as_json: bool) -> None:
    """Print the templates of the law pack."""
    found = list(pack.marks.values())
    if as_json:
        print_json({"templates": [template_json(one) for one in found]})
        return
    rows = [
        (one.code, texts.name(one.names), texts.article(one.article), ", ".join(one.procedures) or "–") for one in found
    ]
    columns = [texts.t(f"cli.column.{name}") for name in ("template", "mark", "article", "procedure_code")]
    print_table(texts.t("cli.mark.templates", shown=len(found)), columns, rows)
