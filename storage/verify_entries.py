"""Whether an entry is written as the format says, and long entries put together again.

Source: docs/ledger-format.md, section "An entry".
"""

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple

TEXTS = frozenset({"at", "event", "actor", "authenticated", "subject", "reason"})
KEYS = {2: TEXTS | {"v", "number", "detail"}, 1: TEXTS | {"v", "number", "detail", "previous"}}
"""Keys of an entry by format version."""

GENESIS = "0" * 64
"""What the first entry of version 1 says of the one before it."""

_CANONICAL = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode

Body = Mapping[str, object]


class Told(NamedTuple):
    """What an entry tells, long ones whole. ``number``: of its first part; ``version``: of the format."""

    number: int
    version: int
    event: str
    at: str
    subject: str
    detail: Body


class EntryReader:
    """Reads entries in order."""

    def __init__(self) -> None:
        self._parts: list[Told] = []
        self._before: bytes | None = b""

    def read(self, number: int, raw: bytes) -> tuple[Told | None, str]:
        """Return what an entry tells, None while parts of it are to come, and what is wrong with it, else empty."""
        body, fault = _parsed(number, raw)
        fault = fault or self._link_fault(body)
        self._before = raw
        if fault:
            self._parts = []
            return None, fault
        return self._joined(_told(body))

    def lost(self) -> None:
        """Go on behind an entry that cannot be read."""
        self._parts, self._before = [], None

    def _link_fault(self, body: Body) -> str:
        if body.get("v") != 1 or self._before is None:
            return ""
        linked = hashlib.sha256(self._before).hexdigest() if self._before else GENESIS
        return "" if body["previous"] == linked else "previous"

    def _joined(self, told: Told) -> tuple[Told | None, str]:
        """Put the parts of a long entry together; they follow one another."""
        detail = told.detail
        if not ("parts" in detail and "text" in detail):
            fault = "part" if self._parts else ""
            self._parts = []
            return told, fault
        if detail.get("part") != len(self._parts):
            self._parts = []
            return None, "part"
        self._parts.append(told)
        if len(self._parts) != detail["parts"]:
            return None, ""
        parts, self._parts = self._parts, []
        try:
            whole = json.loads("".join(str(part.detail["text"]) for part in parts))
        except (ValueError, RecursionError):
            return None, "part"
        return (parts[0]._replace(detail=whole), "") if isinstance(whole, dict) else (None, "part")


def _parsed(number: int, raw: bytes) -> tuple[Body, str]:
    """Return the object that an entry's bytes are, and what is wrong with it: the name of the rule it breaks."""
    try:
        body = json.loads(raw)
        written = _CANONICAL(body).encode()
    except (ValueError, RecursionError):
        return {}, "json"
    if not isinstance(body, dict) or KEYS.get(_version(body)) != body.keys():
        return {}, "keys"
    if body["number"] != number or type(body["number"]) is not int:
        return body, "number"
    if written != raw:
        return body, "canonical"
    if not all(isinstance(body[key], str) for key in TEXTS) or not isinstance(body["detail"], dict):
        return body, "type"
    return body, "" if _is_time(body["at"]) else "at"


def _version(body: Body) -> int:
    version = body.get("v")
    return version if isinstance(version, int) and not isinstance(version, bool) else 0


def _is_time(text: str) -> bool:
    try:
        return text.endswith("Z") and datetime.fromisoformat(text).tzinfo is not None
    except ValueError:
        return False


def _told(body: Body) -> Told:
    detail = body["detail"]
    assert isinstance(detail, dict)  # noqa: S101 - `_parsed` saw to it; told to the type checker
    return Told(
        int(str(body["number"])), _version(body), str(body["event"]), str(body["at"]), str(body["subject"]), detail
    )
