"""Lines of a CSV file as cells; the delimiter is the one under which the heading is understood best."""

import csv
import io
from collections.abc import Iterator

from ingest.records.columns import Noun, read_heading
from ingest.records.verdicts import FileRefusedError, verdict

DELIMITERS = (",", ";", "\t")


def csv_lines(noun: Noun, text: str) -> Iterator[tuple[int, tuple[str, ...]]]:
    """Yield the line on which each row begins, and its cells.

    Raises:
        FileRefusedError: quotes do not pair, or a cell goes on without end.
    """
    delimiter, start = _delimiter(noun, text)
    reader = csv.reader(io.StringIO(text[start:], newline=""), delimiter=delimiter, strict=True)
    before = text[:start].count("\n")
    while True:
        line = before + reader.line_num + 1
        try:
            yield line, tuple(next(reader))
        except StopIteration:
            return
        except csv.Error as error:
            raise FileRefusedError(verdict(line, "", str(error), "csv_broken", cure="quotes")) from error


def _delimiter(noun: Noun, text: str) -> tuple[str, int]:
    """Return the delimiter whose reading of the heading knows most columns, and where the heading begins."""
    start = 0
    first = text.partition("\n")[0].strip()
    if first.lower().startswith("sep=") and len(first) == len("sep=,"):  # a line Excel writes for itself
        return first[-1], text.find("\n") + 1 or len(text)
    while start < len(text) and text[start] in "\r\n":
        start += 1
    line = text[start:].partition("\n")[0].strip("\r")

    def known(delimiter: str) -> int:
        cells = tuple(cell.strip(' "') for cell in line.split(delimiter))
        return sum(1 for column in read_heading(noun, cells).columns if column)

    return max(DELIMITERS, key=known), start
