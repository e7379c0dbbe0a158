"""The page that says article by article what is checked is what the packs generate, and leaves nothing out."""

from pathlib import Path

import pytest

from config.law_packs import default_pack, load_pack
from dashboard.reports.law_coverage import articles_of, kinds_of, page
from evidence.findings import FindingKind
from tests.support.case_rows import rows_of, text, texts
from tests.support.case_tables import read_files

ROOT = Path(__file__).parents[2]
OTHER = Path(__file__).parent / "packs" / "lakeside-fishery"
REGULATION = ROOT.parent / "shared" / "law" / "regulation.zh.md"


def test_the_page_is_what_the_pack_generates() -> None:
    """docs/law-coverage.md is the output of the command it names."""
    assert (ROOT / "docs" / "law-coverage.md").read_text("utf-8") == page(default_pack())


def test_every_procedure_document_and_time_limit_is_on_the_page() -> None:
    """Nothing of the pack is left out."""
    pack, made = default_pack(), page(default_pack())
    assert [code for code in pack.rules if f"### `{code}`" not in made] == []
    assert [name for rule in pack.rules.values() for name in rule.documents if name not in made] == []
    assert [limit.code for limit in pack.deadlines.values() if limit.names["en"] not in made] == []
    assert [kind for kind in FindingKind if f"| `{kind}` |" not in made] == []
    assert [
        reason.code for reason in pack.reasons.values() if f"| `{reason.code}` | {reason.names['zh-CN']}" not in made
    ] == []


def test_every_quoted_word_is_on_the_page() -> None:
    """What the pack quotes stands there as a quotation."""
    pack, made = default_pack(), page(default_pack())
    quotes = [rule.quote for rule in pack.rules.values()] + [limit.quote for limit in pack.deadlines.values()]
    quotes += [citation.quote for citation in pack.citations.values()]
    assert [quote for quote in quotes if quote and f"> {quote}\n" not in made] == []


def test_the_page_promises_what_the_tables_show() -> None:
    """What the tables find about a step is among the kinds the page names for its procedure."""
    pack = default_pack()
    for case in read_files():
        codes = [text(step, "procedure") for step in rows_of(case.facts, "step")]
        for written in texts(case.facts, "findings", []):
            number, kind, *_ = written.split()
            if number.isdigit():
                assert kind in kinds_of(pack.rules[codes[int(number) - 1]], pack), f"{case.says}: {written}"


def test_the_page_of_an_invented_pack() -> None:
    """Another office has its page by the same command, with its articles and its amendments."""
    pack = load_pack(OTHER)
    made = page(pack)
    assert articles_of(pack)
    assert "Amended: `xx-yunjing-lake/2024-fishery-records@2`" in made
    assert "登船检查应当全程录像" in made
    assert (
        "| `MUDDY_WATER` | 水质浑浊 · muddy water | a step whose article allows it | – | 三: 水质浑浊的除外 |" in made
    )


def test_quotes_of_this_regulation_stand_in_it() -> None:
    """Documents and time limits quote the regulation unaltered; quotes of national law name that law."""
    if not REGULATION.is_file():
        pytest.skip("the regulation's text is not beside this checkout")
    pack, regulation = default_pack(), REGULATION.read_text("utf-8")
    cited = [(slot.article, slot.quote) for slot in pack.documents.values()]
    cited += [(slot.signing.article, slot.signing.quote) for slot in pack.documents.values() if slot.signing]
    cited += [(limit.article, limit.quote) for limit in pack.deadlines.values()]
    own = [quote for article, quote in cited if article[:1].isdigit()]
    assert [quote for quote in own if quote not in regulation] == []
