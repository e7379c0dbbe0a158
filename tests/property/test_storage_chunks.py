"""However bytes are cut into chunks, the same original results."""

import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from evidence.clips import Sighting
from evidence.ids import Digest, StationId
from evidence.sidecars import Sidecar, from_bytes, moment_of, to_bytes
from storage.digesting import ALONE_BELOW_BYTES, ParallelDigest
from storage.local_vault import LocalVault
from tests.support.storage import NOON, read, sha256

LARGE = ALONE_BELOW_BYTES + 1
SIZES = st.lists(st.one_of(st.integers(0, 5000), st.integers(LARGE, 2 * LARGE)), max_size=24)
KINDS = st.sampled_from([bytes, bytearray, memoryview])


def chunk_of(number: int, size_bytes: int) -> bytes:
    """Return bytes that differ from chunk to chunk."""
    return bytes([number % 251]) * size_bytes


@settings(max_examples=40, deadline=None)
@given(SIZES, KINDS)
def test_any_cutting_gives_the_same_original(sizes: list[int], kind: type) -> None:
    """Small and large chunks in any order and any buffer type: digest and bytes are those of the whole."""
    whole = b"".join(chunk_of(n, size) for n, size in enumerate(sizes))
    with tempfile.TemporaryDirectory() as home:
        vault = LocalVault(Path(home) / "vault", Path(home) / "work")
        with vault.stage(len(whole)) as staging:
            for n, size in enumerate(sizes):
                staging.write(kind(chunk_of(n, size)))
            sealed = staging.seal()
        assert (sealed.digest, sealed.size_bytes) == (sha256(whole), len(whole))
        assert read(vault, sealed.digest) == whole


@settings(max_examples=30, deadline=None)
@given(SIZES)
def test_the_parallel_digest_is_the_digest(sizes: list[int]) -> None:
    """Order is kept between chunks digested on the spot and those digested on the thread."""
    running = ParallelDigest()
    for n, size in enumerate(sizes):
        running.update(chunk_of(n, size))
    assert running.digest() == sha256(b"".join(chunk_of(n, size) for n, size in enumerate(sizes)))
    running.close()


PATHS = st.binary(min_size=1, max_size=300).map(lambda raw: raw.decode("utf-8", "surrogateescape"))


@given(PATHS, st.integers(-(2**63), 2**63 - 1), st.text("0123456789abcdef", min_size=16, max_size=64))
def test_a_sidecar_says_exactly_what_was_sealed(path: str, mtime_ns: int, key: str) -> None:
    """Any name a file system allows and any time it keeps come back as they went in, and the bytes are valid UTF-8."""
    sighting = Sighting(Digest("ab" * 32), 5, StationId("一号站"), path, moment_of(mtime_ns), NOON)
    sidecar = Sidecar(sighting, key, mtime_ns, "evidock 1")
    body = to_bytes(sidecar)
    assert body.decode("utf-8")
    assert from_bytes(sidecar.name, body) == sidecar
