"""Runs the real command line in a process of its own."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import psutil

ROOT = Path(__file__).resolve().parents[2]


def start_cli(
    home: Path, *words: str, env: Mapping[str, str] | None = None, ahead_h: float = 0.0
) -> subprocess.Popen[str]:
    """Start ``evidock WORDS --home HOME`` and return the process; its clock may be hours ahead."""
    module = ["tests.support.clock_ahead", str(ahead_h)] if ahead_h else ["dashboard"]
    return subprocess.Popen(
        [sys.executable, "-m", *module, *words, "--home", str(home)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONSAFEPATH": "1", **(env or {})},
    )


def run_cli(
    home: Path, *words: str, env: Mapping[str, str] | None = None, ahead_h: float = 0.0
) -> subprocess.CompletedProcess[str]:
    """Run a command to its end, within two minutes."""
    process = start_cli(home, *words, env=env, ahead_h=ahead_h)
    out, err = process.communicate(timeout=120)
    return subprocess.CompletedProcess(process.args, process.returncode, out, err)


def json_lines(done: subprocess.CompletedProcess[str]) -> list[dict[str, object]]:
    """Return the objects a command printed, one a line; shows stderr when there is none."""
    assert done.stdout.strip(), done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def tools_working_on(home: Path) -> list[str]:
    """Return the command lines of media tools that still name this home."""
    lines = []
    for process in psutil.process_iter(["name", "cmdline"]):
        words = " ".join(process.info["cmdline"] or ())
        if str(home) in words and process.info["name"] in {"ffmpeg", "ffprobe"}:
            lines.append(words)
    return lines
