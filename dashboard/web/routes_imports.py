"""Imports: a file is handed in and judged, its verdicts and its diff are looked at, and a named person confirms it."""

from collections.abc import Sequence
from enum import StrEnum
from http import HTTPStatus
from typing import Annotated

from fastapi import Depends, Form, Query, Request
from starlette.datastructures import FormData, UploadFile
from starlette.exceptions import HTTPException
from starlette.formparsers import MultiPartException
from starlette.responses import RedirectResponse, Response

from dashboard.import_words import shown_cell, shown_column, shown_key
from dashboard.records import ZONE, Handed, Imported, ImportOvertakenError
from dashboard.texts import visible
from dashboard.web.pages import clean_name, desk_of, done_word, is_person, remember_actor
from dashboard.web.queries import NUMBER_MAX
from dashboard.web.routes_import_api import NAME_CHARACTERS, services_of
from dashboard.web.table import POST, READ, Route
from evidence.changes import Change
from evidence.errors import UsageError
from ingest.records import MAX_BYTES, NOUNS, Noun, RecordFile, RowsRefusedError, Verdict, too_large

SHOWN = 200
"""How many verdicts, new records and changed ones a page lists; the command's ``--json`` has them all."""
LISTED = 50
FORM_BYTES = 64 * 1024
"""What the form around a file may take."""

Entry = Annotated[int, Query(ge=0, le=NUMBER_MAX)]


class Done(StrEnum):
    """What a person has just done here."""

    IMPORTED = "imported"


async def handed_in(request: Request) -> Handed | None:
    """Return the file of the form; None when it is too large to be read.

    Raises:
        UsageError: the form has no file, or another kind of record than there is.
    """
    declared = request.headers.get("content-length", "")
    if not declared.isdigit() or int(declared) > MAX_BYTES + FORM_BYTES:
        return None
    try:
        async with request.form(max_files=1, max_fields=8) as form:
            return await _of_form(form)
    except (HTTPException, MultiPartException) as error:
        raise UsageError("the form cannot be read", cure="open the page and send the file again") from error


async def _of_form(form: FormData) -> Handed:
    file, noun, zone = form.get("file"), str(form.get("noun", "")), str(form.get("zone", "")).strip()
    if not isinstance(file, UploadFile) or not file.filename:
        raise UsageError("no file was chosen", cure="choose a CSV, XLSX or JSON file")
    if noun not in NOUNS:
        raise UsageError("no kind of record was chosen", cure=f"choose one of {', '.join(NOUNS)}")
    name = visible(file.filename.replace("\\", "/").split("/")[-1])[:NAME_CHARACTERS]
    return Handed(Noun(noun), RecordFile(name, await file.read()), zone or ZONE)


def imports(request: Request, page: Annotated[int, Query(ge=1, le=10_000)] = 1) -> Response:
    """Show the form, and what was imported, newest first."""
    return _listed(request, HTTPStatus.OK, page=page)


def judge(request: Request, handed: Annotated[Handed | None, Depends(handed_in)]) -> Response:
    """Judge a file and show what it would change; nothing is written until a person confirms it."""
    if handed is None:
        return _refused(request, None, too_large("").verdicts, HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
    services = services_of(request)
    try:
        found = services.judge(handed)
    except RowsRefusedError as refused:
        return _refused(request, handed, refused.verdicts, HTTPStatus.UNPROCESSABLE_ENTITY)
    return _shown(request, handed, found, services.keep(handed, found))


def confirm(request: Request, name: str, actor: Annotated[str, Form()] = "") -> Response:
    """Take in what waits, in a named person's name; what has changed since it was shown is shown anew.

    Raises:
        UsageError: the name is missing. NotFoundError: it waits no more.
    """
    who = clean_name(actor)
    if not is_person(who):
        raise UsageError("an import needs the name of the person who confirms it", cure="fill in your own name")
    services = services_of(request)
    handed, _ = services.waiting(name)
    try:
        done = services.confirm(name, who)
    except RowsRefusedError as refused:
        return _refused(request, handed, refused.verdicts, HTTPStatus.UNPROCESSABLE_ENTITY)
    except ImportOvertakenError:
        found = services.judge(handed)
        return _shown(request, handed, found, services.keep(handed, found), overtaken=True)
    answer = RedirectResponse(f"/imports/{done.entry}?done={Done.IMPORTED.value}", HTTPStatus.SEE_OTHER)
    remember_actor(answer, who)
    return answer


def one(request: Request, entry: int) -> Response:
    """Show one import: who handed in what, and what it changed."""
    services = services_of(request)
    view = services.one(min(entry, NUMBER_MAX))
    brought, changed = services.changes(view.entry, SHOWN)
    return desk_of(request).page(
        request,
        "import.html",
        view=view,
        new=_keys(request, view.noun, brought),
        changed=_changed(request, view.noun, changed),
        done=done_word(request, Done),
    )


def _listed(request: Request, status: HTTPStatus, *, page: int = 1, **about: object) -> Response:
    found = services_of(request).history(LISTED + 1, (page - 1) * LISTED)
    return desk_of(request).page(
        request,
        "imports.html",
        status,
        nouns=NOUNS,
        zone=ZONE,
        rows=found[:LISTED],
        more=len(found) > LISTED,
        page=page,
        **{"handed": None, "verdicts": (), "beyond": 0, **about},
    )


def _refused(request: Request, handed: Handed | None, verdicts: Sequence[Verdict], status: HTTPStatus) -> Response:
    beyond = max(0, len(verdicts) - SHOWN)
    shown = [(one, _heading(request, handed, one)) for one in verdicts[:SHOWN]]
    return _listed(request, status, handed=handed, verdicts=shown, beyond=beyond)


def _shown(request: Request, handed: Handed, found: Imported, name: str, *, overtaken: bool = False) -> Response:
    return desk_of(request).page(
        request,
        "import_judged.html",
        HTTPStatus.CONFLICT if overtaken else HTTPStatus.OK,
        handed=handed,
        found=found,
        name=name,
        overtaken=overtaken,
        new=_keys(request, found.noun, found.diff.new[:SHOWN]),
        changed=_changed(request, found.noun, found.diff.changed[:SHOWN]),
        verdicts=[(one, _heading(request, handed, one)) for one in found.warnings[:SHOWN]],
        beyond=max(0, len(found.warnings) - SHOWN),
    )


def _heading(request: Request, handed: Handed | None, verdict: Verdict) -> str:
    texts = desk_of(request).reader(request).texts
    return shown_column(texts, handed.noun, verdict.column) if handed and verdict.column else visible(verdict.column)


def _keys(request: Request, noun: str, keys: Sequence[str]) -> list[str]:
    texts = desk_of(request).reader(request).texts
    return [shown_key(texts, noun, key) for key in keys]


def _changed(request: Request, noun: str, changes: Sequence[Change]) -> list[tuple[str, list[tuple[str, str, str]]]]:
    """Return each changed record with its columns: heading, what stood, what is said now."""
    texts = desk_of(request).reader(request).texts
    return [
        (
            shown_key(texts, noun, change.key),
            [
                (shown_column(texts, noun, column), shown_cell(texts, column, old), shown_cell(texts, column, new))
                for column, (old, new) in change.columns.items()
            ],
        )
        for change in changes
    ]


ROUTES = (
    Route("/imports", imports, READ),
    Route("/imports", judge, POST),
    Route("/imports/{entry:int}", one, READ),
    Route("/imports/{name}/confirm", confirm, POST),
)
