"""Long lists in pieces that a statement can carry."""

from collections.abc import Iterator, Sequence
from typing import TypeVar

T = TypeVar("T")

AT_ONCE = 500
"""Values in one IN list: below every database's limit of parameters, above the cost of a round trip."""


def batched(items: Sequence[T], size: int = AT_ONCE) -> Iterator[Sequence[T]]:
    """Yield the items in order, ``size`` at a time; nothing for none."""
    for start in range(0, len(items), size):
        yield items[start : start + size]
