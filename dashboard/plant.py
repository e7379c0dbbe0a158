"""The working half of a home: watched folders, pipeline and the tools it runs. Built on the house's rooms."""

import hashlib
import os
import time
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from pathlib import Path

from config.device_profiles import default_profiles
from config.settings import Settings
from dashboard.logs import LOG
from dashboard.version import program_version
from dashboard.wiring import EVERY, House
from evidence.claims import Claims, IdentityKind
from evidence.clips import Measurement
from evidence.errors import ConfigError, NotFoundError, UsageError
from evidence.ids import Digest, StationId
from evidence.notes import Note
from evidence.ports import Pickup, PickupState
from evidence.profiles import DeviceProfile
from evidence.views import ClipFilter, ClipView
from ingest.claims import claims_of_sighting
from ingest.dock_records import read_dock_record
from ingest.exif import claims_of_photo
from ingest.intake import Intake
from ingest.pipeline_desk import Desk
from ingest.pipeline_engine import Journey, Limits
from ingest.pipeline_stages import Rooms, Stages, label_of
from ingest.settle import Settler, Waiting
from ingest.stations import Root, WatchMode
from ingest.watch import Trouble, Watcher
from transcode.derive import FfmpegDeriver
from transcode.onscreen import OnscreenClock
from transcode.onscreen_ocr import version
from transcode.probe import FfprobeProber
from transcode.runner import Runner
from transcode.sound import SoundComparer

EXECUTOR = "local"
"""Name under which the one process that serves an SQLite home finds its interrupted work again."""

BEING_WRITTEN = frozenset({"intake.settling", "intake.open_for_writing"})
"""Why a watched file is not taken yet although its dock is at work."""

RETRYABLE = (None, PickupState.FAILED, PickupState.SETTLING)
"""States of a watched file in which handing it in makes sense; None is a file nobody has handed in."""


OnscreenReader = Callable[[Path, Measurement], tuple[Claims, Sequence[Note]]]
"""What reads the clock in a video's picture."""


class Plant:
    """Hands work to the pipeline of a house, and builds what runs it; each part when first asked for."""

    def __init__(self, house: House) -> None:
        """Work for ``house``; nothing runs yet."""
        self._house = house
        house.settling_stations = self._stations_being_written

    @cached_property
    def runner(self) -> Runner:
        """The process runner; what it can do without is named in the log, once."""
        runner = runner_of(self._house)
        if runner.exiftool and not runner.has(runner.exiftool):
            LOG.info(self._house.texts.t("health.exiftool_absent"), program=runner.exiftool)
        return runner

    def _stations_being_written(self) -> set[StationId]:
        """Return the docks with a file that is still growing; an abandoned temporary file does not count."""
        return {waiting.place.station for waiting in self.settling if waiting.reason.code in BEING_WRITTEN}

    @cached_property
    def desk(self) -> Desk:
        """The counter of the durable engine."""
        return Desk(self._house.home.register_url)

    def journey(self) -> Journey:
        """Build the pipeline; at most one per process may be started."""
        cores = os.cpu_count() or 1
        derive = self._house.settings.work.derive or cores
        return Journey(
            Stages(self.rooms()),
            url=self._house.home.register_url,
            engine=self._house.register.engine,
            executor=EXECUTOR,
            limits=Limits(intake=max(1, cores // 2), measure=cores, derive=derive),
        )

    @cached_property
    def watcher(self) -> Watcher:
        """The watcher of the dock folder and of the further roots; the one who serves the home starts it."""
        watch = self._house.settings.watch
        roots = [Root(self._house.home.dock, mode=WatchMode(watch.mode))]
        roots += [Root(root.path, StationId(root.station), WatchMode(root.mode)) for root in watch.roots]
        settler = Settler(quiet_s=watch.quiet_s, clock=time.monotonic, known=self.is_known)
        return Watcher(
            roots,
            settler,
            lambda pickup: self.submit([pickup]),
            clock=time.monotonic,
            on_trouble=self._log_trouble,
            rescan_s=watch.rescan_s,
        )

    def _log_trouble(self, trouble: Trouble) -> None:
        LOG.warning(self._house.texts.say(trouble.what), path=trouble.path, cause=str(trouble.error or ""))

    @property
    def settling(self) -> Sequence[Waiting]:
        """Watched files that are not whole yet; empty in a process that does not watch."""
        return self.watcher.waiting() if "watcher" in self.__dict__ else ()

    def rooms(self) -> Rooms:
        """Return the rooms that a file passes through."""
        profiles = default_profiles()
        return Rooms(
            taker=Intake(self._house.vault, self._house.clock, tool=f"evidock {program_version()}"),
            vault=self._house.vault,
            prober=FfprobeProber(self.runner),
            deriver=FfmpegDeriver(self._house.derivatives, self.runner),
            intakes=self._house.catalogue,
            reviewer=self._house.reviewer,
            claims_of_path=lambda sighting: claims_of_sighting(sighting, profiles),
            claims_of_photo=claims_of_photo,
            dock_record_of=read_dock_record,
            claims_on_screen=onscreen_of(self._house.settings, self.runner, profiles),
            comparer=SoundComparer(self.runner, self._house.home.work),
            sounds=self._house.sounds,
            clock=self._house.clock,
            board=self._house.board,
            scratch=self._house.home.work,
            secrecy_of=self._house.library.secrecy_of_clip,
        )

    # --- work ------------------------------------------------------------------------------------------------------

    def submit(self, pickups: Sequence[Pickup]) -> None:
        """Hand files to the pipeline, noted as waiting in the same transaction; what is under way or sealed stays."""
        if not pickups:
            return
        with self._house.register.transaction() as tx:
            for pickup in pickups:
                before = self._house.catalogue.pickup_state(tx, pickup.key)
                if before in RETRYABLE:
                    self._house.catalogue.note_pickup(tx, pickup, PickupState.WAITING, None, self._house.clock())
                    self.desk.submit(tx, pickup, again=before is not None)

    def is_known(self, pickup: Pickup) -> bool:
        """Whether the watcher need not offer this state of a file: it is sealed or on its way.

        One that failed is offered when it is met anew: after a restart, or when it comes back with its share.
        """
        outcome = self._house.library.outcomes([pickup.key]).get(pickup.key)
        return outcome is not None and outcome.state not in RETRYABLE

    def retry(self, named: str | None) -> None:
        """Try one clip again that failed or lacks a derivative, or (None) every clip and file that failed.

        Raises:
            NotFoundError: no such clip. UsageError: it has not failed, and nothing of it is missing.
        """
        clips = (
            [self._house.library.clip(named)]
            if named
            else self._house.library.clips(ClipFilter(failed=True, limit=EVERY))
        )
        if named and not clips[0].failure and not self._lacks(clips[0]):
            raise UsageError("has not failed", subject=clips[0].digest, cure="`evidock clips --failed` lists what has")
        with self._house.acting() as tx:
            for clip in clips:
                self._house.catalogue.clear_failure(tx, clip.digest, self._house.actor, self._house.clock())
                self.desk.retry_clip(tx, clip.digest, label_of(clip.station, clip.source_path))
        if not named:
            for state in (PickupState.FAILED, PickupState.SETTLING):
                self.submit(self._house.library.pickups_in(state))

    def _lacks(self, clip: ClipView) -> bool:
        """Whether a comparison gave up, or a derivative that the register knows is gone from the disk or another."""
        gave_up = any(match.failed for match in clip.sound_matches)
        return gave_up or any(not self._is_whole(derivative.digest) for derivative in clip.derivatives.values())

    def _is_whole(self, digest: Digest) -> bool:
        try:
            with Path(self._house.derivatives.locate(digest)).open("rb") as file:
                return hashlib.file_digest(file, "sha256").hexdigest() == digest
        except (NotFoundError, OSError):
            return False

    def close(self) -> None:
        """Let go of the engine's counter."""
        if "desk" in self.__dict__:
            self.desk.close()


def onscreen_of(settings: Settings, runner: Runner, profiles: Sequence[DeviceProfile]) -> OnscreenReader:
    """Return the reader of on-screen clocks, or one that reads nothing where it is switched off or not installed.

    Raises:
        ConfigError: it is switched on and not installed.
    """
    wanted, there = settings.work.onscreen, version()
    if wanted == "on" and not there:
        cure = "install requirements-onscreen.lock, as docs/operations.md says, or set it to auto"
        raise ConfigError("the reader of on-screen clocks is not installed", subject="work.onscreen", cure=cure)
    if wanted == "off" or not there:
        return lambda _path, _measured: (Claims(), ())
    return OnscreenClock(runner, placeholders_of(profiles)).claims


def placeholders_of(profiles: Sequence[DeviceProfile]) -> Mapping[IdentityKind, frozenset[str]]:
    """Return the codes that any profile takes for unset."""
    kinds = (IdentityKind.DEVICE, IdentityKind.OFFICER_CODE)
    return {
        kind: frozenset().union(*((p.placeholders or {}).get(kind, frozenset()) for p in profiles)) for kind in kinds
    }


def runner_of(house: House) -> Runner:
    """Return the process runner with the programs of the house's settings."""
    work = house.settings.work
    return Runner(ffmpeg=work.ffmpeg, ffprobe=work.ffprobe, exiftool=work.exiftool)
