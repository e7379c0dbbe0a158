"""A real time-stamp authority on loopback: openssl answers each request, with a CA made for the test."""

import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

EXTENSIONS = "extendedKeyUsage=critical,timeStamping\nbasicConstraints=critical,CA:FALSE\n"
SETTINGS = """\
[tsa]
default_tsa = tsa_config
[tsa_config]
serial = {folder}/serial
crypto_device = builtin
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256, sha384, sha512
accuracy = secs:1
ordering = no
tsa_name = no
ess_cert_id_chain = no
[ca]
default_ca = ca_config
[ca_config]
database = {folder}/index
new_certs_dir = {folder}
serial = {folder}/ca_serial
default_md = sha256
policy = anything
[anything]
commonName = supplied
"""


def openssl(*words: str | Path) -> None:
    """Run openssl, and show what it says when it fails."""
    done = subprocess.run(["openssl", *map(str, words)], capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()


@dataclass
class Authority:
    """A CA with a time-stamping certificate under it.

    Attributes:
        folder: holds all its files; empty before `make`.
        asked: how many requests came in.
        answers: what is sent in place of the next true answers.
        chain: further certificates that it sends with its own, in the order of its chain.
    """

    folder: Path
    url: str = ""
    asked: int = 0
    answers: list[bytes] = field(default_factory=list)
    chain: bool = False

    @property
    def roots_pem(self) -> bytes:
        """The certificate that is to be trusted."""
        return (self.folder / "ca.pem").read_bytes()

    def make(self, start: str = "20200101000000Z", end: str = "20990101000000Z") -> "Authority":
        """Make keys and certificates; the signing one is valid between two times, ``YYYYMMDDHHMMSSZ``."""
        at, config = self.folder, self.folder / "openssl.cnf"
        at.mkdir(parents=True)
        config.write_text(SETTINGS.format(folder=at))
        (at / "extensions").write_text(EXTENSIONS)
        (at / "index").write_text("")
        (at / "serial").write_text("01\n")
        (at / "ca_serial").write_text("01\n")
        curve = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes")
        openssl(
            "req",
            "-x509",
            *curve,
            "-keyout",
            at / "ca.key",
            "-out",
            at / "ca.pem",
            "-days",
            "30000",
            "-subj",
            "/CN=Test CA",
        )
        openssl("req", "-new", *curve, "-keyout", at / "tsa.key", "-out", at / "tsa.csr", "-subj", "/CN=Test TSA")
        signed = ("-in", at / "tsa.csr", "-out", at / "tsa.pem", "-cert", at / "ca.pem", "-keyfile", at / "ca.key")
        valid = ("-startdate", start, "-enddate", end, "-extfile", at / "extensions")
        openssl("ca", "-batch", "-notext", "-config", config, *signed, *valid)
        return self

    def answer(self, query: bytes) -> bytes:
        """Return the response to a request, as bytes of an RFC 3161 TimeStampResp."""
        self.asked += 1
        if self.answers:
            return self.answers.pop(0)
        at = self.folder
        (at / f"{self.asked}.tsq").write_bytes(query)
        keys: tuple[str | Path, ...] = ("-inkey", at / "tsa.key", "-signer", at / "tsa.pem")
        keys += ("-chain", at / "ca.pem") if self.chain else ()
        asked = ("-queryfile", at / f"{self.asked}.tsq", "-out", at / f"{self.asked}.tsr")
        openssl("ts", "-reply", "-config", at / "openssl.cnf", "-section", "tsa_config", *keys, *asked)
        return (at / f"{self.asked}.tsr").read_bytes()


@contextmanager
def serving(authority: Authority, port: int = 0) -> Iterator[Authority]:
    """Serve an authority on loopback under its ``url``; a port of before serves it there again."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            assert self.headers["Content-Type"] == "application/timestamp-query"
            body = authority.answer(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(200)
            self.send_header("Content-Type", "application/timestamp-reply")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
            """Stay quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    authority.url = f"http://127.0.0.1:{server.server_address[1]}/tsa"
    try:
        yield authority
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
