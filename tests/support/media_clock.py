"""What is found out about the time of a real camera file, and the table of what must be found.

Run as a program it prints the table anew, for a person to read line by line before it replaces the old one:
``EVIDOCK_SAMPLES=folder python -m tests.support.media_clock``.
"""

import json
import os
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from config.device_profiles import default_profiles
from dashboard.texts import Texts
from evidence.claims import Claims, TimeClaim
from evidence.clips import Kind, Measurement
from evidence.clock import ClockJudgement, ClockVerdict, judge
from evidence.zones import from_iso, to_utc_iso
from ingest.claims import claims_of_path
from ingest.exif import claims_of_photo
from transcode.probe import FfprobeProber
from transcode.runner import Runner

SAMPLES = os.environ.get("EVIDOCK_SAMPLES", "")
TABLE = Path(__file__).parents[1] / "integration" / "media_clock.toml"
LOCALES = {"en": "en", "zh": "zh-CN"}


@dataclass(frozen=True)
class Case:
    """One row of the table: a file, and what must be true of its time.

    Attributes:
        what: what the file is, for a person.
        start: judged start in UTC; empty where the verdict is unknown.
        offset_s: the greatest difference that the judgement names, in seconds.
        rules: rules that must have fired; the sentences are those of the first.
        claims: what the bytes must state, as `row_of` writes it; nothing else may be stated.
    """

    name: str
    what: str
    verdict: str
    start: str
    offset_s: float
    rules: tuple[str, ...]
    claims: tuple[str, ...]
    sentences: Mapping[str, str]


@dataclass(frozen=True)
class Found:
    """What was found: all claims, and the judgement over them."""

    claims: tuple[TimeClaim, ...]
    judgement: ClockJudgement

    @property
    def rows(self) -> tuple[str, ...]:
        """The claims of the file itself as the table writes them, each value of a source once."""
        return tuple(dict.fromkeys(row_of(claim) for claim in self.claims if claim.source not in {"mtime", "arrival"}))

    @property
    def rules(self) -> tuple[str, ...]:
        """The codes of the rules that fired."""
        return tuple(rule.code for rule in self.judgement.rules)

    @property
    def offset_s(self) -> float:
        """The greatest difference that a rule names, in seconds; 0 when none does."""
        return max((float(str(rule.params.get("offset_s", 0))) for rule in self.judgement.rules), default=0.0)

    def said(self, locale: str) -> list[str]:
        """Return every sentence of the judgement."""
        return [Texts(LOCALES[locale]).say(rule) for rule in self.judgement.rules]


def read_table() -> tuple[datetime, datetime, tuple[Case, ...]]:
    """Return modification time, arrival and the rows."""
    table = tomllib.loads(TABLE.read_text("utf-8"))
    rows = tuple(
        Case(
            row["name"],
            row["what"],
            row["verdict"],
            row["start"],
            row["offset_s"],
            tuple(row["rules"]),
            tuple(row["claims"]),
            {locale: row[locale] for locale in LOCALES},
        )
        for row in table["file"]
    )
    return from_iso(table["modified"]), from_iso(table["arrived"]), rows


def find_out(path: Path, modified: datetime, arrived: datetime) -> Found:
    """Measure a file and judge its time over all claims: its own, its path's, its modification time and arrival."""
    measured = FfprobeProber(Runner()).measure(path)
    inside = claims_inside(path, measured)
    claims = inside.joined(claims_of_path(f"samples/{path.name}", modified, arrived, default_profiles()))
    judgement = judge(claims.times, kind=measured.kind, duration_s=measured.declared_duration_s, received_at=arrived)
    return Found(claims.times, judgement)


def claims_inside(path: Path, measured: Measurement) -> Claims:
    """Return what the bytes state, EXIF of a photo as well."""
    return measured.claims.joined(claims_of_photo(path)[0]) if measured.kind is Kind.PHOTO else measured.claims


def row_of(claim: TimeClaim) -> str:
    """Return a claim as ``source zone instant``."""
    return f"{claim.source} {claim.zone} {to_utc_iso(claim.at) if claim.at else 'blank'}"


# --- the table anew --------------------------------------------------------------------------------------------------


def _rewritten() -> Iterator[str]:
    yield from (line for line in TABLE.read_text("utf-8").splitlines() if line.startswith("#"))
    modified, arrived, cases = read_table()
    known = {case.name: case for case in cases}
    yield from (f'modified = "{to_utc_iso(modified)}"', f'arrived = "{to_utc_iso(arrived)}"')
    for path in sorted(Path(SAMPLES).iterdir()):
        if path.suffix != ".md":
            yield from _row(path, known.get(path.name), find_out(path, modified, arrived))


def _row(path: Path, old: Case | None, found: Found) -> Iterator[str]:
    span, is_placed = found.judgement.span, found.judgement.verdict is not ClockVerdict.UNKNOWN
    rules = old.rules if old else found.rules[-1:]
    told = found.rules.index(rules[0]) if rules[0] in found.rules else len(found.rules) - 1
    shown: dict[str, object] = {
        "name": path.name,
        "what": old.what if old else "",
        "verdict": str(found.judgement.verdict),
        "start": to_utc_iso(span.start) if span and is_placed else "",
        "offset_s": found.offset_s,
        "rules": list(rules),
        "claims": list(found.rows),
        **{locale: found.said(locale)[told] for locale in LOCALES},
    }
    yield "\n[[file]]"
    yield from (f"{name} = {json.dumps(value, ensure_ascii=False)}" for name, value in shown.items())


if __name__ == "__main__":
    print("\n".join(_rewritten()))  # noqa: T201 – it is a program that prints
