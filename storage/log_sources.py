"""Where a witness reads a log: another machine's pages, or a folder that was carried here. Read, never written."""

import os
import stat
from collections.abc import Iterator
from http import HTTPStatus
from pathlib import Path
from typing import Protocol

from evidence.errors import EvidockError, NotFoundError, StorageError, UsageError
from evidence.notes import Note, note
from evidence.ports import LogStore
from evidence.tlog import LARGEST_ENTRY_BYTES, WIDTH, VerifierKey, verifier_key
from storage.failures import storage_errors
from storage.http_client import Answer, HttpClient, phrase

HASH_BYTES = 32
LARGEST_NOTE_BYTES = 64 * 1024
LARGEST_TILE_BYTES = WIDTH * HASH_BYTES
LARGEST_BUNDLE_BYTES = WIDTH * (2 + LARGEST_ENTRY_BYTES)
MOST_KEYS = 64
NOTE_TYPE = "text/plain; charset=utf-8"
IN_A_FOLDER = ("", "ledger", "vault/ledger")
"""Where below a folder its log may lie: it is the ledger itself, a vault, or a home."""


class Source(LogStore, Protocol):
    """A log that is read from elsewhere. ``label``: how people call it."""

    label: str

    def vkeys(self) -> list[VerifierKey]:
        """Return the public keys that lie beside the log: what it says of itself, not what to trust."""
        ...

    def send(self, cosigned: bytes) -> Note | None:
        """Bring a cosigned checkpoint back to the log's home; return what is left to do by hand, None when it is there.

        Raises:
            StorageError: there was no answer: try again later.
        """
        ...


class _ReadOnly:
    """Refuses to write."""

    def create(self, path: str, body: bytes) -> None:
        """Refuse."""
        del body
        raise _read_only(path)

    def replace(self, path: str, body: bytes) -> None:
        """Refuse."""
        del body
        raise _read_only(path)

    def drop(self, path: str) -> None:
        """Refuse."""
        raise _read_only(path)


class HttpLog(_ReadOnly):
    """The log that an Evidock serves under ``/log/``, or that lies on any web server in the same layout.

    Args:
        address: of the pages or of ``/log/`` itself.

    Raises:
        UsageError: it is no http or https address.
    """

    def __init__(self, address: str) -> None:
        self.label = address.rstrip("/").removesuffix("/log")
        self._client = HttpClient(self.label, {"User-Agent": "evidock-witness", "Accept": "*/*"})

    def read(self, path: str) -> bytes:
        """Return an object.

        Raises:
            NotFoundError: there is none. StorageError: there was no answer, or one with another status.
        """
        answer = self._client.get(f"/log/{path}", limit_of(path))
        if answer.status == HTTPStatus.NOT_FOUND:
            raise NotFoundError("the log has no such object", subject=f"{self.label}/log/{path}")
        if answer.status != HTTPStatus.OK:
            raise _unexpected(f"{self.label}/log/{path}", answer)
        return answer.body

    def paths(self, below: str) -> Iterator[str]:
        """Yield nothing: addresses are not listed."""
        del below
        yield from ()

    def vkeys(self) -> list[VerifierKey]:
        """Return the keys under ``/log/key``."""
        return _vkeys_of(self.read("key"))

    def send(self, cosigned: bytes) -> Note | None:
        """Post it to ``/log/cosigned``; return the server's words when it does not take it."""
        answer = self._client.post("/log/cosigned", cosigned, NOTE_TYPE, LARGEST_NOTE_BYTES)
        if answer.status in {HTTPStatus.OK, HTTPStatus.CREATED}:
            return None
        if answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            raise _unexpected(f"{self.label}/log/cosigned", answer)
        return note("witness.refused", words=answer.words or phrase(answer.status))


class FolderLog(_ReadOnly):
    """The log in a folder: a copied ``ledger``, the vault it lies in, or a home.

    Raises:
        UsageError: there is no log in that folder.
    """

    def __init__(self, folder: Path) -> None:
        self.label = str(folder)
        found = [place for part in IN_A_FOLDER if ((place := folder / part) / "checkpoint").is_file()]
        if not found:
            raise UsageError(
                "there is no ledger in this folder", subject=self.label, cure="name the copied ledger folder"
            )
        self._folder = found[0]

    def read(self, path: str) -> bytes:
        """Return an object; links and devices are not followed.

        Raises:
            NotFoundError: there is none. StorageError: it cannot be read, is no file, or is too long.
        """
        place, limit = self._folder / path, limit_of(path)
        with storage_errors(str(place)):
            try:
                descriptor = os.open(place, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
            except (FileNotFoundError, NotADirectoryError) as error:
                raise NotFoundError("the log has no such object", subject=str(place)) from error
            with os.fdopen(descriptor, "rb") as file:
                regular = stat.S_ISREG(os.fstat(descriptor).st_mode)
                body = file.read(limit + 1) if regular else b""
        if not regular or len(body) > limit:
            cure = "copy the ledger folder from its home again"
            raise StorageError("this is no file of a log", subject=str(place), cure=cure)
        return body

    def paths(self, below: str) -> Iterator[str]:
        """Yield the paths of the files below a folder, in order."""
        with storage_errors(str(self._folder / below)):
            found = sorted((self._folder / below).rglob("*"))
        yield from (place.relative_to(self._folder).as_posix() for place in found if place.is_file())

    def vkeys(self) -> list[VerifierKey]:
        """Return the keys in ``keys/``."""
        paths = [path for path in self.paths("keys") if path.endswith(".vkey")]
        return [key for path in paths[:MOST_KEYS] for key in _vkeys_of(self.read(path))]

    def send(self, cosigned: bytes) -> Note | None:
        """Say that a person has to carry it: a folder takes nothing back."""
        del cosigned
        return note("witness.carry")


def source_at(named: str) -> Source:
    """Return the log at an address or in a folder.

    Raises:
        UsageError: it is neither.
    """
    if "://" in named:
        return HttpLog(named)
    return FolderLog(Path(named).expanduser())


def limit_of(path: str) -> int:
    """Return how many bytes an object of the log can have at most."""
    if path.startswith("tile/entries/"):
        return LARGEST_BUNDLE_BYTES
    return LARGEST_TILE_BYTES if path.startswith("tile/") else LARGEST_NOTE_BYTES


def _vkeys_of(body: bytes) -> list[VerifierKey]:
    found = []
    for line in body.decode("utf-8", "replace").splitlines()[:MOST_KEYS]:
        try:
            found.append(verifier_key(line))
        except EvidockError:
            continue  # a line that is no key names none
    return found


def _unexpected(subject: str, answer: Answer) -> StorageError:
    cure = "see that this is the address of an Evidock, and what its log says"
    return StorageError(f"answered {phrase(answer.status)}: {answer.words[:200]}", subject=subject, cure=cure)


def _read_only(path: str) -> StorageError:
    return StorageError(
        "a log that is watched is only read", subject=path, cure="this is a fault of the program: report it"
    )
