"""``evidock casefile CASE``: what the file of a case must hold, and what it holds (article 30)."""

from collections.abc import Iterator, Sequence
from typing import Annotated

import typer

from dashboard.case_number_words import case_numbers
from dashboard.casefile_words import document_words, roles_words, signers_words, slot_name, summary
from dashboard.console import print_json, print_table, say
from dashboard.options import HomeOption, JsonOption, LangOption
from dashboard.texts import Texts
from dashboard.wiring import open_house
from evidence.file_views import AttachedFile, CaseFileView, FiledStep, SlotState, casefile_json
from evidence.views import FindingView


def run(
    case: Annotated[str, typer.Argument(help="Number of the case.")],
    as_json: JsonOption = False,
    home: HomeOption = None,
    lang: LangOption = None,
) -> None:
    """List every place for a text record, every recording and every open finding of a case; exit 1 when incomplete."""
    with open_house(home, lang=lang) as house:
        view = house.case_files.of(case)
        if as_json:
            print_json({"casefile": casefile_json(view, house.texts.say)})
        else:
            _print(house.texts, view)
    raise typer.Exit(0 if view.complete else 1)


def _print(texts: Texts, view: CaseFileView) -> None:
    names = ("number", "step", "record", "state", "signed", "files")
    rows = [row for step in view.steps for row in _rows(texts, step)]
    for one in view.documents:
        signed = roles_words(texts, one.document.signed_by)
        present = texts.word(SlotState.PRESENT)
        rows.append(("", texts.t("document.whole_case"), document_words(one), present, signed, _files(one.files)))
    whole = texts.t("document.whole_case")
    rows += [("", whole, *_finding(texts, found), "") for found in view.findings]
    title = texts.t("casefile.title", case_no=case_numbers(texts, view.case), title=view.case.title)
    print_table(title, [texts.t(f"casefile.column.{name}") for name in names], rows)
    say(summary(texts, view))


def _rows(texts: Texts, step: FiledStep) -> Iterator[tuple[str, ...]]:
    number, view = str(step.number), step.step
    name = f"{view.step.step_no} {texts.name(view.names, view.step.procedure)}"
    for slot in step.slots:
        state = texts.word(slot.state)
        if not slot.documents:
            yield number, name, slot_name(texts, slot.slot), state, signers_words(texts, slot.slot.signers), ""
        for one in slot.documents:
            what = document_words(one)
            lacking = signers_words(texts, one.lacking)
            signed = texts.t("casefile.lacking", roles=lacking) if lacking else texts.t("casefile.signed")
            yield number, name, what, state, signed if slot.slot.signers else "", _files(one.files)
    for one in step.others:
        yield number, name, document_words(one), texts.word(SlotState.PRESENT), "", _files(one.files)
    for clip in step.recordings:
        yield number, name, texts.word(clip.kind), texts.word(view.state), texts.span(clip.clock.span), clip.digest[:12]
    for found in step.open_findings:
        yield number, name, *_finding(texts, found), ""


def _finding(texts: Texts, found: FindingView) -> tuple[str, str, str]:
    return texts.t("casefile.finding"), texts.word(found.state), texts.word(found.finding.kind)


def _files(files: Sequence[AttachedFile]) -> str:
    return ", ".join(f"{one.name} {one.attachment.digest[:12]}" for one in files)
