"""A case exported: a bag that proves itself to a bare interpreter; every tampering is named by both checks."""

import hashlib
import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from dashboard.commands import verify_pack
from evidence import merkle, tlog
from evidence.custody import EventType
from evidence.errors import IntegrityError, NotFoundError, UsageError
from evidence.ids import Digest
from storage import pack_verify
from storage.pack_check import check_pack
from storage.signing import fingerprint
from tests.support.index import step
from tests.support.packs import (
    TITLE,
    Named,
    PackHome,
    TestKey,
    by_house,
    by_verify,
    copy_of,
    flipped,
    forge,
    remanifest,
    run_verify,
)

ENTRY, PROOF = "data/ledger/entries", "data/ledger/proofs"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PackHome]:
    """A home with one case."""
    made = PackHome(tmp_path_factory.mktemp("home")).fill()
    yield made
    made.close()


@pytest.fixture(scope="module")
def exported(home: PackHome, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Its case file."""
    return home.export(tmp_path_factory.mktemp("out")).path


@pytest.fixture
def pack(exported: Path, tmp_path: Path) -> Path:
    """A copy of it to tamper with."""
    return copy_of(exported, tmp_path)


def stated(pack: Path) -> dict[str, object]:
    """Return what its pack.json says."""
    said: dict[str, object] = json.loads((pack / "data/pack.json").read_bytes())
    return said


def items(pack: Path) -> list[dict[str, object]]:
    """Return the items of its pack.json."""
    listed = stated(pack)["items"]
    assert isinstance(listed, list)
    return listed


def path_of(pack: Path, number: int) -> str:
    """Return where the original of an item lies."""
    return str(items(pack)[number - 1]["path"])


def both(pack: Path) -> Named:
    """Return what both checks find, which is the same."""
    found = by_verify(pack)
    assert by_house(pack) == found
    return found


# --- a good pack -----------------------------------------------------------------------------------------------------


def test_the_public_library_accepts_the_bag(exported: Path) -> None:
    """``bagit.py --validate`` of the Library of Congress calls it valid, and it declares BagIt 1.0."""
    command = [sys.executable, "-m", "bagit", "--quiet", "--validate", str(exported)]
    assert subprocess.run(command, check=False, capture_output=True, timeout=60).returncode == 0
    assert (exported / "bagit.txt").read_bytes().startswith(b"BagIt-Version: 1.0\n")
    assert f"External-Description: {TITLE}" in (exported / "bag-info.txt").read_text("utf-8")


def test_it_holds_for_both_checks(exported: Path) -> None:
    """An untouched pack has no difference for either, and both prove the same entries under the same key."""
    assert both(exported) == set()
    mine, house = pack_verify.check(str(exported)), check_pack(exported)
    assert (mine.key, mine.proven, mine.bag_sha256) == (house.key, house.proven, house.bag_sha256)
    assert [(name, size) for name, size, _ in mine.cosigned] == [(w.witness, w.size) for w in house.witnessed]
    assert mine.proven > 30


def test_a_bare_interpreter_accepts_it(exported: Path, home: PackHome) -> None:
    """verify.py runs isolated, without site packages, and says plainly where the key came from."""
    done = run_verify(exported, "--lang", "en")
    assert (done.returncode, done.stderr) == (0, "")
    assert "taken from the pack itself" in done.stdout
    assert "everything holds" in done.stdout
    with_key = run_verify(exported, "--lang", "zh", "--key", str(home.key.vkey))
    assert with_key.returncode == 0
    assert "签名公钥已与您给出的核对" in with_key.stdout
    assert "全部相符" in with_key.stdout


def test_the_key_may_be_typed_in_groups(exported: Path, home: PackHome) -> None:
    """A key typed from paper with the spaces it is printed with is the same key."""
    vkey = str(home.key.vkey)
    grouped = " ".join(vkey[at : at + 8] for at in range(0, len(vkey), 8))
    assert run_verify(exported, "--key", grouped).returncode == 0
    assert run_verify(exported, "--key", fingerprint(home.key.vkey).upper()).returncode == 0


def test_called_wrongly_it_ends_with_2(exported: Path, tmp_path: Path) -> None:
    """A key that is none, and a folder that is no pack, are a wrong call and no verdict."""
    assert run_verify(exported, "--key", "nonsense").returncode == 2
    command = [sys.executable, "-I", "-S", str(exported / "verify.py"), str(tmp_path)]
    assert subprocess.run(command, check=False, capture_output=True, timeout=60).returncode == 2


def test_its_json_has_the_documented_names(exported: Path) -> None:
    """verify.py --json prints the verdict as one object on one line."""
    said = json.loads(run_verify(exported, "--json").stdout)["verify_pack"]
    assert (said["ok"], said["case_no"], said["key_from"], len(said["items"])) == (True, "2026-001", "pack", 4)
    assert said["items"][1]["holds"] == ["original", "statement", "ledger", "sidecar", "playable", "link"]


def test_the_command_prints_what_the_verifier_prints(pack: Path) -> None:
    """`verify-pack --json` and verify.py --json say the same of a good pack and of a damaged one, words apart."""
    command = typer.Typer()
    command.command()(verify_pack.run)
    for damage in (None, _swapped):
        if damage:
            damage(pack)
        done = CliRunner().invoke(command, [str(pack), "--json", "--lang", "en"])
        assert done.exit_code == (1 if damage else 0)
        assert _wordless(done.stdout) == _wordless(run_verify(pack, "--json").stdout)


def _wordless(printed: str) -> dict[str, object]:
    said: dict[str, object] = json.loads(printed)["verify_pack"]
    differences = said["differences"]
    assert isinstance(differences, list)
    return {**said, "differences": [(one["code"], one["path"], one["items"]) for one in differences]}


def test_the_command_tells_people_in_both_languages(pack: Path) -> None:
    """`verify-pack` prints the table, the difference with what to do, and the warning about the key."""
    command = typer.Typer()
    command.command()(verify_pack.run)
    _original(pack)
    for lang, words in (("zh-CN", "存在不符"), ("en", "There are differences")):
        done = CliRunner().invoke(command, [str(pack), "--lang", lang])
        assert done.exit_code == 1
        assert words in done.stderr
        assert "33b794f4" in done.stdout
    refused = CliRunner().invoke(command, [str(pack), "--key", "nonsense"])
    assert isinstance(refused.exception, UsageError)


def test_originals_are_copies_and_not_links(exported: Path, home: PackHome) -> None:
    """An original in the pack has its bytes and its own place on the disk."""
    place = exported / path_of(exported, 1)
    assert hashlib.sha256(place.read_bytes()).hexdigest() == home.first
    assert place.stat().st_ino != home.vault.locate(home.first).stat().st_ino


def test_what_was_disposed_of_is_told_by_its_tombstone(exported: Path, home: PackHome) -> None:
    """An original that is gone has no file, and the entry of its disposal is in the pack, proven."""
    item = next(one for one in items(exported) if one["sha256"] == home.gone)
    assert item["path"] is None
    numbers = item["entries"]
    assert isinstance(numbers, list)
    events = {json.loads((exported / f"{ENTRY}/{number}.json").read_bytes())["event"] for number in numbers}
    assert EventType.DISPOSED in events


def test_a_playable_copy_names_its_parent(exported: Path, home: PackHome) -> None:
    """Beside a proxy lies what it was made from, by which tool and how."""
    copy = items(exported)[1]["playable_copy"]
    assert isinstance(copy, dict)
    about = json.loads((exported / copy["about"]).read_bytes())
    assert (about["parent"], about["tool"], about["parameters"]) == (home.second, "ffmpeg 7", {"height": "540"})


def test_the_ledger_hears_of_it_twice(exported: Path, home: PackHome) -> None:
    """One entry names the digest of pack.json and lies in the pack; the next the digest of the finished bag."""
    told = [json.loads(entry) for entry in home.entries()]
    first, last = (one for one in told if one["event"] == EventType.EXPORTED)
    listed = hashlib.sha256((exported / "data/pack.json").read_bytes()).hexdigest()
    bag = hashlib.sha256((exported / "tagmanifest-sha256.txt").read_bytes()).hexdigest()
    assert (first["subject"], first["detail"]["pack_sha256"], first["detail"]["items"]) == (listed, listed, 4)
    assert (last["subject"], last["detail"]["bag_sha256"], last["reason"]) == (bag, bag, "移送人民法院")
    assert (exported / f"{ENTRY}/{first['number']}.json").is_file()


def test_every_proof_is_one_of_the_standard(exported: Path) -> None:
    """Each entry has a tlog-proof that leads from its bytes to the signed root."""
    head = tlog.checkpoint_of(tlog.signed_note((exported / "data/ledger/checkpoint").read_bytes()))
    entries = sorted((exported / ENTRY).iterdir())
    for path in entries:
        proof = tlog.proof_from((exported / PROOF / f"{path.stem}.tlog-proof").read_bytes())
        merkle.check_inclusion(merkle.leaf_hash(path.read_bytes()), int(path.stem), head.size, proof.path, head.root)
    assert len(entries) == len(list((exported / PROOF).iterdir())) > 30


# --- tampering -------------------------------------------------------------------------------------------------------

Tamper = Callable[[Path], tuple[str, str]]
"""Changes a pack and returns the code and the path that have to be named."""


def _flip(pack: Path, path: str, at: int = 40) -> str:
    body = (pack / path).read_bytes()
    (pack / path).write_bytes(flipped(body, at % len(body)))
    return path


def _original(pack: Path) -> tuple[str, str]:
    return "item.original", _flip(pack, path_of(pack, 1))


def _truncated(pack: Path) -> tuple[str, str]:
    path = path_of(pack, 1)
    (pack / path).write_bytes((pack / path).read_bytes()[:-1])
    return "item.original", path


def _deleted(pack: Path) -> tuple[str, str]:
    path = path_of(pack, 1)
    (pack / path).unlink()
    return "item.missing", path


def _swapped(pack: Path) -> tuple[str, str]:
    one, two = pack / path_of(pack, 1), pack / path_of(pack, 2)
    first = one.read_bytes()
    one.write_bytes(two.read_bytes())
    two.write_bytes(first)
    return "item.original", path_of(pack, 2)


def _sidecar(pack: Path) -> tuple[str, str]:
    sidecars = items(pack)[0]["sidecars"]
    assert isinstance(sidecars, list)
    return "item.sidecar", _flip(pack, sidecars[0]["path"], 30)


def _playable(pack: Path) -> tuple[str, str]:
    copy = items(pack)[1]["playable_copy"]
    assert isinstance(copy, dict)
    return "item.playable", _flip(pack, copy["path"])


def _entry(pack: Path) -> tuple[str, str]:
    return "ledger.entry", _flip(pack, f"{ENTRY}/5.json", 9)


def _proof(pack: Path) -> tuple[str, str]:
    path = f"{PROOF}/5.tlog-proof"
    body = (pack / path).read_bytes()
    proof = tlog.proof_from(body)
    wrong = tlog.Proof(proof.index, (flipped(proof.path[0], 3), *proof.path[1:]), proof.checkpoint)
    (pack / path).write_bytes(wrong.to_bytes())
    return "ledger.proof", path


def _proof_of_another(pack: Path) -> tuple[str, str]:
    body = (pack / f"{PROOF}/6.tlog-proof").read_bytes()
    (pack / f"{PROOF}/5.tlog-proof").write_bytes(body)
    return "ledger.proof", f"{PROOF}/5.tlog-proof"


def _checkpoint(pack: Path) -> tuple[str, str]:
    return "ledger.checkpoint", _flip(pack, "data/ledger/checkpoint", 60)


def _checkpoint_by_another(pack: Path) -> tuple[str, str]:
    path = pack / "data/ledger/checkpoint"
    note = tlog.signed_note(path.read_bytes())
    path.write_bytes(TestKey(tlog.checkpoint_of(note).origin).sign(note.text).to_bytes())
    return "ledger.checkpoint", "data/ledger/checkpoint"


def _vkey(pack: Path) -> tuple[str, str]:
    return "ledger.key", _flip(pack, "data/ledger/log.vkey", 50)


def _cosigned(pack: Path) -> tuple[str, str]:
    path = next((pack / "data/ledger/cosigned").glob("*.note"))
    note = tlog.signed_note(path.read_bytes())
    other = TestKey("upper-bureau", tlog.Algorithm.COSIGNATURE)
    path.write_bytes(tlog.SignedNote(note.text, (note.signatures[0], other.signature(note.text))).to_bytes())
    return "ledger.cosignature", path.relative_to(pack).as_posix()


def _decision(pack: Path) -> tuple[str, str]:
    path = next((pack / "data/records/decisions").iterdir()).relative_to(pack).as_posix()
    return "record.decision", _flip(pack, path)


def _manifest(pack: Path) -> tuple[str, str]:
    return "bag.digest", _flip(pack, "manifest-sha256.txt", 10)


def _tag_manifest(pack: Path) -> tuple[str, str]:
    path = pack / "tagmanifest-sha256.txt"
    path.write_bytes(path.read_bytes() + b"\n")
    return "bag.manifest", "tagmanifest-sha256.txt"


def _added(pack: Path) -> tuple[str, str]:
    (pack / "data/originals/other.mp4").write_bytes(b"planted")
    return "bag.extra", "data/originals/other.mp4"


def _added_tag(pack: Path) -> tuple[str, str]:
    (pack / "fetch.txt").write_text("https://example.invalid/x 1 data/x\n", "utf-8")
    return "bag.extra", "fetch.txt"


def _verifier(pack: Path) -> tuple[str, str]:
    return "bag.digest", _flip(pack, "verify.py", 100)


def _paper(pack: Path) -> tuple[str, str]:
    return "bag.digest", _flip(pack, "data/custody-report.pdf", 500)


def _link(pack: Path) -> tuple[str, str]:
    path = pack / path_of(pack, 1)
    body = path.read_bytes()
    path.unlink()
    (pack / "elsewhere").write_bytes(body)
    path.symlink_to(pack / "elsewhere")
    return "item.missing", path_of(pack, 1)


TAMPERINGS: tuple[Tamper, ...] = (
    _original,
    _truncated,
    _deleted,
    _swapped,
    _sidecar,
    _playable,
    _entry,
    _proof,
    _proof_of_another,
    _checkpoint,
    _checkpoint_by_another,
    _vkey,
    _cosigned,
    _decision,
    _manifest,
    _tag_manifest,
    _added,
    _added_tag,
    _verifier,
    _paper,
    _link,
)


@pytest.mark.parametrize("tamper", TAMPERINGS, ids=lambda tamper: tamper.__name__.strip("_"))
def test_tampering_is_named_by_both(pack: Path, tamper: Tamper) -> None:
    """Each kind of damage is found by both checks, with the same code, file and items; the call ends with 1."""
    code, path = tamper(pack)
    found = both(pack)
    assert (code, path) in {(one, where) for one, where, _ in found}
    done = subprocess.run(
        [sys.executable, "-I", "-S", pack_verify.__file__, str(pack), "--lang", "zh"],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert (done.returncode, done.stderr) == (1, "")
    assert path in done.stdout


# --- forgers who know the format -------------------------------------------------------------------------------------


def _edited(change: Callable[[dict[str, object]], None]) -> Callable[[Path], None]:
    def edit(pack: Path) -> None:
        said = stated(pack)
        change(said)
        (pack / "data/pack.json").write_text(json.dumps(said, ensure_ascii=False), "utf-8")

    return edit


def _item_of(said: dict[str, object], number: int) -> dict[str, object]:
    listed = said["items"]
    assert isinstance(listed, list)
    found: dict[str, object] = listed[number - 1]
    return found


def _drop_last(said: dict[str, object]) -> None:
    listed, files = said["items"], said["files"]
    assert isinstance(listed, list)
    assert isinstance(files, dict)
    del files[listed.pop()["path"]]


EDITS = {
    "another source": (lambda said: _item_of(said, 1).update(source_path="other.mp4"), "item.entry"),
    "another station": (lambda said: _item_of(said, 1).update(station="东门站"), "item.entry"),
    "another officer": (lambda said: _item_of(said, 1).update(officer_name="某人"), "pack.unrecorded"),
    "another clock": (lambda said: _item_of(said, 1).update(clock="unknown"), "pack.unrecorded"),
    "a link nobody made": (
        lambda said: _item_of(said, 1).update(links=[{"case_no": "2026-001", "step_no": "2"}]),
        "item.link",
    ),
    "an original called disposed of": (lambda said: _item_of(said, 1).update(path=None), "item.tombstone"),
    "an item left out": (_drop_last, "pack.unrecorded"),
    "no JSON": (lambda said: said.update(kind="other"), "pack.malformed"),
}


@pytest.mark.parametrize("edit", EDITS)
def test_an_edited_list_is_found_under_new_manifests(pack: Path, edit: str) -> None:
    """Whoever edits pack.json and makes every manifest anew is found out by the ledger."""
    change, code = EDITS[edit]
    _edited(change)(pack)
    remanifest(pack)
    assert (code, "data/pack.json") in {(one, where) for one, where, _ in both(pack)}


@pytest.mark.parametrize(
    "tamper", [_original, _sidecar, _playable, _entry, _proof, _decision], ids=lambda t: t.__name__
)
def test_new_manifests_hide_nothing(pack: Path, tamper: Tamper) -> None:
    """Damage to what the ledger speaks of is found by both also when every manifest was made anew."""
    _, path = tamper(pack)
    remanifest(pack)
    found = {where for _, where, _ in both(pack)}
    assert found & {path, path.replace("proofs", "entries").replace("tlog-proof", "json")}


def test_a_removed_file_and_an_added_one_are_found_under_new_manifests(pack: Path) -> None:
    """pack.json answers for its files: one that it lists is missed, one that it does not list is extra."""
    (pack / "data/records/findings.json").unlink()
    (pack / "data/records/other.json").write_text("{}", "utf-8")
    remanifest(pack)
    named = {(code, path) for code, path, _ in both(pack)}
    assert named == {("pack.file", "data/records/findings.json"), ("pack.extra", "data/records/other.json")}


def test_a_wrong_oxum_alone_is_found(pack: Path) -> None:
    """A description that counts the payload otherwise, properly manifested, differs."""
    info = pack / "bag-info.txt"
    info.write_text(info.read_text("utf-8").replace("Payload-Oxum: ", "Payload-Oxum: 1"), "utf-8")
    manifest = pack / "tagmanifest-sha256.txt"
    lines = [line for line in manifest.read_text("utf-8").splitlines() if not line.endswith("bag-info.txt")]
    lines.append(f"{hashlib.sha256(info.read_bytes()).hexdigest()}  bag-info.txt")
    manifest.write_text("".join(f"{line}\n" for line in sorted(lines, key=lambda line: line[66:])), "utf-8")
    assert both(pack) == {("bag.oxum", "bag-info.txt", ())}


def test_a_pack_forged_as_a_whole_shows_against_the_key_from_paper(pack: Path, home: PackHome) -> None:
    """Signed anew by another key it holds only under that key: the witness and the key from paper both tell."""
    forger = forge(pack)
    everything = (1, 2, 3, 4)
    assert both(pack) == set()
    expected = {
        ("ledger.key", "data/ledger/log.vkey", everything),
        ("ledger.checkpoint", "data/ledger/checkpoint", everything),
    }
    found = by_verify(pack, str(home.key.vkey))
    assert expected <= found
    assert by_house(pack, home.key.vkey) == found
    assert by_verify(pack, str(forger.vkey)) == set()
    short = fingerprint(home.key.vkey).replace(" ", "")
    only_the_key = {("ledger.key", "data/ledger/log.vkey", everything)}
    assert by_verify(pack, short) == by_house(pack, short) == only_the_key


def test_a_checkpoint_of_two_keys_holds_under_either(pack: Path, home: PackHome) -> None:
    """While keys change, the checkpoint carries both signatures; who has the old key on paper can still check."""
    old = TestKey(home.key.name)
    ledger = pack / "data/ledger"
    body = tlog.signed_note((ledger / "checkpoint").read_bytes())
    signed = body.signed(old.signature(body.text)).to_bytes()
    (ledger / "checkpoint").write_bytes(signed)
    for path in (ledger / "proofs").iterdir():
        proof = tlog.proof_from(path.read_bytes())
        path.write_bytes(tlog.Proof(proof.index, proof.path, signed).to_bytes())
    remanifest(pack)
    assert both(pack) == set()
    assert by_verify(pack, str(old.vkey)) == by_house(pack, old.vkey) == set()


# --- refusals --------------------------------------------------------------------------------------------------------


@pytest.fixture
def fresh(tmp_path: Path) -> Iterator[PackHome]:
    """A home of its own, to damage."""
    (tmp_path / "home").mkdir()
    made = PackHome(tmp_path / "home").fill()
    yield made
    made.close()


def _damage(home: PackHome, digest: Digest) -> None:
    place = home.vault.locate(digest)
    place.chmod(0o644)
    place.write_bytes(flipped(place.read_bytes(), 7))


def test_a_damaged_original_is_refused_and_nothing_remains(fresh: PackHome, tmp_path: Path) -> None:
    """The original is named, the folder is as empty as before, and the ledger tells of no export."""
    _damage(fresh, fresh.second)
    with pytest.raises(IntegrityError, match=r"第二段\.avi"):
        fresh.export(tmp_path / "out")
    assert list((tmp_path / "out").iterdir()) == []
    assert not any(json.loads(entry)["event"] == EventType.EXPORTED for entry in fresh.entries())


def test_an_original_that_is_gone_without_a_tombstone_is_refused(fresh: PackHome, tmp_path: Path) -> None:
    """A missing original stops the export with its name."""
    fresh.vault.locate(fresh.first).unlink()
    with pytest.raises(IntegrityError, match=r"first\.MP4"):
        fresh.export(tmp_path / "out")


def test_a_damaged_tile_is_refused(fresh: PackHome, tmp_path: Path) -> None:
    """Proofs that would not lead to the signed root are never written."""
    fresh.seal()
    path = next(fresh.log.paths("tile/0"))
    seal = fresh.seal

    def seal_and_damage() -> None:
        seal()
        fresh.log.objects = {
            where: flipped(body, 40) if where.startswith("tile/0/") else body
            for where, body in fresh.log.objects.items()
        }

    fresh.seal = seal_and_damage  # type: ignore[method-assign] # the fault
    with pytest.raises(IntegrityError, match="ledger entry"):
        fresh.export(tmp_path / "out")
    assert path.startswith("tile/0/")
    assert list((tmp_path / "out").iterdir()) == []


def test_a_pack_of_that_name_is_never_written_over(fresh: PackHome, tmp_path: Path) -> None:
    """A second export on the same day says that the first is there, and leaves it alone."""
    made = fresh.export(tmp_path / "out").path
    before = sorted(path.relative_to(made) for path in made.rglob("*"))
    with pytest.raises(UsageError, match="is there already"):
        fresh.export(tmp_path / "out")
    assert sorted(path.relative_to(made) for path in made.rglob("*")) == before
    assert [path.name for path in (tmp_path / "out").iterdir()] == [made.name]


def test_an_unknown_case_is_refused(fresh: PackHome, tmp_path: Path) -> None:
    """No folder is made for a case that is not there."""
    with pytest.raises(NotFoundError):
        fresh.export(tmp_path / "out", case_no="no such case")
    assert not (tmp_path / "out").exists()


def test_a_case_without_footage_can_be_exported(fresh: PackHome, tmp_path: Path) -> None:
    """What is missing is evidence too: a pack without items holds, with the findings of the case."""
    fresh.world.steps(step("2026-009", window=(500, 510)))
    made = fresh.export(tmp_path / "out", case_no="2026-009", witnessed=False).path
    assert both(made) == set()
    assert len(json.loads((made / "data/records/findings.json").read_bytes())["findings"]) == 1
