"""The part of the page on a law pack that lists what people may claim, and what they must show with it."""

from collections.abc import Iterator

from evidence.law import LawPack
from evidence.reasons import Purpose, Reason

LEAD = {
    Purpose.EXPLANATION: "Explanations: approved by another named person, the finding is answered and still counts.",
    Purpose.EXEMPTION: "Exemptions: approved by another named person, the step is out of the count.",
}


def section_of_reasons(pack: LawPack) -> Iterator[str]:
    """Yield the closed list of reasons, those that explain before those that exempt."""
    yield "## Reasons people may claim"
    yield ""
    for purpose, lead in LEAD.items():
        mine = [reason for reason in pack.reasons.values() if reason.purpose is purpose]
        if mine:
            yield lead
            yield ""
            yield "| reason | words | for | needs | rests on |"
            yield "| --- | --- | --- | --- | --- |"
            yield from (row_of(reason) for reason in mine)
            yield ""


def row_of(reason: Reason) -> str:
    """Return the line of one reason."""
    words = f"{reason.names['zh-CN']} · {reason.names['en']}"
    return f"| `{reason.code}` | {words} | {scope_of(reason)} | {needs_of(reason)} | {source_of(reason)} |"


def scope_of(reason: Reason) -> str:
    """Say what a reason may be claimed for."""
    if reason.purpose is Purpose.EXEMPTION:
        return "a step whose article allows it"
    return ", ".join(f"`{kind}`" for kind in sorted(reason.kinds)) or "any finding"


def needs_of(reason: Reason) -> str:
    """Say what must be given with a reason."""
    needed = [word for word, is_needed in (("note", reason.needs_note), ("file", reason.needs_file)) if is_needed]
    return ", ".join(needed) or "–"


def source_of(reason: Reason) -> str:
    """Say what a reason rests on: the law's words, and who set it where it is policy."""
    law = f"{reason.article}: {reason.quote}" if reason.article else ""
    return "; ".join(filter(None, (law, reason.set_by)))
