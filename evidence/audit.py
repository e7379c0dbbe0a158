"""The audit: what the law or the evidence needs and is not there. The one door to its parts."""

from evidence.audit_clip import ClipFacts, audit_clip
from evidence.audit_sequence import SequencePoint, audit_sequence
from evidence.audit_step import Exemption, audit_step
from evidence.awaited import cameras_awaited

__all__ = [
    "ClipFacts",
    "Exemption",
    "SequencePoint",
    "audit_clip",
    "audit_sequence",
    "audit_step",
    "cameras_awaited",
]
