"""``evidock import``: officers, devices, assignments, cases and steps from CSV, XLSX or JSON."""

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated

import typer

from dashboard.console import print_json, print_table, say, tell
from dashboard.import_words import imported_json, refused_json, shown_cell, shown_column, shown_key
from dashboard.options import ActorOption, HomeOption, JsonOption, LangOption
from dashboard.records import ZONE, Imported, import_file
from dashboard.texts import Texts, visible
from dashboard.wiring import open_house
from evidence.errors import UsageError
from ingest.records import NOUNS, RowsRefusedError, Verdict, template

SHOWN = 200
"""How many changed records a terminal is shown; `--json` has them all."""


def run(
    noun: Annotated[str, typer.Argument(help="officers, devices, assignments, cases or steps")],
    file: Annotated[Path | None, typer.Argument(help="CSV (UTF-8 or GB18030), XLSX or JSON.")] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Judge, and show what would change; write nothing.")
    ] = False,
    template_wanted: Annotated[bool, typer.Option("--template", help="Print an empty file with the columns.")] = False,
    zone: Annotated[str, typer.Option("--zone", help="Zone of times that name none, such as +08:00.")] = ZONE,
    as_json: JsonOption = False,
    home: HomeOption = None,
    actor: ActorOption = "",
    lang: LangOption = None,
) -> None:
    """Import agency records; a verdict per row, what they change, and nothing half-imported."""
    if noun not in NOUNS:
        raise UsageError(f"'{noun}' is not a kind of record", cure=f"name one of {', '.join(NOUNS)}")
    if template_wanted:
        sys.stdout.buffer.write(template(noun))
        return
    if file is None:
        raise UsageError("no file was named", cure=f"evidock import {noun} FILE, or --template for an empty one")
    with open_house(home, lang=lang, actor=actor, begin=not dry_run) as house:
        try:
            done = import_file(house, noun, file, zone, dry_run=dry_run)
        except RowsRefusedError as refused:
            _print_refusal(house.texts, refused, as_json=as_json)
            raise typer.Exit(refused.exit_code) from None
        _print_done(house.texts, done, as_json=as_json)


def _print_refusal(texts: Texts, refused: RowsRefusedError, *, as_json: bool) -> None:
    if as_json:
        print_json(refused_json(texts.say, refused.verdicts))
        return
    _table(texts, texts.t("cli.import.refused"), refused.verdicts)


def _print_done(texts: Texts, done: Imported, *, as_json: bool) -> None:
    if as_json:
        print_json(imported_json(texts.say, done))
        return
    _print_diff(texts, done)
    dry = done.entry is None
    say(texts.t("cli.import.dry" if dry else "cli.import.done", count=done.rows, digest=done.digest[:12]))
    if done.warnings:
        _table(texts, texts.t("cli.import.doubts" if dry else "cli.import.warnings"), done.warnings)


def _print_diff(texts: Texts, done: Imported) -> None:
    """Print how many rows are new, changed and unchanged, and each changed column with its old and new value."""
    diff = done.diff
    counts = {"new": len(diff.new), "changed": len(diff.changed), "unchanged": diff.unchanged}
    tell(texts.t("cli.import.counts", **counts))
    if diff.changed:
        columns = [texts.t(f"cli.column.{name}") for name in ("record", "column", "old", "new")]
        print_table(texts.t("cli.import.changed"), columns, list(_change_rows(texts, done)))
    if len(diff.changed) > SHOWN:
        tell(texts.t("cli.import.more", count=len(diff.changed) - SHOWN))


def _change_rows(texts: Texts, done: Imported) -> Iterator[tuple[str, str, str, str]]:
    for change in done.diff.changed[:SHOWN]:
        for column, (old, new) in change.columns.items():
            key = shown_key(texts, done.noun, change.key)
            yield (
                key,
                shown_column(texts, done.noun, column),
                shown_cell(texts, column, old),
                shown_cell(texts, column, new),
            )


def _table(texts: Texts, title: str, verdicts: Sequence[Verdict]) -> None:
    rows = [
        (str(v.line or ""), visible(v.column), visible(v.value), texts.say(v.what), texts.say(v.cure)) for v in verdicts
    ]
    columns = [texts.t(f"cli.column.{name}") for name in ("line", "column", "value", "what", "cure")]
    print_table(title, columns, rows)
