"""How upkeep stands, for `status`, pages and Prometheus: read from register and disks by whoever asks."""

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from dashboard.texts import Texts
from dashboard.upkeep import Upkeep
from dashboard.upkeep_copy import sealed_size
from dashboard.upkeep_fixity import progress_of
from evidence.ids import Digest
from evidence.ports import Vault
from evidence.zones import to_utc_iso
from storage.fixity import share_done
from storage.local_vault import LocalVault


@dataclass(frozen=True)
class FixityState:
    """How the running cycle stands.

    Attributes:
        share_done, share_due: of the originals, 0–1: read in this cycle, and to have been read by now.
        damaged: originals that were found damaged or missing and are not mended.
    """

    days: float
    cycle_started_at: datetime | None
    share_done: float
    share_due: float
    damaged: tuple[Digest, ...]


@dataclass(frozen=True)
class SecondState:
    """How the second copy stands.

    Attributes:
        behind: sealed entries not copied. free_bytes: None while its disk is away.
        same_disk: it lies on the vault's own disk, so that both would be lost together.
    """

    path: Path
    connected: bool
    behind: int
    free_bytes: int | None
    same_disk: bool


@dataclass(frozen=True)
class UpkeepState:
    """How upkeep stands; a part that is switched off is None. ``receipts_behind``: sealed entries not looked at."""

    receipts_behind: int | None
    fixity: FixityState | None
    second_copy: SecondState | None

    @property
    def is_well(self) -> bool:
        """Whether nothing of it needs a person."""
        whole = self.fixity is None or not self.fixity.damaged
        return whole and (self.second_copy is None or self.second_copy.connected)


def state_of(upkeep: Upkeep) -> UpkeepState:
    """Return how upkeep stands now."""
    ground = upkeep.ground
    receipts_on, days = ground.settings.dock.receipts, ground.settings.vault.fixity_days
    return UpkeepState(
        receipts_behind=upkeep.receipts.behind(sealed_size(ground.log)) if receipts_on else None,
        fixity=_fixity(upkeep, days) if days else None,
        second_copy=_second(upkeep),
    )


def state_json(state: UpkeepState) -> dict[str, object]:
    """Return the documented JSON of it."""
    fixity, second = state.fixity, state.second_copy
    return {
        "receipts_behind": state.receipts_behind,
        "fixity": fixity
        and {
            "days": fixity.days,
            "cycle_started_at": to_utc_iso(fixity.cycle_started_at) if fixity.cycle_started_at else None,
            "share_done": round(fixity.share_done, 6),
            "share_due": round(fixity.share_due, 6),
            "damaged": list(fixity.damaged),
        },
        "second_copy": second
        and {
            "path": str(second.path),
            "connected": second.connected,
            "behind": second.behind,
            "free_bytes": second.free_bytes,
            "same_disk": second.same_disk,
        },
    }


def state_rows(state: UpkeepState, texts: Texts) -> list[tuple[str, str]]:
    """Return name and value of each line that a person reads, in the reader's words."""
    rows: list[tuple[str, str]] = []
    if state.receipts_behind is not None:
        behind = texts.t("upkeep.receipts_behind", count=state.receipts_behind)
        rows.append((texts.t("upkeep.receipts"), behind if state.receipts_behind else texts.t("upkeep.up_to_date")))
    if state.fixity is not None:
        rows.append((texts.t("upkeep.fixity"), _fixity_words(state.fixity, texts)))
        rows += [(texts.t("upkeep.damaged"), digest) for digest in state.fixity.damaged]
    if state.second_copy is not None:
        rows.append((texts.t("upkeep.second_copy"), _second_words(state.second_copy, texts)))
    return rows


def _fixity_words(fixity: FixityState, texts: Texts) -> str:
    if fixity.cycle_started_at is None:
        return texts.t("upkeep.fixity_not_begun")
    done, due = round(fixity.share_done * 100, 1), round(fixity.share_due * 100, 1)
    return texts.t("upkeep.fixity_share", done_pct=done, due_pct=due, days=f"{fixity.days:g}")


def _second_words(second: SecondState, texts: Texts) -> str:
    if second.free_bytes is None:
        return texts.t("upkeep.second_away", path=str(second.path), count=second.behind)
    free = texts.size(second.free_bytes)
    key = "upkeep.second_same_disk" if second.same_disk else "upkeep.second_behind"
    return texts.t(key, path=str(second.path), count=second.behind, free=free)


def figures(state: UpkeepState) -> Mapping[str, tuple[str, float]]:
    """Return name, text and value of each figure for Prometheus; a part that is switched off has none."""
    found: dict[str, tuple[str, float]] = {}
    if state.receipts_behind is not None:
        found["evidock_receipts_behind"] = ("Sealed entries not looked at for receipts", state.receipts_behind)
    if state.fixity is not None:
        fixity = state.fixity
        found["evidock_fixity_share_done"] = ("Share of the originals read again in this cycle", fixity.share_done)
        found["evidock_fixity_share_due"] = ("Share that should have been read by now", fixity.share_due)
        found["evidock_originals_damaged"] = ("Originals damaged or missing and not mended", len(fixity.damaged))
    if state.second_copy is not None:
        second = state.second_copy
        found["evidock_second_copy_connected"] = ("Whether the second copy's disk is there", float(second.connected))
        found["evidock_second_copy_behind"] = ("Sealed entries not copied yet", second.behind)
    return found


def _fixity(upkeep: Upkeep, days: float) -> FixityState:
    progress, damaged = progress_of(upkeep.register), tuple(upkeep.register.damaged())
    if progress is None:
        return FixityState(days, None, 0.0, 0.0, damaged)
    passed = (upkeep.ground.clock() - progress.started_at) / timedelta(days=days)
    return FixityState(days, progress.started_at, share_done(progress), min(1.0, max(0.0, passed)), damaged)


def _second(upkeep: Upkeep) -> SecondState | None:
    root = upkeep.ground.second_root
    if upkeep.copies is None or root is None:
        return None
    connected = upkeep.copies.is_connected()
    free_bytes = shutil.disk_usage(root).free if connected else None
    return SecondState(root, connected, upkeep.copies.behind(), free_bytes, _on_one_disk(root, upkeep.ground.vault))


def _on_one_disk(root: Path, vault: Vault) -> bool:
    try:
        return isinstance(vault, LocalVault) and root.stat().st_dev == vault.root.stat().st_dev
    except OSError:  # one of them is away
        return False
