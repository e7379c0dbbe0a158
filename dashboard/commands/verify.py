"""``evidock verify``: do bytes, ledger and register agree; it works beside a running ``evidock up``."""

from collections.abc import Collection, Iterator, Sequence
from typing import Annotated

import typer
from rich.progress import Progress

from dashboard.console import ERR, print_json, print_table, say
from dashboard.options import HomeOption, JsonOption, LangOption
from dashboard.wiring import House, open_house
from evidence.errors import IntegrityError
from evidence.ids import Digest
from index import check
from storage.verify import Difference, verify_derivatives, verify_originals
from storage.verify_records import Registered, verify_records

LOOKS = 3
PAUSE_S = 1.0


def run(
    deep: Annotated[bool, typer.Option("--deep", help="Also read every file and take its digest again.")] = False,
    as_json: JsonOption = False,
    home: HomeOption = None,
    lang: LangOption = None,
) -> None:
    """Check originals, records, derivatives and the whole ledger; exit 1 when anything differs."""
    with open_house(home, lang=lang) as house:
        entries, broken = _ledger(house)
        expected: dict[Digest, int] = dict(check.originals(house.register))
        differences = [*_originals(house, expected, deep=deep), *_records(house), *_derivatives(house, deep=deep)]
        if as_json:
            print_json({"verify": _as_json(house, entries, broken, expected, differences)})
        else:
            _print(house, entries, broken, expected, differences)
    raise typer.Exit(1 if differences or broken else 0)


def _ledger(house: House) -> tuple[int, str]:
    """Return how many entries hold, and what is wrong with the chain, empty when nothing is."""
    try:
        return check.check_ledger(house.register), ""
    except IntegrityError as error:
        return house.library.totals().ledger_entries, str(error)


def _originals(house: House, expected: dict[Digest, int], *, deep: bool) -> Sequence[Difference]:
    with Progress(console=ERR, transient=True, disable=not ERR.is_terminal) as bars:
        task = bars.add_task(house.texts.t("cli.verify.reading"), total=1.0)
        return verify_originals(
            house.home.vault,
            expected,
            deep=deep,
            report=lambda share: bars.update(task, completed=share),
            known_of=lambda found: _known_of(house, found),
        )


def _known_of(house: House, found: Collection[str]) -> set[str]:
    """Return what of it is registered by now; what is sealed is registered a moment later, so look again."""
    known = check.known_of(house.register, found)
    for _ in range(LOOKS - 1):
        if len(known) == len(found):
            break
        house.pause(PAUSE_S)
        known = check.known_of(house.register, found)
    return known


def _records(house: House) -> Iterator[Difference]:
    register = house.register
    registered = Registered(check.sightings(register), check.decisions(register), check.imports(register))
    return verify_records(house.home.vault, registered)


def _derivatives(house: House, *, deep: bool) -> Sequence[Difference]:
    """Compare the derivatives; one that was made anew meanwhile is no longer to be there."""
    with Progress(console=ERR, transient=True, disable=not ERR.is_terminal) as bars:
        total = sum(size_bytes for _, size_bytes, _ in check.derivatives(house.register))
        task = bars.add_task(house.texts.t("cli.verify.reading"), total=max(1, total))
        expected = check.derivatives(house.register)
        found = list(
            verify_derivatives(house.home.vault, expected, deep=deep, report=lambda size: bars.advance(task, size))
        )
    still = {(digest, parent) for digest, _, parent in check.derivatives(house.register)} if found else set()
    return [difference for difference in found if (difference.subject, difference.parent) in still]


def _as_json(
    house: House, entries: int, broken: str, expected: dict[Digest, int], differences: Sequence[Difference]
) -> dict[str, object]:
    return {
        "ledger_entries": entries,
        "ledger_broken": broken or None,
        "originals": len(expected),
        "differences": [
            {
                "kind": d.kind.value,
                "subject": d.subject,
                "expected": d.expected,
                "found": d.found,
                "parent": d.parent or None,
                "what": house.texts.say(d.as_note()),
            }
            for d in differences
        ],
    }


def _print(
    house: House, entries: int, broken: str, expected: dict[Digest, int], differences: Sequence[Difference]
) -> None:
    texts = house.texts
    key = "cli.verify.ledger_broken" if broken else "cli.verify.ledger_ok"
    say(texts.t(key, reason=broken, entries=entries))
    if not differences:
        say(texts.t("cli.verify.clean", count=len(expected)))
        return
    rows = [(d.kind.value, d.subject, texts.say(d.as_note())) for d in differences]
    columns = [texts.t(f"cli.column.{c}") for c in ("kind_code", "subject", "what")]
    print_table(texts.t("cli.verify.title", count=len(differences)), columns, rows)
