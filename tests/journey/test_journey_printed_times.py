"""Every time that is printed says that it is Beijing time: pages, tables, sentences, papers; UTC in JSON ends in Z."""

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import pytest
from fastapi.testclient import TestClient
from typer.testing import CliRunner

from dashboard.cli import COMMANDS, app
from dashboard.import_desk import ImportDesk
from dashboard.page_services import page_services
from dashboard.plant import Plant
from dashboard.texts import DEFAULT_LOCALE, LOCALES
from dashboard.web.app import TABLES, create_app
from dashboard.web.table import READ
from dashboard.wiring import open_house
from evidence.holds import HoldScope
from tests.support.cli import run_cli
from tests.support.index import CASE, step
from tests.support.printed import BEIJING, SAID, TIME, UTC, panels_of, strings_of, unsaid
from tests.support.retention import bureau, day

ISO = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d.*")
AS_WRITTEN = frozenset({"raw", "source_path", "file_name", "quote"})
"""JSON names whose values are somebody else's words."""
NOT_LISTED = {
    "up": "prints an address and serves",
    "demo": "prints planted faults and serves",
    "bench": "prints lengths of time",
    "import": "the rows of the file in its own words",
    "take-in": "prints file names and outcomes",
    "link": "one sentence without a time",
    "unlink": "one sentence without a time",
    "reasons": "codes and words without a time",
    "explain": "one sentence without a time",
    "exempt": "one sentence without a time",
    "approve": "one sentence without a time",
    "retry": "one sentence without a time",
    "open-case": "one sentence without a time",
    "number-case": "one sentence without a time",
    "amend": "one sentence without a time",
    "classify": "sentences without a time",
    "attach": "one sentence without a time",
    "detach": "one sentence without a time",
    "mark": "one sentence without a time",
    "refuse-link": "one sentence without a time",
    "export": "one sentence each on folder, fingerprint and what to do",
    "rebuild": "figures, and a file name in UTC that says Z",
}
"""Commands that are not run here, and what they print instead of a time."""
UNPAGED = ("/api/", "/media/", "/log/", "/metrics", "/healthz")


@dataclass(frozen=True)
class Made:
    """A home, one thing of each kind in it, and a pack."""

    root: Path
    digest: str
    finding: str
    case: str
    pack: Path | None = None
    camera: str = "AB00001"
    copies: str = ""

    def commands(self) -> Mapping[str, list[list[str]]]:
        """Return calls of every command that lists something."""
        return {
            "clips": [[]],
            "cases": [[]],
            "steps": [[]],
            "findings": [["--all"]],
            "clock": [[], [self.camera]],
            "review": [[]],
            "status": [[], ["--doctor"]],
            "verify": [[], ["--deep"]],
            "key": [["show"]],
            "retention": [[], ["--clip", self.digest], ["--case", self.case], ["--due", "2099-01-01"], ["--check"]],
            "hold": [["list", "--all"]],
            "suggestions": [[]],
            "marks": [[]],
            "attachments": [[self.case]],
            "casefile": [[self.case]],
            "before-filing": [[self.case]],
            "indicators": [["--month", "2026-11"]],
            "token": [["list"]],
            "copies": [["list", "--all"], *([["show", self.copies]] if self.copies else [])],
            "dispose": [["list", "--all"], ["propose", "--dry-run", "--clip", self.digest]],
            "verify-pack": [[str(self.pack)]] if self.pack else [],
            "witness": [[str(self.root / "vault" / "ledger"), "--once", "--state", str(self.root.parent / "state")]],
        }


def made_clip(place: Path, pattern: str) -> Path:
    """Make two seconds of moving picture with sound."""
    place.parent.mkdir(exist_ok=True)
    words = f"-f lavfi -i {pattern}=size=160x120:rate=10:duration=2 -f lavfi -i sine=duration=2 -pix_fmt yuv420p"
    subprocess.run(["ffmpeg", "-v", "error", *words.split(), str(place)], check=True)
    return place


def done(home: Path, *words: str) -> str:
    """Run a command that must succeed, in this process, and return what it printed."""
    ran = CliRunner().invoke(app, [*words, "--home", str(home)])
    assert ran.exit_code in {0, 1}, ran.output
    assert ran.exception is None or isinstance(ran.exception, SystemExit), ran.exception
    return ran.stdout


def taken_in(home: Path, clip: Path, ahead_h: float = 0.0) -> None:
    """Take a clip in, in a process of its own: the pipeline runs once in each."""
    ran = run_cli(home, "take-in", str(clip), ahead_h=ahead_h)
    assert ran.returncode == 0, ran.stderr


TABLES_IN = {
    "officers": "officer_id,name,short_codes\nZF1,陈静,XX0001\n",
    "devices": "device_id,model\nAB00001,BWC\n",
    "assignments": "device_id,officer_id,from,to\nAB00001,ZF1,2026-11-20 08:00,2026-11-20 18:00\n",
    "cases": "case_no,title,matter_type,opened_at,concluded_at\nC-1,案,处罚,2026-11-20 09:00,2026-11-21 10:00\n",
    "steps": "case_no,step_no,procedure,started_at,ended_at,officers\n"
    "C-1,1,SITE_CHECK,2026-11-20 09:20,2026-11-20 09:50,ZF1\n",
}


@pytest.fixture(scope="module", name="busy")
def _busy(tmp_path_factory: pytest.TempPathFactory) -> Made:
    """A home whose footage came under a clock two days ahead and under the right one; decided on and exported."""
    folder = tmp_path_factory.mktemp("busy")
    home = folder / "home"
    for noun, rows in TABLES_IN.items():
        (folder / f"{noun}.csv").write_text(rows, "utf-8")
        done(home, "import", noun, str(folder / f"{noun}.csv"))
    name = "AB00001_XX0001_20261120093000_0001.mp4"
    taken_in(home, made_clip(folder / "card" / name, "testsrc2"), ahead_h=48)
    taken_in(home, made_clip(folder / "card" / name.replace("093000_0001", "094000_0002"), "testsrc"))
    finding = str(json.loads(done(home, "findings", "--json"))["findings"][0]["finding_id"])
    digest = str(json.loads(done(home, "clips", "--json"))["clips"][0]["sha256"])
    done(home, "explain", finding, "--reason", "OTHER_REASON", "--note", "电池耗尽", "--actor", "陈静")
    done(home, "hold", "place", "--case", "C-1", "--reason", "诉讼", "--actor", "陈静")
    done(home, "key", "rotate", "--reason", "年度", "--actor", "陈静")
    done(home, "export", "C-1", "--to", str(folder / "packs"), "--reason", "移送", "--actor", "陈静")
    [pack] = (folder / "packs").iterdir()
    return Made(home, digest, finding, "C-1", pack, copies=handed_out(home, folder / "copies"))


def handed_out(home: Path, into: Path) -> str:
    """Bring a party's request to its receipt; return its id."""
    party = ("--applicant", "某厂", "--ground", "当事人", "--identified", "营业执照", "--checked-by", "陈静")
    asked = done(home, "copies", "request", "C-1", *party, "--purpose", "复议", "--actor", "陈静", "--json")
    name = str(json.loads(asked)["copies"][0]["request_id"])
    done(home, "copies", "approve", name, "--reason", "同意", "--actor", "局长")
    done(home, "copies", "prepare", name, "--to", str(into), "--actor", "陈静")
    said = ("--receipt", "2026-07", "--receiver", "某厂", "--shown", "身份证")
    done(home, "copies", "hand-over", name, *said, "--actor", "陈静")
    return name


@pytest.fixture(scope="module", name="office")
def _office(tmp_path_factory: pytest.TempPathFactory) -> Made:
    """A home in which one clip was disposed of, one spared, and a hold was lifted."""
    folder = tmp_path_factory.mktemp("office")
    with bureau(folder) as office:
        office.steps(step())
        office.case(CASE, "处罚")
        clips = [office.clip(name, window) for name, window in {"old": (300, 310), "held": (320, 330)}.items()]
        office.keep(*clips)
        first = office.desk.place(HoldScope.CASE, CASE, "李", "诉讼")
        office.desk.lift(first.hold_id, "王", "撤诉")
        office.now = day("2027-05-03")
        asked = office.desk.propose(clips, "档案员", "期满").disposal_id
        office.desk.approve(asked, "李", "同意")
        office.desk.place(HoldScope.CLIP, clips[1], "王", "投诉")
        office.desk.approve(asked, "王", "同意")
    return Made(folder / "home", clips[0], "", CASE, camera="D1")


@pytest.fixture(name="home", params=["busy", "office"])
def _home(request: pytest.FixtureRequest) -> Made:
    """Each of the two."""
    found = request.getfixturevalue(request.param)
    assert isinstance(found, Made)
    return found


def printed(made: Made, command: str, words: list[str], *more: str) -> tuple[str, str]:
    """Return what a command prints, in this process: stdout and stderr."""
    homeless = command in {"verify-pack", "witness"}
    ran = CliRunner().invoke(app, [command, *words, *more, *(() if homeless else ("--home", str(made.root)))])
    assert ran.exception is None or isinstance(ran.exception, SystemExit), ran.exception
    return ran.stdout, ran.stderr


def test_every_command_is_listed_or_prints_no_time(busy: Made) -> None:
    """A new command fails here until it is looked at."""
    assert {*busy.commands(), *NOT_LISTED} == set(COMMANDS)


@pytest.mark.parametrize("locale", LOCALES)
def test_every_table_says_beijing_time(home: Made, locale: str) -> None:
    """What a listing command prints on either stream has no time without its clock."""
    silent = {}
    for command, calls in home.commands().items():
        for words in calls:
            for stream in printed(home, command, words, "--lang", locale):
                if found := unsaid(stream, locale):
                    silent[command, *words] = found
    assert silent == {}


def test_every_json_has_utc_with_z_and_sentences_in_beijing_time(home: Made) -> None:
    """A time that is a value ends in Z; a sentence with a time says Beijing time."""
    wrong = {}
    for command, calls in home.commands().items():
        for words in calls:
            out, _ = printed(home, command, words, "--lang", DEFAULT_LOCALE, "--json")
            for name, text in strings_of([json.loads(line) for line in out.splitlines()]):
                if name not in AS_WRITTEN and (
                    not UTC.fullmatch(text) if ISO.fullmatch(text) else unsaid(text, DEFAULT_LOCALE)
                ):
                    wrong[command, name] = text
    assert wrong == {}


@pytest.mark.parametrize("locale", LOCALES)
def test_every_page_says_beijing_time_beside_its_times(home: Made, locale: str) -> None:
    """Each panel of a page that shows a time says the clock in what is seen of it; the footer says it once more."""
    silent = {}
    with open_house(home.root) as house:
        client = TestClient(create_app(page_services(house, Plant(house))), base_url="http://127.0.0.1")
        imported = [one.entry for one in ImportDesk(house).history(1, 0)]
        for address in addresses(home, imported):
            page = client.get(address, params={"lang": locale})
            assert page.status_code == 200, address
            assert BEIJING[locale] in page.text.rpartition("</main>")[2], address
            for number, panel in enumerate(panels_of(page.text)):
                if found := unsaid(panel, locale):
                    silent[address, number] = found
    assert silent == {}


def addresses(made: Made, imported: Sequence[int]) -> list[str]:
    """Return an address of every page, ``imported`` the newest import; a route without one fails."""
    places = {"digest": made.digest, "finding_id": made.finding, "case_no": quote(made.case), "device": made.camera}
    places |= {"entry": str(imported[0]) if imported else "", "request_id": made.copies}
    found = []
    for route in (route for table in TABLES for route in table):
        if route.methods == READ and not route.path.startswith(UNPAGED):
            address = re.sub(r"\{(\w+)(?::\w+)?\}", lambda name: places[name[1]], route.path)
            found += [] if address.endswith("/") and address != "/" else [address]
    assert len(found) >= 8
    return [*found, "/ledger?subject=clock", f"/copies/new?case={quote(made.case)}", "/copies?state=all"]


@pytest.mark.parametrize(
    "paper", [f"{name}{lang}.pdf" for name in ("cover-sheet", "custody-report") for lang in ("", "-en")]
)
def test_every_sheet_of_the_papers_says_beijing_time(busy: Made, paper: str) -> None:
    """Each sheet of cover sheet and custody report that shows a time names the clock on the same sheet."""
    if shutil.which("pdftotext") is None:
        pytest.skip("pdftotext (poppler-utils) is not here")
    assert busy.pack is not None
    place = busy.pack / "data" / paper
    text = subprocess.run(["pdftotext", "-layout", str(place), "-"], capture_output=True, check=True, text=True).stdout
    sheets = [sheet for sheet in text.split("\f") if TIME.search(sheet)]
    assert sheets
    assert [sheet for sheet in sheets if unsaid(sheet, "en" if "-en" in paper else "zh-CN")] == []


def test_the_standalone_verifier_says_beijing_time(busy: Made) -> None:
    """`verify.py` of a pack prints no time without its clock, in either language."""
    assert busy.pack is not None
    for locale in LOCALES:
        command = [sys.executable, "-I", str(busy.pack / "verify.py"), "--lang", locale.removesuffix("-CN")]
        ran = subprocess.run(command, capture_output=True, check=False, text=True, cwd=busy.pack)
        assert ran.stdout, ran.stderr
        assert unsaid(ran.stdout, locale) == []


def test_a_time_without_its_clock_is_found() -> None:
    """The check sees a bare time, forgives one in UTC that says so, and does not look at what is hidden."""
    assert unsaid("recorded 2026-11-20 09:30:00", "en") == ["09:30:00"]
    assert unsaid("at 2026-11-20T01:30:00.250Z", "en") == []
    assert unsaid(f"09:30 {SAID['en'][0]}", "en") == []
    page = '<main><p class="visually-hidden">Beijing time</p><img>09:30</main><footer>Beijing time</footer>'
    assert [time for panel in panels_of(page) for time in unsaid(panel, "en")] == ["09:30"]
