"""What the pages need of the house, put together."""

import shutil
from collections.abc import Sequence
from pathlib import Path

from dashboard.claim_pages import HouseClaims
from dashboard.copy_pages import HouseCopies
from dashboard.document_pages import HouseDocuments, sealed_by
from dashboard.import_desk import ImportDesk
from dashboard.indicator_desk import IndicatorDesk
from dashboard.plant import Plant
from dashboard.retention_pages import HouseRetention
from dashboard.timekeeping import clock_health
from dashboard.upkeep_state import figures, state_of
from dashboard.version import program_version
from dashboard.web.services import Disk, Progress, WebServices
from dashboard.wiring import House
from dashboard.witnessing import take_cosigned
from evidence.ids import Digest, FindingId, StationId

WITHOUT_CLIP = frozenset({"seal", "compare"})
"""Stages whose key on the board is not the digest of one clip."""


def page_services(house: House, plant: Plant) -> WebServices:
    """Return the services of a house's pages."""

    def approve(finding_id: FindingId, actor: str, reason: str, *, granted: bool) -> None:
        house.human.decide(finding_id, actor, reason, granted=granted)

    seal = sealed_by(house, plant)
    claims = HouseClaims(house, seal)
    return WebServices(
        library=house.library,
        originals=lambda digest: Path(house.vault.locate(digest)),
        derivatives=lambda digest: Path(house.derivatives.locate(digest)),
        record_view=house.human.view,
        progress=lambda: _progress(house, plant),
        disk=lambda: _disk(house.home.root),
        link=house.human.link,
        link_recording=house.human.link_recording,
        unlink=house.human.unlink,
        explain=claims.explain,
        exempt=claims.exempt,
        approve=approve,
        decide_shift=house.human.shift,
        decide_suggestions=house.human.suggested,
        mark=house.human.mark,
        withdraw_mark=house.human.withdraw_mark,
        classify=house.human.classify,
        actor=house.actor.name,
        clock=house.clock,
        version=program_version(),
        log=house.log,
        take_cosigned=lambda body: take_cosigned(house, body),
        copies=HouseCopies(house),
        retention=HouseRetention(house),
        case_numbers=house.human,
        documents=HouseDocuments(house, seal),
        imports=ImportDesk(house),
        indicators=IndicatorDesk(house),
        in_second_copy=house.in_second_copy,
        upkeep_figures=lambda: figures(state_of(house.upkeep)),
        timekeeping=lambda: clock_health(house.library),
    )


def _progress(house: House, plant: Plant) -> Sequence[Progress]:
    """Return the files under way, after those that a dock is still writing."""
    now = house.clock()
    settling = [
        Progress(
            f"{w.place.station}/{w.place.source_path}", w.place.station, w.place.source_path, None, "settle", 0.0, now
        )
        for w in plant.settling
    ]
    return settling + [
        Progress(
            key=file.key,
            station=StationId(file.station),
            source_path=file.source_path,
            digest=Digest(file.key) if file.stage not in WITHOUT_CLIP else None,
            stage=file.stage,
            share=file.share,
            since=file.since,
        )
        for file in house.board.files()
    ]


def _disk(root: Path) -> Disk:
    usage = shutil.disk_usage(root)
    return Disk(usage.total, usage.free)
