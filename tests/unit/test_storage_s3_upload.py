"""How an original is cut into parts, and that a slice of a file is those bytes and no others."""

import os
from pathlib import Path

import pytest

from evidence.ids import Digest
from storage.s3_upload import MIB, MOST_PARTS, PART_BYTES, BytesParcel, FileParcel, parts_of


@pytest.mark.parametrize(
    "size_bytes", [1, PART_BYTES - 1, PART_BYTES, PART_BYTES + 1, 10 * PART_BYTES, 160_000_000_001, 5 * 1024**4]
)
def test_parts_cover_a_file_exactly(size_bytes: int) -> None:
    """End to end, in order, numbered from 1, never more than a server takes, and each but the last of one length."""
    parts = parts_of(size_bytes)
    assert [part.number for part in parts] == list(range(1, len(parts) + 1))
    assert [part.start for part in parts] == [sum(p.length for p in parts[:1]) * n for n in range(len(parts))]
    assert sum(part.length for part in parts) == size_bytes
    assert len({part.length for part in parts[:-1]}) <= 1
    assert 0 < parts[-1].length <= parts[0].length
    assert len(parts) <= MOST_PARTS


def test_parts_grow_only_where_there_would_be_too_many() -> None:
    """Ordinary footage goes in parts of one known length: two machines cut it alike."""
    assert parts_of(PART_BYTES * MOST_PARTS)[0].length == PART_BYTES
    assert parts_of(PART_BYTES * MOST_PARTS + 1)[0].length == PART_BYTES + MIB


def test_a_slice_of_a_file_is_those_bytes(tmp_path: Path) -> None:
    """It can be read twice, as a request that is sent again is, and moves nobody else's place in the file."""
    body = bytes(range(256)) * 100
    (tmp_path / "a").write_bytes(body)
    descriptor = os.open(tmp_path / "a", os.O_RDONLY)
    try:
        parcel = FileParcel(descriptor, Digest(""), len(body))
        with parcel.slice(1000, 5000) as one, parcel.slice(24_000, 5000) as last:
            assert one.read(10) == body[1000:1010]
            assert last.read() == body[24_000:]
            assert one.read() == body[1010:6000]
            assert one.seek(0) == 0
            assert one.read() == body[1000:6000]
            assert one.seek(0, os.SEEK_END) == 5000
            assert one.read(1) == b""
    finally:
        os.close(descriptor)


def test_bytes_in_memory_are_a_parcel_too() -> None:
    """A record needs no file."""
    parcel = BytesParcel(b"a record")
    assert (parcel.size_bytes, parcel.slice(2, 3).read()) == (8, b"rec")
