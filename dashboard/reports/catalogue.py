"""The catalogue of a pack (卷内目录): what the file of the case holds and lacks, as a page for any browser.

Source: article 30 of the regulation; 档案法 (what is filed is listed).
"""

from functools import lru_cache, partial
from pathlib import Path
from urllib.parse import quote

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template

from dashboard.case_number_words import case_numbers
from dashboard.casefile_words import document_words, roles_words, signers_words, slot_name, summary
from dashboard.texts import Texts, visible
from evidence.file_views import CaseFileView
from evidence.packs import Pack

FOLDER = Path(__file__).parent


def catalogue(file: CaseFileView, pack: Pack, texts: Texts) -> bytes:
    """Return the page: it runs no script, fetches nothing, and its links lead to the files beside it."""
    paths = {item.clip.digest: item.path.removeprefix("data/") for item in pack.items if item.path}
    return (
        _template()
        .render(
            file=file,
            pack=pack,
            paths=paths,
            t=texts.t,
            texts=texts,
            summary=summary(texts, file),
            slot_name=partial(slot_name, texts),
            signers=partial(signers_words, texts),
            roles=partial(roles_words, texts),
            numbers_of=partial(case_numbers, texts),
            title_of=document_words,
            visible=visible,
            address=quote,
        )
        .strip()
        .encode()
    )


@lru_cache(maxsize=1)
def _template() -> Template:
    loader = FileSystemLoader(FOLDER)
    made = Environment(loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    return made.get_template("catalogue.html")
