"""Rows of a JSON file: a list of objects, or an object that holds the list under the noun's name."""

import json
from collections.abc import Iterator

from ingest.records.columns import Heading, Noun, read_heading
from ingest.records.sheets import Broken
from ingest.records.verdicts import FileRefusedError, Verdict, verdict

Item = tuple[int, Heading, tuple[object, ...]]


class _Twice(dict[str, object]):
    """An object in which a key came twice."""

    key = ""


def json_items(noun: Noun, text: str, name: str) -> list[object]:
    """Return the list of a JSON file.

    Raises:
        FileRefusedError: it is no JSON, or holds no list of this noun.
    """
    try:
        content = json.loads(text, object_pairs_hook=_object, parse_constant=Broken)
    except json.JSONDecodeError as error:
        raise FileRefusedError(verdict(error.lineno, "", error.msg, "json_broken", cure="json_broken")) from error
    except (ValueError, RecursionError) as error:
        raise FileRefusedError(verdict(0, "", str(error)[:80], "json_broken", cure="json_broken")) from error
    rows = content.get(noun.value) if isinstance(content, dict) else content
    if not isinstance(rows, list):
        raise FileRefusedError(verdict(0, "", name, "json_shape", cure="json_shape", noun=noun.value))
    return rows


def json_row(noun: Noun, line: int, item: object) -> tuple[Item | None, list[Verdict]]:
    """Return heading and cells of one object, or what is wrong with it."""
    if not isinstance(item, dict):
        return None, [verdict(line, "", item, "json_row", cure="json_shape", noun=noun.value)]
    if isinstance(item, _Twice):
        return None, [verdict(line, item.key, item.key, "column_twice", cure="column_twice")]
    heading = read_heading(noun, tuple(item))
    wrong = list(heading_verdicts(line, heading))
    return (None if wrong else (line, heading, tuple(item.values()))), wrong


def heading_verdicts(line: int, heading: Heading) -> Iterator[Verdict]:
    """Yield what is wrong with the names of columns."""
    yield from (verdict(line, name, name, "column_unknown", cure="column_unknown") for name in heading.unknown)
    yield from (verdict(line, name, name, "column_twice", cure="column_twice") for name in heading.twice)
    yield from (verdict(line, name, "", "column_missing", cure="column_missing") for name in heading.missing)


def _object(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) == len(pairs):
        return found
    seen: set[str] = set()
    twice = _Twice(found)
    twice.key = next(key for key, _ in pairs if key in seen or seen.add(key))  # type: ignore[func-returns-value]
    return twice
