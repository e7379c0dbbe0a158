"""The engine's counter: other parts of the program, and other processes, hand work in here."""

from uuid import uuid4

from dbos import DBOSClient, DBOSPortableJSONSerializer
from sqlalchemy.orm import Session

from evidence.ids import Digest
from evidence.ports import Pickup
from ingest.pipeline_engine import CLIPS, COMPARE, INTAKE, VERSION, comparison_id
from ingest.pipeline_payloads import PICKUP


class Desk:
    """Hands work to whichever process serves the home: submit, retry, cancel, count. Runs nothing itself."""

    def __init__(self, url: str) -> None:
        """Connect to the register at ``url``; its schema must have been migrated."""
        self._client = DBOSClient(system_database_url=url, serializer=DBOSPortableJSONSerializer())

    def close(self) -> None:
        """Let go of the database."""
        self._client.destroy()

    def submit(self, tx: Session, pickup: Pickup, *, again: bool = False) -> None:
        """Hand a file to the pipeline in the caller's transaction; the same file twice is a no-op unless ``again``."""
        self._enqueue(tx, INTAKE, "take", _workflow_id("take", pickup.key, again=again), PICKUP.pack(pickup))

    def retry_clip(self, tx: Session, digest: Digest, label: str) -> None:
        """Measure and derive a clip once more, in the caller's transaction."""
        self._enqueue(tx, CLIPS, "clip", _workflow_id("clip", digest, again=True), digest, label)

    def compare(self, tx: Session, a: Digest, b: Digest, attempt: str) -> None:
        """Have two clips compared by their sound, in the caller's transaction; the same attempt again is a no-op."""
        self._enqueue(tx, COMPARE, "compare", comparison_id(a, b, attempt), a, b)

    def comparisons(self, most: int) -> int:
        """Count the comparisons that wait or are under way, up to ``most``."""
        going = ["PENDING", "ENQUEUED"]
        found = self._client.list_workflows(
            status=going, queue_name=COMPARE, limit=most, load_input=False, load_output=False
        )
        return len(found)

    def unfinished(self) -> int:
        """Count the workflows that are waiting or under way."""
        return len(self._client.list_workflows(status=["PENDING", "ENQUEUED"], load_input=False, load_output=False))

    def _enqueue(self, tx: Session, queue: str, workflow: str, workflow_id: str, *args: object) -> None:
        self._client.enqueue_in_transaction(
            tx,
            {"queue_name": queue, "workflow_name": workflow, "workflow_id": workflow_id, "app_version": VERSION},
            *args,
        )


def _workflow_id(kind: str, key: str, *, again: bool) -> str:
    return f"{kind}-{key}-{uuid4().hex[:8]}" if again else f"{kind}-{key}"
