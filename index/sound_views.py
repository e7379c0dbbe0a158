"""What the sound of clips says, as people see it from each of them."""

from collections import defaultdict
from collections.abc import Mapping, Sequence

from sqlalchemy.orm import Session

from evidence.ids import Digest
from evidence.sound_check import check_sound
from evidence.sound_views import SoundMatchView, turned
from index import facts, schema
from index.sounds import device_of, matches_of, offset_of, start_of


def sound_matches(session: Session, digests: Sequence[str]) -> Mapping[str, list[SoundMatchView]]:
    """Return the comparisons that clips took part in, by clip, in order of the other clip's digest."""
    rows = list(matches_of(session, digests))
    named = {digest for row in rows for digest in (row.digest_a, row.digest_b)}
    clips = {clip.digest: clip for clip in facts.clip_rows(session, named)}
    found: dict[str, list[SoundMatchView]] = defaultdict(list)
    for row in rows:
        for mine, other in ((row.digest_a, row.digest_b), (row.digest_b, row.digest_a)):
            found[mine].append(_view(row, clips[mine], clips[other]))
    return {digest: sorted(found[digest], key=lambda one: one.other) for digest in digests}


def _view(row: schema.SoundMatchRow, mine: schema.Clip, other: schema.Clip) -> SoundMatchView:
    is_first = row.digest_a == mine.digest
    said = offset_of(row)
    offset = said if said is None or is_first else turned(said)
    side = {"": "", "a": "this", "b": "other"} if is_first else {"": "", "b": "this", "a": "other"}
    return SoundMatchView(
        other=Digest(other.digest),
        device_id=device_of(other),
        station=other.station,
        source_path=other.source_path,
        offset=offset,
        check=check_sound(start_of(mine), start_of(other), offset) if offset is not None else None,
        tool=row.tool,
        refused=row.refused,
        refused_in=side[row.refused_in],
        compared_at=row.compared_at,
    )
