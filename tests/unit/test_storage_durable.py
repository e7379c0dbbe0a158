"""The three durable writes, and what stays when they are refused."""

import os
from pathlib import Path

import pytest

from evidence.errors import ObjectConflictError, StorageError
from storage.durable import DurableTree, links_reach
from storage.scratch import Scratch
from tests.support.storage import files_below


@pytest.fixture(name="tree")
def _tree(tmp_path: Path) -> DurableTree:
    return DurableTree(tmp_path / "root", Scratch(tmp_path / "scratch", "test"))


def test_create_exclusively_refuses_a_taken_name(tree: DurableTree) -> None:
    """Even the same bytes are refused, and what is there stays."""
    path = tree.root / "a" / "b"
    tree.create_exclusively(path, b"one")
    with pytest.raises(ObjectConflictError):
        tree.create_exclusively(path, b"one")
    assert path.read_bytes() == b"one"


def test_create_idempotently_tells_new_from_old(tree: DurableTree) -> None:
    """True for new, False for the same bytes, a conflict for others."""
    path = tree.root / "a"
    assert tree.create_idempotently(path, b"one")
    assert not tree.create_idempotently(path, b"one")
    with pytest.raises(ObjectConflictError):
        tree.create_idempotently(path, b"two")
    assert path.read_bytes() == b"one"


def test_overwrite_atomically_replaces(tree: DurableTree) -> None:
    """The new bytes stand under the name in a file of their own: who reads the old one reads it to its end."""
    path = tree.root / "a"
    tree.overwrite_atomically(path, b"one")
    with path.open("rb") as reader:
        tree.overwrite_atomically(path, b"two")
        assert reader.read() == b"one"
    assert path.read_bytes() == b"two"


def test_no_scratch_stays_after_any_write(tree: DurableTree) -> None:
    """Written or refused, the scratch folder is empty again."""
    tree.create_exclusively(tree.root / "a", b"one")
    tree.overwrite_atomically(tree.root / "b", b"one")
    with pytest.raises(ObjectConflictError):
        tree.create_idempotently(tree.root / "a", b"two")
    assert files_below(tree.scratch.folder) == []


def test_created_files_are_read_only_in_folders_anybody_may_list(tree: DurableTree) -> None:
    """Files 0444, folders 0755 under the usual umask."""
    before = os.umask(0o022)
    try:
        tree.create_exclusively(tree.root / "a" / "b", b"one")
    finally:
        os.umask(before)
    assert oct((tree.root / "a" / "b").stat().st_mode & 0o7777) == "0o444"
    assert oct((tree.root / "a").stat().st_mode & 0o7777) == "0o755"


def test_file_and_folder_are_flushed_before_a_write_returns(tree: DurableTree, monkeypatch: pytest.MonkeyPatch) -> None:
    """The file is flushed before it has its name, its folder after, and each new folder's parent too."""
    flushed: list[str] = []
    real = os.fsync

    def fsync(descriptor: int) -> None:
        flushed.append(str(Path(f"/proc/self/fd/{descriptor}").readlink()))
        real(descriptor)

    monkeypatch.setattr("os.fsync", fsync)
    tree.create_exclusively(tree.root / "a" / "b", b"one")
    file, *folders = flushed
    assert file.endswith(".part")
    assert folders == [str(p) for p in (tree.root.parent, tree.root, tree.root / "a")]


def test_a_refusal_of_the_system_is_a_storage_error(tree: DurableTree) -> None:
    """A file where a folder should be: the caller reads what and where."""
    tree.create_exclusively(tree.root / "a", b"one")
    with pytest.raises(StorageError, match=r"Not a directory|File exists"):
        tree.create_exclusively(tree.root / "a" / "b", b"one")


def test_links_reach_within_one_file_system(tmp_path: Path) -> None:
    """Two folders of one disk reach each other, and the probe leaves nothing."""
    one, other = Scratch(tmp_path / "one", "test"), Scratch(tmp_path / "other", "test")
    assert links_reach(one, other)
    assert files_below(tmp_path) == []


def test_an_executor_has_a_name_that_fits_a_file_name(tmp_path: Path) -> None:
    """A name with a slash or a dot could reach other executors' files."""
    with pytest.raises(ValueError, match="executor"):
        Scratch(tmp_path, "a/b")
