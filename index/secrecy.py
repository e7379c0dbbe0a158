"""Who marked what as confidential, and which class holds: of all marks that reach a clip or a case, the strictest.

A clip is reached by its own mark, and by those of the cases it hangs on; a case by its own, by what its record says, and
by those of its clips, for whoever reads the case reads them.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Session

from evidence.errors import NotFoundError, UsageError
from evidence.ids import CaseNo, Digest
from evidence.law import LawPack
from evidence.ports import Scope, Transaction
from evidence.secrecy import SecrecyClass, class_named, strictest
from index import dialects, schema
from index.decisions import Act, Decided, record
from index.journal import Told
from index.tx import session_of

CLASSIFY = "classify"


class Marked(StrEnum):
    """What a mark is on."""

    CLIP = "clip"
    CASE = "case"


def classify(tx: Transaction, scope: Marked, target: str, word: str, act: Act, pack: LawPack) -> Decided:
    """Mark a clip or a case with a class; no word takes the mark away, which another person has to do.

    Raises:
        NotFoundError: no such clip or case. UsageError: nobody knows that class; the mark was set by the same person;
            or it is less strict than one that another person has to lift first.
    """
    session = session_of(tx)
    _there(session, scope, target)
    wanted = class_named(word, known(pack))
    if wanted is None and word.strip():
        cure = "use one of " + ", ".join(one.code for one in known(pack))
        raise UsageError(f"is no class of confidentiality of {pack.rule_version}", subject=word, cure=cure)
    standing = session.get(schema.SecrecyRow, (scope.value, target))
    _may_lower(standing, wanted, act, pack)
    about = {"scope": scope.value, "marked": target, "code": wanted.code if wanted else ""}
    put(session, about, act.actor.name, act.reason, act.at)
    subject = target if scope is Marked.CLIP else ""
    reviewed = Scope(clips=frozenset({Digest(target)})) if scope is Marked.CLIP else Scope(cases=frozenset({CaseNo(target)}))
    return record(session, act, f"{scope.value} {target}", reviewed, about, subject=subject)


def _there(session: Session, scope: Marked, target: str) -> None:
    model = schema.Clip if scope is Marked.CLIP else schema.CaseRow
    if session.get(model, target) is None:
        raise NotFoundError(f"no such {scope.value}", subject=target, cure="list them to see which there are")


def _may_lower(standing: schema.SecrecyRow | None, wanted: SecrecyClass | None, act: Act, pack: LawPack) -> None:
    """Let only another person than the one who set a mark make it less strict."""
    before = class_named(standing.code, known(pack)) if standing else None
    lowers = before is not None and (wanted.rank if wanted else 0) < before.rank
    if lowers and standing is not None and standing.actor == act.actor.name:
        cure = "let another named person lift it"
        raise UsageError(f"{standing.actor} set the mark and cannot lower it too", subject=standing.target, cure=cure)
    if before is None and wanted is None:
        raise UsageError("is not marked", subject=act.verb, cure="nothing is left to take away")


def put(session: Session, about: Mapping[str, str], actor: str, reason: str, at: datetime) -> None:
    """Write a mark."""
    values = {"scope": about["scope"], "target": about["marked"], "code": about["code"]}
    dialects.upsert(session, schema.SecrecyRow, [{**values, "actor": actor, "reason": reason, "decided_at": at}])
    session.expire_all()


def take_in(session: Session, told: Told) -> None:
    """Do again what an entry says of a mark."""
    about = {name: str(told.detail[name]) for name in ("scope", "marked", "code")}
    put(session, about, told.actor, told.reason, told.at)


def known(pack: LawPack) -> tuple[SecrecyClass, ...]:
    """Return the classes of a pack, the newest version's."""
    return pack.versions[-1].secrecy


def of_clip(session: Session, digest: str, pack: LawPack) -> SecrecyClass | None:
    """Return the class that holds for a clip."""
    link = schema.Link
    cases = session.scalars(sa.select(link.case_no).where(link.digest == digest, link.active).distinct()).all()
    words = [*_marks(session, Marked.CLIP, [digest]), *_words_of(session, list(cases))]
    return strictest(class_named(word, known(pack)) for word in words)


def of_case(session: Session, case_no: str, pack: LawPack) -> SecrecyClass | None:
    """Return the class that holds for a case, for what hangs on it, too."""
    link, row = schema.Link, schema.SecrecyRow
    hanging = sa.select(link.digest).where(link.case_no == case_no, link.active)
    of_clips = session.scalars(sa.select(row.code).where(row.scope == Marked.CLIP.value, row.target.in_(hanging)))
    words = [*_words_of(session, [case_no]), *of_clips]
    return strictest(class_named(word, known(pack)) for word in words)


def _words_of(session: Session, cases: list[str]) -> Iterator[str]:
    yield from session.scalars(sa.select(schema.CaseRow.confidentiality).where(schema.CaseRow.case_no.in_(cases)))
    yield from _marks(session, Marked.CASE, cases)


def _marks(session: Session, scope: Marked, targets: list[str]) -> Iterator[str]:
    row = schema.SecrecyRow
    yield from session.scalars(sa.select(row.code).where(row.scope == scope.value, row.target.in_(targets)))
