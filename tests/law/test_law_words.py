"""Every sentence of clock, identity, links and findings exists in both languages and names what the code gives it."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

from config.law_packs import default_pack
from dashboard.texts import Texts
from evidence.claims import ClaimSource, OfficerSource
from evidence.clock.belief import SATELLITE
from evidence.notes import Note
from tests.support.law_cases import read_cases, run_case

ROOT = Path(__file__).parents[2]
LOCALES = ("zh-CN", "en")
DOMAINS = ("clock", "findings", "case_file")
OWN = re.compile(r"^(clock|identity|link|finding)\.")
ANY = r"[a-z_]+"


@dataclass(frozen=True)
class Call:
    """A place in the code that makes a note: a pattern of its code, and its parameters (None when unpacked)."""

    place: str
    pattern: str
    params: frozenset[str] | None


def catalogue(locale: str) -> dict[str, str]:
    """Return the sentences of the audit's own domains."""
    texts: dict[str, str] = {}
    for domain in DOMAINS:
        with (ROOT / "dashboard" / "locales" / locale / f"{domain}.po").open("rb") as file:
            texts |= {str(entry.id): str(entry.string) for entry in read_po(file) if entry.id}
    return texts


def placeholders(text: str) -> set[str]:
    """Return the names a sentence asks for."""
    return set(re.findall(r"%\((\w+)\)s", text))


def calls() -> Iterator[Call]:
    """Yield every note the core makes in these domains."""
    for file in sorted((ROOT / "evidence").glob("*.py")):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if not (isinstance(node, ast.Call) and ast.unparse(node.func) == "note" and node.args):
                continue
            pattern = pattern_of(node.args[0])
            if OWN.match(pattern.replace("\\", "")):
                names = [keyword.arg for keyword in node.keywords]
                params = None if None in names else frozenset(name for name in names if name)
                yield Call(f"{file.name}:{node.lineno}", pattern, params)


def pattern_of(code: ast.expr) -> str:
    """Return the code a note is made with, as a pattern where parts are filled in."""
    if isinstance(code, ast.Constant):
        return re.escape(str(code.value))
    if isinstance(code, ast.JoinedStr):
        return "".join(re.escape(str(part.value)) if isinstance(part, ast.Constant) else ANY for part in code.values)
    return ""


@pytest.mark.parametrize("locale", LOCALES)
def test_every_note_has_a_sentence(locale: str) -> None:
    """Each code in the core is in the catalogue, and its sentence asks for no more than the code gives."""
    texts = catalogue(locale)
    found = list(calls())
    assert len(found) > 40
    for call in found:
        sentences = [text for code, text in texts.items() if re.fullmatch(call.pattern, code)]
        assert sentences, f"{call.place}: {call.pattern}"
        if call.params is not None:
            # a code with a filled-in part may fit sentences of other notes as well
            fits = any if ANY in call.pattern else all
            assert fits(placeholders(text) <= call.params for text in sentences), call.place


def test_both_languages_say_the_same() -> None:
    """Both catalogues have the same codes and name the same parameters."""
    chinese, english = (catalogue(locale) for locale in LOCALES)
    assert chinese.keys() == english.keys()
    assert [code for code in chinese if placeholders(chinese[code]) != placeholders(english[code])] == []


@pytest.mark.parametrize("locale", LOCALES)
def test_every_source_has_its_words(locale: str) -> None:
    """Whatever source a statement comes from, and whatever an officer rests on, there is a sentence for it."""
    texts = catalogue(locale)
    spoken = [source for source in ClaimSource if source not in {ClaimSource.ARRIVAL, ClaimSource.REGISTER}]
    wanted = {f"clock.{stem}.{source}" for stem in ("blank", "not_set", "after_arrival", "agrees") for source in spoken}
    placing = [source for source in spoken if source is not ClaimSource.MTIME]
    wanted |= {f"clock.{stem}.{source}" for stem in ("from", "later", "earlier") for source in placing}
    wanted |= {f"clock.local_as_utc.{source}" for source in placing if source not in SATELLITE}
    wanted |= {f"link.officer_by_{source}" for source in OfficerSource}
    assert wanted - texts.keys() == set()


@pytest.mark.parametrize("locale", LOCALES)
def test_every_finding_of_the_table_reads_as_a_sentence(locale: str) -> None:
    """What the case table raises is printed in words, with nothing left unfilled."""
    texts, words = catalogue(locale), Texts(locale)
    for said in notes_of_cases():
        assert said.code in texts
        assert placeholders(texts[said.code]) <= said.params.keys(), said.code
        assert "%(" not in words.say(said)


def notes_of_cases() -> Iterator[Note]:
    """Yield every note that the case table brings out."""
    for case in read_cases():
        verdict = run_case(case, default_pack()).verdict
        yield from verdict.why
        for finding in verdict.findings:
            yield from (finding.what, finding.why, finding.cure)
