"""Every sentence this room can say is in both languages, with the same parameters."""

import re
from pathlib import Path

from babel.messages.pofile import read_po

ROOT = Path(__file__).parents[2]
_CODE = re.compile(r'"((?:media|sound)\.[a-z_]+)"')
_PLACE = re.compile(r"%\((\w+)\)s")


def words(locale: str) -> dict[str, str]:
    """Return the room's catalogues of a locale."""
    texts: dict[str, str] = {}
    for domain in ("transcode.po", "sound.po"):
        with (ROOT / "dashboard" / "locales" / locale / domain).open("rb") as file:
            texts |= {str(message.id): str(message.string) for message in read_po(file) if message.id}
    return texts


def test_every_code_has_words_in_both_languages() -> None:
    """What the code says and what the catalogues hold are the same set."""
    said = {code for file in (ROOT / "transcode").glob("*.py") for code in _CODE.findall(file.read_text("utf-8"))}
    assert said == set(words("zh-CN")) == set(words("en"))


def test_both_languages_name_the_same_parameters() -> None:
    """A figure that one language shows, the other shows too."""
    chinese, english = words("zh-CN"), words("en")
    for code, sentence in english.items():
        assert sorted(_PLACE.findall(sentence)) == sorted(_PLACE.findall(chinese[code])), code
