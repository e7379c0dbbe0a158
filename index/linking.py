"""Linking clips to steps: officer × overlap, again and again, without ever undoing what a person said.

Candidates are found by time index and officer; the core's `match_clip` decides. What has changed against the links at
hand is written, each link and unlink with its ledger entry.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from evidence.cases import Step
from evidence.custody import Actor, Entry, EventType
from evidence.ids import SYSTEM_ACTOR
from evidence.law import LawPack, LinkPolicy, Rule
from evidence.matching import BELIEVED, Footage, Match, margin_of, match_clip, max_lag_s, max_lead_s, may_belong
from evidence.notes import Note
from evidence.roster import Roster
from evidence.scoring import Scored, Tie, score_of
from evidence.spans import Span
from evidence.suggesting import links_by_itself
from index import facts, journal, ledger, schema
from index.batches import AT_ONCE, batched
from index.facts import StepKey, step_key
from index.filters import shared_with
from index.reach import LONGEST, WIDTHS, overlapping, reach_class
from index.suggestions import Spoken, Suggester, links_of, policy_of, rule_of


@dataclass
class Touched:
    """What a matching changed, or may have changed for the audit: clips, and steps.

    Attributes:
        moved: the clips may be otherwise than before.
        near: every step that a clip belonged to, belongs to or may belong to, changed or not.
    """

    moved: bool = True
    clips: set[str] = field(default_factory=set)
    steps: set[StepKey] = field(default_factory=set)
    near: set[StepKey] = field(default_factory=set)

    def join(self, other: "Touched") -> None:
        """Take in what another matching touched."""
        self.clips |= other.clips
        self.steps |= other.steps
        self.near |= other.near


@dataclass(frozen=True)
class ScoredMatch:
    """A match with its score."""

    match: Match
    scored: Scored


@dataclass(frozen=True)
class Linker:
    """Matches clips in one transaction.

    Attributes:
        actor, at: who let the review run, and when; they go into the ledger.
    """

    session: Session
    pack: LawPack
    actor: Actor
    at: datetime
    roster: Roster

    @property
    def suggester(self) -> Suggester:
        """What brings the suggestions of the same clips up to date."""
        return Suggester(self.session, self.pack, self.actor, self.at, self.roster)

    def match(self, digests: Collection[str], *, moved: bool = True) -> Touched:
        """Bring the machine's links and doubts of clips up to date.

        ``moved``: the clips may be otherwise than before, so that every step they hang on is touched; else only those
        that they come to or leave.
        """
        touched = Touched(moved=moved)
        for some in batched(sorted(digests)):
            clips = facts.clip_rows(self.session, some)
            footage = {clip.digest: facts.footage_of(clip) for clip in clips}
            steps = self._candidates([one for one in footage.values() if one is not None])
            spoken = links_of(self.session, list(footage))
            self._relink(clips, footage, steps, spoken, touched)
            self._redoubt(footage, steps, spoken, touched)
            self.session.flush()
            touched.near |= self.suggester.bring(clips, footage, steps, spoken)
        return touched

    def near(self, keys: Collection[StepKey]) -> set[str]:
        """Return the clips that may belong to steps by time, and those that hang on them now."""
        found: set[str] = set()
        clip = schema.Clip
        filed = (clip.reach_class, clip.reach_start, clip.reach_end)
        for step in facts.nouns_of(self.session, facts.steps_by_key(self.session, keys)):
            window, officers = self._reach(step.window), sorted(step.officers)
            during = overlapping(filed, window)
            theirs = overlapping(filed, window, clip.officer_id.in_(officers))
            for mine in (theirs, sa.and_(during, shared_with(officers)), sa.and_(during, ~facts.placed())):
                found.update(self.session.scalars(sa.select(clip.digest).where(mine)))
        return found | hanging_on(self.session, keys)

    def _reach(self, window: Span) -> Span:
        return window.widened(*self._margins)

    @cached_property
    def _margins(self) -> tuple[float, float]:
        return max_lead_s(self.pack), max_lag_s(self.pack)

    def _candidates(self, footage: Sequence[Footage]) -> dict[str, list[Step]]:
        """Return for each clip the steps of its officers that share time with it."""
        step, worker = schema.StepRow, schema.StepOfficer
        found: dict[str, list[Step]] = {}
        for group in grouped(footage):
            window = facts.hull([reach for _, reach in group]).widened(max_lag_s(self.pack), max_lead_s(self.pack))
            during = overlapping((step.reach_class, step.started_at, step.ended_at), window)
            named = sorted({officer for one, _ in group for officer in one.carriers})
            joined = sa.and_(worker.case_no == step.case_no, worker.step_no == step.step_no)
            wanted = sa.select(step).join(worker, joined).where(during, worker.officer_id.in_(named))
            near = facts.nouns_of(self.session, self.session.scalars(wanted).unique().all())
            by_officer = self._filed(near)
            for one, reach in group:
                found[one.digest] = [step for window, step in mine_of(one, by_officer) if window.overlaps(reach)]
        return found

    def _filed(self, steps: Iterable[Step]) -> dict[str, list[tuple[Span, Step]]]:
        filed: dict[str, list[tuple[Span, Step]]] = defaultdict(list)
        for step in sorted(steps, key=lambda step: (step.case_no, step.step_no)):
            for officer_id in dict.fromkeys(step.officers):
                filed[officer_id].append((self._reach(step.window), step))
        return filed

    def _relink(
        self,
        clips: Sequence[schema.Clip],
        footage: dict[str, Footage | None],
        steps: dict[str, list[Step]],
        present: Spoken,
        touched: Touched,
    ) -> None:
        entries: list[Entry] = []
        for clip in clips:
            shot = footage[clip.digest]
            near = steps.get(clip.digest, ())
            pairs = [(step, rule_of(self.pack, step), policy_of(self.pack, step)) for step in near]
            matches = matches_of(shot, pairs) if shot else {}
            mine = present.get(clip.digest, {})
            touched.near |= matches.keys() | mine.keys()
            changed = self._diff(mine, matches, entries)
            touched.steps |= changed
            touched.steps |= {key for key, link in mine.items() if link.active and touched.moved}
            linked = any(link.active for link in mine.values()) or bool(matches.keys() - mine.keys())
            if changed or linked != clip.linked:
                touched.clips.add(clip.digest)
            clip.linked = linked
        ledger.append_all(self.session, entries)

    def _diff(
        self, present: dict[StepKey, schema.Link], matches: dict[StepKey, ScoredMatch], entries: list[Entry]
    ) -> set[StepKey]:
        """Write the difference between the links at hand and the matches; return the steps it concerns."""
        changed: set[StepKey] = set()
        for key, match in matches.items():
            link = present.get(key)
            if link is None or not (link.human or link.active):
                entries.append(self._entry("link", self._link(link, match)))
                changed.add(key)
            elif not link.human and (link.why, link.overlap_start, link.overlap_end, link.score) != stated(match):
                link.why, link.overlap_start, link.overlap_end, link.score = stated(match)
                entries.append(self._entry("link", link))
                changed.add(key)
        for key, link in present.items():
            if link.active and not link.human and key not in matches:
                link.active = False
                entries.append(self._entry("unlink", link))
                changed.add(key)
        return changed

    def _link(self, gone: schema.Link | None, scored: ScoredMatch) -> schema.Link:
        if gone is not None:
            gone.active, gone.linked_at = True, self.at
            gone.why, gone.overlap_start, gone.overlap_end, gone.score = stated(scored)
            return gone
        made = schema.Link(**link_values(scored, self.at))
        self.session.add(made)
        return made

    def _entry(self, action: str, link: schema.Link) -> Entry:
        """Return the ledger entry of a machine link as it stands now; ``unlink``: nothing matches any more."""
        detail = {"action": action, **journal.linked(link)}
        return Entry(EventType.LINKED, self.actor, self.at, link.digest, detail=detail)

    def _redoubt(
        self,
        footage: dict[str, Footage | None],
        steps: dict[str, list[Step]],
        spoken: Spoken,
        touched: Touched,
    ) -> None:
        """Keep which steps a clip would belong to if its time could be believed, where no person has spoken yet."""
        row = schema.Doubt
        known: dict[str, set[StepKey]] = defaultdict(set)
        found = self.session.execute(
            sa.select(row.digest, row.case_no, row.step_no).where(row.digest.in_(list(footage)))
        )
        for digest, case_no, step_no in found:
            known[digest].add(step_key(case_no, step_no))
        for digest, shot in footage.items():
            said = {key for key, link in spoken.get(digest, {}).items() if link.human}
            doubted = self._doubted(shot, steps.get(digest, ())) - said
            self._keep_doubts(digest, known[digest], doubted)
            touched.steps |= doubted | known[digest] if touched.moved else doubted ^ known[digest]
            touched.near |= doubted | known[digest]

    def _doubted(self, shot: Footage | None, steps: Iterable[Step]) -> set[StepKey]:
        if shot is None or shot.verdict in BELIEVED:
            return set()
        return {
            step_key(step.case_no, step.step_no) for step in steps if may_belong(shot, step, rule_of(self.pack, step))
        }

    def _keep_doubts(self, digest: str, known: set[StepKey], doubted: set[StepKey]) -> None:
        row = schema.Doubt
        for case_no, step_no in sorted(known - doubted):
            gone = (row.digest == digest, row.case_no == case_no, row.step_no == step_no)
            self.session.execute(sa.delete(row).where(*gone))
        self.session.add_all(
            row(digest=digest, case_no=case_no, step_no=step_no) for case_no, step_no in sorted(doubted - known)
        )
        entries = [self._doubt_entry("doubt", digest, key) for key in sorted(doubted - known)]
        entries += [self._doubt_entry("undoubt", digest, key) for key in sorted(known - doubted)]
        ledger.append_all(self.session, entries)

    def _doubt_entry(self, action: str, digest: str, key: StepKey) -> Entry:
        detail = {"action": action, "by": SYSTEM_ACTOR, "case_no": key[0], "step_no": key[1]}
        return Entry(EventType.LINKED, self.actor, self.at, digest, detail=detail)


def link_values(scored: ScoredMatch, at: datetime) -> dict[str, Any]:
    """Return the columns of a link that the machine makes."""
    match = scored.match
    why, start, end, score = stated(scored)
    return {
        "digest": match.digest,
        "case_no": match.case_no,
        "step_no": match.step_no,
        "active": True,
        "human": False,
        "by": SYSTEM_ACTOR,
        "overlap_start": start,
        "overlap_end": end,
        "why": why,
        "linked_at": at,
        "score": score,
        "basis": None,
    }


def matches_of(shot: Footage, steps: Iterable[tuple[Step, Rule | None, LinkPolicy]]) -> dict[StepKey, ScoredMatch]:
    """Return the matches of a clip that the bureau's bar lets through, each with its score."""
    found: dict[StepKey, ScoredMatch] = {}
    for step, rule, policy in steps if shot.verdict in BELIEVED else ():
        scored = score_of(shot, step, margin_of(rule), Tie.RECORD)
        if links_by_itself(shot, Tie.RECORD, scored, policy):
            for match in match_clip(shot, [(step, rule)]):
                found[step_key(step.case_no, step.step_no)] = ScoredMatch(match, scored)
    return found


def mine_of(one: Footage, by_officer: Mapping[str, Sequence[tuple[Span, Step]]]) -> Iterable[tuple[Span, Step]]:
    """Return the steps of everybody a clip counts for, each step once."""
    if not one.is_shared:
        return by_officer.get(one.carried_by, ())
    theirs = (pair for officer in one.carriers for pair in by_officer.get(officer, ()))
    return {step_key(pair[1].case_no, pair[1].step_no): pair for pair in theirs}.values()


def hanging_on(session: Session, keys: Collection[StepKey]) -> set[str]:
    """Return the clips that are linked to steps, doubted for them or suggested."""
    found: set[str] = set()
    link, doubt, asked = schema.Link, schema.Doubt, schema.SuggestionRow
    for some in batched(sorted(keys)):
        found.update(session.scalars(sa.select(asked.digest).where(facts.among(asked, some))))
        found.update(session.scalars(sa.select(link.digest).where(facts.among(link, some), link.active)))
        found.update(session.scalars(sa.select(doubt.digest).where(facts.among(doubt, some))))
    return found


def grouped(footage: Sequence[Footage]) -> Iterator[list[tuple[Footage, Span]]]:
    """Yield clips with an officer, and their reach, in groups that lie close in time: one search serves a group."""
    reaches = [(one, one.span.widened(one.uncertainty_s, one.uncertainty_s)) for one in footage if one.carriers]
    reaches.sort(key=lambda pair: (reach_class(pair[1]), pair[1].start))
    group: list[tuple[Footage, Span]] = []
    for pair in reaches:
        if group and not _close(group, pair[1]):
            yield group
            group = []
        group.append(pair)
    if group:
        yield group


def _close(group: list[tuple[Footage, Span]], reach: Span) -> bool:
    first = group[0][1]
    same_class = reach_class(first) == reach_class(reach)
    width = WIDTHS[min(reach_class(first), LONGEST - 1)]
    return same_class and len(group) < AT_ONCE and reach.start - first.start <= max(width, timedelta(hours=8))


def stated(one: ScoredMatch) -> tuple[tuple[Note, ...], datetime, datetime, float]:
    """Return what a link's row keeps of its match: its reasons and those of its score, the overlap, the score."""
    match = one.match
    return (*match.why, *one.scored.parts), match.overlap.start, match.overlap.end, one.scored.score
