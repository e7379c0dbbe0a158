"""Time stamps from a real authority: what holds is kept, what does not is refused, what waits catches up."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evidence.errors import ConfigError, IntegrityError, StorageError
from storage import stamping
from storage.stamp_order import with_sorted_certificates
from storage.stamping import Stamping, due, newest, stamp, verify_stamp
from tests.support.tsa import Authority, openssl, serving
from tests.support.watched import WatchedLog

NOTE = b"evidock/0123456789abcdef\n7\nAAAA\n\n"


def now() -> datetime:
    """Return this machine's time: the authority uses it too."""
    return datetime.now(UTC)


class Shifted:
    """A clock that is off by some minutes."""

    def __init__(self, by: timedelta) -> None:
        self.by = by

    def __call__(self) -> datetime:
        """Return its time."""
        return now() + self.by


@pytest.fixture(scope="module", name="made")
def _made(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("tsa") / "good").make()


@pytest.fixture(name="tsa")
def _tsa(made: Authority) -> Iterator[Authority]:
    made.answers.clear()
    with serving(made) as authority:
        yield authority


@pytest.fixture(name="home")
def _home(tmp_path: Path) -> WatchedLog:
    home = WatchedLog(tmp_path / "home")
    home.grow(5)
    return home


# --- one stamp --------------------------------------------------------------------------------------------------------


def test_a_good_stamp_holds(tsa: Authority) -> None:
    """A response over the very bytes, under the authority's root, states a time near ours."""
    response = stamp(NOTE, tsa.url, tsa.roots_pem, now)
    assert abs(verify_stamp(NOTE, response, tsa.roots_pem) - now()) < timedelta(minutes=1)


@pytest.mark.parametrize("attempt", range(4))
def test_an_authority_may_send_its_chain_in_any_order(tmp_path: Path, attempt: int) -> None:
    """Certificates come as the chain runs, in DER's order only by chance; the stamp holds and is kept as it came."""
    authority = Authority(tmp_path / str(attempt)).make()
    authority.chain = True
    with serving(authority):
        response = stamp(NOTE, authority.url, authority.roots_pem, now)
    assert response == (authority.folder / "1.tsr").read_bytes()
    assert with_sorted_certificates(with_sorted_certificates(response)) == with_sorted_certificates(response)


@given(body=st.binary(max_size=200))
def test_what_is_no_response_is_left_as_it_is(body: bytes) -> None:
    """Sorting never fails, and never makes bytes more or fewer."""
    assert sorted(with_sorted_certificates(body)) == sorted(body)


def test_another_program_agrees(tsa: Authority, home: WatchedLog, tmp_path: Path) -> None:
    """The kept response and note are checked by openssl alone, as the operations manual says."""
    made = Stamping(home.log, tsa.url, tsa.roots_pem, 24, now).tick()
    assert made is not None
    kept = home.ledger / made.path
    roots = tsa.folder / "ca.pem"
    openssl("ts", "-verify", "-in", kept, "-data", kept.with_suffix(".note"), "-CAfile", roots)
    (tmp_path / "other").write_bytes(b"other")
    with pytest.raises(AssertionError):
        openssl("ts", "-verify", "-in", kept, "-data", tmp_path / "other", "-CAfile", roots)


def test_a_stamp_over_other_bytes_does_not_hold(tsa: Authority) -> None:
    """A response is for one note: another note, or a flipped bit of it, is refused."""
    response = stamp(NOTE, tsa.url, tsa.roots_pem, now)
    with pytest.raises(IntegrityError, match="messages"):
        verify_stamp(NOTE + b"x", response, tsa.roots_pem)


def test_a_stamp_of_another_authority_does_not_hold(tsa: Authority, tmp_path: Path) -> None:
    """A response under a root that is not trusted is refused."""
    other = Authority(tmp_path / "other").make()
    response = stamp(NOTE, tsa.url, tsa.roots_pem, now)
    with pytest.raises(IntegrityError, match="certificate"):
        verify_stamp(NOTE, response, other.roots_pem)


def test_an_expired_authority_is_refused(tmp_path: Path) -> None:
    """A certificate that had run out at the stated time makes no evidence."""
    expired = Authority(tmp_path / "old").make(end="20210101000000Z")
    with serving(expired) as old, pytest.raises(IntegrityError, match="has expired"):
        stamp(NOTE, old.url, old.roots_pem, now)


def test_a_replayed_answer_is_refused(tsa: Authority) -> None:
    """An earlier true response over the same bytes carries another nonce than the request."""
    tsa.answers.append(stamp(NOTE, tsa.url, tsa.roots_pem, now))
    with pytest.raises(IntegrityError, match="Nonce"):
        stamp(NOTE, tsa.url, tsa.roots_pem, now)


def test_a_clock_far_off_is_named(tsa: Authority) -> None:
    """When the authority's time is far from this machine's, somebody has to look at the clock."""
    with pytest.raises(IntegrityError, match="set this machine's clock right"):
        stamp(NOTE, tsa.url, tsa.roots_pem, lambda: now() + timedelta(hours=1))


@pytest.mark.parametrize("answer", [b"", b"x", b"0" * 5000, b"\x30\x05\x30\x03\x02\x01\x02"])
def test_an_answer_that_is_no_stamp_is_refused(tsa: Authority, answer: bytes) -> None:
    """Rubbish, and a refusal of the authority, are integrity errors and never anything else."""
    tsa.answers.append(answer)
    with pytest.raises(IntegrityError):
        stamp(NOTE, tsa.url, tsa.roots_pem, now)


def test_every_flipped_byte_of_a_stamp_is_noticed(tsa: Authority) -> None:
    """Whatever byte of a response changes, it never states another time for the note; it holds as it was, or not."""
    response = stamp(NOTE, tsa.url, tsa.roots_pem, now)
    at, refused = verify_stamp(NOTE, response, tsa.roots_pem), 0
    for place in range(len(response)):
        flipped = response[:place] + bytes([response[place] ^ 0x41]) + response[place + 1 :]
        try:
            assert verify_stamp(NOTE, flipped, tsa.roots_pem) == at
        except IntegrityError:
            refused += 1
    assert refused > len(response) * 0.9


@pytest.mark.parametrize("pem", [b"", b"-----BEGIN CERTIFICATE-----\nAA==\n-----END CERTIFICATE-----\n"])
def test_roots_that_hold_no_certificate_are_named(tsa: Authority, pem: bytes) -> None:
    """Without a root nothing can be believed, so nothing is asked."""
    before = tsa.asked
    with pytest.raises(ConfigError, match=r"ledger\.tsa_roots"):
        stamp(NOTE, tsa.url, pem, now)
    assert tsa.asked == before


# --- stamping a log ---------------------------------------------------------------------------------------------------


def test_the_newest_checkpoint_is_stamped_and_kept(tsa: Authority, home: WatchedLog) -> None:
    """Response and note lie side by side under size and digest, and hold together for whoever reads them."""
    made = Stamping(home.log, tsa.url, tsa.roots_pem, 24, now).tick()
    assert made is not None
    assert made.size == 5
    assert [path.rpartition(".")[2] for path in home.log.paths("stamped")] == ["note", "tsr"]
    note = home.log.read(made.path.removesuffix("tsr") + "note")
    assert note == home.log.read("checkpoint")
    assert verify_stamp(note, home.log.read(made.path), tsa.roots_pem) == made.at
    assert newest(home.log) == made


def test_a_stamp_is_made_when_it_is_due_and_something_is_new(tsa: Authority, home: WatchedLog) -> None:
    """Within the interval, or while the log stands still, nobody is asked; a restart remembers the last stamp."""
    assert Stamping(home.log, tsa.url, tsa.roots_pem, 24, now).tick() is not None
    asked, again = tsa.asked, Stamping(home.log, tsa.url, tsa.roots_pem, 24, now)
    home.grow(1)
    assert again.tick() is None
    assert Stamping(home.log, tsa.url, tsa.roots_pem, 1e-9, now).tick() is not None
    assert Stamping(home.log, tsa.url, tsa.roots_pem, 1e-9, now).tick() is None
    assert tsa.asked == asked + 1


def test_a_log_without_entries_asks_nobody(tsa: Authority, tmp_path: Path) -> None:
    """Before the first sealing there is nothing to stamp."""
    asked = tsa.asked
    assert Stamping(WatchedLog(tmp_path / "new").log, tsa.url, tsa.roots_pem, 24, now).tick() is None
    assert tsa.asked == asked


def test_an_offline_bureau_catches_up(made: Authority, home: WatchedLog) -> None:
    """While the authority cannot be reached checkpoints wait; then one stamp over the newest covers them all."""
    clock = Shifted(timedelta(minutes=-2))
    with serving(made):
        port = urlsplit(made.url).port or 0
    stamper = Stamping(home.log, made.url, made.roots_pem, 24, clock, retry=timedelta(minutes=4))
    with pytest.raises(StorageError, match="gives no answer"):
        stamper.tick()
    home.grow(10)
    with serving(made, port):
        assert stamper.tick() is None  # asked a moment ago: it is left in peace
        clock.by = timedelta(minutes=3)
        caught_up = stamper.tick()
    assert caught_up is not None
    assert caught_up.size == 15
    assert len([path for path in home.log.paths("stamped") if path.endswith(".tsr")]) == 1


def test_a_refused_answer_is_not_kept(tsa: Authority, home: WatchedLog) -> None:
    """What does not hold on receipt never gets into the vault."""
    tsa.answers.append(b"x")
    with pytest.raises(IntegrityError):
        Stamping(home.log, tsa.url, tsa.roots_pem, 24, now).tick()
    assert list(home.log.paths("stamped")) == []


def test_a_damaged_stamp_in_the_vault_is_named(home: WatchedLog, tsa: Authority) -> None:
    """A kept response that is none any more is an error with its path, when stamping looks for the last."""
    home.log.create(f"{stamping.FOLDER}/{5:012}.{'0' * 16}.tsr", b"x")
    with pytest.raises(IntegrityError, match=r"stamped/000000000005"):
        Stamping(home.log, tsa.url, tsa.roots_pem, 24, now).tick()


@pytest.mark.parametrize(("hours", "is_due"), [(0, False), (23.9, False), (24, True), (500, True)])
def test_a_stamp_falls_due(hours: float, is_due: bool) -> None:
    """A stamp is due so many hours after the last, and at once when there is none."""
    last = datetime(2026, 11, 23, tzinfo=UTC)
    assert due(last + timedelta(hours=hours), last, 24) is is_due
    assert due(last, None, 24)
