"""``evidock bench NAME``: measure against a yardstick in the same run; the code lies in ``tests/bench/``."""

import importlib
import importlib.util
import inspect
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer

from dashboard.console import print_json, print_table
from dashboard.options import JsonOption, LangOption
from dashboard.texts import DEFAULT_LOCALE, Texts
from evidence.errors import UsageError

FOLDER = Path(__file__).parents[2] / "tests" / "bench"


def run(
    name: Annotated[
        str, typer.Argument(help="What to measure: " + ", ".join(sorted(p.stem for p in FOLDER.glob("[a-z]*.py"))))
    ],
    folder: Annotated[
        Path | None, typer.Option("--in", help="Folder on the disk to measure; else the temporary one.")
    ] = None,
    size: Annotated[
        str, typer.Option("--size", help="Of what it measures, for a short run; law: clips and steps, 20000x2000.")
    ] = "",
    postgres: Annotated[
        str, typer.Option("--postgres", help="law: address of an empty database, or auto for a server of its own.")
    ] = "",
    as_json: JsonOption = False,
    lang: LangOption = None,
) -> None:
    """Measure one figure of merit; exit 1 when it misses its bar."""
    names = sorted(path.stem for path in FOLDER.glob("[a-z]*.py"))
    if name not in names:
        raise UsageError(
            f"there is no bench '{name}'", cure=f"name one of {', '.join(names) or '(run from a checkout)'}"
        )
    with tempfile.TemporaryDirectory(prefix="evidock-bench-", dir=folder) as scratch:
        figures = _on_server(name, postgres, size) if postgres else _measured(name, Path(scratch), size)
    if as_json:
        print_json(figures)
    else:
        texts = Texts(lang or DEFAULT_LOCALE)
        columns = [texts.t(f"cli.column.{c}") for c in ("figure", "value", "bar", "verdict")]
        rows = [
            (
                key,
                f"{f['value']} {f['unit']}",
                "–" if f["bar"] is None else str(f["bar"]),
                texts.t(f"cli.status.{'ok' if f['ok'] else 'bad'}"),
            )
            for key, f in figures.items()
        ]
        print_table(texts.t("cli.bench.title", name=name), columns, rows)
    raise typer.Exit(0 if all(figure["ok"] for figure in figures.values()) else 1)


def _on_server(name: str, where: str, size: str) -> Mapping[str, Mapping[str, object]]:
    measure = getattr(importlib.import_module(f"tests.bench.{name}"), "run_on_server", None)
    if measure is None:
        raise UsageError(f"the bench '{name}' needs no database", cure="leave --postgres out")
    return measure(where, size=size)  # type: ignore[no-any-return] # loaded by name


def _measured(name: str, folder: Path, size: str) -> Mapping[str, Mapping[str, object]]:
    measure = importlib.import_module(f"tests.bench.{name}").run
    if not size:
        return measure(folder=folder)  # type: ignore[no-any-return] # loaded by name
    if "size" not in inspect.signature(measure).parameters:
        raise UsageError(f"the bench '{name}' has one size", cure="leave --size out")
    try:
        return measure(folder=folder, size=size)  # type: ignore[no-any-return] # as above
    except ValueError as error:
        raise UsageError(f"'{size}' is no size of the bench '{name}'", cure="--help shows how it is written") from error
