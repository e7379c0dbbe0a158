"""The name kept for text records is no dock's: footage that comes from such a folder stays footage."""

from pathlib import Path

from evidence.documents import DOCUMENT_STATION
from evidence.ids import StationId
from ingest.stations import Root, list_stations, native_of, place_of


def test_a_dock_of_that_name_gets_another(tmp_path: Path) -> None:
    """Its files are filed under another name, which leads back to the very file."""
    root = Root(tmp_path)
    native = f"{tmp_path}/{DOCUMENT_STATION}/a.mp4"
    place = place_of(root, native)
    assert (place.station, place.source_path) == ("text-records (dock)", "a.mp4")
    assert native_of(root, place.station, place.source_path) == native
    (tmp_path / DOCUMENT_STATION).mkdir()
    assert list_stations([root]) == (place.station,)


def test_a_root_set_to_that_name_gets_another(tmp_path: Path) -> None:
    """A root that is set to the kept name is a dock all the same."""
    root = Root(tmp_path, StationId(DOCUMENT_STATION))
    place = place_of(root, f"{tmp_path}/a.mp4")
    assert (place.station, native_of(root, place.station, "a.mp4")) == ("text-records (dock)", f"{tmp_path}/a.mp4")
