"""What ``evidock verify`` says of derivatives and records, through the command line alone."""

import hashlib
import subprocess
from pathlib import Path

from tests.support.cli import json_lines, run_cli


def differences(home: Path, *words: str) -> list[dict[str, object]]:
    """Return what ``evidock verify --json`` lists."""
    [body] = json_lines(run_cli(home, "verify", "--json", *words))
    verify = body["verify"]
    assert isinstance(verify, dict)
    return list(verify["differences"])


def test_a_lost_derivative_and_a_changed_record_are_named_and_cured(tmp_path: Path) -> None:
    """The derivative comes with its clip, and the named cure makes it again; the sidecar is named by its path."""
    photo, home = tmp_path / "a.jpg", tmp_path / "home"
    subprocess.run(["ffmpeg", "-v", "error", "-f", "lavfi", "-i", "testsrc2", "-frames:v", "1", photo], check=True)
    assert run_cli(home, "take-in", str(photo)).returncode == 0
    assert differences(home, "--deep") == []
    [derivative] = [path for path in (home / "vault" / "derivatives").glob("??/*") if path.is_file()]
    derivative.unlink()
    [lost] = differences(home)
    assert (lost["kind"], lost["subject"]) == ("derivative_missing", derivative.name)
    assert f"evidock retry {lost['parent']}" in str(lost["cure"])
    assert run_cli(home, "retry", str(lost["parent"])).returncode == 0
    assert differences(home, "--deep") == []
    [sidecar] = (home / "vault" / "records" / "sidecars").iterdir()
    sidecar.chmod(0o644)
    sidecar.write_bytes(sidecar.read_bytes().replace(b"a.jpg", b"b.jpg"))
    [changed] = differences(home)
    assert (changed["kind"], changed["subject"]) == ("record_changed", f"sidecars/{sidecar.name}")
    assert (changed["found"], changed["parent"]) == (hashlib.sha256(sidecar.read_bytes()).hexdigest(), None)
