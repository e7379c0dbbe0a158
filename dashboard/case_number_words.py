"""How the numbers of a case are said: the official one, and beside it the provisional one that it had before."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from dashboard.texts import Texts, visible
from evidence.cases import Case
from evidence.holds import Hold, HoldScope
from evidence.indicators import Item


def case_numbers(texts: Texts, case: Case) -> str:
    """Return the number of a case as people know it by now, and the one that it had before."""
    number = visible(case.number)
    return texts.t("case.numbers", number=number, former=visible(case.former_no)) if case.former_no else number


@dataclass
class CaseNames:
    """Knows cases by the number that the register keeps them by. ``read``: official numbers by that; asked once."""

    read: Callable[[], Mapping[str, str]]
    _known: Mapping[str, str] | None = None

    def number(self, case_no: str) -> str:
        """Return the number that people know a case by now."""
        if self._known is None:
            self._known = self.read()
        return self._known.get(case_no, case_no)

    def former(self, case_no: str) -> str:
        """Return the provisional number a case had before; empty of one that never changed its number."""
        return case_no if self.number(case_no) != case_no else ""

    def items(self, counted: Iterable[Item]) -> Iterator[Item]:
        """Yield the rows behind figures with the numbers that people know their cases by now."""
        return (replace(one, case_no=self.number(one.case_no)) for one in counted)

    def held(self, hold: Hold) -> str:
        """Return what a hold is laid on, as people know it."""
        if hold.scope is HoldScope.CASE:
            return self.number(hold.target)
        return self.step(*hold.target.rsplit("/", 1)) if hold.scope is HoldScope.STEP else hold.target

    def step(self, case_no: str, step_no: str) -> str:
        """Return how a step is named, as every command takes it."""
        return f"{self.number(case_no)}/{step_no}"
