"""A route as a row of a table."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from starlette.responses import Response

READ = ("GET", "HEAD")
GET = ("GET",)
POST = ("POST",)


@dataclass(frozen=True)
class Route:
    """An address, what answers, and to which methods. ``described``: it belongs to the documented HTTP API."""

    path: str
    answer: Callable[..., Response | Awaitable[Response]]
    methods: Sequence[str] = READ
    described: bool = False
