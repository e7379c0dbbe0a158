"""How papers speak of a clip: its time with the judgement over its clock, its wearer, its camera, what it proves."""

from collections import Counter
from collections.abc import Mapping, Sequence

from dashboard.texts import Texts, visible
from evidence.attachments import Attachment
from evidence.claims import OfficerSource
from evidence.clips import Kind
from evidence.clock import ClockJudgement
from evidence.ids import StepNo
from evidence.packs import Pack, PackItem
from evidence.views import ClaimedFile, StepView

ESTABLISHED = frozenset({OfficerSource.DECIDED, OfficerSource.ASSIGNMENT})
"""Sources of an officer that a record or a named person stands behind."""


def clock_sentence(clock: ClockJudgement, texts: Texts) -> str:
    """Return in one sentence how far the recorded time is believed."""
    key = f"export.clock.{clock.verdict.value}"
    if clock.uncertainty_s is None:
        return texts.t(f"{key}_unmeasured")
    return texts.t(key, uncertainty_s=clock.uncertainty_s)


def wearer(item: PackItem, texts: Texts) -> str:
    """Return who wore the camera, and how that is known."""
    clip = item.clip
    name = clip.carried_by
    if not name:
        return texts.t("export.item.no_officer")
    return texts.t("export.item.officer", name=name, source=texts.word(clip.officer_source))


def camera(item: PackItem, texts: Texts) -> str:
    """Return which camera recorded it."""
    device = item.clip.device_id
    return texts.t("export.item.device", device=device) if device else texts.t("export.item.no_device")


def when(item: PackItem, texts: Texts) -> str:
    """Return when it was recorded and how far that is believed; of a text record, what it is dated."""
    if not item.is_document:
        clock = item.clip.clock
        return f"{texts.span(clock.span)}\n{clock_sentence(clock, texts)}"
    dates = [one.dated_at for one in item.documents if one.dated_at]
    stated = [texts.t("export.document.dated", dated_at=at) for at in dict.fromkeys(dates)]
    return "\n".join(stated or [texts.t("export.document.undated")])


def who(item: PackItem, texts: Texts) -> str:
    """Return who wore which camera; of a text record, who attached it and who has signed it."""
    if not item.is_document:
        return f"{wearer(item, texts)}\n{camera(item, texts)}"
    people = [*(one.actor for one in item.documents), *(one.actor for one in item.claims)]
    by = texts.t("list.join").join(dict.fromkeys(people))
    roles = dict.fromkeys(role for one in item.documents for role in one.signed_by)
    signed = texts.t("list.join").join(texts.t(f"role.{role}") for role in roles)
    attached = texts.t("export.document.attached_by", by=by)
    return f"{attached}\n{texts.t('casefile.signed_roles', roles=signed)}" if signed else attached


def proves(item: PackItem, steps: Mapping[StepNo, StepView], texts: Texts) -> str:
    """Return which steps it shows, with their articles, which text records it is, and which claims rest on it."""
    shown = [step_words(steps[link.step_no], texts) for link in item.links if link.step_no in steps]
    papers = (_document(one, steps, texts) for one in item.documents)
    return "\n".join((*shown, *papers, *(_claim(one, steps, texts) for one in item.claims)))


def _document(one: Attachment, steps: Mapping[StepNo, StepView], texts: Texts) -> str:
    step = step_words(steps[one.step_no], texts) if one.step_no in steps else texts.t("document.whole_case")
    slot = visible(" ".join(part for part in (one.slot, one.document_no) if part))
    return texts.t("export.document.is", step=step, slot=slot)


def _claim(one: ClaimedFile, steps: Mapping[StepNo, StepView], texts: Texts) -> str:
    step = steps.get(StepNo(one.step_no))
    about = step_words(step, texts) if step else visible(one.target)
    return texts.t("export.claim.shows", step=about, reason=texts.name(one.claim.names, one.claim.code))


def step_words(view: StepView, texts: Texts) -> str:
    """Return number, name and article of a step."""
    name = texts.name(view.names, view.step.procedure)
    article = texts.article(view.article) if view.article else ""
    return texts.t("export.item.step", step_no=view.step.step_no, name=name, article=article).strip()


def kind_and_size(item: PackItem, texts: Texts) -> str:
    """Return what an original is, and how large."""
    return f"{texts.word(item.clip.kind)} {texts.size(item.clip.size_bytes)}"


def kinds(items: Sequence[PackItem], texts: Texts) -> str:
    """Return how many of each kind there are."""
    counted = Counter(item.clip.kind for item in items if not item.is_document)
    documents = sum(item.is_document for item in items)
    words = [f"{texts.word(kind)} {counted[kind]}" for kind in Kind if counted[kind]]
    words += [texts.t("export.document.count", n=documents)] if documents else []
    return texts.t("export.join").join(words)


def file_words(item: PackItem, texts: Texts) -> str:
    """Return where an item lies in the pack."""
    return visible(item.path.removeprefix("data/")) if item.path else texts.t("export.item.disposed")


def steps_by_number(pack: Pack) -> dict[StepNo, StepView]:
    """Return the steps of a pack by their number."""
    return {view.step.step_no: view for view in pack.steps}
