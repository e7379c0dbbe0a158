"""The options that many commands share, declared once."""

from pathlib import Path
from typing import Annotated

import typer

HomeOption = Annotated[
    Path | None,
    typer.Option("--home", help="Home folder; else EVIDOCK_HOME, else ~/evidock.", show_default=False),
]
JsonOption = Annotated[bool, typer.Option("--json", help="One JSON object on stdout instead of a table.")]
ActorOption = Annotated[
    str,
    typer.Option(
        "--actor", help="Who acts; recorded as unauthenticated until sign-in exists. Default: the login name."
    ),
]
LangOption = Annotated[
    str | None, typer.Option("--lang", help="Language of tables: zh-CN or en; else the home's setting.")
]
ReasonOption = Annotated[str, typer.Option("--reason", help="Why; it is kept in the ledger.", show_default=False)]
LimitOption = Annotated[int, typer.Option("--limit", min=1, max=1_000_000, help="How many rows at most.")]
