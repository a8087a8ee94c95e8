"""What the database counts gives the same comparison as the tags, one by one."""

from __future__ import annotations

import random
from itertools import product

import pytest
from django.http import QueryDict
from django.utils import timezone

from annotations import stored_tags
from annotations.access import Visit
from annotations.codebook import Codebook
from annotations.comparison.certainty import Draws
from annotations.comparison.measures import compare, hears, tagged_characters
from annotations.comparison.values import Comparison, Tag
from annotations.enums import Layer, Role
from annotations.models import Annotation, Passage, Source, Study, Topic, User
from annotations.pages.material import Material, read_material
from annotations.pages.pairs import load_all_documents
from annotations.pages.reading import Compared, load_compared, settings_of
from annotations.permissions import role_in
from annotations.services.coding import finish_document
from annotations.stored_tags import load_reaches, load_tags, load_tallies, tagged_characters_of
from tests.factories import make_document, make_member, make_tag

pytestmark = pytest.mark.django_db


@pytest.fixture
def random_study(study: Study, coder: User, other_coder: User, curator: User) -> Study:
    """Three documents of six passages, 160 tags by three coders and 40 curated ones; Ada finished the east
    and the west, Ben the east, Cleo nothing."""
    dice = random.Random(7)
    make_document(study, "north", *(f"Passage number {n}. Ушаков said so." for n in range(6)))
    for slug in ("east", "west"):
        document = study.documents.get(slug=slug)
        for number in range(3, 7):
            passage = document.passages.earliest("number")
            Passage.objects.create(
                document=document,
                number=number,
                kind=passage.kind,
                start=passage.start,
                end=passage.end,
                text=passage.text,
            )
    cleo = make_member(study, Role.CODER, "cleo")
    rows: dict[tuple[object, ...], Annotation] = {}
    passages = list(Passage.objects.filter(document__study=study))
    topics, stances, sources = (
        list(entries) for entries in (study.topics.taggable(), study.stances.all(), study.sources.all())
    )
    for layer, by, n in (("coded", (coder, other_coder, cleo), 160), ("curated", (curator,), 40)):
        for _ in range(n):
            passage = dice.choice(passages)
            start = dice.randrange(passage.end - passage.start - 3)
            end = dice.randrange(start + 1, passage.end - passage.start)
            source, messenger = dice.choice(sources), dice.choice([None, None, *sources])
            tag = Annotation(
                study=study,
                document=passage.document,
                passage=passage,
                start=passage.start + start,
                end=passage.start + end,
                quote=passage.text[start:end],
                topic=dice.choice(topics),
                stance=dice.choice(stances),
                source=source,
                reported_by=None if messenger == source else messenger,
                coder=dice.choice(by),
                layer=layer,
                withdrawn_at=timezone.now() if dice.random() < 0.1 else None,
            )
            of = (tag.layer, tag.coder_id, tag.passage_id, tag.start, tag.end, tag.topic_id, tag.source_id)
            rows[of if layer == "coded" else (of[0], *of[2:])] = tag
    Annotation.objects.bulk_create(rows.values())
    for user, slug in ((coder, "east"), (coder, "west"), (other_coder, "east")):
        finish_document(by=user, document=study.documents.get(slug=slug))
    return study


def visit_of(study: Study, user: User, *, is_blind: bool = False) -> Visit:
    study.is_blind = is_blind
    return Visit(study, user, role_in(user, study))


def tags_of(material: Material) -> list[Tag]:
    """Every tag of the layer that the visitor may see, counted or not."""
    return load_tags(material.annotations)


def from_tags(visit: Visit, query: str, *, draws: Draws | None = None) -> Comparison:
    """The comparison as it is defined: from all the tags."""
    documents = list(visit.study.documents.without_text().order_by("position")[:2])
    material = read_material(visit, QueryDict(query), documents)
    both = material.finishers["east"] & material.finishers["west"]
    return compare(
        a=material.frames["east"],
        b=material.frames["west"],
        tags=tags_of(material),
        topics=list(material.codebook.topics),
        reading=material.reading,
        settings=settings_of(visit, material.codebook),
        finishers_of_both=sorted(both) if material.reading.coder is None else (),
        draws=draws,
    )


def without_characters(comparison: Comparison) -> str:
    """The whole comparison in words, but for the share of characters, which only one topic is asked for."""
    words = repr(comparison)
    parts = words.split("character_share=")
    return parts[0] + "".join(part.split(",", 1)[1] for part in parts[1:])


READINGS = [
    f"layer={layer}&lens={lens}&grain={grain}{more}"
    for layer, lens, grain in product(
        ("coded", "curated"), ("all", "own", "attributed"), ("source", "body", "side")
    )
    for more in ("", "&side=Russia", "&side=author", "&coder=ben")
    if not (layer == "curated" and "coder" in more)
]


@pytest.mark.parametrize("is_blind", [False, True])
def test_tallies_and_tags_give_the_same_comparison(
    random_study: Study, coder: User, other_coder: User, curator: User, is_blind: bool
) -> None:
    seen = set()
    for user in (coder, other_coder, curator):
        visit = visit_of(random_study, user, is_blind=is_blind)
        for query in READINGS:
            found = load_compared(visit, QueryDict(query)).comparison
            assert without_characters(found) == without_characters(from_tags(visit, query)), query
            seen.add(repr(found.topics))
    assert len(seen) > 20


def test_what_counts_is_the_same_counted_and_one_by_one(random_study: Study, coder: User) -> None:
    visit = visit_of(random_study, coder)
    for query in READINGS:
        compared = load_compared(visit, QueryDict(query))
        assert compared.n == len(compared.load_tags()) == compared.annotations.count()
        for tag in compared.load_tags():
            assert hears(tag, compared.reading.lens, compared.reading.side)


def test_draws_and_shuffled_claims_are_those_of_the_tags(random_study: Study, coder: User) -> None:
    visit = visit_of(random_study, coder)
    compared = load_compared(visit, QueryDict("grain=body"), with_draws=True)
    keys = ("author", "biden", "putin", "ushakov", "kremlin", "white-house")
    voices = tuple(dict.fromkeys(_body(compared, slug) for slug in keys if _body(compared, slug)))
    order = [source.slug for source in random_study.sources.order_by("position")]
    voices = tuple(sorted(voices, key=order.index))
    expected = from_tags(visit, "grain=body", draws=Draws(random_study.slug, voices))
    assert without_characters(compared.comparison) == without_characters(expected)
    drawn = [topic.certainty for topic in compared.comparison.topics if topic.certainty]
    assert drawn
    assert all(certainty.shuffled for certainty in drawn)


def _body(compared: Compared, slug: str) -> str:
    source = next((s for s in compared.sources.values() if s.slug == slug), None)
    if source is None:
        return ""
    return source.speaks_for.slug if source.speaks_for else source.slug


def test_intervals_need_no_tags_and_are_the_same(random_study: Study, coder: User) -> None:
    visit = visit_of(random_study, coder)
    whole = load_compared(visit, QueryDict(), with_draws=True).comparison
    cheap = load_compared(visit, QueryDict(), with_intervals=True).comparison
    for every, one in zip(whole.topics, cheap.topics, strict=True):
        assert (every.certainty is None) == (one.certainty is None)
        if every.certainty and one.certainty:
            assert one.certainty.interval == every.certainty.interval
            assert one.certainty.shuffled is None
        alone = load_compared(visit, QueryDict(), topic=every.topic).comparison
        assert alone.topic(every.topic).certainty == every.certainty
        others = [topic.certainty for topic in alone.topics if topic.topic != every.topic]
        assert others == [None] * len(others)


def test_the_share_of_characters_is_there_for_the_topic_that_is_asked_for(
    random_study: Study, coder: User
) -> None:
    visit = visit_of(random_study, coder)
    expected = from_tags(visit, "")
    found = load_compared(visit, QueryDict(), topic="talks").comparison.topic("talks")
    assert found.a.character_share == expected.topic("talks").a.character_share
    assert found.b.character_share == expected.topic("talks").b.character_share
    assert load_compared(visit, QueryDict()).comparison.topic("talks").a.character_share is None


def test_the_database_adds_spans_up_as_python_does(random_study: Study, coder: User) -> None:
    for layer in Layer:
        rows = Annotation.objects.filter(study=random_study, layer=layer.value)
        expected = {
            document.pk: tagged_characters(rows.filter(document=document).values_list("start", "end"))
            for document in random_study.documents.all()
        }
        assert tagged_characters_of(rows) == {pk: n for pk, n in expected.items() if n}
        by_document = [rows.filter(document=pk) for pk in expected]
        assert tagged_characters_of(*by_document) == tagged_characters_of(rows)


def test_every_pair_is_compared_as_it_is_alone(random_study: Study, coder: User) -> None:
    visit = visit_of(random_study, coder)
    for pair in load_all_documents(visit, QueryDict()).pairs():
        alone = load_compared(visit, QueryDict(f"a={pair.a.slug}&b={pair.b.slug}")).comparison
        counts = {verdict.value: n for verdict, n in alone.headline.counts}
        assert (pair.agree, pair.partly, pair.diverge, pair.only_a, pair.only_b) == tuple(
            counts[name] for name in ("agree", "partly", "diverge", "only-a", "only-b")
        )


def test_what_is_tagged_with_an_entry_newer_than_the_codebook_is_left_out(
    random_study: Study, curator: User
) -> None:
    material = read_material(
        visit_of(random_study, curator),
        QueryDict("layer=curated"),
        list(random_study.documents.without_text()),
    )
    codebook, documents = material.codebook, material.documents
    tallies = load_tallies(material.annotations, documents, codebook, {})
    reaches = load_reaches(material.counted_by_document(), codebook)
    Topic.objects.create(study=random_study, slug="new", label="New", statement="New.", position=99)
    make_tag(random_study, curator, topic="new", layer="curated")
    Source.objects.create(study=random_study, slug="voice", label="Voice", side="Russia", position=99)
    make_tag(random_study, curator, source="voice", layer="curated")
    assert load_tallies(material.annotations, documents, codebook, {}) == tallies
    again = load_reaches(material.counted_by_document(), codebook)
    assert again["east"].finders.keys() == reaches["east"].finders.keys()
    assert len(load_tags(material.annotations)) == sum(tally.n for tally in tallies[0]) + 2


@pytest.mark.parametrize("together", [1, 2])
def test_many_documents_are_asked_for_in_parts(
    random_study: Study, coder: User, monkeypatch: pytest.MonkeyPatch, together: int
) -> None:
    documents = list(random_study.documents.without_text())
    counted = read_material(visit_of(random_study, coder), QueryDict(), documents).counted_by_document()
    assert len(counted) == 3
    at_once = load_reaches(counted, Codebook.of(random_study), characters_on="talks")
    monkeypatch.setattr(stored_tags, "TOGETHER", together)
    assert load_reaches(counted, Codebook.of(random_study), characters_on="talks") == at_once
