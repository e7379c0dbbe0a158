"""Device profiles: those that ship are sound, a bureau can add its own, and a wrong file names key and cure."""

from pathlib import Path

import pytest

from config.device_profiles import default_profiles, load_profiles
from evidence.claims import IdentityKind
from evidence.errors import ConfigError
from evidence.profiles import Part
from ingest.claims import read_path

GOOD = r"""
id = "own"
priority = 1
[names]
en = "Own"
[placeholders]
device = ["000"]
[[patterns]]
on = "name"
regex = '^CAM(?P<device>[0-9]{3})-(?P<time>[0-9]{14})\.'
examples = ["CAM001-20180101120000.mp4"]
"""


def test_the_shipped_profiles_are_sound() -> None:
    """Every one has names in both languages, sources, and examples that the whole list reads as this profile."""
    profiles = default_profiles()
    assert [profile.priority for profile in profiles] == sorted({profile.priority for profile in profiles})
    for profile in profiles:
        assert set(profile.names) == {"zh-CN", "en"}
        assert profile.sources
        for pattern in profile.patterns:
            for example in pattern.examples:
                path = example if pattern.part is Part.NAME else f"{example}/x"
                claims = read_path(path, profiles).claims
                read_as = {claim.detail for claim in claims.times} | {claim.detail for claim in claims.identities}
                assert read_as == {profile.profile_id}


def test_placeholders_of_the_families_are_known() -> None:
    """The codes that docks and recorders ship with count as nobody's."""
    profile = next(each for each in default_profiles() if each.profile_id == "gat-device-officer")
    assert all(
        profile.is_placeholder(IdentityKind.OFFICER_CODE, code) for code in ("000000", "111111", "123456", "888888")
    )
    assert all(profile.is_placeholder(IdentityKind.DEVICE, code) for code in ("0000000", "1234567", "8888888", "99999"))


def test_where_identities_live() -> None:
    """A profile tells whether a dock that flattens its tree loses the codes."""
    parts = {profile.profile_id: profile.identity_parts for profile in default_profiles()}
    assert parts["path-borne"] == {Part.FOLDER}
    assert parts["gat-device-officer"] == {Part.NAME}
    assert parts["time-only"] == frozenset()


def test_a_bureau_adds_and_corrects_profiles_without_code(tmp_path: Path) -> None:
    """A file in a second folder is tried in its place of priority; one with a known id replaces it."""
    first, second = tmp_path / "first", tmp_path / "second"
    for folder in (first, second):
        folder.mkdir()
        (folder / "own.toml").write_text(GOOD, "utf-8")
    (second / "own.toml").write_text(GOOD.replace("priority = 1", "priority = 5"), "utf-8")
    (profile,) = load_profiles(first, second)
    assert profile.priority == 5
    claims = read_path("CAM001-20180101120000.mp4", (profile,)).claims
    assert [claim.value for claim in claims.identities] == ["001"]


@pytest.mark.parametrize(
    ("change", "to", "named"),
    [
        ("[0-9]{3})", "[0-9]{3}", "patterns.0.regex"),
        ("<device>", "<camera>", "camera"),
        ('"CAM001-20180101120000.mp4"', '"other.mp4"', "other.mp4"),
        ("priority = 1", 'priority = "high"', "priority"),
        ("priority = 1", "priority = 1\ncolour = 3", "colour"),
        ('id = "own"', 'id = "Own One"', "id"),
        ('on = "name"', 'on = "sidecar"', "patterns.0.on"),
        ('on = "name"', 'on = "name"\neither_order = true', "either_order"),
        ("[names]", "[names", "not TOML"),
        ('examples = ["CAM001-20180101120000.mp4"]', "", "patterns.0.examples"),
        ("priority = 1", 'priority = 1\nzone = "mars"', "zone"),
    ],
)
def test_a_wrong_profile_names_file_key_and_cure(tmp_path: Path, change: str, to: str, named: str) -> None:
    """Each mistake stops the start with the place it is in and what to do."""
    file = tmp_path / "own.toml"
    file.write_text(GOOD.replace(change, to), "utf-8")
    with pytest.raises(ConfigError) as caught:
        load_profiles(tmp_path)
    assert caught.value.subject == str(file)
    assert named in str(caught.value)
    assert caught.value.cure


def test_two_files_of_one_id_and_a_missing_folder_are_refused(tmp_path: Path) -> None:
    """Which of two would win must not depend on their file names."""
    for name in ("a.toml", "b.toml"):
        (tmp_path / name).write_text(GOOD, "utf-8")
    with pytest.raises(ConfigError, match="taken"):
        load_profiles(tmp_path)
    with pytest.raises(ConfigError, match="not a folder"):
        load_profiles(tmp_path / "none")
    (tmp_path / "b.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(ConfigError, match="UTF-8"):
        load_profiles(tmp_path)
