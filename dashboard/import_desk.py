"""Record files as pages and programs hand them in; implements `dashboard.web.import_services.ImportServices`."""

import secrets
import threading
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from dashboard.human import actor_named
from dashboard.records import Handed, Imported, foreseen, judged_rows, take_in
from dashboard.wiring import House
from evidence.changes import Change, ImportedForm, ImportView
from evidence.custody import Actor, Authenticated
from evidence.errors import NotFoundError
from evidence.tokens import Token
from index import import_views, tokens

WAITS_FOR = timedelta(hours=1)
WAITING_BYTES = 128 * 1024 * 1024
"""Room for files that wait to be confirmed; the oldest are let go when more come."""


@dataclass(frozen=True)
class _Waiting:
    handed: Handed
    shown: Imported
    at: datetime


class ImportDesk:
    """Takes record files in for one house."""

    def __init__(self, house: House) -> None:
        """Work in this house."""
        self._house = house
        self._kept: OrderedDict[str, _Waiting] = OrderedDict()
        self._changing = threading.Lock()

    def holder(self, secret: str) -> Token | None:
        with self._house.register.reading() as session:
            return tokens.holder(session, secret, self._house.clock())

    def judge(self, handed: Handed) -> Imported:
        return foreseen(self._house, handed, judged_rows(self._house, handed))

    def take_sent(self, handed: Handed, holder: Token) -> Imported:
        judged = judged_rows(self._house, handed)
        return take_in(self._house, handed, judged, Actor(holder.name, Authenticated.TOKEN))

    def keep(self, handed: Handed, judged: Imported) -> str:
        name = secrets.token_hex(8)
        with self._changing:
            self._kept[name] = _Waiting(handed, judged, self._house.clock())
            self._let_go()
        return name

    def _let_go(self) -> None:
        """Forget what waited too long, and the oldest where there is no room; the newest always stays."""
        oldest = self._house.clock() - WAITS_FOR
        held = sum(len(one.handed.file.body) for one in self._kept.values())
        for name, one in list(self._kept.items())[:-1]:
            if one.at < oldest or held > WAITING_BYTES:
                held -= len(one.handed.file.body)
                del self._kept[name]

    def waiting(self, name: str) -> tuple[Handed, Imported]:
        with self._changing:
            found = self._kept.get(name)
        if found is None or found.at < self._house.clock() - WAITS_FOR:
            cure = "hand the file in again"
            raise NotFoundError("waits no more to be confirmed", subject=name, cure=cure)
        return found.handed, found.shown

    def confirm(self, name: str, actor: str) -> Imported:
        handed, shown = self.waiting(name)
        done = take_in(self._house, handed, judged_rows(self._house, handed), actor_named(actor), shown.diff)
        with self._changing:
            self._kept.pop(name, None)
        return done

    def history(self, limit: int, offset: int) -> Sequence[ImportView]:
        with self._house.register.reading() as session:
            return import_views.imports(session, limit=limit, offset=offset)

    def one(self, entry: int) -> ImportView:
        with self._house.register.reading() as session:
            found = import_views.import_of(session, entry)
        if found is None:
            raise NotFoundError("no import of that number", subject=str(entry), cure="see the list of imports")
        return found

    def step_history(self, case_no: str, step_no: str) -> Sequence[ImportedForm]:
        with self._house.register.reading() as session:
            return import_views.step_history(session, case_no, step_no)

    def changes(self, entry: int, limit: int) -> tuple[Sequence[str], Sequence[Change]]:
        with self._house.register.reading() as session:
            return import_views.changes_of(session, entry, limit=limit)
