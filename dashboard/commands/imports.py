"""``evidock import``: officers, devices, assignments, cases and steps from CSV, XLSX or JSON."""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from dashboard.console import print_json, print_table, say
from dashboard.options import ActorOption, HomeOption, JsonOption, LangOption
from dashboard.records import Imported, import_file
from dashboard.texts import Texts
from dashboard.wiring import open_house
from evidence.errors import UsageError
from ingest.records import NOUNS, RowsRefusedError, Verdict, template


def run(
    noun: Annotated[str, typer.Argument(help="officers, devices, assignments, cases or steps")],
    file: Annotated[Path | None, typer.Argument(help="CSV (UTF-8 or GB18030), XLSX or JSON.")] = None,
    template_wanted: Annotated[bool, typer.Option("--template", help="Print an empty file with the columns.")] = False,
    zone: Annotated[str, typer.Option("--zone", help="Zone of times that name none, such as +08:00.")] = "+08:00",
    as_json: JsonOption = False,
    home: HomeOption = None,
    actor: ActorOption = "",
    lang: LangOption = None,
) -> None:
    """Import agency records; a verdict per row, and nothing half-imported."""
    if noun not in NOUNS:
        raise UsageError(f"'{noun}' is not a kind of record", cure=f"name one of {', '.join(NOUNS)}")
    if template_wanted:
        sys.stdout.buffer.write(template(noun))
        return
    if file is None:
        raise UsageError("no file was named", cure=f"evidock import {noun} FILE, or --template for an empty one")
    with open_house(home, lang=lang, actor=actor) as house:
        try:
            done = import_file(house, noun, file, zone)
        except RowsRefusedError as refused:
            _print_refusal(house.texts, refused, as_json=as_json)
            raise typer.Exit(refused.exit_code) from None
        _print_done(house.texts, done, as_json=as_json)


def _print_refusal(texts: Texts, refused: RowsRefusedError, *, as_json: bool) -> None:
    if as_json:
        rows = [_verdict_json(texts, verdict) for verdict in refused.verdicts]
        print_json({"import": {"imported": 0, "verdicts": rows}})
        return
    _table(texts, texts.t("cli.import.refused"), refused.verdicts)


def _print_done(texts: Texts, done: Imported, *, as_json: bool) -> None:
    if as_json:
        rows = [_verdict_json(texts, verdict) for verdict in done.warnings]
        print_json({"import": {"imported": done.count, "sha256": done.digest, "verdicts": rows}})
        return
    say(texts.t("cli.import.done", count=done.count, digest=done.digest[:12]))
    if done.warnings:
        _table(texts, texts.t("cli.import.warnings"), done.warnings)


def _table(texts: Texts, title: str, verdicts: Sequence[Verdict]) -> None:
    rows = [(str(v.line or ""), v.column, v.value, texts.say(v.what), texts.say(v.cure)) for v in verdicts]
    columns = [texts.t(f"cli.column.{name}") for name in ("line", "column", "value", "what", "cure")]
    print_table(title, columns, rows)


def _verdict_json(texts: Texts, verdict: Verdict) -> dict[str, object]:
    return {
        "line": verdict.line,
        "column": verdict.column,
        "value": verdict.value,
        "what": texts.say(verdict.what),
        "cure": texts.say(verdict.cure),
        "weight": verdict.weight.value,
    }
