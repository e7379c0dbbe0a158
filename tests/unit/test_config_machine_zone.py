"""Which zone the machine is in, wherever that is written, and which one is refused."""

from itertools import pairwise
from pathlib import Path
from zoneinfo import TZPATH

import pytest

from config.machine_zone import is_custom, machine_zone, require_official_zone
from evidence.errors import ConfigError


@pytest.fixture(name="etc")
def _etc(tmp_path: Path) -> Path:
    (tmp_path / "etc").mkdir()
    return tmp_path / "etc"


def linked(etc: Path, *names: str) -> Path:
    """Make ``localtime`` a link to a zone, through further links if more are named."""
    places = [etc / "localtime", *(etc.parent / "usr" / "zoneinfo" / name for name in names)]
    for place, target in pairwise(places):
        place.parent.mkdir(parents=True, exist_ok=True)
        place.symlink_to(target)
    return etc


def copied(etc: Path, rule: str) -> Path:
    """Make ``localtime`` a file that ends in a rule, as a copied zone file does."""
    (etc / "localtime").write_bytes(b"TZif2" + bytes(39) + f"\n{rule}\n".encode())
    return etc


SAID = (
    *("Asia/Urumqi", ":Asia/Urumqi", "Asia/Kashgar", "posix/Asia/Urumqi", "right/Asia/Kashgar"),
    *("XJT", "XJT-6", "<XJT>-06:00", "<+06>-6", "Etc/GMT-6", "/usr/share/zoneinfo/Asia/Urumqi"),
)


@pytest.mark.parametrize("named", SAID)
def test_custom_time_in_the_environment_is_refused(named: str, etc: Path) -> None:
    """Every way to say UTC+6 of Xinjiang in TZ is refused, with the two ways out."""
    with pytest.raises(ConfigError, match=r"timedatectl set-timezone Asia/Shanghai.*TZ=Asia/Shanghai") as refused:
        require_official_zone({"TZ": named}, etc)
    assert refused.value.exit_code == 10


@pytest.mark.parametrize("named", ["", ":", "UTC", "Asia/Shanghai", "PRC", "CST-8", "Asia/Dhaka", "UTC+6", "CET-1CEST"])
def test_every_other_zone_works(named: str, etc: Path) -> None:
    """UTC, Beijing and the rest of the world open a home; six hours west is not six hours east."""
    linked(etc, "Asia/Urumqi")
    require_official_zone({"TZ": named}, etc)


def test_the_environment_goes_before_the_machine(etc: Path) -> None:
    """TZ=Asia/Shanghai is a way out on a machine that is set to the other."""
    linked(etc, "Asia/Urumqi")
    assert machine_zone({"TZ": "Asia/Shanghai"}, etc) == "Asia/Shanghai"
    assert machine_zone({}, etc) == "Asia/Urumqi"


@pytest.mark.parametrize("names", [("Asia/Urumqi",), ("Asia/Kashgar", "Asia/Urumqi"), ("localtime", "Asia/Urumqi")])
def test_the_machines_link_is_followed(names: tuple[str, ...], etc: Path) -> None:
    """Whichever link of the chain names it, the zone is found; also where the zone files are not installed."""
    assert is_custom(machine_zone({}, linked(etc, *names)))


def test_a_copied_zone_file_is_known_by_its_rule(etc: Path) -> None:
    """A container's copy of the host's zone has no name: the rule at its end tells."""
    assert machine_zone({}, copied(etc, "<+06>-6")) == "<+06>-6"
    with pytest.raises(ConfigError):
        require_official_zone({}, etc)


def test_a_copied_zone_file_has_its_name_in_timezone(etc: Path) -> None:
    """Beside a copy the file ``timezone`` says which zone was meant."""
    copied(etc, "")
    (etc / "timezone").write_text("Asia/Kashgar\n", encoding="utf-8")
    assert machine_zone({}, etc) == "Asia/Kashgar"


def test_a_named_zone_of_another_country_is_not_this_one(etc: Path, tmp_path: Path) -> None:
    """Dhaka has the same rule, and its own name."""
    place = tmp_path / "usr" / "zoneinfo" / "Asia" / "Dhaka"
    linked(etc, "Asia/Dhaka")
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_bytes(b"TZif2" + bytes(39) + b"\n<+06>-6\n")
    assert machine_zone({}, etc) == "Asia/Dhaka"


def test_a_bare_container_is_utc(etc: Path) -> None:
    """Where nothing names a zone, it is UTC, and a home is opened."""
    assert machine_zone({}, etc) == "UTC"
    require_official_zone({}, etc)


def test_the_real_zone_file_ends_in_its_rule(etc: Path) -> None:
    """The zone file of this machine's own database is known by its content alone."""
    found = next((path for root in TZPATH if (path := Path(root, "Asia", "Urumqi")).is_file()), None)
    if found is None:
        pytest.skip("there is no zone database on this machine: install tzdata")
    (etc / "localtime").write_bytes(found.read_bytes())
    assert is_custom(machine_zone({}, etc))
