"""The page and the JSON of the indicators count findings by the reason that stands claimed."""

from pathlib import Path

from fastapi.testclient import TestClient

from dashboard.claiming import claim
from dashboard.page_services import page_services
from dashboard.plant import Plant
from dashboard.web.app import create_app
from evidence.findings import FindingKind
from evidence.views import FindingFilter
from tests.support.casefile import file_office, write


def test_figures_say_which_reasons_were_given(tmp_path: Path) -> None:
    """In the month of the step, for all who read: waiting first, then granted; another month knows nothing of it."""
    with file_office(tmp_path) as office:
        [gap] = office.house.library.findings(FindingFilter(kind=FindingKind.NO_AV))
        name, slip = gap.finding.finding_id, write(tmp_path / "维修单.pdf")
        claim(office.house, name, "CAMERA_FAULT", "摔坏", [slip], office.seal, "李")
        services = page_services(office.house, Plant(office.house))
        client = TestClient(create_app(services), base_url="http://127.0.0.1")
        month = "2026-09"

        def reasons(asked: str) -> list[tuple[str, int, int]]:
            found = client.get("/api/indicators", params={"month": asked}).json()["indicators"]["reasons"]
            return [(one["reason"], one["waiting"], one["granted"]) for one in found]

        assert (reasons(month), reasons("2026-08")) == ([("CAMERA_FAULT", 1, 0)], [])
        office.house.human.decide(name, "王", "属实", granted=True)
        assert reasons(month) == [("CAMERA_FAULT", 0, 1)]
        page = client.get("/indicators", params={"month": month, "lang": "zh-CN"}).text
        assert [word for word in ("按理由统计", "执法记录仪故障") if word not in page] == []
        assert "按理由统计" not in client.get("/indicators", params={"month": "2026-08", "lang": "zh-CN"}).text
