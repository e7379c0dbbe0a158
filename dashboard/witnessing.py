"""The ledger's keys, its witnesses and its time stamps, as a house has them."""

from collections.abc import Sequence
from pathlib import Path

from config.home import make_home
from config.settings import LedgerSettings, load_settings
from dashboard.wiring import House
from evidence.errors import ConfigError, EvidockError, NotFoundError, UsageError
from evidence.ports import LogStore
from evidence.tlog import Algorithm, VerifierKey, checkpoint_of, signed_note, verifier_key
from storage import cosigned
from storage.cosigned import Accepted
from storage.signing import LogKeys
from storage.stamping import Stamping


def witness_keys(settings: LedgerSettings) -> tuple[VerifierKey, ...]:
    """Return the witnesses whose cosignatures this home keeps.

    Raises:
        ConfigError: a line of the setting is no verifier key of a witness.
    """
    keys = []
    for line in settings.witnesses:
        try:
            key = verifier_key(line)
        except EvidockError as error:
            raise _no_witness(line, error.message) from error
        if key.algorithm is not Algorithm.COSIGNATURE:
            raise _no_witness(line, "this is the key of a log, not of a witness")
        keys.append(key)
    return tuple(keys)


def take_cosigned(house: House, body: bytes) -> Accepted:
    """Keep a cosigned checkpoint of this home. Raises as `storage.cosigned.accept` does."""
    return cosigned.accept(house.log, house.keys.vkeys, witness_keys(house.settings.ledger), body)


def stamping_of(house: House) -> Stamping | None:
    """Return what has checkpoints stamped; None where no authority is named.

    Raises:
        ConfigError: the authority's root certificates cannot be read.
    """
    settings = house.settings.ledger
    if not settings.tsa_url:
        return None
    roots = house.home.root / settings.tsa_roots
    try:
        pem = roots.read_bytes()
    except OSError as error:
        cure = "name the PEM file with the authority's root certificates in ledger.tsa_roots"
        raise ConfigError(f"cannot be read ({error.strerror})", subject=str(roots), cure=cure) from error
    return Stamping(house.log, settings.tsa_url, pem, settings.tsa_every_h, house.clock)


def rotate_key(house: House, reason: str) -> tuple[VerifierKey, VerifierKey]:
    """Change the ledger's key: the entry first, then the key, then a checkpoint that both signed.

    Return the old and the new one. Cut off anywhere, the same call begins again.

    Raises:
        UsageError: there is no reason, or the key before this one still signs along.
        IntegrityError: register and vault do not agree; nothing was changed.
    """
    _require_reason(reason)
    house.sealer.require_agreement()
    days = house.settings.ledger.overlap_days
    changed = house.keys.rotate(days, lambda old, new: house.sealer.introduce(old, new, house.actor, reason))
    house.sealer.seal()
    house.sealer.resign()
    return changed


def replace_lost_key(root: Path, reason: str, actor: str) -> tuple[VerifierKey, VerifierKey]:
    """Go on with a new key where the private one is lost for good; return the old and the new one.

    The home at ``root`` cannot be opened without a key, so it is opened here. Cut off, the same call goes on.

    Raises:
        UsageError: there is no reason, the key is not lost, or nothing was ever signed.
    """
    _require_reason(reason)
    home = make_home(root)
    settings = load_settings(home.root)
    with House(home, settings, settings.language, actor, begin=False) as house:
        known = _keys_beside(house.log)
        old = _newest_signer(house.log, known)
        new = LogKeys(home.keys, house.clock).replace_lost(old.name, known)
        if new in known:
            raise UsageError("the private key is there", subject=str(home.keys), cure="change it without --lost")
        house.sealer.introduce(old, new, house.actor, reason)
        house.sealer.seal()
    return old, new


def _keys_beside(log: LogStore) -> list[VerifierKey]:
    return [verifier_key(log.read(path).decode("utf-8", "replace")) for path in log.paths("keys")]


def _newest_signer(log: LogStore, known: Sequence[VerifierKey]) -> VerifierKey:
    """Return, of the keys that lie beside the log, the one that signed its newest checkpoint, else any."""
    try:
        note = signed_note(log.read("checkpoint"))
    except NotFoundError as error:
        cure = "a home that has sealed nothing needs no old key: remove its keys folder and start again"
        raise UsageError("nothing was ever signed here", subject="ledger", cure=cure) from error
    if not known:
        origin = checkpoint_of(note).origin
        raise ConfigError("no public key lies beside the log", subject=origin, cure="restore vault/ledger from backup")
    return next((key for key in known if note.by(key)), known[0])


def _require_reason(reason: str) -> None:
    if not reason.strip():
        raise UsageError("a change of keys needs a reason", cure="say it with --reason")


def _no_witness(line: str, why: str) -> ConfigError:
    cure = "put the line there that `evidock witness` prints as its verifier key"
    return ConfigError(why, subject=f"ledger.witnesses {line!r}", cure=cure)
