"""The one composition root: builds the rooms of a home and hands them out. Nobody else does."""

import threading
from collections.abc import Callable, Collection, Mapping
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import Self

from config.home import Home, default_home, make_home
from config.law_packs import default_pack, load_pack
from config.settings import Settings, load_settings
from dashboard.human import HumanDesk, actor_named
from dashboard.texts import Texts
from evidence.ids import StationId
from evidence.law import LawPack
from evidence.ports import PickupState
from index.catalogue import Catalogue
from index.decisions import Decisions
from index.engine import Register, open_engine
from index.library import RegisterLibrary
from index.migrate import migrate
from index.review import RegisterReviewer
from ingest.faults import reached
from ingest.pipeline_schema import prepare_engine
from ingest.progress import ProgressBoard
from storage.derivatives import LocalDerivatives
from storage.local_vault import LocalVault

EXECUTOR = "local"
"""Name under which the one process that serves an SQLite home finds its interrupted work again."""


EVERY = 1_000_000
"""Row limit of a list that has to be whole."""


RETRYABLE = (None, PickupState.FAILED, PickupState.SETTLING)
"""States of a watched file in which handing it in makes sense; None is a file nobody has handed in."""


def utc_now() -> datetime:
    """Return this machine's time in UTC; the only clock of the program."""
    return datetime.now(UTC)


class House:
    """One opened home with its rooms; each is built when first asked for."""

    def __init__(self, home: Home, settings: Settings, lang: str, actor: str) -> None:
        """Open the register and bring its schema up to date."""
        self.home = home
        self.settings = settings
        self.texts = Texts(lang)
        self.actor = actor_named(actor)
        self.clock = utc_now
        self.board = ProgressBoard(utc_now)
        self.settling_stations: Callable[[], Collection[StationId]] = tuple
        self.register = Register(open_engine(home.register_url))
        migrate(self.register.engine)
        prepare_engine(home.register_url, self.register.engine)

    # --- rooms -----------------------------------------------------------------------------------------------------

    @cached_property
    def pack(self) -> LawPack:
        """The law pack in force here."""
        named = self.settings.law.pack
        return load_pack(self.home.root / named) if named else default_pack()

    @cached_property
    def library(self) -> RegisterLibrary:
        """The reading side of the register."""
        return RegisterLibrary(self.register, self.pack)

    @cached_property
    def catalogue(self) -> Catalogue:
        """The writing side of the register."""
        return Catalogue()

    @cached_property
    def reviewer(self) -> RegisterReviewer:
        """The one way to a finding."""
        return RegisterReviewer(self.pack, self._settling)

    def _settling(self) -> Collection[StationId]:
        """Ask late: who watches may begin to after the reviewer was built."""
        return self.settling_stations()

    @cached_property
    def vault(self) -> LocalVault:
        """Originals and records."""
        return LocalVault(self.home.vault, self.home.work, reached=reached)

    @cached_property
    def derivatives(self) -> LocalDerivatives:
        """Proxies and stills."""
        return LocalDerivatives(self.home.vault / "derivatives")

    @cached_property
    def human(self) -> HumanDesk:
        """Where people decide."""
        return HumanDesk(self.register, self.vault, self.reviewer, Decisions(self.pack), self.clock)

    def pause(self, seconds: float) -> None:
        """Wait for other threads to get on; the terminal's polling, not a rule of the domain."""
        threading.Event().wait(seconds)

    def close(self) -> None:
        """Let go of the database."""
        self.register.close()

    def __enter__(self) -> Self:
        """Return the opened house."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Let go."""
        self.close()


def open_house(
    root: Path | None,
    *,
    lang: str | None = None,
    actor: str = "",
    overrides: Mapping[str, object] | None = None,
) -> House:
    """Open a home, made on first use.

    Raises:
        ConfigError: the folder or its settings cannot be used.
    """
    home = make_home(root or default_home())
    settings = load_settings(home.root, overrides)
    return House(home, settings, lang or settings.language, actor)
