"""The corpus of wrong record files: each is refused with row, column and cure, and the home is as it was before.

The second table holds what is odd and can only be meant in one way: that is taken, and says what it was taken for.
"""

import time
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from dashboard.import_words import refused_json
from dashboard.records import Imported, import_file
from dashboard.texts import LOCALES, Texts
from evidence.changes import form_of
from ingest.records import Noun, RowsRefusedError, read_rows
from tests.support.bad_files import BAD, MANY, Bad
from tests.support.imports import handed_in, told_home
from tests.support.odd_files import ODD, Odd
from tests.support.retention import Bureau, bureau

WITHIN_S = 60.0
"""For judging a hundred thousand rows on a machine that does other things besides; alone it takes a quarter."""


@pytest.fixture(name="office", scope="module")
def _office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bureau]:
    folder = tmp_path_factory.mktemp("corpus")
    with bureau(folder) as office:
        handed_in(office.house, folder, "officers", "E1,艾力,,,,", "E2,古丽,,,,", "000123,阿依,,,,")
        handed_in(office.house, folder, "devices", "D1,DSJ,,,")
        handed_in(office.house, folder, "cases", "C1,案,,,,,")
        yield office


@pytest.fixture(name="before", scope="module")
def _before(office: Bureau) -> Mapping[str, object]:
    return told_home(office.house)


def hand_in(office: Bureau, one: Bad | Odd, folder: Path, *, dry_run: bool = False) -> Imported:
    """Write a file of a table and import it."""
    file = folder / "送来的文件"
    file.write_bytes(one.body())
    return import_file(office.house, one.noun, file, dry_run=dry_run)


@pytest.mark.parametrize("one", BAD, ids=lambda one: one.name)
def test_a_bad_file_is_refused_whole(office: Bureau, before: Mapping[str, object], tmp_path: Path, one: Bad) -> None:
    """The verdict names row, column, what is wrong and the cure, in both languages; no byte and no row has moved."""
    began = time.monotonic()
    with pytest.raises(RowsRefusedError) as caught:
        hand_in(office, one, tmp_path)
    took = time.monotonic() - began
    said = [(each.line, each.column, each.what.code.removeprefix("import.")) for each in caught.value.verdicts]
    assert (one.line, one.column, one.code) in said
    for locale in LOCALES:
        told = refused_json(Texts(locale).say, caught.value.verdicts[:50])["import"]
        assert isinstance(told, dict)
        assert (told["imported"], told["entry"]) == (0, None)
        for verdict in told["verdicts"]:
            assert verdict["what"]
            assert verdict["cure"]
            assert "import." not in verdict["what"] + verdict["cure"]
    assert told_home(office.house) == before
    assert took < WITHIN_S


@pytest.mark.parametrize("one", ODD, ids=lambda one: one.name)
def test_an_odd_file_is_taken_for_what_it_can_only_mean(office: Bureau, tmp_path: Path, one: Odd) -> None:
    """Its rows say what is meant; where a person should look at it all the same, a warning says so."""
    done = hand_in(office, one, tmp_path, dry_run=True)
    warnings = {each.what.code.removeprefix("import.") for each in done.warnings}
    assert (done.rows, warnings) == (one.rows, {one.warning} - {""})
    read = read_rows(tmp_path / "送来的文件", Noun(one.noun))
    saved = {**form_of(read.records[-1])}
    assert saved[one.column] == one.says or (one.column == "procedure" and str(saved["procedure"]).upper() == one.says)


def test_the_corpus_is_large_and_has_no_two_of_a_name() -> None:
    """At least sixty refusals; every kind of record and of file occurs."""
    assert len({one.name for one in BAD}) == len(BAD) >= 60
    assert {one.noun for one in BAD} == {noun.value for noun in Noun}
    assert MANY == 100_000
