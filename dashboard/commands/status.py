"""``evidock status``: what is under way, what came from where, and whether this machine is fit."""

from collections.abc import Sequence
from typing import Annotated

import typer

from dashboard.clock_words import clock_json, clock_rows
from dashboard.console import print_json, print_table, say
from dashboard.health import Probe, probe_all
from dashboard.lock import ServingLock
from dashboard.options import HomeOption, JsonOption, LangOption
from dashboard.texts import Texts
from dashboard.timekeeping import clock_health
from dashboard.upkeep_state import state_json, state_of, state_rows
from dashboard.wiring import House, open_house
from evidence.errors import ConfigError, StorageError
from evidence.zones import to_utc_iso
from index import check


def run(
    doctor: Annotated[
        bool, typer.Option("--doctor", help="Probe programs, disk, register, vault, zone, clock.")
    ] = False,
    as_json: JsonOption = False,
    home: HomeOption = None,
    lang: LangOption = None,
) -> None:
    """Show queues, stations and files that wait; with --doctor exit 1 when a probe fails."""
    with open_house(home, lang=lang, begin=False) as house:
        probes = probe_all(house) if doctor else ()
        if as_json:
            print_json({"status": _as_json(house, probes)})
        else:
            _print(house, probes)
    raise typer.Exit(0 if all(probe.ok for probe in probes) else 1)


def _serving(house: House) -> str:
    lock = ServingLock(house.home.lock, "evidock status")
    if lock.take():
        lock.free()
        return ""
    return lock.holder()


def _unsealed(house: House) -> int:
    heads = check.ledger_heads(house.register)
    return heads.size - heads.sealed


def _upkeep_json(house: House) -> dict[str, object] | None:
    """Return how upkeep stands; None while the vault cannot be asked, which the doctor says more of."""
    try:
        return state_json(state_of(house.upkeep))
    except (StorageError, ConfigError):
        return None


def _upkeep_rows(house: House) -> list[tuple[str, str]]:
    try:
        return state_rows(state_of(house.upkeep), house.texts)
    except (StorageError, ConfigError) as error:
        return [(house.texts.t("cli.status.vault_away"), str(error))]


def _as_json(house: House, probes: Sequence[Probe]) -> dict[str, object]:
    totals = house.library.totals()
    return {
        "serving": _serving(house),
        "clips": totals.clips,
        "size_bytes": totals.size_bytes,
        "by_state": dict(totals.by_state),
        "by_kind": dict(totals.by_kind),
        "failed": totals.failed,
        "pickups_waiting": totals.pickups_waiting,
        "pickups_failed": totals.pickups_failed,
        "cases": totals.cases,
        "steps": totals.steps,
        "open_findings": dict(totals.open_findings),
        "ledger_entries": totals.ledger_entries,
        "ledger_unsealed": _unsealed(house),
        "upkeep": _upkeep_json(house),
        "clock": clock_json(clock_health(house.library)),
        "stations": [
            {
                "station": s.station,
                "files": s.files,
                "size_bytes": s.size_bytes,
                "waiting": s.waiting,
                "failed": s.failed,
                "last_received_at": to_utc_iso(s.last_received_at) if s.last_received_at else None,
            }
            for s in house.library.stations()
        ],
        "doctor": [probe.as_json(house.texts.say) for probe in probes],
    }


def _print(house: House, probes: Sequence[Probe]) -> None:
    texts, totals = house.texts, house.library.totals()
    serving = _serving(house)
    say(texts.t("cli.status.serving", holder=serving) if serving else texts.t("cli.status.idle"))
    figures = {
        "clips": str(totals.clips),
        "size": texts.size(totals.size_bytes),
        "pickups_waiting": str(totals.pickups_waiting),
        "pickups_failed": str(totals.pickups_failed),
        "failed": str(totals.failed),
        "cases": str(totals.cases),
        "steps": str(totals.steps),
        "open_findings": str(sum(totals.open_findings.values())),
        "ledger_entries": str(totals.ledger_entries),
        "ledger_unsealed": str(_unsealed(house)),
    }
    print_table(
        texts.t("cli.status.title", home=str(house.home.root)),
        [texts.t("cli.column.figure"), texts.t("cli.column.value")],
        [(texts.t(f"cli.status.{name}"), value) for name, value in figures.items()]
        + _upkeep_rows(house)
        + clock_rows(clock_health(house.library), texts),
    )
    rows = [
        (s.station, str(s.files), texts.size(s.size_bytes), str(s.waiting), str(s.failed), texts.at(s.last_received_at))
        for s in house.library.stations()
    ]
    columns = [texts.t(f"cli.column.{c}") for c in ("station", "files", "size", "waiting", "failed", "last_received")]
    print_table(texts.t("cli.status.stations"), columns, rows)
    if probes:
        marks = [(p.name, _verdict(p, texts), texts.say(p.found)) for p in probes]
        columns = [texts.t(f"cli.column.{c}") for c in ("probe", "verdict", "what")]
        print_table(texts.t("cli.status.doctor"), columns, marks)


def _verdict(probe: Probe, texts: Texts) -> str:
    if not probe.ok:
        return texts.t("cli.status.bad")
    return texts.t("cli.status.warning" if probe.warning else "cli.status.ok")
