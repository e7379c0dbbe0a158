"""This machine's clock while a home is served: jumps in the ledger, a zone that is refused, and how it is shown."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import timedelta
from html import unescape
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from prometheus_client.parser import text_string_to_metric_families
from typer.testing import CliRunner

from dashboard.cli import COMMANDS, app
from dashboard.clock_words import clock_rows
from dashboard.texts import LOCALES, Texts
from dashboard.timekeeping import ClockMemory, Timekeeper, clock_health
from dashboard.web.app import create_app
from evidence.custody import Entry, EventType
from evidence.errors import ConfigError, RegisterError
from evidence.timekeeping import ClockHealth, Jump, Reading, Synchronisation, Teller
from index.library import RegisterLibrary
from tests.support.cli import json_lines, run_cli
from tests.support.index import MACHINE, PACK
from tests.support.upkeep import START, SmallHome
from tests.support.web import build_world

HOMELESS = {"verify-pack": "needs no home", "bench": "measures in a folder of its own", "witness": "stands elsewhere"}
"""Commands that open no home, and so run in any zone."""
WORDS = {
    "take-in": ("no-such-file",),
    "import": ("officers", "no-such-file"),
    "link": ("0", "C/1", "--reason", "r"),
    "unlink": ("0", "C/1", "--reason", "r"),
    "reasons": ("0",),
    "explain": ("0", "--reason", "r"),
    "exempt": ("C/1", "--reason", "r"),
    "approve": ("0", "--reason", "r"),
    "export": ("C", "--to", ".", "--reason", "r"),
    "hold": ("list",),
    "dispose": ("list",),
    "retry": ("--all",),
    "refuse-link": ("0", "C/1", "--reason", "r"),
    "mark": ("0", "0", "X"),
    "amend": ("C/1", "--withdraw", "--reason", "r"),
    "attach": ("C", "1", "笔录", "no-such-file", "--reason", "r"),
    "attachments": ("C",),
    "detach": ("C", "1", "笔录", "0", "--reason", "r"),
    "casefile": ("C",),
    "before-filing": ("C",),
    "token": ("list",),
    "classify": ("C", "--withdraw", "--reason", "r"),
    "copies": ("list",),
    "open-case": ("案", "--provisional", "--reason", "r"),
    "number-case": ("L", "C", "--reason", "r"),
}
"""What a command needs to get as far as its home."""


@dataclass
class Clocks:
    """Both clocks, turned by hand."""

    reading: Reading = field(default_factory=lambda: Reading(START, 50.0))
    boot: str = "first"

    def read(self) -> Reading:
        """Look at both."""
        return self.reading

    def pass_(self, seconds: float, gained_s: float = 0.0) -> None:
        """Let time pass, in which the wall clock is moved."""
        wall = self.reading.wall + timedelta(seconds=seconds + gained_s)
        self.reading = Reading(wall, self.reading.steady_s + seconds)


@pytest.fixture(name="home")
def _home(tmp_path: Path) -> Iterator[SmallHome]:
    home = SmallHome(tmp_path)
    yield home
    home.close()


@pytest.fixture(name="clocks")
def _clocks() -> Clocks:
    return Clocks()


def keeper(home: SmallHome, clocks: Clocks) -> Timekeeper:
    """Return what watches the clocks over a real register."""
    memory = ClockMemory(home.root / "work" / "clock.json", clocks.boot)
    return Timekeeper(RegisterLibrary(home.register, PACK), home.append, memory, clocks.read)


def told(home: SmallHome) -> list[tuple[float, object]]:
    """Return length and watched seconds of each jump in the ledger."""
    return [(float(str(t.detail["jump_s"])), t.detail["monotonic_s"]) for t in home.told(EventType.CLOCK_JUMPED)]


def test_a_jump_is_an_entry_and_a_quiet_clock_is_none(home: SmallHome, clocks: Clocks) -> None:
    """Rounds without a jump write nothing; a clock set two hours back is one entry with both times and both lengths."""
    watching = keeper(home, clocks)
    for gained_s in (0.0, 0.002, -7200.0, 0.0):
        clocks.pass_(5.0, gained_s)
        watching.tick()
    assert [jump for jump, _ in told(home)] == [pytest.approx(-7200.0, abs=0.01)]
    [entry] = home.told(EventType.CLOCK_JUMPED)
    assert (entry.subject, entry.actor, entry.detail["monotonic_s"]) == ("clock", "system", 5.0)
    assert str(entry.detail["from_at"]).startswith("2026-03-02T04:00:15")
    assert str(entry.detail["to_at"]).startswith("2026-03-02T02:00:15")


def test_a_jump_that_cannot_be_written_waits(home: SmallHome, clocks: Clocks) -> None:
    """A register that refuses loses no jump: each is written once, in order, when it works again."""
    refusing = [True]

    def append(entry: Entry) -> int:
        if refusing[0]:
            raise RegisterError("is full")
        return home.append(entry)

    memory = ClockMemory(home.root / "work" / "clock.json", clocks.boot)
    watching = Timekeeper(RegisterLibrary(home.register, PACK), append, memory, clocks.read)
    for gained_s in (60.0, -30.0):
        clocks.pass_(5.0, gained_s)
        with pytest.raises(RegisterError):
            watching.tick()
    refusing[0] = False
    watching.tick()
    assert told(home) == [(60.0, 5.0), (-30.0, 5.0)]


def test_a_clock_set_back_while_nothing_ran_is_told_once(home: SmallHome, clocks: Clocks) -> None:
    """Entries from tomorrow at a start are a jump that nobody watched; the next start does not tell it again."""
    home.append(Entry(EventType.VIEWED, MACHINE, START + timedelta(days=1), "ab" * 32))
    for _ in range(2):
        keeper(home, clocks).tick()
    assert told(home) == [(-86_400.0, None)]


@pytest.mark.parametrize("gained_s", [-120.0, 7200.0])
def test_a_clock_that_was_set_between_two_runs_is_told_in_the_same_boot(
    home: SmallHome, clocks: Clocks, gained_s: float
) -> None:
    """A restart compares with the last look of the run before, also forward, where the ledger shows nothing."""
    keeper(home, clocks).tick()
    clocks.pass_(600.0, gained_s)
    again = keeper(home, clocks)
    again.tick()
    again.tick()
    assert [(round(jump_s), watched_s) for jump_s, watched_s in told(home)] == [(gained_s, 600.0)]


def test_after_a_boot_the_last_look_is_worth_nothing(home: SmallHome, clocks: Clocks) -> None:
    """The steady clock counts anew: an hour without power is no jump, nor is a memory that cannot be read."""
    keeper(home, clocks).tick()
    clocks.reading, clocks.boot = Reading(START + timedelta(hours=1), 3.0), "second"
    keeper(home, clocks).tick()
    (home.root / "work" / "clock.json").write_bytes(b"{")
    keeper(home, clocks).tick()
    assert told(home) == []


def test_a_full_disk_stops_no_round(home: SmallHome, clocks: Clocks) -> None:
    """Where nothing can be remembered, jumps are still recorded."""
    (home.root / "work" / "clock.json").mkdir()
    watching = keeper(home, clocks)
    clocks.pass_(5.0, 60.0)
    watching.tick()
    assert told(home) == [(60.0, 5.0)]


def test_the_health_of_the_clock_lists_the_newest_jump_first(home: SmallHome, clocks: Clocks) -> None:
    """Up to ten jumps are listed, each with the number of its entry."""
    watching = keeper(home, clocks)
    for number in range(12):
        clocks.pass_(5.0, 10.0 + number)
        watching.tick()
    jumps = clock_health(RegisterLibrary(home.register, PACK)).jumps
    assert [round(jump.jump_s) for jump in jumps] == list(range(21, 11, -1))
    assert [jump.number for jump in jumps] == sorted((int(str(jump.number)) for jump in jumps), reverse=True)


# --- as people see it -------------------------------------------------------------------------------------------------

OFF = Jump(START + timedelta(hours=1), START, -3600.0, None, 3)
HEALTH = ClockHealth("Asia/Shanghai", Synchronisation(kept=False, told_by=Teller.KERNEL), (OFF,))


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("kept", [None, False, True])
def test_every_state_of_the_clock_has_words(locale: str, kept: bool | None) -> None:
    """Kept, not kept and unknown, and each kind of jump, are sentences without keys, and say Beijing time."""
    jumps = (OFF, replace(OFF, watched_s=5.0), replace(OFF, jump_s=2.5, watched_s=5.0))
    for error_s in (None, 0.0125):
        texts = Texts(locale)
        rows = clock_rows(ClockHealth("UTC", Synchronisation(kept, Teller.KERNEL, error_s), jumps), texts)
        assert len({said for _, said in rows}) == len(rows) == 5
        assert not any("timekeeping." in name + said or "%(" in said for name, said in rows)
        assert all(texts.t("time.beijing") in said for _, said in rows[2:])


@pytest.mark.parametrize("locale", LOCALES)
def test_the_stations_page_says_how_the_clock_stands(locale: str) -> None:
    """The page names state, zone and jumps, and leads to all entries about the clock."""
    pages = create_app(replace(build_world().services(), timekeeping=lambda: HEALTH))
    page = TestClient(pages, base_url="http://127.0.0.1").get("/stations", params={"lang": locale}).text
    assert all(said in unescape(page) for _, said in clock_rows(HEALTH, Texts(locale)))
    assert '"/ledger?subject=clock"' in page


KNOWN = replace(HEALTH, synchronisation=Synchronisation(kept=True, told_by=Teller.KERNEL, max_error_s=0.0125))
UNKNOWN = replace(HEALTH, synchronisation=Synchronisation())


@pytest.mark.parametrize(("health", "figures"), [(HEALTH, [0.0]), (KNOWN, [1.0, 0.0125]), (UNKNOWN, [])])
def test_figures_and_status_of_the_clock(health: ClockHealth, figures: list[float]) -> None:
    """`/metrics` has a figure only where somebody tells; `/api/status` has ``null`` instead, and UTC ends in Z."""
    pages = create_app(replace(build_world().services(), timekeeping=lambda: health))
    client = TestClient(pages, base_url="http://127.0.0.1")
    families = text_string_to_metric_families(client.get("/metrics").text)
    assert [f.samples[0].value for f in families if f.name.startswith("evidock_system_clock_")] == figures
    said, kept = client.get("/api/status").json()["clock"], health.synchronisation
    assert (said["synchronised"], said["told_by"], said["max_error_s"]) == (kept.kept, kept.told_by, kept.max_error_s)
    assert said["jumps"] == [
        {"number": 3, "from_at": "2026-03-02T05:00:00Z", "to_at": "2026-03-02T04:00:00Z"}
        | {"jump_s": -3600.0, "monotonic_s": None}
    ]


# --- the real command -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("command", [name for name in COMMANDS if name not in HOMELESS])
def test_no_command_opens_a_home_in_custom_time(command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With TZ=Asia/Urumqi every command that opens a home is refused, and makes nothing."""
    monkeypatch.setenv("TZ", "Asia/Urumqi")
    home = tmp_path / "home"
    refused = CliRunner().invoke(app, [command, *WORDS.get(command, ()), "--home", str(home)])
    assert isinstance(refused.exception, ConfigError), refused.output
    assert "Asia/Urumqi" in str(refused.exception)
    assert not home.exists()


@pytest.mark.parametrize("command", ["up", "status"])
def test_the_real_command_says_both_ways_out(command: str, tmp_path: Path) -> None:
    """It ends with 10 and one sentence that names the two cures."""
    refused = run_cli(tmp_path / "home", command, env={"TZ": ":Asia/Kashgar"})
    assert refused.returncode == 10, refused.stderr
    assert "timedatectl set-timezone Asia/Shanghai" in refused.stderr
    assert "TZ=Asia/Shanghai" in refused.stderr


@pytest.mark.parametrize("zone", ["", "UTC", "Asia/Shanghai"])
def test_other_zones_open_a_home_and_show_beijing_time(zone: str, tmp_path: Path) -> None:
    """A bare container in UTC works as a machine in Beijing does; `status` names the zone."""
    done = run_cli(tmp_path / "home", "status", "--json", env={"TZ": zone})
    assert done.returncode == 0, done.stderr
    status = json_lines(done)[0]["status"]
    assert isinstance(status, dict)
    assert status["clock"]["zone"] == (zone or "UTC")
    assert status["clock"]["synchronised"] in {True, False, None}


def test_an_unkept_clock_is_a_warning_of_the_doctor(tmp_path: Path) -> None:
    """Whatever keeps this machine's clock, the doctor's probe of it never fails; unkept it is a warning."""
    [printed] = json_lines(run_cli(tmp_path / "home", "status", "--doctor", "--json"))
    status = printed["status"]
    assert isinstance(status, dict)
    [clock] = [probe for probe in status["doctor"] if probe["name"] == "clock"]
    assert (clock["ok"], clock["warning"]) == (True, status["clock"]["synchronised"] is False)


def test_a_home_whose_clock_was_set_back_two_days_works(tmp_path: Path) -> None:
    """What came under the wrong clock stays; the next start records the jump; every check and a rebuild agree."""
    home, card = tmp_path / "home", tmp_path / "card"
    card.mkdir()
    for number in range(2):
        (card / f"{number}.bin").write_bytes(f"clip {number}".encode() * 5000)
    (tmp_path / "officers.csv").write_text("officer_id,name\nA1,李\n", "utf-8")
    assert run_cli(home, "import", "officers", str(tmp_path / "officers.csv"), ahead_h=48).returncode == 0
    assert run_cli(home, "take-in", str(card / "0.bin"), ahead_h=48).returncode == 0
    (home / "work" / "clock.json").unlink()  # as after a boot: only the ledger is left to tell
    assert run_cli(home, "take-in", str(card / "1.bin")).returncode == 0
    jumps = jumps_of(home)
    assert len(jumps) == 1
    assert (round(float(str(jumps[0]["jump_s"])) / 3600), jumps[0]["monotonic_s"]) == (-48, None)

    assert run_cli(home, "review").returncode == 0
    assert run_cli(home, "verify", "--deep").returncode == 0
    assert run_cli(home, "rebuild").returncode == 0
    assert run_cli(home, "verify", "--deep").returncode == 0
    assert jumps_of(home) == jumps, "the register made again has the same, and no start told it twice"


def jumps_of(home: Path) -> list[dict[str, object]]:
    """Return the jumps that `status` lists."""
    [printed] = json_lines(run_cli(home, "status", "--json"))
    status = printed["status"]
    assert isinstance(status, dict)
    return list(status["clock"]["jumps"])
