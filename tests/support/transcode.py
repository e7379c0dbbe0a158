"""Clips made by ffmpeg, the room's real parts put together, and a page that plays a file and says what came of it."""

import http.server
import os
import subprocess
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Page

from evidence.clips import Derivation, Derivative, Measurement, Role
from evidence.ids import Digest
from evidence.ports import Cancelled, Report
from storage.derivatives import LocalDerivatives
from transcode.derive import FfmpegDeriver
from transcode.probe import FfprobeProber
from transcode.runner import Runner

PARENT = Digest("ab" * 32)
SAMPLES = os.environ.get("EVIDOCK_SAMPLES", "")
NO_SAMPLES = "EVIDOCK_SAMPLES names no folder of real camera files"

_SOUND = ("-f", "lavfi", "-i", "sine=frequency=440:sample_rate=48000")
_H264 = ("-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-g", "25")


def ffmpeg(*arguments: str | Path) -> None:
    """Run ffmpeg for the making of a test file."""
    subprocess.run(["ffmpeg", "-v", "error", "-nostdin", "-y", *arguments], check=True, capture_output=True)


def make_clip(
    path: Path,
    *options: str,
    duration_s: float = 4,
    size: str = "320x180",
    sound: bool = True,
    codec: Sequence[str] = _H264,
) -> Path:
    """Make a clip of a moving test picture and, unless told otherwise, a tone; ``options`` go last."""
    picture = ("-f", "lavfi", "-i", f"testsrc2=size={size}:rate=25")
    tone, encoded = (_SOUND, ("-c:a", "aac", "-b:a", "64k")) if sound else ((), ())
    ffmpeg(*picture, *tone, "-t", str(duration_s), *codec, *encoded, *options, path)
    return path


def cut(path: Path, share: float) -> Path:
    """Cut a file off after a share of its bytes."""
    path.write_bytes(path.read_bytes()[: int(path.stat().st_size * share)])
    return path


def never() -> bool:
    """Answer that nobody cancelled."""
    return False


def unheard(share: float) -> None:
    """Take a progress report and do nothing."""


@dataclass(frozen=True)
class Room:
    """Prober, deriver and derivative store over one folder."""

    folder: Path
    runner: Runner
    prober: FfprobeProber
    store: LocalDerivatives
    deriver: FfmpegDeriver

    @classmethod
    def at(cls, folder: Path) -> "Room":
        """Put the parts together over a folder."""
        runner, store = Runner(), LocalDerivatives(folder / "derivatives")
        return cls(folder, runner, FfprobeProber(runner), store, FfmpegDeriver(store, runner))

    def derive(
        self, path: Path, *, report: Report = unheard, cancelled: Cancelled = never
    ) -> tuple[Measurement, Derivation]:
        """Measure a file and derive from it."""
        measured = self.prober.measure(path)
        return measured, self.deriver.derive(path, PARENT, measured, self.folder / "scratch", report, cancelled)

    def content(self, derivation: Derivation, role: Role) -> bytes:
        """Return the bytes of a derivative."""
        return self.path(derivation, role).read_bytes()

    def path(self, derivation: Derivation, role: Role) -> Path:
        """Return where a derivative lies."""
        return self.store.locate(by_role(derivation)[role].digest)


def by_role(derivation: Derivation) -> Mapping[Role, Derivative]:
    """Return the derivatives by what they are for."""
    return {derivative.role: derivative for derivative in derivation.derivatives}


# --- the browser -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Played:
    """What a browser made of a file: its end state, width, decoded pictures, bytes of sound, seconds played."""

    ended: str
    width_px: int
    frames: int
    sound_bytes: int
    played_s: float


_PLAY = """
async ([address, tag]) => {
  const player = document.createElement(tag);
  player.muted = true;
  document.body.append(player);
  const ended = await new Promise((done) => {
    const start = performance.now();
    const look = () => {
      const frames = player.getVideoPlaybackQuality?.().totalVideoFrames ?? 0;
      const advanced = player.currentTime >= 0.5 && (tag === 'audio' || frames >= 5);
      if (advanced) done('advances');
      else if (performance.now() - start > 15000) done('time-out');
      else setTimeout(look, 30);
    };
    player.onended = () => done('ended');
    player.onerror = () => done('error: ' + player.error.message);
    player.src = address;
    player.play().catch(() => {});
    look();
  });
  const quality = player.getVideoPlaybackQuality?.();
  const told = [ended, player.videoWidth ?? 0, quality?.totalVideoFrames ?? 0,
                player.webkitAudioDecodedByteCount ?? 0, player.currentTime];
  player.remove();
  return told;
}
"""
_SHOW = """
async (address) => {
  const image = new Image();
  image.src = address;
  try { await image.decode(); } catch (error) { return 0; }
  return image.naturalWidth;
}
"""


class Theatre:
    """A loopback server and a page; files are served under the media type that was measured."""

    def __init__(self, page: Page) -> None:
        self._page = page
        self._served: dict[str, tuple[bytes, str]] = {"/": (b"<!doctype html><body>", "text/html")}
        self._address = ""

    @contextmanager
    def opened(self) -> Iterator["Theatre"]:
        """Serve on loopback and open the empty page."""
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            self._address = f"http://127.0.0.1:{server.server_address[1]}"
            self._page.goto(f"{self._address}/")
            yield self
        finally:
            server.shutdown()
            thread.join()
            server.server_close()

    def play(self, content: bytes, media_type: str) -> Played:
        """Play a clip until it advances for a second, ends or fails."""
        tag = "audio" if media_type.startswith("audio/") else "video"
        told = self._page.evaluate(_PLAY, [self._serve(content, media_type), tag])
        return Played(*told)

    def show(self, content: bytes, media_type: str) -> int:
        """Show a photo and return its width in pixels, 0 when it does not decode."""
        return int(self._page.evaluate(_SHOW, self._serve(content, media_type)))

    def _serve(self, content: bytes, media_type: str) -> str:
        name = f"/{len(self._served)}"
        self._served[name] = (content, media_type)
        return f"{self._address}{name}"

    def _handler(self) -> Callable[..., http.server.BaseHTTPRequestHandler]:
        served = self._served

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                body, media_type = served.get(self.path, (b"", "text/plain"))
                self.send_response(200)
                self.send_header("Content-Type", media_type)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                try:
                    self.wfile.write(body)
                except ConnectionError:
                    self.close_connection = True  # the player has what it needs

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 – the base class names it so
                """Keep the test's output clean."""

        return Handler
