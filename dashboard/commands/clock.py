"""``evidock clock [DEVICE]``: how a camera's clock went, or the shifts that wait; and the decision on one."""

from collections.abc import Sequence
from typing import Annotated

import typer

from dashboard import camera_clock_words as clock_words
from dashboard.camera_history import camera_history
from dashboard.case_number_words import CaseNames
from dashboard.console import print_json, print_table, say
from dashboard.options import ActorOption, HomeOption, JsonOption, LangOption, ReasonOption
from dashboard.shift_desk import ShiftDesk
from dashboard.texts import Texts, visible
from dashboard.wiring import House, open_house
from evidence.clock import Proposal
from evidence.clock_views import CameraClock, ClockFile, ClockReading, camera_clock_json
from evidence.errors import UsageError
from evidence.ids import Digest
from evidence.shift_names import shift_id, shift_json


def run(
    device: Annotated[str, typer.Argument(help="A camera, by its id or maker's serial.", show_default=False)] = "",
    confirm: Annotated[str, typer.Option("--confirm", help="Id of a suspected shift: take it off.")] = "",
    refuse: Annotated[str, typer.Option("--refuse", help="Id of a suspected shift: never propose it again.")] = "",
    reason: ReasonOption = "",
    as_json: JsonOption = False,
    home: HomeOption = None,
    actor: ActorOption = "",
    lang: LangOption = None,
) -> None:
    """Show a camera's clock, or the suspected shifts; confirm or refuse one. Exit 1 when shifts wait."""
    if sum(map(bool, (device, confirm, refuse))) > 1:
        raise UsageError("one thing at a time", cure="give a camera, --confirm ID or --refuse ID")
    with open_house(home, lang=lang, actor=actor) as house:
        if confirm or refuse:
            decide(house, confirm or refuse, reason, confirm=bool(confirm))
        found = house.library.shift_proposals()
        if device:
            clock = camera_history(house.library, device)
            found = [one for one in found if clock.device_id in one.devices]
            print_camera(house.texts, clock, as_json=as_json)
        elif as_json or not (confirm or refuse):
            print_shifts(house.texts, found, CaseNames(house.library.official_numbers), as_json=as_json)
    raise typer.Exit(1 if found and not (confirm or refuse) else 0)


def decide(house: House, name: str, reason: str, *, confirm: bool) -> None:
    """Confirm or refuse a suspected shift, and say what came of it."""
    outcome = ShiftDesk(house.library, house.human.shift).decide(name, house.actor.name, reason, confirm=confirm)
    shift = clock_words.proposal_words(house.texts, outcome.proposal)
    files = len(outcome.proposal.files)
    key = "cli.clock.confirmed" if confirm else "cli.clock.refused"
    say(house.texts.t(key, shift=shift, **({"moved": outcome.moved, "files": files} if confirm else {})))


def print_shifts(texts: Texts, found: Sequence[Proposal], cases: CaseNames, *, as_json: bool) -> None:
    """Print the shifts that wait."""
    if as_json:
        print_json({"shifts": [shift_json(one) for one in found]})
        return
    names = ("shift_id", "scope_of", "shift", "files", "witnessed", "step", "stretch")
    rows = [
        (
            shift_id(one),
            f"{texts.word(one.scope)} {visible(one.target)[:40]}",
            clock_words.proposal_words(texts, one),
            str(len(one.files)),
            str(one.witnessed),
            ", ".join(cases.step(*key) for key in one.steps[:5]),
            f"{texts.clock(one.since)} – {texts.clock(one.until)}",
        )
        for one in found
    ]
    print_table(texts.t("cli.clock.shifts", shown=len(found)), columns_of(texts, names), rows)


def print_camera(texts: Texts, clock: CameraClock, *, as_json: bool) -> None:
    """Print how a camera's clock went: what docks read, resets, each file."""
    if as_json:
        print_json({"clock": camera_clock_json(clock)})
        return
    read = [reading_row(texts, one) for one in clock.readings]
    title = texts.t("cli.clock.readings", shown=len(read))
    print_table(title, columns_of(texts, ("docked", "offset", "clock_set", "tool")), read)
    if clock.resets:
        names = {file.digest: file_name(file) for file in clock.files}
        jumps = [(name_in(names, before), name_in(names, after)) for before, after in clock.resets]
        print_table(texts.t("cli.clock.resets", shown=len(jumps)), columns_of(texts, ("before", "after")), jumps)
    title = texts.t("cli.clock.title", device=clock.device_id, unit=clock.unit or "–", files=len(clock.files))
    columns = columns_of(texts, ("digest", "counter", "shown", "began", "offset", "verdict"))
    print_table(title, columns, [file_row(texts, one) for one in clock.files])


def reading_row(texts: Texts, reading: ClockReading) -> tuple[str, ...]:
    """Return the row of what a dock read."""
    read = texts.t("camera.unread") if reading.offset_s is None else clock_words.offset(texts, reading.offset_s)
    was_set = {True: "camera.was_set", False: "camera.not_set", None: "camera.set_unknown"}[reading.clock_set]
    return texts.clock(reading.at), read, texts.t(was_set), visible(reading.tool)


def file_row(texts: Texts, file: ClockFile) -> tuple[str, ...]:
    """Return the row of a file."""
    shown = texts.clock(file.shown) if file.shown else "–"
    counter = "–" if file.sequence is None else str(file.sequence)
    began = clock_words.interval_bare(texts, file.clock.earliest, file.clock.latest)
    off = clock_words.offset_range(texts, file.offset)
    return file.digest[:12], counter, shown, began, off, texts.word(file.clock.verdict)


def file_name(file: ClockFile) -> str:
    """Return how a file is named beside a reset."""
    return file.digest[:12] if file.sequence is None else f"{file.digest[:12]} ({file.sequence})"


def name_in(names: dict[Digest, str], digest: Digest | None) -> str:
    """Return the name of a file; a dash at a docking."""
    return names.get(digest, digest[:12]) if digest else "–"


def columns_of(texts: Texts, names: Sequence[str]) -> list[str]:
    """Return the headings of columns."""
    return [texts.t(f"cli.column.{name}") for name in names]
