"""The command line: a table of commands, and one place where an error becomes a sentence and an exit code."""

import contextlib
import os
import sys
from importlib import import_module
from pathlib import Path
from typing import Annotated, NoReturn, cast

import typer
from typer.core import TyperCommand, TyperGroup

from dashboard.logs import start_logging
from dashboard.version import program_version
from evidence.errors import EvidockError

COMMANDS = {
    "up": "up:run",
    "demo": "demo:run",
    "take-in": "take_in:run",
    "import": "imports:run",
    "clips": "lists:clips",
    "cases": "lists:cases",
    "open-case": "case_numbers:open_case",
    "number-case": "case_numbers:number_case",
    "steps": "lists:steps",
    "findings": "lists:findings",
    "review": "review:run",
    "suggestions": "linking:suggestions",
    "link": "linking:link",
    "refuse-link": "linking:refuse_link",
    "unlink": "decide:unlink",
    "mark": "mark:mark",
    "marks": "mark:marks",
    "reasons": "decide:reasons",
    "explain": "decide:explain",
    "exempt": "decide:exempt",
    "approve": "decide:approve",
    "amend": "amend:run",
    "attach": "attach:attach",
    "attachments": "attach:attachments",
    "detach": "attach:detach",
    "casefile": "casefile:run",
    "indicators": "indicators:run",
    "before-filing": "before_filing:run",
    "classify": "classify:run",
    "clock": "clock:run",
    "retry": "retry:run",
    "verify": "verify:run",
    "rebuild": "rebuild:run",
    "copies": "copies:run",
    "export": "export:run",
    "verify-pack": "verify_pack:run",
    "key": "key:run",
    "witness": "witness:run",
    "status": "status:run",
    "bench": "bench:run",
    "retention": "retention:run",
    "hold": "hold:run",
    "token": "token:run",
    "dispose": "dispose:run",
}
"""Command → module below ``dashboard.commands`` and function; imported when called: a list needs no pipeline."""


class Commands(TyperGroup):
    """The table of commands as a group."""

    def list_commands(self, ctx: object) -> list[str]:
        """Return the commands in the order of the table."""
        del ctx
        return list(COMMANDS)

    def get_command(self, ctx: object, cmd_name: str) -> TyperCommand | None:
        """Import a command and return it; None when there is none of that name."""
        del ctx
        if cmd_name not in COMMANDS:
            return None
        module, _, function = COMMANDS[cmd_name].partition(":")
        single = typer.Typer(add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None)
        single.command(cmd_name)(getattr(import_module(f"dashboard.commands.{module}"), function))
        return cast("TyperCommand", typer.main.get_command(single))


app = typer.Typer(
    name="evidock",
    cls=Commands,
    help="Body-worn-camera footage in, evidence out: sealed, timed, playable, linked – and every gap named.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


def _print_version(wanted: bool) -> None:
    if wanted:
        sys.stdout.write(f"evidock {program_version()}\n")
        raise typer.Exit


@app.callback()
def _options(
    show_version: Annotated[
        bool, typer.Option("--version", help="Print the version and stop.", is_eager=True, callback=_print_version)
    ] = False,
    home: Annotated[Path | None, typer.Option("--home", help="Home folder, also before the command.")] = None,
) -> None:
    del show_version
    if home:
        os.environ["EVIDOCK_HOME"] = str(home)


def main() -> None:
    """Run the command line and leave with its exit code."""
    start_logging()
    try:
        app(prog_name="evidock")
    except EvidockError as error:
        sys.stderr.write(f"evidock: {error}\n")
        _leave(error.exit_code)
    except SystemExit as end:
        _leave(end.code if isinstance(end.code, int) else 1 if end.code else 0)


def _leave(code: int) -> NoReturn:
    """End the process at once: a step still at work is a crash like any other, and is taken up at the next start."""
    with contextlib.suppress(BrokenPipeError):
        sys.stdout.flush()
        sys.stderr.flush()
    os._exit(code)
