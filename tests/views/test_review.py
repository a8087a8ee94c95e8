"""The page on which coders look again at what they tagged under older words."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from annotations.models import Annotation, Study, User
from annotations.pages import review
from annotations.services.codebook import save_topic
from annotations.services.coding import withdraw_tag
from annotations.services.guidelines import save_guidelines
from annotations.services.splitting import annotations_of, split_entry
from tests.bodies import words
from tests.factories import make_document, make_study, make_tag

PAGE = "/studies/talks/codebook/review/"


@pytest.fixture
def ada(client: Client, coder: User) -> Client:
    client.force_login(coder)
    return client


def rewrite(study: Study, by: User, statement: str = "There should be more talks.") -> None:
    topic = study.topics.get(slug="talks")
    topic.statement = statement
    save_topic(by=by, topic=topic)


def shown(client: Client, **query: str) -> list[Annotation]:
    groups = client.get(PAGE, query).context["review"].groups
    return [row.tag for group in groups for row in group.rows]


def now(tag: Annotation) -> tuple[int, int]:
    tag = Annotation.objects.get(pk=tag.pk)
    return tag.version, tag.statement_version


def test_a_coder_sees_their_own_with_what_has_changed(
    ada: Client, study: Study, coder: User, other_coder: User, curator: User
) -> None:
    mine = make_tag(study, coder)
    make_tag(study, other_coder)
    make_tag(study, coder, topic="guarantees")
    withdraw_tag(by=coder, annotation=make_tag(study, coder, "Putin"), version=1)
    rewrite(study, curator)
    response = ada.get(PAGE)
    (group,) = response.context["review"].groups
    assert [row.tag for row in group.rows] == [mine]
    assert [(p.kind, p.text) for p in group.pieces] == [
        ("same", "There should be "),
        ("in", "more "),
        ("same", "talks."),
    ]
    (row,) = group.rows
    assert (row.older_statement, row.older_guidelines, row.may_confirm) == (True, False, True)
    assert row.change == f"/studies/talks/code/east/?edit={mine.public_id}#panel"
    assert ada.get(row.change.split("#")[0]).status_code == 200
    assert shown(ada, whose="all") == [mine]


def test_what_was_moved_from_another_statement_says_so(
    ada: Client, study: Study, coder: User, curator: User
) -> None:
    make_tag(study, coder)
    talks, guarantees = study.topics.get(slug="talks"), study.topics.get(slug="guarantees")
    split_entry(by=curator, entry=talks, into=guarantees, chosen=annotations_of(talks), ask_review=True)
    text = words(ada.get(PAGE))
    assert "There should be guarantees. These were moved here from a topic with another statement." in text


def test_older_guidelines_lead_to_their_versions(
    ada: Client, study: Study, coder: User, curator: User
) -> None:
    make_tag(study, coder)
    save_guidelines(by=curator, study=study, text="First.")
    save_guidelines(by=curator, study=study, text="Second.")
    response = ada.get(PAGE)
    assert "made under older guidelines" in words(response)
    assert "/studies/talks/codebook/guidelines/versions/" in response.content.decode()


def test_one_still_holds(ada: Client, study: Study, coder: User, curator: User) -> None:
    first, second = make_tag(study, coder), make_tag(study, coder, "Putin asked")
    rewrite(study, curator)
    sent = {"tag": f"{first.public_id}:1", "shown": [f"{first.public_id}:1", f"{second.public_id}:1"]}
    answer = ada.post(PAGE, sent, follow=True)
    assert answer.redirect_chain == [(PAGE, 302)]
    assert "Confirmed: 1." in words(answer)
    assert (now(first), now(second)) == ((2, 2), (1, 1))


def test_all_on_the_page_still_hold(
    ada: Client, study: Study, coder: User, curator: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(review, "TAGS_A_PAGE", 2)
    tags = [make_tag(study, coder, quote) for quote in ("Biden", "agreed", "talk")]
    rewrite(study, curator)
    page = ada.get(PAGE)
    rows = [row.seen for group in page.context["review"].groups for row in group.rows]
    assert len(rows) == 2
    assert "All 2 on this page still hold" in words(page)
    answer = ada.post(PAGE, {"all": "1", "shown": rows}, headers={"HX-Request": "true"})
    assert answer.status_code == 200
    assert words(answer).startswith("Confirmed: 2.")
    assert 'id="to-review" class="tab-count" hx-swap-oob="true">1<' in answer.content.decode()
    assert "<html" not in answer.content.decode()
    assert [now(tag) for tag in tags] == [(2, 2), (2, 2), (1, 1)]


def test_the_page_of_the_list_is_kept(
    ada: Client, study: Study, coder: User, curator: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(review, "TAGS_A_PAGE", 1)
    _first, second = make_tag(study, coder, "Biden"), make_tag(study, coder, "agreed")
    rewrite(study, curator)
    assert shown(ada, page="2") == [second]
    answer = ada.post(f"{PAGE}?page=2", {"tag": f"{second.public_id}:1"})
    assert answer["Location"] == f"{PAGE}?page=2"


def test_what_has_changed_meanwhile_is_named_and_not_confirmed(
    ada: Client, study: Study, coder: User, curator: User
) -> None:
    tag = make_tag(study, coder)
    rewrite(study, curator)
    answer = ada.post(PAGE, {"tag": f"{tag.public_id}:7"})
    assert answer.status_code == 409
    assert "Confirmed: 0. Changed meanwhile, and left as they are: 1." in words(answer)
    assert "Biden agreed to talk" in words(answer)
    assert now(tag) == (1, 1)


@pytest.mark.parametrize("sent", [{}, {"tag": "no-id:1"}, {"tag": "no-id"}, {"shown": "x"}])
def test_what_names_no_tag_confirms_none(
    ada: Client, study: Study, coder: User, curator: User, sent: dict[str, str]
) -> None:
    tag = make_tag(study, coder)
    rewrite(study, curator)
    answer = ada.post(PAGE, sent, headers={"HX-Request": "true"})
    assert words(answer).startswith("Confirmed: 0.")
    assert now(tag) == (1, 1)


def test_anothers_tag_is_not_confirmed(
    ada: Client, study: Study, coder: User, other_coder: User, curator: User
) -> None:
    theirs, mine = make_tag(study, other_coder), make_tag(study, coder)
    rewrite(study, curator)
    answer = ada.post(PAGE, {"all": "1", "shown": [f"{mine.public_id}:1", f"{theirs.public_id}:1"]})
    assert answer.status_code == 403
    assert (now(mine), now(theirs)) == ((1, 1), (1, 1))


def test_another_studys_tag_is_not_even_looked_at(
    ada: Client, study: Study, coder: User, curator: User
) -> None:
    elsewhere = make_tag(make_study("other"), coder)
    rewrite(elsewhere.study, User.objects.create_user("root", is_superuser=True))
    answer = ada.post(PAGE, {"tag": f"{elsewhere.public_id}:1"}, headers={"HX-Request": "true"})
    assert words(answer).startswith("Confirmed: 0.")
    assert now(elsewhere) == (1, 1)


def test_a_curator_sees_everybodys_and_confirms_what_is_settled(
    client: Client, study: Study, coder: User, other_coder: User, curator: User, owner: User
) -> None:
    mine, theirs = make_tag(study, coder), make_tag(study, other_coder, "Putin asked")
    settled = make_tag(study, curator, "Kyiv", "west", layer="curated")
    rewrite(study, curator)
    client.force_login(owner)
    assert shown(client) == [settled]
    response = client.get(PAGE, {"whose": "all"})
    loaded = response.context["review"]
    assert [row.tag for group in loaded.groups for row in group.rows] == [mine, theirs, settled]
    assert [(c.coder, c.layer, c.annotations) for c in loaded.counts] == [
        ("ada", "coded", 1),
        ("ben", "coded", 1),
        ("cora", "curated", 1),
    ]
    assert loaded.can_confirm == 1
    assert client.post(PAGE, {"tag": f"{settled.public_id}:1"}).status_code == 302
    assert now(settled) == (2, 2)
    assert client.post(PAGE, {"tag": f"{mine.public_id}:1"}).status_code == 403


def test_nothing_to_review_says_so(ada: Client, study: Study, coder: User) -> None:
    make_tag(study, coder)
    assert "Nothing to review" in words(ada.get(PAGE))


def test_the_queries_do_not_depend_on_the_number(
    ada: Client, study: Study, coder: User, curator: User
) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert ada.get(PAGE).status_code == 200
        return len(captured)

    make_tag(study, coder)
    make_document(study, "north")
    rewrite(study, curator)
    queries()
    one = queries()
    Annotation.objects.filter(pk=make_tag(study, coder, "Kyiv", "west").pk).update(statement_version=0)
    Annotation.objects.filter(pk=make_tag(study, coder, "Kyiv", "north").pk).update(statement_version=1)
    assert queries() == one


# --- the mark elsewhere ----------------------------------------------------------------------------------


def test_it_is_marked_in_the_workbench_and_the_list_and_can_be_filtered(
    ada: Client, study: Study, coder: User, curator: User
) -> None:
    make_tag(study, coder)
    bench, listed = "/studies/talks/code/east/?passage=1", "/studies/talks/annotations/"
    mark = "made under an older statement"
    assert mark not in words(ada.get(bench))
    assert mark not in words(ada.get(listed))
    rewrite(study, curator)
    make_tag(study, coder, "Putin asked")
    assert mark in words(ada.get(bench))
    assert words(ada.get(listed)).count(mark) == 1
    assert mark in words(ada.get(listed, {"outdated": "true"}))
    assert mark not in words(ada.get(listed, {"outdated": "false"}))
    rows = [len(ada.get(listed, {"outdated": word}).context["rows"]) for word in ("true", "false", "")]
    assert rows == [1, 1, 2]
    csv = ada.get("/studies/talks/annotations.csv", {"outdated": "true"}).getvalue().decode()
    assert (csv.count("Biden agreed"), csv.count("Putin asked,")) == (1, 0)
