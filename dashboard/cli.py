"""The command line: a table of commands, and one place where an error becomes a sentence and an exit code."""

import sys
from collections.abc import Callable
from typing import Annotated

import click
import typer

from dashboard.commands import bench, decide, demo, imports, lists, retry, review, status, take_in, up, verify
from dashboard.console import ERR
from dashboard.logs import start_logging
from dashboard.version import program_version
from evidence.errors import EvidockError

app = typer.Typer(
    name="evidock",
    help="Body-worn-camera footage in, evidence out: sealed, timed, playable, linked – and every gap named.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

COMMANDS: dict[str, Callable[..., None]] = {
    "up": up.run,
    "demo": demo.run,
    "take-in": take_in.run,
    "import": imports.run,
    "clips": lists.clips,
    "cases": lists.cases,
    "steps": lists.steps,
    "findings": lists.findings,
    "review": review.run,
    "link": decide.link,
    "unlink": decide.unlink,
    "explain": decide.explain,
    "exempt": decide.exempt,
    "approve": decide.approve,
    "retry": retry.run,
    "verify": verify.run,
    "status": status.run,
    "bench": bench.run,
}
for name, command in COMMANDS.items():
    app.command(name)(command)


@app.callback()
def _options(
    show_version: Annotated[bool, typer.Option("--version", help="Print the version and stop.", is_eager=True)] = False,
) -> None:
    if show_version:
        sys.stdout.write(f"evidock {program_version()}\n")
        raise typer.Exit


def main() -> None:
    """Run the command line and leave with its exit code."""
    start_logging()
    try:
        code = app(prog_name="evidock", standalone_mode=False)
    except EvidockError as error:
        ERR.print(f"evidock: {error}", markup=False)
        code = error.exit_code
    except click.exceptions.Abort:
        code = 130
    except click.ClickException as error:
        error.show()
        code = error.exit_code
    sys.exit(code if isinstance(code, int) else 0)
