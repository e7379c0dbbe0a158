"""The writing side of the register in one hand: intakes and imported records."""

from index.imports import ImportRegister
from index.intakes import IntakeRegister


class Catalogue(IntakeRegister, ImportRegister):
    """Implements `evidence.ports.Intakes` and `evidence.ports.Records` over the same transaction."""
