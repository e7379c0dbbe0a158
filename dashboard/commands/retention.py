"""``evidock retention``: what is kept until when and why, and whether the vault keeps it."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Annotated

import typer
from rich.progress import Progress

from dashboard.console import ERR, print_json, print_table, say
from dashboard.options import HomeOption, JsonOption, LangOption, LimitOption
from dashboard.retention import Keeper
from dashboard.retention_check import check_retention
from dashboard.texts import Texts
from dashboard.wiring import House, open_house
from evidence.errors import UsageError
from evidence.ids import CaseNo, Digest
from evidence.retention import last_day
from evidence.retention_views import (
    ClassView,
    KeptDifference,
    KeptView,
    class_view_json,
    difference_json,
    kept_json,
    schedule_json,
)
from evidence.schedules import Schedule
from evidence.zones import BEIJING
from index.retention_views import class_views, due_before, following, kept_views


def run(
    clip: Annotated[str, typer.Option("--clip", help="Only this clip: its digest, or the first 6 digits.")] = "",
    case: Annotated[str, typer.Option("--case", help="Only what follows this case.")] = "",
    due: Annotated[str, typer.Option("--due", help="Only what ends by this day (YYYY-MM-DD, Beijing).")] = "",
    check: Annotated[
        bool, typer.Option("--check", help="Compare with the vault; exit 1 when anything differs.")
    ] = False,
    limit: LimitOption = 1000,
    as_json: JsonOption = False,
    home: HomeOption = None,
    lang: LangOption = None,
) -> None:
    """Show the schedule and what it keeps, or the retention of single originals."""
    if sum(map(bool, (clip, case, due, check))) > 1:
        raise UsageError("these cannot be asked together", cure="give one of --clip, --case, --due, --check")
    with open_house(home, lang=lang) as house:
        keeper = Keeper(house)
        if check:
            _check(house, keeper, as_json=as_json)
        elif clip or case or due:
            _print_kept(house.texts, keeper.schedule, _asked_for(house, clip, case, due, limit), as_json=as_json)
        else:
            _summary(house, keeper.schedule, as_json=as_json)


def _asked_for(house: House, clip: str, case: str, due: str, limit: int) -> list[KeptView]:
    named = [house.library.clip(clip).digest] if clip else []
    case_no = house.library.case(case).case.case_no if case else CaseNo("")
    with house.register.reading() as session:
        if case:
            named = following(session, case_no, limit)
        elif due:
            named = due_before(session, end_of_day(due), limit)
        return kept_views(session, named)


def end_of_day(text: str) -> datetime:
    """Return the end of a Beijing day as UTC.

    Raises:
        UsageError: the text is no date.
    """
    try:
        day = datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=BEIJING)
    except ValueError as error:
        raise UsageError("is not a date", subject=text, cure="write it as 2027-05-31") from error
    return (day + timedelta(days=1)).astimezone(UTC)


def _check(house: House, keeper: Keeper, *, as_json: bool) -> None:
    with Progress(console=ERR, transient=True, disable=not ERR.is_terminal) as bars:
        task = bars.add_task(house.texts.t("cli.retention.checking"), total=max(1, house.library.totals().clips))
        found = list(check_retention(house, keeper, lambda count: bars.advance(task, count)))
    if as_json:
        print_json({"retention": {"differences": [difference_json(one, house.texts.say) for one in found]}})
    elif found:
        _difference_table(house.texts, found)
    else:
        say(house.texts.t("cli.retention.agree"))
    raise typer.Exit(1 if found else 0)


def _summary(house: House, schedule: Schedule, *, as_json: bool) -> None:
    with house.register.reading() as session:
        counted = class_views(session)
    if as_json:
        body = {"schedule": schedule_json(schedule), "kept": [class_view_json(one) for one in counted]}
        print_json({"retention": body})
        return
    _schedule_table(house.texts, schedule)
    _class_table(house.texts, schedule, counted)


def _print_kept(texts: Texts, schedule: Schedule, found: Sequence[KeptView], *, as_json: bool) -> None:
    if as_json:
        print_json({"retention": {"clips": [kept_json(one, texts.say) for one in found]}})
        return
    rows = [
        (
            one.digest[:12],
            ending(texts, one),
            class_name(texts, schedule, one.promise.schedule_class) if one.promise else "",
            texts.say(one.promise.why) if one.promise else "",
            ", ".join(one.holds),
            _vault(texts, one),
            f"{one.station}/{one.source_path}",
        )
        for one in found
    ]
    names = ("digest", "until", "class", "why", "holds", "vault", "source")
    print_table(texts.t("cli.retention.title", shown=len(found)), _columns(texts, *names), rows)


def ending(texts: Texts, one: KeptView) -> str:
    """Return until when an original is kept, in a few words."""
    if one.disposed_at is not None:
        return texts.t("retention.disposed", at=texts.at(one.disposed_at))
    if one.promise is None:
        return texts.t("retention.no_promise")
    if one.promise.endless:
        return texts.word(one.promise.endless)
    return last_day(one.promise.floor)


def class_name(texts: Texts, schedule: Schedule, code: str) -> str:
    """Return the name of a class in the reader's language; of one the schedule no longer has, its code."""
    found = schedule.classes.get(code)
    return texts.name(found.names, code) if found else code


def _vault(texts: Texts, one: KeptView) -> str:
    if one.trouble or one.lock is None:
        return one.trouble or texts.t("retention.unasked")
    held = texts.t("retention.held") if one.lock.held else ""
    return " ".join(part for part in (last_day(one.lock.until) if one.lock.until else "", held) if part)


def _schedule_table(texts: Texts, schedule: Schedule) -> None:
    rows = [
        (
            texts.name(one.names, one.code),
            texts.t("retention.months", n=one.months) if one.months else texts.t("retention.no_end"),
            texts.word(one.runs_from),
            texts.name(one.words, ""),
            one.basis,
            one.set_by,
        )
        for one in schedule.classes.values()
    ]
    title = f"{texts.name(schedule.names, schedule.schedule_id)} · {schedule.rule_version}"
    print_table(title, _columns(texts, "class", "period", "runs_from", "words", "basis", "set_by"), rows)


def _class_table(texts: Texts, schedule: Schedule, counted: Sequence[ClassView]) -> None:
    rows = [
        (
            class_name(texts, schedule, one.schedule_class),
            texts.word(one.endless) if one.endless else texts.t("retention.ends"),
            str(one.clips),
            texts.size(one.size_bytes),
            last_day(one.next_until) if one.next_until else "",
        )
        for one in counted
    ]
    names = ("class", "until", "clips_count", "size", "next_until")
    print_table(texts.t("cli.retention.kept"), _columns(texts, *names), rows)


def _difference_table(texts: Texts, found: Sequence[KeptDifference]) -> None:
    rows = [(Digest(one.digest)[:12], one.kind, texts.say(one.what)) for one in found]
    title = texts.t("cli.retention.differs", count=len(found))
    print_table(title, _columns(texts, "digest", "kind_code", "what"), rows)


def _columns(texts: Texts, *names: str) -> list[str]:
    return [texts.t(f"cli.column.{name}") for name in names]
