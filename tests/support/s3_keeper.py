"""Keeps an S3 server alive for as long as whoever started this is: ``s3_keeper.py FOLDER SOCKET… -- COMMAND…``.

Reads its standard input. When that ends, because its owner closed it or died, however it did, the server is killed
with SIGKILL and its sockets are removed; FOLDER too, unless a word was said before. Ends by itself with the server.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path
from threading import Thread


def keep(folder: str, sockets: list[str], command: list[str]) -> None:
    """Start the server and watch over it."""
    server = subprocess.Popen(command, stdin=subprocess.DEVNULL)
    Thread(target=_end_with, args=(server,), daemon=True).start()
    last_word = sys.stdin.buffer.read()
    server.kill()
    server.wait()
    for socket in sockets:
        Path(socket).unlink(missing_ok=True)
    if not last_word:
        shutil.rmtree(folder, ignore_errors=True)


def _end_with(server: "subprocess.Popen[bytes]") -> None:
    """End when the server ended by itself, and not when it is being killed from here."""
    if server.wait() >= 0:
        os._exit(1)


if __name__ == "__main__":
    split = sys.argv.index("--")
    keep(sys.argv[1], sys.argv[2:split], sys.argv[split + 1 :])
