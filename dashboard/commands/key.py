"""``evidock key``: the keys that sign the ledger, and how the one gives way to the next."""

from enum import StrEnum
from typing import Annotated

import typer

from config.home import default_home
from dashboard.console import print_json, print_table, say
from dashboard.options import ActorOption, HomeOption, JsonOption, LangOption, ReasonOption
from dashboard.texts import Texts
from dashboard.wiring import House, open_house
from dashboard.witnessing import replace_lost_key, rotate_key
from evidence.errors import UsageError
from evidence.tlog import VerifierKey
from evidence.zones import to_utc_iso
from storage.signing import fingerprint


class Action(StrEnum):
    """What to do."""

    SHOW = "show"
    ROTATE = "rotate"


class Standing(StrEnum):
    """How a key stands."""

    CURRENT = "current"
    PREVIOUS = "previous"
    RETIRED = "retired"


def run(
    action: Annotated[Action, typer.Argument(help="Show the keys, or change to a new one.")] = Action.SHOW,
    lost: Annotated[bool, typer.Option("--lost", help="With rotate: the private key is lost for good.")] = False,
    as_json: JsonOption = False,
    home: HomeOption = None,
    actor: ActorOption = "",
    reason: ReasonOption = "",
    lang: LangOption = None,
) -> None:
    """Show the ledger's public keys with fingerprints to be read aloud, or change the key that signs."""
    if action is Action.SHOW and (lost or reason):
        raise UsageError("showing keys takes no reason", cure="say `evidock key rotate` to change the key")
    if lost:
        replace_lost_key(home or default_home(), reason, actor)
    with open_house(home, lang=lang, actor=actor) as house:
        if action is Action.ROTATE and not lost:
            rotate_key(house, reason)
        if as_json:
            print_json({"key": _as_json(house)})
        else:
            _print(house)
        if action is Action.ROTATE:
            say(house.texts.t("key.tell_lost" if lost else "key.tell_new", fingerprint=fingerprint(house.keys.vkey)))


def _standing(house: House, key: VerifierKey) -> Standing:
    signing = [signer.vkey for signer in house.keys.signers]
    if key not in signing:
        return Standing.RETIRED
    return Standing.CURRENT if key == signing[0] else Standing.PREVIOUS


def _as_json(house: House) -> dict[str, object]:
    until = house.keys.previous_until
    return {
        "origin": house.keys.origin,
        "keys": [
            {
                "vkey": str(key),
                "key_id": key.key_id.hex(),
                "fingerprint": fingerprint(key),
                "standing": standing.value,
                "signs_until": to_utc_iso(until) if until and standing is Standing.PREVIOUS else None,
            }
            for key in house.keys.vkeys
            for standing in (_standing(house, key),)
        ],
    }


def _print(house: House) -> None:
    texts = house.texts
    rows = [(_words(house, texts, key), fingerprint(key), str(key)) for key in house.keys.vkeys]
    columns = [texts.t(f"key.column.{name}") for name in ("standing", "fingerprint", "vkey")]
    print_table(texts.t("key.title", origin=house.keys.origin), columns, rows)


def _words(house: House, texts: Texts, key: VerifierKey) -> str:
    standing, until = _standing(house, key), house.keys.previous_until
    if standing is Standing.PREVIOUS and until:
        return texts.t("key.signs_until", until_at=until)
    return texts.word(standing)
