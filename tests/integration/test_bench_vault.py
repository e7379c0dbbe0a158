"""The bench of the vault measures what it says it does, on a small scale."""

from pathlib import Path

import pytest

from tests.bench import vault


def test_entries_are_sealed_while_they_are_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Eight processes write for a moment; everything they wrote is sealed in the end."""
    monkeypatch.setattr(vault, "WRITER_S", 0.2)
    assert vault.sealed_rate(tmp_path / "home") > 0


def test_a_ledger_is_laid_and_checked(tmp_path: Path) -> None:
    """The check sees as many entries as were laid, and nothing wrong with them."""
    assert vault.verify_seconds(tmp_path / "home", 1000) > 0


def test_a_register_is_made_again(tmp_path: Path) -> None:
    """Every clip that was laid comes back, judged, and none has to be adopted or gone on with."""
    assert vault.rebuild_rate(tmp_path / "home", 12) > 0
