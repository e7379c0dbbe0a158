"""Human decisions: ``unlink``, ``reasons``, ``explain``, ``exempt``, ``approve``, ``refuse``."""

from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import Annotated

import typer

from dashboard.claiming import Target, claim
from dashboard.console import print_json, print_table, say
from dashboard.options import ActorOption, HomeOption, JsonOption, LangOption, ReasonOption
from dashboard.texts import Texts
from dashboard.wiring import House, open_house
from evidence.errors import UsageError
from evidence.ids import CaseNo, Digest, FindingId, StepNo
from evidence.ports import Pickup
from evidence.reasons import Reason, reason_json

ClipArgument = Annotated[str, typer.Argument(help="Digest of the clip, or its first 6 digits or more.")]
StepArgument = Annotated[str, typer.Argument(help="CASE/STEP, as the lists print it.")]
CodeOption = Annotated[
    str, typer.Option("--reason", help="A reason of the list, as `evidock reasons` prints it.", show_default=False)
]
NoteOption = Annotated[str, typer.Option("--note", help="What happened, in a sentence.", show_default=False)]
FilesOption = Annotated[
    list[Path] | None,
    typer.Option("--attach", help="A file that shows it; it is only read. May be given again.", show_default=False),
]
FindingArgument = Annotated[str, typer.Argument(help="Id of the finding, as the lists print it.")]


def unlink(
    clip: ClipArgument,
    step: StepArgument,
    reason: ReasonOption = "",
    home: HomeOption = None,
    actor: ActorOption = "",
    lang: LangOption = None,
) -> None:
    """Take a clip off a step; no machine ever hangs it there again."""
    with open_house(home, lang=lang, actor=actor) as house:
        digest, (case_no, step_no) = digest_in(house, clip), step_of(step)
        house.human.unlink(digest, case_no, step_no, house.actor.name, reason)
        say(house.texts.t("cli.decide.unlinked", clip=digest[:12], step=step))


def reasons(
    subject: Annotated[str, typer.Argument(help="Id of the finding, or CASE/STEP to exempt.")],
    as_json: JsonOption = False,
    home: HomeOption = None,
    lang: LangOption = None,
) -> None:
    """List the reasons that can be claimed: to explain a finding, or to exempt a step."""
    with open_house(home, lang=lang) as house:
        found = house.human.fitting(target_of(subject))
        if as_json:
            print_json({"reasons": [reason_json(one) for one in found]})
        else:
            _reasons_table(house.texts, subject, found)


def explain(
    finding: FindingArgument,
    reason: CodeOption = "",
    note: NoteOption = "",
    attach: FilesOption = None,
    home: HomeOption = None,
    actor: ActorOption = "",
    lang: LangOption = None,
) -> None:
    """Claim an explanation for a finding; another person approves it, and the gap still counts."""
    with open_house(home, lang=lang, actor=actor) as house:
        _claim(house, FindingId(finding), reason, note, attach)
        say(house.texts.t("cli.decide.claimed", finding=finding))


def exempt(
    step: StepArgument,
    reason: CodeOption = "",
    note: NoteOption = "",
    attach: FilesOption = None,
    home: HomeOption = None,
    actor: ActorOption = "",
    lang: LangOption = None,
) -> None:
    """Claim that recording a step was not suitable; only where its article allows that."""
    with open_house(home, lang=lang, actor=actor) as house:
        _claim(house, step_of(step), reason, note, attach)
        say(house.texts.t("cli.decide.exempt_claimed", step=step))


def _claim(house: House, target: Target, reason: str, note: str, files: list[Path] | None) -> None:
    claim(house, target, reason, note, files or (), lambda pickup: _sealed(house, pickup), house.actor.name)


def _sealed(house: House, pickup: Pickup) -> Digest:
    """Seal a file as ``attach`` does; the pipeline is loaded for it alone."""
    return import_module("dashboard.commands.attach").seal(house, pickup)  # type: ignore[no-any-return]


def approve(
    subject: Annotated[str, typer.Argument(help="Id of the finding, or CASE/STEP of a claimed exemption.")],
    reason: ReasonOption = "",
    refuse: Annotated[bool, typer.Option("--refuse", help="Refuse instead of granting.")] = False,
    home: HomeOption = None,
    actor: ActorOption = "",
    lang: LangOption = None,
) -> None:
    """Grant or refuse what another person has claimed."""
    with open_house(home, lang=lang, actor=actor) as house:
        house.human.decide(target_of(subject), house.actor.name, reason, granted=not refuse)
        say(house.texts.t("cli.decide.refused" if refuse else "cli.decide.granted", subject=subject))


def target_of(subject: str) -> Target:
    """Return what a person means: a finding by its id, or a step."""
    return step_of(subject) if "/" in subject else FindingId(subject)


def _reasons_table(texts: Texts, subject: str, found: Sequence[Reason]) -> None:
    rows = [
        (
            one.code,
            texts.name(one.names),
            texts.t("reason.needs_yes") if one.needs_note else "",
            texts.t("reason.needs_yes") if one.needs_file else "",
            one.article,
            one.quote or one.set_by,
        )
        for one in found
    ]
    names = ("code", "words", "note", "file", "article", "source")
    print_table(texts.t("reason.title", subject=subject), [texts.t(f"reason.column.{one}") for one in names], rows)


def step_of(text: str) -> tuple[CaseNo, StepNo]:
    """Read ``CASE/STEP``; a case number may hold slashes itself, a step number not.

    Raises:
        UsageError: there is no slash.
    """
    case_no, slash, step_no = text.rpartition("/")
    if not slash:
        raise UsageError("is not a step", subject=text, cure="write CASE/STEP as `evidock steps` prints it")
    return CaseNo(case_no), StepNo(step_no)


def digest_in(house: House, clip: str) -> Digest:
    """Return the digest of the clip that a prefix names."""
    return house.library.clip(clip).digest
