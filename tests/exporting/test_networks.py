"""Networks as files that Gephi, visone and a spreadsheet open."""

from xml.etree import ElementTree

import networkx
import pytest

from annotations.exporting.networks import network_edges_csv, network_graphml, network_matrix_csv
from annotations.networks.enums import Agreement, Mode, Normalisation
from annotations.networks.network import Network, Node

ANN = Node("ann", "source", "Ann “A”", "East", (("support", 2), ("oppose", 0)))
BOB = Node("-bob", "source", "Bob & <Co>", "West", (("support", 0), ("oppose", 1)))
CYD = Node("cyd", "source", "Cyd\x0b", "West", (("support", 0), ("oppose", 0)))
TALKS = Node("talks", "topic", "Talks", "Security", ())
NAMESPACE = {"g": "http://graphml.graphdrawing.org/xmlns"}


@pytest.fixture
def network() -> Network:
    return Network(
        Mode.SOURCES,
        Agreement.SUBTRACT,
        Normalisation.NONE,
        (ANN, BOB, CYD),
        (ANN, BOB, CYD),
        ((0.0, -0.5, 0.0), (-0.5, 0.0, 0.0), (0.0, 0.0, 0.0)),
    )


def test_graphml_has_nodes_weights_attributes_and_isolates(network: Network) -> None:
    graph = networkx.parse_graphml(network_graphml(network).decode())
    assert dict(graph.nodes(data=True)) == {
        "source:ann": {
            "label": "Ann “A”",
            "kind": "source",
            "group": "East",
            "side": "East",
            "annotations_support": 2,
            "annotations_oppose": 0,
        },
        "source:-bob": {
            "label": "Bob & <Co>",
            "kind": "source",
            "group": "West",
            "side": "West",
            "annotations_support": 0,
            "annotations_oppose": 1,
        },
        "source:cyd": {
            "label": "Cyd",
            "kind": "source",
            "group": "West",
            "side": "West",
            "annotations_support": 0,
            "annotations_oppose": 0,
        },
    }
    assert list(graph.edges(data="weight")) == [("source:ann", "source:-bob", -0.5)]


def test_graphml_declares_types_that_gephi_and_visone_read(network: Network) -> None:
    root = ElementTree.fromstring(network_graphml(network))
    keys = {
        (key.get("for"), key.get("attr.name")): key.get("attr.type")
        for key in root.findall("g:key", NAMESPACE)
    }
    assert keys[("edge", "weight")] == "double"
    assert keys[("node", "label")] == "string"
    assert keys[("node", "annotations_support")] == "long"
    graph = root.find("g:graph", NAMESPACE)
    assert graph is not None
    assert graph.get("edgedefault") == "undirected"


def test_the_matrix_is_written_whole(network: Network) -> None:
    assert network_matrix_csv(network).split("\r\n") == [
        ",ann,'-bob,cyd",
        "ann,0.000000000,-0.500000000,0.000000000",
        "'-bob,-0.500000000,0.000000000,0.000000000",
        "cyd,0.000000000,0.000000000,0.000000000",
        "",
    ]


def test_each_edge_is_listed_once(network: Network) -> None:
    assert network_edges_csv(network).split("\r\n") == [
        "source,target,weight",
        "ann,'-bob,-0.500000000",
        "",
    ]


def test_a_two_mode_network_joins_sources_and_topics() -> None:
    two_mode = Network(
        Mode.SOURCES_TOPICS, Agreement.IGNORE, Normalisation.NONE, (ANN, CYD), (TALKS,), ((2.0,), (0.0,))
    )
    graph = networkx.parse_graphml(network_graphml(two_mode).decode())
    assert set(graph.nodes) == {"source:ann", "source:cyd", "topic:talks"}
    assert list(graph.edges(data="weight")) == [("source:ann", "topic:talks", 2.0)]
    assert network_matrix_csv(two_mode) == ",talks\r\nann,2.000000000\r\ncyd,0.000000000\r\n"
