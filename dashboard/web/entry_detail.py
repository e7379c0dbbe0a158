"""The detail of a ledger entry as people read it: names and known values as words, all else as it was written."""

import json
from collections.abc import Iterator, Mapping

from dashboard.camera_clock_words import shift_words
from dashboard.texts import Texts, visible
from evidence.clips import Kind, Playable, Role
from evidence.findings import FindingKind
from evidence.ids import SYSTEM_ACTOR
from evidence.notes import note_from_plain
from evidence.zones import from_iso

SHA256_DIGITS = 64
SHORT_DIGITS = 12
NAMES = "ledger.detail"
VALUES: Mapping[str, str] = {
    "kind": f"enum.{Kind.__name__}",
    "playable": f"enum.{Playable.__name__}",
    "stage": "stage",
    "decision": "ledger.decision",
    "action": "ledger.decision",
    "state": "ledger.state",
    "endless": "enum.Endless",
    "ground": "enum.Ground",
    "noun": "ledger.noun",
    "scope": "enum.ShiftScope",
    "code": "secrecy.code",
}
"""Fields whose values have words, and what the keys of those words begin with."""
LEFT_OUT = frozenset(
    {"bag_sha256", "basis", "changed_at", "claim", "claimed_at", "claims", "derivation", "copies", "finding"}
    | {"first_found_at"}
    | {"linked_at", "measurement", "mtime_ns", "name", "overlap", "owner", "part", "parts", "pickup_key", "received_at"}
    | {
        "record",
        "root",
        "rows_record",
        "secret_sha256",
        "set_at",
        "case",
        "sidecar",
        "target",
        "text",
        "token_id",
        "suggested_at",
        "zone",
    }
    | {"leaf_hash"}
)
"""Fields that the register is made from again and that say nothing more to a reader of the page."""
TIMES = frozenset(
    {
        "since",
        "until",
        "floor",
        "set_at",
        "approved_at",
        "lifted_at",
        "from_at",
        "to_at",
        "granted_at",
        "expires_at",
        "revoked_at",
    }
)
"""Fields that hold a time, UTC in ISO 8601."""
KEYED: Mapping[str, str] = {"derivatives": f"enum.{Role.__name__}"}
"""Fields that hold a map, and what the words for its names begin with."""


def detail_of(detail: Mapping[str, object], texts: Texts) -> Iterator[tuple[str, str]]:
    """Return name and value of each field that says something, printable, in the reader's words."""
    finding = detail.get("finding")
    if isinstance(finding, Mapping):
        yield from _finding(finding, texts)
    claim = detail.get("claim")
    if isinstance(claim, Mapping):
        yield from _claim(claim, texts)
    for name, value in detail.items():
        if value not in (None, "", [], {}) and name not in LEFT_OUT:
            yield _worded(NAMES, str(name), texts), _shown(str(name), value, texts)


def _finding(finding: Mapping[str, object], texts: Texts) -> Iterator[tuple[str, str]]:
    """Say which finding it is: its kind, and the step it is about."""
    yield texts.t(f"{NAMES}.finding"), _worded(f"enum.{FindingKind.__name__}", str(finding.get("kind")), texts)
    if finding.get("case_no"):
        parts = [str(finding[name]) for name in ("case_no", "step_no") if finding.get(name)]
        yield texts.t(f"{NAMES}.step_no"), visible("/".join(parts))


def _claim(claim: Mapping[str, object], texts: Texts) -> Iterator[tuple[str, str]]:
    """Say which reason was claimed, in the reader's language, and which sealed files show it."""
    names, files = claim.get("names"), claim.get("files")
    words = texts.name(names) if isinstance(names, Mapping) else ""
    yield texts.t(f"{NAMES}.claim"), visible(words or str(claim.get("code")))
    if files:
        yield texts.t(f"{NAMES}.claim_files"), _shown("files", files, texts)


def is_digest(text: str) -> bool:
    """Whether a text is a SHA-256 in hexadecimal digits."""
    return len(text) == SHA256_DIGITS and set(text) <= set("0123456789abcdef")


def _worded(family: str, value: str, texts: Texts) -> str:
    key = f"{family}.{value}"
    return texts.t(key) if texts.has(key) else visible(value)


def _shown(name: str, value: object, texts: Texts) -> str:
    """Return a value as people read it: notes as sentences, digests short, lists and maps without brackets."""
    if isinstance(value, Mapping):
        return _shown_map(name, value, texts)
    if isinstance(value, list):
        return "; ".join(_shown(name, item, texts) for item in value)
    if isinstance(value, str):
        return _shown_text(name, value, texts)
    if name == "shift_s" and isinstance(value, int | float):
        return shift_words(texts, value)
    if isinstance(value, int | float) and name.endswith("_s"):
        return texts.duration(value)
    return json.dumps(value)


def _shown_map(name: str, value: Mapping[str, object], texts: Texts) -> str:
    if set(value) == {"code", "params"}:
        return texts.say(note_from_plain(value))
    family = KEYED.get(name, NAMES)
    return ", ".join(f"{_worded(family, str(one), texts)} {_shown(str(one), v, texts)}" for one, v in value.items())


def _shown_text(name: str, value: str, texts: Texts) -> str:
    if name == "by" and value == SYSTEM_ACTOR:
        return texts.t("ledger.machine")
    if name in TIMES:
        return texts.at(from_iso(value))
    if name in VALUES:
        return _worded(VALUES[name], value, texts)
    return value[:SHORT_DIGITS] if is_digest(value) else visible(value)
