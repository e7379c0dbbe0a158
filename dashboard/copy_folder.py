"""The folder of copies that a party receives: what will lie in it, how much room it takes, and how it is written."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from dashboard.case_number_words import case_numbers
from dashboard.texts import LOCALES, Texts
from dashboard.wiring import House
from evidence.clips import Derivative, Role
from evidence.copies import CopiedFile, CopyFolder, CopyRequest
from evidence.ids import Digest
from evidence.packs import suffix_of
from evidence.views import ClipView
from storage.packs import ROOM_BYTES, Copied, PackFolder, Source, free_room, new_pack, require_room

MANIFEST, SHEET = "manifest-sha256.txt", "README.txt"
SUFFIXES = {"video/mp4": ".mp4", "audio/mp4": ".m4a", "image/jpeg": ".jpg"}
CURE = "run `evidock verify --deep`, and `evidock retry` where a playable copy is gone; then prepare again"


@dataclass(frozen=True)
class PlannedFile:
    """A file as it will lie in the folder. ``derivative``: what is copied for it; None: the original itself."""

    path: str
    clip: ClipView
    derivative: Derivative | None = None

    @property
    def digest(self) -> Digest:
        """SHA-256 of what is copied."""
        return self.derivative.digest if self.derivative else self.clip.digest

    @property
    def size_bytes(self) -> int:
        """How much is copied."""
        return self.derivative.size_bytes if self.derivative else self.clip.size_bytes


@dataclass(frozen=True)
class CopyPlan:
    """What will be copied where. ``free_bytes``: on that disk, when it was looked at."""

    folder: Path
    files: tuple[PlannedFile, ...]
    free_bytes: int

    @property
    def copied_bytes(self) -> int:
        """How much is copied."""
        return sum(one.size_bytes for one in self.files)

    @property
    def needed_bytes(self) -> int:
        """How much room it takes, with what goes beside it."""
        return self.copied_bytes + ROOM_BYTES

    @property
    def fits(self) -> bool:
        """Whether there is room."""
        return self.needed_bytes <= self.free_bytes


def planned(request_id: str, clips: Sequence[ClipView], into: Path, *, originals: bool) -> CopyPlan:
    """Return the plan of a folder below ``into``."""
    files = tuple(_planned(number, clip, originals=originals) for number, clip in enumerate(clips, 1))
    return CopyPlan(into / f"copies-{request_id}", files, free_room(into))


def _planned(number: int, clip: ClipView, *, originals: bool) -> PlannedFile:
    proxy = None if originals else clip.derivatives.get(Role.PROXY)
    if proxy is None:
        return PlannedFile(f"{number:03}-original{suffix_of(clip.source_path)}", clip)
    return PlannedFile(f"{number:03}-playable{SUFFIXES.get(proxy.media_type, '')}", clip, proxy)


def write_folder(
    house: House, request: CopyRequest, plan: CopyPlan, copied: Copied, record: Callable[[CopyFolder], None]
) -> CopyFolder:
    """Write the folder of a plan; ``record`` tells the ledger of it before it gets its name.

    Raises:
        UsageError: it is there. IntegrityError, StorageFullError, StorageError: bytes are damaged, or the disk refused;
            nothing is left there. What ``record`` raises.
    """
    require_room(plan.folder.parent, plan.copied_bytes)
    with new_pack(plan.folder.parent, plan.folder.name) as folder:
        for one in plan.files:
            _copy(house, folder, one, copied)
        listed = "".join(f"{digest}  {path}\n" for path, digest in folder.digests.items())
        manifest = folder.put(MANIFEST, listed.encode()).sha256
        folder.put(SHEET, "\n".join(_sheets(house, request, plan, manifest)).encode())
        made = CopyFolder(str(plan.folder), manifest, tuple(_copied(one) for one in plan.files))
        record(made)
    return made


def _sheets(house: House, request: CopyRequest, plan: CopyPlan, manifest: str) -> Iterator[str]:
    case = house.library.case(request.case_no).case
    for locale in LOCALES:
        texts = Texts(locale)
        yield sheet(texts, request, plan, manifest, case_numbers(texts, case))


def _copy(house: House, folder: PackFolder, one: PlannedFile, copied: Copied) -> None:
    def opened() -> BinaryIO:
        if one.derivative is None:
            return house.vault.open(one.clip.digest)
        return Path(house.derivatives.locate(one.derivative.digest)).open("rb")

    folder.copy(one.path, opened, one.digest, Source(one.clip.source_path, CURE), copied)


def _copied(one: PlannedFile) -> CopiedFile:
    return CopiedFile(one.path, one.digest, one.clip.digest, one.size_bytes)


def sheet(texts: Texts, request: CopyRequest, plan: CopyPlan, manifest: str, case_no: str) -> str:
    """Return what the party reads first, in one language. ``case_no``: the case's numbers, as people know them."""
    lines = [
        texts.t("copies.sheet.title", case_no=case_no, applicant=request.applicant),
        texts.t("copies.sheet.purpose", purpose=request.purpose, request=request.request_id),
        texts.t("copies.sheet.manifest", digest=manifest, file=MANIFEST),
    ]
    lines += [
        texts.t("copies.sheet.clip", number=one.path, recorded=texts.at(one.clip.clock.start), digest=one.clip.digest)
        for one in plan.files
    ]
    return "\n".join(lines) + "\n"
