"""What may be asked in an address: filters of the lists, as a form sends them; an empty field asks nothing."""

from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from evidence.clips import ClipState, Kind
from evidence.findings import FindingKind, FindingState, Severity
from evidence.ids import CaseNo, DeviceId, OfficerId, StationId
from evidence.views import ClipFilter, FindingFilter

PAGE_ROWS = 50
NUMBER_MAX = 2**53
"""The largest whole number that JSON readers take exactly (RFC 8259 §6); no ledger gets there."""


def _blank_is_none(value: object) -> object:
    return None if value == "" else value


Maybe = BeforeValidator(_blank_is_none)
Page = Annotated[int, Field(ge=1, le=1_000_000)]
Limit = Annotated[int, Field(ge=1, le=1000)]


class Query(BaseModel):
    """What all lists have in common. Unknown parameters (``lang``) pass."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    page: Page = 1
    limit: Limit = PAGE_ROWS

    @property
    def offset(self) -> int:
        """Rows before this page."""
        return (self.page - 1) * self.limit

    @property
    def filtered(self) -> bool:
        """Whether anything is asked for beyond the plain list."""
        return bool(self.model_dump(exclude_defaults=True, exclude={"page", "limit"}))


class ClipQuery(Query):
    """Filters of the list of clips."""

    station: str = ""
    device: str = ""
    officer: str = ""
    case: str = ""
    text: str = ""
    kind: Annotated[Kind | None, Maybe] = None
    state: Annotated[ClipState | None, Maybe] = None
    linked: Annotated[Literal["yes", "no"] | None, Maybe] = None
    failed: Annotated[Literal["yes", "no"] | None, Maybe] = None

    def wanted(self) -> ClipFilter:
        """Return the filter the register takes."""
        return ClipFilter(
            station=StationId(self.station) if self.station else None,
            device_id=DeviceId(self.device) if self.device else None,
            officer_id=OfficerId(self.officer) if self.officer else None,
            kind=self.kind,
            state=self.state,
            case_no=CaseNo(self.case) if self.case else None,
            linked=_truth(self.linked),
            failed=_truth(self.failed),
            text=self.text.strip(),
            limit=self.limit,
            offset=self.offset,
        )


class FindingQuery(Query):
    """Filters of the list of findings. ``state`` is "" (open and claimed), "all", or one state."""

    kind: Annotated[FindingKind | None, Maybe] = None
    severity: Annotated[Severity | None, Maybe] = None
    state: FindingState | Literal["", "all"] = ""
    case: str = ""
    procedure: str = ""
    alias: str = ""

    def wanted(self, *, limit: int | None = None) -> FindingFilter:
        """Return the filter the register takes; ``limit`` overrides the page's own."""
        return FindingFilter(
            kind=self.kind,
            severity=self.severity,
            state=self.state if isinstance(self.state, FindingState) else None,
            open_only=self.state == "",
            case_no=CaseNo(self.case) if self.case else None,
            procedure=self.procedure,
            alias=self.alias,
            limit=limit or self.limit,
            offset=self.offset,
        )


class CaseQuery(Query):
    """Filters of the list of cases. ``provisional``: only those that wait for their official number."""

    text: str = ""
    provisional: Annotated[Literal["yes"] | None, Maybe] = None


def _truth(answer: str | None) -> bool | None:
    return None if answer is None else answer == "yes"
