"""Indicators: the figures of a month by unit and procedure, the list behind each number, and both to take away."""

from collections.abc import Mapping
from datetime import timedelta
from functools import partial
from typing import Annotated
from urllib.parse import quote, urlencode

from fastapi import Query, Request
from pydantic import ConfigDict, Field
from starlette.responses import Response

from dashboard import indicator_words as words
from dashboard.case_number_words import CaseNames
from dashboard.indicator_periods import asked_period
from dashboard.reports.fonts import find_fonts
from dashboard.reports.indicator_book import indicator_book
from dashboard.reports.indicator_paper import indicator_paper
from dashboard.texts import Texts
from dashboard.web import queries
from dashboard.web.indicator_services import IndicatorServices
from dashboard.web.pages import Json, desk_of
from dashboard.web.queries import Maybe
from dashboard.web.table import GET, READ, Route
from dashboard.web.trend import draw_trend
from evidence.before_filing import before_filing_json
from evidence.errors import NotFoundError
from evidence.indicator_views import assessment_json, item_json
from evidence.indicators import INDICATORS, IndicatorCode, Part, article_of
from evidence.law import LawPack
from evidence.periods import Period, month_of, months_up_to

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
NOBODYS = "-"
"""In an address: what belongs to no unit or procedure; an empty field asks for all."""


class IndicatorQuery(queries.Query):
    """Which figures, or (``indicator``, ``part``) which list behind them."""

    model_config = ConfigDict(extra="ignore", frozen=True, populate_by_name=True)

    month: str = ""
    since: Annotated[str, Field(alias="from")] = ""
    until: Annotated[str, Field(alias="to")] = ""
    unit: str = ""
    procedure: str = ""
    indicator: Annotated[IndicatorCode | None, Maybe] = None
    part: Annotated[Part | None, Maybe] = None

    @property
    def belongs(self) -> Mapping[str, str | None]:
        """Return unit and procedure as the register takes them."""
        return {"unit": _named(self.unit), "procedure": _named(self.procedure)}


def indicators(request: Request, query: Annotated[IndicatorQuery, Query()]) -> Response:
    """Show the figures of a month."""
    desk, services, period = desk_of(request), services_of(request), _period(request, query)
    counted = services.recent(period, **query.belongs)
    before, after = _around(period)
    return desk.page(
        request,
        "indicators.html",
        query=query,
        counted=counted,
        period=period,
        before=before,
        after=after,
        trend=draw_trend(counted.trend),
        indicators=INDICATORS,
        link=partial(_link, query, period),
        **_words(desk.reader(request).texts, desk.services.library.pack()),
    )


def rows(request: Request, query: Annotated[IndicatorQuery, Query()]) -> Response:
    """List what a number counts."""
    desk, services, period = desk_of(request), services_of(request), _period(request, query)
    found = services.items(period, code=query.indicator, part=query.part, **query.belongs)
    shown = found[query.offset : query.offset + query.limit]
    return desk.page(
        request,
        "indicator_rows.html",
        query=query,
        period=period,
        rows=shown,
        total=len(found),
        amount=sum(item.amount for item in found),
        more=len(found) > query.offset + query.limit,
        indicators=INDICATORS,
        link=partial(_link, query, period),
        **_words(desk.reader(request).texts, desk.services.library.pack()),
    )


def workbook(request: Request, query: Annotated[IndicatorQuery, Query()]) -> Response:
    """Return the figures, their definitions and the rows behind them as XLSX."""
    desk, services, period = desk_of(request), services_of(request), _period(request, query)
    counted = services.recent(period, **query.belongs)
    items = services.items(period, unit=_named(query.unit), procedure=_named(query.procedure))
    texts, pack = desk.reader(request).texts, desk.services.library.pack()
    named = CaseNames(desk.services.library.official_numbers).items(items)
    return _file(indicator_book(counted.head, counted.assessment, named, pack, texts), XLSX, period, "xlsx")


def paper(request: Request, query: Annotated[IndicatorQuery, Query()]) -> Response:
    """Return the figures as PDF."""
    desk, services, period = desk_of(request), services_of(request), _period(request, query)
    counted = services.recent(period, **query.belongs)
    texts, pack = desk.reader(request).texts, desk.services.library.pack()
    body = indicator_paper(counted.head, counted.assessment, pack, texts, find_fonts())
    return _file(body, "application/pdf", period, "pdf")


def api(request: Request, query: Annotated[IndicatorQuery, Query()]) -> Response:
    """Return the figures of a month."""
    desk, services = desk_of(request), services_of(request)
    counted = services.recent(_period(request, query), **query.belongs)
    says = partial(words.name_and_definition, desk.reader(request).texts)
    pack = desk.services.library.pack()
    return Json({"indicators": assessment_json(counted.head, counted.assessment, says, pack, counted.reasons)})


def api_rows(request: Request, query: Annotated[IndicatorQuery, Query()]) -> Response:
    """List what a number counts."""
    found = services_of(request).items(_period(request, query), code=query.indicator, part=query.part, **query.belongs)
    shown = found[query.offset : query.offset + query.limit]
    return Json({"rows": [item_json(item) for item in shown], "total": len(found)})


def api_before_filing(request: Request, case_no: str) -> Response:
    """Return what is still open of a case before it is filed."""
    texts = desk_of(request).reader(request).texts
    found = services_of(request).open_of_case(case_no)
    return Json({"before_filing": before_filing_json(found, texts.say, texts.name)})


def services_of(request: Request) -> IndicatorServices:
    """Return the services of this page.

    Raises:
        NotFoundError: this server has none.
    """
    services = desk_of(request).services.indicators
    if services is None:
        raise NotFoundError("indicators are not served here", cure="start the pages with `evidock up`")
    return services


def _period(request: Request, query: IndicatorQuery) -> Period:
    return asked_period(desk_of(request).services.clock(), query.month, query.since, query.until)


def _around(period: Period) -> tuple[Period, Period]:
    """Return the months before and after the one a period ends in."""
    before, here = months_up_to(period.last, 2)
    return before, month_of(here.last + timedelta(days=1))


def _link(query: IndicatorQuery, period: Period, path: str, **changes: str | None) -> str:
    """Return the address of another view of the same period; None takes a filter away, empty means nobody's."""
    asked = {"unit": _named(query.unit), "procedure": _named(query.procedure), "indicator": None, "part": None}
    asked |= changes
    when = {"month": period.month} if period.month else {"from": str(period.first), "to": str(period.last)}
    kept = {name: value or NOBODYS for name, value in asked.items() if value is not None}
    return f"{path}?{urlencode({**when, **kept})}"


def _named(text: str) -> str | None:
    """Return a unit or procedure as the register takes it."""
    return None if not text else "" if text == NOBODYS else text


def _words(texts: Texts, pack: LawPack) -> dict[str, object]:
    return {
        "pack": pack,
        "rests_on": lambda code: article_of(code, pack),
        "parts_of": partial(words.part_word, texts),
        "amount_of": partial(words.amount, texts),
        "share_of": partial(words.share, texts),
        "counts_of": partial(words.counts, texts),
        "unit_of": partial(words.unit_name, texts),
        "procedure_of": partial(words.procedure_name, texts, pack),
        "sources_of": partial(words.sources, texts),
        "says": partial(words.name_and_definition, texts),
        "about": partial(words.about, texts, pack),
    }


def _file(body: bytes, media_type: str, period: Period, suffix: str) -> Response:
    name = f"evidock-{period.month or f'{period.first}-{period.last}'}.{suffix}"
    headers = {"Content-Disposition": f"attachment; filename={quote(name)}", "Cache-Control": "no-store"}
    return Response(body, media_type=media_type, headers=headers)


ROUTES = (
    Route("/indicators", indicators, READ),
    Route("/indicators/rows", rows, READ),
    Route("/indicators/figures.xlsx", workbook, GET),
    Route("/indicators/figures.pdf", paper, GET),
    Route("/api/indicators", api, GET, described=True),
    Route("/api/indicators/rows", api_rows, GET, described=True),
    Route("/api/before-filing/{case_no:path}", api_before_filing, GET, described=True),
)
