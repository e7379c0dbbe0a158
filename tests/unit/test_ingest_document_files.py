"""What a file of a text record is by its bytes, whatever its name says."""

import zipfile
from pathlib import Path

import pytest

from evidence.clips import Kind, Measurement
from evidence.notes import note
from ingest.document_files import DOCX, OFD, OLE, PDF, XLSX, ZIP, looked_at

FOREIGN = Measurement(Kind.OTHER, "text/plain", problems=(note("media.not_media"),), damaged=True)


def packed(path: Path, *names: str) -> Path:
    """Write a packed file with parts of these names."""
    with zipfile.ZipFile(path, "w") as made:
        for name in names:
            made.writestr(name, "x" * 5000)
    return path


def written(path: Path, body: bytes) -> Path:
    """Write a file and return its path."""
    path.write_bytes(body)
    return path


@pytest.mark.parametrize(
    ("name", "parts", "media_type"),
    [
        ("a.docx", ("[Content_Types].xml", "word/document.xml"), DOCX),
        ("a.xlsx", ("[Content_Types].xml", "xl/workbook.xml"), XLSX),
        ("a.ofd", ("OFD.xml",), OFD),
        ("a.zip", ("notes.txt",), ZIP),
    ],
)
def test_packed_documents_are_told_by_their_parts(
    tmp_path: Path, name: str, parts: tuple[str, ...], media_type: str
) -> None:
    """The directory at the end says what a packed file is; what the prober said of it is no problem any more."""
    measured = looked_at(packed(tmp_path / name, *parts), name, FOREIGN)
    assert (measured.media_type, measured.problems, measured.damaged) == (media_type, (), False)


@pytest.mark.parametrize(
    ("name", "body", "media_type", "problems"),
    [
        ("a.pdf", b"%PDF-1.7 ... %%EOF\n", PDF, []),
        ("A.PDF", b"%PDF-1.7 ...", PDF, ["document.cut_off"]),
        ("a.pdf", b"words", "text/plain", ["document.not_what_it_says"]),
        ("a.doc", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1...", OLE, []),
        ("a.docx", b"%PDF-1.7 %%EOF", PDF, ["document.not_what_it_says"]),
        ("a.txt", b"words", "text/plain", []),
        ("a.unknown", b"words", "text/plain", []),
        ("a.pdf", b"", "text/plain", ["document.empty"]),
    ],
)
def test_name_and_bytes_are_held_against_each_other(
    tmp_path: Path, name: str, body: bytes, media_type: str, problems: list[str]
) -> None:
    """A file that is not what its suffix says, ends too early or is empty gets a problem, and is no damage."""
    measured = looked_at(written(tmp_path / "x", body), name, FOREIGN)
    assert (measured.media_type, measured.damaged) == (media_type, False)
    assert [one.code for one in measured.problems] == problems


def test_a_photo_keeps_what_was_measured(tmp_path: Path) -> None:
    """A photo of a page stays a photo with its own problems; one that is called .pdf gets one more."""
    photo = Measurement(Kind.PHOTO, "image/jpeg", problems=(note("media.photo_truncated"),), damaged=True)
    measured = looked_at(written(tmp_path / "x", b"\xff\xd8\xff"), "page.pdf", photo)
    assert (measured.kind, measured.damaged) == (Kind.PHOTO, True)
    assert [one.code for one in measured.problems] == ["media.photo_truncated", "document.not_what_it_says"]
