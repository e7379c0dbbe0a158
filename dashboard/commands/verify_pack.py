"""``evidock verify-pack DIR``: a case file checked offline, without a home; a second opinion to its ``verify.py``."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import Progress

from config.settings import Settings
from dashboard.console import ERR, print_json, print_table, say
from dashboard.options import JsonOption, LangOption
from dashboard.texts import Texts, visible
from evidence.errors import IntegrityError, UsageError
from evidence.packs import CheckedItem, Difference, DifferenceKind, PackVerdict
from evidence.tlog import Algorithm, VerifierKey, verifier_key
from evidence.zones import to_utc_iso
from storage.pack_check import check_pack
from storage.signing import fingerprint

FINGERPRINT = re.compile(r"[0-9a-f]{32}")

ASPECTS: dict[str, frozenset[DifferenceKind]] = {
    "original": frozenset({DifferenceKind.ITEM_ORIGINAL, DifferenceKind.ITEM_MISSING}),
    "tombstone": frozenset({DifferenceKind.ITEM_TOMBSTONE}),
    "statement": frozenset({DifferenceKind.ITEM_ENTRY, DifferenceKind.PACK_UNRECORDED}),
    "ledger": frozenset(
        {
            DifferenceKind.LEDGER_ENTRY,
            DifferenceKind.LEDGER_PROOF,
            DifferenceKind.LEDGER_KEY,
            DifferenceKind.LEDGER_CHECKPOINT,
        }
    ),
    "sidecar": frozenset({DifferenceKind.ITEM_SIDECAR}),
    "playable": frozenset({DifferenceKind.ITEM_PLAYABLE}),
    "link": frozenset({DifferenceKind.ITEM_LINK}),
}
"""What is checked of an item, and which differences speak against it."""


def run(
    pack: Annotated[Path, typer.Argument(help="Folder of the pack.")],
    key: Annotated[
        str,
        typer.Option(
            "--key", help="Signing key from paper, or its fingerprint; else the pack's own is used, and said so."
        ),
    ] = "",
    as_json: JsonOption = False,
    lang: LangOption = None,
) -> None:
    """Check a case file offline, without a home; exit 1 when anything differs."""
    texts = Texts(lang or Settings().language)
    known = key_of(key) if key.strip() else None
    if not pack.is_dir() or not ((pack / "bagit.txt").is_file() or (pack / "data").is_dir()):
        raise UsageError("is no evidence pack", subject=str(pack), cure="name the folder that holds bagit.txt")
    with Progress(console=ERR, transient=True, disable=not ERR.is_terminal) as bars:
        task = bars.add_task(texts.t("export.command.checking"), total=1.0)
        verdict = check_pack(pack, known, lambda share: bars.update(task, completed=share))
    if as_json:
        print_json({"verify_pack": _as_json(verdict, texts)})
    else:
        _print(verdict, texts)
    raise typer.Exit(1 if verdict.differences else 0)


def key_of(text: str) -> VerifierKey | str:
    """Return the key of a log, or its fingerprint, as a person types it from paper, in groups or not.

    Raises:
        UsageError: it is none.
    """
    cure = "type it as the cover sheet prints it: name+key id+key, or the 32 digits of its fingerprint"
    typed = "".join(text.split())
    if FINGERPRINT.fullmatch(typed.lower()):
        return typed.lower()
    try:
        found = verifier_key(typed)
    except IntegrityError as error:
        raise UsageError(error.message, subject="--key", cure=cure) from error
    if found.algorithm is not Algorithm.ED25519:
        raise UsageError("this is the key of a witness, not of a log", subject="--key", cure=cure)
    return found


# --- json ------------------------------------------------------------------------------------------------------------


def _as_json(verdict: PackVerdict, texts: Texts) -> dict[str, object]:
    head = {"origin": verdict.origin, "size": verdict.size, "root": verdict.root}
    return {
        "ok": not verdict.differences,
        "case_no": verdict.case_no,
        "official_no": verdict.official_no,
        "items": [
            {
                "number": item.number,
                "sha256": item.sha256,
                "path": item.path,
                "holds": list(aspects(item, verdict, wrong=False)),
                "fails": list(aspects(item, verdict, wrong=True)),
            }
            for item in verdict.items
        ],
        "differences": [_difference_json(one, texts) for one in verdict.differences],
        "key": verdict.key or None,
        "fingerprint": fingerprint(verifier_key(verdict.key)).replace(" ", "") if verdict.key else None,
        "key_from": "paper" if verdict.from_paper else "pack",
        "checkpoint": head if verdict.size is not None else None,
        "cosigned": [{"witness": one.witness, "size": one.size, "at": to_utc_iso(one.at)} for one in verdict.witnessed],
        "entries_proven": verdict.proven,
        "bag_sha256": verdict.bag_sha256 or None,
    }


def _difference_json(one: Difference, texts: Texts) -> dict[str, object]:
    what, means, cure = said_of(one, texts)
    return {
        "code": one.kind.value,
        "path": one.path,
        "items": list(one.items),
        "what": what,
        "means": means,
        "cure": cure,
    }


# --- words -----------------------------------------------------------------------------------------------------------


def said_of(one: Difference, texts: Texts) -> tuple[str, str, str]:
    """Return what a difference is, what it means and what to do."""
    key = f"export.difference.{one.kind.value}"
    return texts.t(f"{key}.what"), texts.t(f"{key}.means"), texts.t(f"{key}.do")


def aspects(item: CheckedItem, verdict: PackVerdict, *, wrong: bool) -> Iterator[str]:
    """Yield what holds of an item, or what is ``wrong`` with it, by name."""
    found = {one.kind for one in verdict.differences if item.number in one.items}
    yield from (name for name in item.aspects if bool(ASPECTS[name] & found) is wrong)


def _print(verdict: PackVerdict, texts: Texts) -> None:
    number = verdict.official_no or verdict.case_no
    case_no = visible(number) if number else texts.t("export.check.case_unknown")
    columns = [texts.t(f"export.check.column_{name}") for name in ("number", "original", "holds", "fails")]
    rows = [_row(item, verdict, texts) for item in verdict.items]
    print_table(texts.t("export.check.title", case_no=case_no), columns, rows)
    if verdict.differences:
        columns = [texts.t(f"export.check.column_{name}") for name in ("path", "items", "what", "means", "do")]
        told = [
            (visible(one.path), ", ".join(map(str, one.items)), *said_of(one, texts)) for one in verdict.differences
        ]
        print_table(texts.t("export.check.differences", count=len(told)), columns, told)
    for line in _lines(verdict, texts):
        say(line)


def _row(item: CheckedItem, verdict: PackVerdict, texts: Texts) -> tuple[str, ...]:
    said = [
        texts.t("export.join").join(
            texts.t(f"export.check.aspect.{name}") for name in aspects(item, verdict, wrong=wrong)
        )
        for wrong in (False, True)
    ]
    name = visible(item.path.rpartition("/")[2]) if item.path else texts.t("export.check.disposed")
    return (str(item.number), name, *(one or texts.t("export.check.nothing") for one in said))


def _lines(verdict: PackVerdict, texts: Texts) -> Iterator[str]:
    source = ("key_paper" if verdict.from_paper else "key_pack") if verdict.key else "key_none"
    groups = fingerprint(verifier_key(verdict.key)) if verdict.key else ""
    yield texts.t(f"export.check.{source}", vkey=verdict.key, fingerprint=groups)
    if verdict.size is not None:
        yield texts.t("export.check.checkpoint", size=verdict.size, root=verdict.root)
    yield texts.t("export.check.proven", count=verdict.proven)
    for one in verdict.witnessed:
        yield texts.t("export.check.cosigned", name=one.witness, cosigned_at=one.at, size=one.size)
    if not verdict.witnessed:
        yield texts.t("export.check.not_cosigned")
    yield texts.t("export.check.fingerprint", digest=verdict.bag_sha256 or texts.t("export.check.nothing"))
    yield texts.t("export.check.bad" if verdict.differences else "export.check.good")
