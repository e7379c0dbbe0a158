"""The assessment on paper: figures by unit and procedure, their definitions, and by what they can be checked."""

from collections.abc import Iterator

from dashboard.indicator_words import (
    amount,
    counts,
    name_and_definition,
    parts_in_words,
    procedure_name,
    share,
    sources,
    unit_name,
)
from dashboard.reports.fonts import Fonts
from dashboard.reports.paper import SMALL_PT, Paper
from dashboard.texts import Texts
from evidence.indicator_views import Head
from evidence.indicators import INDICATORS, Assessment, Figure, Figures, article_of
from evidence.law import LawPack

NAME_MM, FIGURE_MM = 54.0, 23.0
WHOLE_MM = (34.0, 92.0, 22.0, 38.0, 25.0, 50.0)
TABLE_PT = 7.5


def indicator_paper(head: Head, found: Assessment, pack: LawPack, texts: Texts, fonts: Fonts) -> bytes:
    """Return the figures as PDF, A4 on its long side."""
    period = head.period.text
    paper = Paper(texts, fonts, texts.t("indicator.title"), f"{_scope(head, pack, texts)} · {period}", landscape=True)
    paper.set_creation_date(head.counted_at)
    paper.big_title(f"{texts.t('indicator.title')} {period}", _scope(head, pack, texts))
    paper.rows(list(head_lines(head, pack, texts)), label_mm=44)
    for key in ("paper_intro", "lead", "few_note"):
        paper.paragraph(texts.t(f"indicator.{key}"), size_pt=SMALL_PT)
    _whole(paper, found, pack)
    _units(paper, found, pack)
    paper.paragraph(texts.t("indicator.months_are"), size_pt=SMALL_PT)
    paper.paragraph(texts.t("indicator.units_are"), size_pt=SMALL_PT)
    return paper.printed()


def head_lines(head: Head, pack: LawPack, texts: Texts) -> Iterator[tuple[str, str]]:
    """Yield what figures are of and what they can be checked by, with its name."""
    yield texts.t("indicator.bureau"), texts.name(pack.names, pack.pack_id)
    yield texts.t("indicator.period"), head.period.text
    yield texts.t("indicator.scope"), _scope(head, pack, texts)
    yield texts.t("indicator.rule_version"), head.rule_version
    yield texts.t("indicator.counted_at"), texts.at(head.counted_at)
    yield texts.t("indicator.checkpoint"), checkpoint_words(head, texts)


def checkpoint_words(head: Head, texts: Texts) -> str:
    """Return size and root of the ledger's checkpoint."""
    if head.size is None:
        return texts.t("indicator.no_checkpoint")
    return texts.t("indicator.checkpoint_is", size=head.size, root=head.root)


def figure_words(figure: Figure, texts: Texts) -> str:
    """Return a figure in a narrow cell: its counts, below them its share and what stands apart."""
    if figure.is_empty:
        return "–"
    lines = [counts(texts, figure) if figure.denominator else "–"]
    if figure.share is not None and not figure.is_few:
        lines.append(share(texts, figure))
    if figure.aside:
        lines.append(texts.t("indicator.aside", amount=amount(texts, figure.indicator, figure.aside)))
    return "\n".join(lines)


def _scope(head: Head, pack: LawPack, texts: Texts) -> str:
    unit = texts.t("indicator.all_units") if head.unit is None else unit_name(texts, head.unit)
    if head.procedure is None:
        return unit
    return f"{unit} · {procedure_name(texts, pack, head.procedure)}"


def _whole(paper: Paper, found: Assessment, pack: LawPack) -> None:
    texts = paper.texts
    paper.heading(texts.t("indicator.definitions"))
    names = ("indicator", "definition", "article", "counts", "share", "parts")
    rows = [
        (
            name_and_definition(texts, figure.indicator)[0],
            name_and_definition(texts, figure.indicator)[1],
            texts.article(article_of(figure.indicator.code, pack)),
            counts(texts, figure),
            share(texts, figure),
            parts_in_words(texts, figure),
        )
        for figure in found.figures.values()
    ]
    paper.table_of(WHOLE_MM, [texts.t(f"indicator.{name}") for name in names], rows, size_pt=SMALL_PT)


def _units(paper: Paper, found: Assessment, pack: LawPack) -> None:
    texts = paper.texts
    paper.heading(texts.t("indicator.by_procedure"), room_mm=50)
    if not found.units:
        paper.paragraph(texts.t("indicator.none"))
    heads = [f"{texts.t('indicator.unit')} · {texts.t('indicator.procedure')}"]
    heads += [texts.t(f"indicator.{code.value}") for code in INDICATORS]
    rows = []
    for unit in found.units:
        by = texts.t("indicator.unit_from_is", sources=sources(texts, unit.unit_from))
        rows.append(_row(f"{unit_name(texts, unit.unit)}\n{by}", unit.figures, texts))
        rows += [
            _row(f"　{procedure_name(texts, pack, code)}", figures, texts) for code, figures in unit.procedures.items()
        ]
    widths = (NAME_MM, *[FIGURE_MM] * len(INDICATORS))
    paper.table_of(widths, heads, rows, size_pt=TABLE_PT, shaded=True)


def _row(name: str, figures: Figures, texts: Texts) -> list[str]:
    return [name, *[figure_words(figures[code], texts) for code in INDICATORS]]
