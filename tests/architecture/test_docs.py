"""What people can set or run is written down."""

import re
from pathlib import Path

from pydantic import BaseModel

from config.settings import Settings
from dashboard.cli import COMMANDS

ROOT = Path(__file__).resolve().parents[2]


def _keys(model: type[BaseModel], prefix: str = "") -> list[str]:
    keys = []
    for name, field in model.model_fields.items():
        inner = field.annotation
        nested = isinstance(inner, type) and issubclass(inner, BaseModel)
        keys += _keys(inner, f"{prefix}{name}.") if nested and isinstance(inner, type) else [f"{prefix}{name}"]
    return keys


def test_every_setting_is_in_the_operations_manual() -> None:
    """A setting that docs/operations.md does not name fails here."""
    manual = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
    missing = [key for key in _keys(Settings) if f"`{key}`" not in manual]
    assert missing == []


def test_every_command_is_in_the_changelog_and_every_named_command_exists() -> None:
    """A command that the changelog does not name, or that the README names and does not exist, fails here."""
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert [name for name in COMMANDS if f"`{name}`" not in changelog and f"`evidock {name}`" not in changelog] == []
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    named = set(re.findall(r"\./evidock ([a-z-]+)", readme)) - {"test"}
    assert named <= set(COMMANDS)


def test_every_relative_link_of_the_readme_leads_somewhere() -> None:
    """Pages and pictures that the README names exist."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    links = [link for link in re.findall(r"\]\(([^)#]+)\)", readme) if "://" not in link]
    assert [link for link in links if not (ROOT / link).exists()] == []
    assert len(links) > 5
