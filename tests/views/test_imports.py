"""The import page."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client

from annotations.exporting.annotations_csv import csv_chunks
from annotations.models import Annotation, Study, User
from annotations.views import imports
from tests.factories import make_tag, make_user

PAGE = "/studies/talks/import/"


@pytest.fixture
def content(study: Study, coder: User) -> str:
    """A file of two tags, the first with a guarded note, which the study does not have any more."""
    make_tag(study, coder, note="=1")
    make_tag(study, coder, "Putin asked")
    text = "".join(csv_chunks(study, Annotation.objects.in_text_order()))
    Annotation.objects.all().delete()
    return text


def sent(client: Client, user: User, content: str, **fields: str) -> HttpResponse:
    client.force_login(user)
    file = SimpleUploadedFile("annotations.csv", content.encode())
    return client.post(PAGE, {"file": file, **fields})


def test_it_is_the_owners_page(
    client: Client, coder: User, curator: User, owner: User, reader: User, content: str
) -> None:
    assert client.get(PAGE).status_code == 302
    for user, status in ((make_user(), 404), (reader, 403), (coder, 403), (curator, 403)):
        assert sent(client, user, content).status_code == status
        assert client.get(PAGE).status_code == status
    assert not Annotation.objects.exists()
    client.force_login(owner)
    page = client.get(PAGE).content.decode()
    assert "An import only adds" in page
    assert 'enctype="multipart/form-data"' in page
    assert client.head(PAGE).status_code == 200
    assert client.put(PAGE).status_code == 405


def test_an_import_leads_to_a_page_that_says_what_it_did(client: Client, owner: User, content: str) -> None:
    response = sent(client, owner, content)
    assert (response.status_code, response["Location"]) == (302, PAGE + "?done=1")
    page = client.get(response["Location"]).content.decode()
    assert "2 new, 0 already there, 0 of them differ." in page
    assert "2 new" not in client.get(PAGE).content.decode()
    assert set(Annotation.objects.values_list("note", flat=True)) == {"=1", ""}
    assert Annotation.history.latest().history_user == owner


def test_what_is_there_already_is_named_where_it_differs(client: Client, owner: User, content: str) -> None:
    sent(client, owner, content)
    tag = Annotation.objects.get(quote="Putin asked")
    Annotation.objects.filter(pk=tag.pk).update(note="changed")
    page = client.get(sent(client, owner, content)["Location"]).content.decode()
    assert "0 new, 2 already there, 1 of them differ." in page
    assert f"<td>5</td><td><code>{tag.public_id}</code></td><td>note</td>" in page
    assert Annotation.objects.count() == 2


def test_raw_keeps_apostrophes(client: Client, owner: User, content: str) -> None:
    sent(client, owner, content, raw="on")
    assert set(Annotation.objects.values_list("note", flat=True)) == {"'=1", ""}


def test_errors_are_listed_by_line_and_nothing_is_written(client: Client, owner: User, content: str) -> None:
    response = sent(client, owner, content.replace(",biden,", ",obama,"))
    assert response.status_code == 422
    page = response.content.decode()
    assert "The file has 2 errors." in page
    # The first row has a suffix of three lines.
    for line in (2, 5):
        assert f'<tr><td>{line}</td><td>source</td><td dir="auto">The study has no “obama”.</td></tr>' in page
    assert not Annotation.objects.exists()


def test_a_page_shows_so_many_lines_and_says_how_many_more_there_are(
    client: Client, owner: User, content: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(imports, "LINES_SHOWN", 1)
    page = sent(client, owner, content.replace(",biden,", ",obama,")).content.decode()
    assert (page.count("“obama”"), page.count("And 1 more")) == (1, 1)
    sent(client, owner, content)
    Annotation.objects.update(note="changed")
    page = client.get(sent(client, owner, content)["Location"]).content.decode()
    assert (page.count("<td>note</td>"), page.count("And 1 more")) == (1, 1)


@pytest.mark.parametrize(
    ("content", "reason"), [(None, "Choose a file."), (b"", "The file is empty."), (b"x" * 11, "larger than")]
)
def test_a_file_is_needed_and_it_has_a_limit(
    client: Client, owner: User, monkeypatch: pytest.MonkeyPatch, content: bytes | None, reason: str
) -> None:
    monkeypatch.setattr(imports, "FILE_LIMIT", 10)
    client.force_login(owner)
    fields = {} if content is None else {"file": SimpleUploadedFile("a.csv", content)}
    response = client.post(PAGE, fields)
    assert response.status_code == 422
    assert reason in response.content.decode()
