"""``evidock export CASE --to DIR``: the case file for court, as a folder that proves itself."""

from pathlib import Path
from typing import Annotated

import typer
from rich.progress import Progress

from dashboard.console import ERR, print_json, say
from dashboard.options import ActorOption, HomeOption, JsonOption, LangOption, ReasonOption
from dashboard.pack_contents import PackRooms
from dashboard.packs import Exported, export_case
from dashboard.wiring import House, open_house
from evidence.custody import Entry
from evidence.tlog import verifier_key
from index import check


def run(
    case: Annotated[str, typer.Argument(help="Number of the case.")],
    to: Annotated[Path, typer.Option("--to", help="Folder in which the pack's own folder is made.")],
    reason: ReasonOption = "",
    as_json: JsonOption = False,
    home: HomeOption = None,
    actor: ActorOption = "",
    lang: LangOption = None,
) -> None:
    """Make the case file of a case for court: originals, proofs, papers, and a verifier that needs nothing."""
    with open_house(home, lang=lang, actor=actor) as house:
        with Progress(console=ERR, transient=True, disable=not ERR.is_terminal) as bars:
            task = bars.add_task(house.texts.t("export.command.copying"), total=1.0)
            made = export_case(
                rooms_of(house),
                case,
                to.expanduser().absolute(),
                house.actor,
                reason.strip(),
                lambda share: bars.update(task, completed=share),
            )
        if as_json:
            print_json({"export": _as_json(made)})
        else:
            _print(house, made)


def rooms_of(house: House) -> PackRooms:
    """Return what making a case file asks of a house."""

    def record(entry: Entry) -> int:
        with house.acting() as tx:
            return house.catalogue.append(tx, entry)

    return PackRooms(
        library=house.library,
        vault=house.vault,
        derivatives=house.derivatives,
        log=house.log,
        vkey=house.keys.vkey,
        witnesses=[verifier_key(text) for text in house.settings.ledger.witnesses],
        decisions=lambda: check.decisions(house.register),
        record=record,
        seal=house.sealer.seal,
        clock=house.clock,
        case_file=house.case_files.of,
        claimed=house.case_files.claimed,
    )


def _as_json(made: Exported) -> dict[str, object]:
    return {
        "path": str(made.path),
        "case_no": made.case_no,
        "items": made.items,
        "size_bytes": made.size_bytes,
        "bag_sha256": made.bag_sha256,
        "ledger_number": made.entry,
        "checkpoint": {"size": made.checkpoint_size, "root": made.checkpoint_root},
        "key": made.key,
    }


def _print(house: House, made: Exported) -> None:
    texts = house.texts
    size = texts.size(made.size_bytes)
    say(texts.t("export.command.done", path=str(made.path), items=made.items, size=size))
    say(texts.t("export.command.fingerprint", digest=made.bag_sha256, number=made.entry))
    say(texts.t("export.command.next"))
