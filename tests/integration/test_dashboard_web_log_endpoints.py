"""The ledger over HTTP: what its format knows, byte for byte, and the one post that is taken."""

import gzip
import hashlib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from dashboard.web.app import create_app
from dashboard.web.routes_log import accepts_gzip
from evidence.merkle import check_inclusion, leaf_hash
from evidence.tlog import (
    Algorithm,
    SignedNote,
    bundle_path,
    checkpoint_of,
    from_bundle,
    proof_from,
    signed_note,
    tile_path,
)
from storage.key_files import new_signer
from storage.signing import Signer, verify_ed25519
from tests.support.watched import WatchedLog, entry
from tests.support.web import World

SIZE = 256 * 3 + 44


@pytest.fixture(name="home")
def _home(tmp_path: Path) -> WatchedLog:
    home = WatchedLog(tmp_path / "home")
    home.grow(SIZE)
    return home


@pytest.fixture(name="client")
def _client(home: WatchedLog) -> Iterator[TestClient]:
    services = replace(World().services(), log=home.log, take_cosigned=home.take_cosigned)
    with TestClient(create_app(services), base_url="http://127.0.0.1:8800") as client:
        yield client


@pytest.fixture(name="witness")
def _witness(home: WatchedLog) -> Signer:
    signer = new_signer("witness/upper-bureau", Algorithm.COSIGNATURE)
    home.witnesses.append(signer.vkey)
    return signer


def cosigned(note: SignedNote, *signers: Signer, at: int = 1_800_000_000) -> bytes:
    """Return a note with cosignatures."""
    for signer in signers:
        note = note.signed(signer.cosign(note.text, at))
    return note.to_bytes()


# --- reading ----------------------------------------------------------------------------------------------------------


def test_the_checkpoint_is_never_kept(client: TestClient, home: WatchedLog) -> None:
    """The newest checkpoint comes as it lies there, as text, and no cache may hold it."""
    answer = client.get("/log/checkpoint")
    assert answer.content == home.log.read("checkpoint")
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("path", ["tile/0/000", "tile/0/003.p/44", "tile/1/000.p/3"])
def test_a_tile_is_kept_for_ever(client: TestClient, home: WatchedLog, path: str) -> None:
    """A tile comes byte for byte, under a header that says it will never change."""
    answer = client.get(f"/log/{path}")
    assert answer.content == home.log.read(path)
    assert answer.headers["content-type"] == "application/octet-stream"
    assert "immutable" in answer.headers["cache-control"]


@pytest.mark.parametrize(("accepted", "coding"), [("gzip", "gzip"), ("identity", None), ("gzip;q=0, br", None)])
def test_a_bundle_is_compressed_when_asked(
    client: TestClient, home: WatchedLog, accepted: str, coding: str | None
) -> None:
    """A bundle comes gzipped to who accepts that, plain to others, and caches are told so."""
    with client.stream("GET", "/log/tile/entries/001", headers={"Accept-Encoding": accepted}) as answer:
        raw = b"".join(answer.iter_raw())
    assert answer.headers.get("content-encoding") == coding
    assert answer.headers["vary"] == "Accept-Encoding"
    plain = gzip.decompress(raw) if coding else raw
    assert plain == home.log.read("tile/entries/001")
    assert from_bundle(plain)[0] == entry(256)


def test_a_superseded_partial_tile_is_still_answered(client: TestClient, home: WatchedLog) -> None:
    """Who read an older checkpoint gets the narrower tiles it needs, as prefixes of what has replaced them."""
    was = {path: client.get(f"/log/{path}").content for path in ("tile/0/003.p/44", "tile/entries/003.p/44")}
    home.grow(10)  # wider partial ones
    assert list(home.log.paths("tile/0/003.p")) == ["tile/0/003.p/54"]
    assert {path: client.get(f"/log/{path}").content for path in was} == was
    home.grow(300)  # full ones
    assert list(home.log.paths("tile/0/003.p")) == []
    assert {path: client.get(f"/log/{path}").content for path in was} == was
    assert client.get("/log/tile/1/000.p/3").content == home.log.read("tile/1/000.p/4")[: 3 * 32]


@pytest.mark.parametrize(
    "path",
    [
        "",
        "tile/0/0",
        "tile/0/0000",
        "tile/00/000",
        "tile/64/000",
        "tile/0/x000/000",
        "tile/0/x001",
        "tile/0/000.p/0",
        "tile/0/000.p/256",
        "tile/0/000.p/044",
        "tile/0/003",
        "tile/0/003.p/45",
        "tile/0/004.p/1",
        "tile/2/000",
        "tile/entries/003",
        "tile/entries/999",
        "tile/data/000",
        "tile/0/00٠",
        "tile/0/000/",
        "tile/0/..%2f..%2fcheckpoint",
        "..%2f..%2f..%2fkeys/ledger.key",
        "keys/ledger.key",
        "keys/00000000.vkey",
        "cosigned/",
        "cosigned/x.note",
        "stamped/000000000001.0000000000000000.tsr",
    ],
)
def test_what_the_format_does_not_know_is_not_there(client: TestClient, path: str) -> None:
    """Other spellings, other widths, private keys and everything else are answered 404, with a sentence."""
    answer = client.get(f"/log/{path}")
    assert answer.status_code == 404
    assert answer.headers["content-type"].startswith("text/plain")
    assert answer.text.strip()


def test_the_key_in_use_is_shown(client: TestClient, home: WatchedLog) -> None:
    """/log/key shows the verifier key; during a change both, the new one first; each also lies under keys/."""
    assert client.get("/log/key").text == f"{home.keys.vkey}\n"
    old, new = home.change_key()
    assert client.get("/log/key").text == f"{new}\n{old}\n"
    assert client.get(f"/log/keys/{old.key_id.hex()}.vkey").text == f"{old}\n"


def test_a_head_request_has_the_length_and_no_body(client: TestClient) -> None:
    """HEAD is answered like GET, without the bytes."""
    answer = client.head("/log/tile/0/000")
    assert (answer.status_code, answer.headers["content-length"], answer.content) == (200, "8192", b"")


def test_a_damaged_tile_is_an_error_not_a_tile(client: TestClient, home: WatchedLog) -> None:
    """A tile that lies there short is never answered with what is left of it."""
    place = home.ledger / "tile/0/001"
    place.chmod(0o644)
    place.write_bytes(b"\0" * 100)
    answer = client.get("/log/tile/0/001")
    assert answer.status_code == 500
    assert "not there in full" in answer.text


def test_every_tile_that_the_tree_has_is_served(client: TestClient) -> None:
    """All full and partial tiles and bundles of this size are there, by the arithmetic of the format."""
    full = [tile_path(0, at) for at in range(3)] + [bundle_path(at) for at in range(3)]
    partial = [tile_path(0, 3, 44), bundle_path(3, 44), tile_path(1, 0, 3)]
    assert [client.get(f"/log/{path}").status_code for path in full + partial] == [200] * 9


def test_a_home_without_a_log_says_so() -> None:
    """Pages that were given no log answer 404, to readers and witnesses."""
    client = TestClient(create_app(World().services()), base_url="http://127.0.0.1:8800")
    assert client.get("/log/checkpoint").status_code == 404
    assert client.post("/log/cosigned", content=b"x").status_code == 404


@pytest.mark.parametrize(
    ("header", "accepted"),
    [
        ("", False),
        ("gzip", True),
        ("GZIP;q=0.5", True),
        ("br, gzip", True),
        ("*", True),
        ("*;q=0", False),
        ("gzip; q=0", False),
        ("identity", False),
        (";;,", False),
    ],
)
def test_an_accept_encoding_header_is_read(header: str, accepted: bool) -> None:
    """Compressed bytes are sent only where the header allows it."""
    assert accepts_gzip(header) is accepted


# --- cosignatures -----------------------------------------------------------------------------------------------------


def test_a_cosigned_checkpoint_is_kept(client: TestClient, home: WatchedLog, witness: Signer) -> None:
    """A known witness's note is stored under its size and digest, and shown as the newest."""
    answer = client.post("/log/cosigned", content=cosigned(home.newest, witness))
    assert answer.status_code == 201, answer.text
    path = answer.json()["path"]
    body = home.log.read(path)
    assert path == f"cosigned/{SIZE:012}.{hashlib.sha256(body).hexdigest()[:16]}.note"
    note = signed_note(body)
    assert note.is_signed_by(witness.vkey, verify_ed25519)
    assert note.is_signed_by(home.keys.vkey, verify_ed25519)
    assert client.get("/log/cosigned/").content == body == client.get(f"/log/{path}").content


def test_the_same_cosignature_again_changes_nothing(client: TestClient, home: WatchedLog, witness: Signer) -> None:
    """A witness that sends its note again, or signs the same checkpoint anew, is thanked and nothing is added."""
    client.post("/log/cosigned", content=cosigned(home.newest, witness))
    stored = list(home.log.paths("cosigned"))
    again = [client.post("/log/cosigned", content=cosigned(home.newest, witness, at=at)) for at in (1_800_000_000, 9)]
    assert [answer.status_code for answer in again] == [200, 200]
    assert list(home.log.paths("cosigned")) == stored


def test_an_earlier_checkpoint_is_kept_too(client: TestClient, home: WatchedLog, witness: Signer) -> None:
    """The ledger may have grown since the witness looked: its checkpoint still counts."""
    note = home.newest
    home.grow(500)
    assert client.post("/log/cosigned", content=cosigned(note, witness)).status_code == 201


def test_two_witnesses_stand_on_the_newest_note(client: TestClient, home: WatchedLog, witness: Signer) -> None:
    """The newest note carries the cosignatures of all who saw that size."""
    other = new_signer("witness/court", Algorithm.COSIGNATURE)
    home.witnesses.append(other.vkey)
    for signer in (witness, other):
        assert client.post("/log/cosigned", content=cosigned(home.newest, signer)).status_code == 201
    note = signed_note(client.get("/log/cosigned/").content)
    assert all(note.is_signed_by(signer.vkey, verify_ed25519) for signer in (witness, other))


def test_what_a_stranger_added_is_left_out(client: TestClient, home: WatchedLog, witness: Signer) -> None:
    """A note is kept with the signatures that hold and are known; lines of others do not get into the vault."""
    stranger = new_signer("witness/stranger", Algorithm.COSIGNATURE)
    path = client.post("/log/cosigned", content=cosigned(home.newest, stranger, witness)).json()["path"]
    assert [made.name for made in signed_note(home.log.read(path)).signatures] == [home.keys.origin, witness.name]


def test_an_unknown_witness_is_told_the_cure(client: TestClient, home: WatchedLog) -> None:
    """A witness the settings do not name is refused, by name and key id, with the setting that would admit it."""
    stranger = new_signer("witness/stranger", Algorithm.COSIGNATURE)
    answer = client.post("/log/cosigned", content=cosigned(home.newest, stranger))
    assert answer.status_code == 403
    assert f"witness/stranger (key id {stranger.vkey.key_id.hex()})" in answer.text
    assert "ledger.witnesses in evidock.toml" in answer.text
    assert list(home.log.paths("cosigned")) == []


def test_a_checkpoint_nobody_cosigned_is_refused(client: TestClient, home: WatchedLog, witness: Signer) -> None:
    """The log's own checkpoint, sent back as it is, is no cosignature."""
    assert witness.vkey in home.witnesses
    assert client.post("/log/cosigned", content=home.newest.to_bytes()).status_code == 403


def test_a_forged_cosignature_is_refused(client: TestClient, home: WatchedLog, witness: Signer) -> None:
    """A known witness's name over another text does not count."""
    made = witness.cosign("evidock/x\n1\n", 1_800_000_000)
    assert client.post("/log/cosigned", content=home.newest.signed(made).to_bytes()).status_code == 403


def test_another_logs_checkpoint_is_refused(
    client: TestClient, home: WatchedLog, witness: Signer, tmp_path: Path
) -> None:
    """A note that none of our keys signed is not ours, whoever cosigned it."""
    other = WatchedLog(tmp_path / "other")
    other.grow(5)
    answer = client.post("/log/cosigned", content=cosigned(other.newest, witness))
    assert answer.status_code == 409
    assert "none of this home's keys" in answer.text
    assert home.size == SIZE


def test_a_cosigned_fork_is_named(client: TestClient, home: WatchedLog, witness: Signer, tmp_path: Path) -> None:
    """A checkpoint our own key signed over another tree is refused as what it is: proof of a fork."""
    other = WatchedLog(tmp_path / "other")
    other.grow(SIZE, "decision")
    text = other.newest.text.replace(other.keys.origin, home.keys.origin)
    answer = client.post("/log/cosigned", content=cosigned(home.keys.sign(text), witness))
    assert answer.status_code == 409
    assert "forked" in answer.text


def test_a_cosignature_from_the_future_is_named(
    client: TestClient, home: WatchedLog, witness: Signer, tmp_path: Path
) -> None:
    """When a witness saw more entries than the ledger has now, the answer says that the ledger was rolled back."""
    home.back_up(tmp_path / "backup")
    home.grow(9)
    note = cosigned(home.newest, witness)
    home.roll_back(tmp_path / "backup")
    answer = client.post("/log/cosigned", content=note)
    assert answer.status_code == 409
    assert "rolled back" in answer.text


@pytest.mark.parametrize("body", [b"", b"x", b"\xff" * 100, b"a\n\n\xe2\x80\x94 b c\n", b"evidock/x\n-1\nAA==\n\n"])
def test_what_is_no_note_is_refused(client: TestClient, witness: Signer, body: bytes) -> None:
    """Bytes that are no signed checkpoint are answered 400, with a sentence."""
    assert witness.algorithm is Algorithm.COSIGNATURE
    answer = client.post("/log/cosigned", content=body)
    assert (answer.status_code, "evidock witness" in answer.text) == (400, True)


def test_a_post_is_bounded(client: TestClient) -> None:
    """A body longer than any note is not read to its end."""
    answer = client.post("/log/cosigned", content=b"x" * (64 * 1024 + 1))
    assert answer.status_code == 413


@pytest.mark.parametrize(
    ("origin", "status"), [(None, 400), ("http://127.0.0.1:8800", 400), ("http://evil.example", 403)]
)
def test_a_witness_needs_no_origin_and_a_browser_no_foreign_one(
    client: TestClient, origin: str | None, status: int
) -> None:
    """A program sends no Origin and is heard; a page of another site is turned away at the door."""
    headers = {"Origin": origin} if origin else {}
    assert client.post("/log/cosigned", content=b"x", headers=headers).status_code == status


@pytest.mark.parametrize("number", [0, 1, 255, 256, 511, 512])
def test_an_entry_is_proven_to_whoever_asks(client: TestClient, home: WatchedLog, number: int) -> None:
    """The proof leads from the entry's bytes to the root of the newest signed checkpoint."""
    proof = proof_from(client.get(f"/log/proof/{number}").content)
    head = checkpoint_of(signed_note(proof.checkpoint))
    assert proof.checkpoint == home.log.read("checkpoint")
    entry = from_bundle(client.get(f"/log/{bundle_path(number // 256)}").content)[number % 256]
    check_inclusion(leaf_hash(entry), proof.index, head.size, proof.path, head.root)


@pytest.mark.parametrize("path", ["proof/99999999", "proof/-1", "proof/01", "proof/x", "proof/"])
def test_what_is_not_sealed_has_no_proof(client: TestClient, path: str) -> None:
    """An entry that is not sealed, or no number at all, is not found."""
    assert client.get(f"/log/{path}").status_code == 404
