"""Serves the pages on loopback from a thread of this process, until it is stopped."""

import signal
import socket
import threading
from types import FrameType, TracebackType
from typing import Self

import uvicorn

from dashboard.page_services import page_services
from dashboard.plant import Plant
from dashboard.web.app import create_app
from dashboard.wiring import House
from evidence.errors import ConfigError

START_WITHIN_S = 20.0


class PageServer:
    """A uvicorn server in a thread; leaving it stops it."""

    def __init__(self, house: House, plant: Plant, port: int | None) -> None:
        """Serve ``house`` on ``port``, else on the port of its settings.

        Raises:
            ConfigError: the port is taken.
        """
        self._socket = _listen(house.settings.web.host, house.settings.web.port if port is None else port)
        host, bound = self._socket.getsockname()[:2]
        self.url = f"http://[{host}]:{bound}/" if ":" in host else f"http://{host}:{bound}/"
        app = create_app(page_services(house, plant))
        self._server = uvicorn.Server(uvicorn.Config(app, log_level="warning", access_log=False, lifespan="off"))
        self._thread = threading.Thread(target=self._server.run, kwargs={"sockets": [self._socket]}, daemon=True)
        self._stopped = threading.Event()

    def __enter__(self) -> Self:
        """Begin to serve."""
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop serving."""
        self._server.should_exit = True
        self._thread.join(timeout=START_WITHIN_S)
        self._socket.close()

    def wait(self) -> None:
        """Return when the process is told to stop (SIGINT or SIGTERM)."""

        def stop(number: int, frame: FrameType | None) -> None:
            del number, frame
            self._stopped.set()

        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, stop)
        self._stopped.wait()


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
    except OSError as error:
        listening.close()
        cure = "stop what listens there, or name another with --port (0 takes any free one)"
        raise ConfigError(f"port {port} cannot be used ({error.strerror})", subject=host, cure=cure) from error
    return listening
