"""Figures for Prometheus: what is under way, what is stored, what is open."""

from collections.abc import Iterator

from fastapi import Request
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector
from starlette.responses import Response

from dashboard.clock_words import clock_figures
from dashboard.web.pages import desk_of
from dashboard.web.services import WebServices
from dashboard.web.table import READ, Route

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"


class HouseCollector(Collector):
    """Reads the register when it is asked; keeps nothing."""

    def __init__(self, services: WebServices) -> None:
        """Read through the pages' services."""
        self._services = services

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Yield one family a figure."""
        totals, disk = self._services.library.totals(), self._services.disk()
        plain: dict[str, tuple[str, float]] = {
            "evidock_originals_bytes": ("Bytes of all sealed originals", totals.size_bytes),
            "evidock_pickups_waiting": ("Watched files waiting to be sealed", totals.pickups_waiting),
            "evidock_pickups_failed": ("Watched files that could not be sealed", totals.pickups_failed),
            "evidock_clips_failed": ("Clips a stage gave up on", totals.failed),
            "evidock_steps": ("Procedure steps", totals.steps),
            "evidock_ledger_entries": ("Entries of the ledger", totals.ledger_entries),
            "evidock_files_under_way": ("Files being worked on in this process", len(self._services.progress())),
            "evidock_disk_free_bytes": ("Free bytes on the vault's disk", disk.free_bytes),
        }
        of_clock = clock_figures(self._services.timekeeping())
        for name, (text, value) in {**plain, **of_clock, **self._services.upkeep_figures()}.items():
            yield GaugeMetricFamily(name, text, value=value)
        by_label = {
            ("evidock_clips", "Clips by state", "state"): totals.by_state,
            ("evidock_clips_by_kind", "Clips by kind", "kind"): totals.by_kind,
            ("evidock_findings_open", "Open findings by kind", "kind"): totals.open_findings,
        }
        for (name, text, label), figures in by_label.items():
            family = GaugeMetricFamily(name, text, labels=[label])
            for key, value in sorted(figures.items()):
                family.add_metric([key], value)
            yield family


def metrics(request: Request) -> Response:
    """Return all figures in Prometheus' text format."""
    registry = CollectorRegistry()
    registry.register(HouseCollector(desk_of(request).services))
    return Response(generate_latest(registry), media_type=CONTENT_TYPE)


ROUTES = (Route("/metrics", metrics, READ),)
