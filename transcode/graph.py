"""ffmpeg-python behind types: nodes of a filter graph and the argument list they compile to; nothing is run here."""

from collections.abc import Mapping, Sequence
from typing import Protocol, cast

import ffmpeg

Option = str | int | float
Options = Mapping[str, Option]


class Node(Protocol):
    """A stream in a filter graph. Indexing picks a stream of the input ("0", "1") or an output of a ``split``."""

    def filter(self, name: str, *args: Option, **options: Option) -> "Node": ...
    def filter_multi_output(self, name: str) -> "Node": ...
    def __getitem__(self, which: str | int) -> "Node": ...


def source(name: str, options: Options) -> Node:
    """Return the input of a graph."""
    return cast("Node", ffmpeg.input(name, **options))  # type: ignore[no-untyped-call] # the library ships no types


def sink(nodes: Sequence[Node], name: str, options: Options) -> Node:
    """Return an output that the nodes are written to."""
    return cast("Node", ffmpeg.output(*nodes, name, **options))


def compiled(sinks: Sequence[Node]) -> list[str]:
    """Return ffmpeg's arguments for the outputs, without the program; the same graph gives the same arguments."""
    return [str(argument) for argument in ffmpeg.get_args(ffmpeg.merge_outputs(*sinks))]
