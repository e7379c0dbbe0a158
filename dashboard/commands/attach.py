"""``evidock attach | attachments | detach``: files of text records."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from dashboard.attaching import attach_file, detach_file, sealed_digest
from dashboard.case_number_words import CaseNames
from dashboard.casefile_words import roles_words
from dashboard.commands.take_in import take_in
from dashboard.console import print_json, print_table, say
from dashboard.handed_in import Wanted, moment_of, roles_of
from dashboard.options import ActorOption, HomeOption, JsonOption, LangOption, ReasonOption
from dashboard.texts import Texts
from dashboard.wiring import House, open_house
from evidence.errors import SourceUnreadableError
from evidence.file_views import AttachedFile, attachment_json
from evidence.ids import Digest
from evidence.ports import Pickup

CaseArgument = Annotated[str, typer.Argument(help="Number of the case.")]
StepArgument = Annotated[str, typer.Argument(help="Number of the step; - is the case as a whole.")]
SlotArgument = Annotated[str, typer.Argument(help="Which text record, as `evidock casefile CASE` lists them.")]
NumberOption = Annotated[
    str | None, typer.Option("--document-no", help="Its number, where a step has several.", show_default=False)
]


def attach(
    case: CaseArgument,
    step: StepArgument,
    slot: SlotArgument,
    file: Annotated[Path, typer.Argument(help="The file; it is only read.")],
    document_no: NumberOption = None,
    title: Annotated[str, typer.Option("--title", help="Title of the document.")] = "",
    dated_at: Annotated[str, typer.Option("--dated-at", help="When it was made; a bare time is Beijing time.")] = "",
    signed_by: Annotated[str, typer.Option("--signed-by", help="Who signed it, such as officers;party.")] = "",
    reason: ReasonOption = "",
    as_json: JsonOption = False,
    home: HomeOption = None,
    actor: ActorOption = "",
    lang: LangOption = None,
) -> None:
    """Seal a file and attach it to a text record of a step; its findings follow at once."""
    wanted = Wanted(case, step, slot, document_no, title, moment_of(dated_at), roles_of(signed_by))
    with open_house(home, lang=lang, actor=actor) as house:
        made = attach_file(house, wanted, file, lambda pickup: seal(house, pickup), house.actor.name, reason)
        held = next(one for one in house.case_files.attachments(made.case_no) if _same(one, made.digest, made.slot))
        if as_json:
            print_json({"attachments": [attachment_json(held, house.texts.say)]})
        else:
            _say_attached(house.texts, held, CaseNames(house.library.official_numbers))


def detach(
    case: CaseArgument,
    step: StepArgument,
    slot: SlotArgument,
    digest: Annotated[str, typer.Argument(help="Digest of the attached file, or its first 6 digits or more.")],
    document_no: NumberOption = None,
    reason: ReasonOption = "",
    home: HomeOption = None,
    actor: ActorOption = "",
    lang: LangOption = None,
) -> None:
    """Take an attached file off a text record; the file and the decisions stay."""
    with open_house(home, lang=lang, actor=actor) as house:
        held = detach_file(house, Wanted(case, step, slot, document_no), digest, house.actor.name, reason)
        say(house.texts.t("document.detached", file=held.digest[:12], slot=held.slot))


def attachments(
    case: CaseArgument,
    everything: Annotated[bool, typer.Option("--all", help="Also what was taken off again.")] = False,
    as_json: JsonOption = False,
    home: HomeOption = None,
    lang: LangOption = None,
) -> None:
    """List the files attached in a case."""
    with open_house(home, lang=lang) as house:
        found = [one for one in house.case_files.attachments(case) if everything or one.attachment.active]
        if as_json:
            print_json({"attachments": [attachment_json(one, house.texts.say) for one in found]})
        else:
            _table(house.texts, case, found)


def seal(house: House, pickup: Pickup) -> Digest:
    """Seal a file and run it to the end, as ``take-in`` does.

    Raises:
        SourceUnreadableError: it could not be sealed.
    """
    take_in(house, [pickup])
    digest = sealed_digest(house, pickup)
    if digest is None:
        cure = "attach it again when nobody is writing to it"
        raise SourceUnreadableError("changed while it was read", subject=pickup.source_path, cure=cure)
    return digest


def _same(one: AttachedFile, digest: str, slot: str) -> bool:
    return one.attachment.digest == digest and one.attachment.slot == slot


def _say_attached(texts: Texts, held: AttachedFile, cases: CaseNames) -> None:
    one = held.attachment
    step = cases.step(one.case_no, one.step_no) if one.step_no else cases.number(one.case_no)
    say(texts.t("document.attached", file=held.name, sha256=one.digest[:12], slot=one.slot, step=step))
    for problem in held.clip.problems:
        say(texts.t("document.problem", problem=texts.say(problem)))


def _table(texts: Texts, case: str, found: Sequence[AttachedFile]) -> None:
    rows = [
        (
            one.attachment.step_no or texts.t("document.whole_case"),
            f"{one.attachment.slot} {one.attachment.document_no}".strip(),
            one.name,
            one.attachment.digest[:12],
            texts.size(one.clip.size_bytes),
            roles_words(texts, one.attachment.signed_by),
            one.attachment.actor if one.attachment.active else texts.t("document.taken_off", by=one.attachment.actor),
            texts.clock(one.attachment.attached_at) if one.attachment.attached_at else "",
            "; ".join(texts.say(problem) for problem in one.clip.problems),
        )
        for one in found
    ]
    names = ("step", "slot", "file", "digest", "size", "signed", "by", "at", "problems")
    print_table(texts.t("document.list_title", case_no=case), [texts.t(f"document.column.{n}") for n in names], rows)
