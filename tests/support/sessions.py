"""The world of the pages with a session of four files, and a camera that two officers share."""

from dataclasses import replace
from datetime import timedelta

from evidence.clock import ClockVerdict
from evidence.ids import OfficerId, StepNo
from evidence.notes import note
from evidence.recordings import PartView
from evidence.spans import Span
from evidence.suggesting import Ground, Suggestion, SuggestionView
from evidence.views import ClipView
from tests.support.web import CASE, DAY, Media, World, build_world, digest_of

MINUTES = ((0, 5), (5, 10), (10, 15), (15, 20))
SHARED = {
    "officers": (OfficerId("E001"), OfficerId("E002")),
    "officer_names": ("陈静", "买买提·艾力"),
    "disagreements": (note("identity.camera_shared", device="DEV-1", officers="E001, E002"),),
}


def recorded_world(media: Media | None = None) -> tuple[World, list[ClipView]]:
    """Return the world, with its four new clips in order; the last two wait for the first step as suggestions."""
    world = build_world(media)
    first = world.clip_rows[0]
    digests = tuple(digest_of(f"part {n}") for n in range(1, 5))
    whole = Span(DAY + timedelta(minutes=60), DAY + timedelta(minutes=80, seconds=3))
    parts = [
        replace(
            first,
            digest=digest,
            clock=replace(first.clock, verdict=ClockVerdict.TRUSTED, span=lasting(n)),
            sequence=10 + n,
            recording=PartView(digests[0], n + 1, whole, digests),
            links=tuple(replace(link, digest=digest) for link in first.links) if n < 2 else (),
            **SHARED,  # type: ignore[arg-type] # the fields of a clip
        )
        for n, digest in enumerate(digests)
    ]
    world.clip_rows = [*reversed(parts), *world.clip_rows]
    world.files |= {digest: world.files[first.digest] for digest in digests if first.digest in world.files}
    world.step_rows[0] = replace(
        world.step_rows[0], links=(*world.step_rows[0].links, *(one.links[0] for one in parts[:2]))
    )
    for one in parts[2:]:
        said = (note("suggest.clock", officer="E001, E002"), note("score.clock_disputed", value="0.45"))
        assert one.clock.span is not None
        asked = Suggestion(one.digest, CASE, StepNo("1"), Ground.CLOCK, 0.45, one.clock.span, said)
        world.suggested.append(SuggestionView(asked, "SITE_CHECK", DAY))
    return world, parts


def lasting(number: int) -> Span:
    """Return when a part was recorded, a second of break before each."""
    begin, end = MINUTES[number]
    start = DAY + timedelta(minutes=60 + begin, seconds=number)
    return Span(start, DAY + timedelta(minutes=60 + end, seconds=number))
