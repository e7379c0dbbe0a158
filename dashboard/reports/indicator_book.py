"""The assessment as a workbook: the figures as values, what each counts, and the rows behind them."""

from collections.abc import Iterable, Sequence
from datetime import UTC
from io import BytesIO

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font
from openpyxl.worksheet._write_only import WriteOnlyWorksheet

from dashboard.indicator_words import about, name_and_definition, part_word, procedure_name, sources, unit_name
from dashboard.reports.indicator_paper import head_lines
from dashboard.texts import Texts, visible
from evidence.indicator_views import Head, in_units, is_time
from evidence.indicators import INDICATORS, Assessment, Figures, Item, UnitFrom, article_of
from evidence.law import LawPack

Cell = str | int | float | None
BOLD = Font(bold=True)
WIDTHS = {
    "figures": (22, 22, 20, 22, 12, 12, 10, 60),
    "definitions": (22, 100, 34),
    "rows": (22, 18, 22, 20, 24, 22, 12),
}


def indicator_book(head: Head, found: Assessment, items: Iterable[Item], pack: LawPack, texts: Texts) -> bytes:
    """Return figures, definitions and rows as XLSX."""
    book = Workbook(write_only=True)
    book.properties.title = f"{texts.t('indicator.title')} {head.period.text}"
    book.properties.creator = "Evidock"
    book.properties.created = book.properties.modified = head.counted_at.astimezone(UTC).replace(tzinfo=None)
    _figures(_sheet(book, "figures", texts), head, found, pack, texts)
    _definitions(_sheet(book, "definitions", texts), pack, texts)
    _rows(_sheet(book, "rows", texts), items, pack, texts)
    into = BytesIO()
    book.save(into)
    return into.getvalue()


def _sheet(book: Workbook, name: str, texts: Texts) -> WriteOnlyWorksheet:
    sheet: WriteOnlyWorksheet = book.create_sheet(texts.t(f"indicator.sheet_{name}"))
    for at, width in enumerate(WIDTHS[name]):
        sheet.column_dimensions["ABCDEFGH"[at]].width = width  # type: ignore[attr-defined] # the stubs forget it
    return sheet


def _write(sheet: WriteOnlyWorksheet, row: Sequence[Cell], *, bold: bool = False) -> None:
    """Write a row; text is text, also where it begins like a formula."""
    cells = []
    for value in row:
        cell = WriteOnlyCell(sheet, value=visible(value) if isinstance(value, str) else value)
        if isinstance(value, str):
            cell.data_type = "s"
        if bold:
            cell.font = BOLD
        cells.append(cell)
    sheet.append(cells)


def _heads(sheet: WriteOnlyWorksheet, texts: Texts, *names: str) -> None:
    _write(sheet, [texts.t(f"indicator.{name}") for name in names], bold=True)


def _figures(sheet: WriteOnlyWorksheet, head: Head, found: Assessment, pack: LawPack, texts: Texts) -> None:
    for line in head_lines(head, pack, texts):
        _write(sheet, line)
    _write(sheet, [])
    _heads(sheet, texts, "unit", "procedure", "unit_from", "indicator", "met", "counted", "share", "parts")
    whole, every = texts.t("indicator.whole"), texts.t("indicator.all_procedures")
    _block(sheet, (whole, every), (), found.figures, texts)
    for unit in found.units:
        name = unit_name(texts, unit.unit)
        _block(sheet, (name, every), unit.unit_from, unit.figures, texts)
        for code, figures in unit.procedures.items():
            _block(sheet, (name, procedure_name(texts, pack, code)), unit.unit_from, figures, texts)


def _block(
    sheet: WriteOnlyWorksheet, named: tuple[str, str], unit_from: tuple[UnitFrom, ...], figures: Figures, texts: Texts
) -> None:
    for figure in figures.values():
        if figure.is_empty:
            continue
        indicator = figure.indicator
        told = [
            f"{part_word(texts, indicator, part)} {in_units(figure, figure.of(part))}"
            for part in indicator.parts
            if figure.of(part)
        ]
        shared = round(figure.share, 4) if figure.share is not None and not figure.is_few else None
        amounts = (in_units(figure, figure.numerator), in_units(figure, figure.denominator), shared)
        name = name_and_definition(texts, indicator)[0]
        _write(sheet, (*named, sources(texts, unit_from), name, *amounts, texts.t("indicator.join").join(told)))


def _definitions(sheet: WriteOnlyWorksheet, pack: LawPack, texts: Texts) -> None:
    _heads(sheet, texts, "indicator", "definition", "article")
    for indicator in INDICATORS.values():
        _write(sheet, (*name_and_definition(texts, indicator), texts.article(article_of(indicator.code, pack))))
    _write(sheet, [])
    for key in ("lead", "few_note", "seconds_note", "months_are", "units_are"):
        _write(sheet, ("", texts.t(f"indicator.{key}")))


def _rows(sheet: WriteOnlyWorksheet, items: Iterable[Item], pack: LawPack, texts: Texts) -> None:
    _heads(sheet, texts, "indicator", "part", "unit", "procedure", "about", "at", "amount")
    for item in items:
        indicator = INDICATORS[item.code]
        row = (
            name_and_definition(texts, indicator)[0],
            part_word(texts, indicator, item.part),
            unit_name(texts, item.belonging.unit),
            procedure_name(texts, pack, item.belonging.procedure),
            about(texts, pack, item),
            texts.at(item.at),
            item.amount / 1000 if is_time(item.part) else None,
        )
        _write(sheet, row)
