"""``evidock classify``: mark a clip or a case with a class of confidentiality (article 32), or take the mark away."""

from typing import Annotated

import typer

from dashboard.console import print_json, say
from dashboard.options import ActorOption, HomeOption, JsonOption, LangOption, ReasonOption
from dashboard.secrecy_words import earlier
from dashboard.wiring import EVERY, House, open_house
from evidence.errors import NotFoundError, UsageError
from evidence.ids import CaseNo, Digest
from evidence.secrecy import Effect, Marked, Secrecy, secrecy_json
from evidence.views import ClipFilter, ClipView


def run(
    subject: Annotated[
        str, typer.Argument(help="Number of a case; or digest of a clip, or its first 6 digits or more.")
    ],
    word: Annotated[
        str, typer.Argument(metavar="[CLASS]", help="Code or name of the class, as the law pack has it.")
    ] = "",
    withdraw: Annotated[
        bool, typer.Option("--withdraw", help="Take the mark away; another person than who set it.")
    ] = False,
    reason: ReasonOption = "",
    as_json: JsonOption = False,
    home: HomeOption = None,
    actor: ActorOption = "",
    lang: LangOption = None,
) -> None:
    """Mark a clip or a case as confidential; what the class stops is stopped from then on."""
    with open_house(home, lang=lang, actor=actor) as house:
        if bool(word.strip()) is withdraw:
            codes = ", ".join(one.code for one in house.pack.versions[-1].secrecy)
            raise UsageError("name a class, or --withdraw", subject=subject, cure=f"classes: {codes or 'none'}")
        scope, target = target_of(house, subject)
        house.human.classify(scope, target, word, house.actor.name, reason)
        held = _held(house, scope, target)
        if as_json:
            print_json({"classify": {"scope": scope.value, "target": target, "secrecy": secrecy_json(held)}})
        else:
            _print(house, scope, target, held)


def target_of(house: House, subject: str) -> tuple[Marked, str]:
    """Return what is meant: a case of exactly that number, else a clip.

    Raises:
        NotFoundError: neither is there.
    """
    try:
        return Marked.CASE, house.library.case(subject).case.case_no
    except NotFoundError:
        try:
            return Marked.CLIP, house.library.clip(subject).digest
        except NotFoundError as error:
            cure = "name a case as `evidock cases` prints it, or 6 digits of a clip's digest"
            raise NotFoundError("is neither a case nor a clip", subject=subject, cure=cure) from error


def _held(house: House, scope: Marked, target: str) -> Secrecy | None:
    library = house.library
    return library.secrecy_of_case(CaseNo(target)) if scope is Marked.CASE else library.secrecy_of_clip(Digest(target))


def _print(house: House, scope: Marked, target: str, held: Secrecy | None) -> None:
    texts, name = house.texts, target if scope is Marked.CASE else target[:12]
    if held is None:
        say(texts.t("secrecy.command.none", subject=name))
        return
    what = texts.t("list.join").join(texts.t(f"secrecy.effect.{one.value}") for one in Effect if held.stops(one))
    say(texts.t("secrecy.command.held", subject=name, name=texts.name(held.held.names, held.held.code), what=what))
    if held.held.call:
        say(texts.t("secrecy.call", call=texts.name(held.held.call)))
    for clip in _clips(house, scope, target):
        for said in earlier(house.library, clip, house.in_second_copy, texts):
            say(f"{clip.digest[:12]}: {said}")


def _clips(house: House, scope: Marked, target: str) -> list[ClipView]:
    if scope is Marked.CLIP:
        return [house.library.clip(target)]
    return list(house.library.clips(ClipFilter(case_no=CaseNo(target), limit=EVERY)))
