"""Reads what a row of a case table says: its texts, its lists, its moments; and writes a finding as the tables do."""

from collections.abc import Mapping
from datetime import datetime

from evidence.findings import Finding
from evidence.zones import beijing
from tests.support.calendars import beijing_time

Row = Mapping[str, object]


def window_of(row: Row) -> tuple[datetime, datetime]:
    """Return the window of ``2026-03-02 10:00-10:30`` or ``2026-03-02 22:00 - 2026-03-03 01:00``."""
    start, _, end = text(row, "at").partition(" - ")
    if not end:
        start, _, end = start.rpartition("-")
        end = f"{start[:10]} {end}"
    return beijing_time(start), beijing_time(end)


def text(row: Row, key: str) -> str:
    """Return a text of a row, empty where it has none."""
    return str(row.get(key, ""))


def texts(row: Row, key: str, missing: list[str]) -> list[str]:
    """Return a list of texts of a row."""
    values = row.get(key, missing)
    assert isinstance(values, list)
    return [str(value) for value in values]


def rows_of(row: Row, key: str) -> list[Row]:
    """Return a list of tables of a row."""
    values = row.get(key, [])
    assert isinstance(values, list)
    return values


def time_or_none(row: Row, key: str) -> datetime | None:
    """Return a moment of a row."""
    return beijing_time(text(row, key)) if key in row else None


def as_written(finding: Finding) -> str:
    """Return a finding as the tables write it: step, kind, severity, article, and what it names."""
    head = f"{finding.step_no or '案'} {finding.kind} {finding.severity} [{finding.article}]"
    return f"{head} {detail_of(finding)}".rstrip()


def detail_of(finding: Finding) -> str:
    """Return what a finding names: stretches, a document, roles, the last day of a limit, or what form it takes."""
    params, form = finding.what.params, finding.what.code.rpartition(".what")[2].lstrip("_")
    if "last_day" in params:
        ends_at = params["ends_at"]
        assert isinstance(ends_at, datetime)
        until = f"{beijing(ends_at):%Y-%m-%d %H:%M:%S}" if form.endswith("_hours") else str(params["last_day"])
        return f"{form.removesuffix('_hours')} {until}"
    if "document_names" in params:
        names = dict(each.split("=", 1) for each in str(params["document_names"]).split("|"))
        return f"{names['zh-CN']} {params.get('signers_roles', '')}"
    stretches = [f"{beijing(part.start):%H:%M:%S}-{beijing(part.end):%H:%M:%S}" for part in finding.uncovered]
    return " ".join(stretches) or form
