"""A sheet of A4 with header, page numbers, tables that break across pages, and lines broken as Chinese is."""

import re
from collections.abc import Iterable, Iterator, Sequence

from fpdf import FPDF, FontFace
from fpdf.enums import TableBordersLayout, TableCellFillMode, XPos, YPos
from fpdf.fonts import TTFFont

from dashboard.reports.fonts import Fonts
from dashboard.texts import Texts, visible

MARGIN_MM = 18.0
WIDTH_MM = 210.0 - 2 * MARGIN_MM
LONG_WIDTH_MM = 297.0 - 2 * MARGIN_MM
PADDING_MM = 1.4
LINE = 1.45
"""Height of a line, as a multiple of the size of its letters."""

MM_PER_POINT = 25.4 / 72
BODY_PT, SMALL_PT, HEAD_PT, TITLE_PT = 9.5, 8.0, 12.0, 20.0
MOST_LINES = 40
"""Lines in one row; what is longer goes on in the rows that follow, so that no row is higher than a page."""

GREY = (90, 90, 90)
SHADE = (238, 241, 245)
LINE_GREY = (170, 176, 184)
NOT_FIRST = set("，。、；：！？）》」』】〕”’…·,.;:!?)]}%％")
"""Signs no line begins with."""

NOT_LAST = set("（《「『【〔“‘([{")
"""Signs no line ends with."""

WHOLE = re.compile(r"(北京时间|Beijing time|第 [0-9()]+ 条(?:末款)?)")
"""Words that are never parted."""

CJK_FROM = 0x2E80


class Code(str):
    """A digest or key: set in letters that cannot be mistaken for each other, broken at spaces only."""

    __slots__ = ()


CODE = FontFace(family="mono", size_pt=8.3)
"""So large that a digest in groups fits into a row."""


class Paper(FPDF):
    """A paper with the same head on every page.

    Args:
        head: stands in the header of every page beside the paper's name.
        landscape: the sheet lies on its long side.
    """

    def __init__(self, texts: Texts, fonts: Fonts, title: str, head: str, *, landscape: bool = False) -> None:
        super().__init__(orientation="landscape" if landscape else "portrait", format="A4")
        self.width_mm = LONG_WIDTH_MM if landscape else WIDTH_MM
        self.texts = texts
        self._title, self._head = title, visible(head)
        self.set_title(f"{title} {head}")
        self.set_lang(texts.locale)
        self.set_creator("Evidock")
        self.add_font("cjk", "", fonts.regular.path, collection_font_number=fonts.regular.number)
        self.add_font("cjk", "B", fonts.bold.path, collection_font_number=fonts.bold.number)
        self.add_font("mono", "", fonts.mono.path, collection_font_number=fonts.mono.number)
        if fonts.other:
            self.add_font("other", "", fonts.other.path)
            self.set_fallback_fonts(["other"], exact_match=False)
        self.set_margins(MARGIN_MM, MARGIN_MM)
        self.set_auto_page_break(auto=True, margin=MARGIN_MM)
        self.set_font("cjk", size=BODY_PT)
        self.set_draw_color(*LINE_GREY)
        self.add_page()

    def printed(self) -> bytes:
        """Return the finished paper, and let go of its font files."""
        body = bytes(self.output())
        for font in self.fonts.values():
            if isinstance(font, TTFFont):
                font.ttfont.close()
        return body

    def header(self) -> None:
        """Draw the paper's name and the case on top of every page."""
        self.set_font("cjk", size=SMALL_PT)
        self.set_text_color(*GREY)
        self.set_y(9)
        self.cell(self.width_mm / 3, 4, self._title)
        self.cell(self.width_mm * 2 / 3, 4, self._fitted(self._head, self.width_mm * 2 / 3), align="R")
        self.line(MARGIN_MM, 14, MARGIN_MM + self.width_mm, 14)
        self.set_text_color(0)
        self.set_y(MARGIN_MM)

    def footer(self) -> None:
        """Draw the page number, and which clock times are told by."""
        self.set_y(-13)
        self.set_font("cjk", size=SMALL_PT)
        self.set_text_color(*GREY)
        self.cell(self.width_mm / 2, 4, self.texts.t("export.paper.clock"))
        page = self.texts.t("export.paper.page", page=self.page_no(), pages="{nb}")
        self.cell(self.width_mm / 2, 4, page, align="R")
        self.set_text_color(0)

    # --- what stands on it -------------------------------------------------------------------------------------------

    def big_title(self, text: str, below: str) -> None:
        """Write the title, and a line below it."""
        self.set_font("cjk", "B", TITLE_PT)
        self._block(text, TITLE_PT, align="C")
        self.set_font("cjk", size=BODY_PT + 1)
        self._block(below, BODY_PT + 1, align="C")
        self.ln(3)

    def heading(self, text: str, *, room_mm: float = 30.0) -> None:
        """Write a heading; where less than ``room_mm`` is left below it, on the next page."""
        if self.will_page_break(room_mm):
            self.add_page()
        self.ln(2.5)
        self.set_font("cjk", "B", HEAD_PT)
        self._block(text, HEAD_PT)
        self.ln(0.8)

    def paragraph(self, text: str, *, size_pt: float = BODY_PT, bold: bool = False) -> None:
        """Write a paragraph."""
        self.set_font("cjk", "B" if bold else "", size_pt)
        self._block(text, size_pt)
        self.ln(0.8)

    def rows(self, pairs: Sequence[tuple[str, str]], label_mm: float = 34.0) -> None:
        """Write names and values, a row each; a value that says nothing has no row."""
        filled = [(name, value) for name, value in pairs if value]
        self.table_of((label_mm, self.width_mm - label_mm), None, filled, shaded=True)

    def table_of(
        self,
        widths_mm: Sequence[float],
        heads: Sequence[str] | None,
        rows: Sequence[Sequence[str]],
        *,
        size_pt: float = BODY_PT,
        shaded: bool = False,
    ) -> None:
        """Write a table; its heads are repeated on every page. ``shaded``: the first column is a row's name."""
        if not rows:
            return
        self.set_font("cjk", size=size_pt)
        with self.table(
            width=sum(widths_mm),
            col_widths=tuple(widths_mm),
            align="LEFT",
            text_align="LEFT",
            line_height=size_pt * MM_PER_POINT * LINE,
            padding=PADDING_MM,
            borders_layout=TableBordersLayout.ALL,
            cell_fill_mode=TableCellFillMode.NONE,
            first_row_as_headings=heads is not None,
            headings_style=FontFace(family="cjk", emphasis="BOLD", fill_color=SHADE),
        ) as table:
            if heads is not None:
                table.row([self._wrapped(head, width, bold=True) for head, width in zip(heads, widths_mm, strict=True)])
            for row in rows:
                faces = [CODE if isinstance(cell, Code) else FontFace() for cell in row]
                if shaded:
                    faces[0] = FontFace(fill_color=SHADE)
                wrapped = [self._wrapped(cell, width) for cell, width in zip(row, widths_mm, strict=True)]
                for cells in _pieces(wrapped):
                    written = table.row()
                    for cell, face in zip(cells, faces, strict=True):
                        written.cell(cell, style=face)
        self.ln(1.5)

    def sign_lines(self, names: Sequence[str]) -> None:
        """Draw lines to sign on, two beside each other, all on one page."""
        if self.will_page_break(14.0 * -(-len(names) // 2)):
            self.add_page()
        self.set_font("cjk", size=BODY_PT)
        half = self.width_mm / 2
        for at, name in enumerate(names):
            x = MARGIN_MM + half * (at % 2)
            if at % 2 == 0:
                self.ln(12)
            self.set_x(x)
            label_mm = self.get_string_width(name) + 2
            self.cell(label_mm, 5, name)
            self.line(x + label_mm, self.get_y() + 5, x + half - 6, self.get_y() + 5)
        self.ln(8)

    def _block(self, text: str, size_pt: float, align: str = "L") -> None:
        height = size_pt * MM_PER_POINT * LINE
        text = self._broken(text, self.width_mm)
        self.multi_cell(self.width_mm, height, text, align=align, padding=0, new_x=XPos.LMARGIN, new_y=YPos.NEXT)

    # --- lines -------------------------------------------------------------------------------------------------------

    def _wrapped(self, text: str, width_mm: float, *, bold: bool = False) -> str:
        """Return the text of a cell broken into lines that fit its column."""
        face = CODE if isinstance(text, Code) else FontFace(family="cjk", emphasis="BOLD" if bold else None)
        with self.use_font_face(face):
            return self._broken(text, width_mm - 2 * PADDING_MM)

    def _broken(self, text: str, width_mm: float) -> str:
        room = width_mm - 2 * self.c_margin - 0.2
        pieces = _words if isinstance(text, Code) else _unbroken
        parts = (pieces(visible(given)) for given in text.split("\n"))
        return "\n".join(line for part in parts for line in self._lines(part, room))

    def _lines(self, pieces: Iterable[str], room_mm: float) -> Iterator[str]:
        """Yield lines: words whole, Chinese between any two signs that may be parted, and what is too long cut."""
        line = ""
        for piece in pieces:
            if self.get_string_width(line + piece.rstrip()) <= room_mm:
                line += piece
                continue
            if line.strip():
                yield line.rstrip()
            line = piece
            while self.get_string_width(line.rstrip()) > room_mm:
                fits = self._fitting(line, room_mm)
                yield line[:fits]
                line = line[fits:]
        yield line.rstrip()

    def _fitting(self, text: str, room_mm: float) -> int:
        """Return how many signs fit, at least one."""
        fits = 1
        while fits < len(text) and self.get_string_width(text[: fits + 1]) <= room_mm:
            fits += 1
        return fits

    def _fitted(self, text: str, room_mm: float) -> str:
        fits = self._fitting(text, room_mm - 4)
        return text if fits >= len(text) else f"{text[:fits]}…"


def _words(text: str) -> list[str]:
    return [f"{word} " for word in text.split()]


def _unbroken(text: str) -> Iterator[str]:
    """Yield what may not be parted: words with the space after them, Chinese signs with their punctuation."""
    piece = ""
    for sign in (sign for part in WHOLE.split(text) for sign in ([part] if WHOLE.fullmatch(part) else part)):
        if piece and _may_part(piece[-1], sign[0]):
            yield piece
            piece = ""
        piece += sign
    if piece:
        yield piece


def _may_part(before: str, after: str) -> bool:
    if after in NOT_FIRST or before in NOT_LAST or after.isspace():
        return False
    return before.isspace() or ord(before) >= CJK_FROM or ord(after) >= CJK_FROM or before in "/_-"


def _pieces(row: Sequence[str]) -> Iterator[list[str]]:
    """Yield a row of wrapped cells in pieces of at most `MOST_LINES` lines."""
    cells = [cell.split("\n") for cell in row]
    for at in range(0, max(map(len, cells)), MOST_LINES):
        yield ["\n".join(lines[at : at + MOST_LINES]) for lines in cells]


def in_groups(text: str, size: int = 8) -> Code:
    """Return a text in groups, for reading aloud."""
    return Code(" ".join(text[at : at + size] for at in range(0, len(text), size)))
