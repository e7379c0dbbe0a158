"""The cover sheet: what the pack holds, how and by whom it was made, what it proves, and how to check that.

Laid out along the three tests for electronic data: reliable source, proper procedure, complete elements.
Source: 档案法 37; 行政诉讼证据规定 12, 64; 民事证据规定 (2019) 93, 94.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from dashboard.case_number_words import case_numbers
from dashboard.reports.clip_words import (
    ESTABLISHED,
    file_words,
    kind_and_size,
    kinds,
    proves,
    steps_by_number,
    when,
    who,
)
from dashboard.reports.fonts import Fonts
from dashboard.reports.paper import SMALL_PT, Code, Paper, in_groups
from dashboard.texts import Texts
from evidence.clock import ClockVerdict
from evidence.findings import FindingState, StepState
from evidence.packs import Pack, PackItem
from evidence.tlog import Checkpoint, verifier_key
from storage.signing import fingerprint

ITEM_MM = (11.0, 51.0, 41.0, 33.0, 38.0)
TEST_MM = (30.0, 90.0, 54.0)
WITHOUT_DUTY = frozenset({StepState.NO_DUTY, StepState.OUTSIDE_PACK})
SETTLED = frozenset({FindingState.RESOLVED, FindingState.EXEMPT})
TOGETHER_MM = 165.0
"""Room that key, checkpoint and signatures take: they stand on one page, which is what gets the seal."""

TESTS = {
    "source": ("bytes", "people", "time"),
    "procedure": ("custody", "tamper", "decisions"),
    "elements": ("steps", "gaps", "disposed", "list"),
}
"""The three tests, and the points that speak for each."""


@dataclass(frozen=True)
class Vouched:
    """What stands behind a pack. ``verifier``: SHA-256 of the verify.py in it; ``witnessed``: cosigned checkpoints."""

    vkey: str
    checkpoint: Checkpoint
    verifier: str
    witnessed: int


def cover_sheet(pack: Pack, vouched: Vouched, texts: Texts, fonts: Fonts) -> bytes:
    """Return the cover sheet as PDF."""
    paper = Paper(texts, fonts, texts.t("export.cover.title"), pack.case.number)
    paper.set_creation_date(pack.made_at)
    paper.big_title(texts.t("export.cover.title"), f"{case_numbers(texts, pack.case)}  {pack.case.title}".strip())
    _about(paper, pack)
    _items(paper, pack)
    _tests(paper, pack, vouched)
    _verification(paper, vouched)
    paper.heading(texts.t("export.cover.signing"), room_mm=50)
    paper.paragraph(texts.t("export.cover.signing_lead"))
    paper.sign_lines([texts.t(f"export.cover.sign_{who}") for who in ("maker", "receiver", "made_on", "received_on")])
    return paper.printed()


def _about(paper: Paper, pack: Pack) -> None:
    texts, case = paper.texts, pack.case
    paper.heading(texts.t("export.cover.case"))
    named = (
        ("case_no", case_numbers(texts, case)),
        ("case_title", case.title),
        ("unit", case.unit),
        ("matter_type", case.matter_type),
        ("opened", texts.at(case.opened_at) if case.opened_at else ""),
        ("concluded", texts.at(case.concluded_at) if case.concluded_at else ""),
        ("confidentiality", case.confidentiality),
    )
    paper.rows([(texts.t(f"export.cover.{name}"), value) for name, value in named])
    paper.heading(texts.t("export.cover.contents"))
    present = [item for item in pack.items if item.path]
    size = texts.size(sum(item.clip.size_bytes for item in present))
    told = (
        ("originals", texts.t("export.cover.originals_are", n=len(present), kinds=kinds(present, texts), size=size)),
        ("method", texts.t("export.cover.method_is")),
        ("made_at", texts.at(pack.made_at)),
        ("made_by", pack.made_by),
        ("reason", pack.reason),
        ("tool", f"{pack.tool}; {pack.rule_version}"),
    )
    paper.rows([(texts.t(f"export.cover.{name}"), value) for name, value in told])


def _items(paper: Paper, pack: Pack) -> None:
    texts, steps = paper.texts, steps_by_number(pack)
    paper.heading(texts.t("export.cover.items"))
    if not pack.items:
        paper.paragraph(texts.t("export.cover.no_items"))
    heads = [texts.t(f"export.cover.item_{name}") for name in ("number", "time", "people", "proves", "digest")]
    rows = [
        (
            str(item.number),
            "\n".join((when(item, texts), _file(item, texts))),
            "\n".join((who(item, texts), _intake(item, texts))),
            proves(item, steps, texts),
            in_groups(item.clip.digest),
        )
        for item in pack.items
    ]
    paper.table_of(ITEM_MM, heads, rows, size_pt=SMALL_PT)


def _file(item: PackItem, texts: Texts) -> str:
    return texts.t("export.item.file_is", file=file_words(item, texts), about=kind_and_size(item, texts))


def _intake(item: PackItem, texts: Texts) -> str:
    clip = item.clip
    if item.is_document:
        return texts.t("export.document.intake", received_at=clip.received_at)
    return texts.t("export.item.intake", station=clip.station, received_at=clip.received_at)


def _tests(paper: Paper, pack: Pack, vouched: Vouched) -> None:
    texts = paper.texts
    paper.heading(texts.t("export.cover.proves"))
    paper.paragraph(texts.t("export.cover.proves_lead"))
    figures = dict(_figures(pack, vouched, texts))
    for test, points in TESTS.items():
        paper.heading(texts.t(f"export.test.{test}"), room_mm=40)
        heads = [texts.t(f"export.test.{name}") for name in ("point", "state", "backed_by")]
        rows = [
            (
                texts.t(f"export.point.{point}"),
                texts.t(f"export.point.{point}_is", **figures),
                texts.t(f"export.point.{point}_by"),
            )
            for point in points
        ]
        paper.table_of(TEST_MM, heads, rows, size_pt=SMALL_PT + 0.5)
    paper.paragraph(texts.t("export.cover.basis"), size_pt=SMALL_PT)


def _figures(pack: Pack, vouched: Vouched, texts: Texts) -> Iterator[tuple[str, int | str]]:
    """Yield the figures that the points speak of."""
    footage = [item for item in pack.items if not item.is_document]
    clocks = Counter(item.clip.clock.verdict for item in footage)
    states = Counter(view.state for view in pack.steps)
    present = sum(item.path is not None for item in pack.items)
    yield from (("originals", present), ("disposed", len(pack.items) - present))
    yield "established", sum(item.clip.officer_source in ESTABLISHED for item in footage)
    yield "supposed", sum(item.clip.officer_source not in ESTABLISHED for item in footage)
    yield from ((verdict.value, clocks[verdict]) for verdict in ClockVerdict)
    yield from (("entries", len(pack.numbers) + 1), ("size", vouched.checkpoint.size), ("witnessed", vouched.witnessed))
    yield from (("decisions", len(pack.decisions)), ("steps", len(pack.steps)))
    yield "states", texts.t("export.join").join(f"{texts.word(state)} {n}" for state, n in sorted(states.items()))
    yield "findings", sum(finding.state not in SETTLED for finding in pack.findings)
    yield "duty", sum(n for state, n in states.items() if state not in WITHOUT_DUTY)


def _verification(paper: Paper, vouched: Vouched) -> None:
    texts = paper.texts
    paper.heading(texts.t("export.cover.verification"), room_mm=TOGETHER_MM)
    paper.paragraph(texts.t("export.cover.verification_lead"))
    told = (
        ("log", Code(vouched.checkpoint.origin)),
        ("fingerprint", Code(fingerprint(verifier_key(vouched.vkey)))),
        ("vkey", Code(vouched.vkey)),
        ("vkey_aloud", _aloud(vouched.vkey)),
        ("checkpoint", texts.t("export.cover.checkpoint_is", size=vouched.checkpoint.size)),
        ("root", in_groups(vouched.checkpoint.root.hex())),
        ("verifier", in_groups(vouched.verifier)),
    )
    paper.rows([(texts.t(f"export.cover.{name}"), value) for name, value in told])
    paper.paragraph(texts.t("export.cover.how_to_check"))


def _aloud(vkey: str) -> Code:
    """Return a key in its parts, the last in groups."""
    name, _, rest = vkey.partition("+")
    key_id, _, material = rest.partition("+")
    return Code(f"{name} + {key_id} + {in_groups(material)}")
