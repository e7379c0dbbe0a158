"""The verifier shares no code with the writer: neither directly nor through what it imports."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FORBIDDEN = {
    "storage.local_vault",
    "storage.local_log",
    "storage.s3_vault",
    "storage.s3_log",
    "storage.s3_objects",
    "storage.tile_log",
    "storage.durable",
    "storage.layout",
    "storage.locks",
    "storage.signing",
    "storage.cosigned",
    "storage.proofs",
    "storage.log_reading",
    "storage.sealed_entries",
    "evidence.merkle",
    "evidence.tlog",
    "evidence.custody",
    "index.ledger",
}
VERIFIER = [*sorted(file.stem for file in (ROOT / "storage").glob("verify*.py")), "reading", "reading_s3"]


def imports_of(module: str) -> set[str]:
    """Return the modules of this program that a module imports."""
    tree = ast.parse((ROOT / Path(*module.split("."))).with_suffix(".py").read_text("utf-8"))
    named = [node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    named += [alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names]
    both = [
        *named,
        *(
            f"{node.module}.{alias.name}"
            for node in ast.walk(tree)
            if isinstance(node, ast.ImportFrom)
            for alias in node.names
        ),
    ]
    return {name for name in both if (ROOT / Path(*name.split("."))).with_suffix(".py").is_file()}


def reached_from(module: str) -> set[str]:
    """Return every module of this program that importing one runs."""
    reached: set[str] = set()
    waiting = [module]
    while waiting:
        for name in imports_of(waiting.pop()) - reached:
            reached.add(name)
            waiting.append(name)
    return reached


@pytest.mark.parametrize("name", VERIFIER)
def test_nothing_of_the_writer_is_reached(name: str) -> None:
    """Over any number of imports."""
    assert reached_from(f"storage.{name}") & FORBIDDEN == set()


def test_the_desk_that_orders_a_verification_reads_no_ledger_itself() -> None:
    """What the register says is handed to it."""
    assert imports_of("dashboard.verification") & FORBIDDEN == set()


def test_the_forbidden_modules_are_there_and_a_planted_import_would_be_seen() -> None:
    """The list names files, and the search follows imports."""
    assert [name for name in FORBIDDEN if not (ROOT / Path(*name.split("."))).with_suffix(".py").is_file()] == []
    assert "evidence.merkle" in reached_from("storage.tile_log")
    assert "evidence.merkle" in reached_from("evidence.ports")
    assert len(VERIFIER) > 10
