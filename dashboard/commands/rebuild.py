"""``evidock rebuild``: the register from the vault alone."""

from typing import Annotated

import typer
from rich.progress import Progress

from dashboard.console import ERR, print_json, say
from dashboard.options import HomeOption, JsonOption, LangOption
from dashboard.rebuilding import Consent, Outcome, rebuild_register
from dashboard.texts import DEFAULT_LOCALE, Texts


def run(
    accept_unsigned: Annotated[
        bool, typer.Option("--accept-unsigned", help="Take in entries beyond the signed checkpoint.")
    ] = False,
    drop_unsealed: Annotated[
        bool, typer.Option("--drop-unsealed", help="Go on without entries of the old register that do not fit.")
    ] = False,
    as_json: JsonOption = False,
    home: HomeOption = None,
    lang: LangOption = None,
) -> None:
    """Make the register again from the vault alone; the one that is there is kept under another name."""
    texts = Texts(lang or DEFAULT_LOCALE)
    with Progress(console=ERR, transient=True, disable=not ERR.is_terminal) as bars:
        task = bars.add_task(texts.t("cli.rebuild.going"), total=None)
        consent = Consent(accept_unsigned, drop_unsealed)
        outcome = rebuild_register(
            home, lambda done, total: bars.update(task, completed=done, total=2 * total), consent
        )
    if as_json:
        print_json({"rebuild": _as_json(outcome)})
        return
    figures = {"entries": outcome.rebuilt.entries, "clips": outcome.rebuilt.clips}
    say(texts.t("cli.rebuild.done", **figures, adopted=outcome.adopted, resumed=outcome.resumed))
    if outcome.kept_as:
        say(texts.t("cli.rebuild.kept", path=str(outcome.kept_as)))


def _as_json(outcome: Outcome) -> dict[str, object]:
    return {
        "entries": outcome.rebuilt.entries,
        "clips": outcome.rebuilt.clips,
        "root": outcome.rebuilt.root.hex(),
        "adopted": outcome.adopted,
        "resumed": outcome.resumed,
        "kept_as": str(outcome.kept_as) if outcome.kept_as else None,
    }
