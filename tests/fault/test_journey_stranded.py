"""Files that collide, keep changing, or whose records the database refuses: nothing lost, doubled or left hanging."""

import hashlib
import os
import sqlite3
import threading
from pathlib import Path

from tests.support.cli import json_lines, run_cli

WHEN = 1_795_000_000


def make_file(path: Path, size_bytes: int) -> str:
    """Write random bytes with a fixed modification time; return their digest."""
    path.parent.mkdir(parents=True, exist_ok=True)
    body = os.urandom(size_bytes)
    path.write_bytes(body)
    os.utime(path, (WHEN, WHEN))
    return hashlib.sha256(body).hexdigest()


def test_same_name_size_and_time_on_two_cards_are_two_files(tmp_path: Path) -> None:
    """Two cards of one station with a file of the same name, size and time: both are sealed, each under its digest."""
    cards = [tmp_path / name / "MOV0001.bin" for name in ("card1", "card2")]
    digests = [make_file(card, 5000) for card in cards]
    taken = json_lines(run_cli(tmp_path / "home", "take-in", *map(str, cards), "--json"))
    assert [line["sha256"] for line in taken] == digests


def test_refusing_database_shows_the_file_as_failed_and_retry_ends_it(tmp_path: Path) -> None:
    """When recording fails the command ends, the file is shown as failed, and a retry completes it; all agrees."""
    home = tmp_path / "home"
    first = tmp_path / "first.bin"
    make_file(first, 1000)
    assert run_cli(home, "take-in", str(first)).returncode == 0
    with sqlite3.connect(home / "register.sqlite") as register:
        register.execute(
            "create trigger refuse before insert on clip begin select raise(abort, 'database or disk is full'); end"
        )
    second = tmp_path / "second.bin"
    digest = make_file(second, 2000)
    refused = run_cli(home, "take-in", str(second), "--json")
    assert refused.returncode == 1
    [line] = json_lines(refused)
    assert (line["outcome"], line["sha256"]) == ("failed", None)
    with sqlite3.connect(home / "register.sqlite") as register:
        register.execute("drop trigger refuse")
    assert run_cli(home, "retry", "--all").returncode == 0
    [again] = json_lines(run_cli(home, "take-in", str(second), "--json"))
    assert (again["sha256"], again["state"]) == (digest, "reviewed")
    assert run_cli(home, "verify", "--deep").returncode == 0


def test_file_that_never_keeps_still_ends_as_failed_and_can_be_retried(tmp_path: Path) -> None:
    """A file written to without end is given up visibly, not waited for; when it rests, a retry seals it."""
    home, growing = tmp_path / "home", tmp_path / "growing.bin"
    make_file(growing, 1 << 20)
    resting = threading.Event()

    def grow() -> None:
        while not resting.wait(0.005):
            with growing.open("ab") as file:
                file.write(b"x" * 100)

    writer = threading.Thread(target=grow)
    writer.start()
    try:
        given_up = run_cli(home, "take-in", str(growing), "--json")
    finally:
        resting.set()
        writer.join()
    assert given_up.returncode == 1
    [line] = json_lines(given_up)
    assert line["outcome"] == "failed"
    [after] = json_lines(run_cli(home, "take-in", str(growing), "--json"))
    assert after["sha256"] == hashlib.sha256(growing.read_bytes()).hexdigest()
