"""Sessions are Django's own, looked up in fewer steps: what is found, and what is not."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.sessions.backends.db import SessionStore as DjangosSessionStore
from django.contrib.sessions.models import Session
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from annotations.models import Study, User
from annotations.sessions import SessionStore

pytestmark = pytest.mark.django_db


@pytest.fixture
def key() -> str:
    store = DjangosSessionStore()
    store["who"] = "ada"
    store.create()
    return str(store.session_key)


def test_it_holds_what_django_stored_in_one_query(key: str) -> None:
    store = SessionStore(key)
    with CaptureQueriesContext(connection) as queries:
        assert dict(store.items()) == {"who": "ada"}
    assert len(queries) == 1
    assert store.session_key == key
    assert dict(DjangosSessionStore(key).items()) == dict(store.items())


def test_what_is_saved_in_it_is_stored(key: str) -> None:
    store = SessionStore(key)
    store["who"] = "grace"
    store.save()
    assert DjangosSessionStore(key)["who"] == "grace"
    store.flush()
    assert not Session.objects.exists()


@pytest.mark.parametrize("ended", [timedelta(seconds=1), timedelta(days=30)])
def test_one_that_has_ended_is_none(key: str, ended: timedelta) -> None:
    Session.objects.update(expire_date=timezone.now() - ended)
    store = SessionStore(key)
    assert store.load() == {}
    # As in Django's own: what is stored next gets another key, so that nobody can choose one.
    assert store.session_key is None


@pytest.mark.parametrize("unknown", ["a" * 32, "' OR 1=1 --", "a\0b", None])
def test_one_that_is_not_there_is_none(key: str, unknown: str | None) -> None:
    store = SessionStore(unknown)
    assert store.load() == {}
    assert store.session_key is None


def test_a_login_ends_with_its_session(client: Client, study: Study, coder: User) -> None:
    client.force_login(coder)
    assert client.get("/studies/talks/").status_code == 200
    Session.objects.update(expire_date=timezone.now())
    assert client.get("/studies/talks/").status_code == 302
    client.force_login(coder)
    client.post("/accounts/logout/")
    assert client.get("/studies/talks/").status_code == 302
