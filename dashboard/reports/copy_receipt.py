"""The receipt for copies: what was asked, who consented, what was handed over to whom. Source: article 31."""

from collections.abc import Mapping, Sequence

from dashboard.case_number_words import case_numbers
from dashboard.copies import CopyItem
from dashboard.reports.fonts import Fonts
from dashboard.reports.paper import SMALL_PT, Code, Paper, in_groups
from dashboard.texts import Texts
from evidence.cases import Case
from evidence.copies import CopiedFile, CopyRequest, Said
from evidence.ids import Digest

FILE_MM = (44.0, 52.0, 20.0, 58.0)
SIGNING_MM = 50.0
"""Room for the lines that are signed: they stand on one page."""


def copy_receipt(request: CopyRequest, case: Case, items: Sequence[CopyItem], texts: Texts, fonts: Fonts) -> bytes:
    """Return the receipt as PDF; its blanks are filled in once the copies were handed over.

    Args:
        request: prepared, or handed over.
        case: that it is about.
        items: what it is about.
        texts: of the language it is printed in.
        fonts: embedded.
    """
    number = case_numbers(texts, case)
    paper = Paper(texts, fonts, texts.t("copies.receipt.title"), f"{number}  {request.request_id}")
    if request.prepared:
        paper.set_creation_date(request.prepared.at)
    paper.big_title(texts.t("copies.receipt.title"), f"{number}  {case.title}".strip())
    _request(paper, request)
    _files(paper, request, {item.clip.digest: item for item in items})
    _handing(paper, request)
    return paper.printed()


def _request(paper: Paper, request: CopyRequest) -> None:
    texts = paper.texts
    identity = texts.t("copies.receipt.identity", document=request.identified, by=request.checked_by)
    known = (request.purpose, request.request_id)
    told = (
        ("request_id", request.request_id),
        ("applicant", request.applicant),
        ("ground", request.ground),
        ("purpose", request.purpose),
        ("identified", identity if request.identified else request.checked_by),
        ("requested", _said(request.requested, texts, known)),
        ("answered", _said(request.answered, texts, ())),
        ("prepared", _said(request.prepared, texts, known)),
    )
    paper.heading(texts.t("copies.receipt.request"))
    paper.rows([(texts.t(f"copies.receipt.{name}"), value) for name, value in told])


def _said(said: Said | None, texts: Texts, known: tuple[str, ...]) -> str:
    """Return who, when and why; a reason that stands elsewhere on the paper is not said twice."""
    if said is None:
        return ""
    told = texts.t("copies.receipt.said", by=said.by, at=texts.at(said.at))
    return told if said.reason in known else texts.t("copies.receipt.said_why", said=told, reason=said.reason)


def _files(paper: Paper, request: CopyRequest, items: Mapping[Digest, CopyItem]) -> None:
    texts = paper.texts
    size = texts.size(sum(one.size_bytes for one in request.files))
    paper.heading(texts.t("copies.receipt.files"))
    paper.paragraph(texts.t("copies.receipt.files_lead", files=len(request.files), size=size))
    heads = [texts.t(f"copies.receipt.file_{name}") for name in ("path", "original", "size", "digest")]
    rows = [
        (one.path, _original(one, items, texts), texts.size(one.size_bytes), in_groups(one.digest))
        for one in request.files
    ]
    paper.table_of(FILE_MM, heads, rows, size_pt=SMALL_PT)
    paper.ln(2)
    paper.rows([(texts.t("copies.receipt.manifest"), in_groups(request.manifest))])


def _original(one: CopiedFile, items: Mapping[Digest, CopyItem], texts: Texts) -> str:
    item = items.get(one.original)
    if item is None:
        return Code(one.original[:12])
    start = None if item.belongs.is_record else item.clip.clock.start
    name = item.clip.source_path.split("/")[-1]
    return f"{name}\n{texts.at(start)}" if start else name


def _handing(paper: Paper, request: CopyRequest) -> None:
    texts, done = paper.texts, request.handed_over
    paper.heading(texts.t("copies.receipt.handing"), room_mm=SIGNING_MM)
    paper.paragraph(texts.t("copies.receipt.handing_lead"))
    if done:
        told = (
            ("number", request.receipt),
            ("receiver", request.receiver),
            ("shown", request.shown),
            ("handed_by", _said(done, texts, (request.receipt, request.request_id))),
        )
        paper.rows([(texts.t(f"copies.receipt.{name}"), value) for name, value in told])
    blanks = ("sign_receiver", "sign_giver") if done else ("sign_receiver", "sign_shown", "sign_giver", "sign_number")
    paper.sign_lines([texts.t(f"copies.receipt.{name}") for name in (*blanks, "sign_date")])
