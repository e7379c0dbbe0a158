"""Requests for copies: who may do what in which order, and what confidentiality lets through."""

from datetime import UTC, datetime, timedelta

import pytest

from evidence.copies import (
    CopyRequest,
    CopyState,
    Said,
    approved,
    copy_json,
    handed_over,
    preparable,
    prepared,
    refused,
    requested,
)
from evidence.errors import UsageError, WithheldError
from evidence.ids import CaseNo, Digest
from evidence.secrecy import Mark, Marked, Secrecy
from tests.support.secrecy import STATE, TRADE

AT = datetime(2026, 3, 2, tzinfo=UTC)
LI, HEAD = Said("李", "受理", AT), Said("局长", "同意", AT + timedelta(days=2))
ONE, TWO = Digest("1" * 64), Digest("2" * 64)
ASKED = requested(CopyRequest("abcd0123", CaseNo("HJ-1"), "某厂", "行政复议", "李", (), LI))
SECRETS = {ONE: Secrecy(TRADE, (Mark(Marked.CLIP, ONE, TRADE.code, TRADE.code, "李", "配方", AT),))}


def open_to_all(_digest: Digest) -> None:
    """Nothing is confidential."""


def test_a_request_goes_from_taking_in_to_the_receipt() -> None:
    """Each act once, in this order; the age stops with the handing over."""
    granted = approved(ASKED, (ONE, TWO), open_to_all, HEAD)
    assert preparable(granted, open_to_all) == (ONE, TWO)
    ready = prepared(granted, "ab" * 32, LI)
    closed = handed_over(ready, "2026-07", "某厂法定代表人", Said("李", "领取", AT + timedelta(days=3)))
    assert (closed.state, closed.state.is_closed, closed.age(AT + timedelta(days=99))) == (
        CopyState.HANDED_OVER,
        True,
        timedelta(days=3),
    )
    assert copy_json(closed, AT)["manifest_sha256"] == "ab" * 32
    with pytest.raises(UsageError, match="handed over"):
        prepared(closed, "x", LI)


def test_out_of_order_or_by_the_same_person_is_refused() -> None:
    """Who took the request in does not decide on it, and nothing is prepared or handed over before its turn."""
    with pytest.raises(UsageError, match="cannot decide"):
        approved(ASKED, (ONE,), open_to_all, LI)
    with pytest.raises(UsageError, match="cannot decide"):
        refused(ASKED, LI)
    with pytest.raises(UsageError, match="approve it first"):
        preparable(ASKED, open_to_all)
    with pytest.raises(UsageError, match="prepare the copies first"):
        handed_over(ASKED, "1", "x", LI)
    no = refused(ASKED, HEAD)
    assert no.age(AT + timedelta(days=9)) == timedelta(days=2)
    with pytest.raises(UsageError, match="is refused"):
        approved(no, (ONE,), open_to_all, HEAD)
    with pytest.raises(UsageError, match="receipt"):
        handed_over(prepared(approved(ASKED, (ONE,), open_to_all, HEAD), "x", LI), "", "x", LI)


@pytest.mark.parametrize("missing", ["applicant", "purpose", "checked_by"])
def test_a_request_says_who_wants_it_what_for_and_who_checked(missing: str) -> None:
    """Without one of them it is not taken in."""
    said = {"applicant": "某厂", "purpose": "复议", "checked_by": "李", missing: " "}
    asked = CopyRequest("a", CaseNo("HJ-1"), said["applicant"], said["purpose"], said["checked_by"], (), LI)
    with pytest.raises(UsageError, match=missing.replace("_", " ")):
        requested(asked)


def test_a_trade_secret_needs_the_head_to_name_what_is_free_of_it() -> None:
    """Without it the request is withheld; what is named as free is copied, what is not named stays out."""
    with pytest.raises(WithheldError, match="trade secret"):
        approved(ASKED, (ONE, TWO), SECRETS.get, HEAD)
    assert approved(ASKED, (ONE, TWO), SECRETS.get, HEAD, free=(ONE,)).granted == (ONE, TWO)
    assert approved(ASKED, (ONE, TWO), SECRETS.get, HEAD, free=(TWO,)).granted == (TWO,)
    with pytest.raises(UsageError, match="not asked for"):
        approved(ASKED, (TWO,), SECRETS.get, HEAD, free=(ONE,))
    with pytest.raises(UsageError, match="no clip is left"):
        approved(ASKED, (), open_to_all, HEAD)


def test_a_state_secret_is_never_copied() -> None:
    """Naming it as free does not help, and a mark that comes after the approval still stops the preparation."""
    secret = {ONE: Secrecy(STATE)}
    with pytest.raises(WithheldError, match="state secret"):
        approved(ASKED, (ONE, TWO), secret.get, HEAD, free=(ONE, TWO))
    granted = approved(ASKED, (ONE, TWO), open_to_all, HEAD)
    with pytest.raises(WithheldError, match="state secret"):
        preparable(granted, secret.get)
