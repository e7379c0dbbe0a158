"""What the engine stores between two steps: nouns of the core as plain JSON, validated on the way back in."""

from typing import Generic, TypeVar, cast

from pydantic import TypeAdapter

from evidence.claims import Claims
from evidence.clips import Derivation, Measurement, Sighting
from evidence.ports import Pickup
from evidence.sound import SoundComparison, SoundQuestion

T = TypeVar("T")
Json = dict[str, object]


class Payload(Generic[T]):
    """Codec of one noun. Raises pydantic's ValidationError when stored JSON is not such a noun any more."""

    def __init__(self, noun: type[T]) -> None:
        """Build the validator once; it is used for every file."""
        self._adapter: TypeAdapter[T] = TypeAdapter(noun)

    def pack(self, value: T) -> Json:
        """Return JSON-ready values."""
        return cast("Json", self._adapter.dump_python(value, mode="json"))

    def unpack(self, stored: Json) -> T:
        """Return the noun that `pack` stored."""
        return self._adapter.validate_python(stored)


PICKUP = Payload(Pickup)
SIGHTING = Payload(Sighting)
CLAIMS = Payload(Claims)
MEASUREMENT = Payload(Measurement)
DERIVATION = Payload(Derivation)
QUESTION = Payload(SoundQuestion)
COMPARISON = Payload(SoundComparison)
