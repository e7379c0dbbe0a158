"""Requests for copies: who may do what in which order, and what confidentiality lets through."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from evidence.copies import (
    CopiedFile,
    CopyFolder,
    CopyRequest,
    CopyState,
    Handing,
    OnCase,
    Said,
    approved,
    asked_for,
    handed_over,
    preparable,
    prepared,
    refused,
    requested,
)
from evidence.copy_views import copy_json
from evidence.errors import UsageError, WithheldError
from evidence.ids import CaseNo, Digest, StepNo
from evidence.notes import note
from evidence.secrecy import Mark, Marked, Secrecy
from tests.support.secrecy import STATE, TRADE

AT = datetime(2026, 3, 2, tzinfo=UTC)
LI, HEAD = Said("李", "受理", AT), Said("局长", "同意", AT + timedelta(days=2))
ONE, TWO = Digest("1" * 64), Digest("2" * 64)
ASKED = requested(
    CopyRequest("abcd0123", CaseNo("HJ-1"), "某厂", "行政复议", "李", (), LI, ground="当事人", identified="营业执照")
)
MADE = CopyFolder("/out/copies-abcd0123", "ab" * 32, (CopiedFile("001-original.mp4", ONE, ONE, 7),))
HANDED = Handing("2026-07", "某厂法定代表人", "身份证，尾号 1234")
SECRETS = {ONE: Secrecy(TRADE, (Mark(Marked.CLIP, ONE, TRADE.code, TRADE.code, "李", "配方", AT),))}


def open_to_all(_digest: Digest) -> None:
    """Nothing is confidential."""


def test_a_request_goes_from_taking_in_to_the_receipt() -> None:
    """Each act once, in this order; the age stops with the handing over."""
    granted = approved(ASKED, (ONE, TWO), open_to_all, HEAD)
    assert preparable(granted, open_to_all) == (ONE, TWO)
    ready = prepared(granted, MADE, LI)
    closed = handed_over(ready, HANDED, open_to_all, Said("李", "领取", AT + timedelta(days=3)))
    assert (closed.state, closed.state.is_closed, closed.age(AT + timedelta(days=99))) == (
        CopyState.HANDED_OVER,
        True,
        timedelta(days=3),
    )
    assert copy_json(closed, AT)["manifest_sha256"] == "ab" * 32
    with pytest.raises(UsageError, match="handed over"):
        prepared(closed, MADE, LI)


def test_out_of_order_or_by_the_same_person_is_refused() -> None:
    """Who took the request in does not decide on it, and nothing is prepared or handed over before its turn."""
    with pytest.raises(UsageError, match="cannot decide"):
        approved(ASKED, (ONE,), open_to_all, LI)
    with pytest.raises(UsageError, match="cannot decide"):
        refused(ASKED, LI)
    with pytest.raises(UsageError, match="approve it first"):
        preparable(ASKED, open_to_all)
    with pytest.raises(UsageError, match="prepare the copies first"):
        handed_over(ASKED, HANDED, open_to_all, LI)
    no = refused(ASKED, HEAD)
    assert no.age(AT + timedelta(days=9)) == timedelta(days=2)
    with pytest.raises(UsageError, match="is refused"):
        approved(no, (ONE,), open_to_all, HEAD)


@pytest.mark.parametrize("missing", ["receipt", "receiver", "shown"])
def test_a_handing_over_says_what_was_signed_by_whom_and_what_they_showed(missing: str) -> None:
    """Without one of them the request stays open; the error has words in every language."""
    ready = prepared(approved(ASKED, (ONE,), open_to_all, HEAD), MADE, LI)
    with pytest.raises(UsageError, match=missing) as raised:
        handed_over(ready, replace(HANDED, **{missing: " "}), open_to_all, LI)
    assert raised.value.reason == note(f"copies.needs.{missing}")


def test_what_is_prepared_may_be_prepared_again() -> None:
    """A lost folder is made again, with its own list of digests, until it was handed over."""
    ready = prepared(approved(ASKED, (ONE,), open_to_all, HEAD), MADE, LI)
    assert preparable(ready, open_to_all) == (ONE,)
    assert prepared(ready, replace(MADE, manifest="cd" * 32), LI).manifest == "cd" * 32


def test_a_request_asks_for_clips_or_for_what_belongs_to_steps() -> None:
    """Neither is the whole case; both together ask for either; a text record of no step comes with the whole case."""
    first, second = StepNo("1"), StepNo("2")
    there = [OnCase(ONE, frozenset({first, second})), OnCase(TWO, frozenset()), OnCase(Digest("3" * 64))]
    assert asked_for(ASKED, there) == (ONE, TWO, Digest("3" * 64))
    assert asked_for(replace(ASKED, clips=(TWO,)), there) == (TWO,)
    assert asked_for(replace(ASKED, steps=(second,)), there) == (ONE,)
    assert asked_for(replace(ASKED, clips=(TWO,), steps=(first,)), there) == (ONE, TWO)


@pytest.mark.parametrize("missing", ["applicant", "ground", "purpose", "identified", "checked_by"])
def test_a_request_says_who_wants_it_what_for_and_who_checked(missing: str) -> None:
    """Without one of them it is not taken in."""
    with pytest.raises(UsageError, match=missing.replace("_", " ")) as raised:
        requested(replace(ASKED, **{missing: " "}))  # type: ignore[arg-type] # each is a text
    assert raised.value.reason == note(f"copies.needs.{missing}")


def test_a_trade_secret_needs_the_head_to_name_what_is_free_of_it() -> None:
    """Without it the request is withheld; what is named as free is copied, what is not named stays out."""
    with pytest.raises(WithheldError, match="trade secret"):
        approved(ASKED, (ONE, TWO), SECRETS.get, HEAD)
    assert approved(ASKED, (ONE, TWO), SECRETS.get, HEAD, free=(ONE,)).granted == (ONE, TWO)
    assert approved(ASKED, (ONE, TWO), SECRETS.get, HEAD, free=(TWO,)).granted == (TWO,)
    assert approved(ASKED, (ONE, TWO), SECRETS.get, HEAD, leave_out=True).granted == (TWO,)
    with pytest.raises(UsageError, match="not asked for"):
        approved(ASKED, (TWO,), SECRETS.get, HEAD, free=(ONE,))
    with pytest.raises(UsageError, match="no clip is left"):
        approved(ASKED, (), open_to_all, HEAD)


def test_a_state_secret_is_never_copied() -> None:
    """Naming it as free does not help, and a mark that comes after the approval still stops the preparation."""
    secret = {ONE: Secrecy(STATE)}
    with pytest.raises(WithheldError, match="state secret"):
        approved(ASKED, (ONE, TWO), secret.get, HEAD, free=(ONE, TWO), leave_out=True)
    granted = approved(ASKED, (ONE, TWO), open_to_all, HEAD)
    with pytest.raises(WithheldError, match="state secret"):
        preparable(granted, secret.get)
    with pytest.raises(WithheldError, match="state secret"):
        handed_over(prepared(granted, MADE, LI), HANDED, secret.get, LI)


def test_the_head_may_withdraw_the_consent_until_the_copies_are_handed_over() -> None:
    """A request that a mark has stopped is closed that way; never by who took it in, nor after the handing over."""
    granted = approved(ASKED, (ONE,), open_to_all, HEAD)
    ready = prepared(granted, MADE, LI)
    assert refused(granted, HEAD).state is refused(ready, HEAD).state is CopyState.REFUSED
    with pytest.raises(UsageError, match="cannot decide"):
        refused(ready, LI)
    with pytest.raises(UsageError, match="handed over"):
        refused(handed_over(ready, HANDED, open_to_all, LI), HEAD)
