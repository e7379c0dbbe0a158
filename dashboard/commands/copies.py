"""``evidock copies``: a party's request for copies, from taking it in to the receipt (article 31)."""

from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from dashboard.case_number_words import CaseNames
from dashboard.console import print_json, print_table, say
from dashboard.copies import CopyDesk
from dashboard.options import ActorOption, HomeOption, JsonOption, LangOption, ReasonOption
from dashboard.wiring import House, open_house
from evidence.copies import CopyRequest, Said, copy_json
from evidence.errors import UsageError
from evidence.ids import CaseNo


class CopyAction(StrEnum):
    """What is done."""

    REQUEST = "request"
    LIST = "list"
    SHOW = "show"
    APPROVE = "approve"
    REFUSE = "refuse"
    PREPARE = "prepare"
    HAND_OVER = "hand-over"


def run(
    action: Annotated[CopyAction, typer.Argument(help="request, list, show, approve, refuse, prepare or hand-over.")],
    subject: Annotated[str, typer.Argument(help="Number of the case to request from; else id of the request.")] = "",
    applicant: Annotated[str, typer.Option("--applicant", help="The party, named as in the record.")] = "",
    purpose: Annotated[str, typer.Option("--purpose", help="What the party needs the copies for.")] = "",
    checked_by: Annotated[str, typer.Option("--checked-by", help="Who checked the party's identity.")] = "",
    clip: Annotated[list[str] | None, typer.Option("--clip", help="Only these clips of the case; repeatable.")] = None,
    free: Annotated[
        list[str] | None, typer.Option("--free", help="Clips that hold nothing protected; repeatable.")
    ] = None,
    to: Annotated[Path | None, typer.Option("--to", help="Folder in which the copies' own folder is made.")] = None,
    originals: Annotated[bool, typer.Option("--originals", help="Copy originals, not what browsers play.")] = False,
    receipt: Annotated[str, typer.Option("--receipt", help="Number of the receipt.")] = "",
    receiver: Annotated[str, typer.Option("--receiver", help="Who signed the receipt.")] = "",
    everything: Annotated[bool, typer.Option("--all", help="Also list what is closed.")] = False,
    reason: ReasonOption = "",
    as_json: JsonOption = False,
    home: HomeOption = None,
    actor: ActorOption = "",
    lang: LangOption = None,
) -> None:
    """Copies for a party: a request, the decision of another person, a folder to hand over, and its receipt."""
    with open_house(home, lang=lang, actor=actor) as house:
        desk, who = CopyDesk(house), house.actor.name
        if action is CopyAction.LIST:
            _print(house, desk.all(open_only=not everything), as_json=as_json)
            return
        if not subject:
            raise UsageError("nothing was named", cure="name a case for `request`, else the id of a request")
        if action is CopyAction.REQUEST:
            clips = tuple(house.library.clip(one).digest for one in clip or ())
            asked = CopyRequest(
                "", CaseNo(subject), applicant, purpose, checked_by, clips, Said(who, "", house.clock())
            )
            subject = desk.request(asked, who, reason or purpose)
        elif action is CopyAction.APPROVE:
            desk.approve(subject, who, reason, [house.library.clip(one).digest for one in free or ()])
        elif action is CopyAction.REFUSE:
            desk.refuse(subject, who, reason)
        elif action is CopyAction.PREPARE:
            if to is None:
                raise UsageError("no folder was named", subject=subject, cure="say --to DIR")
            made = desk.prepare(subject, to.expanduser().absolute(), who, reason or subject, originals=originals)
            say(house.texts.t("copies.command.prepared", path=str(made)))
        elif action is CopyAction.HAND_OVER:
            desk.hand_over(subject, receipt, receiver, who, reason or receipt)
        _print(house, [desk.one(subject)], as_json=as_json)


def _print(house: House, found: Sequence[CopyRequest], *, as_json: bool) -> None:
    texts, now = house.texts, house.clock()
    if as_json:
        print_json({"copies": [copy_json(one, now) for one in found]})
        return
    cases = CaseNames(house.library.official_numbers)
    rows = [
        (
            one.request_id,
            cases.number(one.case_no),
            one.applicant,
            one.purpose,
            texts.word(one.state),
            texts.at(one.requested.at),
            texts.duration(one.age(now).total_seconds()),
            str(len(one.granted or one.clips)),
            one.receipt,
        )
        for one in found
    ]
    names = ("request", "case_no", "applicant", "purpose", "state", "requested", "age", "clips", "receipt")
    print_table(texts.t("copies.title"), [texts.t(f"copies.{name}") for name in names], rows)
