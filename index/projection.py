"""The register's tables out of the ledger's entries: what the newest entry tells is the row.

Facts are gathered in memory and written in bulk; the judgement over clips is made afterwards (`index.rebuild`). Rows
are written as the live path writes them, through the same column types, so that both are equal to the last bit.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from evidence.claims import Claims
from evidence.clips import Derivation, Measurement
from evidence.custody import EventType
from evidence.docking import DockRecord
from evidence.errors import IntegrityError
from evidence.findings import Finding
from evidence.ids import Digest
from evidence.notes import Note
from evidence.ports import PickupState
from evidence.zones import exact_iso, from_iso
from index import amendments, copies, dialects, journal, numbering, rows, schema, secrecy
from index.amendments import AMEND
from index.attachments import ATTACH, DETACH, project_attachment
from index.batches import batched
from index.claim_files import claim_files
from index.clock_decisions import CONFIRM, REFUSE, project_shift
from index.docks import put_dock_record
from index.facts import StepKey, step_key
from index.intakes import DERIVED, MEASURED
from index.journal import Told
from index.markers import MARK, WITHDRAW, project_mark
from index.reconcile import CLAIMS
from index.secrecy import CLASSIFY
from index.tokens import GRANT, REVOKE, project_token

Values = dict[str, Any]
Extra = Callable[["Projection", Told], None]
AT_ONCE = 4096
"""Entries gathered before they are written."""


@dataclass
class _Gathered:
    """What was told since the last writing, each by the key of its row."""

    pickups: dict[str, Values] = field(default_factory=dict)
    originals: dict[str, Values] = field(default_factory=dict)
    sightings: dict[str, Values] = field(default_factory=dict)
    claims: dict[str, list[tuple[Claims, bool]]] = field(default_factory=lambda: defaultdict(list))
    measured: dict[str, Values] = field(default_factory=dict)
    dockings: dict[Digest, DockRecord | None] = field(default_factory=dict)
    derived: dict[str, Values] = field(default_factory=dict)
    derivatives: dict[tuple[str, str], Values] = field(default_factory=dict)
    quality: dict[str, list[Values]] = field(default_factory=dict)
    sounds: dict[tuple[str, str], Values] = field(default_factory=dict)
    problems: dict[tuple[str, str], tuple[Note, ...]] = field(default_factory=dict)
    links: dict[tuple[str, str, str], Values] = field(default_factory=dict)
    doubts: dict[tuple[str, str, str], bool] = field(default_factory=dict)
    suggestions: dict[tuple[str, str, str], Values | None] = field(default_factory=dict)
    verdicts: dict[StepKey, Mapping[str, Any]] = field(default_factory=dict)
    cases: dict[str, Values] = field(default_factory=dict)
    findings: dict[str, Values] = field(default_factory=dict)
    history: list[Values] = field(default_factory=list)
    decisions: list[Values] = field(default_factory=list)
    exemptions: dict[StepKey, Values] = field(default_factory=dict)
    overrides: dict[str, Values] = field(default_factory=dict)
    shifts: dict[int, Values] = field(default_factory=dict)
    attachments: dict[tuple[object, ...], Values] = field(default_factory=dict)
    tokens: dict[str, Values] = field(default_factory=dict)
    marks: dict[int, Values] = field(default_factory=dict)
    claim_files: list[Values] = field(default_factory=list)


class Projection:
    """Writes tables from entries, in one transaction.

    Args:
        session: an open transaction on a migrated register without rows.
        imported: puts the rows of an imported file, given its entry; what was told before is written by then.
        extra: how entries of further events and decisions are taken in, by event word or ``decision:<verb>``.
    """

    def __init__(
        self, session: Session, imported: Callable[[Told], None], extra: Mapping[str, Extra] | None = None
    ) -> None:
        self.session = session
        self.failures: dict[str, tuple[str, Note] | None] = {}
        self._imported = imported
        self._extra = extra or {}
        self._now = _Gathered()
        self._waiting = 0

    def take(self, told: Told) -> None:
        """Take one entry in.

        Raises:
            IntegrityError: it does not hold what its event must tell.
        """
        handle = self._extra.get(told.event) or _HANDLERS.get(told.event)
        try:
            if handle is not None:
                handle(self, told)
        except (LookupError, TypeError, ValueError) as error:
            cure = "run `evidock verify --deep`; restore the vault's ledger from a copy"
            subject = f"ledger entry {told.number}"
            raise IntegrityError("does not hold what its event must tell", subject=subject, cure=cure) from error
        self._waiting += 1
        if self._waiting >= AT_ONCE:
            self.write()

    # --- what came ----------------------------------------------------------------------------------------------------

    def seen(self, told: Told) -> None:
        """Take a file in that was seen at a dock."""
        pickup, sighting, claims = journal.seen_from(told)
        is_new = told.event == EventType.RECEIVED
        if is_new:
            self._now.originals[sighting.digest] = {
                "digest": sighting.digest,
                "size_bytes": sighting.size_bytes,
                "received_at": sighting.received_at,
            }
        self._now.sightings[pickup.key] = {"pickup_key": pickup.key, **vars(sighting)}
        self._now.claims[sighting.digest].append((claims, False))
        state = PickupState.SEALED if is_new else PickupState.SEEN_AGAIN
        changed = {"state": state, "reason": None, "changed_at": sighting.received_at}
        self._now.pickups[pickup.key] = {**vars(pickup), **changed}

    def _failed(self, told: Told) -> None:
        reason = journal.note_of(told.detail.get("reason"))
        if told.subject and reason is not None:
            self.failures[told.subject] = (str(told.detail["stage"]), reason)
        elif "pickup_key" in told.detail:
            self._moved(told, PickupState.FAILED, reason)

    def _retried(self, told: Told) -> None:
        if "pickup_key" in told.detail:
            self._moved(told, PickupState(str(told.detail["state"])), None)
        else:
            self.failures[told.subject] = None

    def _moved(self, told: Told, state: PickupState, reason: Note | None) -> None:
        """Take in how far a file is that is not sealed yet."""
        pickup = journal.pickup_from(told.detail)
        changed = {"state": state, "reason": reason, "changed_at": told.at}
        self._now.pickups[pickup.key] = {**vars(pickup), **changed}

    # --- what was measured --------------------------------------------------------------------------------------------

    def _measured(self, told: Told) -> None:
        digest = Digest(told.subject)
        measured: Measurement = journal.MEASUREMENT.read(told.detail["measurement"])
        claims: Claims = journal.CLAIMS.read(told.detail["claims"])
        self._now.dockings[digest] = measured.docking
        self._now.measured[digest] = {**rows.measurement_values(digest, measured), "measured_at": told.at}
        self._now.claims[digest].append((measured.claims.joined(claims), True))
        self._now.problems[digest, MEASURED] = measured.problems

    def _derived(self, told: Told) -> None:
        digest = Digest(told.subject)
        made: Derivation = journal.DERIVATION.read(told.detail["derivation"])
        self._now.derived[digest] = {
            "digest": digest,
            "playable": made.playable,
            "decoded_duration_s": made.decoded_duration_s,
            "decoded_frames": made.decoded_frames,
            "damaged": made.damaged,
            "tool": made.tool,
            "derived_at": told.at,
        }
        self._now.claims[digest].append((made.claims, True))
        for one in made.derivatives:
            self._now.derivatives[digest, one.role] = rows.derivative_values(one)
        self._now.quality[digest] = [
            {"digest": digest, "position": position, **vars(span)} for position, span in enumerate(made.quality)
        ]
        self._now.problems[digest, DERIVED] = made.problems
        self.failures[digest] = None

    def _compared(self, told: Told) -> None:
        values = journal.compared_values(told.subject, told.detail, told.at)
        self._now.sounds[told.subject, str(values["digest_b"])] = values

    # --- what was judged ----------------------------------------------------------------------------------------------

    def _linked(self, told: Told) -> None:
        key = (told.subject, str(told.detail["case_no"]), str(told.detail["step_no"]))
        action = told.detail["action"]
        if action in {"doubt", "undoubt"}:
            self._now.doubts[key] = action == "doubt"
            return
        if action in {"suggest", "unsuggest"}:
            stands = action == "suggest"
            self._now.suggestions[key] = journal.suggested_values(told.subject, told.detail) if stands else None
            return
        active = action == "link"
        self._now.links[key] = journal.linked_values(told.subject, told.detail, active=active, human=False)

    def _audited(self, told: Told) -> None:
        if "step_no" not in told.detail:
            self._now.cases[str(told.detail["case_no"])] = {"next_at": journal.time_of(told.detail["next_at"])}
            return
        self._now.verdicts[step_key(str(told.detail["case_no"]), str(told.detail["step_no"]))] = told.detail

    def _found(self, told: Told) -> None:
        finding: Finding = journal.FINDING.read(told.detail["finding"])
        life = journal.found_values(told)
        self._now.findings[finding.finding_id] = {**rows.finding_values(finding), **life}
        if told.detail["by"]:
            self._now.history.append(
                {
                    "finding_id": finding.finding_id,
                    "at": told.at,
                    "state": life["state"],
                    "actor": told.detail["by"],
                    "reason": told.reason,
                    "claim": life["claim"] if life["state"] in CLAIMS else None,
                }
            )

    # --- what was recorded and decided --------------------------------------------------------------------------------

    def _accession(self, told: Told) -> None:
        self.write()
        self._imported(told)

    def _decided(self, told: Told) -> None:
        verb = str(told.detail["decision"])
        self._now.decisions.append(
            {
                "ledger_number": told.number,
                "kind": verb,
                "target": told.detail["target"],
                "actor": told.actor,
                "reason": told.reason,
                "decided_at": told.at,
                "body": decision_body(told),
            }
        )
        effect = self._extra.get(f"decision:{verb}") or _EFFECTS.get(verb)
        if effect is not None:
            effect(self, told)

    def _human_link(self, told: Told) -> None:
        key = (told.subject, str(told.detail["case_no"]), str(told.detail["step_no"]))
        active = told.detail["decision"] == "link"
        self._now.links[key] = journal.linked_values(told.subject, told.detail, active=active, human=True)

    def _exempt(self, told: Told) -> None:
        key = step_key(str(told.detail["case_no"]), str(told.detail["step_no"]))
        self._now.exemptions[key] = {
            "case_no": key[0],
            "step_no": key[1],
            "reason": told.reason,
            "claimed_by": told.actor,
            "claimed_at": told.at,
            "approved": None,
            "decided_by": "",
            "decided_at": None,
            "decision_reason": "",
            "claim": journal.claim_of(told.detail.get("claim")),
        }
        self._claimed(told)

    def _claimed(self, told: Told) -> None:
        """Take in the files that a claim rests on."""
        self._now.claim_files += claim_files(told.number, told.detail)

    def _answered(self, told: Told) -> None:
        """Take in what was decided on an exemption; an explanation's answer is told by its finding."""
        if "claimed_at" not in told.detail:
            return
        key = step_key(str(told.detail["case_no"]), str(told.detail["step_no"]))
        self._now.exemptions[key] = {
            "case_no": key[0],
            "step_no": key[1],
            "reason": told.detail["claimed_reason"],
            "claimed_by": told.detail["claimed_by"],
            "claimed_at": from_iso(str(told.detail["claimed_at"])),
            "approved": told.detail["decision"] == "approve",
            "decided_by": told.actor,
            "decided_at": told.at,
            "decision_reason": told.reason,
            "claim": journal.claim_of(told.detail.get("claim")),
        }

    def _set_officer(self, told: Told) -> None:
        self._now.overrides[told.subject] = {
            "digest": told.subject,
            "officer_id": told.detail["officer_id"],
            "actor": told.actor,
            "reason": told.reason,
            "decided_at": told.at,
        }

    def _copies(self, told: Told) -> None:
        self.write()
        copies.take_in(self.session, told)

    def _amended(self, told: Told) -> None:
        """Take in amended times at once: an import after it goes by what it finds."""
        self.write()
        amendments.take_in(self.session, told)

    def _numbered(self, told: Told) -> None:
        """Take in a case that was opened or numbered at once: imports after it go by its numbers."""
        self.write()
        numbering.take_in(self.session, told)

    def _classified(self, told: Told) -> None:
        self.write()
        secrecy.take_in(self.session, told)

    def _shift(self, told: Told) -> None:
        values = project_shift(told)
        self._now.shifts[told.number] = values

    def _attachment(self, told: Told) -> None:
        values = project_attachment(told)
        key = tuple(values[name] for name in ("case_no", "step_no", "slot", "document_no", "digest"))
        self._now.attachments[key] = values

    def _token(self, told: Told) -> None:
        values = project_token(told)
        self._now.tokens[str(values["token_id"])] = values

    def _marked(self, told: Told) -> None:
        values = project_mark(told)
        self._now.marks[int(str(values["marker_id"]))] = values

    # --- writing ------------------------------------------------------------------------------------------------------

    def put(self, model: type[schema.Base], values: Iterable[Values]) -> None:
        """Write rows whole, over those of the same key."""
        for some in batched(list(values)):
            dialects.upsert(self.session, model, some)

    def write(self) -> None:
        """Write what was gathered."""
        now, self._now, self._waiting = self._now, _Gathered(), 0
        self.put(schema.PickupRow, now.pickups.values())
        self.put(schema.Original, now.originals.values())
        self._insert(schema.SightingRow, list(now.sightings.values()))
        self._write_claims(now)
        self.put(schema.MeasurementRow, now.measured.values())
        for digest, record in now.dockings.items():
            put_dock_record(self.session, digest, record)
        self.put(schema.DerivationRow, now.derived.values())
        self.put(schema.DerivativeRow, now.derivatives.values())
        self._write_of_clips(now)
        self.put(schema.SoundMatchRow, now.sounds.values())
        self._write_verdicts(now)
        self.put(schema.Link, now.links.values())
        self._write_doubts(now)
        self._write_suggestions(now)
        self._write_findings(now)
        self.put(schema.DecisionRow, now.decisions)
        self.put(schema.ExemptionRow, now.exemptions.values())
        self.put(schema.ClipOverride, now.overrides.values())
        self.put(schema.ClockDecisionRow, now.shifts.values())
        self.put(schema.AttachmentRow, now.attachments.values())
        self.put(schema.TokenRow, now.tokens.values())
        self.put(schema.MarkerRow, now.marks.values())
        self.put(schema.ClaimFile, now.claim_files)
        self.session.expire_all()

    def _write_claims(self, now: _Gathered) -> None:
        """Write statements, each once, also where a file was measured or seen again."""
        times, names = schema.TimeClaimRow, schema.IdentityClaimRow
        for some in batched(sorted(now.claims)):
            stated = {digest: now.claims[digest] for digest in some}
            said_times = self._known(times, some, rows.time_claim)
            said_names = self._known(names, some, rows.identity_claim)
            of_time = {d: [(one, i) for claims, i in said for one in claims.times] for d, said in stated.items()}
            of_name = {d: [(one, i) for claims, i in said for one in claims.identities] for d, said in stated.items()}
            fresh_times, fresh_names = _fresh(of_time, said_times), _fresh(of_name, said_names)
            for values in fresh_names:
                values["folded"] = values["value"].casefold()
            self._insert(times, fresh_times)
            self._insert(names, fresh_names)

    def _known(self, model: type[Any], digests: Sequence[str], read: Callable[[Any], Any]) -> dict[str, set[Any]]:
        known: dict[str, set[Any]] = defaultdict(set)
        for row in self.session.scalars(sa.select(model).where(model.digest.in_(digests))):
            known[row.digest].add(read(row))
        return known

    def _insert(self, model: type[schema.Base], values: Sequence[Values]) -> None:
        if values:
            self.session.execute(sa.insert(model), list(values))

    def _write_of_clips(self, now: _Gathered) -> None:
        """Write what replaces all of a clip's rows: its problems by stage, its marked stretches."""
        problem, quality = schema.ProblemRow, schema.QualitySpanRow
        for some in batched(sorted(now.quality)):
            self.session.execute(sa.delete(quality).where(quality.digest.in_(some)))
        for pairs in batched(sorted(now.problems)):
            self.session.execute(sa.delete(problem).where(sa.tuple_(problem.digest, problem.stage).in_(pairs)))
        self.put(quality, (span for spans in now.quality.values() for span in spans))
        told = (
            {"digest": digest, "stage": stage, "position": position, "note": one}
            for (digest, stage), notes in now.problems.items()
            for position, one in enumerate(notes)
        )
        self.put(problem, told)

    def _write_verdicts(self, now: _Gathered) -> None:
        for case_no, values in now.cases.items():
            row = schema.CaseRow
            self.session.execute(sa.update(row).where(row.case_no == case_no).values(**values))
        step, waiting = schema.StepRow, schema.StepWaiting
        for key, detail in now.verdicts.items():
            mine = (step.case_no == key[0], step.step_no == key[1])
            self.session.execute(sa.update(step).where(*mine).values(**journal.audited_values(detail)))
            self.session.execute(sa.delete(waiting).where(waiting.case_no == key[0], waiting.step_no == key[1]))
            devices = [{"case_no": key[0], "step_no": key[1], "device_id": one} for one in detail["waiting_for"]]
            self.put(waiting, devices)

    def _write_doubts(self, now: _Gathered) -> None:
        row = schema.Doubt
        for some in batched(sorted(now.doubts)):
            self.session.execute(sa.delete(row).where(sa.tuple_(row.digest, row.case_no, row.step_no).in_(some)))
        standing = [key for key, stands in now.doubts.items() if stands]
        self.put(row, ({"digest": d, "case_no": c, "step_no": s} for d, c, s in standing))

    def _write_suggestions(self, now: _Gathered) -> None:
        row = schema.SuggestionRow
        for some in batched(sorted(now.suggestions)):
            self.session.execute(sa.delete(row).where(sa.tuple_(row.digest, row.case_no, row.step_no).in_(some)))
        self.put(row, (values for values in now.suggestions.values() if values is not None))

    def _write_findings(self, now: _Gathered) -> None:
        about = schema.FindingClip
        self.put(schema.FindingRow, now.findings.values())
        for some in batched(sorted(now.findings)):
            self.session.execute(sa.delete(about).where(about.finding_id.in_(some)))
        named = (
            {"digest": digest, "finding_id": finding_id}
            for finding_id, values in now.findings.items()
            for digest in dict.fromkeys(values["clips"])
        )
        self.put(about, named)
        self._insert(schema.FindingHistory, now.history)


def _fresh(stated: Mapping[str, Sequence[tuple[Any, bool]]], known: Mapping[str, set[Any]]) -> list[Values]:
    """Return the columns of each statement that is not known of its clip yet, once."""
    fresh: list[Values] = []
    for digest, claims in stated.items():
        said = known[digest]
        for claim, inside in claims:
            if claim not in said:
                said.add(claim)
                fresh.append({"digest": digest, "inside": inside, **vars(claim)})
    return fresh


def decision_body(told: Told) -> dict[str, object]:
    """Return a decision's record as it was sealed, from its entry."""
    about = {name: value for name, value in told.detail.items() if name not in {"decision", "target", "record"}}
    return {
        **about,
        "v": 1,
        "kind": "decision",
        "ledger_number": told.number,
        "decision": told.detail["decision"],
        "actor": told.actor,
        "authenticated": told.authenticated,
        "reason": told.reason,
        "at": exact_iso(told.at),
    }


_HANDLERS: Mapping[str, Extra] = {
    EventType.RECEIVED: Projection.seen,
    EventType.SEEN_AGAIN: Projection.seen,
    EventType.FAILED: Projection._failed,  # noqa: SLF001 - a table of its own methods
    EventType.RETRIED: Projection._retried,  # noqa: SLF001 - as above
    EventType.MEASURED: Projection._measured,  # noqa: SLF001 - as above
    EventType.DERIVED: Projection._derived,  # noqa: SLF001 - as above
    EventType.COMPARED: Projection._compared,  # noqa: SLF001 - as above
    EventType.LINKED: Projection._linked,  # noqa: SLF001 - as above
    EventType.AUDITED: Projection._audited,  # noqa: SLF001 - as above
    EventType.FOUND: Projection._found,  # noqa: SLF001 - as above
    EventType.IMPORTED: Projection._accession,  # noqa: SLF001 - as above
    EventType.DECIDED: Projection._decided,  # noqa: SLF001 - as above
}

_EFFECTS: Mapping[str, Extra] = {
    "link": Projection._human_link,  # noqa: SLF001 - as above
    "unlink": Projection._human_link,  # noqa: SLF001 - as above
    "refuse_link": Projection._human_link,  # noqa: SLF001 - as above
    "explain": Projection._claimed,  # noqa: SLF001 - as above
    "exempt": Projection._exempt,  # noqa: SLF001 - as above
    "approve": Projection._answered,  # noqa: SLF001 - as above
    "refuse": Projection._answered,  # noqa: SLF001 - as above
    "set_officer": Projection._set_officer,  # noqa: SLF001 - as above
    CLASSIFY: Projection._classified,  # noqa: SLF001 - as above
    **dict.fromkeys(copies.VERBS, Projection._copies),  # noqa: SLF001 - as above
    numbering.OPEN_CASE: Projection._numbered,  # noqa: SLF001 - as above
    numbering.NUMBER_CASE: Projection._numbered,  # noqa: SLF001 - as above
    AMEND: Projection._amended,  # noqa: SLF001 - as above
    CONFIRM: Projection._shift,  # noqa: SLF001 - as above
    REFUSE: Projection._shift,  # noqa: SLF001 - as above
    ATTACH: Projection._attachment,  # noqa: SLF001 - as above
    DETACH: Projection._attachment,  # noqa: SLF001 - as above
    GRANT: Projection._token,  # noqa: SLF001 - as above
    REVOKE: Projection._token,  # noqa: SLF001 - as above
    MARK: Projection._marked,  # noqa: SLF001 - as above
    WITHDRAW: Projection._marked,  # noqa: SLF001 - as above
}
