"""Who may open which address: every address × every person × every method, written out."""

from __future__ import annotations

import re
import uuid
from pathlib import Path

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.http import HttpResponse
from django.test import Client
from django.urls import URLPattern

from annotations import urls
from annotations.enums import Role
from annotations.exporting.annotations_csv import csv_chunks
from annotations.models import (
    Annotation,
    CodebookAct,
    Comment,
    FrozenReading,
    Membership,
    Source,
    Stance,
    Study,
    User,
)
from annotations.services.codebook import last_line
from annotations.services.coding import finish_document, withdraw_tag
from annotations.services.comments import withdraw_comment, write_comment
from annotations.services.curation_batch import UnanimousPlan, accept_unanimous, plan_unanimous
from annotations.services.curation_plan import load_queues
from annotations.services.retiring import retire_entry
from annotations.services.undoing import undo_last
from tests.bodies import steady
from tests.factories import make_study, make_tag

PEOPLE = ("anonymous", "stranger", "reader", "coder", "curator", "owner", "staff", "superuser")
METHODS = ("GET", "HEAD", "POST", "PUT", "DELETE")

# ``login``: sent to the login page. ``on``: it is done, and leads on to another page. ``staff`` is a
# stranger to the study. The columns are those of PEOPLE.
PRIVATE = """
study-list       GET HEAD         login 200 200 200 200 200 200 200
study-list       POST PUT DELETE  405   405 405 405 405 405 405 405
healthz          GET HEAD         200   200 200 200 200 200 200 200
healthz          POST PUT DELETE  405   405 405 405 405 405 405 405
keys             GET HEAD         login 200 200 200 200 200 200 200
keys             POST             login on  on  on  on  on  on  on
keys             PUT DELETE       405   405 405 405 405 405 405 405
study-overview   GET HEAD         login 404 200 200 200 200 404 200
study-overview   POST PUT DELETE  405   405 405 405 405 405 405 405
stance-colours   GET HEAD         login 404 200 200 200 200 404 200
stance-colours   POST PUT DELETE  405   405 405 405 405 405 405 405
codebook         GET HEAD         login 404 200 200 200 200 404 200
codebook         POST PUT DELETE  405   405 405 405 405 405 405 405
guidelines-edit  GET HEAD         login 404 403 403 200 200 404 200
guidelines-edit  POST             login 404 403 403 on  on  404 on
guidelines-edit  PUT DELETE       405   405 405 405 405 405 405 405
guidelines-versions GET HEAD         login 404 200 200 200 200 404 200
guidelines-versions POST PUT DELETE  405   405 405 405 405 405 405 405
guideline-gaps   GET HEAD         login 404 403 403 200 200 404 200
guideline-gaps   POST PUT DELETE  405   405 405 405 405 405 405 405
tag-review       GET HEAD         login 404 403 200 200 200 404 200
tag-review       POST             login 404 403 on  on  on  404 on
tag-review       PUT DELETE       405   405 405 405 405 405 405 405
codebook-acts    GET HEAD         login 404 403 403 200 200 404 200
codebook-acts    POST PUT DELETE  405   405 405 405 405 405 405 405
codebook-act-undo GET HEAD         login 404 403 403 200 200 404 200
codebook-act-undo POST             login 404 403 403 on  on  404 on
codebook-act-undo PUT DELETE       405   405 405 405 405 405 405 405
entry-add        GET HEAD         login 404 403 403 200 200 404 200
entry-add        POST             login 404 403 403 on  on  404 on
entry-add        PUT DELETE       405   405 405 405 405 405 405 405
entry-edit       GET HEAD         login 404 403 403 200 200 404 200
entry-edit       POST             login 404 403 403 on  on  404 on
entry-edit       PUT DELETE       405   405 405 405 405 405 405 405
entry-versions   GET HEAD         login 404 200 200 200 200 404 200
entry-versions   POST PUT DELETE  405   405 405 405 405 405 405 405
entry-merge      GET HEAD         login 404 403 403 200 200 404 200
entry-merge      POST             login 404 403 403 on  on  404 on
entry-merge      PUT DELETE       405   405 405 405 405 405 405 405
entry-split      GET HEAD         login 404 403 403 200 200 404 200
entry-split      POST             login 404 403 403 on  on  404 on
entry-split      PUT DELETE       405   405 405 405 405 405 405 405
entry-retire     GET HEAD         login 404 403 403 200 200 404 200
entry-retire     POST             login 404 403 403 on  on  404 on
entry-retire     PUT DELETE       405   405 405 405 405 405 405 405
entry-revive     GET HEAD         login 404 403 403 200 200 404 200
entry-revive     POST             login 404 403 403 on  on  404 on
entry-revive     PUT DELETE       405   405 405 405 405 405 405 405
study-code       GET HEAD         login 404 403 on  on  on  404 on
study-code       POST PUT DELETE  405   405 405 405 405 405 405 405
document-code    GET HEAD         login 404 403 200 200 200 404 200
document-code    POST PUT DELETE  405   405 405 405 405 405 405 405
document-passages GET HEAD        login 404 403 on  on  on  404 on
document-passages POST PUT DELETE 405   405 405 405 405 405 405 405
document-map     GET HEAD         login 404 403 on  on  on  404 on
document-map     POST PUT DELETE  405   405 405 405 405 405 405 405
document-next    GET HEAD         login 404 403 on  on  on  404 on
document-next    POST PUT DELETE  405   405 405 405 405 405 405 405
document-codebook GET HEAD        login 404 403 on  on  on  404 on
document-codebook POST PUT DELETE 405   405 405 405 405 405 405 405
topic-neighbours GET HEAD         login 404 403 200 200 200 404 200
topic-neighbours POST PUT DELETE  405   405 405 405 405 405 405 405
tag-create       POST             login 404 403 on  on  on  404 on
tag-create       GET HEAD         405   405 405 405 405 405 405 405
tag-create       PUT DELETE       405   405 405 405 405 405 405 405
tag-change       POST             login 404 403 on  on  on  404 on
tag-change       GET HEAD         405   405 405 405 405 405 405 405
tag-change       PUT DELETE       405   405 405 405 405 405 405 405
tag-withdraw     POST             login 404 403 on  on  on  404 on
tag-withdraw     GET HEAD         405   405 405 405 405 405 405 405
tag-withdraw     PUT DELETE       405   405 405 405 405 405 405 405
tag-restore      POST             login 404 403 on  on  on  404 on
tag-restore      GET HEAD         405   405 405 405 405 405 405 405
tag-restore      PUT DELETE       405   405 405 405 405 405 405 405
document-undo    POST             login 404 403 on  on  on  404 on
document-undo    GET HEAD         405   405 405 405 405 405 405 405
document-undo    PUT DELETE       405   405 405 405 405 405 405 405
document-redo    POST             login 404 403 on  on  on  404 on
document-redo    GET HEAD         405   405 405 405 405 405 405 405
document-redo    PUT DELETE       405   405 405 405 405 405 405 405
passage-talk     GET HEAD         login 404 403 200 200 200 404 200
passage-talk     POST PUT DELETE  405   405 405 405 405 405 405 405
comment-create   POST             login 404 403 on  on  on  404 on
comment-create   GET HEAD         405   405 405 405 405 405 405 405
comment-create   PUT DELETE       405   405 405 405 405 405 405 405
comment-withdraw POST             login 404 403 on  on  on  404 on
comment-withdraw GET HEAD         405   405 405 405 405 405 405 405
comment-withdraw PUT DELETE       405   405 405 405 405 405 405 405
comment-restore  POST             login 404 403 on  on  on  404 on
comment-restore  GET HEAD         405   405 405 405 405 405 405 405
comment-restore  PUT DELETE       405   405 405 405 405 405 405 405
document-visits  POST             login 404 403 on  on  on  404 on
document-visits  GET HEAD         405   405 405 405 405 405 405 405
document-visits  PUT DELETE       405   405 405 405 405 405 405 405
passage-nothing  POST             login 404 403 on  on  on  404 on
passage-nothing  GET HEAD         405   405 405 405 405 405 405 405
passage-nothing  PUT DELETE       405   405 405 405 405 405 405 405
document-finish  POST             login 404 403 on  on  on  404 on
document-finish  GET HEAD         405   405 405 405 405 405 405 405
document-finish  PUT DELETE       405   405 405 405 405 405 405 405
document-reopen  POST             login 404 403 on  on  on  404 on
document-reopen  GET HEAD         405   405 405 405 405 405 405 405
document-reopen  PUT DELETE       405   405 405 405 405 405 405 405
curate           GET HEAD         login 404 403 403 200 200 404 200
curate           POST PUT DELETE  405   405 405 405 405 405 405 405
curate-unanimous GET HEAD         login 404 403 403 200 200 404 200
curate-unanimous POST             login 404 403 403 on  on  404 on
curate-unanimous PUT DELETE       405   405 405 405 405 405 405 405
batch-undo       POST             login 404 403 403 on  on  404 on
batch-undo       GET HEAD         405   405 405 405 405 405 405 405
batch-undo       PUT DELETE       405   405 405 405 405 405 405 405
item-settle      POST             login 404 403 403 on  on  404 on
item-settle      GET HEAD         405   405 405 405 405 405 405 405
item-settle      PUT DELETE       405   405 405 405 405 405 405 405
decision-undo    POST             login 404 403 403 on  on  404 on
decision-undo    GET HEAD         405   405 405 405 405 405 405 405
decision-undo    PUT DELETE       405   405 405 405 405 405 405 405
decision-list    GET HEAD         login 404 403 200 200 200 404 200
decision-list    POST PUT DELETE  405   405 405 405 405 405 405 405
reliability      GET HEAD         login 404 403 200 200 200 404 200
reliability      POST PUT DELETE  405   405 405 405 405 405 405 405
reliability-csv  GET HEAD         login 404 403 200 200 200 404 200
reliability-csv  POST PUT DELETE  405   405 405 405 405 405 405 405
compare          GET HEAD         login 404 200 200 200 200 404 200
compare          POST PUT DELETE  405   405 405 405 405 405 405 405
compare-csv      GET HEAD         login 404 200 200 200 200 404 200
compare-csv      POST PUT DELETE  405   405 405 405 405 405 405 405
read             GET HEAD         login 404 200 200 200 200 404 200
read             POST PUT DELETE  405   405 405 405 405 405 405 405
pairs            GET HEAD         login 404 200 200 200 200 404 200
pairs            POST PUT DELETE  405   405 405 405 405 405 405 405
figure-file      GET HEAD         login 404 200 200 200 200 404 200
figure-file      POST PUT DELETE  405   405 405 405 405 405 405 405
report           GET HEAD         login 404 200 200 200 200 404 200
report           POST PUT DELETE  405   405 405 405 405 405 405 405
report-file      GET HEAD         login 404 200 200 200 200 404 200
report-file      POST PUT DELETE  405   405 405 405 405 405 405 405
frozen-latest    GET HEAD         login 404 on  on  on  on  404 on
frozen-latest    POST PUT DELETE  405   405 405 405 405 405 405 405
frozen-list      GET HEAD         login 404 200 200 200 200 404 200
frozen-list      POST             login 404 403 403 403 on  404 on
frozen-list      PUT DELETE       405   405 405 405 405 405 405 405
frozen-detail    GET HEAD         login 404 200 200 200 200 404 200
frozen-detail    POST PUT DELETE  405   405 405 405 405 405 405 405
frozen-file      GET HEAD         login 404 200 200 200 200 404 200
frozen-file      POST PUT DELETE  405   405 405 405 405 405 405 405
voices           GET HEAD         login 404 200 200 200 200 404 200
voices           POST PUT DELETE  405   405 405 405 405 405 405 405
mediation        GET HEAD         login 404 200 200 200 200 404 200
mediation        POST PUT DELETE  405   405 405 405 405 405 405 405
silence          GET HEAD         login 404 200 200 200 200 404 200
silence          POST PUT DELETE  405   405 405 405 405 405 405 405
networks         GET HEAD         login 404 200 200 200 200 404 200
networks         POST PUT DELETE  405   405 405 405 405 405 405 405
network-file     GET HEAD         login 404 200 200 200 200 404 200
network-file     POST PUT DELETE  405   405 405 405 405 405 405 405
measures         GET HEAD         login 404 200 200 200 200 404 200
measures         POST PUT DELETE  405   405 405 405 405 405 405 405
topic-detail     GET HEAD         login 404 200 200 200 200 404 200
topic-detail     POST PUT DELETE  405   405 405 405 405 405 405 405
source-detail    GET HEAD         login 404 200 200 200 200 404 200
source-detail    POST PUT DELETE  405   405 405 405 405 405 405 405
annotation-list  GET HEAD         login 404 200 200 200 200 404 200
annotation-list  POST PUT DELETE  405   405 405 405 405 405 405 405
annotation-csv   GET HEAD         login 404 200 200 200 200 404 200
annotation-csv   POST PUT DELETE  405   405 405 405 405 405 405 405
question-list    GET HEAD         login 404 403 200 200 200 404 200
question-list    POST PUT DELETE  405   405 405 405 405 405 405 405
study-search     GET HEAD         login 404 200 200 200 200 404 200
study-search     POST PUT DELETE  405   405 405 405 405 405 405 405
member-list      GET HEAD         login 404 403 403 403 200 404 200
member-list      POST             login 404 403 403 403 on  404 on
member-list      PUT DELETE       405   405 405 405 405 405 405 405
member-assign    POST             login 404 403 403 403 on  404 on
member-assign    GET HEAD         405   405 405 405 405 405 405 405
member-assign    PUT DELETE       405   405 405 405 405 405 405 405
member-role      POST             login 404 403 403 403 on  404 on
member-role      GET HEAD         405   405 405 405 405 405 405 405
member-role      PUT DELETE       405   405 405 405 405 405 405 405
member-remove    POST             login 404 403 403 403 on  404 on
member-remove    GET HEAD         405   405 405 405 405 405 405 405
member-remove    PUT DELETE       405   405 405 405 405 405 405 405
study-settings   GET HEAD         login 404 403 403 403 200 404 200
study-settings   POST             login 404 403 403 403 on  404 on
study-settings   PUT DELETE       405   405 405 405 405 405 405 405
study-import     GET HEAD         login 404 403 403 403 200 404 200
study-import     POST             login 404 403 403 403 on  404 on
study-import     PUT DELETE       405   405 405 405 405 405 405 405
"""

# What differs where the study is public: everything else is as above.
PUBLIC = """
study-list       GET HEAD         200   200 200 200 200 200 200 200
study-overview   GET HEAD         200   200 200 200 200 200 200 200
stance-colours   GET HEAD         200   200 200 200 200 200 200 200
compare          GET HEAD         200   200 200 200 200 200 200 200
compare-csv      GET HEAD         200   200 200 200 200 200 200 200
read             GET HEAD         200   200 200 200 200 200 200 200
pairs            GET HEAD         200   200 200 200 200 200 200 200
figure-file      GET HEAD         200   200 200 200 200 200 200 200
report           GET HEAD         200   200 200 200 200 200 200 200
report-file      GET HEAD         200   200 200 200 200 200 200 200
frozen-latest    GET HEAD         on    on  on  on  on  on  on  on
frozen-list      GET HEAD         200   200 200 200 200 200 200 200
frozen-detail    GET HEAD         200   200 200 200 200 200 200 200
frozen-file      GET HEAD         200   200 200 200 200 200 200 200
voices           GET HEAD         200   200 200 200 200 200 200 200
mediation        GET HEAD         200   200 200 200 200 200 200 200
silence          GET HEAD         200   200 200 200 200 200 200 200
measures         GET HEAD         200   200 200 200 200 200 200 200
topic-detail     GET HEAD         200   200 200 200 200 200 200 200
source-detail    GET HEAD         200   200 200 200 200 200 200 200
"""
OPEN_TO_ALL = (
    "study-overview",
    "compare",
    "compare-csv",
    "measures",
    "read",
    "figure-file",
    "report",
    "report-file",
    "frozen-latest",
    "frozen-list",
    "frozen-detail",
    "frozen-file",
    "pairs",
    "voices",
    "mediation",
    "silence",
    "topic-detail",
    "source-detail",
    "stance-colours",
)

#: The number under which a curator accepted all that is unanimous.
BATCH = uuid.UUID("5f1c9a52-1c62-4b7c-8b1e-0f6f4b9f3c11")

Statuses = dict[tuple[str, str], dict[str, str]]


def read_table(table: str) -> Statuses:
    """(name, method) → person → status."""
    statuses: Statuses = {}
    for line in table.strip().splitlines():
        name, *words = line.split()
        methods = [word for word in words if word in METHODS]
        answers = words[len(methods) :]
        for method in methods:
            statuses[name, method] = dict(zip(PEOPLE, answers, strict=True))
    return statuses


EXPECTED = {False: read_table(PRIVATE), True: read_table(PRIVATE) | read_table(PUBLIC)}


def addresses() -> dict[str, str]:
    """Every URL name of the app and its pattern, in the order of ``urls.py``."""
    return {
        str(pattern.name): str(pattern.pattern)
        for pattern in urls.urlpatterns
        if isinstance(pattern, URLPattern)
    }


NAMES = list(addresses())


def make_people(study: Study) -> dict[str, User]:
    """One person of each kind; hashing passwords would be most of this test's time, so they have none."""
    people = {name: User.objects.create_user(f"the-{name}") for name in ("stranger", *Role)}
    people["staff"] = User.objects.create_user("the-staff", is_staff=True)
    people["superuser"] = User.objects.create_user("the-superuser", is_staff=True, is_superuser=True)
    for role in Role:
        Membership.objects.create(study=study, user=people[role.value], role=role.value)
    return people


class World:
    """A study in which everybody who may code has a tag of their own to act on."""

    def __init__(self, *, is_public: bool) -> None:
        self.study = make_study(is_public=is_public)
        self.people = make_people(self.study)
        coding = ("coder", "curator", "owner", "superuser")
        self.tags = {name: make_tag(self.study, self.people[name]) for name in coding}
        make_tag(self.study, self.people["curator"], "Biden agreed", layer="curated")
        self.comments = {
            name: write_comment(by=tag.coder, passage=tag.passage, text="Is it?")[0]
            for name, tag in self.tags.items()
        }
        content = {"columns": [], "rows": [], "topics": [], "stances": [], "sources": [], "quotes": []}
        content |= {"documents": [], "study": {}, "reading": {}, "tags": 0}  # type: ignore[dict-item]
        self.frozen = FrozenReading.objects.create(study=self.study, title="As it was", content=content)
        self.file = "".join(csv_chunks(self.study, Annotation.objects.in_text_order())).encode()

    def client(self, person: str) -> Client:
        client = Client()
        if person in self.people:
            client.force_login(self.people[person])
        return client

    def address(self, name: str, person: str, **instead: str) -> str:
        pattern = addresses()[name]
        tag = self.tags.get(person, self.tags["coder"])
        parts = {
            "study": "talks",
            "document": "east",
            "topic": "talks",
            "source": "biden",
            "file": {"frozen-file": "rows.csv", "figure-file": "positions.svg"}.get(name, "graphml"),
            "frozen": str(self.frozen.public_id),
            "number": "1",
            "member": str(self.study.memberships.get(user=self.people["reader"]).pk),
            "tag": str(tag.public_id),
            "comment": str(self.comments.get(person, self.comments["coder"]).public_id),
            "kind": "topics",
            "entry": "talks",
            "act": str(CodebookAct.objects.values_list("pk", flat=True).first() or 1),
            "batch": str(BATCH),
            "decision": str(self.study.decisions.values_list("public_id", flat=True).first() or BATCH),
        } | instead
        for part, value in parts.items():
            for kind in ("word", "uuid", "int"):
                pattern = pattern.replace(f"<{kind}:{part}>", value)
        return f"/{pattern}"

    def data(self, name: str) -> dict[str, object]:
        """What makes a POST to this address valid."""
        said = {"passage": "1", "start": "0", "end": "5", "topic": "talks", "stance": "oppose"}
        said["source"] = "putin"
        coder = self.study.memberships.get(user=self.people["coder"])
        group, other = (self.study.topics.get(slug=slug).pk for slug in ("security", "guarantees"))
        settings = {"seen": last_line(self.study), "agree_max": "0.25", "diverge_above": "0.5"}
        return {
            "tag-create": said,
            "tag-change": said | {"version": "1"},
            "tag-withdraw": {"version": "1"},
            "comment-create": {"text": "Is it?"},
            "passage-nothing": {"value": "off"},
            "document-finish": {"anyway": "1"},
            "member-list": {"username": "the-stranger", "role": "reader"},
            "member-role": {"role": "coder"},
            "member-assign": {"document": "east", "member": str(coder.pk), "value": "on"},
            "study-settings": settings | {"title": "Another title"},
            "frozen-list": {"title": "As it is"},
            "study-import": {"file": SimpleUploadedFile("annotations.csv", self.file)},
            "item-settle": self.ruling(),
            "guidelines-edit": {"text": "Tag what is claimed."},
            "entry-add": {"label": "Other", "slug": "other"},
            "entry-edit": {"label": "Talks", "slug": "talks", "parent": group, "statement": "Talks help."},
            "entry-merge": {"with": "guarantees", "into": other},
            "entry-split": {"which": "all", "into": "guarantees", "confirm": "1"},
            "curate-unanimous": {"fingerprint": self.agreed().fingerprint, "batch": str(BATCH)},
        }.get(name, {})

    def agreed(self) -> UnanimousPlan:
        return plan_unanimous(load_queues(self.study.documents.order_by("position")))

    def ruling(self) -> dict[str, object]:
        """The four equal tags are one claim; the first of them stays."""
        tags = sorted(self.tags.values(), key=lambda tag: tag.pk)
        seen = " ".join(f"{tag.public_id}:{tag.version}" for tag in tags)
        return {"seen": seen, "claims": "1", "keep_0": str(tags[0].public_id)}

    def before(self, name: str) -> None:
        """What must have happened before this address makes sense."""
        if name in ("decision-undo", "batch-undo"):
            documents = list(self.study.documents.order_by("position"))
            counted = self.agreed().fingerprint
            accept_unanimous(by=self.people["curator"], documents=documents, fingerprint=counted, batch=BATCH)
        if name == "codebook-act-undo":
            retire_entry(by=self.people["curator"], entry=self.study.topics.get(slug="guarantees"))
        for tag in self.tags.values():
            if name == "tag-restore":
                withdraw_tag(by=tag.coder, annotation=tag, version=1)
            if name == "document-redo":
                undo_last(by=tag.coder, document=tag.document)
            if name == "comment-restore":
                withdraw_comment(by=tag.coder, comment=Comment.objects.get(author=tag.coder))
            if name == "document-reopen":
                finish_document(by=tag.coder, document=tag.document)


def send(client: Client, method: str, address: str, data: dict[str, object], **headers: str) -> HttpResponse:
    """One request, whose changes are taken back."""
    with transaction.atomic():
        if method == "POST":
            response = client.post(address, data, headers=headers)
        else:
            response = client.generic(method, address, headers=headers)
        transaction.set_rollback(True)
    return response


def answer(response: HttpResponse) -> str:
    if response.status_code == 302:
        return "login" if response["Location"].startswith("/accounts/login/") else "on"
    return str(response.status_code)


@pytest.mark.django_db
@pytest.mark.parametrize("is_public", [False, True], ids=["private", "public"])
@pytest.mark.parametrize("name", NAMES)
def test_every_address_answers_every_person_and_method_as_the_table_says(name: str, is_public: bool) -> None:
    world = World(is_public=is_public)
    world.before(name)
    clients = {person: world.client(person) for person in PEOPLE}
    found: Statuses = {}
    for method in METHODS:
        found[name, method] = {
            person: answer(send(client, method, world.address(name, person), world.data(name)))
            for person, client in clients.items()
        }
    assert found == {key: row for key, row in EXPECTED[is_public].items() if key[0] == name}


def test_the_table_holds_every_address_and_no_other() -> None:
    assert {name for name, _method in EXPECTED[False]} == set(NAMES)
    assert set(EXPECTED[False]) == {(name, method) for name in NAMES for method in METHODS}
    assert set(read_table(PUBLIC)) <= set(EXPECTED[False])


@pytest.mark.django_db
def test_a_post_that_is_refused_changes_nothing() -> None:
    world = World(is_public=True)
    before = list(Annotation.objects.order_by("pk").values())
    for name in ("tag-create", "tag-change", "tag-withdraw", "document-finish", "study-import"):
        for person in ("anonymous", "stranger", "reader", "staff"):
            response = world.client(person).post(world.address(name, person), world.data(name))
            assert answer(response) in ("login", "404", "403")
    assert list(Annotation.objects.order_by("pk").values()) == before
    assert not world.study.documents.filter(completions__isnull=False).exists()


@pytest.mark.django_db
@pytest.mark.parametrize("name", [name for name in NAMES if name not in ("study-list", "healthz")])
def test_a_visitor_cannot_tell_a_private_study_from_one_that_does_not_exist(name: str) -> None:
    world = World(is_public=False)
    there, nowhere = (world.address(name, "anonymous", study=study) for study in ("talks", "nowhere"))
    for headers in ({}, {"HX-Request": "true"}):
        for method in METHODS:
            for_there = send(Client(), method, there, world.data(name), **headers)
            for_nowhere = send(Client(), method, nowhere, world.data(name), **headers)
            assert for_there.status_code == for_nowhere.status_code
            assert for_there.content == for_nowhere.content
            places = [
                (response.get("Location", ""), response.get("HX-Redirect", ""))
                for response in (for_there, for_nowhere)
            ]
            assert places[0] == tuple(place.replace("nowhere", "talks") for place in places[1])


@pytest.mark.django_db
def test_a_stranger_cannot_tell_a_private_study_from_one_that_does_not_exist() -> None:
    world = World(is_public=False)
    client = world.client("stranger")
    there, nowhere = (
        client.get(world.address("compare", "stranger", study=slug)) for slug in ("talks", "nowhere")
    )
    assert (there.status_code, steady(there)) == (nowhere.status_code, steady(nowhere))


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["document-code", "compare", "annotation-list", "study-import"])
def test_a_visitors_fragment_leads_to_login_and_comes_back(name: str) -> None:
    world = World(is_public=False)
    address = world.address(name, "anonymous")
    response = Client().get(address, headers={"HX-Request": "true"})
    assert (response.status_code, response["HX-Redirect"]) == (200, f"/accounts/login/?next={address}")


@pytest.mark.django_db
def test_a_part_of_a_page_leads_back_to_the_page_after_the_login() -> None:
    world = World(is_public=False)
    page = world.address("document-code", "anonymous")
    at = {"HX-Request": "true", "HX-Current-URL": f"http://testserver{page}?passage=4"}
    response = Client().get(world.address("document-passages", "anonymous"), headers=at)
    assert response["HX-Redirect"] == f"/accounts/login/?next={page}%3Fpassage%3D4"
    elsewhere = at | {"HX-Current-URL": "https://evil.example/"}
    fragment = world.address("document-passages", "anonymous")
    response = Client().get(fragment, headers=elsewhere)
    assert response["HX-Redirect"] == f"/accounts/login/?next={fragment}"


@pytest.mark.django_db
def test_a_page_with_an_unsaved_tag_is_not_left_for_the_login() -> None:
    world = World(is_public=False)
    unsaved = {"HX-Request": "true", "X-Summit-Unsaved": "1"}
    response = Client().get(world.address("document-passages", "anonymous"), headers=unsaved)
    assert (response.status_code, response["HX-Retarget"]) == (401, "#toast")
    assert 'id="login-needed"' in response.content.decode()
    assert "HX-Redirect" not in response


@pytest.mark.django_db
def test_a_visitors_post_by_htmx_is_told_to_log_in_and_loses_nothing() -> None:
    world = World(is_public=False)
    response = send(
        Client(),
        "POST",
        world.address("tag-create", "anonymous"),
        world.data("tag-create"),
        **{"HX-Request": "true"},
    )
    assert response.status_code == 401
    assert 'id="login-needed"' in response.content.decode()
    assert "HX-Redirect" not in response


@pytest.mark.django_db
def test_a_member_who_is_no_longer_active_is_nobody() -> None:
    world = World(is_public=False)
    client = world.client("owner")
    User.objects.filter(username="the-owner").update(is_active=False)
    assert answer(client.get("/studies/talks/")) == "login"


# --- what a public study shows ------------------------------------------------------------------------

NAMED = ("ada-lovelace", "ben-nevis", "cora-curates", "rosa-reads")
# The address is echoed in links, so the name is asked for in other letters than it is stored in.
READER_QUERIES = ("", "?lens=own", "?grain=side", "?layer=curated", "?coder=ADA-Lovelace", "?open=guarantees")


@pytest.fixture
def leaky() -> Study:
    """A public study full of what the public must not see: coded tags, names, notes with names, a document
    that a coder finished, a withdrawn curated tag."""
    study = make_study(is_public=True)
    people = [User.objects.create_user(name) for name in NAMED]
    for person, role in zip(people, (Role.CODER, Role.CODER, Role.CURATOR, Role.READER), strict=True):
        Membership.objects.create(study=study, user=person, role=role.value)
    ada, ben, cora, _rosa = people
    make_tag(study, ada, "Biden agreed", note="A coded note by ada-lovelace")
    make_tag(study, ben, "Putin asked for guarantees", topic="guarantees", source="putin", note="coded too")
    make_tag(study, ben, "Biden agreed to talk", "west", source="ushakov")
    make_tag(study, cora, "Kyiv was not", layer="curated", source="author", note="What settled it")
    make_tag(study, cora, "at the table", "west", layer="curated", source="kremlin", reported_by="putin")
    gone = make_tag(study, cora, "Kyiv", layer="curated", source="ushakov", topic="guarantees")
    Annotation.objects.filter(pk=gone.pk).update(withdrawn_at="2026-01-01T00:00Z")
    finish_document(by=ben, document=study.documents.get(slug="east"))
    return study


def public_bodies(client: Client) -> dict[str, str]:
    """Every public address under every query, for this visitor."""
    bodies = {}
    paths = ("", "compare/", "compare.csv", "stances.css")
    paths += tuple(f"topics/{slug}/" for slug in ("talks", "guarantees"))
    paths += tuple(f"sources/{slug}/" for slug in ("author", "biden", "kremlin", "putin", "ushakov"))
    for path in paths:
        for query in READER_QUERIES:
            for headers in ({}, {"HX-Request": "true"}):
                response = client.get(f"/studies/talks/{path}{query}", headers=headers)
                # One coder's reading is refused, whoever it is: nobody learns who codes.
                is_refused = "coder=" in query and path.startswith(("compare", "topics", "sources"))
                assert response.status_code == (403 if is_refused else 200), (path, query)
                bodies[f"{path}{query} {headers}"] = response.content.decode()
    return bodies


@pytest.mark.django_db
@pytest.mark.parametrize("person", [None, "stella"])
def test_a_public_study_shows_the_curated_layer_and_no_coder(leaky: Study, person: str | None) -> None:
    client = Client()
    if person:
        client.force_login(User.objects.create_user(person))
    bodies = public_bodies(client)
    coded = ("Biden agreed", "Putin asked", "coded note", "coded too")
    for address, body in bodies.items():
        assert [word for word in (*NAMED, *coded) if word in body] == [], address
    topic = bodies["topics/talks/ {}"]
    assert "<q>Kyiv was not</q>" in topic
    assert "<q>at the table</q>" in topic
    # A note is for members: nobody writes it for the public.
    assert "What settled it" not in topic
    csv = bodies["compare.csv {}"].splitlines()
    assert [line.split(",")[:2] + line.split(",")[12:14] for line in csv[1:]] == [
        ["talks", "different-voices", "1", "1"],
        ["guarantees", "pending", "0", "0"],
    ]


@pytest.mark.django_db
def test_what_the_public_does_not_see_is_there_for_coders(leaky: Study) -> None:
    client = Client()
    client.force_login(User.objects.get(username="ada-lovelace"))
    text = " ".join(
        client.get(f"/studies/talks/{path}").content.decode()
        for path in ("", "topics/talks/", "topics/guarantees/")
    )
    for word in (*NAMED, "Putin asked for guarantees", "coded too"):
        assert word in text


@pytest.mark.django_db
@pytest.mark.parametrize("person", [None, "stella", "rosa-reads"])
def test_the_coded_layer_of_a_public_study_is_refused(leaky: Study, person: str | None) -> None:
    client = Client()
    if person:
        client.force_login(User.objects.get_or_create(username=person)[0])
    for path in ("compare/", "compare.csv", "topics/talks/", "sources/biden/"):
        assert client.get(f"/studies/talks/{path}?layer=coded").status_code == 403


@pytest.mark.django_db
def test_a_public_page_links_nothing_that_asks_a_visitor_to_log_in(leaky: Study) -> None:
    hidden = ("/code/", "/annotations/", "/codebook/", "/import/")
    for address, body in public_bodies(Client()).items():
        assert [path for path in hidden if f"/studies/talks{path}" in body] == [], address


@pytest.mark.django_db
def test_the_list_of_studies_shows_each_person_their_own() -> None:
    """Private studies of others are not even counted."""
    open_study = make_study("open", is_public=True)
    mine = make_study("mine")
    make_study("hidden")
    member = User.objects.create_user("mina")
    Membership.objects.create(study=mine, user=member, role=Role.CODER.value)
    root = User.objects.create_user("root", is_superuser=True)
    client = Client()
    assert [s.study for s in client.get("/").context["studies"]] == [open_study]
    client.force_login(member)
    shown = {s.study.slug: s.role for s in client.get("/").context["studies"]}
    assert shown == {"open": None, "mine": Role.CODER}
    client.force_login(root)
    shown = {s.study.slug: s.role for s in client.get("/").context["studies"]}
    assert shown == dict.fromkeys(("open", "mine", "hidden"), Role.OWNER)


# --- the table in the documentation ---------------------------------------------------------------------

README = Path(settings.BASE_DIR) / "annotations" / "README.md"
HEAD = (
    "| address | name | anonymous | public | reader | coder | curator | owner |\n"
    "|---|---|---|---|---|---|---|---|"
)
WORDS = {"200": "✓", "on": "✓", "login": "login", "403": "403"}


def readme_table() -> str:
    """Who may open which address, from the tables above; ``public``: a visitor of a public study."""
    rows = [HEAD]
    for name, pattern in addresses().items():
        method = "GET" if EXPECTED[False][name, "GET"]["owner"] != "405" else "POST"
        private, public = EXPECTED[False][name, method], EXPECTED[True][name, method]
        answers = [private["anonymous"], public["anonymous"], *(private[role.value] for role in Role)]
        shown = "/" + pattern.replace("<word:", "<").replace("<uuid:", "<").replace("<int:", "<")
        rows.append(f"| `{shown}` | {name} | " + " | ".join(WORDS[word] for word in answers) + " |")
    return "\n".join(rows)


def test_the_readme_says_who_may_open_which_address() -> None:
    text = README.read_text(encoding="utf-8")
    written = text.split("<!-- access -->")[1].split("<!-- /access -->")[0]
    assert written.strip() == readme_table()


@pytest.mark.django_db
def test_no_address_holds_what_the_database_refuses_to_look_for() -> None:
    world = World(is_public=False)
    client = world.client("owner")
    for name, pattern in addresses().items():
        for part in re.findall(r"<word:(\w+)>", pattern):
            path = world.address(name, "owner", **{part: "a%00b"})
            assert "%00" in path
            assert client.get(path).status_code == 404, path


# --- objects that are not there ---------------------------------------------------------------------------


@pytest.mark.django_db
@pytest.mark.parametrize(
    "path",
    [
        "code/north/",
        "topics/security/",
        "topics/nothing/",
        "sources/nobody/",
        "compare/?open=nothing",
        "compare/?a=north",
        "compare/?coder=nobody",
    ],
)
def test_what_is_not_in_the_study_is_not_found(path: str) -> None:
    study = make_study()
    owner = User.objects.create_user("olga")
    Membership.objects.create(study=study, user=owner, role=Role.OWNER.value)
    other = make_study("other")
    other.documents.filter(slug="east").update(slug="north")
    other.topics.filter(slug="talks").update(slug="nothing")
    other.sources.filter(slug="putin").update(slug="nobody")
    client = Client()
    client.force_login(owner)
    assert client.get(f"/studies/talks/{path}").status_code == 404


# --- stances.css --------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_the_stylesheet_holds_valid_colours_and_nothing_else() -> None:
    study = make_study(is_public=True)
    colours = {"support": "#ABCDEF", "mixed": "red", "neutral": "#12345", "oppose": "#fff;}*{"}
    for slug, colour in colours.items():
        # As a hand on the database would: no validator is asked.
        Stance.objects.filter(study=study, slug=slug).update(color=colour[:7])
    response = Client().get("/studies/talks/stances.css")
    assert response["Content-Type"] == "text/css; charset=utf-8"
    assert response.content.decode() == ":root { --tone-support: #abcdef; }\n"


@pytest.mark.django_db
def test_the_houses_own_colours_need_no_rule_and_the_first_stance_of_a_stroke_wins() -> None:
    study = make_study(is_public=True)
    assert Client().get("/studies/talks/stances.css").content == b"\n"
    Stance.objects.create(study=study, slug="half", label="Half", value=0.5, color="#111111", position=9)
    Stance.objects.filter(study=study, slug="support").update(color="#222222")
    lines = Client().get("/studies/talks/stances.css").content.decode().splitlines()
    assert lines == [":root { --tone-support: #111111; }", ":root { --tone-support: #222222; }"]


@pytest.mark.django_db
def test_a_source_is_shown_with_the_body_it_speaks_for() -> None:
    study = make_study(is_public=True)
    assert Source.objects.get(study=study, slug="ushakov").speaks_for
    assert "speaks for Kremlin" in Client().get("/studies/talks/sources/ushakov/").content.decode()
