"""The report of a comparison: whole in one file, bounded, and as open as the comparison."""

from __future__ import annotations

from html.parser import HTMLParser

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from annotations.models import Annotation, Passage, Source, Stance, Study, Topic, User
from annotations.pages.report import QUOTES
from annotations.services.coding import finish_document, reopen_document
from tests.bodies import words
from tests.factories import make_document, make_tag

PAGE, FILE = "/studies/talks/report/", "/studies/talks/report.html"


@pytest.fixture
def ada(client: Client, study: Study, coder: User) -> Client:
    make_tag(study, coder, "Biden agreed to talk", note="ada's secret")
    make_tag(study, coder, "Biden agreed", "west", reported_by="ushakov")
    make_tag(study, coder, "Kyiv was not at the table", topic="guarantees", source="author", stance="oppose")
    for slug in ("east", "west"):
        finish_document(by=coder, document=study.documents.get(slug=slug))
    client.force_login(coder)
    return client


class Fetched(HTMLParser):
    """What a browser would fetch or run, the links, and whether every element was closed."""

    VOID = frozenset({"meta", "link", "br", "img", "input", "hr"})

    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.addresses: list[tuple[str, str, str]] = []
        self.handlers: list[str] = []
        self.ids: list[str] = []
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        for name, value in attrs:
            if name in ("src", "href", "srcset", "action", "data", "poster", "xlink:href"):
                self.addresses.append((tag, name, value or ""))
            if name.startswith("on") or name == "style":
                self.handlers.append(name)
            if name == "id":
                self.ids.append(value or "")
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in self.VOID:
            self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_the_file_needs_nothing_beside_it(ada: Client) -> None:
    response = ada.get(FILE + "?grain=side")
    assert response["Content-Disposition"] == 'attachment; filename="talks-report.html"'
    text = response.content.decode()
    read = Fetched()
    read.feed(text)
    live = "http://testserver/studies/talks/compare/?grain=side"
    assert read.open == []
    assert read.addresses == [("link", "href", live), ("a", "href", live), ("a", "href", "#methods")]
    assert "methods" in read.ids
    assert read.handlers == []
    assert not read.tags & {"script", "iframe", "img", "object", "embed", "form", "base", "use"}
    assert "url(" not in text
    assert "@import" not in text
    assert len(set(read.ids)) == len(read.ids)
    # The style is in it, and the figures are.
    assert ".report-table {" in text
    assert text.count("<svg") == 4


def test_the_page_and_the_file_say_the_same(ada: Client) -> None:
    page, file = (ada.get(address).content.decode() for address in (PAGE, FILE))
    inner = file.split('<main class="report">')[1].split("</main>")[0].strip()
    assert inner in page
    assert f'href="{FILE}"' in page


def test_it_says_what_was_compared_and_found(ada: Client) -> None:
    said = words(ada.get(PAGE))
    for what in (
        "A: Account east (Publisher of east)",
        "Reading: coded layer, 1 coder, all voices, by source, 3 tags (2 in A, 1 in B).",
        "Comparison of East and West, report of",
        "Where the two can be compared: 1 of 2 topics agree.",
        "East alone raises 1 of the 2",
        "Who coded: 1 in A, 1 in B.",
        "Agree: at most 0.25; diverge: above 0.50",
        "Support (1.00), Mixed (0.00), Neutral (no value: raised, no position taken), Oppose (−1.00).",
        "Silent: finished, and nothing is said on this topic.",
        "reported by Ushakov",
    ):
        assert what in said
    row = "Talks Agree (thin) 0.00 0.00–"
    assert row in said
    assert "Guarantees Only in A (thin) – – 1 silent 50.0\u00a0% 0.0\u00a0% −1.00 – only A: The" not in said
    # What the account says itself is its own voice, also where both speak for themselves.
    assert "only A: East itself" in said


def test_nobody_is_named_in_it_and_no_note_is(ada: Client) -> None:
    for query in ("", "?coder=ada"):
        text = ada.get(FILE + query).content.decode()
        assert " ada" not in text
        assert ">ada" not in text
        assert "secret" not in text
    assert "one coder’s own reading" in words(ada.get(PAGE + "?coder=ada"))


def test_two_authors_are_no_shared_voice(ada: Client, study: Study, coder: User) -> None:
    reopen_document(by=coder, document=study.documents.get(slug="west"))
    make_tag(study, coder, "Putin asked", "west", topic="guarantees", source="author", stance="oppose")
    make_tag(study, coder, "Kyiv was not at the table", "west", topic="guarantees", source="putin")
    make_tag(study, coder, "Biden agreed", "west", topic="guarantees", source="biden")
    finish_document(by=coder, document=study.documents.get(slug="west"))
    report = ada.get(PAGE).context["report"]
    guarantees = next(one for one in report.topics if one.topic.slug == "guarantees")
    assert guarantees.shared == ()
    assert guarantees.only_a == ("East itself",)
    # The author first, then as the codebook has them.
    assert guarantees.only_b == ("West itself", "Biden", "Putin")


def test_sides_stand_in_codebook_order(ada: Client, study: Study, coder: User) -> None:
    for slug, voice in (("east", "putin"), ("west", "kremlin")):
        document = study.documents.get(slug=slug)
        reopen_document(by=coder, document=document)
        make_tag(study, coder, "asked for guarantees", slug, source=voice)
        finish_document(by=coder, document=document)
    report = ada.get(PAGE + "?grain=side").context["report"]
    assert report.topics[0].shared == ("United States", "Russia")


def test_words_of_people_are_text(ada: Client, study: Study) -> None:
    evil = '</style><script src="https://evil.example/x.js"></script>"&'
    study.topics.update(label=evil, statement=evil)
    study.sources.update(label=evil)
    study.stances.update(label=evil[:60])
    study.documents.update(title=evil, publisher=evil)
    Study.objects.update(title=evil, question=evil)
    read = Fetched()
    read.feed(ada.get(FILE).content.decode())
    assert "script" not in read.tags
    assert {address for _tag, _name, address in read.addresses} == {
        "http://testserver/studies/talks/compare/",
        "#methods",
    }


def fill(study: Study, coder: User, number: int) -> None:
    """``number`` tags of talks in a third document, by three sources with two stances."""
    text = "Words that hold a position. " * number
    passage = Passage.objects.get(document=make_document(study, "north", text), number=1)
    sources = list(Source.objects.filter(study=study).exclude(slug="author").order_by("position")[:3])
    stances = list(Stance.objects.filter(study=study, slug__in=("support", "oppose")))
    Annotation.objects.bulk_create(
        Annotation(
            study=study,
            document=passage.document,
            passage=passage,
            coder=coder,
            layer="coded",
            quote=text[place * 28 : place * 28 + 27],
            start=passage.start + place * 28,
            end=passage.start + place * 28 + 27,
            topic=Topic.objects.get(study=study, slug="talks"),
            stance=stances[place * 2 // number],
            source=sources[place % 3],
        )
        for place in range(number)
    )


def test_quotes_are_bounded_and_it_says_how_many_are_left_out(ada: Client, study: Study, coder: User) -> None:
    fill(study, coder, 60)
    response = ada.get(PAGE + "?a=east&b=north")
    talks = response.context["report"].topics[0]
    north = talks.sides[1]
    assert (len(north.quotes), north.left_out) == (QUOTES, 60 - QUOTES)
    assert f"{60 - QUOTES} tags more: on the topic’s page." in words(response)
    # One of each of the three sources with each of the two stances, in the order of the text.
    assert len({(quote.source.slug, quote.stance.slug) for quote in north.quotes}) == 6
    assert (talks.sides[0].left_out, len(talks.sides[0].quotes)) == (0, 1)


def test_equal_tags_of_two_coders_are_one_quote(
    ada: Client, study: Study, other_coder: User, coder: User
) -> None:
    make_tag(study, other_coder, "Biden agreed to talk")
    finish_document(by=other_coder, document=study.documents.get(slug="east"))
    side = ada.get(PAGE).context["report"].topics[0].sides[0]
    assert [(quote.quote, quote.tags) for quote in side.quotes] == [("Biden agreed to talk", 2)]
    assert side.left_out == 0


def test_five_thousand_tags_stay_one_document(ada: Client, study: Study, coder: User) -> None:
    def asked(query: str) -> tuple[int, int]:
        with CaptureQueriesContext(connection) as queries:
            response = ada.get(FILE + query)
        assert response.status_code == 200
        return len(queries), len(response.content)

    asked("")
    few, _size = asked("")
    fill(study, coder, 5000)
    many, size = asked("?a=east&b=north")
    assert many <= few
    assert size < 100_000


def test_what_cannot_be_compared_has_no_report(ada: Client, study: Study) -> None:
    study.annotations.filter(document__slug="west").delete()
    study.documents.get(slug="west").delete()
    for address in (PAGE, FILE):
        assert ada.get(address).status_code == 422


def test_a_study_without_tags_has_one(ada: Client, study: Study) -> None:
    study.annotations.all().delete()
    said = words(ada.get(PAGE))
    assert "No topic is raised under this reading." in said
    assert "Nothing is tagged under this reading yet" in said


def test_the_public_has_the_curated_one(client: Client, study: Study, curator: User) -> None:
    make_tag(study, curator, "Biden agreed to talk", layer="curated")
    for address in (PAGE, FILE):
        assert client.get(address).status_code == 302
    Study.objects.update(is_public=True)
    for address in (PAGE, FILE):
        assert "the tags are those that curators settled" in words(client.get(address))
        assert client.get(address + "?layer=coded").status_code == 403
