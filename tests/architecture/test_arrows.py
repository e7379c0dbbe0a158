"""The arrows of the house: three storeys, one owner per outside library, no cycles, no clock and no I/O in the core."""

import ast
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
CORE = "evidence"
ROOMS = ("ingest", "transcode", "index", "storage", "config")
DESK = "dashboard"
PACKAGES = (CORE, *ROOMS, DESK)

# Who may import an outside library: a prefix of the module's path, for a reason.
OWNERS: Mapping[str, tuple[str, ...]] = {
    "alembic": ("index/", "ingest/pipeline"),  # the pipeline's tables lie in the register's database
    "babel": ("dashboard/",),
    "bagit": ("storage/", "dashboard/"),  # packs are made in storage; their texts and reports come from the desk
    "boto3": ("storage/",),
    "botocore": ("storage/",),
    "cryptography": ("storage/",),
    "cv2": ("transcode/",),
    "dbos": ("ingest/pipeline",),
    "exifread": ("ingest/",),
    "fastapi": ("dashboard/",),
    "ffmpeg": ("transcode/",),
    "fpdf": ("dashboard/",),
    "fontTools": ("dashboard/",),
    "jinja2": ("dashboard/",),
    "numpy": ("transcode/",),
    "onnxruntime": ("transcode/",),
    "openpyxl": ("ingest/", "dashboard/"),  # tables come in through ingest and go out through the desk
    "prometheus_client": ("dashboard/",),
    "psycopg": ("index/", "ingest/pipeline"),
    "pydantic": ("config/", "dashboard/", "index/journal", "ingest/pipeline"),  # settings, requests, entries, payloads
    "pydantic_settings": ("config/",),
    "rapidocr_onnxruntime": ("transcode/",),
    "rfc3161_client": ("storage/",),
    "rich": ("dashboard/",),
    "sqlalchemy": ("index/", "ingest/pipeline"),  # rows and step checkpoints commit in one transaction
    "starlette": ("dashboard/",),
    "structlog": ("dashboard/",),
    "subprocess": ("transcode/",),  # the one process runner, with its cage
    "typer": ("dashboard/",),
    "uvicorn": ("dashboard/",),
    "watchdog": ("ingest/",),
}

# fmt: off
IMPURE_MODULES = frozenset({
    "asyncio", "fcntl", "glob", "http", "io", "locale", "logging", "multiprocessing", "os", "pathlib",
    "platform", "random", "secrets", "shutil", "signal", "socket", "sqlite3", "ssl", "subprocess", "sys",
    "tempfile", "threading", "time", "urllib",
})
# fmt: on
PURE_NAMES = frozenset({"pathlib.PurePath", "pathlib.PurePosixPath"})  # they name a place and cannot go there
IMPURE_CALLS = frozenset({"open", "input", "print", "exec", "eval", "__import__"})
CLOCK_CALLS = frozenset({"now", "utcnow", "today"})


@dataclass(frozen=True)
class Source:
    """One parsed module: its path below the root, its dotted name, and what it imports."""

    path: str
    name: str
    tree: ast.Module
    imports: frozenset[str]

    @property
    def package(self) -> str:
        """The top-level package the module is in."""
        return self.path.split("/")[0]


def read_sources(root: Path) -> list[Source]:
    """Parse every module of the seven packages below ``root``."""
    files = (file for package in PACKAGES for file in sorted((root / package).rglob("*.py")))
    return [read_source(root, file) for file in files]


def read_source(root: Path, file: Path) -> Source:
    """Parse one module."""
    path = file.relative_to(root)
    parts = path.with_suffix("").parts
    is_package = parts[-1] == "__init__"
    name = ".".join(parts[:-1] if is_package else parts)
    tree = ast.parse(file.read_text("utf-8"), str(path))
    return Source(path.as_posix(), name, tree, frozenset(imported(tree, name, is_package=is_package)))


def imported(tree: ast.Module, name: str, *, is_package: bool) -> Iterator[str]:
    """Yield the dotted names a module imports; ``from a import b`` gives ``a.b``, since b may be a module."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            keep = name.split(".")[: len(name.split(".")) - node.level + is_package] if node.level else []
            base = ".".join([*keep, *([node.module] if node.module else [])])
            yield from (f"{base}.{alias.name}" for alias in node.names)


def tops(source: Source) -> list[str]:
    """Return the top-level names a module imports."""
    return sorted({name.split(".")[0] for name in source.imports})


def storey_breaches(sources: list[Source]) -> list[str]:
    """Return every import that goes up a storey or sideways into another room, or that the core may not have."""
    allowed = {CORE: {CORE}, DESK: set(PACKAGES)} | {room: {room, CORE} for room in ROOMS}
    sideways = [
        f"{source.path} imports {top}"
        for source in sources
        for top in tops(source)
        if top in (*PACKAGES, "tests") and top not in allowed[source.package]
    ]
    outside = [
        f"{source.path} imports {name}"
        for source in sources
        if source.package == CORE
        for name in sorted(source.imports)
        if is_outside(name)
    ]
    return sideways + outside


def is_outside(name: str) -> bool:
    """Tell whether an import reaches out of the core: a third-party library, or a module with side effects."""
    top = name.split(".", maxsplit=1)[0]
    if top in (*PACKAGES, "tests") or name in PURE_NAMES:
        return False
    return top in IMPURE_MODULES or top not in sys.stdlib_module_names


def owner_breaches(sources: list[Source]) -> list[str]:
    """Return every import of an outside library by a module that does not own it."""
    return [
        f"{source.path} imports {top}, which belongs to {' and '.join(OWNERS[top])}"
        for source in sources
        for top in tops(source)
        if top in OWNERS and not source.path.startswith(OWNERS[top])
    ]


def impure_calls(sources: list[Source]) -> list[str]:
    """Return every call in the core that reads a clock or touches the outside."""
    return [
        f"{source.path}:{node.lineno} calls {ast.unparse(node.func)}"
        for source in sources
        if source.package == CORE
        for node in ast.walk(source.tree)
        if isinstance(node, ast.Call) and is_impure(node.func)
    ]


def is_impure(called: ast.expr) -> bool:
    """Tell whether a called expression is a built-in with side effects or ``datetime.now`` and its like."""
    if isinstance(called, ast.Attribute):
        return called.attr in CLOCK_CALLS and ast.unparse(called.value).split(".")[-1] in {"datetime", "date"}
    return isinstance(called, ast.Name) and called.id in IMPURE_CALLS


def cycles(sources: list[Source]) -> list[str]:
    """Return one import cycle for each package that has any."""
    return [cycle for package in PACKAGES if (cycle := cycle_in([s for s in sources if s.package == package]))]


def cycle_in(sources: list[Source]) -> str:
    """Return a cycle among modules as ``a → b → a``, or nothing."""
    names = {source.name for source in sources}
    graph = {source.name: {target for target in targets(source, names) if target != source.name} for source in sources}
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        return " → ".join(reversed(error.args[1]))
    return ""


def targets(source: Source, names: set[str]) -> Iterator[str]:
    """Yield the modules among ``names`` that an import runs: ``a.b`` for ``a.b.Class``."""
    for name in source.imports:
        parents = (name.rsplit(".", cut)[0] if cut else name for cut in range(name.count(".") + 1))
        yield from (next(((parent,) for parent in parents if parent in names), ()))


@pytest.fixture(scope="module", name="sources")
def _sources() -> list[Source]:
    return read_sources(ROOT)


def plant(root: Path, path: str, text: str) -> list[Source]:
    """Write one module into an empty tree and read the tree."""
    (root / path).parent.mkdir(parents=True, exist_ok=True)
    (root / path).write_text(text, "utf-8")
    return read_sources(root)


def test_the_checker_sees_the_house(sources: list[Source]) -> None:
    """The core at least is read: an empty list would make every other test here pass for nothing."""
    assert {source.package for source in sources} >= {CORE}


def test_rooms_know_the_core_and_nothing_else(sources: list[Source]) -> None:
    """A room imports the core, itself and libraries; the core imports a pure part of the standard library alone."""
    assert storey_breaches(sources) == []


def test_each_outside_library_has_one_owner(sources: list[Source]) -> None:
    """An outside library is imported where the design puts it and nowhere else."""
    assert owner_breaches(sources) == []


def test_the_core_reads_no_clock_and_does_no_io(sources: list[Source]) -> None:
    """Time and files reach the core as arguments."""
    assert impure_calls(sources) == []


def test_no_import_cycles(sources: list[Source]) -> None:
    """Within a package, modules import in one direction."""
    assert cycles(sources) == []


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("ingest/watch.py", "import storage.vault"),
        ("ingest/watch.py", "from storage import vault"),
        ("index/review.py", "def late():\n    from dashboard import wiring"),
        ("evidence/clock.py", "from index.schema import Clip"),
        ("evidence/clock.py", "import numpy"),
        ("evidence/clock.py", "from pathlib import Path"),
        ("evidence/clock.py", "import os.path"),
        ("storage/vault.py", "from tests.makers import clip"),
    ],
)
def test_a_planted_storey_breach_is_caught(tmp_path: Path, path: str, text: str) -> None:
    """An import up, sideways, or out of the core is named, however it is written."""
    assert [breach.split()[0] for breach in storey_breaches(plant(tmp_path, path, text))] == [path]


def test_a_path_that_opens_nothing_may_be_named(tmp_path: Path) -> None:
    """The core may name a place with a pure path."""
    assert storey_breaches(plant(tmp_path, "evidence/ports.py", "from pathlib import PurePath")) == []


@pytest.mark.parametrize(
    ("path", "text", "caught"),
    [
        ("index/queries.py", "import cv2", True),
        ("ingest/intake.py", "from dbos import DBOS", True),
        ("ingest/intake.py", "import subprocess", True),
        ("ingest/pipeline.py", "from dbos import DBOS", False),
        ("ingest/pipeline/steps.py", "import sqlalchemy.orm", False),
        ("dashboard/cli.py", "import subprocess", True),
        ("transcode/runner.py", "import subprocess", False),
    ],
)
def test_a_planted_foreign_library_is_caught(tmp_path: Path, path: str, text: str, caught: bool) -> None:
    """A library outside its owner is named; inside its owner it is not."""
    assert bool(owner_breaches(plant(tmp_path, path, text))) is caught


@pytest.mark.parametrize(
    ("text", "caught"),
    [
        ("import datetime\nt = datetime.datetime.now()", True),
        ("from datetime import datetime\nt = datetime.utcnow()", True),
        ("from datetime import date\nt = date.today()", True),
        ("f = open('x')", True),
        ("t = clock.now()", False),
    ],
)
def test_a_planted_clock_or_file_is_caught(tmp_path: Path, text: str, caught: bool) -> None:
    """Reading the machine's clock or a file in the core is named; asking an injected clock is not."""
    assert bool(impure_calls(plant(tmp_path, "evidence/audit.py", text))) is caught


def test_a_planted_cycle_is_caught(tmp_path: Path) -> None:
    """Two modules that import each other, one of them by a relative import, are a cycle."""
    plant(tmp_path, "index/__init__.py", "")
    plant(tmp_path, "index/schema.py", "from .queries import find")
    assert cycles(plant(tmp_path, "index/queries.py", "import index.schema")) != []


def test_a_straight_line_is_no_cycle(tmp_path: Path) -> None:
    """A package whose `__init__` gathers its modules, which import one another in one direction, has no cycle."""
    plant(tmp_path, "index/__init__.py", "from index.queries import find")
    plant(tmp_path, "index/schema.py", "from evidence.clips import Clip")
    assert cycles(plant(tmp_path, "index/queries.py", "from .schema import table")) == []
