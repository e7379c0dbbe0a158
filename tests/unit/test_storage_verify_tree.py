"""The verifier's own arithmetic, held against the writer's; entries and notes that are not as they must be."""

import json
import random

import pytest

from evidence.custody import Actor, Authenticated, Entry, EventType, in_parts, place
from evidence.merkle import leaf_hash, root_of
from evidence.tlog import from_bundle, to_bundle
from storage.pack_verify import Malformed
from storage.verify_entries import GENESIS, EntryReader
from storage.verify_notes import outside_head
from storage.verify_tiles import Edge, entries_in, leaves_of
from tests.support.tampering import LOG, START, TestVault, canonical, entry, sha256

ACTOR = Actor("李", Authenticated.UNAUTHENTICATED)


@pytest.mark.parametrize("size", [1, 2, 3, 255, 256, 257, 511, 512, 600, 1024, 70_000])
def test_the_edge_gives_the_root_of_every_size(size: int) -> None:
    """Bundle by bundle, and inside the last one."""
    leaves = [leaf_hash(str(number).encode()) for number in range(size)]
    edge, last = Edge(), []
    for start in range(0, size, 256):
        last = leaves[start : start + 256]
        inside = random.Random(start).randrange(1, len(last) + 1)
        if start < 1024:
            assert edge.root(last[:inside]) == root_of(leaves[: start + inside])
        edge.add(list(last))
    assert edge.root() == root_of(leaves)
    assert edge.size == size


def test_bundles_are_read_as_they_are_written() -> None:
    """Also empty entries and the longest; one that ends inside an entry is none."""
    entries = [b"", b"x", b"y" * 65_535]
    assert entries_in(to_bundle(entries)) == entries == from_bundle(to_bundle(entries))
    for cut in (1, 3, 100):
        assert entries_in(to_bundle(entries)[:-cut]) is None
    assert entries_in(b"\0") is None
    assert leaves_of([b"x"]) == [leaf_hash(b"x")]


# --- entries ----------------------------------------------------------------------------------------------------------

GOOD = json.loads(entry(5, "access", "x"))


@pytest.mark.parametrize(
    ("raw", "fault"),
    [
        (b"", "json"),
        (b"\xff", "json"),
        (b"[" * 60_000, "json"),
        (b'{"v":NaN}', "json"),
        (b"[]", "keys"),
        (b"5", "keys"),
        (canonical({**GOOD, "more": 1}), "keys"),
        (canonical({**GOOD, "v": 3}), "keys"),
        (canonical({**GOOD, "v": True}), "keys"),
        (canonical({**GOOD, "number": 6}), "number"),
        (canonical({**GOOD, "number": 5.0}), "number"),
        (canonical({**GOOD, "subject": 7}), "type"),
        (canonical({**GOOD, "detail": []}), "type"),
        (canonical({**GOOD, "at": "yesterday"}), "at"),
        (canonical({**GOOD, "at": "2026-03-02T04:00:00"}), "at"),
        (json.dumps(GOOD).encode(), "canonical"),
        (canonical(GOOD).replace(b'"reason":""', b'"reason":"","reason":""'), "canonical"),
        (canonical(GOOD).replace(b"access", b"\\u0061ccess"), "canonical"),
    ],
)
def test_an_entry_that_breaks_a_rule_is_told_which(raw: bytes, fault: str) -> None:
    """Whatever bytes it is fed, it answers with the name of the rule."""
    assert EntryReader().read(5, raw) == (None, fault)


def test_what_the_writer_writes_is_in_order() -> None:
    """With every kind of value."""
    detail = {"text": "音像", "n": 1.5, "list": [None, True, {"a": -0.0}], "large": 2**70, "tiny": 5e-324}
    told, fault = EntryReader().read(9, place(9, Entry(EventType.VIEWED, ACTOR, START, "x", "why", detail)).canonical)
    assert fault == ""
    assert told is not None
    assert (told.number, told.event, told.detail["text"]) == (9, "access", "音像")


def test_a_long_entry_is_put_together_and_named_by_its_first_part() -> None:
    """And one whose parts are out of order is not."""
    long = Entry(EventType.DECIDED, ACTOR, START, "x", "why", {"record": "r", "text": "长" * 40_000})
    parts = [place(number, part).canonical for number, part in enumerate(in_parts(long), 3)]
    assert len(parts) > 2
    reader = EntryReader()
    found = [reader.read(number, raw) for number, raw in enumerate(parts, 3)]
    assert [fault for _, fault in found] == [""] * len(parts)
    assert [told for told, _ in found[:-1]] == [None] * (len(parts) - 1)
    told = found[-1][0]
    assert told is not None
    assert (told.number, told.detail["record"]) == (3, "r")
    reader = EntryReader()
    assert reader.read(3, place(3, in_parts(long)[1]).canonical) == (None, "part")
    reader = EntryReader()
    reader.read(3, parts[0])
    assert reader.read(4, entry(4, "access"))[1] == "part"


def test_entries_made_before_the_tree_are_linked_to_one_another() -> None:
    """Each names the SHA-256 of the one before; the first, zeros."""
    old = {key: value for key, value in GOOD.items() if key != "v"} | {"v": 1}
    first = canonical({**old, "number": 0, "previous": GENESIS})
    second = canonical({**old, "number": 1, "previous": sha256(first)})
    reader = EntryReader()
    assert [reader.read(0, first)[1], reader.read(1, second)[1]] == ["", ""]
    reader = EntryReader()
    assert reader.read(0, canonical({**old, "number": 0, "previous": sha256(b"x")}))[1] == "previous"
    reader.lost()
    assert reader.read(1, second)[1] == ""


# --- heads from outside -----------------------------------------------------------------------------------------------


def test_a_head_is_read_from_whatever_somebody_kept() -> None:
    """A note, three typed lines with any white space, a receipt, a proof."""
    vault = TestVault(None, [entry(0, "access")])  # type: ignore[arg-type]
    note = vault.checkpoint()
    receipt = json.dumps({"v": 1, "checkpoint": note.to_bytes().decode()}).encode()
    proof = b"c2sp.org/tlog-proof@v1\nindex 0\n\n" + note.to_bytes()
    lines = "\r\n".join(f" {line} " for line in note.text.splitlines()).encode()
    for body in (note.to_bytes(), note.to_bytes() + b"\n\n", receipt, proof):
        head = outside_head("x", body)
        assert (head.checkpoint.size, head.note is not None) == (1, True)
    typed = outside_head("paper", lines)
    assert (typed.checkpoint.root, typed.note) == (leaf_hash(vault.entries[0]), None)
    assert LOG.vkey.name == typed.checkpoint.origin


@pytest.mark.parametrize(
    "body",
    [b"", b"\xff\xfe", b"{}", b'{"checkpoint": 5}', b"[" * 100_000, b"{" * 100_000, b"a\nb\nc", b"milk", b"a\n1\nAAAA"],
)
def test_what_is_no_head_is_refused_with_one_error(body: bytes) -> None:
    """Whatever bytes they are."""
    with pytest.raises(Malformed):
        outside_head("x", body)
