"""Staff see the studies they curate or own, and nothing of any other, on whatever page of the admin."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from annotations.models import (
    Annotation,
    Completion,
    Document,
    Membership,
    Passage,
    Source,
    Stance,
    Study,
    Topic,
    User,
)
from annotations.services.codebook import delete_topic
from tests.admin.conftest import SECRET, Secret
from tests.factories import make_tag

MODELS = (Study, Membership, Document, Passage, Topic, Stance, Source, Annotation, Completion, User)
WITH_HISTORY = (Study, Topic, Stance, Source, Annotation)
WITH_FILES = (Topic, Stance, Source)
LINKS = [
    ("annotation", "study"),
    ("topic", "study"),
    ("stance", "study"),
    ("source", "study"),
    ("membership", "study"),
    ("topic", "parent"),
    ("source", "speaks_for"),
    ("annotation", "document"),
    ("annotation", "passage"),
    ("annotation", "topic"),
    ("annotation", "stance"),
    ("annotation", "source"),
    ("annotation", "reported_by"),
    ("annotation", "coder"),
    ("annotation", "merged_into"),
    ("completion", "coder"),
    ("membership", "user"),
]


def address(model: Any, page: str, *args: Any) -> str:
    return reverse(f"admin:annotations_{model._meta.model_name}_{page}", args=args)


def text_of(response: Any) -> str:
    if response.streaming:
        return b"".join(response.streaming_content).decode()
    return response.content.decode()


def secret_objects(secret: Secret) -> dict[Any, Any]:
    study = secret.study
    return {
        Study: study,
        Membership: study.memberships.first(),
        Document: study.documents.first(),
        Passage: Passage.objects.filter(document__study=study).first(),
        Topic: study.topics.get(slug="talks"),
        Stance: study.stances.first(),
        Source: study.sources.last(),
        Annotation: secret.curated,
        Completion: Completion.objects.get(document__study=study),
        User: secret.coder,
    }


@pytest.fixture(autouse=True)
def work(study: Study, coder: User) -> Annotation:
    return make_tag(study, coder, reported_by="ushakov")


@pytest.mark.parametrize("model", MODELS, ids=lambda m: m.__name__)
def test_lists_and_filters_show_nothing_of_another_study(
    model: Any, secret: Secret, curating: Client, superuser: Client
) -> None:
    page = address(model, "changelist")
    if model is not Passage:
        assert SECRET.lower() in text_of(superuser.get(page)).lower()
    for query in ("", "?_facets=True"):
        shown = curating.get(page + query)
        assert shown.status_code == 200
        assert SECRET.lower() not in text_of(shown).lower()
    assert curating.get(f"{page}?q={SECRET}").context["cl"].result_count == 0


@pytest.mark.parametrize("model", MODELS, ids=lambda m: m.__name__)
def test_pages_of_another_studys_objects_answer_as_if_they_were_not_there(
    model: Any, secret: Secret, curating: Client, superuser: Client
) -> None:
    obj = secret_objects(secret)[model]
    pages = ["change", "delete", "history"]
    assert superuser.get(address(model, "change", obj.pk)).status_code == 200
    for page in pages:
        for method in (curating.get, curating.post):
            answer = method(address(model, page, obj.pk))
            missing = method(address(model, page, 999_999))
            assert answer.status_code == missing.status_code
            assert SECRET.lower() not in text_of(answer).lower()
            answer = method(address(model, page, obj.pk), follow=True)
            assert SECRET.lower() not in text_of(answer).lower()
    assert type(obj).objects.filter(pk=obj.pk).exists()


@pytest.mark.parametrize("model", WITH_HISTORY, ids=lambda m: m.__name__)
def test_history_shows_nothing_of_another_study(
    model: Any, secret: Secret, curating: Client, superuser: Client
) -> None:
    obj = secret_objects(secret)[model]
    line = obj.history.first() or model.history.create(
        history_date=secret.study.created_at, history_type="+", **_as_history(obj)
    )
    page = address(model, "simple_history", obj.pk, line.history_id)
    assert superuser.get(page).status_code == 200
    assert curating.get(page).status_code == 404
    assert curating.get(address(model, "history", obj.pk)).status_code == 404
    own = {Study: Study.objects.get(slug="talks"), Annotation: Annotation.objects.get(study__slug="talks")}
    mine = own.get(model) or model.objects.filter(study__slug="talks").first()
    wrong = address(model, "simple_history", mine.pk, line.history_id)
    assert curating.get(wrong).status_code == 404
    assert curating.get(address(model, "history", mine.pk)).status_code == 200


def _as_history(obj: Any) -> dict[str, Any]:
    names = {f.attname for f in type(obj).history.model._meta.concrete_fields}
    return {f.attname: getattr(obj, f.attname) for f in obj._meta.concrete_fields if f.attname in names}


def test_history_of_a_deleted_entry_stays_in_its_study(
    study: Study, secret: Secret, curating: Client, staff_curator: User, admin_user: User
) -> None:
    mine, theirs = study.topics.get(slug="guarantees"), secret.study.topics.get(slug="guarantees")
    pks = mine.pk, theirs.pk
    for topic in (mine, theirs):
        delete_topic(by=admin_user, topic=topic)
    assert curating.get(address(Topic, "history", pks[0])).status_code == 200
    assert curating.get(address(Topic, "history", pks[1])).status_code == 404
    line = Topic.history.filter(id=pks[1]).first()
    assert curating.get(address(Topic, "simple_history", pks[1], line.history_id)).status_code == 404
    line = Topic.history.filter(id=pks[0]).first()
    assert curating.get(address(Topic, "simple_history", pks[0], line.history_id)).status_code == 200


def test_history_is_for_reading(study: Study, curating: Client) -> None:
    """Simple-history would store an old state for whoever may only look."""
    topic = study.topics.get(slug="talks")
    topic.label = "New"
    topic.save()
    line = topic.history.last() or topic.history.first()
    page = address(Topic, "simple_history", topic.pk, line.history_id)
    assert curating.post(page, {"label": "Old"}).status_code == 403
    assert "Revert" not in text_of(curating.get(page))
    assert curating.get(page.replace(f"/{topic.pk}/", "/x/")).status_code == 404
    topic.refresh_from_db()
    assert topic.label == "New"


@pytest.mark.parametrize(("model", "field"), LINKS)
def test_autocomplete_offers_nothing_of_another_study(
    model: str, field: str, secret: Secret, curating: Client, superuser: Client
) -> None:
    page = reverse("admin:autocomplete")
    query = {"app_label": "annotations", "model_name": model, "field_name": field}
    for term in ("", SECRET):
        answer = curating.get(page, {**query, "term": term})
        assert answer.status_code == 200
        assert SECRET.lower() not in text_of(answer).lower()
        ids = {row["id"] for row in answer.json()["results"]}
        related = {"study": Study, "coder": User, "user": User}.get(field)
        if related:
            assert str(secret.study.pk if related is Study else secret.coder.pk) not in ids
    if field == "study":
        assert SECRET in text_of(superuser.get(page, {**query, "term": SECRET}))


@pytest.mark.parametrize("model", [Topic, Stance, Source, Membership], ids=lambda m: m.__name__)
def test_choices_of_a_form_are_of_ones_own_studies(
    model: Any, secret: Secret, curating: Client, owning: Client
) -> None:
    client = owning if model is Membership else curating
    page = client.get(address(model, "add"))
    assert page.status_code == 200
    assert SECRET.lower() not in text_of(page).lower()


@pytest.mark.parametrize("model", WITH_FILES, ids=lambda m: m.__name__)
def test_an_export_holds_nothing_of_another_study(
    model: Any, secret: Secret, curating: Client, superuser: Client
) -> None:
    page = address(model, "export")
    form = {"format": "0", "resource": "0"}
    assert SECRET in text_of(superuser.post(page, form))
    everything = {**form, "export_items": [str(pk) for pk in model.objects.values_list("pk", flat=True)]}
    for answer in (curating.get(page), curating.post(page, form), curating.post(page, everything)):
        assert answer.status_code == 200
        assert SECRET.lower() not in text_of(answer).lower()


def test_another_studys_parent_or_study_is_refused(study: Study, secret: Secret, curating: Client) -> None:
    form = {"slug": "new", "label": "New", "statement": "New.", "position": "9"}
    theirs = secret.study.topics.get(slug="security").pk
    for fields in ({"study": secret.study.pk, "parent": ""}, {"study": study.pk, "parent": theirs}):
        answer = curating.post(address(Topic, "add"), {**form, **fields})
        assert answer.status_code == 200
        assert answer.context["errors"]
    assert not Topic.objects.filter(slug="new").exists()


def test_staff_without_a_study_see_nothing(django_user_model: Any, secret: Secret) -> None:
    from django.contrib.auth.models import Permission

    from tests.admin.conftest import logged_in

    user = django_user_model.objects.create_user("lone", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(content_type__app_label="annotations"))
    client = logged_in(user)
    for model in MODELS:
        shown = client.get(address(model, "changelist"))
        assert shown.context["cl"].result_count == (1 if model is User else 0)
    assert client.get(address(Topic, "add")).status_code == 403


def test_a_role_without_djangos_permissions_opens_nothing(study: Study) -> None:
    from annotations.enums import Role
    from tests.admin.conftest import logged_in, staff

    user = staff(study, Role.OWNER, "bare")
    user.user_permissions.clear()
    client = logged_in(user)
    for model in MODELS:
        assert client.get(address(model, "changelist")).status_code == 403
    for model in WITH_FILES:
        for page in ("import", "export"):
            assert client.get(address(model, page)).status_code == 403


def test_a_coder_who_is_staff_sees_no_study(study: Study) -> None:
    from annotations.enums import Role
    from tests.admin.conftest import logged_in, staff

    client = logged_in(staff(study, Role.CODER, "sam"))
    assert client.get(address(Annotation, "changelist")).context["cl"].result_count == 0


def test_the_site_is_called_summit(superuser: Client) -> None:
    assert "Summit" in text_of(superuser.get(reverse("admin:index")))
