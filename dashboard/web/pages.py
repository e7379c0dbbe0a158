"""How a page is made: the reader's language and name, the templates, and what every template can say."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from http import HTTPStatus
from pathlib import Path
from urllib.parse import quote, unquote, urlencode

from fastapi import Request
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.responses import HTMLResponse, JSONResponse, Response

from dashboard import camera_clock_words as clock_words
from dashboard.case_number_words import CaseNames
from dashboard.texts import LOCALES, Texts, choose_locale, visible
from dashboard.web.services import WebServices
from dashboard.web.viewings import Viewings
from dashboard.web.waiting import WaitingShifts
from evidence.errors import EvidockError
from evidence.ids import SYSTEM_ACTOR
from evidence.views import Words

TEMPLATES = Path(__file__).parent / "templates"
LOCALE_COOKIE = "evidock_locale"
ACTOR_COOKIE = "evidock_actor"
YEAR_S = 365 * 86400
ACTOR_LENGTH = 80
UNNAMED = "anonymous"
"""Who views when nobody gave a name: never the program itself, whose entries count as the machine's."""


class Html(HTMLResponse):
    """A page; what is not Unicode text in a file name is spelled out, never an error."""

    def render(self, content: str) -> bytes:
        """Encode as UTF-8."""
        return content.encode("utf-8", "backslashreplace")


class Json(JSONResponse):
    """JSON in readable UTF-8; bytes of a file name that are not UTF-8 come out as JSON escapes."""

    def render(self, content: object) -> bytes:
        """Encode as UTF-8."""
        return json.dumps(content, ensure_ascii=False, allow_nan=False).encode("utf-8", "backslashreplace")


@dataclass(frozen=True)
class Reader:
    """Who reads: the words of their locale and the name they act under."""

    texts: Texts
    actor: str

    def refusal(self, error: EvidockError) -> str:
        """Return what an error says, in the reader's language where it has words for it."""
        return self.texts.say(error.reason) if error.reason is not None else str(error)


class Desk:
    """Makes pages over the services; one for an app."""

    def __init__(self, services: WebServices) -> None:
        """Load the templates."""
        self.services = services
        self.viewings = Viewings(services.record_view, services.clock)
        self.waiting = WaitingShifts(services.library.shift_proposals, services.clock)
        self._templates = Environment(
            loader=FileSystemLoader(TEMPLATES),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )

    def reader(self, request: Request) -> Reader:
        """Return who reads, from the address, the cookies and the browser's wish."""
        locale = choose_locale(
            request.headers.get("accept-language", ""),
            request.cookies.get(LOCALE_COOKIE, ""),
            request.query_params.get("lang", ""),
        )
        named = (clean_name(unquote(request.cookies.get(ACTOR_COOKIE, ""))), self.services.actor)
        return Reader(Texts(locale), next((name for name in named if is_person(name)), UNNAMED))

    def words(self, request: Request) -> Words:
        """Return how notes are said to this reader."""
        return self.reader(request).texts.say

    def page(self, request: Request, template: str, status: int = HTTPStatus.OK, /, **context: object) -> Html:
        """Render a template for the reader; a choice of language in the address is remembered."""
        reader = self.reader(request)
        body = self._templates.get_template(template).render(self._common(request, reader) | context)
        response = Html(body, status, headers={"Cache-Control": "no-store", "Content-Language": reader.texts.locale})
        if request.query_params.get("lang") in LOCALES:
            response.set_cookie(LOCALE_COOKIE, reader.texts.locale, max_age=YEAR_S, samesite="lax", httponly=True)
        return response

    def _common(self, request: Request, reader: Reader) -> dict[str, object]:
        cases = CaseNames(self.services.library.official_numbers)
        return {
            **_sayings(reader.texts),
            "actor": reader.actor,
            "actor_field": "" if reader.actor == UNNAMED else reader.actor,
            "version": self.services.version,
            "path": request.url.path,
            "locales": LOCALES,
            "with_query": _with_query(request),
            "number_of": cases.number,
            "former_of": cases.former,
            "now": self.services.clock(),
            "waiting_shifts": self.waiting.count(),
        }


def desk_of(request: Request) -> Desk:
    """Return the desk of the app that was asked."""
    desk = request.app.state.desk
    if not isinstance(desk, Desk):
        raise TypeError("the app was not made by create_app")
    return desk


def done_word(request: Request, words: type[StrEnum]) -> str:
    """Return what the address says was just done, if it is one of these words; empty otherwise."""
    said = request.query_params.get("done", "")
    return said if said in set(words) else ""


def clean_name(name: str) -> str:
    """Return an acting person's name as it may be kept: one line, printable, not endless."""
    return visible(name.strip())[:ACTOR_LENGTH]


def is_person(name: str) -> bool:
    """Whether a name may stand for a person: not empty, and not the program's own."""
    return bool(name) and name.casefold() != SYSTEM_ACTOR


def remember_actor(response: Response, actor: str) -> None:
    """Keep the acting person's name for the next form."""
    response.set_cookie(ACTOR_COOKIE, quote(actor), max_age=YEAR_S, samesite="strict", httponly=True)


def _sayings(texts: Texts) -> dict[str, object]:
    return {
        "texts": texts,
        "locale": texts.locale,
        "t": texts.t,
        "say": texts.say,
        "word": texts.word,
        "at": texts.at,
        "clock": texts.clock,
        "span": texts.span,
        "article_of": texts.article,
        "duration": texts.duration,
        "size": texts.size,
        "pct": lambda share: texts.value("_pct", round(share * 100, 1)),
        "visible": visible,
        "name_of": texts.name,
        "verdict_of": partial(clock_words.verdict_sentence, texts),
        "offset_of": partial(clock_words.offset, texts),
        "offsets_of": partial(clock_words.offset_range, texts),
        "shift_of": partial(clock_words.shift_words, texts),
        "proposal_of": partial(clock_words.proposal_words, texts),
        "spread_of": partial(clock_words.spread, texts),
        "lengthy": partial(clock_words.lengthy, texts),
        "is_rough": clock_words.is_rough,
        "segment": lambda text: quote(text, safe=""),
    }


def _with_query(request: Request) -> Callable[..., str]:
    def with_query(**changes: object) -> str:
        """Return this page's address with some parameters changed; None takes one away."""
        query: Mapping[str, object] = dict(request.query_params) | changes
        kept = {name: value for name, value in query.items() if value not in (None, "")}
        return f"{quote(request.url.path)}?{urlencode(kept)}"

    return with_query
