"""Imported agency records: officers, devices, assignments, cases and steps from CSV, XLSX or JSON.

A file is judged as a whole: either every row becomes a noun of the core, or nothing does and every wrong cell is named
with its line, its column, its value and the cure.
"""

from ingest.records.build import Known, Record
from ingest.records.columns import COLUMNS, Noun
from ingest.records.read import RowVerdicts, judge_file, judge_rows, read_rows, taken_rows, template
from ingest.records.tables import MAX_BYTES, RecordFile, open_records, too_large
from ingest.records.times import NotATimeError, read_time, zone_of
from ingest.records.verdicts import RowsRefusedError, Verdict, Weight

NOUNS = tuple(noun.value for noun in Noun)
"""The kinds of record, as the command line names them."""

__all__ = [
    "COLUMNS",
    "MAX_BYTES",
    "NOUNS",
    "Known",
    "NotATimeError",
    "Noun",
    "Record",
    "RecordFile",
    "RowVerdicts",
    "RowsRefusedError",
    "Verdict",
    "Weight",
    "judge_file",
    "judge_rows",
    "open_records",
    "read_rows",
    "read_time",
    "taken_rows",
    "template",
    "too_large",
    "zone_of",
]
