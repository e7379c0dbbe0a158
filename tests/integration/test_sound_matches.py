"""Two cameras at one step through the real pipeline: compared by their sound, remarked, shown, and made again."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from dashboard.late_sound import LateSound
from dashboard.page_services import page_services
from dashboard.plant import Plant
from dashboard.web.app import create_app
from dashboard.wiring import House, open_house
from evidence.custody import EventType
from index.journal import Told, told_by
from tests.support.cli import json_lines, run_cli
from tests.support.sound import scene
from tests.support.sound_case import CASE, DEVICES, Filmed, docked, finished, hours_ago, take_records, taken_in

pytestmark = pytest.mark.slow

LATE_S = 7.0
"""How much later than it really began the second camera says that it did."""

ONE_SCENE = scene(1, 100)
AGREEING = (Filmed(0, ONE_SCENE, 0, 0), Filmed(1, ONE_SCENE, 10, 10))
APART = (Filmed(0, ONE_SCENE, 0, 0), Filmed(1, ONE_SCENE, 10, 10 + LATE_S))
STRANGERS = (Filmed(0, ONE_SCENE, 0, 0), Filmed(1, scene(2, 100), 10, 10))


def clips_of(home: Path) -> dict[str, dict[str, object]]:
    """Return the JSON of each camera's video, by camera."""
    [body] = json_lines(run_cli(home, "clips", "--json", "--lang", "en"))
    clips = body["clips"]
    assert isinstance(clips, list)
    return {str(clip["device_id"]): clip for clip in clips if clip["kind"] == "video"}


def matches_of(home: Path) -> dict[str, dict[str, object]]:
    """Return the one comparison of each camera's video, by camera."""
    found = {}
    for device, clip in clips_of(home).items():
        matches = clip["sound_matches"]
        assert isinstance(matches, list)
        [found[device]] = matches
    return found


def remarks(home: Path) -> list[str]:
    """Return what is remarked on the step's verdict."""
    [body] = json_lines(run_cli(home, "steps", "--json", "--lang", "en"))
    steps = body["steps"]
    assert isinstance(steps, list)
    return [said for step in steps for said in step["why"]]


def compared_entries(home: Path) -> list[Told]:
    """Return the ledger's entries of comparisons."""
    with open_house(home) as house:
        told = list(told_by(house.library.ledger(limit=1000)))
    return [one for one in told if one.event == EventType.COMPARED]


def _client(house: House) -> TestClient:
    return TestClient(create_app(page_services(house, Plant(house))), base_url="http://127.0.0.1:8800")


def pages_of(home: Path, lang: str) -> Iterator[str]:
    """Yield the page of each camera's video."""
    clips = clips_of(home)
    with open_house(home) as house, _client(house) as client:
        for device in DEVICES:
            yield client.get(f"/clips/{clips[device]['sha256']}?lang={lang}").text


def hand_in_late(home: Path) -> int:
    """Follow the ledger's links once, as whoever serves the home does; return how many comparisons wait."""
    with open_house(home) as house:
        plant = Plant(house)
        LateSound(house, plant).tick()
        waiting = plant.desk.comparisons(10)
        plant.close()
    return waiting


def test_a_clock_that_is_off_shows_by_the_sound_of_two_cameras(tmp_path: Path) -> None:
    """The offset is right to 50 ms; step, both pages and the JSON say that the clocks differ; it all comes again."""
    home, began = tmp_path / "home", hours_ago(3)
    take_records(home, tmp_path, began)
    before = remarks(home)
    taken_in(home, docked(tmp_path / "dock" / "S1", began, *APART))
    found = matches_of(home)
    assert [found[device]["offset_s"] for device in DEVICES] == [
        pytest.approx(10, abs=0.05),
        pytest.approx(-10, abs=0.05),
    ]
    assert {match["clocks"] for match in found.values()} == {"disagrees"}
    assert [match["refused"] for match in found.values()] == [None, None]
    assert all(2 < float(str(match["beyond_s"])) < LATE_S for match in found.values())
    [said] = [one for one in remarks(home) if one not in before and "common sound" in one]
    assert all(device in said for device in DEVICES)
    first, second = pages_of(home, "en")
    assert "Other cameras at the same time" in first
    assert "begins 10.0" in first
    assert "s after this one" in first
    assert "s before this one" in second
    assert all("more than they can" in page for page in (first, second))
    assert all("同一时间的其他设备" in page for page in pages_of(home, "zh-CN"))
    assert len(compared_entries(home)) == 1
    assert run_cli(home, "verify", "--deep").returncode == 0
    assert run_cli(home, "rebuild").returncode == 0
    assert matches_of(home) == found
    assert said in remarks(home)


def test_clocks_that_are_right_agree_and_nothing_is_remarked(tmp_path: Path) -> None:
    """Agreement is shown on the pages and says nothing on the step; coverage and findings are as without sound."""
    home, began = tmp_path / "home", hours_ago(3)
    take_records(home, tmp_path, began)
    taken_in(home, docked(tmp_path / "dock" / "S1", began, *AGREEING))
    assert {match["clocks"] for match in matches_of(home).values()} == {"agrees"}
    assert not [said for said in remarks(home) if "sound" in said]
    assert all("agree with the sound" in page for page in pages_of(home, "en"))


def test_different_scenes_give_a_reason_and_no_offset(tmp_path: Path) -> None:
    """What has no common sound is not compared again, says so on both pages, and is remarked nowhere."""
    home, began = tmp_path / "home", hours_ago(3)
    take_records(home, tmp_path, began)
    taken_in(home, docked(tmp_path / "dock" / "S1", began, *STRANGERS))
    found = matches_of(home)
    assert {(match["offset_s"], match["clocks"]) for match in found.values()} == {(None, None)}
    assert all("No common sound" in str(match["refused"]) for match in found.values())
    assert all("No common sound" in page for page in pages_of(home, "en"))
    assert not [said for said in remarks(home) if "sound" in said]
    assert run_cli(home, "verify", "--deep").returncode == 0


def test_a_comparison_that_fails_fails_no_clip_and_is_tried_again(tmp_path: Path) -> None:
    """With one original out of reach the reason shows on both clips; retrying one of them gives the offset."""
    home, began = tmp_path / "home", hours_ago(3)
    take_records(home, tmp_path, began, "officers", "devices", "assignments")
    taken_in(home, docked(tmp_path / "dock" / "S1", began, *AGREEING))
    digests = [str(clip["sha256"]) for clip in clips_of(home).values()]
    take_records(home, tmp_path, began, "cases", "steps")
    hand_in_late(home)
    kept = home / "vault" / "originals" / digests[0][:2] / digests[0][2:4] / digests[0]
    away = kept.rename(tmp_path / "away")
    finished(home)
    found = matches_of(home)
    assert all("comparison failed" in str(match["refused"]) for match in found.values())
    assert [clip["failure"] for clip in clips_of(home).values()] == [None, None]
    away.rename(kept)
    done = run_cli(home, "retry", digests[0])
    assert done.returncode == 0, done.stderr
    assert {match["clocks"] for match in matches_of(home).values()} == {"agrees"}
    assert run_cli(home, "verify", "--deep").returncode == 0


def test_a_late_case_has_its_cameras_compared_once_whatever_dies(tmp_path: Path) -> None:
    """Clips linked after they came are compared; a process killed before it is recorded leaves one comparison."""
    home, began = tmp_path / "home", hours_ago(3)
    take_records(home, tmp_path, began, "officers", "devices", "assignments")
    taken_in(home, docked(tmp_path / "dock" / "S1", began, *AGREEING))
    assert compared_entries(home) == []
    take_records(home, tmp_path, began, "cases", "steps")
    assert [hand_in_late(home), hand_in_late(home)] == [1, 1]
    killed = run_cli(home, "retry", "--all", env={"EVIDOCK_KILL_AT": "compared-unrecorded"})
    assert killed.returncode == -9, killed.stderr
    assert compared_entries(home) == []
    finished(home)
    [entry] = compared_entries(home)
    assert entry.detail["offset_s"] is not None
    assert {match["clocks"] for match in matches_of(home).values()} == {"agrees"}
    assert not list((home / "work").glob("sound-*"))
    links = clips_of(home)[DEVICES[0]]["links"]
    assert CASE in json.dumps(links)
