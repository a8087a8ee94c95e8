"""A network: who is in it, and how strongly they are joined."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations, product

from annotations.networks.enums import Agreement, Mode, Normalisation


@dataclass(frozen=True, slots=True)
class Node:
    """A source, a document or a topic. ``kind`` is one of these words; ``group`` is a source's side, a
    topic's parent or a document's publisher. ``stances``: (stance, annotations) in codebook order."""

    key: str
    kind: str
    label: str
    group: str
    stances: tuple[tuple[str, int], ...]

    @property
    def name(self) -> str:
        """A name that no node of another kind has."""
        return f"{self.kind}:{self.key}"


@dataclass(frozen=True, slots=True)
class Edge:
    """Two nodes that are joined, and the cell of the matrix that says so; never 0."""

    one: Node
    other: Node
    weight: float


@dataclass(frozen=True, slots=True)
class Network:
    """``matrix`` has a row for each of ``rows``, and a column for each of ``columns``: in a one-mode network
    both are the same nodes. Nodes without an edge are in it: isolates are findings."""

    mode: Mode
    agreement: Agreement
    normalisation: Normalisation
    rows: tuple[Node, ...]
    columns: tuple[Node, ...]
    matrix: tuple[tuple[float, ...], ...]

    @property
    def nodes(self) -> tuple[Node, ...]:
        """Every node once."""
        return self.rows if self.mode.is_one_mode else self.rows + self.columns

    def edges(self) -> Iterator[Edge]:
        """Every pair that is joined, once, in the order of the nodes."""
        size = range(len(self.rows))
        cells = combinations(size, 2) if self.mode.is_one_mode else product(size, range(len(self.columns)))
        for row, column in cells:
            if self.matrix[row][column]:
                yield Edge(self.rows[row], self.columns[column], self.matrix[row][column])
