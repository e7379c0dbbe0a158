"""``evidock suggestions``, ``link``, ``refuse-link``: which clips may belong to which steps, and what a person says."""

from collections.abc import Sequence
from typing import Annotated

import typer

from dashboard.case_number_words import CaseNames
from dashboard.commands.decide import digest_in, step_of
from dashboard.console import print_json, print_table, say
from dashboard.options import ActorOption, HomeOption, JsonOption, LangOption, LimitOption, ReasonOption
from dashboard.texts import Texts
from dashboard.wiring import EVERY, House, open_house
from evidence.errors import UsageError
from evidence.ids import CaseNo
from evidence.link_views import suggestion_json
from evidence.suggesting import Pair, SuggestionView
from evidence.views import SuggestionFilter

CaseOption = Annotated[str, typer.Option("--case", help="Only of this case.", show_default=False)]
ScoreOption = Annotated[float, typer.Option("--min-score", min=0, max=1, help="Only from this score on.")]

WholeOption = Annotated[
    bool, typer.Option("--whole-recording", help="With it all other parts of the recording it is of, in one act.")
]


def suggestions(
    case: CaseOption = "",
    min_score: ScoreOption = 0.0,
    limit: LimitOption = 1000,
    as_json: JsonOption = False,
    home: HomeOption = None,
    lang: LangOption = None,
) -> None:
    """List the clips that may belong to a step and wait for a person, the best score first. Exit 1 when some do."""
    with open_house(home, lang=lang) as house:
        found = house.library.suggestions(wanted_of(house, case, min_score, limit))
        if as_json:
            print_json({"suggestions": [suggestion_json(one, house.texts.say) for one in found]})
        else:
            print_suggestions(house.texts, found, CaseNames(house.library.official_numbers))
    raise typer.Exit(1 if found else 0)


def link(
    clip: Annotated[str, typer.Argument(help="Digest of the clip, or its first 6 digits or more.")] = "",
    step: Annotated[str, typer.Argument(help="CASE/STEP, as the lists print it.")] = "",
    suggested: Annotated[bool, typer.Option("--suggested", help="Confirm every suggestion that waits.")] = False,
    case: CaseOption = "",
    min_score: ScoreOption = 0.0,
    whole_recording: WholeOption = False,
    reason: ReasonOption = "",
    home: HomeOption = None,
    actor: ActorOption = "",
    lang: LangOption = None,
) -> None:
    """Hang a clip on a step, or all that is suggested; no machine ever takes it off again."""
    single = bool(clip or step)
    if suggested == single or (suggested and whole_recording) or (single and not (clip and step)):
        cure = "give CLIP and STEP, with --whole-recording for all its parts, or --suggested"
        raise UsageError("either one clip, or what is suggested", cure=cure)
    if single and (case or min_score):
        cure = "give CLIP and STEP, or --suggested with --case and --min-score"
        raise UsageError("either one clip, or what is suggested", cure=cure)
    with open_house(home, lang=lang, actor=actor) as house:
        if suggested:
            confirm_all(house, wanted_of(house, case, min_score, EVERY), reason)
            return
        digest, (case_no, step_no) = digest_in(house, clip), step_of(step)
        act = house.human.link_recording if whole_recording else house.human.link
        act(digest, case_no, step_no, house.actor.name, reason)
        say(house.texts.t("cli.decide.linked", clip=digest[:12], step=step))


def refuse_link(
    clip: Annotated[str, typer.Argument(help="Digest of the clip, or its first 6 digits or more.")],
    step: Annotated[str, typer.Argument(help="CASE/STEP, as the lists print it.")],
    reason: ReasonOption = "",
    home: HomeOption = None,
    actor: ActorOption = "",
    lang: LangOption = None,
) -> None:
    """Refuse a suggestion; it comes back only when the facts it rests on change."""
    with open_house(home, lang=lang, actor=actor) as house:
        digest, (case_no, step_no) = digest_in(house, clip), step_of(step)
        house.human.suggested([Pair(digest, case_no, step_no)], house.actor.name, reason, confirm=False)
        say(house.texts.t("cli.suggest.refused", clip=digest[:12], step=step))


def wanted_of(house: House, case: str, min_score: float, limit: int) -> SuggestionFilter:
    """Return what to list; NotFoundError when there is no such case."""
    if case:
        house.library.case(case)
    return SuggestionFilter(case_no=CaseNo(case) if case else None, min_score=min_score, limit=limit)


def confirm_all(house: House, wanted: SuggestionFilter, reason: str) -> None:
    """Confirm what waits, all or nothing, and say how many it was."""
    pairs = [pair_of(one) for one in house.library.suggestions(wanted)]
    if pairs:
        house.human.suggested(pairs, house.actor.name, reason, confirm=True)
    say(house.texts.t("cli.suggest.confirmed", count=len(pairs)))


def pair_of(view: SuggestionView) -> Pair:
    """Return what a suggestion is about."""
    return Pair(view.suggestion.digest, view.suggestion.case_no, view.suggestion.step_no)


def print_suggestions(texts: Texts, found: Sequence[SuggestionView], cases: CaseNames) -> None:
    """Print what waits as a table."""
    names = ("digest", "step", "procedure_code", "score", "ground", "overlap")
    rows = [
        (
            view.suggestion.digest[:12],
            cases.step(view.suggestion.case_no, view.suggestion.step_no),
            view.procedure,
            f"{view.suggestion.score:.3f}",
            texts.word(view.suggestion.ground),
            texts.span(view.suggestion.overlap),
        )
        for view in found
    ]
    columns = [texts.t(f"cli.column.{name}") for name in names]
    print_table(texts.t("cli.suggest.title", shown=len(found)), columns, rows)
