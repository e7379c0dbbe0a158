"""The writing side of the register in one hand: intakes and imported records."""

from index.intakes import IntakeRegister
from index.records import RecordRegister


class Catalogue(IntakeRegister, RecordRegister):
    """Implements `evidence.ports.Intakes` and `evidence.ports.Records` over the same transaction."""
