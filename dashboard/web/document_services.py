"""What the case page needs of the house for text records."""

from collections.abc import Sequence
from typing import BinaryIO, Protocol

from dashboard.handed_in import Wanted
from evidence.attachments import Attachment
from evidence.file_views import CaseFileView
from evidence.ids import Digest


class DocumentServices(Protocol):
    """The file of a case, to be read and completed."""

    def of(self, case_no: str) -> CaseFileView:
        """Return the file of a case. Raises NotFoundError."""
        ...

    def places_of(self, digest: Digest) -> Sequence[Attachment]:
        """Return the text records that an original is attached to now."""
        ...

    def attach(self, wanted: Wanted, name: str, content: BinaryIO, actor: str, reason: str) -> None:
        """Seal an upload under its name and attach it. Raises EvidockError; its words go to the page."""
        ...

    def detach(self, wanted: Wanted, digest: str, actor: str, reason: str) -> None:
        """Take an attached file off. Raises EvidockError; its words go to the page."""
        ...
