"""What the pages of cases need to open one before its approval and to give it its official number."""

from datetime import datetime
from typing import Protocol

from evidence.case_numbers import UrgentCase
from evidence.ids import CaseNo


class CaseNumberServices(Protocol):
    """Named persons open and number cases; the errors' words go to the page."""

    def open_case(self, wanted: UrgentCase, actor: str, reason: str) -> CaseNo:
        """Open a case under a provisional number, and return that.

        Raises:
            UsageError: title or reason are missing.
        """
        ...

    def number_case(
        self, provisional: str, official: str, approved_at: datetime | None, actor: str, reason: str
    ) -> None:
        """Give a provisional case its official number.

        Raises:
            UsageError: it cannot have that number. NotFoundError: there is no such case.
        """
        ...
