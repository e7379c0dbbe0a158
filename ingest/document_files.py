"""Files of text records: what they are by their bytes, and whether that is what their name says.

Nothing is opened as what it claims to be: a few kilobytes at both ends are looked at, no more. A file that is another
thing than its name says is taken all the same, and shown with that problem.

Source: ISO 32000-1 §7.5 (PDF header and trailer); ECMA-376-2 (parts of an Office document); GB/T 33190 (OFD);
MS-CFB §2.2 (compound files of earlier Office versions).
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path, PurePosixPath

from evidence.clips import Kind, Measurement
from evidence.notes import Note, note

HEAD_BYTES = 4096
TAIL_BYTES = 65_536
"""Room for the directory at the end of a packed document; one that is longer is called a packed file."""

PDF, ZIP, TEXT = "application/pdf", "application/zip", "text/plain"
OLE, RTF, OFD = "application/x-ole-storage", "application/rtf", "application/ofd"
OFFICE = "application/vnd.openxmlformats-officedocument."
DOCX, XLSX, PPTX = (
    f"{OFFICE}wordprocessingml.document",
    f"{OFFICE}spreadsheetml.sheet",
    f"{OFFICE}presentationml.presentation",
)

STARTS = ((b"%PDF-", PDF), (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", OLE), (b"{\\rtf", RTF))
PARTS = ((b"word/document", DOCX), (b"xl/workbook", XLSX), (b"ppt/presentation", PPTX), (b"OFD.xml", OFD))
PACKED = b"PK\x03\x04"

SUFFIXES: Mapping[str, frozenset[str]] = {
    suffix: frozenset(types)
    for suffixes, types in (
        (".pdf", (PDF,)),
        (".docx", (DOCX,)),
        (".xlsx", (XLSX,)),
        (".pptx", (PPTX,)),
        (".ofd", (OFD,)),
        (".zip", (ZIP, DOCX, XLSX, PPTX, OFD)),
        (".rtf", (RTF,)),
        (".doc .xls .ppt .wps .et .dps", (OLE,)),
        (".txt .csv .md .json .xml .html .htm .log", (TEXT,)),
        (".jpg .jpeg", ("image/jpeg",)),
        (".tif .tiff", ("image/tiff",)),
        *((f".{name}", (f"image/{name}",)) for name in ("png", "gif", "bmp", "webp", "heic", "avif")),
    )
    for suffix in suffixes.split()
}
"""What a file may be by its suffix; others say nothing."""


def looked_at(path: Path, source_path: str, measured: Measurement) -> Measurement:
    """Return what was measured of a file for a text record, by its own rules where it is no recording.

    Args:
        path: of the sealed bytes.
        source_path: the name it came with.
        measured: what the prober says.
    """
    head, tail = _ends(path)
    media_type = type_of(head, tail, measured.media_type)
    problems = tuple(_problems(media_type, PurePosixPath(source_path).suffix.lower(), tail))
    if measured.kind is Kind.OTHER:
        return replace(measured, media_type=media_type, problems=problems, damaged=False)
    return replace(measured, problems=(*measured.problems, *problems))


def type_of(head: bytes, tail: bytes, otherwise: str) -> str:
    """Return the media type of a document by both its ends, ``otherwise`` when it is none of those known here."""
    if head.startswith(PACKED):
        return next((found for part, found in PARTS if part in head or part in tail), ZIP)
    return next((found for start, found in STARTS if head.startswith(start)), otherwise)


def _problems(media_type: str, suffix: str, tail: bytes) -> Iterator[Note]:
    if not tail:
        yield note("document.empty")
    elif media_type not in SUFFIXES.get(suffix, {media_type}):
        yield note("document.not_what_it_says", suffix=suffix, found=media_type)
    elif media_type == PDF and b"%%EOF" not in tail:
        yield note("document.cut_off")


def _ends(path: Path) -> tuple[bytes, bytes]:
    with path.open("rb") as file:
        head = file.read(HEAD_BYTES)
        file.seek(max(0, file.seek(0, 2) - TAIL_BYTES))
        return head, file.read(TAIL_BYTES)
