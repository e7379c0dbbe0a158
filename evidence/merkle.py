"""RFC 9162 Merkle tree arithmetic: hashes, roots, inclusion and consistency proofs. SHA-256, digests of 32 bytes.

A *node* of level ``l`` and index ``i`` is the root of the perfect subtree over the leaves ``i·2^l … (i+1)·2^l − 1``.

Source: RFC 9162, section 2.1.
"""

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from evidence.errors import IntegrityError

EMPTY_ROOT = hashlib.sha256(b"").digest()
"""Root of the tree without leaves."""

Node = Callable[[int, int], bytes]
"""Gives the hash of the node of a level and index; asked only for nodes that are complete in the tree at hand."""


def leaf_hash(entry: bytes) -> bytes:
    """Return the hash of a leaf: SHA-256 of 0x00 and the entry."""
    return hashlib.sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return the hash of an inner node: SHA-256 of 0x01 and both children."""
    return hashlib.sha256(b"\x01" + left + right).digest()


@dataclass
class CompactRange:
    """The roots of the perfect subtrees that make up the first ``size`` leaves, largest first."""

    size: int = 0
    hashes: list[bytes] = field(default_factory=list)

    def append(self, leaf: bytes) -> None:
        """Add the hash of the next leaf."""
        rest = self.size
        while rest & 1:
            leaf = node_hash(self.hashes.pop(), leaf)
            rest >>= 1
        self.hashes.append(leaf)
        self.size += 1

    def root(self) -> bytes:
        """Return the root of the tree over all leaves so far."""
        return folded(self.hashes) if self.hashes else EMPTY_ROOT


def root_of(leaves: Iterable[bytes]) -> bytes:
    """Return the root over the hashes of leaves."""
    tree = CompactRange()
    for leaf in leaves:
        tree.append(leaf)
    return tree.root()


def peaks(size: int) -> list[tuple[int, int]]:
    """Return level and index of the perfect subtrees that make up the first ``size`` leaves, largest first."""
    found, start = [], 0
    for level in reversed(range(size.bit_length())):
        if size >> level & 1:
            found.append((level, start >> level))
            start += 1 << level
    return found


def root_at(size: int, node: Node) -> bytes:
    """Return the root of the first ``size`` leaves."""
    return folded([node(*peak) for peak in peaks(size)]) if size else EMPTY_ROOT


def inclusion_path(index: int, size: int, node: Node) -> list[bytes]:
    """Return the audit path of a leaf in the tree of ``size`` leaves, from its sibling up.

    Raises:
        ValueError: the tree has no such leaf.

    Source: RFC 9162, section 2.1.3.1.
    """
    if not 0 <= index < size:
        raise ValueError(f"a tree of {size} leaves has no leaf {index}")
    return _path(index, 0, size, node)


def consistency_path(old: int, new: int, node: Node) -> list[bytes]:
    """Return the proof that the tree of ``old`` leaves is a prefix of that of ``new``; empty for 0 or equal sizes.

    Raises:
        ValueError: ``old`` is larger than ``new``.

    Source: RFC 9162, section 2.1.4.1.
    """
    if not 0 <= old <= new:
        raise ValueError(f"{old} leaves are no prefix of {new}")
    return _subproof(old, 0, new, node, whole=True) if 0 < old < new else []


def root_from_inclusion(leaf: bytes, index: int, size: int, path: Sequence[bytes]) -> bytes:
    """Return the root that a leaf's hash and its audit path lead to.

    Raises:
        IntegrityError: the path has not the length this place in the tree needs.

    Source: RFC 9162, section 2.1.3.2.
    """
    if not 0 <= index < size:
        raise _refused(f"leaf {index} cannot be in a tree of {size}")
    place, last, found = index, size - 1, leaf
    for step in path:
        if last == 0:
            raise _refused("the path is too long")
        if place & 1 or place == last:
            found = node_hash(step, found)
            while place and not place & 1:
                place, last = place >> 1, last >> 1
        else:
            found = node_hash(found, step)
        place, last = place >> 1, last >> 1
    if last != 0:
        raise _refused("the path is too short")
    return found


def check_inclusion(leaf: bytes, index: int, size: int, path: Sequence[bytes], root: bytes) -> None:
    """See that a leaf is in the tree of a root.

    Raises:
        IntegrityError: it is not, or the path is malformed.
    """
    if root_from_inclusion(leaf, index, size, path) != root:
        raise _refused(f"entry {index} is not in the tree of that root")


def check_consistency(old: int, new: int, path: Sequence[bytes], old_root: bytes, new_root: bytes) -> None:
    """See that the tree of ``old`` leaves is a prefix of the tree of ``new``.

    Raises:
        IntegrityError: it is not, or the proof is malformed.

    Source: RFC 9162, section 2.1.4.2.
    """
    if old in {0, new}:
        agree = not path and (old == 0 or old_root == new_root)
    elif not 0 < old < new:
        raise _refused(f"{old} leaves are no prefix of {new}")
    else:
        agree = _roots_from_consistency(old, new, path, old_root) == (old_root, new_root)
    if not agree:
        raise _refused(f"the tree of {new} entries does not continue that of {old}")


def _roots_from_consistency(old: int, new: int, path: Sequence[bytes], old_root: bytes) -> tuple[bytes, bytes]:
    steps = [old_root, *path] if old & (old - 1) == 0 else list(path)
    if not steps:
        raise _refused("the proof is empty")
    place, last = old - 1, new - 1
    while place & 1:
        place, last = place >> 1, last >> 1
    first = second = steps[0]
    for step in steps[1:]:
        if last == 0:
            raise _refused("the proof is too long")
        if place & 1 or place == last:
            first, second = node_hash(step, first), node_hash(step, second)
            while place and not place & 1:
                place, last = place >> 1, last >> 1
        else:
            second = node_hash(second, step)
        place, last = place >> 1, last >> 1
    if last != 0:
        raise _refused("the proof is too short")
    return first, second


def folded(hashes: Sequence[bytes]) -> bytes:
    """Return the root over perfect subtrees, largest first, of which there is at least one."""
    found = hashes[-1]
    for left in reversed(hashes[:-1]):
        found = node_hash(left, found)
    return found


def _path(index: int, start: int, end: int, node: Node) -> list[bytes]:
    if end - start == 1:
        return []
    middle = start + _split(end - start)
    if index < middle:
        return [*_path(index, start, middle, node), _range_root(middle, end, node)]
    return [*_path(index, middle, end, node), _range_root(start, middle, node)]


def _subproof(old: int, start: int, end: int, node: Node, *, whole: bool) -> list[bytes]:
    if old == end:
        return [] if whole else [_range_root(start, end, node)]
    middle = start + _split(end - start)
    if old <= middle:
        return [*_subproof(old, start, middle, node, whole=whole), _range_root(middle, end, node)]
    return [*_subproof(old, middle, end, node, whole=False), _range_root(start, middle, node)]


def _range_root(start: int, end: int, node: Node) -> bytes:
    """Return the root over a range that begins where a perfect subtree of its size or larger does."""
    return folded([node(level, index + (start >> level)) for level, index in peaks(end - start)])


def _split(size: int) -> int:
    """Return the largest power of two below ``size``."""
    return 1 << (size - 1).bit_length() - 1


def _refused(why: str) -> IntegrityError:
    return IntegrityError(why, subject="ledger", cure="compare with a checkpoint kept elsewhere, and report it")
