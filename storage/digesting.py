"""SHA-256 beside the writing: while the disk takes one chunk, a thread digests the one before it."""

import hashlib
from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor

from evidence.ids import Digest

DEPTH = 8
"""Chunks that may wait for their digest: enough to ride over a slow write, few enough to bound memory."""

ALONE_BELOW_BYTES = 256 * 1024
"""Smaller chunks are digested on the spot: waking a thread costs more than it saves."""

Chunk = bytes | bytearray | memoryview


class ParallelDigest:
    """A running SHA-256 whose work happens on a thread of its own.

    Chunks that cannot change (``bytes``) are digested later; for the others call `settle` before they are reused.
    Memory: at most `DEPTH` chunks.
    """

    def __init__(self) -> None:
        self._sha256 = hashlib.sha256()
        self._waiting: deque[Future[None]] = deque()
        self._worker: ThreadPoolExecutor | None = None

    def update(self, chunk: Chunk) -> None:
        """Add bytes, waiting only while `DEPTH` chunks are ahead of them."""
        if len(chunk) < ALONE_BELOW_BYTES:
            self.settle()
            self._sha256.update(chunk)
            return
        if self._worker is None:
            self._worker = ThreadPoolExecutor(1, thread_name_prefix="digest")
        if len(self._waiting) >= DEPTH:
            self._waiting.popleft().result()
        self._waiting.append(self._worker.submit(self._sha256.update, chunk))

    def settle(self) -> None:
        """Wait until every chunk is digested."""
        while self._waiting:
            self._waiting.popleft().result()

    def digest(self) -> Digest:
        """Return the digest of all bytes so far."""
        self.settle()
        return Digest(self._sha256.hexdigest())

    def close(self) -> None:
        """Stop the thread; chunks not yet begun are dropped."""
        self._waiting.clear()
        if self._worker is not None:
            self._worker.shutdown(cancel_futures=True)
            self._worker = None
