"""``evidock take-in``: seal files or folders now and run them to the end."""

import os
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated

import typer

from dashboard.console import print_json, print_table
from dashboard.options import HomeOption, JsonOption, LangOption
from dashboard.plant import Plant
from dashboard.progress import Bars
from dashboard.wiring import House, open_house
from dashboard.works import Works
from evidence.clips import ClipState
from evidence.documents import DOCUMENT_STATION
from evidence.errors import SourceUnreadableError, UsageError
from evidence.ids import StationId
from evidence.notes import Note
from evidence.ports import Pickup, PickupState
from evidence.views import ClipView, clip_json
from ingest.pickups import local_path, pickup_of, to_native

TRIES = 5
"""How often a file that keeps changing is taken again before it is reported."""

POLL_S = 0.1


def run(
    paths: Annotated[list[Path], typer.Argument(help="Files or folders; they are only read.")],
    station: Annotated[str, typer.Option("--station", help="Station the files are filed under.")] = "take-in",
    as_json: JsonOption = False,
    home: HomeOption = None,
    lang: LangOption = None,
) -> None:
    """Seal files or folders now and run them to the end; works beside a running ``evidock up``."""
    if station == DOCUMENT_STATION:
        cure = "name another station, or attach them: evidock attach CASE STEP SLOT FILE"
        raise UsageError("this station is kept for text records", subject=station, cure=cure)
    with open_house(home, lang=lang) as house:
        pickups = [pickup for path in paths for pickup in pickups_of(path, StationId(station))]
        outcomes = take_in(house, pickups)
        failed = [o for o in outcomes if o.clip is None or o.clip.failure]
        if as_json:
            for outcome in outcomes:
                print_json(outcome.as_json(house))
        else:
            print_outcomes(house, outcomes)
    raise typer.Exit(1 if failed else 0)


def pickups_of(path: Path, station: StationId) -> Iterator[Pickup]:
    """Return every regular file at or below ``path``, in order of name; the path keeps the folder it was named by.

    Raises:
        SourceUnreadableError: nothing is there.
    """
    if not path.exists():
        raise SourceUnreadableError("nothing is there", subject=str(path), cure="name an existing file or folder")
    path = path.resolve()
    for file in sorted(_files(path)):
        yield pickup_of(station, path.parent, file)


def _files(path: Path) -> Iterator[Path]:
    if path.is_file():
        yield path
        return
    for folder, _, names in os.walk(path, onerror=_refuse):
        for name in names:
            file = Path(folder, name)
            if file.is_file() and not file.is_symlink():
                yield file


def _refuse(error: OSError) -> None:
    raise SourceUnreadableError(
        f"cannot be listed ({error.strerror})", subject=str(error.filename), cure="give this user the right to read it"
    ) from error


@dataclass(frozen=True)
class Outcome:
    """What became of one file. ``clip`` is None when it could not be sealed; ``reason`` says why."""

    pickup: Pickup
    state: PickupState
    clip: ClipView | None
    reason: Note | None

    def as_json(self, house: House) -> dict[str, object]:
        """Return one line of ``take-in --json``: the clip's documented names, this file's own path, and the outcome."""
        body = clip_json(self.clip, house.texts.say) if self.clip else {"sha256": None, "state": "failed"}
        own = {"source_path": self.pickup.source_path, "station": self.pickup.station, "outcome": self.state.value}
        return {**body, **own, "reason": house.texts.say(self.reason) if self.reason else None}


def take_in(house: House, pickups: Sequence[Pickup]) -> Sequence[Outcome]:
    """Hand the files to the pipeline and wait until each is reviewed or has failed.

    A file that changes while it is read is taken again as it is then, up to `TRIES` times.
    """
    works, label = Works(house), house.texts.t("cli.take_in.files")
    with works.helping("evidock take-in") as helper, Bars(len(pickups), label) as bars:
        batch = Batch(house, works.plant, pickups)
        while batch.waiting:
            batch.look()
            bars.show(len(batch.ended), house.board.files(), total=len(pickups))
            helper.step_in()
            house.pause(POLL_S)
        bars.show(len(batch.ended), ())
    return [batch.ended[pickup.key] for pickup in pickups]


class Batch:
    """The files of one command on their way.

    Attributes:
        waiting: key → file not ended yet; ended: key at hand-in → outcome, also when it was taken again as another.
    """

    def __init__(self, house: House, plant: Plant, pickups: Sequence[Pickup]) -> None:
        """Hand the files in."""
        self._house = house
        self._plant = plant
        self.waiting = {pickup.key: pickup for pickup in pickups}
        self.ended: dict[str, Outcome] = {}
        self._first = {pickup.key: pickup.key for pickup in pickups}
        self._tries: Counter[str] = Counter()
        plant.submit(list(self.waiting.values()))

    def look(self) -> None:
        """See what has ended; hand in again what changed under the reader's hands."""
        for outcome in _ended(self._house, self.waiting):
            del self.waiting[outcome.pickup.key]
            first = self._first[outcome.pickup.key]
            self._tries[first] += 1
            again = self._changed(outcome) if self._tries[first] < TRIES else None
            if again is None:
                self.ended[first] = self._closed(outcome)
                continue
            self._first[again.key] = first
            self.waiting[again.key] = again
            self._plant.submit([again])

    def _changed(self, outcome: Outcome) -> Pickup | None:
        """Return the file as it is now when it changed while it was read, None when it did not or is gone."""
        if outcome.state is not PickupState.SETTLING:
            return None
        pickup = outcome.pickup
        try:
            return pickup_of(pickup.station, Path(to_native(pickup.root)), local_path(pickup))
        except SourceUnreadableError:
            return None

    def _closed(self, outcome: Outcome) -> Outcome:
        """Return the outcome; a file that would not keep still has failed, visibly and for `evidock retry`."""
        if outcome.state is not PickupState.SETTLING:
            return outcome
        with self._house.register.transaction() as tx:
            now = self._house.clock()
            self._house.catalogue.note_pickup(tx, outcome.pickup, PickupState.FAILED, outcome.reason, now)
        return replace(outcome, state=PickupState.FAILED)


def _ended(house: House, waiting: Mapping[str, Pickup]) -> list[Outcome]:
    states = house.library.outcomes(list(waiting))
    digests = [o.digest for o in states.values() if o.digest]
    clips = house.library.clips_by_digest(digests)
    ended = []
    for key, outcome in states.items():
        clip = clips.get(outcome.digest) if outcome.digest else None
        refused = outcome.state in {PickupState.FAILED, PickupState.SETTLING}
        if refused or (clip and (clip.state is ClipState.REVIEWED or clip.failure)):
            ended.append(Outcome(waiting[key], outcome.state, clip, outcome.reason))
    return ended


def print_outcomes(house: House, outcomes: Sequence[Outcome]) -> None:
    """Print one row a file."""
    texts, say, t = house.texts, house.texts.say, house.texts.t
    rows = [
        (
            o.pickup.source_path,
            o.clip.digest[:12] if o.clip else "",
            texts.word(o.state),
            texts.word(o.clip.kind) if o.clip else "",
            texts.word(o.clip.playable) if o.clip else "",
            "; ".join(say(p) for p in o.clip.problems) if o.clip else say(o.reason) if o.reason else "",
        )
        for o in outcomes
    ]
    columns = [t(f"cli.column.{name}") for name in ("path", "digest", "outcome", "kind", "playable", "problems")]
    print_table(t("cli.take_in.title"), columns, rows)
