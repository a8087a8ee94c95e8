"""Refusals, and what every page has in common: headers, and no inline script or style."""

from __future__ import annotations

import re

import pytest
from django.http import HttpResponse
from django.test import Client

from annotations.models import Study, User
from annotations.services.coding import finish_document
from tests.bodies import words
from tests.factories import make_tag

HTMX = {"HX-Request": "true"}
BASE = "/studies/talks/"
CSP = {
    "default-src": "'self'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self' data:",
    "object-src": "'none'",
    "base-uri": "'none'",
    "frame-ancestors": "'none'",
    "form-action": "'self'",
}


@pytest.fixture
def full(study: Study, coder: User, other_coder: User) -> Study:
    """Something on every page."""
    make_tag(study, coder, reported_by="ushakov", note="a note", uncertain=True)
    make_tag(study, coder, "Kyiv", "west", stance="oppose")
    make_tag(study, other_coder, "Putin asked", topic="guarantees", source="putin")
    finish_document(by=other_coder, document=study.documents.get(slug="east"))
    Study.objects.filter(pk=study.pk).update(guidelines="Tag it.", question="Who said what?")
    return study


PAGES = (
    "/",
    BASE,
    BASE + "codebook/",
    BASE + "code/east/",
    BASE + "code/east/?passage=1&shown=all",
    BASE + "compare/",
    BASE + "compare/?open=talks",
    BASE + "topics/talks/",
    BASE + "sources/biden/",
    BASE + "annotations/",
    BASE + "import/",
    "/accounts/password_change/",
    "/accounts/login/",
    BASE + "code/north/",
    BASE + "compare/?lens=wide",
)


def policy(response: HttpResponse) -> dict[str, str]:
    directives = response["Content-Security-Policy"].split(";")
    return dict(directive.strip().split(" ", 1) for directive in directives if directive.strip())


@pytest.mark.parametrize("address", PAGES)
def test_no_page_has_inline_script_or_style_and_each_forbids_it(
    client: Client, full: Study, owner: User, address: str
) -> None:
    client.force_login(owner)
    for headers in ({}, HTMX):
        response = client.get(address, headers=headers)
        page = response.content.decode()
        assert policy(response) == CSP
        assert re.findall(r"<style\b|\sstyle=|\son\w+=|javascript:|hx-on|hx-vals=.js", page) == []
        assert [tag for tag in re.findall(r"<script\b[^>]*>", page) if " src=" not in tag] == []
        for source in re.findall(r'<(?:script|link|img)\b[^>]*?(?:src|href)="([^"]*)"', page):
            assert source.startswith("/"), source
            assert not source.startswith("//"), source


def test_every_page_keeps_out_of_frames_and_tells_no_other_site_where_one_came_from(
    client: Client, full: Study, owner: User
) -> None:
    client.force_login(owner)
    for address in PAGES:
        response = client.get(address)
        kept = {
            name: response[name] for name in ("X-Frame-Options", "Referrer-Policy", "X-Content-Type-Options")
        }
        assert kept == {
            "X-Frame-Options": "DENY",
            "Referrer-Policy": "same-origin",
            "X-Content-Type-Options": "nosniff",
        }


@pytest.mark.parametrize(
    ("path", "status", "sentence"),
    [
        ("compare/?layer=raw", 400, "This request cannot be read."),
        ("compare/?layer=coded", 403, "Your role in this study does not allow this."),
        ("topics/nothing/", 404, "There is nothing here, or nothing that you may see."),
    ],
)
def test_a_refusal_says_what_to_do_as_a_page_and_as_a_fragment(
    client: Client, study: Study, reader: User, path: str, status: int, sentence: str
) -> None:
    client.force_login(reader)
    page, fragment = client.get(BASE + path), client.get(BASE + path, headers=HTMX)
    assert (page.status_code, fragment.status_code) == (status, status)
    assert sentence in words(page)
    assert sentence in words(fragment)
    assert page.content.startswith(b"<!doctype html>")
    assert 'href="/"' in page.content.decode()
    assert fragment.content.decode().strip().startswith('<div class="refusal" role="alert">')


def test_an_address_that_never_was_is_a_page(client: Client, db: None) -> None:
    response = client.get("/nowhere/")
    assert response.status_code == 404
    assert "There is nothing here" in words(response)


def test_a_form_without_its_token_changes_nothing_and_says_so(study: Study, coder: User) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(coder)
    for headers in ({}, HTMX):
        response = client.post(BASE + "code/east/finish/", headers=headers)
        assert response.status_code == 403
        assert "This page is out of date." in words(response)
    assert not coder.completions.exists()


def test_logging_out_is_a_post(client: Client, coder: User) -> None:
    client.force_login(coder)
    assert client.get("/accounts/logout/").status_code == 405
    assert client.post("/accounts/logout/")["Location"] == "/accounts/login/"
    assert client.get("/")["Location"] == "/accounts/login/?next=/"
