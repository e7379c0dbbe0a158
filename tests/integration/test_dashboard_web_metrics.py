"""Figures for Prometheus over a small world."""

from fastapi.testclient import TestClient
from prometheus_client.parser import text_string_to_metric_families

from dashboard.web.app import create_app
from tests.support.web import build_world


def test_metrics_are_prometheus_text_and_agree_with_the_register() -> None:
    """``/metrics`` parses as Prometheus text, and its figures are those of the register."""
    world = build_world()
    client = TestClient(create_app(world.services()), base_url="http://127.0.0.1")
    answer = client.get("/metrics")
    assert answer.status_code == 200
    families = {family.name: family for family in text_string_to_metric_families(answer.text)}
    totals = world.services().library.totals()
    assert families["evidock_ledger_entries"].samples[0].value == totals.ledger_entries
    by_kind = {sample.labels["kind"]: sample.value for sample in families["evidock_findings_open"].samples}
    assert by_kind == {kind: float(count) for kind, count in totals.open_findings.items()}
