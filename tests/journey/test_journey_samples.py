"""Real camera files, where the folder named by EVIDOCK_SAMPLES has them."""

import hashlib
import os
from pathlib import Path

import pytest

from tests.support.cli import json_lines, run_cli

SAMPLES = os.environ.get("EVIDOCK_SAMPLES", "")


@pytest.mark.skipif(not SAMPLES, reason="EVIDOCK_SAMPLES names no folder of real camera files")
def test_every_sample_is_sealed_byte_for_byte(tmp_path: Path) -> None:
    """Every file, damaged ones too, is sealed byte-identical with one line each, and none stops the others."""
    home, samples = tmp_path / "home", Path(SAMPLES).resolve()
    done = run_cli(home, "take-in", str(samples), "--json")
    assert done.returncode == 0, done.stderr
    lines = json_lines(done)
    sources = sorted(path for path in samples.rglob("*") if path.is_file())
    assert len(lines) == len(sources)
    by_path = {str(line["source_path"]): line for line in lines}
    for source in sources:
        line = by_path[str(source.relative_to(samples.parent))]
        digest = hashlib.sha256(source.read_bytes()).hexdigest()
        kept = home / "vault" / "originals" / digest[:2] / digest[2:4] / digest
        assert (line["sha256"], line["state"], line["failure"]) == (digest, "reviewed", None)
        assert kept.read_bytes() == source.read_bytes()
    assert run_cli(home, "verify", "--deep").returncode == 0
