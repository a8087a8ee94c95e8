"""``annotations.csv`` as an address: the list's set and order, streamed."""

from __future__ import annotations

import csv
import io

from django.test import Client

from annotations.enums import Role
from annotations.models import Annotation, Study, User
from annotations.services.coding import withdraw_tag
from tests.factories import make_member, make_study, make_tag, make_user

CSV = "/studies/talks/annotations.csv"


def rows(client: Client, user: User, query: str = "") -> list[dict[str, str]]:
    client.force_login(user)
    response = client.get(CSV + query)
    assert response.status_code == 200
    return list(csv.DictReader(io.StringIO(response.getvalue().decode(), newline="")))


def test_it_is_a_streamed_file_named_after_the_study(client: Client, study: Study, coder: User) -> None:
    make_tag(study, coder)
    client.force_login(coder)
    response = client.get(CSV)
    assert response.streaming
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    assert response["Content-Disposition"] == 'attachment; filename="talks-annotations.csv"'
    assert "no-store" in response["Cache-Control"]
    assert response.getvalue().count(b"\r\n") == 2


def test_it_holds_the_set_of_the_list_in_its_order(
    client: Client, study: Study, coder: User, other_coder: User
) -> None:
    make_tag(study, coder, "Biden agreed", topic="guarantees")
    make_tag(study, other_coder, "Putin asked")
    make_tag(study, coder, "Kyiv was not", "west")
    withdraw_tag(by=coder, annotation=make_tag(study, coder, "at the table", "west"), version=1)
    for query in ("", "?document=east", "?sort=topic", "?sort=coder&q=a", "?coder=ben"):
        client.force_login(coder)
        listed = client.get("/studies/talks/annotations/" + query).context["rows"]
        assert [row["id"] for row in rows(client, coder, query)] == [
            str(row.annotation.public_id) for row in listed
        ]
    assert [row["quote"] for row in rows(client, coder, "?sort=topic")] == [
        "Putin asked",
        "Kyiv was not",
        "Biden agreed",
    ]


def test_raw_leaves_the_guard_out_and_bom_starts_the_file(client: Client, study: Study, coder: User) -> None:
    make_tag(study, coder, note="=1")
    assert rows(client, coder)[0]["note"] == "'=1"
    assert rows(client, coder, "?raw=1")[0]["note"] == "=1"
    assert rows(client, coder, "?raw=0&bom=0")[0]["note"] == "'=1"
    assert client.get(CSV + "?bom=1").getvalue().startswith(b"\xef\xbb\xbfid,")


def test_readers_get_the_curated_layer_and_no_other(
    client: Client, study: Study, coder: User, curator: User, reader: User
) -> None:
    make_tag(study, coder, "Biden agreed")
    make_tag(study, curator, "Putin asked", layer="curated")
    assert [(row["quote"], row["coder"]) for row in rows(client, reader)] == [("Putin asked", "cora")]
    assert client.get(CSV + "?layer=coded").status_code == 403


def test_blind_coders_download_their_own_tags_only(
    client: Client, study: Study, coder: User, other_coder: User
) -> None:
    Study.objects.filter(pk=study.pk).update(is_blind=True)
    make_tag(study, coder, "Biden agreed")
    make_tag(study, other_coder, "Putin asked")
    assert [row["quote"] for row in rows(client, other_coder)] == ["Putin asked"]
    assert client.get(CSV + "?coder=ada").status_code == 422


def test_another_studys_tags_are_not_in_it(client: Client, study: Study, coder: User) -> None:
    other = make_study("other")
    make_tag(other, make_member(other, Role.CODER))
    assert Annotation.objects.exists()
    assert rows(client, coder) == []


def test_an_invalid_filter_is_answered_in_plain_words(client: Client, coder: User) -> None:
    client.force_login(coder)
    response = client.get(CSV + "?since=x&sort=y")
    assert (response.status_code, response["Content-Type"]) == (422, "text/plain; charset=utf-8")
    assert response.content.decode() == (
        "since: Write a date as 2026-11-22 or a time as 2026-11-22T09:30Z.\n"
        "sort: Select a valid choice. y is not one of the available choices.\n"
    )


def test_strangers_get_404_visitors_the_login_and_nobody_may_post(
    client: Client, study: Study, coder: User
) -> None:
    assert client.get(CSV).status_code == 302
    client.force_login(make_user())
    assert client.get(CSV).status_code == 404
    client.force_login(coder)
    assert client.post(CSV).status_code == 405
