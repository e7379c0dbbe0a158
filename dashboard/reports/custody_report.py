"""The custody report: every ledger entry about every item in words, and what the law finds missing in the case."""

from collections.abc import Mapping, Sequence

from dashboard.case_number_words import case_numbers
from dashboard.pack_contents import Told
from dashboard.reports.clip_words import (
    file_words,
    proves,
    step_words,
    steps_by_number,
    when,
    who,
)
from dashboard.reports.fonts import Fonts
from dashboard.reports.paper import SMALL_PT, Paper, in_groups
from dashboard.texts import Texts, visible
from dashboard.web.entry_detail import detail_of
from evidence.custody import EventType
from evidence.ids import SYSTEM_ACTOR
from evidence.packs import Pack, PackItem
from evidence.views import FindingView
from evidence.zones import from_iso

ENTRY_MM = (15.0, 33.0, 27.0, 27.0, 72.0)
STEP_MM = (44.0, 56.0, 42.0, 32.0)
TOLD_OF = (
    "station",
    "source_path",
    "size_bytes",
    "algorithm",
    "kind",
    "media_type",
    "playable",
    "action",
    "decision",
    "case_no",
    "step_no",
    "finding_id",
    "slot",
    "document_no",
    "signed_by",
    "officer_id",
    "claimed_by",
    "stage",
    "until",
    "schedule",
    "approved_by",
)
"""What of an entry's detail the report prints; the whole entry lies in the pack."""


def custody_report(
    pack: Pack, told: Mapping[int, Sequence[Told]], about_case: Sequence[Told], texts: Texts, fonts: Fonts
) -> bytes:
    """Return the custody report as PDF. ``told``: the entries of each item by its number."""
    paper = Paper(texts, fonts, texts.t("export.custody.title"), pack.case.number)
    paper.set_creation_date(pack.made_at)
    paper.big_title(texts.t("export.custody.title"), f"{case_numbers(texts, pack.case)}  {pack.case.title}".strip())
    made = texts.t("export.custody.lead", made_at=pack.made_at, who=pack.made_by, items=len(pack.items))
    paper.paragraph(made)
    _steps(paper, pack)
    _findings(paper, pack)
    for item in pack.items:
        _item(paper, pack, item, told.get(item.number, ()))
    paper.heading(texts.t("export.custody.about_case"))
    _entries(paper, about_case)
    return paper.printed()


# --- the case --------------------------------------------------------------------------------------------------------


def _steps(paper: Paper, pack: Pack) -> None:
    texts = paper.texts
    paper.heading(texts.t("export.custody.steps"))
    heads = [texts.t(f"export.custody.step_{name}") for name in ("name", "window", "state", "linked")]
    rows = [
        (
            step_words(view, texts),
            f"{texts.span(view.step.window)}\n{view.step.place}".strip(),
            _state(view.state.value, view.coverage, texts),
            texts.t("export.custody.linked", n=len(view.links)),
        )
        for view in pack.steps
    ]
    paper.table_of(STEP_MM, heads, rows, size_pt=SMALL_PT)
    if not rows:
        paper.paragraph(texts.t("export.custody.no_steps"))


def _state(state: str, coverage: float | None, texts: Texts) -> str:
    word = texts.t(f"enum.StepState.{state}")
    return word if coverage is None else texts.t("export.custody.covered", state=word, share_pct=coverage * 100)


def _findings(paper: Paper, pack: Pack) -> None:
    texts = paper.texts
    paper.heading(texts.t("export.custody.findings"))
    paper.paragraph(texts.t("export.custody.findings_lead" if pack.findings else "export.custody.no_findings"))
    steps = {str(view.step.step_no): step_words(view, texts) for view in pack.steps}
    for number, finding in enumerate(pack.findings, 1):
        _finding(paper, number, finding, steps)


def _finding(paper: Paper, number: int, view: FindingView, steps: Mapping[str, str]) -> None:
    texts, finding = paper.texts, view.finding
    title = texts.t(
        "export.finding.title", number=number, kind=finding.kind, severity=finding.severity, state=view.state
    )
    if paper.will_page_break(40):
        paper.add_page()
    paper.paragraph(title, bold=True)
    article = texts.article(finding.article) if finding.article else ""
    quoted = texts.t("finding.quoted", quote=finding.quote) if finding.quote else ""
    told = (
        ("step", steps.get(str(finding.step_no), str(finding.step_no or ""))),
        ("article", f"{article}{quoted}"),
        ("window", texts.span(finding.window) if finding.window else ""),
        ("uncovered", "\n".join(texts.span(span) for span in finding.uncovered)),
        ("what", texts.say(finding.what)),
        ("why", f"{texts.say(finding.why)} ({finding.rule_version})"),
        ("first_found", texts.at(view.first_found_at)),
        ("claim", claim_words(view, texts)),
        ("answer", " ".join(part for part in (view.decided_by, view.reason) if part)),
    )
    paper.rows([(texts.t(f"export.finding.{name}"), value) for name, value in told])


def claim_words(view: FindingView, texts: Texts) -> str:
    """Return what was claimed of a finding: the reason of the list, the note, and the digests of what shows it."""
    claim = view.claim
    if claim is None:
        return ""
    reason = texts.name(claim.names, claim.code)
    said = [texts.t("export.finding.claim_words", reason=reason, code=claim.code, by=view.claimed_by), claim.note]
    digests = "\n".join(in_groups(digest) for digest in claim.files)
    return "\n".join(filter(None, (*said, texts.t("export.finding.claim_files", digests=digests) if digests else "")))


# --- an item ---------------------------------------------------------------------------------------------------------


def _item(paper: Paper, pack: Pack, item: PackItem, told: Sequence[Told]) -> None:
    texts, clip = paper.texts, item.clip
    paper.heading(texts.t("export.custody.item", number=item.number), room_mm=70)
    about = (
        ("file", file_words(item, texts)),
        ("source_label", texts.t("export.item.from", station=clip.station, path=clip.source_path)),
        ("digest", in_groups(clip.digest)),
        ("recorded", when(item, texts)),
        ("people", who(item, texts)),
        ("proves", proves(item, steps_by_number(pack), texts)),
        ("problems", "\n".join(texts.say(problem) for problem in clip.problems)),
        ("copy", visible(item.playable.path.removeprefix("data/")) if item.playable else ""),
    )
    paper.rows([(texts.t(f"export.item.{name}"), value) for name, value in about])
    _entries(paper, told)


def _entries(paper: Paper, told: Sequence[Told]) -> None:
    texts = paper.texts
    if not told:
        paper.paragraph(texts.t("export.custody.no_entries"))
    heads = [texts.t(f"export.entry.{name}") for name in ("number", "at", "event", "who", "why")]
    paper.table_of(ENTRY_MM, heads, [_row(one, texts) for one in told], size_pt=SMALL_PT)


def _row(told: Told, texts: Texts) -> tuple[str, ...]:
    return (
        str(told.number),
        texts.clock(from_iso(told.at)),
        texts.t(f"enum.EventType.{told.event}") if told.event in set(EventType) else visible(told.event),
        texts.t("ledger.machine") if told.actor == SYSTEM_ACTOR else visible(told.actor),
        _why(told, texts),
    )


def _why(told: Told, texts: Texts) -> str:
    """Return the reason in the actor's words, then what the entry names."""
    shown = {name: told.detail[name] for name in TOLD_OF if told.detail.get(name) not in (None, "")}
    named = [texts.t("export.entry.named", name=name, value=value) for name, value in detail_of(shown, texts)]
    if told.event == EventType.FOUND:
        named = _found(told.detail, texts)
    return "\n".join(part for part in (visible(told.reason), texts.t("export.join").join(named)) if part)


def _found(detail: Mapping[str, object], texts: Texts) -> list[str]:
    """Return which finding an entry tells of, at which step, and the state it came into."""
    finding = detail.get("finding")
    stated = finding if isinstance(finding, Mapping) else {}
    kind, step_no = stated.get("kind"), stated.get("step_no")
    told = (
        texts.t(f"enum.FindingKind.{kind}") if kind else "",
        texts.t("export.entry.step", step_no=str(step_no)) if step_no else "",
        texts.t(f"enum.FindingState.{detail.get('state')}"),
    )
    return [word for word in told if word]
