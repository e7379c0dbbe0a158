"""The forms of a transparency log: as the C2SP texts write them, and one error for whatever is none of them."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evidence.errors import IntegrityError
from evidence.tlog import (
    Algorithm,
    Checkpoint,
    NoteSignature,
    Proof,
    SignedNote,
    VerifierKey,
    bundle_path,
    checkpoint_of,
    cosignature_time,
    cosigned_message,
    from_bundle,
    proof_from,
    signed_note,
    tile_path,
    to_bundle,
    verifier_key,
)

ROOT = bytes(range(32))
KEY = VerifierKey("evidock/test", Algorithm.ED25519, b"k" * 32)
WITNESS = VerifierKey("witness.example/w1", Algorithm.COSIGNATURE, b"w" * 32)
NOTE = SignedNote(Checkpoint("evidock/test", 5, ROOT).text, (NoteSignature(KEY.name, KEY.key_id, b"s" * 64),))


@pytest.mark.parametrize(
    ("level", "index", "width", "path"),
    [
        (0, 0, 256, "tile/0/000"),
        (1, 1234067, 256, "tile/1/x001/x234/067"),
        (2, 999, 17, "tile/2/999.p/17"),
        (0, 273, 112, "tile/0/273.p/112"),
        (0, 1000, 1, "tile/0/x001/000.p/1"),
    ],
)
def test_a_tile_lies_where_the_text_says(level: int, index: int, width: int, path: str) -> None:
    """Source: C2SP tlog-tiles, with its own example of tile 1234067."""
    assert tile_path(level, index, width) == path
    assert bundle_path(index, width) == path.replace(f"tile/{level}/", "tile/entries/")


@given(st.lists(st.binary(max_size=300), max_size=20))
def test_a_bundle_gives_back_its_entries(entries: list[bytes]) -> None:
    """What goes in comes out; a bundle that ends inside an entry is refused."""
    body = to_bundle(entries)
    assert from_bundle(body) == entries
    if entries and entries[-1]:
        with pytest.raises(IntegrityError):
            from_bundle(body[:-1])


def test_an_entry_too_long_for_a_bundle_is_refused() -> None:
    """Two bytes of length end at 65,535."""
    assert from_bundle(to_bundle([b"x" * 65_535])) == [b"x" * 65_535]
    with pytest.raises(ValueError, match="does not fit"):
        to_bundle([b"x" * 65_536])


def test_a_published_cosigned_checkpoint_is_read() -> None:
    """Source: the example of C2SP tlog-cosignature: origin, size, the log's signature, the witness's with its time."""
    body = (
        "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n"
        "\u2014 example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhc"
        "yv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n"
        "\u2014 witness.example.com/w1 jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJsX3b2"
        "oyin1nPZqhf5nNo0xUe+mbIUBkBIfZ+qnA==\n"
    ).encode()
    note = signed_note(body)
    head = checkpoint_of(note)
    assert (head.origin, head.size, base64.b64encode(head.root)[:6]) == (
        "example.com/behind-the-sofa",
        20852163,
        b"CsUYap",
    )
    assert [one.name for one in note.signatures] == ["example.com/behind-the-sofa", "witness.example.com/w1"]
    assert cosignature_time(note.signatures[1]) == 1679315147
    assert note.to_bytes() == body


def test_a_cosigned_message_is_what_the_text_says() -> None:
    """Source: C2SP tlog-cosignature: two lines, then the checkpoint's own."""
    assert cosigned_message("o\n1\nr\n", 1679315147) == b"cosignature/v1\ntime 1679315147\no\n1\nr\n"


def test_a_key_is_written_and_read() -> None:
    """A vkey states name, key id and key, and one whose id does not agree is refused."""
    assert verifier_key(f" {KEY}\n") == KEY
    assert verifier_key(str(WITNESS)) == WITNESS
    with pytest.raises(IntegrityError, match="key id"):
        verifier_key(str(KEY).replace(KEY.key_id.hex(), "00000000"))
    for wrong in ("", "x", "a+b+c", str(KEY).replace("evidock/test", "evidock test"), f"n+00000000+{'A' * 44}"):
        with pytest.raises(IntegrityError):
            verifier_key(wrong)


def test_only_the_key_that_signed_counts() -> None:
    """A signature counts for its key alone, over the text as it is; a cosignature over its own message."""
    seen: list[tuple[bytes, bytes, bytes]] = []

    def verify(public: bytes, message: bytes, signature: bytes) -> bool:
        seen.append((public, message, signature))
        return True

    cosigned = NOTE.signed(NoteSignature(WITNESS.name, WITNESS.key_id, (77).to_bytes(8, "big") + b"c" * 64))
    assert cosigned.is_signed_by(KEY, verify)
    assert cosigned.is_signed_by(WITNESS, verify)
    assert seen == [
        (KEY.public, NOTE.text.encode(), b"s" * 64),
        (WITNESS.public, cosigned_message(NOTE.text, 77), b"c" * 64),
    ]
    assert not NOTE.is_signed_by(WITNESS, verify)
    assert not cosigned.is_signed_by(KEY, lambda *_: False)
    assert not NOTE.is_signed_by(VerifierKey(KEY.name, KEY.algorithm, b"z" * 32), verify)


def test_a_key_signs_once() -> None:
    """Signed again by the same key, a note carries the newer signature."""
    again = NOTE.signed(NoteSignature(KEY.name, KEY.key_id, b"t" * 64))
    assert [one.blob for one in again.signatures] == [b"t" * 64]


def test_a_proof_is_written_and_read() -> None:
    """The example of C2SP tlog-proof's form, with and without extra data."""
    proof = Proof(3, (ROOT, ROOT[::-1]), NOTE.to_bytes())
    body = proof.to_bytes()
    assert body.startswith(b"c2sp.org/tlog-proof@v1\nindex 3\n")
    assert proof_from(body) == proof
    assert proof_from(body.replace(b"\nindex", b"\nextra eA==\nindex")) == proof
    assert proof_from(Proof(0, (), NOTE.to_bytes()).to_bytes()).path == ()


@given(st.binary(max_size=400))
def test_anything_else_is_one_error(body: bytes) -> None:
    """Whatever bytes come, they are read or refused with the one error of this module."""
    for read in (signed_note, proof_from, from_bundle, lambda raw: verifier_key(raw.decode("latin-1"))):
        try:
            read(body)
        except IntegrityError:
            continue


@given(st.integers(0, len(NOTE.to_bytes()) - 1), st.integers(1, 255))
def test_a_flipped_byte_is_another_note_or_none(at: int, by: int) -> None:
    """No byte of a checkpoint can change without the note saying something else."""
    body = bytearray(NOTE.to_bytes())
    body[at] ^= by
    try:
        assert signed_note(bytes(body)) != NOTE
    except IntegrityError:
        return
