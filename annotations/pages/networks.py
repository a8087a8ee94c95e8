"""A network of the sources, documents or topics of a study, under one reading of all its documents."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from annotations.access import Visit
from annotations.comparison.measures import voice_of
from annotations.comparison.values import Reading, Tally
from annotations.enums import AUTHOR, Grain
from annotations.models import Document, Source, Stance, Topic
from annotations.networks.enums import (
    ONE_MODE,
    ONE_MODE_NORMALISATIONS,
    TWO_MODE,
    TWO_MODE_NORMALISATIONS,
    Agreement,
    Mode,
    Normalisation,
)
from annotations.networks.matrices import Floats, one_mode, said, two_mode
from annotations.networks.network import Network, Node
from annotations.pages.material import Material, read_material
from annotations.pages.query_words import choice_of
from annotations.pages.reading import NothingToCompareError

if TYPE_CHECKING:
    from django.http import QueryDict


@dataclass(frozen=True, slots=True)
class NetworkShown:
    """A network, the reading it is of, and the words that its form offers."""

    visit: Visit
    network: Network
    material: Material
    tags: int
    agreements: tuple[Agreement, ...]
    normalisations: tuple[Normalisation, ...]

    @property
    def reading(self) -> Reading:
        return self.material.reading

    @property
    def coders(self) -> tuple[str, ...]:
        """Whose readings the visitor may choose."""
        return self.material.coders if self.visit.may_code else ()


@dataclass(frozen=True, slots=True)
class _Codebook:
    """What the nodes are made from."""

    documents: tuple[Document, ...]
    topics: tuple[Topic, ...]
    stances: tuple[Stance, ...]
    sources: tuple[Source, ...]

    @property
    def scale(self) -> tuple[float, ...]:
        return tuple(sorted({stance.value for stance in self.stances if stance.value is not None}))


def load_network(visit: Visit, query: QueryDict) -> NetworkShown:
    """Reads the query string (``mode``, ``agreement``, ``normalisation`` and a reading) and draws the
    network; a fixed number of queries.

    Raises what ``read_material`` raises, and ``NothingToCompareError``.
    """
    documents = tuple(visit.study.documents.without_text().order_by("position"))
    material = read_material(visit, query, documents)
    codebook = _Codebook(
        documents,
        tuple(material.codebook.topics.values()),
        tuple(material.codebook.stances.values()),
        tuple(material.codebook.sources.values()),
    )
    if len(codebook.scale) < 2:
        raise NothingToCompareError("scale")
    tags = list(material.counted())
    mode = choice_of(query, "mode", Mode, Mode.SOURCES)
    agreements = ONE_MODE if mode.is_one_mode else TWO_MODE
    normalisations = ONE_MODE_NORMALISATIONS if mode.is_one_mode else TWO_MODE_NORMALISATIONS
    agreement = choice_of(query, "agreement", Agreement, agreements[0])
    normalisation = choice_of(query, "normalisation", Normalisation, Normalisation.NONE)
    # A word of the other mode is left over from a change of mode: the first of this one stands for it.
    agreement = agreement if agreement in agreements else agreements[0]
    normalisation = normalisation if normalisation in normalisations else Normalisation.NONE
    network = _network(codebook, material, tags, mode, agreement, normalisation)
    return NetworkShown(visit, network, material, sum(tag.n for tag in tags), agreements, normalisations)


def _network(
    codebook: _Codebook,
    material: Material,
    tags: list[Tally],
    mode: Mode,
    agreement: Agreement,
    normalisation: Normalisation,
) -> Network:
    grain = material.reading.grain
    by_document = mode is Mode.DOCUMENTS
    actors = _documents(codebook, tags) if by_document else _voices(codebook, tags, grain)
    topics = _topics(codebook, tags)
    keys = [actor.key for actor in actors]
    if mode.is_one_mode:
        array = said(
            ((tag.document if by_document else actor_of(tag, grain), tag.topic, tag.value) for tag in tags),
            actors=keys,
            topics=[topic.key for topic in topics],
            scale=codebook.scale,
        )
        matrix = one_mode(array, scale=codebook.scale, agreement=agreement, normalisation=normalisation)
        columns = actors
    else:
        counts = _weights(codebook, material, tags, keys, [topic.key for topic in topics])
        matrix = two_mode(counts, scale=codebook.scale, agreement=agreement, normalisation=normalisation)
        columns = topics
    cells = tuple(tuple(float(cell) for cell in row) for row in matrix)
    return Network(mode, agreement, normalisation, actors, columns, cells)


def _weights(
    codebook: _Codebook, material: Material, tags: list[Tally], actors: list[str], topics: list[str]
) -> Floats:
    """The array of ``said`` with the tags' weights: one over the coders who count in the document."""
    scale = codebook.scale
    counts = said((), actors=actors, topics=topics, scale=scale)
    for tag in tags:
        stance = len(scale) if tag.value is None else scale.index(tag.value)
        coders = max(1, len(material.frames[tag.document].coders))
        actor = actors.index(actor_of(tag, material.reading.grain))
        counts[actor, topics.index(tag.topic), stance] += tag.n / coders
    return counts


def _stances(codebook: _Codebook, tags: list[Tally]) -> tuple[tuple[str, int], ...]:
    counts: Counter[str] = Counter()
    for tag in tags:
        counts[tag.stance] += tag.n
    return tuple((stance.slug, counts[stance.slug]) for stance in codebook.stances)


def _documents(codebook: _Codebook, tags: list[Tally]) -> tuple[Node, ...]:
    return tuple(
        Node(
            document.slug,
            "document",
            document.short_name,
            document.publisher,
            _stances(codebook, [tag for tag in tags if tag.document == document.slug]),
        )
        for document in codebook.documents
    )


def _topics(codebook: _Codebook, tags: list[Tally]) -> tuple[Node, ...]:
    return tuple(
        Node(
            topic.slug,
            "topic",
            topic.label,
            str(topic.parent or ""),
            _stances(codebook, [tag for tag in tags if tag.topic == topic.slug]),
        )
        for topic in codebook.topics
    )


def actor_of(tag: Tally, grain: Grain) -> str:
    """The voice a tag gives word to. The authors of two documents are two people, and two actors."""
    return f"{AUTHOR}-{tag.document}" if tag.source == AUTHOR else voice_of(tag, grain)


def _voices(codebook: _Codebook, tags: list[Tally], grain: Grain) -> tuple[Node, ...]:
    """A node for every document's author and every source of the codebook, or for its body or side: also for
    those who say nothing."""
    names: dict[str, tuple[str, str]] = {}
    for source in codebook.sources:
        if source.slug == AUTHOR:
            for document in codebook.documents:
                label = _("%(document)s itself") % {"document": document.short_name}
                names[f"{AUTHOR}-{document.slug}"] = (label, source.side)
        elif grain is Grain.SOURCE:
            names.setdefault(source.slug, (source.label, source.side))
        elif grain is Grain.BODY:
            body = source.speaks_for or source
            names.setdefault(body.slug, (body.label, body.side))
        else:
            names.setdefault(source.side, (source.side, source.side))
    return tuple(
        Node(key, "source", label, side, _stances(codebook, [t for t in tags if actor_of(t, grain) == key]))
        for key, (label, side) in names.items()
    )
