"""Copies for parties in a house: the acts of its people, and the folder that is handed over."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import BinaryIO

from dashboard.case_number_words import case_numbers
from dashboard.texts import LOCALES, Texts
from dashboard.wiring import EVERY, House
from evidence.clips import Role
from evidence.copies import CopyRequest, Said, approved, handed_over, preparable, prepared, refused, requested
from evidence.custody import Actor, Entry, EventType
from evidence.ids import CaseNo, Digest
from evidence.packs import suffix_of
from evidence.ports import Transaction
from evidence.views import ClipFilter, ClipView
from index import copies
from index.decisions import Act, Decided
from index.holds import short_id
from storage.packs import PackFolder, Source, new_pack, require_room

MANIFEST, SHEET = "manifest-sha256.txt", "README.txt"
SUFFIXES = {"video/mp4": ".mp4", "audio/mp4": ".m4a", "image/jpeg": ".jpg"}
CURE = "run `evidock verify --deep`, and `evidock retry` where a playable copy is gone; then prepare again"


class CopyDesk:
    """Takes requests in and on."""

    def __init__(self, house: House) -> None:
        """Work for a house."""
        self._house = house

    def all(self, *, open_only: bool = False) -> Sequence[CopyRequest]:
        """Return requests, the newest first."""
        with self._house.register.reading() as session:
            return copies.copy_requests(session, open_only=open_only)

    def one(self, request_id: str) -> CopyRequest:
        """Return a request. Raises NotFoundError."""
        with self._house.register.reading() as session:
            return copies.copy_request(session, request_id)

    def request(self, asked: CopyRequest, actor: str, reason: str) -> str:
        """Take a request in; return its id. Raises UsageError, NotFoundError."""
        name = short_id("copies", asked.case_no, asked.applicant, self._house.clock().isoformat())

        def act(tx: Transaction, who: Actor, at: datetime) -> Decided:
            whole = replace(asked, request_id=name, requested=Said(who.name, reason, at))
            return copies.begin(tx, requested(whole), Act(copies.REQUEST, who, reason, at))

        self._house.human.take(actor, act)
        return name

    def approve(self, request_id: str, actor: str, reason: str, free: Sequence[Digest] = ()) -> None:
        """Grant a request. Raises UsageError, WithheldError."""
        wanted = self._wanted(self.one(request_id))

        def act(tx: Transaction, who: Actor, at: datetime) -> Decided:
            said, secrecy_of = Said(who.name, reason, at), self._house.library.secrecy_of_clip
            change = partial(approved, wanted=wanted, secrecy_of=secrecy_of, said=said, free=tuple(free))
            return copies.move(tx, request_id, change, Act(copies.APPROVE, who, reason, at))

        self._house.human.take(actor, act)

    def refuse(self, request_id: str, actor: str, reason: str) -> None:
        """Refuse a request. Raises UsageError."""
        self._house.human.take(
            actor,
            lambda tx, who, at: copies.move(
                tx,
                request_id,
                partial(refused, said=Said(who.name, reason, at)),
                Act(copies.REFUSE, who, reason, at),
            ),
        )

    def hand_over(self, request_id: str, receipt: str, receiver: str, actor: str, reason: str) -> None:
        """Close a request with its receipt. Raises UsageError."""
        self._house.human.take(
            actor,
            lambda tx, who, at: copies.move(
                tx,
                request_id,
                partial(handed_over, receipt=receipt, receiver=receiver, said=Said(who.name, reason, at)),
                Act(copies.HAND_OVER, who, reason, at),
            ),
        )

    def prepare(self, request_id: str, into: Path, actor: str, reason: str, *, originals: bool = False) -> Path:
        """Make the folder with the copies below ``into``; it is there whole, and in the ledger, or not at all.

        Raises:
            UsageError: not approved, or the folder is there. WithheldError: a clip was marked since. IntegrityError,
                StorageError: bytes are damaged or the disk refused; nothing is left there.
        """
        library, request = self._house.library, self.one(request_id)
        found = library.clips_by_digest(preparable(request, library.secrecy_of_clip))
        require_room(into, sum(clip.size_bytes for clip in found.values()))
        with new_pack(into, f"copies-{request_id}") as folder:
            for number, clip in enumerate(found.values(), 1):
                self._copy(folder, number, clip, originals=originals)
            listed = "".join(f"{digest}  {path}\n" for path, digest in folder.digests.items())
            manifest = folder.put(MANIFEST, listed.encode()).sha256
            folder.put(SHEET, self._sheet(request, list(found.values()), manifest).encode())
            self._record(request, list(found), manifest, actor, reason)
        return into / f"copies-{request_id}"

    # --- parts --------------------------------------------------------------------------------------------------------

    def _wanted(self, request: CopyRequest) -> tuple[Digest, ...]:
        hanging = self._house.library.clips(ClipFilter(case_no=CaseNo(request.case_no), limit=EVERY))
        there = [clip.digest for clip in hanging if clip.disposed_at is None]
        return tuple(one for one in there if not request.clips or one in request.clips)

    def _copy(self, folder: PackFolder, number: int, clip: ClipView, *, originals: bool) -> None:
        proxy = None if originals else clip.derivatives.get(Role.PROXY)
        about = Source(clip.source_path, CURE)
        if proxy is None:
            path = f"{number:03}-original{suffix_of(clip.source_path)}"
            folder.copy(path, lambda: self._house.vault.open(clip.digest), clip.digest, about, _unheard)
            return
        path = f"{number:03}-playable{SUFFIXES.get(proxy.media_type, '')}"
        folder.copy(path, lambda: self._derivative(proxy.digest), proxy.digest, about, _unheard)

    def _derivative(self, digest: Digest) -> BinaryIO:
        return Path(self._house.derivatives.locate(digest)).open("rb")

    def _sheet(self, request: CopyRequest, clips: Sequence[ClipView], manifest: str) -> str:
        """Return what the party reads, in Chinese and English."""
        return "\n".join(self._sheet_in(Texts(locale), request, clips, manifest) for locale in LOCALES)

    def _sheet_in(self, texts: Texts, request: CopyRequest, clips: Sequence[ClipView], manifest: str) -> str:
        number = case_numbers(texts, self._house.library.case(request.case_no).case)
        lines = [
            texts.t("copies.sheet.title", case_no=number, applicant=request.applicant),
            texts.t("copies.sheet.purpose", purpose=request.purpose, request=request.request_id),
            texts.t("copies.sheet.manifest", digest=manifest, file=MANIFEST),
        ]
        lines += [
            texts.t("copies.sheet.clip", number=f"{number:03}", recorded=texts.at(clip.clock.start), digest=clip.digest)
            for number, clip in enumerate(clips, 1)
        ]
        return "\n".join(lines) + "\n"

    def _record(self, request: CopyRequest, clips: Sequence[Digest], manifest: str, actor: str, reason: str) -> None:
        detail = {"case_no": request.case_no, "request_id": request.request_id, "originals": list(clips)}

        def act(tx: Transaction, who: Actor, at: datetime) -> Decided:
            self._house.catalogue.append(tx, Entry(EventType.EXPORTED, who, at, manifest, reason=reason, detail=detail))
            change = partial(prepared, manifest=manifest, said=Said(who.name, reason, at))
            return copies.move(tx, request.request_id, change, Act(copies.PREPARE, who, reason, at))

        self._house.human.take(actor, act)


def _unheard(_size_bytes: int) -> None:
    """Take note of no progress: copies are few and small."""
