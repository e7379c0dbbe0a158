"""``evidock clips | cases | steps | findings``: what the register holds, as a table or as JSON."""

from collections.abc import Sequence
from typing import Annotated

import typer

from dashboard.case_number_words import CaseNames, case_numbers
from dashboard.console import print_json, print_table
from dashboard.options import HomeOption, JsonOption, LangOption, LimitOption
from dashboard.texts import Texts
from dashboard.wiring import House, open_house
from evidence.clips import ClipState, Kind
from evidence.findings import FindingKind, FindingState, Severity, StepState
from evidence.ids import CaseNo, DeviceId, OfficerId, StationId
from evidence.views import (
    CaseView,
    ClipFilter,
    ClipView,
    FindingFilter,
    FindingView,
    StepView,
    case_json,
    clip_json,
    finding_json,
    step_json,
)


def clips(
    station: Annotated[str | None, typer.Option(help="Only from this station.")] = None,
    device: Annotated[str | None, typer.Option(help="Only from this camera.")] = None,
    officer: Annotated[str | None, typer.Option(help="Only of this officer.")] = None,
    kind: Annotated[Kind | None, typer.Option(help="Only this kind.")] = None,
    state: Annotated[ClipState | None, typer.Option(help="Only in this state.")] = None,
    case: Annotated[str | None, typer.Option(help="Only linked to this case.")] = None,
    linked: Annotated[bool | None, typer.Option("--linked/--unlinked", help="Only linked, or only unlinked.")] = None,
    failed: Annotated[bool | None, typer.Option("--failed/--sound", help="Only those a stage gave up on.")] = None,
    text: Annotated[str, typer.Option(help="Part of a path, camera or officer.")] = "",
    limit: LimitOption = 100,
    as_json: JsonOption = False,
    home: HomeOption = None,
    lang: LangOption = None,
) -> None:
    """List clips, newest first."""
    wanted = ClipFilter(
        station=StationId(station) if station else None,
        device_id=DeviceId(device) if device else None,
        officer_id=OfficerId(officer) if officer else None,
        kind=kind,
        state=state,
        case_no=CaseNo(case) if case else None,
        linked=linked,
        failed=failed,
        text=text,
        limit=limit,
    )
    with open_house(home, lang=lang) as house:
        found = house.library.clips(wanted)
        if as_json:
            print_json({"clips": [clip_json(c, house.texts.say) for c in found]})
        else:
            _clip_table(house.texts, found, house.library.count_clips(wanted), names_in(house))


def cases(
    text: Annotated[str, typer.Option(help="Part of a case number or title.")] = "",
    provisional: Annotated[
        bool, typer.Option("--provisional", help="Only those that wait for their official number.")
    ] = False,
    limit: LimitOption = 100,
    as_json: JsonOption = False,
    home: HomeOption = None,
    lang: LangOption = None,
) -> None:
    """List cases with how their steps stand."""
    with open_house(home, lang=lang) as house:
        found = house.library.cases(text=text, provisional=provisional, limit=limit)
        if as_json:
            print_json({"cases": [case_json(c) for c in found]})
        else:
            _case_table(house.texts, found)


def steps(
    case: Annotated[str, typer.Option(help="Only of this case.")] = "",
    state: Annotated[StepState | None, typer.Option(help="Only in this state.")] = None,
    as_json: JsonOption = False,
    home: HomeOption = None,
    lang: LangOption = None,
) -> None:
    """List procedure steps with their duty and coverage."""
    with open_house(home, lang=lang) as house:
        found = house.library.steps(case_no=case, state=state)
        if as_json:
            print_json({"steps": [step_json(s, house.texts.say) for s in found]})
        else:
            _step_table(house.texts, found, names_in(house))


def findings(
    kind: Annotated[FindingKind | None, typer.Option(help="Only this kind.")] = None,
    severity: Annotated[Severity | None, typer.Option(help="Only this grave.")] = None,
    state: Annotated[FindingState | None, typer.Option(help="Only in this state.")] = None,
    all_states: Annotated[bool, typer.Option("--all", help="Also what is resolved, explained or exempt.")] = False,
    case: Annotated[str | None, typer.Option(help="Only of this case.")] = None,
    procedure: Annotated[str, typer.Option(help="Only of this procedure code.")] = "",
    alias: Annotated[str, typer.Option(help="Only rules people know by this word, such as 'lien'.")] = "",
    limit: LimitOption = 1000,
    as_json: JsonOption = False,
    home: HomeOption = None,
    lang: LangOption = None,
) -> None:
    """List findings; exit 1 when there are any."""
    wanted = FindingFilter(
        kind=kind,
        severity=severity,
        state=state,
        open_only=not all_states and state is None,
        case_no=CaseNo(case) if case else None,
        procedure=procedure,
        alias=alias,
        limit=limit,
    )
    with open_house(home, lang=lang) as house:
        found = house.library.findings(wanted)
        print_findings(house, found, as_json=as_json)
    raise typer.Exit(1 if found else 0)


def print_findings(house: House, found: Sequence[FindingView], *, as_json: bool) -> None:
    """Print findings as a table, or as one JSON object."""
    if as_json:
        print_json({"findings": [finding_json(f, house.texts.say) for f in found]})
    else:
        _finding_table(house.texts, found, names_in(house))


def names_in(house: House) -> CaseNames:
    """Return how cases are named in a house."""
    return CaseNames(house.library.official_numbers)


def _subject(view: FindingView, cases: CaseNames) -> str:
    case_no, step_no = view.finding.case_no, view.finding.step_no
    return cases.step(case_no, str(step_no)) if case_no else view.finding.device_id or ""


def _columns(texts: Texts, *names: str) -> list[str]:
    return [texts.t(f"cli.column.{name}") for name in names]


def _clip_table(texts: Texts, found: Sequence[ClipView], total: int, cases: CaseNames) -> None:
    rows = [
        (
            clip.digest[:12],
            texts.at(clip.clock.start),
            texts.word(clip.clock.verdict),
            texts.duration(clip.duration_s) if clip.duration_s is not None else "",
            clip.device_id or "",
            clip.carried_by,
            f"{clip.recording.part}/{clip.recording.parts}" if clip.recording else "",
            texts.word(clip.kind),
            texts.word(clip.playable),
            ", ".join(cases.step(link.case_no, link.step_no) for link in clip.links),
            f"{clip.station}/{clip.source_path}",
        )
        for clip in found
    ]
    names = (
        "digest",
        "recorded",
        "clock",
        "duration",
        "device",
        "officer",
        "part",
        "kind",
        "playable",
        "links",
        "source",
    )
    print_table(texts.t("cli.clips.title", shown=len(found), total=total), _columns(texts, *names), rows)


def _case_table(texts: Texts, found: Sequence[CaseView]) -> None:
    rows = [
        (
            case_numbers(texts, view.case),
            view.case.title,
            view.case.matter_type,
            view.case.unit,
            str(view.steps),
            ", ".join(f"{texts.word(state)} {count}" for state, count in view.states.items()),
            str(view.open_findings),
        )
        for view in found
    ]
    names = ("case", "title", "matter", "unit", "steps", "states", "open_findings")
    print_table(texts.t("cli.cases.title", shown=len(found)), _columns(texts, *names), rows)


def _step_table(texts: Texts, found: Sequence[StepView], cases: CaseNames) -> None:
    rows = [
        (
            cases.step(view.step.case_no, view.step.step_no),
            texts.name(view.names, view.step.procedure),
            view.article,
            texts.span(view.step.window),
            texts.word(view.state),
            f"{view.coverage:.0%}" if view.coverage is not None else "",
            str(len(view.links)),
            ", ".join(f.finding.kind.value for f in view.findings if f.state is FindingState.OPEN),
        )
        for view in found
    ]
    names = ("step", "procedure", "article", "window", "state", "coverage", "clips", "findings")
    print_table(texts.t("cli.steps.title", shown=len(found)), _columns(texts, *names), rows)


def _finding_table(texts: Texts, found: Sequence[FindingView], cases: CaseNames) -> None:
    rows = [
        (
            view.finding.finding_id,
            view.finding.kind.value,
            texts.word(view.finding.severity),
            texts.word(view.state),
            _subject(view, cases),
            view.finding.article,
            view.finding.quote,
            texts.say(view.finding.what),
        )
        for view in found
    ]
    names = ("finding", "kind_code", "severity", "state", "subject", "article", "quote", "what")
    print_table(texts.t("cli.findings.title", shown=len(found)), _columns(texts, *names), rows)
