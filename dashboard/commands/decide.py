"""Human decisions: ``unlink``, ``explain``, ``exempt``, ``approve``, ``refuse``."""

from typing import Annotated

import typer

from dashboard.console import say
from dashboard.options import ActorOption, HomeOption, LangOption, ReasonOption
from dashboard.wiring import House, open_house
from evidence.errors import UsageError
from evidence.ids import CaseNo, Digest, FindingId, StepNo

ClipArgument = Annotated[str, typer.Argument(help="Digest of the clip, or its first 6 digits or more.")]
StepArgument = Annotated[str, typer.Argument(help="CASE/STEP, as the lists print it.")]
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


def explain(
    finding: FindingArgument,
    reason: ReasonOption = "",
    home: HomeOption = None,
    actor: ActorOption = "",
    lang: LangOption = None,
) -> None:
    """Claim an explanation for a finding; another person approves it, and the gap still counts."""
    with open_house(home, lang=lang, actor=actor) as house:
        house.human.explain(FindingId(finding), house.actor.name, reason)
        say(house.texts.t("cli.decide.claimed", finding=finding))


def exempt(
    step: StepArgument,
    reason: ReasonOption = "",
    home: HomeOption = None,
    actor: ActorOption = "",
    lang: LangOption = None,
) -> None:
    """Claim that recording a step was not suitable; only where its article allows that."""
    with open_house(home, lang=lang, actor=actor) as house:
        house.human.exempt(*step_of(step), house.actor.name, reason)
        say(house.texts.t("cli.decide.exempt_claimed", step=step))


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
        target = step_of(subject) if "/" in subject else FindingId(subject)
        house.human.decide(target, house.actor.name, reason, granted=not refuse)
        say(house.texts.t("cli.decide.refused" if refuse else "cli.decide.granted", subject=subject))


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
