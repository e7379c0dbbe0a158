"""The durable engine's adapter: which steps a file goes through, on which queue, and how often each is tried.

Source: docs/decisions/0002-durable-engine.md. One database holds the register and the engine's own tables, so that a
step's rows and its checkpoint commit together.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Generic, TypeVar

import sqlalchemy as sa
from dbos import (
    DBOS,
    DBOSConfig,
    DBOSPortableJSONSerializer,
    SetWorkflowID,
    SQLAlchemyDatasource,
    StepOptions,
    WorkflowStatus,
)
from dbos import error as engine_error
from sqlalchemy.orm import Session

from evidence.errors import MediaCancelledError, SourceChangedError, WithheldError
from evidence.ids import Digest
from evidence.notes import Note
from evidence.ports import PickupState
from ingest.faults import reached
from ingest.pipeline_payloads import COMPARISON, DERIVATION, MEASUREMENT, PICKUP, QUESTION, SIGHTING, Json
from ingest.pipeline_stages import Stages, label_of, reason_of

APPLICATION = "evidock"
VERSION = "journey-1"
"""Constant: a changed version would strand the work that is under way."""

RECOVERIES = 100
"""How often interrupted work is taken up again; far above what a night of power cuts makes."""

INTAKE, CLIPS, DERIVE, COMPARE = "intake", "clips", "derive", "compare"
QUEUES = {"take": INTAKE, "clip": CLIPS, "derive": DERIVE, "compare": COMPARE}
"""Kind of workflow, the first word of its id → its queue."""

BROKEN = ("ERROR", "MAX_RECOVERY_ATTEMPTS_EXCEEDED", "CANCELLED")
R = TypeVar("R")


@dataclass(frozen=True)
class Limits:
    """How much runs at once in this process, and how often the engine looks for work.

    Attributes:
        intake: files copied at once (the disk's business); derive: ffmpeg runs at once (one a core).
        compare: pairs of clips compared at once; nothing waits for them, so they get the least.
        attempts: tries of a stage before it is shown as failed; backoff doubles from ``backoff_s``.
    """

    intake: int = 2
    measure: int = 2
    derive: int = 2
    compare: int = 1
    attempts: int = 4
    backoff_s: float = 1.0
    polling_s: float = 0.2


def _transient(error: BaseException) -> bool:
    return not isinstance(error, MediaCancelledError | SourceChangedError | WithheldError)


@dataclass(frozen=True)
class Outcome(Generic[R]):
    """What a step gave in the end: a value, or the error it failed with after its last try."""

    value: R | None = None
    cause: BaseException | None = None

    @property
    def reason(self) -> Note:
        """Why it failed, for the register."""
        return reason_of(self.cause) if self.cause else reason_of(RuntimeError("no cause recorded"))

    def is_a(self, family: type[BaseException]) -> bool:
        """Whether it failed with that error; after a restart the engine knows the error by its name alone."""
        return isinstance(self.cause, family) or getattr(self.cause, "name", "") == family.__name__


class Journey:
    """Runs the durable workflows of one process. At most one per process: the engine is a singleton."""

    def __init__(self, stages: Stages, *, url: str, engine: sa.Engine, executor: str, limits: Limits) -> None:
        """Prepare; nothing runs before `start`.

        Args:
            stages: what each step does.
            url: SQLAlchemy URL of the register.
            engine: the register's write engine.
            executor: name under which interrupted work is found again after a restart.
            limits: how much at once.
        """
        self._stages = stages
        self._url = url
        self._limits = limits
        self._executor = executor
        self._running: set[str] = set()
        self._suspects: set[str] = set()
        self._data = SQLAlchemyDatasource.create(url, engine=engine, serializer=DBOSPortableJSONSerializer())
        self._config: DBOSConfig = {
            "name": APPLICATION,
            "system_database_url": url,
            "executor_id": executor,
            "application_version": VERSION,
            "serializer": DBOSPortableJSONSerializer(),
            "log_level": "CRITICAL",
            "notification_listener_polling_interval_sec": limits.polling_s,
        }

    def start(self) -> None:
        """Register the workflows, take up what a dead process left, and serve the queues."""
        DBOS(config=self._config)
        self._define()
        DBOS.launch()
        limits = self._limits
        at_once_in = {INTAKE: limits.intake, CLIPS: limits.measure, DERIVE: limits.derive, COMPARE: limits.compare}
        for queue, at_once in at_once_in.items():
            DBOS.register_queue(queue, worker_concurrency=at_once, polling_interval_sec=limits.polling_s)

    def close(self) -> None:
        """Stop serving. Work under way stays recorded as begun and goes on at the next start."""
        DBOS.destroy(destroy_registry=True)

    def _tx(self, name: str, act: Callable[..., R], *args: object) -> R:
        def in_session() -> R:
            return act(self._data.sql_session(), *args)

        return self._data.run_tx_step({"name": name}, in_session)

    def _attempt(self, name: str, act: Callable[[], R]) -> "Outcome[R]":
        """Run a step with its retries; what it failed with in the end is a value that the workflow records."""
        options: StepOptions = {
            "name": name,
            "retries_allowed": True,
            "max_attempts": self._limits.attempts,
            "interval_seconds": self._limits.backoff_s,
            "backoff_rate": 2.0,
            "should_retry": _transient,
        }
        try:
            return Outcome(value=DBOS.run_step(options, act))
        except Exception as error:  # noqa: BLE001 – whatever a stage fails with is recorded and shown; the engine's signals pass
            return Outcome(cause=_cause(error))

    def _define(self) -> None:
        """Register the workflows under their names; plain functions, for the engine marks what it registers."""

        @DBOS.workflow(name="take", max_recovery_attempts=RECOVERIES)
        def take(payload: Json) -> str:
            with self._under_way():
                return self._take_in(payload)

        @DBOS.workflow(name="clip", max_recovery_attempts=RECOVERIES)
        def clip(digest: str, label: str) -> str:
            with self._under_way():
                return self._look_at(digest, label)

        @DBOS.workflow(name="derive", max_recovery_attempts=RECOVERIES)
        def derive(digest: str, measured: Json, label: str) -> str:
            with self._under_way():
                return self._make_playable(digest, measured, label)

        @DBOS.workflow(name="compare", max_recovery_attempts=RECOVERIES)
        def compare(a: str, b: str) -> str:
            with self._under_way():
                return self._compare_sound(a, b)

        del take
        self._compare = compare
        self._clip = clip
        self._derive = derive

    @contextmanager
    def _under_way(self) -> Iterator[None]:
        workflow = DBOS.workflow_id or ""
        self._running.add(workflow)
        try:
            yield
        finally:
            self._running.discard(workflow)

    # --- healing ---------------------------------------------------------------------------------------------------

    def heal(self) -> None:
        """Take up what a failing database stranded: begun but with nobody on it, or ended by an error of its own.

        A workflow that nobody runs is only believed stranded when the call before saw it so too: one that was just
        taken from its queue has not begun yet. What ended in an error is shown as failed, to be retried, and forgotten.
        """
        begun = DBOS.list_workflows(status="PENDING", executor_id=self._executor, load_input=False, load_output=False)
        stranded = {w.workflow_id for w in begun} - self._running
        for workflow in sorted(stranded & self._suspects):
            DBOS.resume_workflow(workflow, queue_name=QUEUES[workflow.partition("-")[0]])
        self._suspects = stranded - self._suspects
        for broken in DBOS.list_workflows(status=list(BROKEN)):
            self._tx("record-broken", self._give_up, broken)
            DBOS.delete_workflow(broken.workflow_id)

    def _give_up(self, tx: Session, broken: WorkflowStatus) -> None:
        kind, key = broken.workflow_id.split("-")[:2]
        reason = reason_of(broken.error or RuntimeError(f"the pipeline ended with {broken.status}"))
        if kind == "compare":
            self._stages.record_not_compared(tx, Digest(key), Digest(broken.workflow_id.split("-")[2]), reason)
            return
        if kind != "take":
            self._stages.record_failure(tx, Digest(key), kind, reason)
            return
        pickup = PICKUP.unpack(broken.input["args"][0]) if broken.input else None
        if pickup is not None:
            self._stages.record_stuck(tx, pickup, reason)

    # --- workflows: lists of named steps ---------------------------------------------------------------------------

    def _take_in(self, payload: Json) -> str:
        pickup = PICKUP.unpack(payload)
        sealed = self._attempt("seal", lambda: SIGHTING.pack(self._stages.seal(pickup, never)))
        if sealed.value is None:
            state = PickupState.SETTLING if sealed.is_a(SourceChangedError) else PickupState.FAILED
            self._tx("record-refused", self._stages.record_refused, pickup, state, sealed.reason)
            return state.value
        sighting = SIGHTING.unpack(sealed.value)
        new = self._tx("record-sealed", self._stages.record_sealed, pickup, sighting)
        reached("recorded")
        label = label_of(sighting.station, sighting.source_path)
        if not new:
            return PickupState.SEEN_AGAIN.value
        with SetWorkflowID(f"clip-{sighting.digest}-{pickup.key[:8]}"):
            DBOS.enqueue_workflow(CLIPS, self._clip, sighting.digest, label)
        return PickupState.SEALED.value

    def _look_at(self, raw_digest: str, label: str) -> str:
        digest = Digest(raw_digest)
        measured = self._attempt("measure", lambda: MEASUREMENT.pack(self._stages.measure(digest, label)))
        if measured.value is None:
            return self._gave_up(digest, "measure", measured.reason)
        self._tx("record-measured", self._stages.record_measured, digest, MEASUREMENT.unpack(measured.value), label)
        with SetWorkflowID((DBOS.workflow_id or "").replace("clip-", "derive-", 1)):
            DBOS.enqueue_workflow(DERIVE, self._derive, digest, measured.value, label)
        return "measured"

    def _make_playable(self, raw_digest: str, packed: Json, label: str) -> str:
        digest, measured = Digest(raw_digest), MEASUREMENT.unpack(packed)
        made = self._attempt("derive", lambda: DERIVATION.pack(self._stages.derive(digest, measured, label, never)))
        if made.value is None:
            return self._gave_up(digest, "derive", made.reason)
        self._tx("record-derived", self._stages.record_derived, digest, DERIVATION.unpack(made.value), label)
        for a, b, attempt in self._tx("pairs", self._stages.pairs_with, digest):
            with SetWorkflowID(comparison_id(a, b, attempt)):
                DBOS.enqueue_workflow(COMPARE, self._compare, a, b)
        reached("reviewed")
        return "reviewed"

    def _compare_sound(self, raw_a: str, raw_b: str) -> str:
        a, b = Digest(raw_a), Digest(raw_b)
        packed = self._tx("question", self._question, a, b)
        if packed is None:
            return "not wanted"
        asked = QUESTION.unpack(packed)
        found = self._attempt("compare", lambda: COMPARISON.pack(self._stages.compare(asked, never)))
        if found.value is None:
            self._tx("record-not-compared", self._stages.record_not_compared, a, b, found.reason)
            return "failed"
        self._tx("record-compared", self._stages.record_compared, COMPARISON.unpack(found.value))
        return "compared"

    def _question(self, tx: Session, a: Digest, b: Digest) -> Json | None:
        asked = self._stages.question(tx, a, b)
        return None if asked is None else QUESTION.pack(asked)

    def _gave_up(self, digest: Digest, stage: str, reason: Note) -> str:
        self._tx("record-failure", self._stages.record_failure, digest, stage, reason)
        return "failed"


def _cause(error: Exception) -> BaseException:
    """Return what a step failed with; the engine's own signals (another worker owns this work) pass through."""
    if isinstance(error, engine_error.DBOSMaxStepRetriesExceeded):
        return error.errors[-1] if error.errors else error
    if isinstance(error, engine_error.DBOSException):
        raise error
    return error


def comparison_id(a: str, b: str, attempt: str) -> str:
    """Return the name of a comparison's workflow: whoever hands the same attempt in, it is made once."""
    return f"compare-{a}-{b}-{attempt}"


def never() -> bool:
    """Nobody cancels a step: stopping is ending the process, and the tools end with it."""
    return False
