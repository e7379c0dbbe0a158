"""What a pack's pack.json states, read strictly: whatever bytes it holds, they are understood or refused as a whole."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import NoReturn, TypeVar

from evidence.errors import IntegrityError
from evidence.packs import KIND, VERSION, PackedFile
from storage.pack_bag import is_safe

T = TypeVar("T")
Plain = Mapping[str, object]

LONGEST_NUMBER = 20
HEX_DIGITS = 64


@dataclass(frozen=True)
class StatedCopy:
    """A playable copy as stated: the copy, and the path of what tells of it."""

    file: PackedFile
    about: str


@dataclass(frozen=True)
class StatedItem:
    """An item as stated. ``path``: None when its original was disposed of; links are case and step."""

    number: int
    sha256: str
    size_bytes: int
    path: str | None
    source_path: str
    station: str
    sidecars: tuple[PackedFile, ...]
    playable: StatedCopy | None
    links: tuple[tuple[str, str], ...]
    entries: tuple[int, ...]


@dataclass(frozen=True)
class Stated:
    """A pack as stated. ``decisions``: ledger number and sealed file; ``official_no``: empty unless there are two."""

    case_no: str
    official_no: str
    origin: str
    items: tuple[StatedItem, ...]
    decisions: tuple[tuple[int, PackedFile], ...]
    entries: tuple[int, ...]
    files: Mapping[str, str]

    @property
    def numbers(self) -> set[int]:
        """Numbers of all entries it lists."""
        return {*self.entries, *(number for item in self.items for number in item.entries)}


def stated_by(body: bytes) -> Stated:
    """Return what the bytes of a pack.json state.

    Raises:
        IntegrityError: they are no pack.json of a version that is known here.
    """
    said = object_of(body)
    if (said.get("kind"), type(said.get("v")), said.get("v")) != (KIND, int, VERSION):
        raise _malformed("kind")
    items = tuple(_item(one) for one in _objects(said, "items"))
    if [item.number for item in items] != [*range(1, len(items) + 1)]:
        raise _malformed("items")
    files, case = _object(said, "files"), _object(said, "case")
    return Stated(
        case_no=_typed(case, "case_no", str),
        official_no=_typed(case, "official_no", str) if case.get("official_no") is not None else "",
        origin=_typed(said, "origin", str),
        items=items,
        decisions=tuple((_number(one, "entry"), _file(one)) for one in _objects(said, "decisions")),
        entries=_numbers(said, "entries"),
        files={_payload(path): _digest(digest) for path, digest in files.items()},
    )


def object_of(body: bytes) -> dict[str, object]:
    """Return the JSON object that bytes hold: no name twice, no endless numbers.

    Raises:
        IntegrityError: they hold none.
    """
    try:
        said = json.loads(body.decode(), object_pairs_hook=_once, parse_constant=_refuse, parse_int=_whole)
    except (ValueError, RecursionError) as error:
        raise IntegrityError("this is no JSON", subject="pack") from error
    if not isinstance(said, dict):
        raise IntegrityError("this is no JSON object", subject="pack")
    return said


def _item(said: Plain) -> StatedItem:
    copy = said.get("playable_copy")
    return StatedItem(
        number=_number(said, "number"),
        sha256=_digest(said.get("sha256")),
        size_bytes=_number(said, "size_bytes"),
        path=None if said.get("path") is None else _payload(said["path"]),
        source_path=_typed(said, "source_path", str),
        station=_typed(said, "station", str),
        sidecars=tuple(_file(one) for one in _objects(said, "sidecars")),
        playable=None if copy is None else _copy(_object(said, "playable_copy")),
        links=tuple((_typed(one, "case_no", str), _typed(one, "step_no", str)) for one in _objects(said, "links")),
        entries=_numbers(said, "entries"),
    )


def _copy(said: Plain) -> StatedCopy:
    return StatedCopy(_file(said), _payload(said.get("about")))


def _file(said: Plain) -> PackedFile:
    return PackedFile(_payload(said.get("path")), _digest(said.get("sha256")))


def _typed(said: Plain, name: str, kind: type[T]) -> T:
    value = said.get(name)
    if not isinstance(value, kind):
        raise _malformed(name)
    return value


def _number(said: Plain, name: str) -> int:
    value = _typed(said, name, int)
    if isinstance(value, bool) or value < 0:
        raise _malformed(name)
    return value


def _numbers(said: Plain, name: str) -> tuple[int, ...]:
    found = _all(said, name, lambda one: isinstance(one, int) and not isinstance(one, bool) and one >= 0)
    numbers = [one for one in found if isinstance(one, int)]
    if numbers != sorted(set(numbers)):
        raise _malformed(name)
    return tuple(numbers)


def _object(said: Plain, name: str) -> Plain:
    return _typed(said, name, dict)


def _objects(said: Plain, name: str) -> list[Plain]:
    return [one for one in _all(said, name, lambda one: isinstance(one, dict)) if isinstance(one, dict)]


def _all(said: Plain, name: str, fits: Callable[[object], bool]) -> Sequence[object]:
    found: list[object] = _typed(said, name, list)
    if not all(fits(one) for one in found):
        raise _malformed(name)
    return found


def _payload(value: object) -> str:
    if not isinstance(value, str) or not value.startswith("data/") or not is_safe(value):
        raise _malformed("path")
    return value


def _digest(value: object) -> str:
    if not isinstance(value, str) or len(value) != HEX_DIGITS or set(value) - set("0123456789abcdef"):
        raise _malformed("sha256")
    return value


def _once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    names = [name for name, _ in pairs]
    if len(set(names)) < len(names):
        raise ValueError("a name comes twice")
    return dict(pairs)


def _whole(text: str) -> int:
    if len(text) > LONGEST_NUMBER:
        raise ValueError("a number without end")
    return int(text)


def _refuse(text: str) -> NoReturn:
    raise ValueError(f"{text} is no number")


def _malformed(name: str) -> IntegrityError:
    return IntegrityError(f"its {name} cannot be understood", subject="pack.json", cure="ask for the pack again")
