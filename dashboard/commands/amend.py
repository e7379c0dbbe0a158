"""``evidock amend``: set the times of a step that its record has wrong, with a reason; both stay on record."""

from datetime import datetime
from typing import Annotated

import typer

from dashboard.commands.decide import StepArgument, step_of
from dashboard.console import say
from dashboard.options import ActorOption, HomeOption, LangOption, ReasonOption
from dashboard.wiring import open_house
from evidence.errors import UsageError
from evidence.spans import Span
from evidence.zones import BEIJING
from ingest.records import NotATimeError, read_time


def run(
    step: StepArgument,
    started_at: Annotated[str, typer.Option("--started-at", help="When it really began; Beijing time.")] = "",
    ended_at: Annotated[str, typer.Option("--ended-at", help="When it really ended; Beijing time.")] = "",
    withdraw: Annotated[bool, typer.Option("--withdraw", help="Go back to what the record says.")] = False,
    reason: ReasonOption = "",
    home: HomeOption = None,
    actor: ActorOption = "",
    lang: LangOption = None,
) -> None:
    """Amend the times of a step; no import overwrites them, and footage is matched and audited again."""
    window = None if withdraw else window_of(started_at, ended_at)
    with open_house(home, lang=lang, actor=actor) as house:
        house.human.amend(*step_of(step), window, house.actor.name, reason)
        say(house.texts.t("cli.decide.amend_withdrawn" if withdraw else "cli.decide.amended", step=step))


def window_of(started_at: str, ended_at: str) -> Span:
    """Read both times of a step.

    Raises:
        UsageError: one is missing, is no time with a time of day, or the end lies before the start.
    """
    start, end = moments = [_moment(name, text) for name, text in (("started-at", started_at), ("ended-at", ended_at))]
    if moments != sorted(moments):
        raise UsageError("ends before it starts", subject=f"{started_at} – {ended_at}", cure="give the start first")
    return Span(start, end)


def _moment(option: str, text: str) -> datetime:
    try:
        moment, has_clock = read_time(text, BEIJING)
    except NotATimeError as error:
        raise UsageError("is not a time", subject=f"--{option} {text}", cure=_CURE) from error
    if not has_clock:
        raise UsageError("has no time of day", subject=f"--{option} {text}", cure=_CURE)
    return moment


_CURE = "write it as 2026-11-23 09:05, or use --withdraw to go back to the record's times"
