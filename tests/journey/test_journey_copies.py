"""``evidock copies prepare`` at a terminal: what room it needs is said first, then a bar is drawn, both on stderr."""

import os
import pty
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.casefile import CASE
from tests.support.cli import ROOT, json_lines, run_cli
from tests.support.copies import copy_office
from tests.support.storage import small_disk

PARTY = ("--applicant", "某公司", "--ground", "当事人本人", "--identified", "营业执照，尾号 0001", "--checked-by", "甲")


@pytest.fixture(scope="module", name="home")
def _home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home in whose case lie two films and a text record."""
    folder = tmp_path_factory.mktemp("copies")
    with copy_office(folder, moving=True) as office:
        return office.house.home.root


@pytest.fixture(name="granted")
def _granted(home: Path) -> str:
    """Return a request that the head has granted."""
    asked = run_cli(home, "copies", "request", CASE, *PARTY, "--purpose", "复议", "--actor", "甲", "--json")
    [body] = json_lines(asked)
    rows = body["copies"]
    assert isinstance(rows, list)
    name = str(rows[0]["request_id"])
    assert run_cli(home, "copies", "approve", name, "--reason", "同意", "--actor", "局长").returncode == 0
    return name


def at_a_terminal(home: Path, *words: str) -> tuple[int, str, str]:
    """Run a command whose stderr is a terminal; return its exit code, stdout and what the terminal showed."""
    reading, terminal = pty.openpty()
    env = {**os.environ, "PYTHONPATH": str(ROOT), "TERM": "xterm-256color", "COLUMNS": "120"}
    command = [sys.executable, "-m", "dashboard", *words, "--home", str(home)]
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=terminal, env=env)
    os.close(terminal)
    shown = b"".join(chunks(reading))
    assert process.stdout is not None
    out = process.stdout.read().decode()
    process.stdout.close()
    return process.wait(timeout=120), out, shown.decode("utf-8", "replace")


def chunks(reading: int) -> Iterator[bytes]:
    """Yield what a terminal shows until its program has gone."""
    try:
        while chunk := os.read(reading, 65536):
            yield chunk
    except OSError:
        pass  # Linux says so at the end of a terminal whose other side is closed
    finally:
        os.close(reading)


@pytest.mark.parametrize(
    ("lang", "room", "copying"), [("zh-CN", "共 3 个文件，需要", "正在复制"), ("en", "3 files,", "copying")]
)
def test_the_room_is_said_and_a_bar_is_drawn(
    home: Path, granted: str, tmp_path: Path, lang: str, room: str, copying: str
) -> None:
    """Before the first byte the terminal says what is needed and free; then it draws; stdout holds the result alone."""
    words = ("copies", "prepare", granted, "--to", str(tmp_path / "out"), "--actor", "甲", "--lang", lang)
    code, out, shown = at_a_terminal(home, *words)
    assert code == 0, shown
    assert -1 < shown.find(room) < shown.find(copying)
    assert "━" in shown
    assert granted in out
    assert copying not in out
    assert (tmp_path / "out" / f"copies-{granted}" / "manifest-sha256.txt").is_file()


def test_on_a_pipe_only_the_sentences_are_printed(home: Path, granted: str, tmp_path: Path) -> None:
    """No bar goes into a log file; the request is JSON on stdout."""
    words = ("copies", "prepare", granted, "--to", str(tmp_path / "out"), "--actor", "甲", "--lang", "en", "--json")
    done = run_cli(home, *words)
    assert done.returncode == 0, done.stderr
    assert ("3 files," in done.stderr, "━" in done.stderr) == (True, False)
    [body] = json_lines(done)
    rows = body["copies"]
    assert isinstance(rows, list)
    assert (rows[0]["state"], len(rows[0]["files"])) == ("prepared", 3)


def test_without_room_nothing_is_begun(home: Path, granted: str, tmp_path: Path) -> None:
    """Exit code 41 after the sentence that says what is needed and free; the disk stays empty, the request granted."""
    with small_disk(tmp_path / "disk", 4 << 20) as disk:
        done = run_cli(home, "copies", "prepare", granted, "--to", str(disk), "--actor", "甲", "--lang", "en")
        assert done.returncode == 41
        assert "4.19 MB free" in done.stderr
        assert list(disk.iterdir()) == []
    [body] = json_lines(run_cli(home, "copies", "show", granted, "--json"))
    rows = body["copies"]
    assert isinstance(rows, list)
    assert rows[0]["state"] == "approved"
