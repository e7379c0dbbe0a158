"""What others build on is written down: commands, options, columns, JSON names, and the words of law and devices."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer.main
from typer.core import TyperGroup

from config.device_profiles import default_profiles
from config.law_packs import default_pack
from dashboard.cli import COMMANDS, app
from dashboard.web import routes_copies_api, routes_import_api
from dashboard.web.routes_api import ROUTES as API
from dashboard.web.routes_indicators import ROUTES as INDICATORS
from evidence.findings import FindingKind, FindingState, StepState
from ingest.records import COLUMNS, NOUNS, Noun

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
SHARED_OPTIONS = {"--home", "--json", "--lang", "--actor", "--reason"}

JSON_OF = (
    ("evidence/views.py", "clip_json", "Clip"),
    ("evidence/views.py", "link_json", "Link"),
    ("evidence/views.py", "span_json", "Link"),
    ("evidence/link_views.py", "suggestion_json", "Suggestion"),
    ("evidence/sound_views.py", "sound_match_json", "Clip"),
    ("evidence/marker_views.py", "mark_json", "Mark"),
    ("evidence/marker_views.py", "template_json", "Mark"),
    ("evidence/views.py", "case_json", "Case"),
    ("evidence/secrecy.py", "secrecy_json", "Secrecy"),
    ("evidence/secrecy.py", "mark_json", "Secrecy"),
    ("dashboard/commands/classify.py", "run", "Secrecy"),
    ("evidence/copy_views.py", "copy_json", "Copies"),
    ("evidence/copy_views.py", "said_json", "Copies"),
    ("evidence/copy_views.py", "copied_json", "Copies"),
    ("dashboard/web/routes_copies_api.py", "item_json", "Copies"),
    ("dashboard/web/routes_copies_api.py", "room_json", "Copies"),
    ("dashboard/web/routes_copies_api.py", "preparing_json", "Copies"),
    ("dashboard/web/routes_copies_api.py", "_whole", "Copies"),
    ("dashboard/web/routes_copies_api.py", "copies", "HTTP"),
    ("evidence/views.py", "step_json", "Step"),
    ("evidence/views.py", "amended_json", "Step"),
    ("evidence/views.py", "finding_json", "Finding"),
    ("evidence/reasons.py", "as_plain", "Finding"),
    ("evidence/reasons.py", "reason_json", "Reason"),
    ("dashboard/commands/decide.py", "reasons", "Reason"),
    ("dashboard/commands/take_in.py", "as_json", "Clip"),
    ("dashboard/commands/status.py", "_as_json", "Status"),
    ("dashboard/health.py", "as_json", "Status"),
    ("dashboard/commands/verify.py", "_as_json", "Verify"),
    ("dashboard/commands/verify.py", "_difference_json", "Verify"),
    *(
        ("evidence/file_views.py", function, "Case file")
        for function in ("casefile_json", "filed_step_json", "slot_json", "document_json", "recording_json")
    ),
    ("evidence/file_views.py", "attachment_json", "Attachment"),
    ("dashboard/commands/attach.py", "attachments", "Attachment"),
    ("evidence/clock_views.py", "camera_clock_json", "Clock"),
    ("evidence/clock_views.py", "clock_file_json", "Clock"),
    ("evidence/clock_views.py", "shift_decision_json", "Clock"),
    ("evidence/clock_views.py", "proposal_json", "Clock"),
    ("evidence/shift_names.py", "shift_json", "Clock"),
    ("evidence/indicator_views.py", "assessment_json", "Indicators"),
    ("evidence/reason_counts.py", "reason_count_json", "Indicators"),
    ("evidence/indicator_views.py", "definition_json", "Indicators"),
    ("evidence/indicator_views.py", "figure_json", "Indicators"),
    ("evidence/indicator_views.py", "item_json", "Indicators"),
    ("evidence/before_filing.py", "before_filing_json", "Before filing"),
    ("evidence/before_filing.py", "_document_json", "Before filing"),
    ("evidence/before_filing.py", "_unlinked_json", "Before filing"),
    ("evidence/before_filing.py", "_limit_json", "Before filing"),
    ("evidence/retention_views.py", "kept_json", "Retention"),
    ("evidence/retention_views.py", "schedule_json", "Retention"),
    ("evidence/retention_views.py", "class_json", "Retention"),
    ("evidence/retention_views.py", "class_view_json", "Retention"),
    ("evidence/retention_views.py", "difference_json", "Retention"),
    ("evidence/retention_views.py", "hold_json", "Hold"),
    ("evidence/retention_views.py", "disposal_json", "Disposal"),
    ("dashboard/commands/dispose.py", "_surveyed_json", "Disposal"),
    ("dashboard/commands/dispose.py", "_propose", "Disposal"),
    ("dashboard/commands/export.py", "_as_json", "Export"),
    ("evidence/packs.py", "pack_json", "Pack"),
    ("evidence/packs.py", "as_plain", "Pack"),
    ("evidence/packs.py", "document_plain", "Pack"),
    ("evidence/packs.py", "claim_plain", "Pack"),
    ("dashboard/packs.py", "_write_catalogue", "Pack"),
    ("dashboard/commands/verify_pack.py", "_as_json", "Pack"),
    ("dashboard/commands/verify_pack.py", "_difference_json", "Pack"),
    ("evidence/receipts.py", "receipt_json", "Receipt"),
    ("dashboard/upkeep_state.py", "state_json", "Status"),
    ("dashboard/clock_words.py", "clock_json", "Status"),
    ("dashboard/commands/rebuild.py", "_as_json", "Rebuild"),
    ("dashboard/commands/key.py", "_as_json", "Key"),
    ("dashboard/commands/witness.py", "_as_json", "Witness"),
    ("dashboard/commands/witness.py", "_accept", "Witness"),
    ("dashboard/web/routes_log.py", "take_cosigned", "HTTP"),
    ("dashboard/import_words.py", "verdict_json", "Import"),
    ("dashboard/import_words.py", "refused_json", "Import"),
    ("dashboard/import_words.py", "imported_json", "Import"),
    ("evidence/changes.py", "diff_json", "Import"),
    ("evidence/changes.py", "change_json", "Import"),
    ("evidence/changes.py", "imported_form_json", "Import"),
    ("dashboard/web/routes_import_api.py", "history", "Import"),
    ("evidence/tokens.py", "token_json", "Token"),
    ("dashboard/commands/token.py", "_print_created", "Token"),
    ("dashboard/web/json_views.py", "status_json", "Status"),
    ("evidence/views.py", "part_json", "Clip"),
    ("dashboard/web/json_views.py", "totals_json", "Status"),
    ("dashboard/web/json_views.py", "station_json", "Status"),
    ("dashboard/web/json_views.py", "progress_json", "Status"),
    ("dashboard/web/json_views.py", "pickup_json", "HTTP"),
    ("dashboard/web/json_views.py", "ledger_json", "HTTP"),
)
"""Where JSON is made, by which function, and under which heading of docs/interfaces.md its names stand."""


def page(name: str) -> str:
    """Return a page of the documentation."""
    return (DOCS / name).read_text(encoding="utf-8")


def section(text: str, heading: str) -> str:
    """Return what stands under a heading, up to the next one of its rank or above."""
    found = re.search(rf"^(#+) {re.escape(heading)}$", text, re.MULTILINE)
    assert found, f"there is no heading {heading}"
    rest = text[found.end() :]
    following = re.search(rf"^#{{1,{len(found[1])}}} ", rest, re.MULTILINE)
    return rest[: following.start()] if following else rest


def keys_made_by(source: str, function: str) -> set[str]:
    """Return every constant key of the dictionaries that a function of a module writes out."""
    bodies = [
        node
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name == function
    ]
    assert bodies, f"there is no function {function}"
    return {
        key.value
        for body in bodies
        for node in ast.walk(body)
        if isinstance(node, ast.Dict)
        for key in node.keys
        if isinstance(key, ast.Constant) and isinstance(key.value, str)
    }


def unnamed(names: set[str], text: str) -> list[str]:
    """Return the names that the text does not set in code type."""
    return sorted(name for name in names if f"`{name}`" not in text)


def own_options(command: str) -> Iterator[str]:
    """Yield the long options of a command that not every other command has too."""
    group = typer.main.get_command(app)
    assert isinstance(group, TyperGroup)
    found = group.get_command(typer.Context(group), command)
    assert found
    for param in found.params:
        flags = (*param.opts, *param.secondary_opts)
        yield from (flag for flag in flags if flag.startswith("--") and flag not in SHARED_OPTIONS)


@pytest.mark.parametrize(("file", "function", "heading"), JSON_OF)
def test_every_json_name_is_documented(file: str, function: str, heading: str) -> None:
    """A name that a program prints and its section of the page does not hold fails here."""
    names = keys_made_by((ROOT / file).read_text("utf-8"), function)
    assert names
    assert unnamed(names, section(page("interfaces.md"), heading)) == []


def test_no_json_of_the_core_is_left_out() -> None:
    """A new ``…_json`` of the core's views fails here until it has its heading."""
    made = set(re.findall(r"^def (\w+_json)\(", (ROOT / "evidence" / "views.py").read_text("utf-8"), re.MULTILINE))
    assert made == {function for file, function, _ in JSON_OF if file == "evidence/views.py"}


@pytest.mark.parametrize("noun", NOUNS)
def test_every_import_column_is_documented(noun: str) -> None:
    """Each column stands in the table of its record with the headings it is known by, and required ones are marked."""
    table = section(page("interfaces.md"), noun)
    wrong = []
    for name, column in COLUMNS[Noun(noun)].items():
        start = f"| `{name}` **!** |" if column.required else f"| `{name}` |"
        row = next((line for line in table.splitlines() if line.startswith(start)), "")
        if not row or any(heading not in row for heading in column.headings):
            wrong.append(name)
    assert wrong == []


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_is_documented_with_its_options(command: str) -> None:
    """Each command has a row in the table of commands that names the options it alone decides on."""
    rows = section(page("interfaces.md"), "Commands").splitlines()
    row = next((line for line in rows if line.startswith(f"| `{command}` |")), "")
    assert row, f"{command} has no row"
    assert [flag for flag in own_options(command) if f"`{flag}`" not in row] == []


def test_every_described_address_is_documented() -> None:
    """An address of the HTTP API that the page does not list fails here."""
    tables = (API, INDICATORS, routes_import_api.ROUTES, routes_copies_api.ROUTES)
    paths = {route.path.replace(":path}", "}") for table in tables for route in table if route.described}
    assert paths
    assert unnamed(paths, section(page("interfaces.md"), "HTTP")) == []


def test_every_code_of_the_law_is_explained() -> None:
    """Procedures, kinds of finding and states stand in the page on how the law is read."""
    codes = {*default_pack().rules, *FindingKind, *FindingState, *StepState}
    assert unnamed(codes, page("law-reading.md")) == []


def test_every_device_profile_and_placeholder_is_explained() -> None:
    """A naming profile that ships, or a code it takes for unset, that the page on devices does not name fails here."""
    profiles = default_profiles()
    placeholders = {code for profile in profiles for codes in (profile.placeholders or {}).values() for code in codes}
    assert unnamed({*(profile.profile_id for profile in profiles), *placeholders}, page("devices.md")) == []


@pytest.mark.parametrize("name", ["interfaces.md", "law-reading.md", "devices.md", "media.md"])
def test_links_between_pages_lead_somewhere(name: str) -> None:
    """A link to a file or heading that is not there fails here."""
    broken = []
    for target in re.findall(r"\]\(([^)\s]+)\)", page(name)):
        file, _, anchor = target.partition("#")
        path = (DOCS / file).resolve() if file else DOCS / name
        if not path.is_file() or (anchor and anchor not in anchors_of(path)):
            broken.append(target)
    assert broken == []


def test_no_source_names_a_page_that_is_not_there() -> None:
    """A docstring, a setting or a sentence on screen that sends its reader to a missing page fails here."""
    rooms = ("config", "dashboard", "evidence", "index", "ingest", "storage", "transcode")
    missing = [
        f"{file.relative_to(ROOT)}: {named}"
        for room in rooms
        for file in (ROOT / room).rglob("*")
        if file.suffix in {".py", ".toml", ".po", ".html"}
        for named in re.findall(r"\bdocs/[\w./-]+\.md\b", file.read_text("utf-8"))
        if not (ROOT / named).is_file()
    ]
    assert missing == []


def anchors_of(path: Path) -> set[str]:
    """Return the anchors of a page's headings, as forges make them."""
    headings = re.findall(r"^#+ (.+)$", path.read_text("utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_a_planted_name_is_missed() -> None:
    """The checks see a key that no page holds, also in a nested dictionary and outside its own section."""
    source = 'def a_json():\n    return {"planted": [{"nested": 1}]}\n'
    assert unnamed(keys_made_by(source, "a_json"), section("# A\n`nested`\n# B\n`planted`\n", "A")) == ["planted"]
