"""The links, doubts and suggestions of a stretch's clips, compared with those that are kept."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

from evidence.custody import EventType
from evidence.ids import SYSTEM_ACTOR
from evidence.matching import BELIEVED, Footage, may_belong
from evidence.scoring import Tie
from evidence.spans import Span
from evidence.suggesting import Suggestion
from index import facts, journal, schema
from index.auditing import Hung
from index.facts import StepKey, step_key
from index.linking import ScoredMatch, link_values, matches_of, stated
from index.stored import Stored, Storing, written_notes
from index.suggestions import best_of, suggestion_of
from index.whole.company import Neighbours
from index.whole.entries import Entries
from index.whole.filed import SHORT_CLASSES, ByTime, Filed
from index.whole.forms import Reading
from index.whole.parts import LINK_COLUMNS, SUGGESTION_COLUMNS, Kept, Knowledge, Outcome

_LINK = Reading(schema.Link, LINK_COLUMNS)
_LINKING = Storing(schema.Link, LINK_COLUMNS)
_SUGGESTION = Reading(schema.SuggestionRow, SUGGESTION_COLUMNS)
_SUGGESTING = Storing(schema.SuggestionRow, SUGGESTION_COLUMNS)

Links = dict[StepKey, Any]
"""The kept links of a clip."""


@dataclass
class Present:
    """What is kept of a clip: its links, refused and undone ones too; its doubts; its suggestions."""

    links: Links = field(default_factory=dict)
    doubts: set[StepKey] = field(default_factory=set)
    suggestions: dict[StepKey, Any] = field(default_factory=dict)


@dataclass
class Hanging:
    """What hangs on the steps of a stretch, in order of digest."""

    footage: defaultdict[StepKey, Hung] = field(default_factory=lambda: defaultdict(Hung))
    clips: defaultdict[StepKey, list[Any]] = field(default_factory=lambda: defaultdict(list))

    def add(self, clip: Any, shot: Footage | None, held: Iterable[StepKey], doubts: Iterable[StepKey]) -> None:  # noqa: ANN401 - a clip's row
        """Hang a clip on steps."""
        for key in held:
            self.clips[key].append(clip)
            self.footage[key].add_linked(shot)
        for key in doubts:
            self.footage[key].add_doubtful(shot)


def present_of(kept: Kept) -> Mapping[str, Present]:
    """Return what is kept, by clip."""
    found: defaultdict[str, Present] = defaultdict(Present)
    for stored in kept.links:
        link = _LINK.row(stored)
        found[link.digest].links[step_key(link.case_no, link.step_no)] = link
    for digest, case_no, step_no in kept.doubts:
        found[str(digest)].doubts.add(step_key(str(case_no), str(step_no)))
    for stored in kept.suggestions:
        asked = _SUGGESTION.row(stored)
        found[asked.digest].suggestions[step_key(asked.case_no, asked.step_no)] = asked
    return found


@dataclass
class LinkReview:
    """Links clips of a stretch one after the other. ``steps``: by officer; ``neighbours``: whom else to ask about."""

    known: Knowledge
    steps: ByTime
    neighbours: Neighbours
    entries: Entries
    out: Outcome
    hanging: Hanging = field(default_factory=Hanging)

    def link(self, clip: Any, present: Present, *, own: bool) -> None:  # noqa: ANN401 - a clip's row
        """Link a clip, and let it know whether a step holds it; only of the stretch's ``own`` clips is it stated."""
        shot = facts.footage_of(clip)
        if clip.reach_class is None or clip.reach_class >= SHORT_CLASSES:  # linked by itself before
            held = {key for key, link in present.links.items() if link.active}
            self.hanging.add(clip, shot, held, present.doubts)
            return
        near = self._candidates(clip, shot)
        matches = matches_of(shot, [(one.step, one.rule, one.pack.linking) for one in near]) if shot and near else {}
        human = {key for key, link in present.links.items() if link.human}
        held = (matches.keys() - human) | {key for key in human if present.links[key].active}
        doubts = doubts_of(shot, near) - human
        self.hanging.add(clip, shot, held, doubts)
        if own:
            self._diff(present.links, matches)
            self._diff_doubts(clip.digest, present.doubts, doubts)
            if clip.linked != bool(held):
                self.out.linked.append((clip.digest, bool(held)))
        clip.linked = bool(held)
        if own:
            self._suggest(clip, shot, [one for one in near if one.key in human or one.key not in matches], present)

    def _candidates(self, clip: Any, shot: Footage | None) -> list[Filed]:  # noqa: ANN401 - a clip's row
        if shot is None or shot.officer_id is None:
            return []
        reach = Span(clip.reach_start, clip.reach_end)
        if not shot.is_shared:
            return self.steps.near(shot.officer_id, reach)
        theirs = (one for officer in shot.carriers for one in self.steps.near(officer, reach))
        return list({one.key: one for one in theirs}.values())

    # --- links and doubts ---------------------------------------------------------------------------------------------

    def _diff(self, present: Links, matches: Mapping[StepKey, ScoredMatch]) -> None:
        for key, match in matches.items():
            link = present.get(key)
            if link is None:
                self._keep(SimpleNamespace(**link_values(match, self.known.at)), self.out.links)
            elif not link.human and not (link.active and is_stated(link, match)):
                link.linked_at = link.linked_at if link.active else self.known.at
                link.active = True
                link.why, link.overlap_start, link.overlap_end, link.score = stated(match)
                self._keep(link, self.out.relinked)
        for key, link in present.items():
            if link.active and not link.human and key not in matches:
                link.active = False
                self._keep(link, self.out.relinked)

    def _keep(self, link: Any, where: list[Stored]) -> None:  # noqa: ANN401 - a link's row
        why = written_notes(link.why)
        where.append(_LINKING.row({**vars(link), "why": why.column}))
        detail = {"action": "link" if link.active else "unlink", **without_why(journal.linked, link)}
        self.out.entries += self.entries.of(EventType.LINKED, link.digest, detail, why=why.canonical)

    def _diff_doubts(self, digest: str, known: set[StepKey], doubts: set[StepKey]) -> None:
        if known == doubts:
            return
        self.out.undoubts += [(digest, *key) for key in sorted(known - doubts)]
        self.out.doubts += [(digest, *key) for key in sorted(doubts - known)]
        for action, keys in (("doubt", doubts - known), ("undoubt", known - doubts)):
            for key in sorted(keys):
                self._tell(action, digest, key)

    def _tell(self, action: str, digest: str, key: StepKey) -> None:
        detail = {"action": action, "by": SYSTEM_ACTOR, "case_no": key[0], "step_no": key[1]}
        self.out.entries += self.entries.of(EventType.LINKED, digest, detail)

    # --- suggestions --------------------------------------------------------------------------------------------------

    def _suggest(self, clip: Any, shot: Footage | None, mine: list[Filed], present: Present) -> None:  # noqa: ANN401 - a clip's row
        wanted: dict[StepKey, Suggestion] = {}
        if shot is not None:
            pairs = [(Tie.RECORD, one) for one in mine]
            if not clip.linked and shot.verdict in BELIEVED:
                if self.neighbours.is_beyond(shot):
                    self.out.alone.append(clip.digest)
                    return
                pairs += self.neighbours.of(shot)
            if not pairs and not present.suggestions:
                return
            links = present.links
            asked = (
                suggestion_of(shot, tie, one.step, one.margin, one.pack.linking, links.get(one.key))
                for tie, one in pairs
            )
            wanted = best_of(asked)
        self._keep_suggestions(clip.digest, present.suggestions, wanted)

    def _keep_suggestions(self, digest: str, known: dict[StepKey, Any], wanted: dict[StepKey, Suggestion]) -> None:
        for key in sorted(known.keys() - wanted.keys()):
            self.out.unsuggested.append((digest, *key))
            self._tell("unsuggest", digest, key)
        for key, one in sorted(wanted.items()):
            row = known.get(key)
            said = (one.ground, one.score, one.overlap.start, one.overlap.end, one.why)
            if row and (row.ground, row.score, row.overlap_start, row.overlap_end, row.why) == said:
                continue
            made: Any = SimpleNamespace(digest=digest, case_no=key[0], step_no=key[1], suggested_at=self.known.at)
            made.ground, made.score, made.overlap_start, made.overlap_end, made.why = said
            why = written_notes(one.why)
            (self.out.resuggested if row else self.out.suggested).append(
                _SUGGESTING.row({**vars(made), "why": why.column})
            )
            told = without_why(journal.suggested, made)
            self.out.entries += self.entries.of(EventType.LINKED, digest, told, why=why.canonical)


def without_why(told: Callable[[Any], journal.Plain], row: Any) -> journal.Plain:  # noqa: ANN401 - a row
    """Return what an entry tells of a row, but for its reasons, which are written already."""
    detail = told(SimpleNamespace(**{**vars(row), "why": ()}))
    del detail["why"]
    return detail


def doubts_of(shot: Footage | None, near: Iterable[Filed]) -> set[StepKey]:
    """Return the steps a clip would belong to if its time could be believed."""
    if shot is None or shot.verdict in BELIEVED:
        return set()
    return {one.key for one in near if may_belong(shot, one.step, one.rule)}


def is_stated(link: Any, match: ScoredMatch) -> bool:  # noqa: ANN401 - a link's row
    """Whether a link says what its match says."""
    return bool((link.why, link.overlap_start, link.overlap_end, link.score) == stated(match))
