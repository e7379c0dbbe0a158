"""Classes of confidentiality: what a word means, which class holds, and how a refusal is worded."""

import pytest

from evidence.errors import WithheldError
from evidence.secrecy import Effect, Mark, Marked, class_named, permit, secrecy_json, secrecy_of, stops, strictest
from tests.support.secrecy import CLASSES, STATE, TRADE

ON_CASE = Mark(Marked.CASE, "HJ-1", "", "机密★20年")
BY_PERSON = Mark(Marked.CLIP, "ab" * 32, "TRADE_SECRET", "TRADE_SECRET", "李", "配方")


@pytest.mark.parametrize(
    "word", ["国家秘密", "机密", "机密级", "机密★20年", " 秘密 ★ ", "State Secret", "state_secret", "绝密*"]
)
def test_a_record_may_call_a_class_as_records_do(word: str) -> None:
    """Levels, stars with their term, width, case and spaces make no difference."""
    assert class_named(word, CLASSES) is STATE


@pytest.mark.parametrize("word", ["", " ", "内部", "secret"])
def test_other_words_mean_no_class(word: str) -> None:
    """No word is no class, and neither is one that nobody knows."""
    assert class_named(word, CLASSES) is None


def test_the_strictest_class_holds_and_all_marks_are_told() -> None:
    """A record's word and a person's mark both reach the clip; the higher rank decides, whichever came first."""
    held = secrecy_of([BY_PERSON, ON_CASE], CLASSES)
    assert held is not None
    assert held.held is STATE
    assert [(mark.scope, mark.code, mark.by) for mark in held.marks] == [
        (Marked.CASE, "STATE_SECRET", ""),
        (Marked.CLIP, "TRADE_SECRET", "李"),
    ]
    assert strictest([None, TRADE, STATE]) is STATE
    assert secrecy_of([Mark(Marked.CASE, "HJ-1", "", "内部")], CLASSES) is None


def test_a_mark_whose_class_the_pack_lost_counts_as_the_strictest() -> None:
    """What a person kept secret does not become open because a file was changed."""
    held = secrecy_of([Mark(Marked.CLIP, "x", "GONE", "GONE", "李", "y")], CLASSES)
    assert held is not None
    assert held.held is STATE


def test_a_refusal_says_class_article_and_whom_to_call() -> None:
    """In English on the terminal, and as a note for pages of any language."""
    held = secrecy_of([ON_CASE], CLASSES)
    with pytest.raises(
        WithheldError, match=r"HJ-1: state secret: .*export \(article 32\) – call the secrecy officer"
    ) as refused:
        permit(held, Effect.EXPORT, "HJ-1")
    assert refused.value.exit_code == 70
    assert refused.value.reason is not None
    assert refused.value.reason.code == "secrecy.withheld.export"
    assert "国家秘密" in str(refused.value.reason.params["class_names"])


def test_a_class_stops_only_what_it_names() -> None:
    """A trade secret may be viewed and exported, and not be copied for a party."""
    held = secrecy_of([BY_PERSON], CLASSES)
    permit(held, Effect.VIEWING, "x")
    permit(None, Effect.COPIES, "x")
    assert (stops(held, Effect.COPIES), stops(held, Effect.EXPORT), stops(None, Effect.COPIES)) == (True, False, False)
    with pytest.raises(WithheldError, match="ask who is answerable"):
        permit(held, Effect.COPIES, "x")


def test_json_names_what_is_stopped_in_one_order() -> None:
    """Nothing confidential is null."""
    said = secrecy_json(secrecy_of([ON_CASE], CLASSES))
    assert said is not None
    assert said["stops"] == ["processing", "replication", "viewing", "export", "copies"]
    assert secrecy_json(None) is None
