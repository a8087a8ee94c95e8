"""A network as GraphML, as a CSV matrix and as a CSV list of edges."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

import networkx

from annotations.formula_guard import guard

if TYPE_CHECKING:
    from annotations.networks.network import Network, Node

EDGE_COLUMNS = ("source", "target", "weight")


def network_graphml(network: Network) -> bytes:
    """UTF-8 GraphML with node attributes ``label``, ``kind``, ``group``, ``side`` (of sources) and the number
    of annotations of each stance, and the edges' ``weight``. Isolates are in it."""
    graph = networkx.Graph(
        mode=network.mode.value,
        agreement=network.agreement.value,
        normalisation=network.normalisation.value,
    )
    for node in network.nodes:
        graph.add_node(node.name, **_attributes(node))
    for edge in network.edges():
        graph.add_edge(edge.one.name, edge.other.name, weight=float(edge.weight))
    out = io.BytesIO()
    networkx.write_graphml(graph, out, encoding="utf-8", prettyprint=True)
    return out.getvalue()


def _attributes(node: Node) -> dict[str, str | int]:
    counts = {f"annotations_{stance}": number for stance, number in node.stances}
    side = {"side": _xml(node.group)} if node.kind == "source" else {}
    return {"label": _xml(node.label), "kind": node.kind, "group": _xml(node.group), **side, **counts}


def _xml(text: str) -> str:
    """Text without the control characters that XML 1.0 cannot hold."""
    return "".join(character for character in text if character >= " " or character in "\t\n\r")


def network_matrix_csv(network: Network) -> str:
    """The matrix: the first row and column name the nodes by slug."""
    rows = [["", *(guard(node.key) for node in network.columns)]]
    rows += [
        [guard(node.key), *(f"{cell:.9f}" for cell in cells)]
        for node, cells in zip(network.rows, network.matrix, strict=True)
    ]
    return _csv(rows)


def network_edges_csv(network: Network) -> str:
    """The edges, ``source,target,weight``, then nothing: isolates are in the matrix and in GraphML."""
    rows = [[guard(edge.one.key), guard(edge.other.key), f"{edge.weight:.9f}"] for edge in network.edges()]
    return _csv([list(EDGE_COLUMNS), *rows])


def _csv(rows: list[list[str]]) -> str:
    out = io.StringIO()
    csv.writer(out).writerows(rows)
    return out.getvalue()
