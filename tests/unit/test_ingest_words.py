"""Every note that watching, reading claims and importing can make has words in both languages."""

import ast
import re
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

from evidence.case_numbers import NumberFault

ROOT = Path(__file__).parents[2]
DOMAINS = ("intake", "imports", "secrecy", "case_numbers")
CODE = re.compile(r"(intake|import)(\.[a-z_]+)+")


def emitted() -> set[str]:
    """Return the note codes that the sources write, the composed ones of imports as well."""
    codes: set[str] = set()
    for file in (
        file for room in ("ingest", "dashboard", "index", "transcode") for file in (ROOT / room).rglob("*.py")
    ):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and CODE.fullmatch(node.value):
                codes |= {node.value} - {"import.html"}  # a page
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                codes |= _of_call(node.func.id, node)
    unknown = [f"{what}_unknown" for what in ("officer", "device", "case", "profile")]
    codes |= {f"import.{code}" for code in (*unknown, "procedure_unknown", "midnight")}
    codes |= {f"import.cure.{code}" for code in (*unknown, "procedure", "procedure_near", "time", "zone", "midnight")}
    codes |= {f"import.{cure}{fault.value}" for fault in NumberFault for cure in ("", "cure.")}
    codes |= {"import.urgent_start_missing", "import.cure.urgent_start_missing"}
    codes |= {"import.encrypted", "import.cure.decrypt", "import.old_excel", "import.cure.save_as_xlsx"}
    return codes


def _of_call(name: str, node: ast.Call) -> set[str]:
    words = [arg.value for arg in node.args if isinstance(arg, ast.Constant) and isinstance(arg.value, str)]
    cures = [str(k.value.value) for k in node.keywords if k.arg == "cure" and isinstance(k.value, ast.Constant)]
    if name == "verdict" and cures:
        return {f"import.{words[-1]}", f"import.cure.{cures[0]}"} if words else set()
    if name == "CellRefusedError" and len(words) == 2:
        return {f"import.{words[0]}", f"import.cure.{words[1]}"}
    return {f"import.{words[0]}"} if name == "NotATimeError" and words else set()


@pytest.mark.parametrize("locale", ["zh-CN", "en"])
def test_every_code_has_words(locale: str) -> None:
    """A code without a sentence would be shown bare; a sentence without a code is dead."""
    catalogue = {code: text for domain in DOMAINS for code, text in words_of(locale, domain).items()}
    assert emitted() - set(catalogue) == set()
    assert set(words_of(locale, "intake")) - emitted() == set()
    assert all(catalogue.values())


def words_of(locale: str, domain: str) -> dict[str, str]:
    """Return the sentences of a catalogue."""
    with (ROOT / "dashboard" / "locales" / locale / f"{domain}.po").open("rb") as file:
        return {str(message.id): str(message.string) for message in read_po(file) if message.id}


def test_both_languages_name_the_same_parameters() -> None:
    """What one language names, the other does not leave out."""
    named = []
    for locale in ("zh-CN", "en"):
        with (ROOT / "dashboard" / "locales" / locale / "intake.po").open("rb") as file:
            named.append({m.id: set(re.findall(r"%\((\w+)\)s", str(m.string))) for m in read_po(file) if m.id})
    assert named[0] == named[1]
