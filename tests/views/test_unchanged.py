"""Who has a page already is not given it again, and nobody is given another's."""

from __future__ import annotations

import uuid
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection
from django.http import HttpResponse
from django.test import Client, override_settings
from django.test.utils import CaptureQueriesContext

from annotations import unchanged
from annotations.enums import Role
from annotations.models import Membership, Study, User
from annotations.services.coding import finish_document, withdraw_tag
from annotations.services.members import change_role
from annotations.services.publishing import freeze_reading
from tests.factories import make_member, make_tag, make_user

BASE = "/studies/talks/"
#: Every page of the comparison, and every file.
PAGES = (
    "",
    "compare/",
    "compare/?open=talks",
    "compare.csv",
    "topics/talks/",
    "sources/biden/",
    "voices/",
    "mediation/",
    "silence/",
    "read/",
    "pairs/",
    "networks/",
    "networks/graphml",
    "networks/matrix.csv",
    "measures/",
    "frozen/",
    "reliability/",
    "reliability.csv",
)


@pytest.fixture
def ada(client: Client, coder: User) -> Client:
    client.force_login(coder)
    client.cookies[settings.CSRF_COOKIE_NAME] = "B" * 32
    return client


def as_user(user: User) -> Client:
    client = Client()
    client.force_login(user)
    client.cookies[settings.CSRF_COOKIE_NAME] = "B" * 32
    return client


def again(client: Client, path: str, first: HttpResponse, **headers: str) -> HttpResponse:
    """The page once more, from a browser that has the first answer."""
    return client.get(BASE + path, headers={"If-None-Match": first["ETag"], **headers})


@pytest.mark.parametrize("path", PAGES)
def test_every_page_is_made_once_while_nothing_changes(
    ada: Client, study: Study, coder: User, path: str
) -> None:
    make_tag(study, coder)
    make_tag(study, coder, document="west")
    first = ada.get(BASE + path)
    assert first.status_code == 200
    assert first["Cache-Control"] == "private, no-cache"
    assert {"Cookie", "HX-Request"} <= {name.strip() for name in first["Vary"].split(",")}
    second = again(ada, path, first)
    assert (second.status_code, second.content) == (304, b"")
    assert second["ETag"] == first["ETag"]
    assert second["Cache-Control"] == "private, no-cache"
    assert "Cookie" in second["Vary"]
    make_tag(study, coder, "Putin asked")
    third = again(ada, path, first)
    assert third.status_code == 200
    assert third["ETag"] != first["ETag"]


def test_an_unchanged_page_adds_nothing_up(ada: Client, study: Study, coder: User) -> None:
    make_tag(study, coder)
    first = ada.get(BASE + "compare/")
    with CaptureQueriesContext(
        connection,
    ) as captured:
        assert again(ada, "compare/", first).status_code == 304
    asked = [query["sql"] for query in captured]
    assert not [sql for sql in asked if "annotations_annotation" in sql]
    assert len(asked) <= 6


def test_head_has_the_same_tag(ada: Client, study: Study) -> None:
    first, head = ada.get(BASE + "compare/"), ada.head(BASE + "compare/")
    assert (head.status_code, head["ETag"], head.content) == (200, first["ETag"], b"")
    sent = ada.head(BASE + "compare/", headers={"If-None-Match": first["ETag"]})
    assert sent.status_code == 304


class TestWhose:
    def test_one_persons_tag_is_nobody_elses(self, study: Study, coder: User, other_coder: User) -> None:
        first = as_user(coder).get(BASE + "compare/")
        theirs = again(as_user(other_coder), "compare/", first)
        assert theirs.status_code == 200
        assert theirs["ETag"] != first["ETag"]

    def test_a_stranger_gets_404_with_the_right_tag_and_a_visitor_the_login(
        self, ada: Client, study: Study
    ) -> None:
        first = ada.get(BASE + "compare/")
        assert again(as_user(make_user("stan")), "compare/", first).status_code == 404
        assert again(Client(), "compare/", first).status_code == 302

    def test_who_may_no_longer_read_gets_no_304(self, ada: Client, study: Study, coder: User) -> None:
        first = ada.get(BASE + "reliability/")
        # Not through the service: the revision stays, and access alone decides.
        Membership.objects.filter(user=coder).update(role=Role.READER.value)
        assert again(ada, "reliability/", first).status_code == 403
        Membership.objects.filter(user=coder).delete()
        assert again(ada, "reliability/", first).status_code == 404

    def test_a_role_of_its_own_is_a_page_of_its_own(self, ada: Client, study: Study, coder: User) -> None:
        first = ada.get(BASE + "compare/")
        Membership.objects.filter(user=coder).update(role=Role.READER.value)
        assert again(ada, "compare/", first).status_code == 200

    def test_logging_out_and_in_again(self, study: Study, coder: User, ada: Client) -> None:
        Study.objects.filter(pk=study.pk).update(is_public=True)
        first = ada.get(BASE + "compare/")
        ada.logout()
        out = again(ada, "compare/", first)
        assert out.status_code == 200
        assert "ada" not in out.content.decode()
        # The forms of a page carry a token of the login that it was made under.
        ada.force_login(coder)
        ada.cookies[settings.CSRF_COOKIE_NAME] = "C" * 32
        assert again(ada, "compare/", first).status_code == 200

    def test_a_person_who_is_called_otherwise(self, ada: Client, study: Study, coder: User) -> None:
        first = ada.get(BASE + "compare/")
        User.objects.filter(pk=coder.pk).update(username="lovelace")
        assert again(ada, "compare/", first).status_code == 200


class TestWhat:
    def test_another_query_or_address_is_another_page(self, ada: Client, study: Study) -> None:
        first = ada.get(BASE + "compare/")
        for path in ("compare/?lens=own", "compare/?a=west", "voices/"):
            assert again(ada, path, first).status_code == 200

    def test_a_fragment_is_no_page_and_a_page_no_fragment(
        self, ada: Client, study: Study, coder: User
    ) -> None:
        make_tag(study, coder)
        path = "compare/?open=talks"
        whole = ada.get(BASE + path)
        fragment = again(ada, path, whole, **{"HX-Request": "true"})
        assert fragment.status_code == 200
        assert b"<html" not in fragment.content
        assert fragment["Cache-Control"] == "no-store"
        assert "ETag" not in fragment
        restored = again(ada, path, whole, **{"HX-Request": "true", "HX-History-Restore-Request": "true"})
        assert restored.status_code == 200
        assert b"<html" in restored.content

    def test_another_language_is_another_page(self, ada: Client, study: Study) -> None:
        with override_settings(LANGUAGES=[("en", "English"), ("de", "Deutsch")]):
            first = ada.get(BASE + "compare/", headers={"Accept-Language": "en"})
            assert again(ada, "compare/", first, **{"Accept-Language": "en"}).status_code == 304
            assert again(ada, "compare/", first, **{"Accept-Language": "de"}).status_code == 200

    def test_another_release_is_another_page(
        self, ada: Client, study: Study, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        first = ada.get(BASE + "compare/")
        monkeypatch.setattr(unchanged, "release", lambda: "the next one")
        assert again(ada, "compare/", first).status_code == 200

    def test_a_message_is_shown_once(self, study: Study, owner: User) -> None:
        olga = as_user(owner)
        make_tag(study, owner, layer="curated")
        first = olga.get(BASE + "frozen/")
        olga.post(BASE + "frozen/", {"title": "As it is"})
        # The redirect is not followed: the message waits, and is no part of what may be kept.
        shown = olga.get(BASE + "compare/")
        assert "ETag" not in shown
        assert "Frozen." in shown.content.decode()
        after = olga.get(BASE + "compare/")
        assert "Frozen." not in after.content.decode()
        assert again(olga, "compare/", after).status_code == 304
        assert again(olga, "frozen/", first).status_code == 200

    def test_a_frozen_page_and_its_files(self, ada: Client, study: Study, owner: User) -> None:
        content = {"columns": [], "rows": [], "topics": [], "stances": [], "sources": [], "quotes": []}
        content |= {"documents": [], "study": {}, "reading": {}, "tags": 0}  # type: ignore[dict-item]
        frozen = freeze_reading(by=owner, study=study, title="As it was", query="", content=content)
        for path in (f"frozen/{frozen.public_id}/", f"frozen/{frozen.public_id}/rows.csv"):
            first = ada.get(BASE + path)
            assert again(ada, path, first).status_code == 304
        assert ada.get(BASE + f"frozen/{uuid.uuid4()}/").status_code == 404

    def test_a_post_is_no_page(self, study: Study, owner: User) -> None:
        olga = as_user(owner)
        first = olga.get(BASE + "frozen/")
        sent = olga.post(BASE + "frozen/", {"title": ""}, headers={"If-None-Match": first["ETag"]})
        assert sent.status_code == 422
        assert "ETag" not in sent

    def test_what_is_refused_has_no_tag(self, ada: Client, study: Study) -> None:
        response = ada.get(BASE + "compare/?lens=nonsense")
        assert response.status_code == 400
        assert "ETag" not in response


class TestWhen:
    def test_after_every_kind_of_change(
        self, ada: Client, study: Study, coder: User, other_coder: User, owner: User
    ) -> None:
        last = ada.get(BASE + "compare/")
        tag = make_tag(study, other_coder)
        member = Membership.objects.get(user=other_coder)
        acts = (
            lambda: withdraw_tag(by=other_coder, annotation=tag, version=1),
            lambda: finish_document(by=other_coder, document=study.documents.get(slug="east")),
            lambda: change_role(by=owner, membership=member, role=Role.CURATOR),
        )
        for act in acts:
            assert again(ada, "compare/", last).status_code == 200
            last = ada.get(BASE + "compare/")
            assert again(ada, "compare/", last).status_code == 304
            act()
        assert again(ada, "compare/", last).status_code == 200

    def test_the_revision_is_read_before_what_is_shown(
        self, ada: Client, study: Study, coder: User, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Somebody saves while a page is being made: it must not be taken for what is true after it."""
        from annotations.views import comparison

        made = comparison.load_presence

        def while_it_is_made(*args: object) -> object:
            make_tag(study, coder)
            return made(*args)  # type: ignore[arg-type]

        monkeypatch.setattr(comparison, "load_presence", while_it_is_made)
        first = ada.get(BASE + "compare/")
        monkeypatch.undo()
        assert again(ada, "compare/", first).status_code == 200


class TestBlind:
    def test_before_they_finished_everything_nothing_tells_a_coder_that_others_work(
        self, study: Study, coder: User, other_coder: User
    ) -> None:
        Study.objects.filter(pk=study.pk).update(is_blind=True)
        make_tag(study, coder)
        first = as_user(coder).get(BASE + "compare/")
        assert "ETag" not in first
        make_tag(study, other_coder)
        assert "ETag" not in as_user(coder).get(BASE + "compare/")

    def test_having_finished_everything_they_have_a_page_of_their_own(
        self, study: Study, coder: User
    ) -> None:
        Study.objects.filter(pk=study.pk).update(is_blind=True)
        make_tag(study, coder)
        for slug in ("east", "west"):
            finish_document(by=coder, document=study.documents.get(slug=slug))
        ada = as_user(coder)
        first = ada.get(BASE + "compare/")
        assert again(ada, "compare/", first).status_code == 304
        coder.completions.filter(document__slug="east").delete()
        assert again(ada, "compare/", first).status_code == 200

    def test_curators_are_not_blind(self, study: Study, curator: User) -> None:
        Study.objects.filter(pk=study.pk).update(is_blind=True)
        cora = as_user(curator)
        first = cora.get(BASE + "compare/")
        assert again(cora, "compare/", first).status_code == 304


def test_another_translation_is_another_release(tmp_path: Path) -> None:
    words = tmp_path / "django.mo"
    found = set()
    for content in (b"one", b"other"):
        words.write_bytes(content)
        with override_settings(LOCALE_PATHS=[tmp_path]):
            found.add(unchanged.release.__wrapped__())
    assert len(found) == 2


def test_a_member_of_another_role_is_another_reader(study: Study, reader: User) -> None:
    rosa = as_user(reader)
    first = rosa.get(BASE + "compare/")
    assert again(rosa, "compare/", first).status_code == 304
    other = make_member(study, Role.READER, "second")
    assert again(as_user(other), "compare/", first).status_code == 200
