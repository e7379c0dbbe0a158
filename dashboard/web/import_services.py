"""What the pages and the API need of the house to take record files in."""

from collections.abc import Sequence
from typing import Protocol

from dashboard.records import Handed, Imported
from evidence.changes import Change, ImportedForm, ImportView
from evidence.tokens import Token


class ImportServices(Protocol):
    """Record files, judged and taken in, and what there was before."""

    def holder(self, secret: str) -> Token | None:
        """Return the token that a secret belongs to, if it stands now."""
        ...

    def judge(self, handed: Handed) -> Imported:
        """Say what a file would change; nothing is written.

        Raises:
            RowsRefusedError: with a verdict per wrong cell. UsageError: nobody knows the zone.
        """
        ...

    def take_sent(self, handed: Handed, holder: Token) -> Imported:
        """Take in what a program sent. Raises as `judge` does."""
        ...

    def keep(self, handed: Handed, judged: Imported) -> str:
        """Keep a file and what was shown of it until a person confirms it; return the name it waits under."""
        ...

    def waiting(self, name: str) -> tuple[Handed, Imported]:
        """Return a file that waits. Raises NotFoundError."""
        ...

    def confirm(self, name: str, actor: str) -> Imported:
        """Take in what waits, in a person's name.

        Raises:
            ImportOvertakenError: it would change something else by now. NotFoundError: nothing of that name waits.
            RowsRefusedError: it cannot be taken any more.
        """
        ...

    def history(self, limit: int, offset: int) -> Sequence[ImportView]:
        """Return the imports, newest first."""
        ...

    def one(self, entry: int) -> ImportView:
        """Return the import of a ledger entry. Raises NotFoundError."""
        ...

    def step_history(self, case_no: str, step_no: str) -> Sequence[ImportedForm]:
        """Return every form a step had, oldest first; the last stands."""
        ...

    def changes(self, entry: int, limit: int) -> tuple[Sequence[str], Sequence[Change]]:
        """Return the records an import brought and those it changed."""
        ...
