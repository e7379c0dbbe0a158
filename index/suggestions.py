"""Bringing suggestions up to date: clips that may belong to a step and wait for a person (`evidence.suggesting`).

A clip's suggestions are a function of the clip, of steps, roster and what people said, and of which clips of the step's
officers came to the same dock; so their set does not depend on the order in which things arrive.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from evidence.cases import Step
from evidence.company import Company, Docks, meets, reach_of
from evidence.custody import Actor, Entry, EventType
from evidence.ids import SYSTEM_ACTOR
from evidence.law import LawPack, LinkPolicy, Rule
from evidence.matching import BELIEVED, Footage, Margin, margin_of, max_lag_s, max_lead_s
from evidence.roster import Roster
from evidence.scoring import Tie
from evidence.spans import Span, union
from evidence.suggesting import LinkFacts, Suggestion, facts_from, suggest
from evidence.zones import beijing
from index import facts, journal, ledger, schema
from index.batches import batched
from index.carriers import stays_of
from index.facts import StepKey, step_key
from index.reach import overlapping

Spoken = dict[str, dict[StepKey, schema.Link]]
"""The links of clips by digest and step, refused and undone ones too."""

MOST = 5
"""Suggestions of one clip: of more the best are kept."""


def rule_of(pack: LawPack, step: Step) -> Rule | None:
    """Return the rule of a step's procedure in the version of the pack that its day falls under."""
    return pack.on(beijing(step.started_at).date()).rules.get(step.procedure)


def policy_of(pack: LawPack, step: Step) -> LinkPolicy:
    """Return the bureau's policy for linking of the day of a step."""
    return pack.on(beijing(step.started_at).date()).linking


@dataclass(frozen=True)
class Suggester:
    """Suggests in one transaction, after links and doubts of the same clips are up to date.

    Attributes:
        actor, at: who let the review run, and when; they go into the ledger.
    """

    session: Session
    pack: LawPack
    actor: Actor
    at: datetime
    roster: Roster

    def bring(
        self,
        clips: Sequence[schema.Clip],
        footage: Mapping[str, Footage | None],
        steps: Mapping[str, Sequence[Step]],
        spoken: Spoken,
    ) -> set[StepKey]:
        """Keep the suggestions of clips; return the steps they were suggested for, and are.

        ``steps`` are, for each clip, those of its officer that share time with it; ``spoken`` its links.
        """
        digests = [clip.digest for clip in clips]
        known, near = self._known(digests), set[StepKey]()
        shots = ((clip, footage[clip.digest]) for clip in clips)
        loose = [shot for clip, shot in shots if not clip.linked and shot and shot.verdict in BELIEVED]
        company = self._company(loose)
        entries: list[Entry] = []
        for digest in digests:
            shot = footage[digest]
            pairs = [(Tie.RECORD, step) for step in steps.get(digest, ())] + company.get(digest, [])
            wanted = self._wanted(shot, pairs, spoken.get(digest, {})) if shot else {}
            near |= wanted.keys() | known[digest].keys()
            entries += self._keep(digest, known[digest], wanted)
        self.session.flush()
        ledger.append_all(self.session, entries)
        return near

    def unnamed_near(self, keys: Collection[StepKey]) -> set[str]:
        """Return the clips of nobody known that share time with steps and hang nowhere."""
        clip = schema.Clip
        filed, lead_s, lag_s = (clip.reach_class, clip.reach_start, clip.reach_end), *self._margins()
        steps = facts.steps_by_key(self.session, keys)
        found: set[str] = set()
        for window in union(Span(row.started_at, row.ended_at).widened(lead_s, lag_s) for row in steps):
            unnamed = overlapping(filed, window, clip.officer_id.is_(None))
            found.update(self.session.scalars(sa.select(clip.digest).where(unnamed, ~facts.placed())))
        return found

    def _margins(self) -> tuple[float, float]:
        return max_lead_s(self.pack), max_lag_s(self.pack)

    # --- what is to be asked ------------------------------------------------------------------------------------------

    def _wanted(
        self, shot: Footage, pairs: Iterable[tuple[Tie, Step]], spoken: Mapping[StepKey, schema.Link]
    ) -> dict[StepKey, Suggestion]:
        return best_of(self._suggested(shot, tie, step, spoken) for tie, step in pairs)

    def _suggested(
        self, shot: Footage, tie: Tie, step: Step, spoken: Mapping[StepKey, schema.Link]
    ) -> Suggestion | None:
        link = spoken.get(step_key(step.case_no, step.step_no))
        return suggestion_of(shot, tie, step, margin_of(rule_of(self.pack, step)), policy_of(self.pack, step), link)

    def _company(self, loose: Sequence[Footage]) -> dict[str, list[tuple[Tie, Step]]]:
        """Return the steps that clips which hang nowhere share time with, and what ties each to them."""
        found: dict[str, list[tuple[Tie, Step]]] = {}
        company = Company(self.roster)
        for group in in_groups(loose):
            reach = facts.hull([reach_of(shot) for shot in group]).widened(max_lag_s(self.pack), max_lead_s(self.pack))
            row = schema.StepRow
            wanted = sa.select(row).where(overlapping((row.reach_class, row.started_at, row.ended_at), reach))
            steps = facts.nouns_of(self.session, self.session.scalars(wanted).all())
            docked = self._docked(steps, reach) if any(shot.officer_id is None for shot in group) else {}
            margins = [(step, margin_of(rule_of(self.pack, step))) for step in steps]
            for shot in group:
                near = [(step, margin) for step, margin in margins if meets(shot, step, margin)]
                ties = [(company.tie(shot, step, margin, docked), step) for step, margin in near]
                found[shot.digest] = [(tie, step) for tie, step in ties if tie is not None]
        return found

    def _docked(self, steps: Sequence[Step], reach: Span) -> Docks:
        """Return to which docks footage of the steps' officers came, and the stretch it shows, by officer."""
        clip = schema.Clip
        found: dict[str, list[tuple[str, Span]]] = defaultdict(list)
        wide = facts.hull([reach, *(step.window for step in steps)]).widened(
            max_lead_s(self.pack), max_lag_s(self.pack)
        )
        during = overlapping((clip.reach_class, clip.reach_start, clip.reach_end), wide)
        for some in batched(sorted({officer for step in steps for officer in step.officers})):
            for officer_id, station, start, end in stays_of(self.session, during, some):
                if start is not None and end is not None:
                    found[officer_id].append((station, Span(start, end)))
        return found

    # --- what is kept -------------------------------------------------------------------------------------------------

    def _known(self, digests: Sequence[str]) -> dict[str, dict[StepKey, schema.SuggestionRow]]:
        row = schema.SuggestionRow
        known: dict[str, dict[StepKey, schema.SuggestionRow]] = defaultdict(dict)
        for one in self.session.scalars(sa.select(row).where(row.digest.in_(digests))):
            known[one.digest][step_key(one.case_no, one.step_no)] = one
        return known

    def _keep(
        self, digest: str, known: Mapping[StepKey, schema.SuggestionRow], wanted: Mapping[StepKey, Suggestion]
    ) -> Iterator[Entry]:
        """Write the difference between what waits and what is to wait; yield what the ledger is told."""
        for key, row in sorted(known.items()):
            if key not in wanted:
                self.session.delete(row)
                detail = {"action": "unsuggest", "by": SYSTEM_ACTOR, "case_no": key[0], "step_no": key[1]}
                yield Entry(EventType.LINKED, self.actor, self.at, digest, detail=detail)
        for key, one in sorted(wanted.items()):
            row = known.get(key) or schema.SuggestionRow(digest=digest, case_no=key[0], step_no=key[1])
            stated = (one.ground, one.score, one.overlap.start, one.overlap.end, one.why)
            if key in known and (row.ground, row.score, row.overlap_start, row.overlap_end, row.why) == stated:
                continue
            row.ground, row.score, row.overlap_start, row.overlap_end, row.why = stated
            row.suggested_at = self.at
            self.session.add(row)
            yield Entry(EventType.LINKED, self.actor, self.at, digest, detail=journal.suggested(row))


def suggestion_of(
    shot: Footage, tie: Tie, step: Step, margin: Margin, policy: LinkPolicy, link: schema.Link | None
) -> Suggestion | None:
    """Return what is to be asked about a clip and a step, given what people said of them; None for nothing."""
    refused: LinkFacts | None = None
    if link is not None and link.human:
        if link.active or link.basis is None:
            return None
        refused = facts_from(link.basis)
    return suggest(shot, step, margin, tie, policy, refused)


def best_of(found: Iterable[Suggestion | None]) -> dict[StepKey, Suggestion]:
    """Return the best of a clip's suggestions, no more than `MOST`, by step."""
    asked = sorted((one for one in found if one is not None), key=lambda one: (-one.score, one.case_no, one.step_no))
    return {step_key(one.case_no, one.step_no): one for one in asked[:MOST]}


def links_of(session: Session, digests: Sequence[str]) -> Spoken:
    """Return every link of clips, refused and undone ones too."""
    found: dict[str, dict[StepKey, schema.Link]] = defaultdict(dict)
    for link in session.scalars(sa.select(schema.Link).where(schema.Link.digest.in_(digests))):
        found[link.digest][step_key(link.case_no, link.step_no)] = link
    return found


def in_groups(loose: Sequence[Footage]) -> Iterator[list[Footage]]:
    """Yield clips in groups that lie on one day, in order of time: one search serves a group."""
    days: dict[object, list[Footage]] = defaultdict(list)
    for shot in sorted(loose, key=lambda one: (one.span.start, one.digest)):
        days[beijing(shot.span.start).date()].append(shot)
    yield from days.values()
