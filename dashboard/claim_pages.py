"""What the pages need of a house to take claims with the files that show them."""

from contextlib import ExitStack

from dashboard.attaching import Seal
from dashboard.claiming import Target, claim
from dashboard.document_pages import spooled
from dashboard.handed_in import Stated
from dashboard.wiring import House
from evidence.ids import CaseNo, FindingId, StepNo


class HouseClaims:
    """Takes claims from the pages: implements `dashboard.web.services.FindingDecision` and `StepDecision`."""

    def __init__(self, house: House, seal: Seal) -> None:
        """Work in ``house``; ``seal`` seals a file that lies in its work folder."""
        self._house = house
        self._seal = seal

    def explain(self, finding_id: FindingId, actor: str, stated: Stated) -> None:
        self._claim(finding_id, actor, stated)

    def exempt(self, case_no: CaseNo, step_no: StepNo, actor: str, stated: Stated) -> None:
        self._claim((case_no, step_no), actor, stated)

    def _claim(self, target: Target, actor: str, stated: Stated) -> None:
        with ExitStack() as stack:
            work = self._house.home.work
            files = [stack.enter_context(spooled(work, one.name, one.content)) for one in stated.files]
            claim(self._house, target, stated.code, stated.note, files, self._seal, actor)
