"""What people fill into forms: their name, why, a reason of the list, and files."""

from fastapi import Request
from starlette.datastructures import FormData, UploadFile

from dashboard.handed_in import Stated, Upload
from dashboard.web.pages import clean_name, desk_of, is_person
from evidence.errors import UsageError
from evidence.notes import note

MOST_BYTES = 256 << 20
"""How large an upload may be, all its files together; larger files go through the command line."""

MOST_FILES, MOST_FIELDS = 20, 40


def asked_for(actor: str, reason: str) -> tuple[str, str]:
    """Return name and reason as they will be kept.

    Raises:
        UsageError: one of them is missing.
    """
    name, why = person_of(actor), reason.strip()
    if not why:
        words = "a decision needs a reason"
        raise UsageError(words, cure="say why in a sentence", reason=note("form.needs_reason"))
    return name, why


def person_of(actor: str) -> str:
    """Return the name of who decides, as it will be kept. Raises UsageError when it is nobody's."""
    name = clean_name(actor)
    if not is_person(name):
        words = "a decision needs the name of the person who takes it"
        raise UsageError(words, cure="fill in your own name", reason=note("form.needs_actor"))
    return name


def text_of(form: FormData, name: str) -> str:
    """Return a field's text, empty when there is none."""
    value = form.get(name)
    return value.strip() if isinstance(value, str) else ""


def require_size(request: Request, command: str) -> None:
    """Refuse an upload that is too large, or does not say how large it is, before it is read.

    ``command`` takes larger files.

    Raises:
        UsageError: with what to do instead.
    """
    stated = request.headers.get("content-length", "")
    if not (stated.isascii() and stated.isdigit() and int(stated) <= MOST_BYTES):
        texts = desk_of(request).reader(request).texts
        said = texts.t("casefile.too_large", most=texts.size(MOST_BYTES))
        raise UsageError(said, cure=command)


def name_in(form: FormData) -> str:
    """Return in whose name a form is sent. Raises UsageError when it is nobody's."""
    return person_of(text_of(form, "actor"))


def stated_in(form: FormData) -> Stated:
    """Return the reason of the list that a form states, with note and files."""
    return Stated(text_of(form, "code"), text_of(form, "note"), files_in(form))


def files_in(form: FormData) -> tuple[Upload, ...]:
    """Return the files that were chosen; an empty field is none."""
    sent = [one for one in form.getlist("file") if isinstance(one, UploadFile) and one.filename]
    return tuple(Upload(one.filename or "", one.file) for one in sent)
