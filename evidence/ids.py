"""Names of things, each a type of its own so that one cannot be handed in for another."""

from typing import NewType

Digest = NewType("Digest", str)
"""SHA-256 of the bytes, 64 lower-case hex digits."""

StationId = NewType("StationId", str)
DeviceId = NewType("DeviceId", str)
OfficerId = NewType("OfficerId", str)
CaseNo = NewType("CaseNo", str)
StepNo = NewType("StepNo", str)
FindingId = NewType("FindingId", str)
"""First 16 hex digits of the SHA-256 of what makes the finding this one and no other."""

SYSTEM_ACTOR = "system"
"""The acting person of what the machine does by itself."""
