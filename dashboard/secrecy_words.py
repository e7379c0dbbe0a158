"""What exists of a confidential clip outside the vault's original, so that its secrecy officer can deal with it."""

from collections.abc import Callable

from dashboard.texts import Texts
from evidence.ids import Digest
from evidence.secrecy import Effect, stops
from evidence.views import ClipView, Library


def earlier(library: Library, clip: ClipView, in_second: Callable[[Digest], bool], texts: Texts) -> list[str]:
    """Return a sentence for each place where something was made before the mark: a mark takes nothing back."""
    if clip.secrecy is None:
        return []
    said = []
    if clip.derivatives and stops(clip.secrecy, Effect.PROCESSING):
        said.append(texts.t("secrecy.earlier.derivatives", count=len(clip.derivatives)))
    if stops(clip.secrecy, Effect.REPLICATION) and in_second(clip.digest):
        said.append(texts.t("secrecy.earlier.second_copy"))
    for told in library.exports_of(clip.digest):
        key = "secrecy.earlier.copy" if told.is_copy else "secrecy.earlier.export"
        said.append(texts.t(key, number=told.number, case_no=told.case_no, by=told.by, made_at=told.at))
    return said
