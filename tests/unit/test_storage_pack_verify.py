"""The stand-alone verifier's own arithmetic and parsers, held against the RFCs, the core and the crypto library."""

import ast
import base64
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from dashboard.texts import LOCALES, Texts
from evidence import merkle, tlog
from evidence.errors import IntegrityError
from evidence.packs import DifferenceKind
from storage import pack_verify as verify
from storage.proofs import consistency_bytes, consistency_from
from storage.signing import verify_ed25519
from tests.support.packs import WITNESS, TestKey, flipped

SOURCE = Path(verify.__file__)
ORDER = 2**252 + 27742317777372353535851937790883648493

# Source: RFC 8032, section 7.1, tests 1 to 3: public key, message, signature.
VECTORS = [
    (
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "",
        (
            "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155"
            "5fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"
        ),
    ),
    (
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "72",
        (
            "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
            "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"
        ),
    ),
    (
        "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
        "af82",
        (
            "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac"
            "18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a"
        ),
    ),
]


# --- what it needs ---------------------------------------------------------------------------------------------------


def test_it_is_one_file_of_the_standard_library() -> None:
    """Nothing of ours and nothing installed is imported, so that it runs on any computer with Python."""
    tree = ast.parse(SOURCE.read_text("utf-8"))
    named = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    named |= {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert named
    assert {name.split(".")[0] for name in named} <= sys.stdlib_module_names


def test_python_3_8_can_read_it() -> None:
    """Its syntax is that of Python 3.8, and it calls nothing that came later."""
    text = SOURCE.read_text("utf-8")
    ast.parse(text, feature_version=(3, 8))
    later = (
        ".removeprefix(",
        ".removesuffix(",
        "strict=",
        "file_digest",
        "StrEnum",
        "bit_count",
        "@cache",
        "datetime.UTC",
    )
    assert [word for word in later if word in text] == []


# --- signatures ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("public", "message", "signature"), VECTORS)
def test_the_vectors_of_the_rfc_hold(public: str, message: str, signature: str) -> None:
    """The test vectors of RFC 8032 verify, and no longer when a bit of message or signature is turned."""
    key, said, made = map(bytes.fromhex, (public, message, signature))
    assert verify.ed25519_verify(key, said, made)
    assert not verify.ed25519_verify(key, said + b"\x00", made)
    assert not any(verify.ed25519_verify(key, said, flipped(made, at, at % 8)) for at in range(64))


@given(message=st.binary(max_size=200), at=st.integers(0, 63), bit=st.integers(0, 7))
def test_it_agrees_with_the_crypto_library(message: bytes, at: int, bit: int) -> None:
    """What the library signs verifies, and a turned bit is refused by both."""
    private = Ed25519PrivateKey.generate()
    public, made = private.public_key().public_bytes_raw(), private.sign(message)
    assert verify.ed25519_verify(public, message, made)
    wrong = flipped(made, at, bit)
    assert not verify.ed25519_verify(public, message, wrong)
    assert not verify_ed25519(public, message, wrong)


def test_only_canonical_encodings_count() -> None:
    """S beyond the group's order, y beyond the field, and a negative zero are refused, though the curve knows them."""
    public, message, made = (bytes.fromhex(part) for part in VECTORS[1])
    s = int.from_bytes(made[32:], "little")
    assert not verify.ed25519_verify(public, message, made[:32] + (s + ORDER).to_bytes(32, "little"))
    for noncanonical in (2**255 - 19, 2**255 - 18, 1 | 1 << 255):
        assert not verify.ed25519_verify(noncanonical.to_bytes(32, "little"), message, made)


@given(public=st.binary(max_size=40), signature=st.binary(max_size=70))
def test_no_bytes_make_it_raise(public: bytes, signature: bytes) -> None:
    """Keys and signatures of any length and content are answered with no."""
    assert not verify.ed25519_verify(public, b"message", signature)


# --- tree ------------------------------------------------------------------------------------------------------------


@given(size=st.integers(1, 300), data=st.data())
def test_audit_paths_lead_to_the_root(size: int, data: st.DataObject) -> None:
    """A path of the core's making leads to its root; one hash more or fewer is refused."""
    leaves = [merkle.leaf_hash(b"%d" % number) for number in range(size)]
    index = data.draw(st.integers(0, size - 1))
    path = merkle.inclusion_path(index, size, lambda level, at: merkle.root_of(leaves[at << level : at + 1 << level]))
    assert verify.leaf_hash(b"%d" % index) == leaves[index]
    assert verify.root_from_inclusion(leaves[index], index, size, path) == merkle.root_of(leaves)
    for wrong in (path[:-1] if path else [b"x" * 32], [*path, b"x" * 32]):
        with pytest.raises(verify.Malformed):
            verify.root_from_inclusion(leaves[index], index, size, wrong)


@given(new=st.integers(0, 200), data=st.data())
def test_consistency_is_judged_as_the_core_does(new: int, data: st.DataObject) -> None:
    """A proof of the core's making holds; with a hash changed, lost or added it does not."""
    leaves = [merkle.leaf_hash(b"%d" % number) for number in range(new)]
    old = data.draw(st.integers(0, new))
    path = merkle.consistency_path(old, new, lambda level, at: merkle.root_of(leaves[at << level : at + 1 << level]))
    roots = (merkle.root_of(leaves[:old]), merkle.root_of(leaves))
    assert verify.consistency_holds(old, new, path, *roots)
    assert not verify.consistency_holds(old, new, [*path, b"x" * 32], *roots)
    assert not path or not verify.consistency_holds(old, new, path[1:], *roots)
    assert not path or not verify.consistency_holds(old, new, [flipped(path[0], 0), *path[1:]], *roots)
    assert consistency_from(consistency_bytes(old, new, path), old, new) == path


def test_a_leaf_outside_the_tree_is_malformed() -> None:
    """An index at or beyond the size has no place."""
    with pytest.raises(verify.Malformed, match="cannot be"):
        verify.root_from_inclusion(b"x" * 32, 3, 3, [])


# --- notes -----------------------------------------------------------------------------------------------------------

KEY = TestKey("evidock/0123456789abcdef")
SEER = TestKey(WITNESS, tlog.Algorithm.COSIGNATURE)
HEAD = tlog.Checkpoint(KEY.name, 7, b"r" * 32)
NOTE = KEY.sign(HEAD.text).signed(SEER.signature(HEAD.text, 1_700_000_000))


def test_a_note_of_the_core_is_read() -> None:
    """Checkpoint, signature and cosignature of the core's making are read and hold under their keys."""
    note = verify.parse_note(NOTE.to_bytes())
    assert verify.parse_checkpoint(note) == (HEAD.origin, 7, HEAD.root)
    keys = [verify.parse_vkey(f"{one.vkey}\n") for one in (KEY, SEER)]
    assert all(verify.note_signed_by(note, key) for key in keys)
    assert [verify.cosigned_at(note, key) for key in keys] == [None, 1_700_000_000]
    assert not verify.note_signed_by(note, verify.parse_vkey(str(TestKey(KEY.name).vkey)))


def test_a_proof_of_the_core_is_read() -> None:
    """Index, hashes and checkpoint of a proof come back, with an extra line left aside."""
    body = tlog.Proof(5, (b"a" * 32, b"b" * 32), NOTE.to_bytes()).to_bytes()
    assert verify.parse_proof(body) == (5, (b"a" * 32, b"b" * 32), NOTE.to_bytes())
    assert verify.parse_proof(body.replace(b"index", b"extra eA==\nindex", 1)).number == 5


SAMPLES = [
    NOTE.to_bytes(),
    tlog.Proof(5, (b"a" * 32,), NOTE.to_bytes()).to_bytes(),
    str(KEY.vkey).encode(),
    b'{"a":[1]}',
]
PARSERS: dict[str, Callable[[bytes], object]] = {
    "note": lambda body: verify.parse_checkpoint(verify.parse_note(body)),
    "proof": verify.parse_proof,
    "vkey": lambda body: verify.parse_vkey(body.decode("utf-8", "replace")),
    "json": verify.parse_json,
    "pack": verify.parse_pack,
}
CORE: dict[str, Callable[[bytes], object]] = {
    "note": lambda body: tlog.checkpoint_of(tlog.signed_note(body)),
    "proof": tlog.proof_from,
    "vkey": lambda body: tlog.verifier_key(body.decode("utf-8", "replace")),
}
Damaged = st.one_of(
    st.binary(max_size=300),
    st.tuples(st.sampled_from(SAMPLES), st.integers(0, 10_000), st.integers(0, 7)).map(
        lambda drawn: flipped(drawn[0], drawn[1] % len(drawn[0]), drawn[2])
    ),
    st.tuples(st.sampled_from(SAMPLES), st.integers(0, 400)).map(lambda drawn: drawn[0][: drawn[1]]),
)


@pytest.mark.parametrize("form", PARSERS)
@given(body=Damaged)
def test_no_bytes_raise_anything_else(form: str, body: bytes) -> None:
    """Whatever bytes a parser is fed it returns, or raises Malformed and nothing else; and the core agrees."""
    try:
        PARSERS[form](body)
        understood = True
    except verify.Malformed:
        understood = False
    if form in CORE:
        try:
            CORE[form](body)
            assert understood
        except IntegrityError:
            assert not understood


@pytest.mark.parametrize(
    "body", [b"[" * 100_000, b'{"a":1,"a":2}', b'{"a":NaN}', b'{"a":' + b"9" * 5000 + b"}", b"\xff", b"[]"]
)
def test_hostile_json_is_malformed(body: bytes) -> None:
    """Depth without end, names twice, numbers that are none and other encodings are refused, not crashed on."""
    with pytest.raises(verify.Malformed):
        verify.parse_json(body)


def test_a_key_with_another_id_is_refused() -> None:
    """A vkey whose id does not belong to its key is no key."""
    name, key_id, material = str(KEY.vkey).split("+", 2)
    wrong = f"{name}+{'0' * 8 if key_id != '0' * 8 else '1' * 8}+{material}"
    with pytest.raises(verify.Malformed, match="key id"):
        verify.parse_vkey(wrong)
    with pytest.raises(verify.Malformed):
        verify.parse_vkey(f"{name}+{key_id}+{base64.b64encode(b'x' * 33).decode()}")


# --- words -----------------------------------------------------------------------------------------------------------


def test_every_difference_has_words_in_both_languages() -> None:
    """What verify.py and the house can find is the same list, and each has what, meaning and cure in both."""
    assert set(DifferenceKind) == verify.CODES
    for code in verify.CODES:
        assert all(part.strip() for lang in ("zh", "en") for part in verify.said_of(code, lang))
        for locale in LOCALES:
            assert all(Texts(locale).has(f"export.difference.{code}.{part}") for part in ("what", "means", "do"))
