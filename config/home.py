"""The home folder: where everything of one installation lies, made on first use."""

import os
from dataclasses import dataclass
from pathlib import Path

from config.machine_zone import require_official_zone
from config.settings import FILE_NAME, TEMPLATE
from evidence.errors import ConfigError

SUBFOLDERS = ("dock", "vault", "receipts", "keys", "work")


@dataclass(frozen=True)
class Home:
    """Paths of a home. Nothing but ``vault`` and ``keys`` needs a backup."""

    root: Path
    register_name: str = "register.sqlite"

    @property
    def dock(self) -> Path:
        """Watched: one folder per station."""
        return self.root / "dock"

    @property
    def vault(self) -> Path:
        """Originals, records and derivatives."""
        return self.root / "vault"

    @property
    def work(self) -> Path:
        """Scratch, swept at start."""
        return self.root / "work"

    @property
    def keys(self) -> Path:
        """The log's keys; readable by this account alone."""
        return self.root / "keys"

    @property
    def receipts(self) -> Path:
        """Receipts to docks, one folder per station."""
        return self.root / "receipts"

    @property
    def sealing_lock(self) -> Path:
        """Held while the ledger is sealed."""
        return self.root / "work" / "sealing.lock"

    @property
    def register(self) -> Path:
        """The SQLite file of the register."""
        return self.root / self.register_name

    @property
    def register_url(self) -> str:
        """The register's SQLAlchemy URL."""
        return f"sqlite:///{self.register}"

    @property
    def lock(self) -> Path:
        """Held by the one process that serves this home."""
        return self.root / "work" / "serving.lock"


def default_home() -> Path:
    """Return the home folder used when none is named: ``EVIDOCK_HOME``, else ``~/evidock``."""
    return Path(os.environ.get("EVIDOCK_HOME") or Path.home() / "evidock")


def make_home(root: Path) -> Home:
    """Make what is missing of a home folder and return it.

    Raises:
        ConfigError: the folder cannot be made or written, or this machine is set to Xinjiang's custom time.
    """
    require_official_zone()
    home = Home(root.expanduser().absolute())
    try:
        for name in SUBFOLDERS:
            (home.root / name).mkdir(parents=True, exist_ok=True)
        (home.root / "keys").chmod(0o700)
        settings = home.root / FILE_NAME
        if not settings.exists():
            settings.write_text(TEMPLATE, encoding="utf-8")
    except OSError as error:
        cure = "name another with --home, or give this user the right to write there"
        raise ConfigError(f"cannot be made or written ({error.strerror})", subject=str(root), cure=cure) from error
    return home
