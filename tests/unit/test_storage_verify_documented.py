"""Every kind of difference stands in the page of interfaces, so that programs can rely on it."""

from pathlib import Path

from storage.verify import DifferenceKind

PAGE = Path(__file__).resolve().parents[2] / "docs" / "interfaces.md"


def test_every_kind_is_in_the_page() -> None:
    """A kind that the section does not name fails here."""
    text = PAGE.read_text("utf-8")
    section = text[text.index("\n### Verify\n") :]
    section = section[: section.index("\n### ", 5)]
    assert [kind for kind in DifferenceKind if f"`{kind.value}`" not in section] == []
