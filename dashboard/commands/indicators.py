"""``evidock indicators``: the figures for the assessment of units, as a table, JSON, workbook or paper."""

from pathlib import Path
from typing import Annotated

import typer

from dashboard.case_number_words import CaseNames
from dashboard.console import print_json, print_table, say
from dashboard.indicator_desk import IndicatorDesk
from dashboard.indicator_periods import asked_period
from dashboard.indicator_words import name_and_definition, procedure_name, unit_name
from dashboard.options import HomeOption, JsonOption, LangOption
from dashboard.reports.fonts import find_fonts
from dashboard.reports.indicator_book import indicator_book
from dashboard.reports.indicator_paper import figure_words, indicator_paper
from dashboard.texts import Texts
from dashboard.wiring import House, open_house
from evidence.errors import StorageError, UsageError
from evidence.indicator_views import Head, assessment_json
from evidence.indicators import INDICATORS, Assessment, Figures, article_of
from evidence.periods import Period


def run(
    month: Annotated[str, typer.Option("--month", help="Beijing month, such as 2026-11; else the present one.")] = "",
    since: Annotated[str, typer.Option("--from", help="First month or day (2026-09, 2026-09-15).")] = "",
    until: Annotated[str, typer.Option("--to", help="Last month or day, counted too.")] = "",
    unit: Annotated[str | None, typer.Option("--unit", help="Only of this unit.", show_default=False)] = None,
    procedure: Annotated[
        str | None, typer.Option("--procedure", help="Only of this procedure code.", show_default=False)
    ] = None,
    xlsx: Annotated[Path | None, typer.Option("--xlsx", help="Write a workbook: figures, definitions, rows.")] = None,
    pdf: Annotated[Path | None, typer.Option("--pdf", help="Write a paper, A4 landscape.")] = None,
    as_json: JsonOption = False,
    home: HomeOption = None,
    lang: LangOption = None,
) -> None:
    """Show the figures for the assessment of article 33 by unit and procedure."""
    with open_house(home, lang=lang) as house:
        period = asked_period(house.clock(), month, since, until)
        if procedure and procedure not in house.pack.rules:
            cure = "name a code of the law pack: docs/law-reading.md lists them"
            raise UsageError("is no procedure of the law pack", subject=procedure, cure=cure)
        desk = IndicatorDesk(house)
        counted = desk.count(period, unit, procedure)
        _write_files(house, desk, (counted.head, counted.assessment), xlsx, pdf)
        if as_json:
            says = lambda indicator: name_and_definition(house.texts, indicator)  # noqa: E731 - one line, used once
            print_json(
                {"indicators": assessment_json(counted.head, counted.assessment, says, house.pack, counted.reasons)}
            )
        elif xlsx is None and pdf is None:
            _table(house, period, counted.assessment)


def _write_files(
    house: House, desk: IndicatorDesk, found: tuple[Head, Assessment], xlsx: Path | None, pdf: Path | None
) -> None:
    head = found[0]
    if xlsx is not None:
        items = desk.items(head.period, unit=head.unit, procedure=head.procedure)
        named = CaseNames(house.library.official_numbers).items(items)
        _write(house.texts, xlsx, indicator_book(*found, named, house.pack, house.texts))
    if pdf is not None:
        _write(house.texts, pdf, indicator_paper(*found, house.pack, house.texts, find_fonts()))


def _write(texts: Texts, file: Path, body: bytes) -> None:
    """Write a file.

    Raises:
        StorageError: the folder does not take it.
    """
    try:
        file.write_bytes(body)
    except OSError as error:
        cure = "name a file in a folder that is there and may be written to"
        raise StorageError(f"cannot be written: {error.strerror}", subject=str(file), cure=cure) from error
    say(texts.t("indicator.written", file=str(file)))


def _table(house: House, period: Period, found: Assessment) -> None:
    texts, pack = house.texts, house.pack
    names = [texts.t(f"indicator.{code.value}") for code in INDICATORS]
    rows = [_row(texts.t("indicator.whole"), "", found.figures, texts)]
    for unit in found.units:
        rows.append(_row(unit_name(texts, unit.unit), "", unit.figures, texts))
        rows += [
            _row("", procedure_name(texts, pack, code), figures, texts) for code, figures in unit.procedures.items()
        ]
    heads = [texts.t("indicator.unit"), texts.t("indicator.procedure"), *names]
    print_table(f"{texts.t('indicator.title')} {period.text}", heads, rows)
    for indicator in INDICATORS.values():
        name, words = name_and_definition(texts, indicator)
        say(f"{name}: {words} ({texts.article(article_of(indicator.code, pack))})")
    say(texts.t("indicator.few_note"))


def _row(unit: str, procedure: str, figures: Figures, texts: Texts) -> list[str]:
    return [unit, procedure, *[figure_words(figures[code], texts) for code in INDICATORS]]
