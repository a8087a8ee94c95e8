"""Logging in inside a page from which the login was lost, and pages that were made for somebody else."""

from __future__ import annotations

import json
import re

import pytest
from django.http import HttpResponse
from django.test import Client

from annotations.models import Annotation, Study, User
from tests.bodies import words
from tests.factories import PASSWORD, make_tag
from tests.views.test_tags import EAST, HTMX, SAID, TAGS

LOGIN = "/accounts/login/"


def log_in(client: Client, username: str, password: str = PASSWORD, **headers: str) -> HttpResponse:
    return client.post(LOGIN, {"username": username, "password": password}, headers=HTMX | headers)


@pytest.fixture
def lost(client: Client, coder: User) -> HttpResponse:
    """Ada's save without a login."""
    return client.post(TAGS, SAID, headers=HTMX | {"X-Summit-User": str(coder.pk)})


def test_a_save_without_login_gets_the_login_form_and_not_over_the_tag_form(
    lost: HttpResponse, study: Study
) -> None:
    assert (lost.status_code, lost["HX-Retarget"], lost["HX-Reswap"]) == (401, "#toast", "innerHTML")
    assert "You are logged out. Nothing is lost." in words(lost)
    assert f'hx-post="{LOGIN}" hx-target="#login-needed"' in lost.content.decode()
    assert 'type="password"' in lost.content.decode()
    # Read by the script at request time: it must be there.
    assert "csrftoken" in lost.cookies
    assert not Annotation.objects.exists()


def test_a_login_by_htmx_leaves_the_page_and_says_who_it_is(
    client: Client, study: Study, coder: User
) -> None:
    response = log_in(client, "ada")
    assert (response.status_code, response.content) == (204, b"")
    assert json.loads(response["HX-Trigger"]) == {"logged-in": {"user": str(coder.pk), "username": "ada"}}
    saved = client.post(TAGS, SAID, headers=HTMX | {"X-Summit-User": str(coder.pk)})
    assert saved.status_code == 201
    assert saved["X-Summit-Saved"] == str(Annotation.objects.get().public_id)


def test_a_wrong_password_keeps_the_name_and_never_the_password(client: Client, coder: User) -> None:
    response = log_in(client, "ada", "wrong <password>")
    assert response.status_code == 422
    assert "Please enter a correct username and password." in words(response)
    page = response.content.decode()
    assert re.search(r'name="username" value="ada"', page)
    assert "wrong" not in page
    assert "_auth_user_id" not in client.session


def test_it_is_throttled_as_the_login_page_is(client: Client, coder: User) -> None:
    statuses = [log_in(client, "ada", "wrong").status_code for _ in range(5)]
    assert statuses == [422, 422, 422, 422, 429]
    locked = log_in(client, "Ada")
    assert locked.status_code == 429
    assert "Too many failed attempts. Wait a quarter of an hour" in words(locked)
    assert locked.content.decode().startswith("<div")
    assert client.post(LOGIN, {"username": "ada", "password": PASSWORD}).status_code == 429


def test_somebody_inactive_does_not_log_in(client: Client, coder: User) -> None:
    User.objects.update(is_active=False)
    assert log_in(client, "ada").status_code == 422


def test_it_needs_the_token(coder: User) -> None:
    client = Client(enforce_csrf_checks=True)
    assert log_in(client, "ada").status_code == 403
    client.get(LOGIN)
    token = client.cookies["csrftoken"].value
    assert log_in(client, "ada", **{"X-CSRFToken": token}).status_code == 204


def test_the_login_page_is_as_it_was(client: Client, coder: User) -> None:
    refused = client.post(LOGIN, {"username": "ada", "password": "wrong"})
    assert (refused.status_code, refused.content[:15]) == (200, b"<!doctype html>")
    accepted = client.post(LOGIN, {"username": "ada", "password": PASSWORD, "next": EAST})
    assert (accepted.status_code, accepted["Location"]) == (302, EAST)


class TestSomebodyElsesPage:
    @pytest.fixture
    def ben(self, client: Client, coder: User, other_coder: User) -> Client:
        client.force_login(other_coder)
        return client

    def test_nothing_of_it_is_saved_under_the_name_of_who_is_logged_in_now(
        self, ben: Client, study: Study, coder: User, other_coder: User
    ) -> None:
        tag = make_tag(study, other_coder)
        headers = HTMX | {"X-Summit-User": str(coder.pk)}
        for address, fields in (
            (TAGS, SAID),
            (f"{TAGS}{tag.public_id}/withdraw/", {"version": "1"}),
            (EAST + "undo/", {}),
        ):
            response = ben.post(address, fields, headers=headers)
            assert (response.status_code, response["HX-Retarget"]) == (401, "#toast")
            assert "ben is logged in now, and this page is somebody else’s. Nothing is lost." in words(
                response
            )
            assert coder.username not in words(response)
        assert [t.version for t in Annotation.objects.all()] == [1]
        assert ben.post(TAGS, SAID, headers=HTMX | {"X-Summit-User": str(other_coder.pk)}).status_code == 409

    def test_what_it_reads_is_not_shown_in_it(self, ben: Client, study: Study, coder: User) -> None:
        response = ben.get(EAST + "?passage=1", headers=HTMX | {"X-Summit-User": str(coder.pk)})
        assert (response["HX-Refresh"], response.content) == ("true", b"")

    def test_a_page_says_for_whom_it_was_made(self, ben: Client, study: Study, other_coder: User) -> None:
        page = ben.get(EAST).content.decode()
        assert f'<body data-user="{other_coder.pk}" data-username="ben"' in page
        study.is_public = True
        study.save()
        assert "data-user=" not in Client().get("/studies/talks/").content.decode()
