"""``evidock demo``: the main job on footage it makes itself, and a table of what was planted and what was found."""

import contextlib
import os
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Annotated

import typer

from dashboard.console import print_table, say
from dashboard.demo.footage import lay_in_dock, make_file
from dashboard.demo.world import Drop, Planted, World, build_world, subject_of
from dashboard.options import LangOption
from dashboard.plant import runner_of
from dashboard.progress import Bars
from dashboard.records import import_file
from dashboard.serve import PageServer
from dashboard.wiring import House, open_house
from dashboard.works import Works
from evidence.findings import FindingKind
from evidence.ports import PickupState
from evidence.views import ClipFilter, FindingFilter

SETTINGS = {"watch": {"quiet_s": 1.0, "rescan_s": 5.0}}
POLL_S = 0.2
STALLED_AFTER_S = 300.0
EVERY = 1_000_000

Key = tuple[FindingKind, str]


def run(
    once: Annotated[
        bool, typer.Option("--once", help="Stop when all is processed; exit 0 only if planted = found.")
    ] = False,
    home: Annotated[
        Path | None, typer.Option("--home", help="Keep the demo in this folder (must be new or empty).")
    ] = None,
    port: Annotated[int, typer.Option("--port", min=0, max=65535, help="Port of the pages; 0 is any.")] = 0,
    lang: LangOption = None,
) -> None:
    """Make footage with planted faults, run it through watch, seal, check, link and audit, and show the pages."""
    with contextlib.ExitStack() as stack:
        folder = stack.enter_context(_home(home))
        house = stack.enter_context(open_house(folder, lang=lang, overrides=SETTINGS))
        works = Works(house)
        stack.enter_context(works.serving("evidock demo"))
        server = stack.enter_context(PageServer(house, works.plant, port))
        say(house.texts.t("cli.demo.home", home=str(folder)))
        say(house.texts.t("cli.up.serving", url=server.url, dock=str(house.home.dock)))
        same = play(house, build_world(house.clock()))
        if not once:
            server.wait()
    raise typer.Exit(0 if same else 1)


def play(house: House, world: World) -> bool:
    """Import the records, dock the footage, wait until all is reviewed; return whether planted and found agree."""
    began = time.monotonic()
    _import(house, world)
    with _made(house, world.drops) as made:
        _dock(house, made)
        _wait(house, len(world.drops))
    return _compare(house, world, time.monotonic() - began)


def _import(house: House, world: World) -> None:
    with tempfile.TemporaryDirectory(prefix="evidock-records-") as folder:
        for noun, text in world.csv_files.items():
            file = Path(folder, f"{noun}.csv")
            file.write_text(text, encoding="utf-8")
            import_file(house, noun, file)


@contextlib.contextmanager
def _home(wanted: Path | None) -> Iterator[Path]:
    if wanted:
        yield wanted
        return
    with tempfile.TemporaryDirectory(prefix="evidock-demo-") as folder:
        yield Path(folder)


@contextlib.contextmanager
def _made(house: House, drops: Sequence[Drop]) -> Iterator[Sequence[tuple[Drop, "Future[Path]"]]]:
    """Make the footage on all cores, each distinct file once, while what is ready docks already, in docking order."""
    runner = runner_of(house)
    with tempfile.TemporaryDirectory(prefix="evidock-card-") as card, ThreadPoolExecutor(os.cpu_count()) as workers:
        distinct = {drop.content: workers.submit(make_file, drop, Path(card), runner) for drop in _first(drops)}
        yield [(drop, distinct[drop.content]) for drop in drops]


def _first(drops: Sequence[Drop]) -> Sequence[Drop]:
    return list({drop.content: drop for drop in drops}.values())


def _dock(house: House, made: "Sequence[tuple[Drop, Future[Path]]]") -> None:
    with Bars(len(made), house.texts.t("cli.demo.making")) as bars:
        for done, (drop, future) in enumerate(made):
            while not future.done():
                bars.show(done, house.board.files())
                house.pause(POLL_S)
            lay_in_dock(drop, future.result(), house.home.dock)
        bars.show(len(made), house.board.files())


def _wait(house: House, expected: int) -> None:
    """Wait until every docked file is sealed and reviewed, or has visibly failed; give up when nothing moves."""
    moved, last = time.monotonic(), -1
    with Bars(expected, house.texts.t("cli.demo.journey")) as bars:
        while True:
            seen, open_work = _ended(house), house.library.unfinished()
            bars.show(max(0, seen - open_work), house.board.files())
            if seen >= expected and open_work == 0:
                return
            if seen - open_work != last:
                moved, last = time.monotonic(), seen - open_work
            if time.monotonic() - moved > STALLED_AFTER_S:
                return
            house.pause(POLL_S)


def _ended(house: House) -> int:
    counts = house.library.pickup_counts()
    return sum(counts.get(s.value, 0) for s in (PickupState.SEALED, PickupState.SEEN_AGAIN, PickupState.FAILED))


def _compare(house: House, world: World, taken_s: float) -> bool:
    clips = house.library.clips(ClipFilter(limit=EVERY))
    subjects = {clip.digest: f"{clip.station}/{clip.source_path}" for clip in clips}
    found = {
        (view.finding.kind, subject_of(view.finding, subjects))
        for view in house.library.findings(FindingFilter(open_only=True, limit=EVERY))
    }
    planted = {(plant.kind, plant.subject): plant for plant in world.planted}
    _print(house, planted, found)
    missed, extra = set(planted) - found, found - set(planted)
    key = "cli.demo.differs" if missed or extra else "cli.demo.same"
    figures = {
        "planted": len(planted),
        "found": len(found),
        "taken_s": round(taken_s),
        "missed": len(missed),
        "extra": len(extra),
    }
    say(house.texts.t(key, **figures))
    return not missed and not extra


def _print(house: House, planted: Mapping[Key, Planted], found: AbstractSet[Key]) -> None:
    texts = house.texts
    rows = [
        (
            key[0].value,
            key[1],
            texts.t("cli.demo.yes" if key in planted else "cli.demo.no"),
            texts.t("cli.demo.yes" if key in found else "cli.demo.no"),
            texts.say(planted[key].why) if key in planted else "",
        )
        for key in sorted({*planted, *found}, key=str)
    ]
    columns = [texts.t(f"cli.column.{name}") for name in ("kind_code", "subject", "planted", "found", "what")]
    print_table(texts.t("cli.demo.title"), columns, rows)
