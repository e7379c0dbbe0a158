"""``evidock verify``: do bytes, ledger and register agree; it works beside a running ``evidock up``."""

import signal
from collections.abc import Sequence
from pathlib import Path
from types import FrameType
from typing import Annotated, NoReturn

import typer
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

from dashboard.console import ERR, print_json, print_table, say
from dashboard.options import HomeOption, JsonOption, LangOption
from dashboard.texts import Texts, visible
from dashboard.verification import Verification, Wish, verify
from dashboard.verification_register import register_of
from dashboard.wiring import House, open_house
from evidence.errors import ConfigError
from evidence.ids import Digest
from storage.verify import Difference, DifferenceKind


def run(
    deep: Annotated[
        bool, typer.Option("--deep", help="Also read every byte, and hold the register against one made again.")
    ] = False,
    resume: Annotated[bool, typer.Option("--resume", help="Go on with a deep run that was stopped.")] = False,
    against: Annotated[
        list[Path] | None,
        typer.Option("--against", help="File or folder with a checkpoint kept elsewhere; may be repeated."),
    ] = None,
    heal: Annotated[bool, typer.Option("--heal", help="Replace damaged originals from the second copy.")] = False,
    as_json: JsonOption = False,
    home: HomeOption = None,
    lang: LangOption = None,
) -> None:
    """Check the sealed ledger, every object and the register; exit 1 when anything differs."""
    signal.signal(signal.SIGTERM, _interrupt)
    with open_house(home, lang=lang, begin=False) as house, _Bar(house.texts) as bar:
        found = verify(house, register_of(house), Wish(deep, resume, tuple(against or ())), bar.show)
        healed = _healed(house, found.differences) if heal else []
    if as_json:
        print_json({"verify": {**_as_json(house.texts, found), "healed": healed}})
    else:
        _print(house.texts, found)
        for digest in healed:
            say(house.texts.t("verify.healed", digest=digest))
    raise typer.Exit(1 if found.differences else 0)


MENDABLE = frozenset({DifferenceKind.MISSING, DifferenceKind.SIZE, DifferenceKind.DIGEST, DifferenceKind.UNREADABLE})
"""What is wrong with an original when its bytes are not there as they were sealed."""


def _healed(house: House, differences: Sequence[Difference]) -> list[Digest]:
    """Mend what the second copy can mend, each with its ledger entry; return the digests.

    Raises:
        ConfigError: no second copy is set.
    """
    if not house.settings.vault.second:
        cure = "set vault.second to its folder, or restore the originals from backup"
        raise ConfigError("there is no second copy to heal from", subject="vault.second", cure=cure)
    damaged = dict.fromkeys(Digest(one.subject) for one in differences if one.kind in MENDABLE)
    healed = [digest for digest in damaged if house.upkeep.mender.try_heal(digest)]
    house.sealer.seal()
    return healed


def _interrupt(_number: int, _frame: FrameType | None) -> NoReturn:
    """Stop as Ctrl-C does: how far it came is kept."""
    raise KeyboardInterrupt


class _Bar(Progress):
    """One bar on stderr that shows the stage under way; on a pipe it shows nothing."""

    def __init__(self, texts: Texts) -> None:
        """Draw with these words."""
        columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.fields[amount]}"))
        super().__init__(*columns, TimeRemainingColumn(), console=ERR, transient=True, disable=not ERR.is_terminal)
        self._texts = texts
        self._tasks_of: dict[str, TaskID] = {}

    def show(self, stage: str, done: int, total: int) -> None:
        """Draw how far a stage is."""
        if stage not in self._tasks_of:
            self._tasks_of[stage] = self.add_task(self._texts.t(f"verify.stage.{stage}"), amount="")
        shown = self._texts.size if stage == "objects" else str
        done = min(done, total)
        self.update(self._tasks_of[stage], completed=done, total=total, amount=f"{shown(done)}/{shown(total)}")


def _as_json(texts: Texts, found: Verification) -> dict[str, object]:
    ledger = found.ledger
    broken = next((one for one in ledger.differences), None)
    return {
        "ledger_entries": found.entries,
        "ledger_broken": texts.say(broken.as_note()) if broken else None,
        "sealed_entries": ledger.size,
        "checkpoint": {
            "origin": ledger.origin,
            "size": ledger.size,
            "root": ledger.root.hex(),
            "trusted": ledger.trusted,
        },
        "cosigned": ledger.cosigned or None,
        "originals": found.originals,
        "resumed": found.resumed or None,
        "differences": [_difference_json(texts, one) for one in found.differences],
    }


def _difference_json(texts: Texts, one: Difference) -> dict[str, object]:
    return {
        "kind": one.kind.value,
        "subject": visible(one.subject),
        "expected": visible(one.expected),
        "found": visible(one.found),
        "parent": one.parent or None,
        "what": texts.say(one.as_note()),
        "cure": texts.say(one.cure()),
    }


def _print(texts: Texts, found: Verification) -> None:
    ledger = found.ledger
    trusted = texts.t("verify.signed" if ledger.trusted else "verify.not_signed")
    say(texts.t("verify.ledger", sealed=ledger.size, entries=found.entries, signed=trusted))
    if ledger.cosigned:
        say(texts.t("verify.cosigned", size=ledger.cosigned))
    if found.resumed:
        say(texts.t("verify.resumed", started_at=found.resumed))
    if not found.differences:
        say(texts.t("verify.clean", count=found.originals))
        return
    rows = [
        (one.kind.value, visible(one.subject), texts.say(one.as_note()), texts.say(one.cure()))
        for one in found.differences
    ]
    columns = [texts.t(f"cli.column.{name}") for name in ("kind_code", "subject", "what", "cure")]
    print_table(texts.t("verify.title", count=len(rows)), columns, rows)
