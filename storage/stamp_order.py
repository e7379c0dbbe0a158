"""The certificates of a time stamp in the order DER wants: many authorities send them as their chain runs.

They are a SET, so their order says nothing, and no signature covers it; the parser refuses any but the sorted one.
What is kept is the response as it came.

Source: RFC 5652, section 5.1; RFC 3161, section 2.4.2; X.690, sections 8.1 and 11.6.
"""

from typing import NamedTuple

CERTIFICATES = 0xA0
LONG_FORM = 0x80


class _Item(NamedTuple):
    """One value in DER: its tag, and where it begins, where its content does, and where it ends."""

    tag: int
    at: int
    inside: int
    end: int


def with_sorted_certificates(response: bytes) -> bytes:
    """Return an RFC 3161 response with its certificates sorted; one that is not understood comes back as it is."""
    try:
        found = _certificates(response)
        parts = sorted(response[one.at : one.end] for one in _items(response, found.inside, found.end))
    except (ValueError, IndexError, StopIteration):
        return response
    return response[: found.inside] + b"".join(parts) + response[found.end :]


def _certificates(response: bytes) -> _Item:
    """Return where TimeStampResp / timeStampToken / content / SignedData / certificates lies."""
    (whole,) = _items(response, 0, len(response))
    token = _items(response, whole.inside, whole.end)[1]
    content = _items(response, token.inside, token.end)[1]
    (signed,) = _items(response, content.inside, content.end)
    return next(one for one in _items(response, signed.inside, signed.end) if one.tag == CERTIFICATES)


def _items(body: bytes, at: int, end: int) -> list[_Item]:
    found = []
    while at < end:
        found.append(_item(body, at, end))
        at = found[-1].end
    return found


def _item(body: bytes, at: int, end: int) -> _Item:
    """Read one value of definite length.

    Raises:
        ValueError: it does not end within ``end``. IndexError: it ends in its head.
    """
    length, inside = body[at + 1], at + 2
    if length >= LONG_FORM:
        count = length - LONG_FORM
        length, inside = int.from_bytes(body[inside : inside + count], "big"), inside + count
    if inside + length > end:
        raise ValueError("a value is longer than what holds it")
    return _Item(body[at], at, inside, inside + length)
