"""Whatever a log, a server or a stick answers, a witness ends with one of our errors and signs nothing untrue."""

import socket
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from evidence.errors import EvidockError, NotFoundError, StorageError, UsageError
from evidence.notes import Note
from evidence.tlog import Checkpoint, VerifierKey
from storage.cosigned import accept
from storage.log_sources import HttpLog, Source
from storage.signing import LogKeys
from storage.witness import Witness
from storage.witness_state import WitnessState
from tests.support.watched import Clock, WatchedLog, entry

FEW = settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


class Answers:
    """A log that is a table of answers; what it does not have is random bytes or nothing."""

    label = "answers"

    def __init__(self, objects: Mapping[str, bytes], other: bytes | None, keys: list[VerifierKey]) -> None:
        self._objects = objects
        self._other = other
        self._keys = keys

    def read(self, path: str) -> bytes:
        """Return the answer."""
        found = self._objects.get(path, self._other)
        if found is None:
            raise NotFoundError("nothing", subject=path)
        return found

    def paths(self, below: str) -> Iterator[str]:
        """List what is in the table."""
        yield from (path for path in self._objects if path.startswith(below))

    def vkeys(self) -> list[VerifierKey]:
        """Return the keys."""
        return self._keys

    def send(self, cosigned: bytes) -> Note | None:
        """Take a note."""
        return Note("witness.refused", {"words": f"{len(cosigned)} bytes"})

    def create(self, path: str, body: bytes) -> None:
        """Refuse."""
        raise StorageError("read only", subject=f"{path} {len(body)}")

    replace = create

    def drop(self, path: str) -> None:
        """Refuse."""
        raise StorageError("read only", subject=path)


@pytest.fixture(scope="module", name="home")
def _home(tmp_path_factory: pytest.TempPathFactory) -> WatchedLog:
    home = WatchedLog(tmp_path_factory.mktemp("fuzz") / "home")
    home.grow(300)
    home.change_key()
    home.grow(300)
    return home


def looks(source: Source, key: VerifierKey | None = None) -> tuple[bool, str]:
    """Look with a new witness; return whether it cosigned, and what it kept."""
    with TemporaryDirectory() as folder:
        state = WitnessState(Path(folder) / "state", "witness/fuzz")
        with suppress(EvidockError):
            Witness(source, lambda _: state, Clock(), key).look()
        last = state.last
        return last is not None, last.text if last else ""


@FEW
@given(checkpoint=st.binary(max_size=300), other=st.none() | st.binary(max_size=300))
def test_random_bytes_are_never_cosigned(home: WatchedLog, checkpoint: bytes, other: bytes | None) -> None:
    """A log of random bytes is refused with a sentence."""
    assert looks(Answers({"checkpoint": checkpoint}, other, list(home.keys.vkeys))) == (False, "")


@FEW
@given(
    size=st.integers(0, 10**19),
    root=st.binary(min_size=32, max_size=32),
    other=st.none() | st.binary(max_size=9000),
    lines=st.lists(st.text(min_size=1, max_size=20).filter(lambda line: line.isprintable()), max_size=2),
)
def test_a_signed_checkpoint_over_rubbish_is_never_cosigned(
    home: WatchedLog, size: int, root: bytes, other: bytes | None, lines: list[str]
) -> None:
    """Even our own key's signature over any size and root convinces nobody without the tiles."""
    assume(other != root)  # the one tile of a log of one entry: that would be a log
    text = Checkpoint(home.keys.origin, size, root).text + "".join(f"{line}\n" for line in lines)
    note = home.keys.sign(text).to_bytes()
    cosigned, _ = looks(Answers({"checkpoint": note}, other, list(home.keys.vkeys)))
    assert not cosigned


@FEW
@given(data=st.data())
def test_a_log_with_one_wrong_object_is_cosigned_as_it_is_or_not_at_all(home: WatchedLog, data: st.DataObject) -> None:
    """With any one object replaced, what is cosigned, if anything, is the checkpoint that the home itself signed."""
    objects = {path: home.log.read(path) for path in ("checkpoint", *home.log.paths("tile"))}
    path = data.draw(st.sampled_from(sorted(objects)))
    body = objects[path]
    flips = st.integers(0, len(body) - 1).map(lambda at: body[:at] + bytes([body[at] ^ 4]) + body[at + 1 :])
    objects[path] = data.draw(st.binary(max_size=400) | flips | st.integers(0, len(body)).map(lambda at: body[:at]))
    cosigned, text = looks(Answers(objects, None, list(home.keys.vkeys)), home.keys.vkeys[1])
    assert not cosigned or text == home.newest.text


@pytest.mark.parametrize(
    "body",
    [
        b"[" * 60_000 + b'"digital signature generation"',
        b'{"event":"digital signature generation","detail":[]}',
        b'{"event":"digital signature generation","detail":{"old":{},"new":1}}',
        b'{"event":"digital signature generation"}\xff',
        b'"digital signature generation"',
    ],
)
def test_an_entry_that_only_looks_like_an_introduction_teaches_nothing(tmp_path: Path, body: bytes) -> None:
    """Entries with the word and without the sense are passed over, however deep or wrong they are."""
    home = WatchedLog(tmp_path / "home")
    first = home.keys.vkey
    home.change_key(introduced=False)
    home.seal([entry(0), body])
    cosigned, text = looks(Answers(everything(home), None, []), first)
    assert (cosigned, text) == (True, home.newest.text)


def everything(home: WatchedLog) -> dict[str, bytes]:
    """Return all objects of a log."""
    return {path: home.log.read(path) for path in ("checkpoint", *home.log.paths("tile"))}


@FEW
@given(body=st.binary(max_size=400))
def test_random_bytes_are_never_accepted(home: WatchedLog, body: bytes) -> None:
    """What is posted to a home as a cosignature and is none is refused as wrong use."""
    with pytest.raises(UsageError):
        accept(home.log, home.keys.vkeys, (), body)


@contextmanager
def answering(raw: bytes) -> Iterator[str]:
    """Answer every connection with these bytes, and close it."""
    server = socket.create_server(("127.0.0.1", 0))

    def run() -> None:
        while True:
            try:
                connection, _ = server.accept()
            except OSError:
                return  # the test is over
            with connection:
                connection.settimeout(5)
                connection.recv(65536)
                connection.sendall(raw)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.getsockname()[1]}"
    finally:
        server.shutdown(socket.SHUT_RDWR)
        server.close()
        thread.join()


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\0\xff" * 50,
        b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nshort",
        b"HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * 70_000,
        b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 302 Found\r\nLocation: file:///etc/passwd\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 999 What\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 500 Oh\r\nContent-Length: 4\r\n\r\n\xff\x00\x1b[",
        b"HTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/9 x\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n" + b"A: b\r\n" * 300 + b"\r\n",
    ],
)
def test_a_server_that_speaks_nonsense_gives_one_kind_of_error(raw: bytes) -> None:
    """Broken, endless, redirected and empty answers all come out as a storage error with the address."""
    with answering(raw) as address, pytest.raises(StorageError, match=r"127\.0\.0\.1"):
        Witness(HttpLog(address), lambda _: WitnessState(Path("never"), "w"), Clock()).look()


def test_keys_that_sign_for_another_name_are_not_met(tmp_path: Path, home: WatchedLog) -> None:
    """A key beside the log that carries another name is never taken on trust for it."""
    other = LogKeys(tmp_path / "keys", Clock()).ensure()
    assert looks(Answers(everything(home), None, [other.vkey])) == (False, "")
