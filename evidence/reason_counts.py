"""How often each reason of the list was claimed, and what was decided: beside the indicators, for whoever assesses."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from evidence.findings import FindingState
from evidence.reasons import Claim

WAITING = frozenset({FindingState.EXPLAIN_CLAIMED, FindingState.EXEMPT_CLAIMED})
GRANTED = frozenset({FindingState.EXPLAINED, FindingState.EXEMPT})


@dataclass(frozen=True)
class ReasonCount:
    """Findings that stand claimed with one reason: not decided yet, granted, and refused."""

    code: str
    names: Mapping[str, str]
    waiting: int
    granted: int
    refused: int

    @property
    def total(self) -> int:
        """How many findings there are of it."""
        return self.waiting + self.granted + self.refused


def counted_reasons(claims: Iterable[tuple[Claim, FindingState]]) -> list[ReasonCount]:
    """Count findings by the reason that stands claimed, the most frequent first."""
    names: dict[str, Mapping[str, str]] = {}
    states: dict[str, Counter[FindingState]] = {}
    for claim, state in claims:
        names.setdefault(claim.code, claim.names)
        states.setdefault(claim.code, Counter())[state] += 1
    found = [
        ReasonCount(code, names[code], _of(count, WAITING), _of(count, GRANTED), count[FindingState.REFUSED])
        for code, count in states.items()
    ]
    return sorted((one for one in found if one.total), key=lambda one: (-one.total, one.code))


def reason_count_json(one: ReasonCount) -> dict[str, object]:
    """Return the documented JSON of a reason's count."""
    return {
        "reason": one.code,
        "names": dict(one.names),
        "waiting": one.waiting,
        "granted": one.granted,
        "refused": one.refused,
    }


def _of(count: Counter[FindingState], states: Iterable[FindingState]) -> int:
    return sum(count[state] for state in states)
