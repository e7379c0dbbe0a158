"""Stations, the ledger, and whether the house is up."""

from typing import Annotated

from fastapi import Query, Request
from starlette.responses import Response

from dashboard.clock_words import clock_rows
from dashboard.web.activity import latest, read_entry
from dashboard.web.pages import Desk, Json, desk_of
from dashboard.web.queries import NUMBER_MAX
from dashboard.web.table import READ, Route
from evidence.errors import IntegrityError, NotFoundError, StorageError
from evidence.tlog import Checkpoint, checkpoint_of, signed_note

LEDGER_ROWS = 100
SUBJECT_ROWS = 1000


def stations(request: Request) -> Response:
    """Show the docking stations and what waits at them."""
    desk = desk_of(request)
    library, health = desk.services.library, desk.services.timekeeping()
    return desk.page(
        request,
        "stations.html",
        stations=library.stations(),
        pickups=library.pickups(limit=200),
        clock_said=clock_rows(health, desk.reader(request).texts),
        clock_ok=health.synchronisation.kept is not False,
    )


def ledger(
    request: Request, before: Annotated[int | None, Query(ge=0, le=NUMBER_MAX)] = None, subject: str = ""
) -> Response:
    """Show ledger entries, newest first; ``before`` pages back, ``subject`` asks for those about one thing."""
    desk = desk_of(request)
    library, texts = desk.services.library, desk.reader(request).texts
    total = library.totals().ledger_entries
    end = min(total, before) if before is not None else total
    if subject:
        found = library.ledger(subject=subject, limit=SUBJECT_ROWS + 1, newest=True)
        entries = [read_entry(entry, texts) for entry in reversed(found)]
    else:
        entries = list(latest(library, texts, end, min(LEDGER_ROWS, end))) if end else []
    return desk.page(
        request,
        "ledger.html",
        entries=entries[:SUBJECT_ROWS],
        cut=len(entries) > SUBJECT_ROWS,
        total=total,
        end=end,
        rows=LEDGER_ROWS,
        head=_head(desk),
        subject=subject,
    )


def _head(desk: Desk) -> Checkpoint | None:
    """Return the newest signed checkpoint; None where nothing is sealed, or the vault cannot be asked."""
    log = desk.services.log
    try:
        return checkpoint_of(signed_note(log.read("checkpoint"))) if log else None
    except (NotFoundError, StorageError, IntegrityError):
        return None


def healthz(request: Request) -> Response:
    """Say that the register answers."""
    services = desk_of(request).services
    return Json({"ok": True, "version": services.version, "clips": services.library.totals().clips})


ROUTES = (
    Route("/stations", stations, READ),
    Route("/ledger", ledger, READ),
    Route("/healthz", healthz, READ),
)
