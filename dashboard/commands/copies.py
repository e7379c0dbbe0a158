"""``evidock copies``: a party's request for copies, from taking it in to the receipt (article 31)."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

from dashboard.case_number_words import CaseNames
from dashboard.console import ERR, print_json, print_table, say
from dashboard.copies import Asked, CopyDesk
from dashboard.copy_folder import CopyPlan
from dashboard.options import ActorOption, HomeOption, JsonOption, LangOption, ReasonOption
from dashboard.texts import Texts
from dashboard.wiring import House, open_house
from evidence.copies import CopyRequest, Handing
from evidence.copy_views import copy_json
from evidence.errors import UsageError

COLUMNS = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TimeRemainingColumn())


class CopyAction(StrEnum):
    """What is done."""

    REQUEST = "request"
    LIST = "list"
    SHOW = "show"
    APPROVE = "approve"
    REFUSE = "refuse"
    PREPARE = "prepare"
    HAND_OVER = "hand-over"


@dataclass(frozen=True)
class Words:
    """What was said on the command line, as it came."""

    subject: str
    reason: str
    asked: Asked
    free: tuple[str, ...]
    leave_out: bool
    to: Path | None
    originals: bool
    handing: Handing


Clips = Annotated[list[str] | None, typer.Option("--clip", help="Only these clips or files of the case; repeatable.")]
Steps = Annotated[list[str] | None, typer.Option("--step", help="Only what belongs to these steps; repeatable.")]
Free = Annotated[list[str] | None, typer.Option("--free", help="Clips that hold nothing protected; repeatable.")]


def run(
    action: Annotated[CopyAction, typer.Argument(help="request, list, show, approve, refuse, prepare or hand-over.")],
    subject: Annotated[str, typer.Argument(help="Number of the case to request from; else id of the request.")] = "",
    applicant: Annotated[str, typer.Option("--applicant", help="The party, named as in the record.")] = "",
    ground: Annotated[str, typer.Option("--ground", help="As what they ask: the party, its agent, …")] = "",
    purpose: Annotated[str, typer.Option("--purpose", help="What the party needs the copies for.")] = "",
    identified: Annotated[str, typer.Option("--identified", help="Document by which they were known.")] = "",
    checked_by: Annotated[str, typer.Option("--checked-by", help="Who checked the party's identity.")] = "",
    clip: Clips = None,
    step: Steps = None,
    free: Free = None,
    leave_out: Annotated[bool, typer.Option("--leave-out", help="What is protected stays out.")] = False,
    to: Annotated[Path | None, typer.Option("--to", help="Folder in which the copies' own folder is made.")] = None,
    originals: Annotated[bool, typer.Option("--originals", help="Copy originals, not what browsers play.")] = False,
    receipt: Annotated[str, typer.Option("--receipt", help="Number of the receipt.")] = "",
    receiver: Annotated[str, typer.Option("--receiver", help="Who signed the receipt.")] = "",
    shown: Annotated[str, typer.Option("--shown", help="Document that the receiver showed.")] = "",
    everything: Annotated[bool, typer.Option("--all", help="Also list what is closed.")] = False,
    reason: ReasonOption = "",
    as_json: JsonOption = False,
    home: HomeOption = None,
    actor: ActorOption = "",
    lang: LangOption = None,
) -> None:
    """Copies for a party: a request, the decision of another person, a folder to hand over, and its receipt."""
    asked = Asked(subject, applicant, ground, purpose, identified, checked_by, tuple(clip or ()), tuple(step or ()))
    handing = Handing(receipt, receiver, shown)
    words = Words(subject, reason, asked, tuple(free or ()), leave_out, to, originals, handing)
    with open_house(home, lang=lang, actor=actor) as house:
        if action is CopyAction.LIST:
            found = CopyDesk(house).all(open_only=not everything)
        else:
            found = [_acted(house, action, words)]
        _print(house, found, as_json=as_json)


def _acted(house: House, action: CopyAction, words: Words) -> CopyRequest:
    """Do what was asked; return the request as it stands then."""
    if not words.subject:
        raise UsageError("nothing was named", cure="name a case for `request`, else the id of a request")
    desk, who = CopyDesk(house), house.actor.name
    if action is CopyAction.REQUEST:
        return desk.one(desk.request(words.asked, who, words.reason))
    if action is CopyAction.APPROVE:
        desk.approve(words.subject, who, words.reason, words.free, leave_out=words.leave_out)
    elif action is CopyAction.REFUSE:
        desk.refuse(words.subject, who, words.reason)
    elif action is CopyAction.PREPARE:
        _prepare(house, desk, words)
    elif action is CopyAction.HAND_OVER:
        desk.hand_over(words.subject, words.handing, who, words.reason)
    return desk.one(words.subject)


def _prepare(house: House, desk: CopyDesk, words: Words) -> None:
    """Say how much room it takes, then copy under a progress bar; both on stderr."""
    if words.to is None:
        raise UsageError("no folder was named", subject=words.subject, cure="say --to DIR")
    texts, request = house.texts, desk.one(words.subject)
    plan = desk.plan(request, words.to.expanduser().absolute(), originals=words.originals)
    say(room_words(texts, plan))
    with Progress(*COLUMNS, console=ERR, transient=True, disable=not ERR.is_terminal) as bars:
        task = bars.add_task(texts.t("copies.command.copying"), total=plan.copied_bytes)
        made = desk.prepare(
            request, plan, house.actor.name, words.reason, lambda size_bytes: bars.advance(task, size_bytes)
        )
    say(texts.t("copies.command.prepared", path=str(made)))


def room_words(texts: Texts, plan: CopyPlan) -> str:
    """Return how many files will be copied, and the room they take beside the room there is."""
    return texts.t(
        "copies.room",
        files=len(plan.files),
        needed_bytes=plan.needed_bytes,
        free_bytes=plan.free_bytes,
        folder=str(plan.folder.parent),
    )


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
