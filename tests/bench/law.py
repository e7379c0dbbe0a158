"""Matching and audit of a large bureau from nothing, and what one clip or step more costs beside it.

Run with ``evidock bench law``; ``--size 20000x2000`` makes it short. The register that it begins with holds judged
clips and recorded steps (`tests.support.bureau`), and neither a link nor a finding; the judging has a bench of its own.
"""

import multiprocessing
import os
import statistics
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path

from config.law_packs import default_pack
from evidence.custody import Actor, Authenticated
from evidence.ports import Scope
from index.catalogue import Catalogue
from index.engine import Register, open_engine
from index.migrate import migrate
from index.review import RegisterReviewer
from tests.bench.intake import Figure
from tests.support import postgres
from tests.support.bureau import counts, fill
from tests.support.bureau_plan import DAYS, FIRST_DAY, Plan
from tests.support.bureau_probes import probes
from tests.support.memory import descendants, peak_of, resident_bytes

CLIPS, STEPS, PAIRS = 1_000_000, 100_000, 100
SMALLEST_PAIR = 200
"""Clips of a pair of officers, at the least: a smaller bureau has fewer pairs."""

SECONDS_BAR, MB_BAR, ONE_BAR_MS = 60.0, 2000.0, 20.0
PROBES = 40
MACHINE = Actor("system", Authenticated.MACHINE)
NOW = FIRST_DAY + timedelta(days=DAYS)


def run(folder: Path | None = None, *, size: str = "") -> dict[str, Figure]:
    """Measure on SQLite. ``size``: as ``20000x2000``, clips and steps."""
    plan = plan_of(size)
    place = (folder or Path.cwd()) / f"bench-law-{os.getpid()}"
    place.mkdir()
    return measured(str(place / "register.sqlite"), plan)


def run_on_server(where: str, *, size: str = "") -> dict[str, Figure]:
    """Measure on PostgreSQL. ``where``: address of an empty database; ``auto`` starts a server, durable as it ships.

    Memory is that of our own processes: what the server takes is its own affair.
    """
    if where != "auto":
        return measured(where, plan_of(size), "postgres_")
    with postgres.running({"max_wal_size": "4GB"}) as server:
        return measured(server.create(), plan_of(size), "postgres_")


def plan_of(size: str) -> Plan:
    """Return the plan of a size; the full one where none is given.

    Raises:
        ValueError: it is not two numbers.
    """
    clips, steps = (int(one) for one in size.split("x")) if size else (CLIPS, STEPS)
    return Plan(1, clips, steps, max(1, min(PAIRS, clips // SMALLEST_PAIR)))


def measured(where: str, plan: Plan, prefix: str = "") -> dict[str, Figure]:
    """Make a register and return the figures of its review."""
    make(where, plan)
    return {f"{prefix}{name}": figure for name, figure in figures_of(where, plan).items()}


def make(where: str, plan: Plan, *, processes: int = 2) -> None:
    """Migrate and fill a register."""
    began = time.perf_counter()
    engine = open_engine(where)
    migrate(engine)
    register = Register(engine)
    fill(register, plan, default_pack(), processes=processes)
    register.close()
    print(f"a bureau of {plan.clips} clips made in {time.perf_counter() - began:.0f} s", file=sys.stderr)


def figures_of(where: str, plan: Plan) -> dict[str, Figure]:
    """Return the figures of a register that was just made; each measurement has a process of its own."""
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
        with peak_of(lambda: sum(map(resident_bytes, descendants(os.getpid())))) as peak:
            whole = pool.submit(review_everything, where).result()
        clips_ms, steps_ms = pool.submit(partial(review_probes, plan=plan), where).result()
    return {
        "from_nothing": at_most(whole.seconds, "s", SECONDS_BAR),
        "from_nothing_peak_rss": at_most(peak.mb, "MB", MB_BAR),
        "new_clip_median": at_most(statistics.median(clips_ms), "ms", ONE_BAR_MS),
        "new_step_median": at_most(statistics.median(steps_ms), "ms", ONE_BAR_MS),
        "new_clip_p90": plain(statistics.quantiles(clips_ms, n=10)[-1], "ms"),
        "new_step_p90": plain(statistics.quantiles(steps_ms, n=10)[-1], "ms"),
        **{f"{name}s": plain(count, "rows") for name, count in whole.rows.items()},
    }


@dataclass(frozen=True)
class Whole:
    """The review of everything. ``rows``: what the tables hold after it."""

    seconds: float
    rows: dict[str, int]


def review_everything(where: str) -> Whole:
    """Match and audit everything in one transaction, from its beginning to its commit."""
    register = Register(open_engine(where))
    reviewer = RegisterReviewer(default_pack())
    began = time.perf_counter()
    with register.transaction() as tx:
        reviewer.conclude(tx, Scope(everything=True), MACHINE, NOW)
    took_s = time.perf_counter() - began
    with register.reading() as session:
        rows = counts(session)
    register.close()
    return Whole(took_s, rows)


def review_probes(where: str, plan: Plan) -> tuple[list[float], list[float]]:
    """Take in one clip after the other, then one step after the other; return what each review took, in ms."""
    register = Register(open_engine(where))
    reviewer, catalogue = RegisterReviewer(default_pack()), Catalogue()
    found = probes(plan, default_pack(), PROBES)
    clips_ms: list[float] = []
    for probe in found:
        with register.transaction() as tx:
            digest = probe.take_in(tx, catalogue)
        clips_ms.append(review_ms(register, reviewer, Scope(clips=frozenset({digest}))))
    steps_ms: list[float] = []
    for probe in found:
        with register.transaction() as tx:
            scope = catalogue.put_steps(tx, [probe.step])
        steps_ms.append(review_ms(register, reviewer, scope))
    register.close()
    return clips_ms, steps_ms


def review_ms(register: Register, reviewer: RegisterReviewer, scope: Scope) -> float:
    """Return the milliseconds of one review, from the beginning of its transaction to its commit."""
    began = time.perf_counter()
    with register.transaction() as tx:
        reviewer.review(tx, scope, MACHINE, NOW)
    return (time.perf_counter() - began) * 1000


def at_most(value: float, unit: str, bar: float) -> Figure:
    """Return a figure that must not pass its bar."""
    return {"value": round(value, 1), "unit": unit, "bar": bar, "ok": value <= bar}


def plain(value: float, unit: str) -> Figure:
    """Return a figure that explains others."""
    return {"value": round(value, 1), "unit": unit, "bar": None, "ok": True}


if __name__ == "__main__":
    for name, figure in run(size=sys.argv[1] if len(sys.argv) > 1 else "").items():
        print(name, figure)
