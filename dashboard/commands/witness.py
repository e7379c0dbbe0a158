"""``evidock witness``: watch another home's ledger from this machine, or take in a cosignature carried here."""

import platform
import re
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from dashboard.console import OUT, print_json, say
from dashboard.options import HomeOption, JsonOption, LangOption
from dashboard.texts import DEFAULT_LOCALE, Texts
from dashboard.wiring import open_house, utc_now
from dashboard.witnessing import take_cosigned
from evidence.errors import StorageError, UsageError
from evidence.tlog import VerifierKey, verifier_key
from storage.log_sources import FolderLog, Source, source_at
from storage.signing import fingerprint
from storage.witness import Look, Round, Witness
from storage.witness_state import WitnessState

EVERY_S = 600.0
STATES = Path("~/.evidock-witness")


def run(
    source: Annotated[str, typer.Argument(help="Address of an Evidock, or a folder with a copied ledger.")] = "",
    state: Annotated[
        Path | None, typer.Option(help="Folder of this witness; else one per log below your home.")
    ] = None,
    key: Annotated[str, typer.Option(help="The log's verifier key, read from paper; else the first met.")] = "",
    name: Annotated[
        str, typer.Option(help="How this witness's key is called; else witness/ and the host's name.")
    ] = "",
    once: Annotated[bool, typer.Option("--once", help="Look once and end; always so for a folder.")] = False,
    every: Annotated[float, typer.Option(min=1.0, help="Look again after so many seconds.")] = EVERY_S,
    accept: Annotated[Path | None, typer.Option(help="At the home: take in this cosigned note.")] = None,
    as_json: JsonOption = False,
    home: HomeOption = None,
    lang: LangOption = None,
) -> None:
    """See that a ledger only ever grows, and cosign it; exit 60 when it does not continue what was seen."""
    if bool(source) == bool(accept):
        raise UsageError("name a log to watch, or a note to --accept", cure="evidock witness http://127.0.0.1:8800")
    if accept:
        _accept(accept, home, lang, as_json=as_json)
        return
    texts, log = Texts(lang or DEFAULT_LOCALE), source_at(source)
    told = verifier_key(key) if key else None
    witness = Witness(log, lambda origin: WitnessState(state or _state_of(origin), _name(name)), utc_now, told)
    for done in _rounds(texts, log, witness, every, once=once):
        if as_json:
            print_json({"witness": _as_json(texts, done)})
        else:
            _print(texts, done)


def _rounds(texts: Texts, log: Source, witness: Witness, every: float, *, once: bool) -> Iterator[Round]:
    """Look, and look again: a log that cannot be reached now is asked again later; any other error ends the watch."""
    if once or isinstance(log, FolderLog):
        yield witness.look()
        return
    while True:
        try:
            yield witness.look()
        except StorageError as error:
            say(texts.t("witness.unreachable", reason=str(error), wait_s=every))
        threading.Event().wait(every)


def _accept(file: Path, home: Path | None, lang: str | None, *, as_json: bool) -> None:
    try:
        body = file.expanduser().read_bytes()
    except OSError as error:
        cure = "name the note that the witness wrote"
        raise UsageError(f"cannot be read ({error.strerror})", subject=str(file), cure=cure) from error
    with open_house(home, lang=lang) as house:
        kept = take_cosigned(house, body)
        said = {"path": kept.path, "size": kept.size, "witnesses": list(kept.witnesses), "new": kept.new}
        if as_json:
            print_json({"witness": said})
            return
        names = ", ".join(kept.witnesses)
        _line(house.texts.t("witness.accepted", size=kept.size, witnesses=names, path=f"ledger/{kept.path}"))


def _as_json(texts: Texts, done: Round) -> dict[str, object]:
    return {
        "look": done.look.value,
        "origin": done.checkpoint.origin,
        "size": done.checkpoint.size,
        "root": done.checkpoint.root.hex(),
        "before": done.before,
        "note": str(done.note),
        "witness_key": str(done.witness_key),
        "trusted_first": [str(key) for key in done.first_trusted],
        "learned": [str(key) for key in done.learned],
        "unknown_keys": list(done.unknown),
        "by_hand": texts.say(done.by_hand) if done.by_hand else None,
    }


def _print(texts: Texts, done: Round) -> None:
    for key in done.first_trusted:
        _loudly(texts, key)
    for key in done.learned:
        say(texts.t("witness.learned", vkey=str(key), fingerprint=fingerprint(key)))
    for key_id in done.unknown:
        say(texts.t("witness.unknown", key_id=key_id))
    origin, size = done.checkpoint.origin, done.checkpoint.size
    if done.look is Look.UNCHANGED:
        _line(texts.t("witness.unchanged", origin=origin, size=size))
    elif done.before is None:
        _line(texts.t("witness.cosigned_first", origin=origin, size=size))
    else:
        _line(texts.t("witness.cosigned", before=done.before, origin=origin, size=size))
    if done.before is None or done.by_hand:
        say(texts.t("witness.own_key", vkey=str(done.witness_key)))
    if done.by_hand:
        say(texts.t("witness.note_at", note=str(done.note), what=texts.say(done.by_hand)))


def _loudly(texts: Texts, key: VerifierKey) -> None:
    say("!" * 72)
    say(texts.t("witness.trusted_first", vkey=str(key), fingerprint=fingerprint(key)))
    say("!" * 72)


def _line(text: str) -> None:
    OUT.print(escape(text), soft_wrap=True)


def _state_of(origin: str) -> Path:
    """Return the folder of a log's witness: what cannot be part of a name is replaced."""
    return STATES.expanduser() / re.sub(r"[^A-Za-z0-9-]", "_", origin)[:100]


def _name(given: str) -> str:
    return given or "witness/" + (re.sub(r"[^A-Za-z0-9.-]", "-", platform.node()) or "unnamed")
