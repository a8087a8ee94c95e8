"""The annotations list: who sees what, filters, order, pages, fragments."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from annotations.enums import Role
from annotations.models import Annotation, Source, Stance, Study, Topic, User
from annotations.services.coding import finish_document, withdraw_tag
from tests.factories import make_document, make_member, make_study, make_tag, make_user

LIST = "/studies/talks/annotations/"
HTMX = {"HTTP_HX_REQUEST": "true"}


def found(client: Client, user: User, query: str = "") -> list[str]:
    """The quotes on the page, in their order."""
    client.force_login(user)
    response = client.get(LIST + query)
    assert response.status_code == 200, response.content.decode()
    return [row.annotation.quote for row in response.context["rows"]]


def changed(tag: Annotation, **fields: Any) -> Annotation:
    Annotation.objects.filter(pk=tag.pk).update(**fields)
    return tag


class TestAccess:
    def test_strangers_get_404_and_visitors_the_login(self, client: Client, study: Study) -> None:
        assert client.get(LIST)["Location"] == f"/accounts/login/?next={LIST}"
        client.force_login(make_user())
        assert client.get(LIST).status_code == 404
        Study.objects.filter(pk=study.pk).update(is_public=True)
        assert client.get(LIST).status_code == 404
        client.logout()
        assert client.get(LIST).status_code == 302

    def test_it_cannot_be_posted_to(self, client: Client, coder: User) -> None:
        client.force_login(coder)
        assert client.post(LIST).status_code == 405

    def test_readers_see_the_curated_layer_and_may_not_ask_for_another(
        self, client: Client, study: Study, coder: User, curator: User, reader: User
    ) -> None:
        make_tag(study, coder, "Biden agreed")
        make_tag(study, curator, "Putin asked", layer="curated")
        assert found(client, reader) == found(client, reader, "?layer=curated") == ["Putin asked"]
        assert client.get(LIST + "?layer=coded").status_code == 403
        # Nor for one coder's tags: not even whether there is such a coder.
        for name in ("ada", "cora", "nobody"):
            for path in (LIST, LIST.rstrip("/") + ".csv"):
                assert client.get(f"{path}?coder={name}").status_code == 403
        page = client.get(LIST + "?coder=").content.decode()
        assert 'name="coder"' not in page
        page = client.get(LIST).content.decode()
        assert "ada" not in page
        assert "/code/" not in page

    def test_coders_see_the_coded_layer_unless_they_ask_for_the_other(
        self, client: Client, study: Study, coder: User, curator: User
    ) -> None:
        make_tag(study, coder, "Biden agreed")
        make_tag(study, curator, "Putin asked", layer="curated")
        assert found(client, coder) == found(client, coder, "?layer=coded") == ["Biden agreed"]
        assert found(client, coder, "?layer=curated") == ["Putin asked"]

    def test_blind_coders_see_no_tag_count_or_name_of_others_before_they_finish(
        self, client: Client, study: Study, coder: User, other_coder: User
    ) -> None:
        Study.objects.filter(pk=study.pk).update(is_blind=True)
        make_tag(study, coder, "Biden agreed", note="hers: secret")
        make_tag(study, other_coder, "Putin asked")
        assert found(client, other_coder) == ["Putin asked"]
        page = client.get(LIST).content.decode()
        assert "ada" not in page
        assert "secret" not in page
        assert client.get(LIST + "?q=secret").context["count"] == 0
        assert client.get(LIST + "?coder=ada").status_code == 422
        assert found(client, other_coder, "?coder=ben") == ["Putin asked"]
        finish_document(by=other_coder, document=study.documents.get(slug="east"))
        assert found(client, other_coder) == ["Biden agreed", "Putin asked"]
        assert found(client, other_coder, "?coder=ada") == ["Biden agreed"]

    def test_another_studys_and_withdrawn_tags_are_not_listed(
        self, client: Client, study: Study, coder: User
    ) -> None:
        other = make_study("other")
        make_tag(other, make_member(other, Role.CODER), "Putin asked")
        withdraw_tag(by=coder, annotation=make_tag(study, coder), version=1)
        assert found(client, coder) == []
        assert client.get(LIST).context["count"] == 0

    def test_a_member_who_may_code_can_be_asked_for_before_their_first_tag(
        self, client: Client, coder: User, other_coder: User, reader: User
    ) -> None:
        assert found(client, coder, "?coder=ben") == []
        assert client.get(LIST + "?coder=rosa").status_code == 422


@pytest.fixture
def tags(study: Study, coder: User, other_coder: User) -> dict[str, Annotation]:
    """Four tags that differ in everything that can be filtered."""
    old = datetime(2026, 1, 1, 12, tzinfo=UTC)
    new = datetime(2026, 3, 1, 12, tzinfo=UTC)
    made = {
        "agreed": make_tag(study, coder, "Biden agreed", reported_by="ushakov", note="seen in ŁÓDŹ"),
        "asked": make_tag(
            study, other_coder, "Putin asked", topic="guarantees", source="putin", stance="mixed"
        ),
        "Kyiv": make_tag(study, coder, "Kyiv was not", "west", source="author", uncertain=True),
        "table": make_tag(study, other_coder, "at the table", "west", source="kremlin", stance="oppose"),
    }
    for name, tag in made.items():
        changed(tag, updated_at=new if name == "asked" else old)
    return made


@pytest.mark.usefixtures("tags")
class TestFilters:
    @pytest.mark.parametrize(
        ("query", "quotes"),
        [
            ("", ["Biden agreed", "Putin asked", "Kyiv was not", "at the table"]),
            ("?document=west", ["Kyiv was not", "at the table"]),
            ("?topic=guarantees", ["Putin asked"]),
            ("?topic=security", ["Biden agreed", "Putin asked", "Kyiv was not", "at the table"]),
            ("?stance=mixed", ["Putin asked"]),
            ("?source=putin", ["Putin asked"]),
            ("?side=Russia", ["Putin asked", "at the table"]),
            ("?reported_by=ushakov", ["Biden agreed"]),
            ("?reported_by=none", ["Putin asked", "Kyiv was not", "at the table"]),
            ("?coder=ben", ["Putin asked", "at the table"]),
            ("?uncertain=true", ["Kyiv was not"]),
            ("?uncertain=false&document=west", ["at the table"]),
            ("?since=2026-02-01", ["Putin asked"]),
            ("?since=2026-03-01T12:00:00Z", ["Putin asked"]),
            ("?since=2026-03-01T12:00:01", []),
            ("?document=east&coder=ada&q=", ["Biden agreed"]),
            ("?sort=changed&document=east", ["Putin asked", "Biden agreed"]),
            ("?sort=topic", ["Biden agreed", "Kyiv was not", "at the table", "Putin asked"]),
            ("?sort=coder", ["Biden agreed", "Kyiv was not", "Putin asked", "at the table"]),
            ("?unknown=1", ["Biden agreed", "Putin asked", "Kyiv was not", "at the table"]),
        ],
    )
    def test_each_narrows_or_orders_the_list(
        self, client: Client, coder: User, query: str, quotes: list[str]
    ) -> None:
        assert found(client, coder, query) == quotes

    @pytest.mark.parametrize("words", ["łódź", "Łódź", "ŁÓDŹ", "ło\u0301dz\u0301"])
    def test_notes_are_searched_in_every_script_whatever_the_case(
        self, client: Client, coder: User, words: str
    ) -> None:
        assert found(client, coder, f"?q={words}") == ["Biden agreed"]
        assert found(client, coder, f"?q={words}&document=west") == []

    @pytest.mark.parametrize("words", ["путин", "ПУТИН", "ин Пр"])
    def test_quotes_are_searched_in_every_script_whatever_the_case(
        self, client: Client, study: Study, coder: User, words: str
    ) -> None:
        make_document(study, "moscow", "Путин просил гарантий.")
        make_tag(study, coder, "Путин просил", "moscow")
        assert found(client, coder, f"?q={words}") == ["Путин просил"]

    def test_wildcards_of_sql_are_words_like_others(self, client: Client, coder: User) -> None:
        assert found(client, coder, "?q=%25") == found(client, coder, "?q=_") == []

    @pytest.mark.parametrize(
        ("query", "label"),
        [
            ("?document=north", "Document"),
            ("?topic=nothing", "Topic"),
            ("?topic=elsewhere", "Topic"),
            ("?stance=elsewhere", "Stance"),
            ("?source=elsewhere", "Source"),
            ("?side=Elsewhere", "Side"),
            ("?reported_by=elsewhere", "Reported by"),
            ("?coder=stranger", "Coder"),
            ("?layer=all", "Layer"),
            ("?uncertain=1", "Uncertain"),
            ("?since=yesterday", "Changed since"),
            ("?since=2026-02-30", "Changed since"),
            ("?since=0001-01-01T00:00:00%2B14:00", "Changed since"),
            ("?sort=quote", "Sort by"),
            ("?q=%00", "In quotes and notes"),
            ("?q=" + "x" * 201, "In quotes and notes"),
            ("?stance=null", "Stance"),
        ],
    )
    def test_what_is_no_choice_of_this_study_is_answered_422_and_nothing_listed(
        self, client: Client, study: Study, coder: User, query: str, label: str
    ) -> None:
        other = make_study("other")
        make_member(other, Role.CODER, "stranger")
        for model in (Topic, Stance, Source):
            model.objects.filter(study=other).update(label="Elsewhere")
        other.topics.filter(slug="talks").update(slug="elsewhere")
        other.stances.filter(slug="mixed").update(slug="elsewhere")
        other.sources.filter(slug="putin").update(slug="elsewhere", side="Elsewhere")
        client.force_login(coder)
        response = client.get(LIST + query)
        assert response.status_code == 422
        assert f"<li>{label}: " in response.content.decode()
        assert "rows" not in response.context
        assert "Elsewhere" not in "".join(str(field) for field in response.context["form"])

    def test_what_is_set_is_shown_and_can_be_taken_away(self, client: Client, coder: User) -> None:
        client.force_login(coder)
        response = client.get(LIST + "?topic=security&source=putin&q=as&sort=topic&layer=coded&document=")
        active = [(one.label, one.value, one.without) for one in response.context["active"]]
        assert active == [
            ("In quotes and notes", "“as”", f"{LIST}?topic=security&source=putin&sort=topic"),
            ("Topic", "Security: all", f"{LIST}?q=as&source=putin&sort=topic"),
            ("Source", "Putin", f"{LIST}?q=as&topic=security&sort=topic"),
        ]
        csv = "/studies/talks/annotations.csv?q=as&topic=security&source=putin&sort=topic"
        assert response.context["csv"] == csv
        assert "Download this one as CSV" in response.content.decode()
        assert not response.context["more_open"]
        assert client.get(LIST + "?uncertain=true").context["more_open"]

    def test_a_topic_without_children_is_offered_by_itself(
        self, client: Client, study: Study, coder: User
    ) -> None:
        Topic.objects.create(study=study, slug="lone", label="Lone", statement="So.", position=9)
        client.force_login(coder)
        assert client.get(LIST + "?topic=lone").context["active"][0].value == "Lone"

    def test_nothing_found_says_whether_filters_are_why(
        self, client: Client, coder: User, reader: User
    ) -> None:
        client.force_login(coder)
        assert "No annotation matches" in client.get(LIST + "?q=zzz").content.decode()
        client.force_login(reader)
        assert "There are no annotations here yet." in client.get(LIST + "?sort=coder").content.decode()


@pytest.mark.usefixtures("tags")
class TestPage:
    def test_a_row_shows_its_place_words_voices_and_remarks(self, client: Client, coder: User) -> None:
        client.force_login(coder)
        page = client.get(LIST).content.decode()
        for part in (
            '<use href="#doc-a"/>',
            '<a href="/studies/talks/code/east/#p1" aria-label="Passage 1 of East">¶ 1</a>',
            '<q lang="en" dir="auto">Biden agreed</q>',
            '<use href="#st-support"/>',
            '<a class="topic-of" href="/studies/talks/topics/talks/">Talks</a>',
            "reported by</span> Ushakov</span>",
            "seen in ŁÓDŹ",
            '<span class="uncertain">uncertain</span>',
            '<time datetime="2026-03-01T12:00:00+00:00">',
            "<strong>4</strong> annotations",
        ):
            assert part in page, part

    def test_what_people_wrote_is_escaped(self, client: Client, study: Study, coder: User) -> None:
        make_tag(study, coder, "guarantees", note="<script>alert(1)</script>")
        client.force_login(coder)
        page = client.get(LIST + "?q=<script>").content.decode()
        assert "<script>alert" not in page
        assert "&lt;script&gt;alert" in page

    def test_documents_after_the_second_carry_their_letter(
        self, client: Client, study: Study, coder: User
    ) -> None:
        for number in range(26):
            make_document(study, f"more-{number}")
        make_tag(study, coder, document="more-0")
        make_tag(study, coder, document="more-25")
        client.force_login(coder)
        rows = client.get(LIST).context["rows"]
        assert [(row.letter, row.mark) for row in rows[3:]] == [("B", "b"), ("C", ""), ("AB", "")]

    def test_the_number_of_queries_does_not_grow_with_the_rows(
        self, client: Client, study: Study, coder: User, tags: dict[str, Annotation]
    ) -> None:
        def queries() -> int:
            with CaptureQueriesContext(connection) as context:
                assert client.get(LIST + "?q=e").status_code == 200
            return len(context)

        Annotation.objects.exclude(pk=tags["table"].pk).update(withdrawn_at=datetime(2026, 1, 1, tzinfo=UTC))
        client.force_login(coder)
        one = queries()
        Annotation.objects.update(withdrawn_at=None)
        Annotation.objects.filter(pk=tags["Kyiv"].pk).delete()
        assert queries() == one
        assert one <= 13

    def test_pages_hold_fifty_rows_and_keep_the_filters(
        self, client: Client, study: Study, coder: User
    ) -> None:
        make_document(study, "long", "word " * 60)
        document = study.documents.get(slug="long")
        passage = document.passages.get()
        tag = make_tag(study, coder, "word", "long")
        Annotation.objects.bulk_create(
            Annotation(
                study=study,
                document=document,
                passage=passage,
                coder=coder,
                start=5 * number,
                end=5 * number + 4,
                quote="word",
                topic=tag.topic,
                stance=tag.stance,
                source=tag.source,
            )
            for number in range(1, 60)
        )
        client.force_login(coder)
        first = client.get(LIST + "?document=long")
        assert (len(first.context["rows"]), first.context["previous"]) == (50, "")
        assert first.context["next"] == f"{LIST}?document=long&page=2"
        second = client.get(first.context["next"])
        assert (len(second.context["rows"]), second.context["next"]) == (10, "")
        assert second.context["previous"] == f"{LIST}?document=long"
        assert "Page 2 of 2" in second.content.decode()
        assert client.get(LIST + "?document=long&page=99").context["found"].number == 2
        assert client.get(LIST + "?document=long&page=x").context["found"].number == 1


@pytest.mark.usefixtures("tags")
class TestFragments:
    def test_htmx_gets_the_results_only_and_a_tidy_address(self, client: Client, coder: User) -> None:
        client.force_login(coder)
        response = client.get(LIST + "?q=&document=west&layer=coded&sort=text", **HTMX)
        page = response.content.decode()
        assert page.startswith('<section id="annotation-results"')
        assert "<form" not in page
        assert response["HX-Push-Url"] == f"{LIST}?document=west"
        assert "no-store" in response["Cache-Control"]
        assert "HX-Request" in response["Vary"]

    def test_an_invalid_filter_is_answered_422_within_the_fragment(self, client: Client, coder: User) -> None:
        client.force_login(coder)
        response = client.get(LIST + "?since=x", **HTMX)
        assert response.status_code == 422
        assert "Changed since: Write a date" in response.content.decode()
        assert "HX-Push-Url" not in response

    @pytest.mark.parametrize("header", ["HTTP_HX_HISTORY_RESTORE_REQUEST", "HTTP_HX_BOOSTED"])
    def test_history_and_boosted_links_get_the_whole_page(
        self, client: Client, coder: User, header: str
    ) -> None:
        client.force_login(coder)
        page = client.get(LIST, **HTMX, **{header: "true"}).content.decode()
        assert page.startswith("<!doctype html>")
        assert page.count('id="annotation-results"') == 1

    def test_a_lost_session_is_sent_to_the_login(self, client: Client, study: Study) -> None:
        assert client.get(LIST, **HTMX)["HX-Redirect"].startswith("/accounts/login/")
