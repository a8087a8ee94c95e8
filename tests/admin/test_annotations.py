"""Annotations, completions, documents and passages: what is shown, what may change, what never does."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from annotations.errors import NotAllowedError, StaleVersionError
from annotations.models import Annotation, Completion, Document, Passage, Study, User
from annotations.services.coding import finish_document
from annotations.services.curated import CuratedValues, change_curated_tag
from tests.admin.conftest import Secret, messages_of
from tests.factories import make_tag


def page(kind: str, name: str, *args: int) -> str:
    return reverse(f"admin:annotations_{kind}_{name}", args=args)


@pytest.fixture
def curated(study: Study, curator: User) -> Annotation:
    return make_tag(study, curator, layer="curated", note="settled")


def form_of(tag: Annotation, **changes: Any) -> dict[str, Any]:
    form = {
        "topic": tag.topic_id,
        "stance": tag.stance_id,
        "source": tag.source_id,
        "reported_by": tag.reported_by_id or "",
        "note": tag.note,
        "seen": tag.version,
    }
    return {**form, **changes}


def test_a_coded_tag_is_read_only(study: Study, coder: User, curating: Client, superuser: Client) -> None:
    tag = make_tag(study, coder)
    before = Annotation.objects.filter(pk=tag.pk).values().get()
    for client in (curating, superuser):
        shown = client.get(page("annotation", "change", tag.pk))
        assert shown.status_code == 200
        assert 'name="note"' not in shown.content.decode()
        assert client.post(page("annotation", "change", tag.pk), form_of(tag, note="x")).status_code == 403
        assert client.post(page("annotation", "delete", tag.pk), {"post": "yes"}).status_code == 403
    assert Annotation.objects.filter(pk=tag.pk).values().get() == before


def test_nothing_is_added_or_deleted_here(study: Study, curated: Annotation, superuser: Client) -> None:
    finish_document(by=curated.coder, document=curated.document)
    completion = Completion.objects.get()
    objects = (
        ("annotation", curated.pk),
        ("document", curated.document_id),
        ("passage", curated.passage_id),
        ("completion", completion.pk),
        ("study", study.pk),
    )
    for kind, pk in objects:
        if kind != "study":
            assert superuser.get(page(kind, "add")).status_code == 403
        assert superuser.post(page(kind, "delete", pk), {"post": "yes"}).status_code == 403


def test_a_curated_tag_is_changed_by_the_service(
    study: Study, curated: Annotation, curating: Client, staff_curator: User
) -> None:
    ushakov = study.sources.get(slug="ushakov")
    mixed = study.stances.get(slug="mixed")
    form = form_of(curated, stance=mixed.pk, reported_by=ushakov.pk, uncertain="on", quote="x", layer="coded")
    answer = curating.post(page("annotation", "change", curated.pk), form)
    assert answer.status_code == 302
    before, coder = curated.updated_at, curated.coder
    curated.refresh_from_db()
    assert (curated.stance, curated.reported_by, curated.uncertain) == (mixed, ushakov, True)
    assert (curated.quote, curated.layer, curated.coder) == ("Biden agreed to talk", "curated", coder)
    assert (curated.version, curated.updated_at > before) == (2, True)
    line = curated.history.latest()
    assert (line.history_user, line.version, line.stance) == (staff_curator, 2, mixed)
    assert "stance" in curating.get(page("annotation", "history", curated.pk)).content.decode()
    first = curated.history.earliest().history_id
    assert curating.get(page("annotation", "simple_history", curated.pk, first)).status_code == 200


def test_the_choices_for_a_curated_tag_are_its_studys(
    study: Study, secret: Secret, curated: Annotation, superuser: Client
) -> None:
    form = superuser.get(page("annotation", "change", curated.pk)).context["adminform"].form
    assert [t.slug for t in form.fields["topic"].queryset] == ["talks", "guarantees"]
    for name in ("stance", "source", "reported_by"):
        assert {entry.study_id for entry in form.fields[name].queryset} == {study.pk}


def test_what_the_service_refuses_is_shown_in_the_form(
    study: Study, curator: User, curated: Annotation, curating: Client
) -> None:
    make_tag(study, curator, layer="curated", source="putin")
    putin = study.sources.get(slug="putin").pk
    refusals = (
        ({"reported_by": curated.source_id}, "reported_by"),
        ({"source": putin}, "__all__"),
        ({"note": "late", "seen": 7}, "__all__"),
    )
    for changes, field in refusals:
        answer = curating.post(page("annotation", "change", curated.pk), form_of(curated, **changes))
        assert answer.status_code == 200
        assert list(answer.context["adminform"].form.errors) == [field]
    curated.refresh_from_db()
    assert curated.version == 1


def test_a_repeated_change_is_answered_and_a_withdrawn_tag_is_read_only(
    curated: Annotation, curating: Client
) -> None:
    form = form_of(curated, note="once")
    for _ in range(2):
        assert curating.post(page("annotation", "change", curated.pk), form).status_code == 302
    curated.refresh_from_db()
    assert (curated.version, curated.note) == (2, "once")
    Annotation.objects.filter(pk=curated.pk).update(withdrawn_at=curated.created_at)
    assert curating.post(page("annotation", "change", curated.pk), form).status_code == 403


def test_a_refusal_between_check_and_save_is_a_message(
    study: Study, curated: Annotation, curating: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody else is quicker: the service asks again under lock, and nothing is written."""
    from annotations.admin import coding

    monkeypatch.setattr(coding, "check_curated_change", lambda **_asked: None)
    form = form_of(curated, note="late", seen=9)
    answer = curating.post(page("annotation", "change", curated.pk), form, follow=True)
    assert messages_of(answer) == ["This tag has changed since you opened it."]


def test_the_service_for_curated_tags_refuses_whom_and_what_it_must(
    study: Study, secret: Secret, coder: User, curator: User, curated: Annotation
) -> None:
    from annotations.errors import InvalidTagError

    said = CuratedValues(curated.topic, curated.stance, curated.source, note="x")
    with pytest.raises(NotAllowedError):
        change_curated_tag(by=coder, annotation=curated, version=1, values=said)
    with pytest.raises(NotAllowedError):
        change_curated_tag(by=curator, annotation=make_tag(study, coder), version=1, values=said)
    group, theirs = study.topics.get(slug="security"), secret.study.topics.get(slug="talks")
    for topic in (group, theirs):
        wrong = CuratedValues(topic, curated.stance, curated.source)
        with pytest.raises(InvalidTagError) as refused:
            change_curated_tag(by=curator, annotation=curated, version=1, values=wrong)
        assert refused.value.field == "topic"
    Annotation.objects.filter(pk=curated.pk).update(withdrawn_at=curated.created_at)
    with pytest.raises(StaleVersionError):
        change_curated_tag(by=curator, annotation=curated, version=1, values=said)


def test_the_list_takes_the_same_queries_for_one_and_for_three(
    study: Study, coder: User, curating: Client
) -> None:
    def queries() -> int:
        with CaptureQueriesContext(
            connection,
        ) as captured:
            assert curating.get(page("annotation", "changelist")).status_code == 200
        assert not any('"annotations_document"."text"' in q["sql"] for q in captured.captured_queries)
        return len(captured)

    make_tag(study, coder, reported_by="ushakov")
    queries()
    one = queries()
    make_tag(study, coder, "Putin asked", source="putin", topic="guarantees")
    make_tag(study, coder, "Kyiv", document="west", stance="oppose")
    assert queries() == one


@pytest.mark.parametrize(
    "kind", ["topic", "source", "stance", "membership", "passage", "completion", "document"]
)
def test_other_lists_take_the_same_queries_for_more_rows(study: Study, superuser: Client, kind: str) -> None:
    from tests.factories import make_study

    finish_document(by=User.objects.get(is_superuser=True), document=study.documents.get(slug="east"))
    page_of = page(kind, "changelist")
    superuser.get(page_of)
    counts = []
    for number in range(2):
        with CaptureQueriesContext(connection) as captured:
            superuser.get(page_of)
        counts.append(len(captured))
        more = make_study(f"more-{number}")
        make_document_finished(more)
    assert counts[0] == counts[1]


def make_document_finished(study: Study) -> None:
    from annotations.enums import Role
    from tests.factories import make_member

    finish_document(by=make_member(study, Role.CODER), document=study.documents.get(slug="east"))


def test_the_list_is_filtered_and_searched(
    study: Study, coder: User, curated: Annotation, curating: Client
) -> None:
    make_tag(study, coder, "Putin asked", source="putin")
    list_page = page("annotation", "changelist")
    for query, count in (
        ("", 2),
        ("?layer__exact=curated", 1),
        ("?q=putin+asked", 1),
        ("?withdrawn_at__isempty=1", 2),
    ):
        assert curating.get(list_page + query).context["cl"].result_count == count


def test_a_documents_description_changes_and_its_text_does_not(
    study: Study, owning: Client, curating: Client
) -> None:
    document = study.documents.get(slug="east")
    form = {
        "title": "Better title",
        "language": "en",
        "position": 0,
        "text": "x",
        "slug": "x",
        "characters": 1,
    }
    assert curating.get(page("document", "change", document.pk)).status_code == 200
    assert curating.post(page("document", "change", document.pk), form).status_code == 403
    assert owning.post(page("document", "change", document.pk), form).status_code == 302
    stored = Document.objects.get(pk=document.pk)
    assert (stored.title, stored.text, stored.slug) == ("Better title", document.text, "east")


def test_passages_and_completions_are_for_looking_at(study: Study, coder: User, superuser: Client) -> None:
    completion = finish_document(by=coder, document=study.documents.get(slug="east"))
    passage = Passage.objects.filter(document__study=study).first()
    assert passage is not None
    for kind, pk in (("passage", passage.pk), ("completion", completion.pk)):
        assert superuser.get(page(kind, "change", pk)).status_code == 200
        assert superuser.post(page(kind, "change", pk), {}).status_code == 403
