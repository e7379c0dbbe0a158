"""What the pages need of the house. The wiring builds it; nothing here reaches a room by itself."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol

from dashboard.handed_in import Stated
from dashboard.web.case_number_services import CaseNumberServices
from dashboard.web.copy_services import CopyServices
from dashboard.web.document_services import DocumentServices
from dashboard.web.import_services import ImportServices
from dashboard.web.indicator_services import IndicatorServices
from dashboard.web.retention_services import RetentionServices
from evidence.clock import Shift
from evidence.ids import CaseNo, Digest, FindingId, StationId, StepNo
from evidence.markers import MarkWish
from evidence.ports import LogStore, WallClock
from evidence.secrecy import Marked
from evidence.suggesting import Pair
from evidence.timekeeping import ClockHealth
from evidence.views import Library
from storage.cosigned import Accepted


@dataclass(frozen=True)
class Progress:
    """A file on its way, right now.

    Attributes:
        key: the same for one file as long as it is under way.
        digest: None before the file is sealed.
        stage: name of the pipeline step; the catalogue has it as ``stage.<name>``.
        share: 0–1 of the stage.
        since: when the stage began, UTC.
    """

    key: str
    station: StationId
    source_path: str
    digest: Digest | None
    stage: str
    share: float
    since: datetime


@dataclass(frozen=True)
class Disk:
    """The disk the vault lies on."""

    total_bytes: int
    free_bytes: int


class LinkDecision(Protocol):
    """A named person hangs a clip on a step, or takes it off."""

    def __call__(self, digest: Digest, case_no: CaseNo, step_no: StepNo, actor: str, reason: str) -> None:
        """Record the decision and bring the findings up to date.

        Raises:
            EvidockError: the decision cannot be taken; its words go to the page.
        """
        ...


class SuggestionsDecided(Protocol):
    """A named person confirms or refuses suggestions, all in one act."""

    def __call__(self, pairs: Sequence[Pair], actor: str, reason: str, *, confirm: bool) -> None:
        """Record a decision for each, or none.

        Raises:
            EvidockError: one cannot be decided; its words go to the page.
        """
        ...


class MarkSet(Protocol):
    """A named person marks a moment of a clip."""

    def __call__(self, wish: MarkWish, actor: str) -> int:
        """Record the mark; return its number.

        Raises:
            EvidockError: there is no such moment or template; its words go to the page.
        """
        ...


class MarkWithdrawn(Protocol):
    """A named person withdraws a mark."""

    def __call__(self, marker_id: int, actor: str, reason: str) -> None:
        """Record the decision.

        Raises:
            EvidockError: it was withdrawn before; its words go to the page.
        """
        ...


class FindingDecision(Protocol):
    """A named person says why a finding is as it is, with a reason of the list."""

    def __call__(self, finding_id: FindingId, actor: str, stated: Stated) -> None:
        """Seal the files that show it and record the claim.

        Raises:
            EvidockError: the decision cannot be taken; its words go to the page.
        """
        ...


class StepDecision(Protocol):
    """A named person claims that recording a step was not suitable (article 11)."""

    def __call__(self, case_no: CaseNo, step_no: StepNo, actor: str, stated: Stated) -> None:
        """Seal the files that show it and record the claim.

        Raises:
            EvidockError: the rule allows no exemption; its words go to the page.
        """
        ...


class Approval(Protocol):
    """A named person grants or refuses what another has claimed."""

    def __call__(self, finding_id: FindingId, actor: str, reason: str, *, granted: bool) -> None:
        """Record the decision.

        Raises:
            EvidockError: nothing is claimed, or the same person claimed it; its words go to the page.
        """
        ...


class ShiftDecided(Protocol):
    """A named person confirms or refuses a shift of a clock."""

    def __call__(self, shift: Shift, actor: str, reason: str, *, confirm: bool) -> None:
        """Record the decision; judgements, links and findings are up to date when it returns.

        Raises:
            EvidockError: the decision cannot be taken; its words go to the page.
        """
        ...


class Classified(Protocol):
    """A named person marks a clip or a case as confidential, or takes the mark away."""

    def __call__(self, scope: Marked, target: str, word: str, actor: str, reason: str) -> None:
        """Record the decision.

        Raises:
            EvidockError: the decision cannot be taken; its words go to the page.
        """
        ...


@dataclass(frozen=True)
class WebServices:
    """Everything a page may ask for or do.

    Attributes:
        originals: where an original can be read; derivatives: where a derivative can; both raise NotFoundError.
        link_recording: as `link`, with all parts of the recording that the clip is of.
        record_view: appends the VIEWED entry of a clip under an actor's name; if it raises, nothing is shown.
        progress: the files under way right now, oldest stage first.
        actor: the name an acting person has who gave none.
        allowed_hosts: names besides the loopback ones under which the pages may be asked for.
        indicators: the figures for the assessment of units; None where they are not served.
        copies: copies for parties; None where they are not served.
        retention: the page on keeping and disposing; None where it is not served.
        case_numbers: opening cases before their approval and numbering them; None where cases are only imported.
        documents: the file of a case with its text records; None where it is not served.
        imports: taking record files in; None where none are.
        log: where the sealed ledger is read; None where there is none.
        upkeep_figures: name → text and value, for Prometheus.
        in_second_copy: whether the second copy has an original; False while there is none, or its disk is away.
        timekeeping: how this machine's clock stands.
        take_cosigned: keeps a witness's cosigned checkpoint; its errors go to the witness.
    """

    library: Library
    originals: Callable[[Digest], Path]
    derivatives: Callable[[Digest], Path]
    record_view: Callable[[Digest, str], None]
    progress: Callable[[], Sequence[Progress]]
    disk: Callable[[], Disk]
    link: LinkDecision
    link_recording: LinkDecision
    unlink: LinkDecision
    explain: FindingDecision
    exempt: StepDecision
    approve: Approval
    decide_shift: ShiftDecided
    decide_suggestions: SuggestionsDecided
    mark: MarkSet
    withdraw_mark: MarkWithdrawn
    classify: Classified
    actor: str
    clock: WallClock
    version: str
    allowed_hosts: tuple[str, ...] = ()
    copies: CopyServices | None = None
    retention: RetentionServices | None = None
    case_numbers: CaseNumberServices | None = None
    documents: DocumentServices | None = None
    imports: ImportServices | None = None
    indicators: IndicatorServices | None = None
    log: LogStore | None = None
    take_cosigned: Callable[[bytes], Accepted] | None = None
    upkeep_figures: Callable[[], Mapping[str, tuple[str, float]]] = dict
    timekeeping: Callable[[], ClockHealth] = ClockHealth
    in_second_copy: Callable[[Digest], bool] = lambda _digest: False
