"""The ledger on the pages: newest first however long, in the reader's words; addresses are taken within bounds."""

from html import unescape

import pytest
from fastapi.testclient import TestClient

from dashboard.texts import LOCALES, Texts
from dashboard.web import routes_house
from dashboard.web.app import create_app
from dashboard.web.entry_detail import detail_of
from evidence.clips import Kind, Playable
from evidence.custody import EventType
from evidence.ids import Digest
from tests.support.web import World, build_world, digest_of

ORIGIN = "http://127.0.0.1"
HUGE = 99999999999999999999
CARRIED = (
    "noun",
    "file_name",
    "rows",
    "stage",
    "station",
    "source_path",
    "reason",
    "kind",
    "media_type",
    "tool",
    "derivatives",
    "playable",
    "size_bytes",
    "algorithm",
    "decision",
    "action",
    "by",
    "case_no",
    "step_no",
    "why",
    "claimed_by",
    "claimed_reason",
    "finding_id",
    "digest",
    "officer_id",
)
VERBS = ("link", "unlink", "explain", "exempt", "approve", "refuse", "set_officer")
NOUNS = ("officers", "devices", "assignments", "cases", "steps")
STAGES = ("intake", "measure", "derive", "review")


@pytest.fixture(name="world")
def _world() -> World:
    return build_world()


@pytest.fixture(name="client")
def _client(world: World) -> TestClient:
    return TestClient(create_app(world.services()), base_url=ORIGIN)


def read_often(world: World, times: int) -> Digest:
    """Append entries about a clip; return it."""
    digest = world.clip_rows[0].digest
    for _ in range(times):
        world.log(EventType.VIEWED, digest)
    return digest


def test_a_clip_page_shows_the_newest_entries(world: World, client: TestClient) -> None:
    """A clip with a long history shows its latest entries, in order, with the view just made as the last."""
    digest = read_often(world, 300)
    page = client.get(f"/clips/{digest}").text
    last = len(world.entries) - 1
    assert page.count('id="entry-') == 200
    assert page.index(f'id="entry-{last - 1}"') < page.index(f'id="entry-{last}"')
    assert 'id="entry-0"' not in page


def test_the_ledger_of_a_thing_shows_the_newest(
    world: World, client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Entries about one thing stand newest first; where older ones are left out, the page says where they are."""
    monkeypatch.setattr(routes_house, "SUBJECT_ROWS", 20)
    digest = read_often(world, 30)
    page = client.get("/ledger", params={"subject": digest, "lang": "en"}).text
    last = len(world.entries) - 1
    assert page.count('id="entry-') == 20
    assert page.index(f'id="entry-{last}"') < page.index(f'id="entry-{last - 1}"')
    assert "Only the newest 20 are shown" in page
    assert f"/api/ledger?subject={digest}" in page


def test_a_short_ledger_of_a_thing_is_whole(world: World, client: TestClient) -> None:
    """Where all entries are shown, nothing is said to be left out."""
    page = client.get("/ledger", params={"subject": world.clip_rows[0].digest, "lang": "en"}).text
    assert "Only the newest" not in page


@pytest.mark.parametrize(
    "address",
    [
        f"/api/ledger?start={HUGE}",
        f"/api/ledger?limit={HUGE}",
        f"/ledger?before={HUGE}",
        f"/clips?page={HUGE}",
        f"/api/cases?limit={HUGE}",
        f"/findings?page={HUGE}",
        "/api/ledger?start=-1",
    ],
)
def test_numbers_beyond_all_bounds_are_refused(client: TestClient, address: str) -> None:
    """A number the register could not even be asked about is the asker's error, not ours."""
    assert client.get(address).status_code == 422


def test_the_largest_number_is_taken(client: TestClient) -> None:
    """The bound itself is a number like others: nothing lies behind it."""
    assert client.get("/api/ledger", params={"start": 2**53}).json() == {"ledger": []}
    assert client.get("/ledger", params={"before": 2**53}).status_code == 200


def test_only_what_can_be_done_is_said_to_be_done(world: World, client: TestClient) -> None:
    """A word in the address that no form of ours sends is not printed."""
    finding = f"/findings/{world.finding_rows[0].finding.finding_id}"
    clip = f"/clips/{world.clip_rows[0].digest}"
    for address, word in ((clip, "link"), (clip, "unlink"), (finding, "explain"), (finding, "grant")):
        assert 'role="status"' in client.get(address, params={"done": word}).text
    for address, word in ((clip, "all is lost"), (clip, "grant"), (finding, "link"), (finding, "")):
        assert 'class="notice ok"' not in client.get(address, params={"done": word}).text


@pytest.mark.parametrize("locale", LOCALES)
def test_every_field_and_value_has_a_word(locale: str) -> None:
    """Names that entries carry, and values from closed lists, are in the catalogue."""
    texts = Texts(locale)
    keys = [f"ledger.detail.{name}" for name in CARRIED]
    keys += [f"ledger.decision.{verb}" for verb in VERBS] + [f"ledger.noun.{noun}" for noun in NOUNS]
    keys += [f"stage.{stage}" for stage in STAGES]
    keys += [f"enum.Kind.{kind.value}" for kind in Kind] + [f"enum.Playable.{how.value}" for how in Playable]
    assert [key for key in keys if not texts.has(key)] == []


def test_details_are_said_in_chinese(world: World, client: TestClient) -> None:
    """A Chinese page names fields and known values in Chinese and shows raw what it does not know."""
    made = {"poster": digest_of("p")}
    about: dict[str, object] = {
        "kind": "video",
        "size_bytes": 5,
        "derivatives": made,
        "playable": "proxy",
        "by": "system",
        "odd": "x",
    }
    world.log(EventType.DERIVED, world.clip_rows[0].digest, detail=about)
    page = unescape(client.get("/ledger", params={"lang": "zh-CN"}).text)
    row = page[page.index(f'id="entry-{len(world.entries) - 1}"') :].split("</tr>")[0]
    for said in ("种类</span> 视频", "大小（字节）</span> 5", f"派生件</span> 封面 {made['poster'][:12]}"):
        assert said in row
    for said in ("播放</span> 播放副本", "操作方</span> 系统", "odd</span> x"):
        assert said in row
    assert [name for name in ("size_bytes", "playable", "derivatives") if name in row] == []


def test_unknown_values_are_shown_as_written() -> None:
    """A value outside its list, a hostile name and nothing at all cannot break or pad the column."""
    told = dict(detail_of({"kind": "hologram", "a\u202eb": [1, "x"], "reason": None}, Texts("zh-CN")))
    assert told == {"种类": "hologram", "a\\u202eb": "1; x"}


@pytest.mark.parametrize(("address", "words"), [("/nowhere", "Not Found"), ("/clips?page=0", "greater than")])
def test_errors_are_worded_in_the_readers_language(client: TestClient, address: str, words: str) -> None:
    """The libraries' English words stay on English pages."""
    language = {"Accept-Language": "en"}
    assert words in client.get(address, headers=language).text
    chinese = client.get(address, headers={"Accept-Language": "zh-CN"})
    assert words not in chinese.text
    assert 'lang="en"><bdi>' not in chinese.text


@pytest.mark.parametrize(("locale", "words"), [("zh-CN", "设备故障"), ("en", "camera broken")])
def test_a_claim_is_told_in_the_readers_words(locale: str, words: str) -> None:
    """Of a claim the page says the reason by its name and the files by their first digits, and no code beside them."""
    names = {"en": "camera broken", "zh-CN": "设备故障"}
    claim = {
        "code": "BROKEN",
        "names": names,
        "note": "摔坏",
        "files": ["ab" * 32],
        "article": "",
        "rule_version": "p@1",
    }
    said = [value for _, value in detail_of({"decision": "explain", "claim": claim}, Texts(locale))]
    assert said[:2] == [words, "abababababab"]
    assert not [value for value in said if "BROKEN" in value]
