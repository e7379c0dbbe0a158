"""The page that says, article by article, what a law pack asks for and what the program looks at.

``python -m dashboard.reports.law_coverage [FOLDER]`` prints it; ``docs/law-coverage.md`` is what it prints of the pack
that ships.
"""

import re
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from config.law_packs import default_pack, load_pack
from dashboard.reports.law_reasons import section_of_reasons
from dashboard.reports.law_words import day_of, documents_words, duty_words, limit_words, roles_words
from evidence.findings import FindingKind
from evidence.law import Citation, Deadline, LawPack, Necessity, Rule

HEAD = """# What the program checks, article by article

Made from the law pack by `python -m dashboard.reports.law_coverage > docs/law-coverage.md`; do not edit it by hand.
The Chinese words are the law's own; the English is ours and binds nobody. How the words are read, and what each kind of
finding means, stands in [law-reading.md](law-reading.md). Figures are the bureau's policy where they say so. An article
that is not listed asks for nothing that the program could look at.
"""
OF_A_SHARE = (
    FindingKind.NO_AV,
    FindingKind.LATE_START,
    FindingKind.EARLY_STOP,
    FindingKind.HOLE,
    FindingKind.NOT_CONTINUOUS_VIDEO,
    FindingKind.CLOCK_SHIFT_SUSPECTED,
    FindingKind.DOC_TIME_MISMATCH,
)
OF_A_COUNT = (FindingKind.NO_AV, FindingKind.CLOCK_SHIFT_SUSPECTED)
REFERENCE = re.compile(r"^(\D*)(\d+)?")


def page(pack: LawPack) -> str:
    """Return the page of a pack and its amendments, in Markdown."""
    parts = [HEAD, *section_of_versions(pack)]
    for article in articles_of(pack):
        parts += section_of_article(article, pack)
    parts += section_of_reasons(pack)
    parts += section_of_kinds(pack)
    return "\n".join(parts).rstrip() + "\n"


def section_of_versions(pack: LawPack) -> Iterator[str]:
    """Yield what the page is about: the pack, its force, its nights and its calendar."""
    until = f" to {day_of(pack.in_force_to)}" if pack.in_force_to else " on"
    force = f"from {day_of(pack.in_force_from)}{until}"
    yield f"**{pack.names['zh-CN']}** ({pack.names['en']}), `{pack.rule_version}`, {force}."
    for version in pack.later:
        yield f"Amended: `{version.rule_version}`, for acts from {day_of(version.in_force_from)} on."
    yield f"Working days and holidays: `{pack.calendar.calendar_id}`."
    if pack.night:
        night = pack.night
        yield f"Night: {night.begins:%H:%M} to {night.ends:%H:%M} ({night.set_by}; {night.reference})."
    yield ""


def articles_of(pack: LawPack) -> list[str]:
    """Return the articles that rules, time limits and findings rest on: the pack's own in order, then others."""
    named = [home_of(rule) for rule in pack.rules.values()]
    named += [base_of(limit.article) for limit in pack.deadlines.values()]
    named += [base_of(citation.article) for citation in pack.citations.values()]
    return sorted(dict.fromkeys(named), key=in_order)


def in_order(article: str) -> tuple[str, int]:
    """Return the place of an article: those of the pack by number, then those of other laws by law and number."""
    law, number = REFERENCE.match(article).groups()  # type: ignore[union-attr] # it matches everything
    return law, int(number or 0)


def base_of(article: str) -> str:
    """Return the article of a reference without its paragraph: ``28(4)+28末款`` is of 28."""
    return article.partition("(")[0].partition("+")[0]


def home_of(rule: Rule) -> str:
    """Return the article whose words on recording a procedure rests on: the last it names."""
    return base_of(rule.article.rpartition(";")[2])


def section_of_article(article: str, pack: LawPack) -> Iterator[str]:
    """Yield the section of one article: its words, its procedures, its time limits, the findings that cite it."""
    yield f"## {'Article ' if article.isdigit() else ''}{article}"
    yield ""
    yield from quoted(words_of(article, pack))
    for rule in pack.rules.values():
        if home_of(rule) == article:
            yield from paragraph_of(rule, pack)
    if limits := limits_apart(article, pack):
        yield "Time limits that it sets:"
        yield ""
        yield from (f"- {limit_words(limit, pack)}" for limit in limits)
        yield ""
    cited = [kind for kind, citation in pack.citations.items() if base_of(citation.article) == article]
    if cited:
        yield f"Cited by {listed(cited)}."
        yield ""


def limits_apart(article: str, pack: LawPack) -> list[Deadline]:
    """Return the time limits of an article that are of no procedure of its own."""
    mine = {rule.code for rule in pack.rules.values() if home_of(rule) == article}
    return [each for each in pack.deadlines.values() if base_of(each.article) == article and each.of not in mine]


def words_of(article: str, pack: LawPack) -> list[str]:
    """Return every passage of an article that the pack quotes, each once."""
    quotes = [rule.quote for rule in pack.rules.values() if home_of(rule) == article]
    quotes += [slot.quote for slot in pack.documents.values() if base_of(slot.article) == article]
    cited = [slot.signing for slot in pack.documents.values() if slot.signing]
    cited += [Citation(limit.article, limit.quote) for limit in pack.deadlines.values()]
    quotes += [each.quote for each in (*cited, *pack.citations.values()) if base_of(each.article) == article]
    return list(dict.fromkeys(filter(None, quotes)))


def quoted(quotes: Iterable[str]) -> Iterator[str]:
    """Yield passages as block quotes, followed by an empty line if there are any."""
    found = list(quotes)
    yield from "\n>\n".join(f"> {quote}" for quote in found).splitlines()
    if found:
        yield ""


def paragraph_of(rule: Rule, pack: LawPack) -> Iterator[str]:
    """Yield all that a procedure asks for, and what is looked at."""
    yield f"### `{rule.code}` {rule.names['zh-CN']} · {rule.names['en']}"
    yield ""
    yield f"- Article: {rule.article}"
    yield f"- Recording: {duty_words(rule)}"
    yield f"- Officers: {f'at least {rule.officers_min}' if rule.officers_min else 'no least number'}"
    yield from (f"- Document: {line}" for line in documents_words(rule, pack))
    yield from (f"- Time limit: {limit_words(limit, pack)}" for limit in limits_of(rule, pack))
    if rule.needs_witness:
        yield "- A witness is named or signs."
    if rule.day_only:
        yield "- Neither at night nor on a holiday, unless it could not wait."
    yield f"- Findings: {listed(kinds_of(rule, pack))}"
    yield ""


def limits_of(rule: Rule, pack: LawPack) -> list[Deadline]:
    """Return the time limits that run for each step of a procedure."""
    return [limit for limit in pack.deadlines.values() if limit.of == rule.code]


def kinds_of(rule: Rule, pack: LawPack) -> list[str]:
    """Return the kinds of findings that a step of a procedure may have."""
    slots = [pack.documents[slot] for slot in rule.documents if slot in pack.documents]
    is_asked = rule.duty.requires_footage
    asked: Mapping[FindingKind, object] = {
        FindingKind.EXEMPTION_NOT_ALLOWED: is_asked and not rule.exemption_allowed,
        FindingKind.OFFICER_LT2: rule.officers_min,
        FindingKind.OFFICER_NOT_IN_STEP: True,
        FindingKind.WITNESS_MISSING: rule.needs_witness,
        FindingKind.NIGHT_OR_HOLIDAY: rule.day_only,
        FindingKind.DOCUMENT_MISSING: any(slot.necessity is Necessity.ALWAYS for slot in slots),
        FindingKind.SIGNATURE_MISSING: any(slot.signers for slot in slots),
    }
    recorded = (OF_A_SHARE if rule.coverage and rule.coverage.min_share else OF_A_COUNT) if is_asked else ()
    limits = sorted({limit.kind for limit in limits_of(rule, pack)})
    return [kind.value for kind in (*recorded, *(kind for kind, wanted in asked.items() if wanted), *limits)]


def section_of_kinds(pack: LawPack) -> Iterator[str]:
    """Yield where each kind of finding comes from: the other way round."""
    found: dict[str, list[str]] = defaultdict(list)
    for rule in pack.rules.values():
        for kind in kinds_of(rule, pack):
            found[kind].append(rule.code)
    yield "## Kinds of findings and where they come from"
    yield ""
    yield "| kind | procedures | article cited |"
    yield "| --- | --- | --- |"
    every = set(pack.rules)
    for kind in FindingKind:
        codes = found[kind]
        places = ["every procedure" if set(codes) == every else listed(codes), of_case(kind, pack)]
        where = ", ".join(filter(None, places)) or "any recording"
        citation = pack.citations.get(kind)
        article = citation.article if citation else "that of the procedure, document or time limit"
        yield f"| `{kind}` | {where} | {article} |"
    yield ""
    yield f"Roles in which people sign: {roles_words()}."


def of_case(kind: FindingKind, pack: LawPack) -> str:
    """Say whether a kind is about the case as a whole; empty where it is not."""
    return "the case as a whole" if any(not each.of and each.kind is kind for each in pack.deadlines.values()) else ""


def listed(names: Iterable[str]) -> str:
    """Return names of the program as one list."""
    return ", ".join(f"`{name}`" for name in names)


if __name__ == "__main__":
    sys.stdout.write(page(load_pack(Path(sys.argv[1])) if len(sys.argv) > 1 else default_pack()))
