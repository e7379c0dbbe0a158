"""Stored rows are what the columns' own types write, to the last byte."""

import json
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from evidence.custody import canonical_json
from evidence.notes import Note
from index.columns import NotesColumn
from index.engine import written_json
from index.stored import Written, form_of, written_note, written_notes

VALUES = st.one_of(
    st.text(),
    st.integers(),
    st.floats(allow_nan=False, allow_infinity=False),
    st.booleans(),
    st.datetimes(timezones=st.just(UTC)),
)
NOTES = st.builds(
    Note,
    st.from_regex(r"[a-z]+(\.[a-z_]+)*", fullmatch=True),
    st.dictionaries(st.from_regex(r"[a-z_]+", fullmatch=True), VALUES, max_size=4),
)


@given(NOTES)
def test_a_note_is_written_as_the_long_way_writes_it(said: Note) -> None:
    """Whatever it names: text with quotes, numbers of any size, moments."""
    told = written_note(said)
    assert told.column == written_json(said.as_plain())
    assert told.canonical.encode() == canonical_json(said.as_plain())


@given(st.lists(NOTES, max_size=4))
def test_notes_are_written_as_their_column_does(said: list[Note]) -> None:
    """What was written before is not written again."""
    form = form_of(NotesColumn())
    told = written_notes(said)
    assert form(tuple(said)) == form(told.column) == told.column
    assert json.loads(told.canonical) == json.loads(told.column)


def test_text_is_not_taken_for_written_json() -> None:
    """Only what is marked as written goes through as it is."""
    assert form_of(NotesColumn())(Written("[]")) == "[]"
    at = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    assert written_note(Note("a", {"b_at": at})) == (
        '{"code": "a", "params": {"b_at": "2026-01-02T03:04:05Z"}}',
        '{"code":"a","params":{"b_at":"2026-01-02T03:04:05Z"}}',
    )
