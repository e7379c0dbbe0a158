"""Merkle arithmetic: the published roots, and proofs that hold for what is there and for nothing else."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evidence.errors import IntegrityError
from evidence.merkle import (
    EMPTY_ROOT,
    CompactRange,
    Node,
    check_consistency,
    check_inclusion,
    consistency_path,
    inclusion_path,
    leaf_hash,
    node_hash,
    peaks,
    root_at,
    root_of,
)

# Leaves and roots of the reference tests of Certificate Transparency (RFC 6962).
LEAVES = [
    bytes.fromhex(text)
    for text in ("", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f")
]
ROOTS = (
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
)
MOST = 40
HASHES = [leaf_hash(bytes([number])) for number in range(MOST)]


def defined(leaves: list[bytes]) -> bytes:
    """Return the root by the definition of RFC 9162, section 2.1.1."""
    if not leaves:
        return EMPTY_ROOT
    if len(leaves) == 1:
        return leaves[0]
    split = 1 << (len(leaves) - 1).bit_length() - 1
    return node_hash(defined(leaves[:split]), defined(leaves[split:]))


def node_over(leaves: list[bytes]) -> Node:
    """Return the nodes of a tree by their definition."""
    return lambda level, index: defined(leaves[index << level : index + 1 << level])


@pytest.mark.parametrize("size", range(len(ROOTS)))
def test_the_published_roots(size: int) -> None:
    """The roots over the reference leaves are those that others publish."""
    assert root_of(map(leaf_hash, LEAVES[:size])).hex() == ROOTS[size]


@pytest.mark.parametrize("size", range(MOST + 1))
def test_every_way_to_a_root_gives_the_same(size: int) -> None:
    """Leaf by leaf, from nodes, or by the definition: one root."""
    leaves = HASHES[:size]
    grown = CompactRange()
    for leaf in leaves:
        grown.append(leaf)
    assert root_of(leaves) == defined(leaves) == root_at(size, node_over(leaves)) == grown.root()
    assert sum(1 << level for level, _ in peaks(size)) == grown.size == size


@given(st.integers(1, MOST), st.data())
def test_an_inclusion_proof_holds_for_its_leaf_alone(size: int, data: st.DataObject) -> None:
    """The audit path proves the leaf in its place; another leaf, place, size or path is refused."""
    index = data.draw(st.integers(0, size - 1))
    root, path = root_of(HASHES[:size]), inclusion_path(index, size, node_over(HASHES))
    check_inclusion(HASHES[index], index, size, path, root)
    wrong = [
        (leaf_hash(b"another"), index, size, path),
        (HASHES[index], index, size, [*path, hashlib.sha256().digest()]),
        (HASHES[index], size, size, path),
        (HASHES[index], -1, size, path),
    ]
    if path:
        flipped = bytes([path[0][0] ^ 1]) + path[0][1:]
        wrong += [(HASHES[index], index, size, path[:-1]), (HASHES[index], index, size, [flipped, *path[1:]])]
        wrong += [(HASHES[index], index ^ 1, size, path)] if index ^ 1 < size else []
    for leaf, place, of_size, steps in wrong:
        with pytest.raises(IntegrityError):
            check_inclusion(leaf, place, of_size, steps, root)


@given(st.integers(0, MOST), st.integers(0, MOST), st.data())
def test_a_consistency_proof_holds_for_a_prefix_alone(one: int, other: int, data: st.DataObject) -> None:
    """A smaller tree is shown to be a prefix of the larger; another root or path is refused."""
    old, new = sorted((one, other))
    old_root, new_root = root_of(HASHES[:old]), root_of(HASHES[:new])
    path = consistency_path(old, new, node_over(HASHES))
    check_consistency(old, new, path, old_root, new_root)
    wrong = [(old, new, [*path, b"x" * 32], old_root, new_root)]
    if old:
        wrong += [(old, new, path, b"x" * 32, new_root)]
        wrong += [(old, new, path, old_root, b"x" * 32)]
    if path:
        cut = data.draw(st.integers(0, len(path) - 1))
        wrong += [(old, new, path[:cut], old_root, new_root)]
    if new > old:
        wrong += [(new, old, path, new_root, old_root)]
    for sizes_and_roots in wrong:
        with pytest.raises(IntegrityError):
            check_consistency(*sizes_and_roots)


@pytest.mark.parametrize(("index", "size"), [(0, 0), (3, 3), (-1, 3)])
def test_there_is_no_path_to_what_is_not_there(index: int, size: int) -> None:
    """Asking for the path of a leaf the tree does not have is the caller's mistake."""
    with pytest.raises(ValueError, match="no leaf"):
        inclusion_path(index, size, node_over(HASHES))
    with pytest.raises(ValueError, match="no prefix"):
        consistency_path(2, 1, node_over(HASHES))
