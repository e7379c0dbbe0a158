"""What the command line says when it is called in an odd way."""

from pathlib import Path

from tests.support.cli import ROOT, run_cli, start_cli


def test_version_is_printed(tmp_path: Path) -> None:
    """``--version`` prints the version of the project file and makes no home."""
    process = start_cli(tmp_path / "home", "--version")
    out, _ = process.communicate(timeout=60)
    assert process.returncode == 0
    assert out.strip().removeprefix("evidock ") in (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    assert not (tmp_path / "home").exists()


def test_unknown_command_and_missing_path_say_what_to_do(tmp_path: Path) -> None:
    """A wrong command is usage (2); a path that is not there is an intake error with its cure, and nothing hangs."""
    assert run_cli(tmp_path / "home", "nonsense").returncode == 2
    absent = run_cli(tmp_path / "home", "take-in", str(tmp_path / "absent.mp4"))
    assert (absent.returncode, "name an existing file" in absent.stderr) == (22, True)


def test_broken_settings_name_file_key_and_cure(tmp_path: Path) -> None:
    """A setting that does not exist is refused by name; so is an address that is not loopback."""
    home = tmp_path / "home"
    assert run_cli(home, "status", "--json").returncode == 0
    for text, key in (("[web]\nhost = '0.0.0.0'\n", "web.host"), ("[watch]\nquiet = 3\n", "watch.quiet")):
        (home / "evidock.toml").write_text(text, encoding="utf-8")
        refused = run_cli(home, "status")
        assert refused.returncode == 10
        assert "evidock.toml" in refused.stderr
        assert key in refused.stderr
