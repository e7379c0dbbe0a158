"""What is done now and then goes on whatever a round fails with, and is done once more when it is left."""

import threading

from dashboard.rounds import Rounds
from dashboard.works import SEALING_S


def test_a_round_that_fails_is_followed_by_the_next() -> None:
    """An error of a round is logged, and the next one tries again."""
    done: list[int] = []
    again = threading.Event()

    def tick() -> None:
        done.append(len(done))
        if len(done) == 1:
            raise ZeroDivisionError("first round")
        again.set()

    with Rounds("test", tick, 0.001):
        assert again.wait(20)


def test_leaving_does_the_last_thing_once() -> None:
    """What must not be left undone is done at the end, also when no round ever came."""
    last: list[str] = []
    with Rounds("test", lambda: last.append("round"), 3600, last=lambda: last.append("last")):
        pass
    assert last == ["last"]


def test_the_ledger_is_sealed_within_a_second() -> None:
    """Between two sealings of a served home lies less than a second."""
    assert 0 < SEALING_S < 1
