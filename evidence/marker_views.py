"""Marks as JSON, CSV and WebVTT chapters (docs/interfaces.md, "Mark")."""

from collections.abc import Iterable, Sequence

from evidence.markers import MarkTemplate, MarkView
from evidence.zones import to_utc_iso

COLUMNS = (
    "marker_id",
    "sha256",
    "at_s",
    "real_at",
    "uncertainty_s",
    "clock",
    "template",
    "name",
    "number",
    "text",
    "note",
    "actor",
    "set_at",
    "withdrawn_by",
    "withdrawn_at",
    "withdraw_reason",
)
FORMULAS = ("=", "+", "-", "@", "\t", "\r")
QUOTED = frozenset('",\r\n')
LAST_S = 5.0
"""How long the chapter of a last mark is where nobody knows how long the clip is."""


def mark_json(view: MarkView) -> dict[str, object]:
    """Return the documented JSON of a mark."""
    mark = view.mark
    return {
        "marker_id": mark.marker_id,
        "sha256": mark.digest,
        "at_s": mark.at_s,
        "real_at": to_utc_iso(view.real_at) if view.real_at else None,
        "uncertainty_s": view.uncertainty_s,
        "clock": view.clock.value,
        "template": mark.template,
        "names": dict(view.names),
        "number": mark.number,
        "text": mark.text,
        "note": mark.note,
        "actor": mark.actor,
        "set_at": to_utc_iso(mark.set_at),
        "withdrawn_by": mark.withdrawn_by,
        "withdrawn_at": to_utc_iso(mark.withdrawn_at) if mark.withdrawn_at else None,
        "withdraw_reason": mark.withdraw_reason,
    }


def template_json(template: MarkTemplate) -> dict[str, object]:
    """Return the documented JSON of a template."""
    return {
        "template": template.code,
        "names": dict(template.names),
        "article": template.article,
        "quote": template.quote,
        "procedures": list(template.procedures),
        "numbered": template.numbered,
    }


def label_of(view: MarkView, locale: str) -> str:
    """Return what a mark is called: its template's name with its number, and the person's words."""
    name = view.names.get(locale) or view.mark.template
    counted = f"{name} {view.mark.number}" if name and view.mark.number else name
    return " – ".join(part for part in (counted, view.mark.text) if part)


def marks_csv(views: Iterable[MarkView], locale: str) -> str:
    """Return marks as CSV; a cell that a spreadsheet would take for a formula begins with an apostrophe."""
    rows = [",".join(COLUMNS)]
    for view in views:
        plain = {**mark_json(view), "name": view.names.get(locale, "")}
        rows.append(",".join(_cell(plain[column]) for column in COLUMNS))
    return "\r\n".join(rows) + "\r\n"


def chapters(views: Sequence[MarkView], length_s: float | None, locale: str) -> str:
    """Return the marks of one clip as WebVTT chapters: each lasts to the next, the last to the end of the clip."""
    marks = sorted(views, key=lambda view: (view.mark.at_s, view.mark.marker_id))
    starts = [view.mark.at_s for view in marks]
    end_s = max(length_s or 0.0, starts[-1] + LAST_S) if starts else 0.0
    cues = ["WEBVTT"]
    for number, (view, start_s) in enumerate(zip(marks, starts, strict=True)):
        until_s = next((later for later in starts[number + 1 :] if later > start_s), end_s)
        cues.append(f"{view.mark.marker_id}\n{_stamp(start_s)} --> {_stamp(until_s)}\n{_vtt(label_of(view, locale))}")
    return "\n\n".join(cues) + "\n"


def _cell(value: object) -> str:
    text = "" if value is None else str(value)
    text = f"'{text}" if isinstance(value, str) and text.startswith(FORMULAS) else text
    if not QUOTED.intersection(text):
        return text
    doubled = text.replace('"', '""')
    return f'"{doubled}"'


def _stamp(at_s: float) -> str:
    whole_ms = round(at_s * 1000)
    hours, rest = divmod(whole_ms, 3_600_000)
    minutes, rest = divmod(rest, 60_000)
    seconds, thousandths = divmod(rest, 1000)
    return f"{hours:02}:{minutes:02}:{seconds:02}.{thousandths:03}"


def _vtt(text: str) -> str:
    escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return " ".join(escaped.split()) or "–"
