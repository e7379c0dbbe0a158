"""The live part of the first page: one picture of what is under way, for the page as sent and for each refresh."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from dashboard.texts import Texts, visible
from dashboard.web.activity import Activity, latest
from dashboard.web.json_views import progress_json
from dashboard.web.services import Disk, Progress, WebServices
from evidence.clips import ClipState
from evidence.findings import FindingKind
from evidence.ids import StationId
from evidence.views import PickupView, StationView, Totals

FEED_ROWS = 12
PICKUP_ROWS = 20


@dataclass(frozen=True)
class LiveView:
    """What the first page shows of now.

    Attributes:
        findings: open findings by kind, the kinds without any left out, in order of the list of kinds.
    """

    totals: Totals
    stations: Sequence[StationView]
    progress: Sequence[Progress]
    pickups: Sequence[PickupView]
    feed: Sequence[Activity]
    disk: Disk

    @property
    def findings(self) -> Sequence[tuple[FindingKind, int]]:
        """Open findings by kind, most first."""
        counts = {str(kind): count for kind, count in self.totals.open_findings.items()}
        found = [(kind, counts[kind.value]) for kind in FindingKind if counts.get(kind.value)]
        return sorted(found, key=lambda pair: -pair[1])

    @property
    def open_findings(self) -> int:
        """All open findings."""
        return sum(self.totals.open_findings.values())

    @property
    def states(self) -> Sequence[tuple[ClipState, int]]:
        """Clips by how far they have come, in the order of the way."""
        counts = {str(state): count for state, count in self.totals.by_state.items()}
        return [(state, counts.get(state.value, 0)) for state in ClipState]

    @property
    def stations_under_way(self) -> Mapping[StationId, int]:
        """How many files of each station are under way."""
        names = [item.station for item in self.progress]
        return {station.station: names.count(station.station) for station in self.stations}


def look(services: WebServices, texts: Texts) -> LiveView:
    """Take the picture."""
    library = services.library
    totals = library.totals()
    return LiveView(
        totals=totals,
        stations=library.stations(),
        progress=services.progress(),
        pickups=library.pickups(limit=PICKUP_ROWS),
        feed=latest(library, texts, totals.ledger_entries, FEED_ROWS),
        disk=services.disk(),
    )


def live_json(live: LiveView, texts: Texts) -> dict[str, object]:
    """Return the picture in the reader's words: figures by name, and the rows of the lists."""
    return {
        "figures": figures(live, texts),
        "under_way": [_progress(item, texts) for item in live.progress],
        "pickups": [_pickup(item, texts) for item in live.pickups],
        "findings": [{"kind": kind.value, "word": texts.word(kind), "count": n} for kind, n in live.findings],
        "feed": [_feed(entry, texts) for entry in live.feed],
    }


def figures(live: LiveView, texts: Texts) -> dict[str, str]:
    """Return every figure of the page by the name the page marks its place with."""
    totals = live.totals
    return {
        "clips": f"{totals.clips:,}",
        "size": texts.size(totals.size_bytes),
        "cases": f"{totals.cases:,}",
        "steps": f"{totals.steps:,}",
        "open_findings": f"{live.open_findings:,}",
        "ledger": f"{totals.ledger_entries:,}",
        "disk_free": texts.size(live.disk.free_bytes),
        "failed": f"{totals.failed + totals.pickups_failed:,}",
        "waiting": f"{totals.pickups_waiting:,}",
        "under_way": f"{len(live.progress):,}",
        **{f"state.{state.value}": f"{count:,}" for state, count in live.states},
        **_station_figures(live, texts),
    }


def _station_figures(live: LiveView, texts: Texts) -> dict[str, str]:
    shown: dict[str, str] = {}
    for number, station in enumerate(live.stations):
        shown |= {
            f"station.{number}.files": f"{station.files:,}",
            f"station.{number}.size": texts.size(station.size_bytes),
            f"station.{number}.waiting": f"{station.waiting:,}",
            f"station.{number}.failed": f"{station.failed:,}",
            f"station.{number}.last": texts.at(station.last_received_at),
        }
    return shown


def stage_word(stage: str, texts: Texts) -> str:
    """Return the word for a pipeline step; a step without one is shown by its name."""
    return texts.t(f"stage.{stage}") if texts.has(f"stage.{stage}") else visible(stage)


def _progress(item: Progress, texts: Texts) -> dict[str, object]:
    return {
        **progress_json(item),
        "source_path": visible(item.source_path),
        "stage_word": stage_word(item.stage, texts),
        "pct": f"{item.share * 100:.0f}%",
        "href": f"/clips/{item.digest}" if item.digest else "",
    }


def _pickup(item: PickupView, texts: Texts) -> dict[str, str]:
    return {
        "station": item.station,
        "source_path": visible(item.source_path),
        "size": texts.size(item.size_bytes),
        "state": str(item.state),
        "state_word": texts.t(f"enum.PickupState.{item.state}"),
        "reason": texts.say(item.reason) if item.reason else "",
    }


def _feed(entry: Activity, texts: Texts) -> dict[str, str]:
    return {
        "number": str(entry.number),
        "at": texts.clock(entry.at),
        "word": entry.word,
        "actor": texts.t("ledger.machine") if entry.machine else visible(entry.actor),
        "subject": entry.subject[:12] if entry.clip else entry.about,
        "href": f"/clips/{entry.clip}" if entry.clip else "",
    }
