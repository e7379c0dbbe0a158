"""The log's keys: made once, kept private, changed with an overlap, and never gone for a moment."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from evidence.errors import ConfigError, UsageError
from evidence.tlog import Algorithm, Checkpoint, SignedNote, VerifierKey, checkpoint_of, signed_note, verifier_key
from storage.key_files import KeyFolder
from storage.pack_verify import note_signed_by, parse_note, parse_vkey
from storage.signing import LogKeys, Signer, WitnessKey, fingerprint, verify_ed25519

DAY = datetime(2026, 11, 23, tzinfo=UTC)
TEXT = Checkpoint("evidock/00", 7, b"\x07" * 32).text


class Clock:
    """A clock that stands until it is set."""

    def __init__(self) -> None:
        self.now = DAY

    def __call__(self) -> datetime:
        """Return the time it stands at."""
        return self.now


@pytest.fixture(name="clock")
def _clock() -> Clock:
    return Clock()


def keys_in(folder: Path, clock: Clock) -> LogKeys:
    """Open the keys of a folder as a new process would."""
    return LogKeys(folder, clock).ensure()


def ignore(old: VerifierKey, new: VerifierKey) -> None:
    """Introduce a key to nobody."""
    del old, new


def signs(keys: LogKeys, *expected: VerifierKey) -> bool:
    """Whether exactly these keys sign now, and their signatures hold."""
    note = signed_note(keys.sign(TEXT).to_bytes())
    return len(note.signatures) == len(expected) and all(note.is_signed_by(key, verify_ed25519) for key in expected)


def test_the_first_key_is_made_once(tmp_path: Path, clock: Clock) -> None:
    """A new home gets a name of 16 random hex digits and one key; the next start finds both again."""
    keys, again = keys_in(tmp_path / "keys", clock), keys_in(tmp_path / "keys", clock)
    name, _, digits = keys.origin.partition("/")
    assert (name, len(digits), set(digits) <= set("0123456789abcdef")) == ("evidock", 16, True)
    assert (again.origin, again.vkeys) == (keys.origin, keys.vkeys)
    assert signs(again, keys.vkey)
    assert (tmp_path / "keys" / "origin").read_text() == f"{keys.origin}\n"
    assert verifier_key((tmp_path / "keys" / "ledger.vkey").read_text()) == keys.vkey


def test_a_private_key_is_for_this_account_alone(tmp_path: Path, clock: Clock) -> None:
    """The folder is 0700 and the private key 0600, however open the folder was before."""
    (tmp_path / "keys").mkdir(mode=0o755)
    keys_in(tmp_path / "keys", clock)
    assert (tmp_path / "keys").stat().st_mode & 0o777 == 0o700
    assert (tmp_path / "keys" / "ledger.key").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o644])
def test_a_key_that_others_may_read_is_refused(tmp_path: Path, clock: Clock, mode: int) -> None:
    """A private key open to others signs nothing; the error names the command that closes it."""
    keys_in(tmp_path, clock)
    (tmp_path / "ledger.key").chmod(mode)
    with pytest.raises(ConfigError, match=f"chmod 600 {tmp_path}/ledger.key"):
        keys_in(tmp_path, clock)


@pytest.mark.parametrize("body", ["", "PRIVATE+KEY+a+b", "x", "PRIVATE+KEY+a+00000000+AQ==", "\udcff" * 9])
def test_a_file_that_is_no_key_is_refused(tmp_path: Path, clock: Clock, body: str) -> None:
    """A torn or foreign key file is named, never replaced."""
    keys_in(tmp_path, clock)
    (tmp_path / "ledger.key").write_bytes(body.encode("utf-8", "surrogateescape"))
    with pytest.raises(ConfigError, match="no private key"):
        keys_in(tmp_path, clock)


def test_the_private_key_is_never_printed(tmp_path: Path) -> None:
    """A signer shown in a log or a traceback does not show its seed."""
    signer = WitnessKey(tmp_path, "w").ensure()
    assert signer.seed.hex() not in repr(signer)
    assert repr(signer.seed) not in repr(signer)


def test_a_key_file_is_in_the_form_of_the_note_package(tmp_path: Path, clock: Clock) -> None:
    """The line holds name, key id and the seed after its algorithm byte, as others write it."""
    signer = Signer("evidock/aa", Algorithm.ED25519, bytes(range(32)))
    head, material = signer.to_text().strip().rsplit("+", 1)
    assert head == f"PRIVATE+KEY+evidock/aa+{signer.vkey.key_id.hex()}"
    assert material == "AQABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f"
    (tmp_path / "ledger.key").write_text(signer.to_text())
    (tmp_path / "ledger.key").chmod(0o600)
    assert keys_in(tmp_path, clock).signers == (signer,)


def test_another_verifier_agrees(tmp_path: Path, clock: Clock) -> None:
    """A checkpoint and a cosignature made here hold in the pack's own verifier, which shares no code."""
    keys = keys_in(tmp_path / "log", clock)
    witness = WitnessKey(tmp_path / "witness", "witness/one").ensure()
    note = keys.sign(TEXT).signed(witness.cosign(TEXT, 1_800_000_000))
    read = parse_note(note.to_bytes())
    assert note_signed_by(read, parse_vkey(str(keys.vkey)))
    assert note_signed_by(read, parse_vkey(str(witness.vkey)))
    assert not note_signed_by(parse_note(note.to_bytes().replace(b"\n7\n", b"\n8\n")), parse_vkey(str(witness.vkey)))


def test_a_wrong_signature_does_not_hold(tmp_path: Path, clock: Clock) -> None:
    """Another text, a flipped bit, a short key or a short signature: none of them holds, and none raises."""
    keys = keys_in(tmp_path, clock)
    made = keys.sign(TEXT).signatures[0].blob
    public = keys.vkey.public
    assert verify_ed25519(public, TEXT.encode(), made)
    assert not verify_ed25519(public, TEXT.encode() + b"\n", made)
    assert not verify_ed25519(public, TEXT.encode(), bytes([made[0] ^ 1]) + made[1:])
    assert not verify_ed25519(public[:-1], TEXT.encode(), made)
    assert not verify_ed25519(public, TEXT.encode(), made[:-1])


def test_a_fingerprint_can_be_read_aloud(tmp_path: Path, clock: Clock) -> None:
    """It is eight groups of four hex digits, the same every time, and another for another key."""
    one, other = keys_in(tmp_path / "a", clock).vkey, keys_in(tmp_path / "b", clock).vkey
    assert [len(group) for group in fingerprint(one).split(" ")] == [4] * 8
    assert fingerprint(one) == fingerprint(one) != fingerprint(other)


# --- change of keys ---------------------------------------------------------------------------------------------------


def test_both_keys_sign_during_the_overlap(tmp_path: Path, clock: Clock) -> None:
    """After a change old and new sign; after the overlap the old private key is destroyed and its public half stays."""
    keys = keys_in(tmp_path, clock)
    old, new = keys.rotate(30, ignore)
    assert signs(keys, new, old)
    clock.now += timedelta(days=29)
    assert not keys.retire_due()
    assert signs(keys, new, old)
    clock.now += timedelta(days=1)
    assert keys.retire_due()
    assert signs(keys, new)
    assert not (tmp_path / "previous.key").exists()
    assert set(keys.vkeys) == {old, new}
    assert keys.vkey == new


def test_a_verifier_with_the_old_key_follows(tmp_path: Path, clock: Clock) -> None:
    """Who knows only the old key still finds its signature, over the same text, on every checkpoint of the overlap."""
    keys = keys_in(tmp_path, clock)
    old, new = keys.rotate(30, ignore)
    note = signed_note(keys.sign(TEXT).to_bytes())
    assert note.is_signed_by(old, verify_ed25519)
    assert note.is_signed_by(new, verify_ed25519)
    assert old.name == new.name == keys.origin
    assert checkpoint_of(note).size == 7


def test_the_next_start_destroys_a_key_whose_time_is_over(tmp_path: Path, clock: Clock) -> None:
    """An old key does not outlive its overlap because nobody looked: opening the keys looks."""
    _, new = keys_in(tmp_path, clock).rotate(1, ignore)
    clock.now += timedelta(days=2)
    assert signs(keys_in(tmp_path, clock), new)
    assert not (tmp_path / "previous.key").exists()


def test_a_running_process_sees_the_change(tmp_path: Path, clock: Clock) -> None:
    """Keys that were opened before another process changed them sign with the new ones from then on."""
    running = keys_in(tmp_path, clock)
    before = running.vkey
    _, new = keys_in(tmp_path, clock).rotate(30, ignore)
    assert signs(running, new, before)


def test_the_new_key_is_introduced_before_it_signs(tmp_path: Path, clock: Clock) -> None:
    """While the entry is being written the old key alone signs, and the new one is safe on the disk already."""
    keys = keys_in(tmp_path, clock)
    seen: list[tuple[bool, bool]] = []

    def introduce(old: VerifierKey, new: VerifierKey) -> None:
        waiting = KeyFolder(tmp_path).signer("next.key")
        seen.append((signs(keys, old), waiting is not None and waiting.vkey == new))

    keys.rotate(30, introduce)
    assert seen == [(True, True)]


def test_an_entry_that_cannot_be_written_stops_the_change(tmp_path: Path, clock: Clock) -> None:
    """When the ledger refuses, the old key goes on; tried again, the very key that was introduced comes into use."""
    keys = keys_in(tmp_path, clock)
    old, told = keys.vkey, []

    def refuse(_: VerifierKey, new: VerifierKey) -> None:
        told.append(new)
        raise UsageError("no")

    with pytest.raises(UsageError, match="no"):
        keys.rotate(30, refuse)
    assert signs(keys, old)
    assert keys.rotate(30, ignore) == (old, told[0])


def test_a_third_key_waits_for_the_overlap(tmp_path: Path, clock: Clock) -> None:
    """A second change while the old key still signs along would strand its followers: it is refused, with the time."""
    keys = keys_in(tmp_path, clock)
    _, second = keys.rotate(30, ignore)
    with pytest.raises(UsageError, match="2026-12-23"):
        keys.rotate(30, ignore)
    clock.now += timedelta(days=30)
    _, third = keys.rotate(30, ignore)
    assert signs(keys, third, second)


class CrashError(BaseException):
    """The process ends here."""


def dying_after(steps: int) -> Callable[[], None]:
    """Return what counts steps and ends the process after so many."""
    left = [steps]

    def step() -> None:
        if left[0] == 0:
            raise CrashError
        left[0] -= 1

    return step


def plant(monkeypatch: pytest.MonkeyPatch, step: Callable[[], None]) -> None:
    """Have every change of a key file count, and the process end before the one too many."""
    for name in ("write", "rename", "destroy"):
        whole = getattr(KeyFolder, name)

        def counted(self: KeyFolder, *args: object, whole: Callable[..., None] = whole) -> None:
            step()
            whole(self, *args)

        monkeypatch.setattr(KeyFolder, name, counted)


CHANGES_OF_A_ROTATION = 6


@pytest.mark.parametrize("steps", range(CHANGES_OF_A_ROTATION + 1))
def test_a_change_cut_off_anywhere_leaves_a_usable_key(tmp_path: Path, clock: Clock, steps: int) -> None:
    """Ended after any write, the next start signs with a key that followers know, and the change can be made again."""
    old = keys_in(tmp_path, clock).vkey
    introduced: list[VerifierKey] = []
    with pytest.MonkeyPatch.context() as planted:
        keys = LogKeys(tmp_path, clock)
        plant(planted, dying_after(steps))
        finished = True
        try:
            keys.rotate(30, lambda _, new: introduced.append(new))
        except CrashError:
            finished = False
    assert finished is (steps >= CHANGES_OF_A_ROTATION)
    again = keys_in(tmp_path, clock)
    signing = [signer.vkey for signer in again.signers]
    assert old in signing
    assert signs(again, *signing)
    assert set(signing) <= {old, *introduced}
    if len(signing) == 1:
        assert again.rotate(30, ignore)[0] == old
    assert old in [signer.vkey for signer in again.signers]
    assert len(again.signers) == 2
    assert list(tmp_path.glob("*.part")) == []


@pytest.mark.parametrize("steps", range(4))
def test_the_first_key_cut_off_anywhere_is_made_at_the_next_start(tmp_path: Path, clock: Clock, steps: int) -> None:
    """Ended while the first key is made, the next start finishes it, under the name that was written first."""
    with pytest.MonkeyPatch.context() as planted:
        plant(planted, dying_after(steps))
        try:
            LogKeys(tmp_path, clock).ensure()
        except CrashError:
            assert steps < 3
    named = (tmp_path / "origin").read_text().strip() if (tmp_path / "origin").exists() else ""
    keys = keys_in(tmp_path, clock)
    assert not named or keys.origin == named
    assert signs(keys, keys.vkey)


@pytest.mark.parametrize("steps", range(3))
def test_destroying_the_old_key_cut_off_anywhere_is_finished(tmp_path: Path, clock: Clock, steps: int) -> None:
    """Ended while the old key is destroyed, the next start finishes that; the new one signs throughout."""
    keys = keys_in(tmp_path, clock)
    _, new = keys.rotate(1, ignore)
    clock.now += timedelta(days=1)
    with pytest.MonkeyPatch.context() as planted:
        plant(planted, dying_after(steps))
        try:
            keys.retire_due()
        except CrashError:
            assert steps < 2
    assert signs(keys_in(tmp_path, clock), new)
    assert not (tmp_path / "previous.key").exists()
    assert not (tmp_path / "previous.until").exists()


# --- loss -------------------------------------------------------------------------------------------------------------


def test_a_lost_private_key_is_never_replaced_in_silence(tmp_path: Path, clock: Clock) -> None:
    """Where a key was, or checkpoints are, a missing private key stops the start and names the two ways on."""
    keys_in(tmp_path, clock)
    (tmp_path / "ledger.key").unlink()
    with pytest.raises(ConfigError, match=r"restore the keys folder.*rotate --lost"):
        keys_in(tmp_path, clock)
    with pytest.raises(ConfigError, match="not there"):
        LogKeys(tmp_path / "empty", clock).ensure(first=False)
    assert not (tmp_path / "empty" / "ledger.key").exists()


def test_a_key_lost_for_good_is_replaced_when_a_person_says_so(tmp_path: Path, clock: Clock) -> None:
    """The log keeps its name, the lost key stays known for what it signed, and a second call changes nothing."""
    before = keys_in(tmp_path, clock)
    lost, origin = before.vkey, before.origin
    (tmp_path / "ledger.key").unlink()
    keys = LogKeys(tmp_path, clock)
    new = keys.replace_lost(origin)
    assert keys.replace_lost(origin) == new != lost
    assert signs(keys_in(tmp_path, clock), new)
    assert lost in keys.vkeys


def test_keys_of_another_log_are_refused(tmp_path: Path, clock: Clock) -> None:
    """A keys folder that was mixed up with another home's does not sign here."""
    keys_in(tmp_path, clock)
    with pytest.raises(ConfigError, match="sign for evidock/"):
        LogKeys(tmp_path, clock).ensure("evidock/another")


def test_a_damaged_time_is_named(tmp_path: Path, clock: Clock) -> None:
    """A previous.until that holds no time is an error about that file, not a key that signs for ever."""
    keys_in(tmp_path, clock).rotate(30, ignore)
    (tmp_path / "previous.until").write_text("soon\n")
    with pytest.raises(ConfigError, match=r"previous\.until"):
        keys_in(tmp_path, clock)


# --- witness ----------------------------------------------------------------------------------------------------------


def test_a_witness_cosigns_with_the_time(tmp_path: Path) -> None:
    """A cosignature holds for its own time and text only, and its key is made once, private, under its first name."""
    signer = WitnessKey(tmp_path, "witness/one").ensure()
    note = SignedNote(TEXT, (signer.cosign(TEXT, 1_700_000_000),))
    assert note.is_signed_by(signer.vkey, verify_ed25519)
    assert (tmp_path / "witness.key").stat().st_mode & 0o777 == 0o600
    blob = note.signatures[0].blob
    later = SignedNote(TEXT, (note.signatures[0].__class__(signer.name, signer.vkey.key_id, b"\0" * 8 + blob[8:]),))
    assert not later.is_signed_by(signer.vkey, verify_ed25519)
    assert WitnessKey(tmp_path, "witness/two").ensure() == signer


@pytest.mark.parametrize("name", ["", "a b", "a+b", "a\nb"])
def test_a_name_that_a_note_cannot_carry_is_refused(tmp_path: Path, name: str) -> None:
    """A key's name has no space, no plus and no line break."""
    with pytest.raises(UsageError, match="name"):
        WitnessKey(tmp_path, name).ensure()
