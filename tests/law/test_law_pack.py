"""Law packs as files: the one that ships says what the regulation says, another one works, and mistakes are named."""

import csv
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from config.law_packs import DEFAULT_PACK, default_pack, load_pack
from evidence.audit import audit_step
from evidence.audit_case import DEADLINES
from evidence.cases import Step
from evidence.clips import Kind
from evidence.clock import ClockVerdict
from evidence.errors import ConfigError
from evidence.findings import FindingKind, StepState, StepVerdict
from evidence.ids import CaseNo, Digest, StepNo
from evidence.law import Duty, LawPack
from evidence.matching import Footage
from evidence.spans import Span

LAW = Path(__file__).parents[3] / "shared" / "law"
DUTIES = {
    "M": Duty.SIMULTANEOUS,
    "MX": Duty.SIMULTANEOUS,
    "MF": Duty.ANY_FORM,
    "R": Duty.RECORD,
    "O": Duty.OPTIONAL,
    "A": Duty.ALTERNATIVE,
    "N": Duty.NONE,
    "N*": Duty.NONE,
}

OTHER_PACK = """
pack_id = "xx-lakeside/2021-rules"
version = "7"
in_force_from = 2021-05-01
in_force_to = 2024-12-31
[names]
zh-CN = "某湖区渔政记录规则"
en = "Rules of a lakeside fishery office"
[policy]
edge_tolerance_s = 5
hole_tolerance_s = 1
set_by = "office order 3"
reference = "order 3, page 2"
[thresholds]
blocked_s = 3
silent_head_s = 0
upload_grace_h = 1
set_by = "office order 3"
reference = "order 3, page 3"
[extensions]
NET_COUNT = true
[citations.SEQ_JUMP]
article = "9"
quote = "文件不得缺失"
"""

OTHER_PROCEDURES = """
[BOARDING]
names = { zh-CN = "登船", en = "boarding" }
stage = "investigate"
article = "2"
quote = "登船检查应全程录像"
duty = "simultaneous"
coverage = { min_share = 0.5, lead_s = 0, lag_s = 0, edge_tolerance_s = 0, set_by = "the skipper" }
[NET_COUNT]
names = { zh-CN = "清点渔网", en = "counting nets" }
stage = "investigate"
article = "3"
quote = ""
duty = "none"
extension = { duty = "any_form", quote = "清点渔网可拍照", coverage = { min_objects = 2, lead_s = 0, lag_s = 0 } }
"""

OTHER_REASONS = """
[AS_TOLD]
names = { zh-CN = "另行说明", en = "as told" }
note = true
set_by = "office order 3"
reference = "order 3, page 4"
"""


def write_pack(
    folder: Path, pack: str = OTHER_PACK, procedures: str = OTHER_PROCEDURES, reasons: str = OTHER_REASONS
) -> Path:
    """Write the files a pack must have and return their folder."""
    (folder / "pack.toml").write_text(pack, "utf-8")
    (folder / "procedures.toml").write_text(procedures, "utf-8")
    (folder / "reasons.toml").write_text(reasons, "utf-8")
    return folder


def needs(file: str) -> Path:
    """Return a file of the regulation's own folder, which lies outside the repository, or skip."""
    if not (LAW / file).is_file():
        pytest.skip(f"the regulation's text ({file}) is not beside this checkout")
    return LAW / file


def test_every_quote_stands_in_the_regulation() -> None:
    """A finding quotes the article's words unaltered; what cites a national law by its name is none of this text."""
    text = needs("regulation.zh.md").read_text("utf-8")
    pack = default_pack()
    cited = [
        *((code, rule.article, rule.quote) for code, rule in pack.rules.items()),
        *((kind, citation.article, citation.quote) for kind, citation in pack.citations.items()),
        *((slot, document.article, document.quote) for slot, document in pack.documents.items()),
        *((code, deadline.article, deadline.quote) for code, deadline in pack.deadlines.items()),
        *((code, mark.article, mark.quote) for code, mark in pack.marks.items()),
        *((code, reason.article, reason.quote) for code, reason in pack.reasons.items()),
    ]
    assert [(code, quote) for code, article, quote in cited if "法" not in article and quote not in text] == []


def test_the_pack_has_the_rows_of_the_table_of_procedures() -> None:
    """Names, stage, article, duty, coverage, officers, documents and deadlines are those of the reading."""
    rules = default_pack().rules
    with needs("procedures.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert list(rules) == [row["code"] for row in rows]
    for row in rows:
        rule = rules[row["code"]]
        assert (rule.names["zh-CN"], rule.names["en"], rule.stage) == (row["zh"], row["en"], row["stage"])
        assert rule.article in row["article"]
        assert rule.duty is DUTIES[row["av"]]
        assert str(rule.officers_min or "0") == (row["min_off"] or "0")
        assert rule.exemption_allowed == (row["exempt_ok"] == "yes")
        assert "|".join(rule.documents) == row["text_documents"]
        assert (rule.deadline, rule.deadline_from) == (row["deadline"], row["clock_start"] or "")
        if rule.coverage is None:
            assert not row["default_cover"]
            continue
        wanted = row["default_cover"]
        if wanted.startswith("any>="):
            assert (rule.coverage.min_share, rule.coverage.min_objects) == (None, 1)
        else:
            assert (rule.coverage.min_share, rule.coverage.min_objects) == (float(wanted), None)
        assert (rule.coverage.lead_s, rule.coverage.lag_s) == (float(row["lead_s"]), float(row["lag_s"]))


def test_lien_means_both_readings() -> None:
    """Whoever looks for "lien" finds service by leaving and sealing."""
    assert {code for code, rule in default_pack().rules.items() if "lien" in rule.aliases} == {"SVC_LIEN", "SEIZE"}


def test_only_article_11_knows_an_exception() -> None:
    """An unsuitable reason counts where the article says so and nowhere else."""
    allowed = {rule.article for rule in default_pack().rules.values() if rule.exemption_allowed}
    assert {article.split(";")[-1] for article in allowed} == {"11"}


def test_every_threshold_says_who_set_it() -> None:
    """Figures are the bureau's policy, so each carries its author and its place."""
    pack = default_pack()
    policies = [rule.coverage for rule in pack.rules.values() if rule.coverage]
    assert all(policy.set_by and policy.reference for policy in policies)
    assert pack.thresholds.set_by
    assert pack.thresholds.reference


def test_findings_about_clips_have_an_article() -> None:
    """Each kind of finding that no procedure, document or deadline speaks of cites one."""
    of_steps = {"NO_AV", "LATE_START", "EARLY_STOP", "HOLE", "NOT_CONTINUOUS_VIDEO"}
    of_steps |= {"CLOCK_SHIFT_SUSPECTED", "DOC_TIME_MISMATCH", "DOCUMENT_MISSING"}
    of_deadlines = {kind.value for kind in DEADLINES}
    assert default_pack().citations.keys() == {kind.value for kind in FindingKind} - of_steps - of_deadlines


def test_performance_by_substitute_is_a_switch(tmp_path: Path) -> None:
    """The policy extension is off as shipped; the bureau switches it on in the data, and the duty becomes strict."""
    assert default_pack().rules["ENF_SUBSTITUTE"].duty is Duty.NONE
    names = ("pack.toml", "procedures.toml", "reasons.toml")
    pack, procedures, reasons = ((DEFAULT_PACK / name).read_text("utf-8") for name in names)
    switched = pack.replace("ENF_SUBSTITUTE = false", "ENF_SUBSTITUTE = true")
    rule = load_pack(write_pack(tmp_path, switched, procedures, reasons)).rules["ENF_SUBSTITUTE"]
    assert rule.duty is Duty.SIMULTANEOUS
    assert rule.coverage is not None
    assert rule.coverage.min_share == 0.95


def test_an_invented_pack_loads_and_works(tmp_path: Path) -> None:
    """Another office's rules need data alone: its procedures, thresholds, force dates and words are used."""
    pack = load_pack(write_pack(tmp_path))
    boarding = pack.rules["BOARDING"].coverage
    assert boarding is not None
    assert (boarding.edge_tolerance_s, boarding.hole_tolerance_s) == (0.0, 1.0)
    assert (boarding.set_by, boarding.reference) == ("the skipper", "order 3, page 2")
    assert (pack.in_force_from, pack.in_force_to) == (date(2021, 5, 1), date(2024, 12, 31))
    assert [audited(pack, code, 2023).state for code in ("BOARDING", "NET_COUNT")] == [StepState.MISSING] * 2
    assert audited(pack, "BOARDING", 2025).state is StepState.OUTSIDE_PACK


def test_too_few_objects_are_counted(tmp_path: Path) -> None:
    """Where a pack asks for two objects, one is named as too few and two will do."""
    pack = load_pack(write_pack(tmp_path))
    one, two = audited(pack, "NET_COUNT", 2023, photos=1), audited(pack, "NET_COUNT", 2023, photos=2)
    assert [finding.what.code for finding in one.findings] == ["finding.no_av.what_too_few"]
    assert (one.state, two.state, two.findings) == (StepState.PARTLY_COVERED, StepState.COVERED, ())


def audited(pack: LawPack, code: str, year: int, photos: int = 0) -> StepVerdict:
    """Return how a step of that procedure stands under a pack, with so many photos of it."""
    start = datetime(year, 3, 1, 2, tzinfo=UTC)
    step = Step(CaseNo("C"), StepNo("1"), code, start, start + timedelta(hours=1))
    taken = [photo(number, start + timedelta(minutes=number)) for number in range(photos)]
    return audit_step(step, pack.rules[code], pack, taken, (), None)


def photo(number: int, at: datetime) -> Footage:
    """Return a photo on a believed clock."""
    return Footage(
        digest=Digest(f"{number:064x}"),
        kind=Kind.PHOTO,
        span=Span(at, at),
        uncertainty_s=1.0,
        verdict=ClockVerdict.TRUSTED,
        device_id=None,
        officer_id=None,
        has_video=False,
        has_audio=False,
    )


@pytest.mark.parametrize(
    ("file", "old", "new", "key"),
    [
        ("pack.toml", 'version = "7"\n', "", "version"),
        ("pack.toml", "blocked_s = 3", "blocked_s = -3", "thresholds.blocked_s"),
        ("pack.toml", "blocked_s = 3", "blocked_s = nan", "thresholds.blocked_s"),
        ("pack.toml", "in_force_to = 2024-12-31", "in_force_to = 2020-12-31", "in_force_to"),
        ("pack.toml", "NET_COUNT = true", "BOARDING = true", "extensions.BOARDING"),
        ("pack.toml", "NET_COUNT = true", "NO_SUCH = true", "extensions.NO_SUCH"),
        ("pack.toml", "[citations.SEQ_JUMP]", "[citations.NO_SUCH]", "citations.NO_SUCH"),
        ("pack.toml", 'en = "Rules of a lakeside fishery office"\n', "", "names lack en"),
        ("pack.toml", "[names]", "[names", "is not TOML"),
        ("procedures.toml", 'duty = "simultaneous"', 'duty = "strict"', "BOARDING.duty"),
        ("procedures.toml", 'stage = "investigate"', 'stage = "afloat"', "BOARDING.stage"),
        ("procedures.toml", "[BOARDING]", "[boarding]", "boarding"),
        ("procedures.toml", "min_share = 0.5", "min_share = 50", "BOARDING.coverage.min_share"),
        ("procedures.toml", "min_share = 0.5", "min_share = 0.5, min_objects = 1", "either min_share or min_objects"),
        ("procedures.toml", 'quote = "登船检查应全程录像"', 'quote = ""', "words as its quote"),
        ("procedures.toml", 'duty = "simultaneous"', 'duty = "none"', "coverage belongs to"),
        ("procedures.toml", 'article = "2"', 'article = "2"\nexempt = true', "BOARDING.exempt"),
    ],
)
def test_a_mistake_is_named_by_file_and_key(tmp_path: Path, file: str, old: str, new: str, key: str) -> None:
    """A pack with a mistake is refused whole, and the message says where it is and what to do."""
    write_pack(tmp_path)
    written = (tmp_path / file).read_text("utf-8")
    assert old in written
    (tmp_path / file).write_text(written.replace(old, new, 1), "utf-8")
    with pytest.raises(ConfigError) as caught:
        load_pack(tmp_path)
    assert caught.value.subject == str(tmp_path / file)
    assert key in caught.value.message
    assert caught.value.cure


LINKING = """
[linking]
automatic_from = 0.8
suggest_from = 0.3
company_share = 0.6
set_by = "the skipper"
reference = "log book"
"""
MARKS = """
[NET_SHOWN]
names = { zh-CN = "展示渔网", en = "net shown" }
article = "3"
procedures = ["NET_COUNT"]
numbered = true
"""


def test_a_bureau_sets_its_bar_and_its_marks(tmp_path: Path) -> None:
    """Both may be left out: every pair of officer and believed time is then linked, and nothing is offered to mark."""
    plain = load_pack(write_pack(tmp_path))
    assert (plain.linking.automatic_from, plain.marks) == (0.5, {})
    (tmp_path / "markers.toml").write_text(MARKS, "utf-8")
    own = load_pack(write_pack(tmp_path, OTHER_PACK + LINKING))
    assert (own.linking.automatic_from, own.linking.set_by) == (0.8, "the skipper")
    assert [(one.code, one.procedures, one.numbered) for one in own.marks.values()] == [
        ("NET_SHOWN", ("NET_COUNT",), True)
    ]


def test_no_bar_lets_through_what_nobody_believes(tmp_path: Path) -> None:
    """Below one half lie doubtful clocks and colleagues: a pack that would link them is refused."""
    write_pack(tmp_path, OTHER_PACK + LINKING.replace("0.8", "0.4"))
    with pytest.raises(ConfigError, match=r"linking\.automatic_from"):
        load_pack(tmp_path)


def test_a_mark_of_an_unknown_procedure_is_named(tmp_path: Path) -> None:
    """The file, the mark and the procedure."""
    write_pack(tmp_path)
    (tmp_path / "markers.toml").write_text(MARKS.replace("NET_COUNT", "WHALING"), "utf-8")
    with pytest.raises(ConfigError, match=r"NET_SHOWN\.procedures: WHALING is no procedure"):
        load_pack(tmp_path)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    """A folder without a pack says which file it lacks."""
    with pytest.raises(ConfigError, match=r"pack\.toml"):
        load_pack(tmp_path)


def test_a_file_in_another_encoding_is_named(tmp_path: Path) -> None:
    """A pack saved as GB18030 says so instead of showing garbage."""
    write_pack(tmp_path)
    (tmp_path / "procedures.toml").write_bytes(OTHER_PROCEDURES.encode("gb18030"))
    with pytest.raises(ConfigError, match="UTF-8"):
        load_pack(tmp_path)
