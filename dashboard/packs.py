"""Making the case file of a case: gathered, copied, told to the ledger, proven, checked, and only then given its name.

The ledger hears of it twice. Before the proofs are made an entry names the digest of pack.json, and goes into the
pack: nobody can add, remove or describe an item otherwise afterwards. When the bag is whole, a second one names the
digest of its tag manifest, by which the house knows the pack again.
"""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO

from dashboard.case_number_words import case_numbers
from dashboard.pack_contents import Contents, PackRooms, contents_of, proxy_of
from dashboard.reports.catalogue import catalogue
from dashboard.reports.cover_sheet import Vouched, cover_sheet
from dashboard.reports.custody_report import custody_report
from dashboard.reports.fonts import Fonts, find_fonts
from dashboard.texts import DEFAULT_LOCALE, LOCALES, Texts
from dashboard.version import program_version
from evidence.custody import Actor, Entry, EventType
from evidence.errors import IntegrityError
from evidence.file_views import casefile_json
from evidence.ids import CaseNo, Digest
from evidence.marker_views import chapters, mark_json, marks_csv
from evidence.packs import (
    CATALOGUE,
    CHAPTERS,
    CHECKPOINT,
    COSIGNED,
    COVER_SHEET,
    CUSTODY_REPORT,
    DECISIONS,
    LOG_KEY,
    PACK,
    PLAYABLE,
    README,
    RECORDS,
    SIDECARS,
    VERIFIER,
    WITNESSES,
    Pack,
    PackItem,
    PlayableCopy,
    SealedDecision,
    entry_path,
    folder_name,
    json_bytes,
    proof_path,
)
from evidence.ports import Report
from evidence.secrecy import Effect, permit
from evidence.views import finding_json, link_json, step_json
from evidence.zones import beijing
from storage import pack_verify
from storage.pack_check import check_pack
from storage.packs import (
    Copied,
    PackFolder,
    SealedHead,
    Source,
    cosigned,
    new_pack,
    newest_cosigned,
    proofs,
    require_room,
    sealed_head,
)

COPYING, CHECKING = 0.6, 0.4
"""Share of the work that copying is, and checking the finished pack."""

SUFFIXES = {"video/mp4": ".mp4", "audio/mp4": ".m4a", "image/jpeg": ".jpg"}
LANGUAGE_SUFFIX = {"zh-CN": "", "en": "-en"}
ORIGINAL_CURE = "run `evidock verify --deep`, restore it from a copy, and export again"


@dataclass(frozen=True)
class Exported:
    """A pack that was made. ``entry``: of the ledger, with ``bag_sha256``; ``checkpoint``: its size and root."""

    path: Path
    case_no: str
    items: int
    size_bytes: int
    bag_sha256: str
    entry: int
    checkpoint_size: int
    checkpoint_root: str
    key: str


def export_case(rooms: PackRooms, case_no: str, into: Path, actor: Actor, reason: str, report: Report) -> Exported:
    """Make the case file of a case in a new folder below ``into``.

    Raises:
        WithheldError: confidentiality forbids it. NotFoundError: no such case.
        UsageError: there is a pack of that name already.
        IntegrityError: an original, a derivative, a record or the ledger is damaged; nothing is left there.
        StorageFullError, StorageError: the disk refused; nothing is left there. ToolMissingError: no Chinese font.
    """
    permit(rooms.library.secrecy_of_case(CaseNo(case_no)), Effect.EXPORT, case_no)
    fonts = find_fonts()
    rooms.seal()
    contents = contents_of(rooms, case_no, actor, reason, f"evidock {program_version()}")
    require_room(into, contents.copied_bytes)
    with new_pack(into, folder_name(contents.pack.case.number, contents.pack.made_at)) as folder:
        return replace(_write(rooms, contents, folder, fonts, actor, report), path=into / _name(contents.pack))


def _name(pack: Pack) -> str:
    return folder_name(pack.case.number, pack.made_at)


def _write(
    rooms: PackRooms, contents: Contents, folder: PackFolder, fonts: Fonts, actor: Actor, report: Report
) -> Exported:
    """Fill the folder, tell the ledger, prove, check, and tell the ledger again."""
    copied = _counted(contents.copied_bytes, lambda share: report(share * COPYING))
    pack = _with_files(rooms, contents, folder, copied)
    _write_records(folder, pack)
    _write_catalogue(folder, contents, pack)
    for locale in LOCALES:
        texts = Texts(locale)
        told = {item.number: contents.told(item.entries) for item in pack.items}
        body = custody_report(pack, told, contents.told(pack.entries), texts, fonts)
        folder.put(f"{CUSTODY_REPORT}{LANGUAGE_SUFFIX[locale]}.pdf", body)
    pack = pack.with_files({path: digest for path, digest in folder.digests.items() if path.startswith("data/")})
    listed = folder.put(PACK, pack.to_bytes(Texts().say))
    named = {"case_no": pack.case.case_no, "items": len(pack.items), "pack_sha256": listed.sha256}
    what = {**named, "originals": [item.clip.digest for item in pack.items if item.path]}
    rooms.record(_exported(rooms, actor, pack, listed.sha256, what))
    head = _write_ledger(rooms, contents, folder, listed.sha256)
    bag_sha256 = _finish(folder, pack, head, rooms, fonts)
    _check(folder, rooms, lambda share: report(COPYING + share * CHECKING))
    number = rooms.record(_exported(rooms, actor, pack, bag_sha256, {**named, "bag_sha256": bag_sha256}))
    checkpoint = head.checkpoint
    return Exported(
        path=folder.root,
        case_no=pack.case.case_no,
        items=len(pack.items),
        size_bytes=sum(folder.sizes.values()),
        bag_sha256=bag_sha256,
        entry=number,
        checkpoint_size=checkpoint.size,
        checkpoint_root=checkpoint.root.hex(),
        key=str(rooms.vkey),
    )


def _exported(rooms: PackRooms, actor: Actor, pack: Pack, subject: str, detail: dict[str, object]) -> Entry:
    return Entry(EventType.EXPORTED, actor, rooms.clock(), subject, reason=pack.reason, detail=detail)


def _counted(total_bytes: int, report: Report) -> Copied:
    done = 0

    def copied(size_bytes: int) -> None:
        nonlocal done
        done += size_bytes
        report(min(1.0, done / max(1, total_bytes)))

    return copied


# --- files -----------------------------------------------------------------------------------------------------------


def _with_files(rooms: PackRooms, contents: Contents, folder: PackFolder, copied: Copied) -> Pack:
    """Copy originals, playable copies and sealed records; return the pack with where they lie."""
    items = tuple(_copied(rooms, contents, folder, item, copied) for item in contents.pack.items)
    decisions = tuple(
        SealedDecision(number, folder.put(f"{DECISIONS}/{name}", body))
        for number, (name, body) in sorted(contents.decisions.items())
    )
    return replace(contents.pack, items=items, decisions=decisions)


def _copied(rooms: PackRooms, contents: Contents, folder: PackFolder, item: PackItem, copied: Copied) -> PackItem:
    digest = item.clip.digest
    if item.path:
        about = Source(item.clip.source_path, ORIGINAL_CURE)
        folder.copy(item.path, lambda: rooms.vault.open(digest), digest, about, copied)
    sidecars = [folder.put(f"{SIDECARS}/{name}", body) for name, body in contents.sidecars.get(digest, {}).items()]
    return replace(item, sidecars=tuple(sidecars), playable=_playable(rooms, folder, item, copied))


def _playable(rooms: PackRooms, folder: PackFolder, item: PackItem, copied: Copied) -> PlayableCopy | None:
    made = proxy_of(item)
    if made is None:
        return None
    path = f"{PLAYABLE}/{item.name}{SUFFIXES.get(made.media_type, '')}"
    about = Source(f"playable copy of {item.clip.source_path}", f"make it again: evidock retry {item.clip.digest[:12]}")
    folder.copy(path, lambda: _opened(rooms, made.digest), made.digest, about, copied)
    copy = PlayableCopy(path, f"{PLAYABLE}/{item.name}.json", made)
    folder.put(copy.about, json_bytes(copy.statement()))
    return copy


def _opened(rooms: PackRooms, digest: Digest) -> BinaryIO:
    return Path(rooms.derivatives.locate(digest)).open("rb")


def _write_records(folder: PackFolder, pack: Pack) -> None:
    """Write what the register says of the case, in Chinese sentences, under the names of docs/interfaces.md."""
    say = Texts().say
    listed: dict[str, list[dict[str, object]]] = {
        "steps": [step_json(step, say) for step in pack.steps],
        "links": [link_json(link, say) for step in pack.steps for link in step.links],
        "findings": [finding_json(finding, say) for finding in pack.findings],
    }
    for name, rows in listed.items():
        folder.put(f"{RECORDS}/{name}.json", json_bytes({name: rows}))
    if pack.marks:
        _write_marks(folder, pack)


def _write_marks(folder: PackFolder, pack: Pack) -> None:
    """Write what reviewers marked as JSON and CSV, and the marks that stand as chapters of each item."""
    folder.put(f"{RECORDS}/marks.json", json_bytes({"marks": [mark_json(one) for one in pack.marks]}))
    folder.put(f"{RECORDS}/marks.csv", f"\ufeff{marks_csv(pack.marks, DEFAULT_LOCALE)}".encode())
    for item in pack.items:
        mine = [one for one in pack.marks if one.mark.digest == item.clip.digest and one.mark.withdrawn_at is None]
        if mine:
            length_s = item.clip.decoded_duration_s or item.clip.duration_s
            folder.put(f"{CHAPTERS}/{item.name}.vtt", chapters(mine, length_s, DEFAULT_LOCALE).encode())


def _write_catalogue(folder: PackFolder, contents: Contents, pack: Pack) -> None:
    """Write the list of the case file (article 30): for programs, and in both languages for people."""
    paths = {item.clip.digest: item.path for item in pack.items if item.path}
    listed = {"casefile": casefile_json(contents.file, Texts().say), "paths": paths}
    folder.put(f"{CATALOGUE}.json", json_bytes(listed))
    for locale in LOCALES:
        body = catalogue(contents.file, pack, Texts(locale))
        folder.put(f"{CATALOGUE}{LANGUAGE_SUFFIX[locale]}.html", body)


# --- the ledger's part -----------------------------------------------------------------------------------------------


def _write_ledger(rooms: PackRooms, contents: Contents, folder: PackFolder, pack_sha256: str) -> SealedHead:
    """Write key, checkpoint, cosignatures, and every entry with its proof; return the head they lead to."""
    told = {entry.number: entry.canonical for entry in rooms.library.ledger(subject=pack_sha256)}
    entries = sorted({**contents.entries, **told}.items())
    head = sealed_head(rooms.log)
    folder.put(LOG_KEY, f"{rooms.vkey}\n".encode())
    folder.put(CHECKPOINT, head.note)
    for number, canonical in entries:
        folder.put(entry_path(number), canonical)
    for number, proof in proofs(rooms.log, head, entries):
        folder.put(proof_path(number), proof)
    if rooms.witnesses:
        folder.put(WITNESSES, "".join(f"{key}\n" for key in rooms.witnesses).encode())
    for name, note, consistency in cosigned(rooms.log, head, newest_cosigned(rooms.log, rooms.witnesses)):
        folder.put(f"{COSIGNED}/{name}.note", note)
        if consistency is not None:
            folder.put(f"{COSIGNED}/{name}.consistency", consistency)
    return head


def _finish(folder: PackFolder, pack: Pack, head: SealedHead, rooms: PackRooms, fonts: Fonts) -> str:
    """Write cover sheets, verifier and README, and close the bag; return its fingerprint."""
    verifier = folder.put(VERIFIER, Path(pack_verify.__file__).read_bytes())
    seen = [path for path in folder.digests if path.startswith(f"{COSIGNED}/") and path.endswith(".note")]
    vouched = Vouched(str(rooms.vkey), head.checkpoint, verifier.sha256, witnessed=len(seen))
    for locale in LOCALES:
        body = cover_sheet(pack, vouched, Texts(locale), fonts)
        folder.put(f"{COVER_SHEET}{LANGUAGE_SUFFIX[locale]}.pdf", body)
    folder.put(README, readme(pack).encode())
    return folder.close(
        {
            "Source-Organization": pack.case.unit,
            "Bagging-Date": f"{beijing(pack.made_at):%Y-%m-%d}",
            "External-Identifier": pack.case.number,
            **({"Internal-Sender-Identifier": pack.case.former_no} if pack.case.former_no else {}),
            "External-Description": pack.case.title,
            "Contact-Name": pack.made_by,
            "Bag-Software-Agent": pack.tool,
        }
    )


def readme(pack: Pack) -> str:
    """Return what a clerk reads first, in Chinese and English."""
    return "\n".join(
        texts.t("export.readme", case_no=case_numbers(texts, pack.case), items=len(pack.items)).strip() + "\n"
        for texts in map(Texts, LOCALES)
    )


def _check(folder: PackFolder, rooms: PackRooms, report: Report) -> None:
    """Read everything back; a pack that would not hold in court is not handed out."""
    found = check_pack(folder.root, rooms.vkey, report).differences
    if found:
        raise IntegrityError(
            f"the finished pack does not hold ({found[0].kind.value}); it was thrown away",
            subject=found[0].path,
            cure="check the disk it was written to and run `evidock verify --deep`, then export again",
        )
