"""What a command prints: results on stdout, progress and messages on stderr."""

import json
import sys
from collections.abc import Mapping, Sequence

from rich.console import Console
from rich.markup import escape
from rich.table import Table

OUT = Console(highlight=False, soft_wrap=False)
ERR = Console(stderr=True, highlight=False)


def print_json(body: Mapping[str, object]) -> None:
    """Print one object on one line of stdout, UTF-8, keys as documented."""
    sys.stdout.write(json.dumps(body, ensure_ascii=False) + "\n")
    sys.stdout.flush()


def print_table(title: str, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print a table; a cell is text as it is, never markup. On a pipe the table is as wide as its cells."""
    table = Table(title=title, title_justify="left", show_lines=False)
    for column in columns:
        table.add_column(column, overflow="fold")
    for row in rows:
        table.add_row(*(escape(cell) for cell in row))
    console = OUT if OUT.is_terminal else Console(highlight=False, width=200)
    console.print(table)


def tell(message: str) -> None:
    """Print a sentence that is a result."""
    OUT.print(escape(message), soft_wrap=True)


def say(message: str) -> None:
    """Tell the person at the terminal something that is not a result."""
    ERR.print(escape(message), soft_wrap=True)
