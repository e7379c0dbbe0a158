"""Makes what a browser needs of an original and looks at its quality, in one decode, through the process runner."""

import shlex
from collections.abc import Iterator, Sequence
from pathlib import Path, PurePath

from evidence.clips import Derivation, Derivative, Kind, Measurement, Playable, Role
from evidence.ids import Digest
from evidence.notes import Note, note
from evidence.ports import Cancelled, DerivativeStore, Produced, Report
from transcode import pictures, plans, storyboard
from transcode.attempts import Attempt, Task, attempt, judge_end, with_input
from transcode.progress import Progress
from transcode.readings import Log
from transcode.runner import Runner
from transcode.storyboard import make_poster, make_storyboard
from transcode.verdict import is_damage, problems
from transcode.waveform import write_waveform

_WORK = "derive"
_WAVEFORM = "waveform.json"
_PHOTO_TIME_S = 120.0
_PHOTO_LONGEST_PX = 3840
_STORYBOARD = (
    (Role.POSTER, storyboard.POSTER, "image/jpeg"),
    (Role.SPRITE, storyboard.SPRITE, "image/jpeg"),
    (Role.CUES, storyboard.CUES, "text/vtt"),
)
_NOTHING_TO_DERIVE = frozenset({"media.encrypted"})


class FfmpegDeriver:
    """A `Deriver` on ffmpeg and OpenCV; thread-safe, one clip per call.

    Args:
        store: where derivatives are published.
        runner: the process runner, which knows where ffmpeg is.
        threads: how many threads each part of one ffmpeg run may use.
    """

    def __init__(self, store: DerivativeStore, runner: Runner, *, threads: int = 2) -> None:
        self._store = store
        self._runner = runner
        self._threads = threads

    def derive(
        self,
        path: PurePath,
        parent: Digest,
        measured: Measurement,
        scratch: PurePath,
        report: Report,
        cancelled: Cancelled,
    ) -> Derivation:
        """Make what a browser needs; see `evidence.ports.Deriver` for the contract and its errors."""
        task = Task(
            Path(path), measured, Path(scratch) / _WORK, Progress(measured.declared_duration_s, report), cancelled
        )
        if not _is_derivable(measured):
            derivation = Derivation((), Playable.NO, damaged=measured.damaged)
        elif measured.kind is Kind.PHOTO:
            derivation = self._derive_photo(task, parent)
        else:
            derivation = self._derive_clip(task, parent)
        task.progress.finish()
        return derivation

    # --- clips -------------------------------------------------------------------------------------------------------

    def _derive_clip(self, task: Task, parent: Digest) -> Derivation:
        best = self._best_attempt(task)
        found = best.figures
        notes = tuple(dict.fromkeys((*best.problems, *problems(task.measured, found), *_remarks(best))))
        made = tuple(_products(best))
        return Derivation(
            derivatives=tuple(self._publish(product, parent) for product in made),
            playable=_playable(best, made),
            decoded_duration_s=None if found.end_s is None else round(found.end_s, 3),
            decoded_frames=found.frames.count if found.frames else None,
            quality=best.quality,
            problems=notes,
            damaged=task.measured.damaged or any(is_damage(problem) for problem in notes),
            tool=str(self._runner.tool(self._runner.ffmpeg)),
        )

    def _best_attempt(self, task: Task) -> Attempt:
        """Return the first attempt that leaves nothing to try; else the last one, which says what is wrong."""
        last: Attempt | None = None
        for plan in plans.plans(task.measured, self._threads):
            last = attempt(self._runner, task, plan)
            if last.succeeded:
                break
        if last is None:  # pragma: no cover – there is always a first plan
            raise ValueError("a clip without a plan")
        return last

    # --- photos ------------------------------------------------------------------------------------------------------

    def _derive_photo(self, task: Task, parent: Digest) -> Derivation:
        task.folder.mkdir(parents=True, exist_ok=True)
        shows = task.measured.playable_as_is
        proxies, notes = ([], ()) if shows else self._photo_proxy(task)
        posters = _photo_poster(task, proxies) if shows or proxies else []
        return Derivation(
            derivatives=tuple(self._publish(product, parent) for product in (*proxies, *posters)),
            playable=Playable.ORIGINAL if shows else Playable.PROXY if proxies else Playable.NO,
            decoded_frames=1 if posters else None,
            problems=notes,
            damaged=task.measured.damaged or any(is_damage(problem) for problem in notes),
            tool=str(self._runner.tool(self._runner.ffmpeg)) if proxies else pictures.LIBRARY,
        )

    def _photo_proxy(self, task: Task) -> tuple[list[Produced], tuple[Note, ...]]:
        log = Log()
        arguments = plans.photo_arguments(task.measured.container, _PHOTO_LONGEST_PX)
        outcome = self._runner.run(
            [self._runner.ffmpeg, *with_input(arguments, task.path)],
            timeout_s=_PHOTO_TIME_S,
            cancelled=task.cancelled,
            on_stderr_line=log.read,
            cwd=task.folder,
            check=False,
        )
        notes = judge_end(outcome, log, task.path.name)
        proxy = task.folder / plans.PHOTO_PROXY
        if outcome.returncode == 0 and proxy.is_file():
            return [Produced(Role.PROXY, proxy, "image/jpeg", _arguments(arguments))], notes
        return [], notes if notes or task.measured.damaged else (note("media.photo_undecodable"),)

    # --- publishing --------------------------------------------------------------------------------------------------

    def _publish(self, product: Produced, parent: Digest) -> Derivative:
        digest, size_bytes = self._store.publish(product.path)
        tool = self._runner.tool(self._runner.ffmpeg)
        return Derivative(
            digest=digest,
            parent=parent,
            role=product.role,
            media_type=product.media_type,
            size_bytes=size_bytes,
            tool=f"{tool.name} {tool.version}",
            parameters={**product.parameters, "tool_sha256": tool.sha256},
        )


def _photo_poster(task: Task, proxies: Sequence[Produced]) -> list[Produced]:
    """Make the poster of a photo from its proxy, or from the original when that shows; nothing when it fails."""
    shown = Path(proxies[0].path) if proxies else task.path
    poster = task.folder / storyboard.POSTER
    content = pictures.read(shown)
    made = content is not None and make_poster(content, poster)
    return [Produced(Role.POSTER, poster, "image/jpeg", {"made_with": pictures.LIBRARY})] if made else []


def _is_derivable(measured: Measurement) -> bool:
    if any(problem.code in _NOTHING_TO_DERIVE for problem in measured.problems):
        return False
    if measured.kind is Kind.PHOTO:
        return measured.playable_as_is or bool(measured.container)
    return measured.kind is not Kind.OTHER and (measured.video is not None or measured.audio is not None)


def _products(best: Attempt) -> Iterator[Produced]:
    """Yield what an attempt left that is worth keeping."""
    recorded = _arguments(best.arguments)
    if _has_proxy(best):
        media_type = "video/mp4" if best.plan.video else "audio/mp4"
        yield Produced(Role.PROXY, best.folder / best.plan.proxy_name, media_type, recorded)
    end_s = best.figures.end_s or 0.0
    if best.figures.frames and make_storyboard(best.folder, end_s):
        made_with = {**recorded, "made_with": pictures.LIBRARY}
        for role, name, media_type in _STORYBOARD:
            yield Produced(role, best.folder / name, media_type, made_with)
    if best.levels:
        peaks = write_waveform(best.levels, end_s, best.folder / _WAVEFORM)
        yield Produced(Role.WAVEFORM, best.folder / _WAVEFORM, "application/json", {**recorded, "peaks": str(peaks)})


def _has_proxy(best: Attempt) -> bool:
    proxy = best.folder / best.plan.proxy_name
    return bool(best.plan.proxy_name) and best.succeeded and proxy.is_file() and proxy.stat().st_size > 0


def _playable(best: Attempt, made: tuple[Produced, ...]) -> Playable:
    if any(product.role is Role.PROXY for product in made):
        return Playable.PROXY
    plays = best.plan.way is plans.ProxyWay.NONE and best.figures.end_s is not None
    return Playable.ORIGINAL if plays and (best.figures.frames or not best.plan.video) else Playable.NO


def _remarks(best: Attempt) -> Iterator[Note]:
    if best.plan.tone_maps and best.plan.video:
        yield note("media.tone_mapped", transfer=best.plan.video.transfer)


def _arguments(arguments: tuple[str, ...] | list[str]) -> dict[str, str]:
    return {"arguments": shlex.join(arguments)}
