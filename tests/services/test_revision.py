"""A study's revision grows with every change that a reader could see, whoever makes it and wherever."""

from __future__ import annotations

import ast
import uuid
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from annotations import services
from annotations.enums import Role
from annotations.errors import DocumentFinishedError
from annotations.exporting.annotations_csv import csv_chunks
from annotations.models import Annotation, Study, StudyRevision, User
from annotations.services.coding import finish_document, reopen_document
from annotations.services.curation_batch import accept_unanimous, plan_unanimous
from annotations.services.curation_plan import load_queues
from annotations.services.members import add_member, change_role, remove_member
from annotations.services.progress import visit_passages
from annotations.services.retiring import retire_entry
from annotations.services.revision import one_change, revision_of
from annotations.services.upkeep import anonymise_user, delete_study
from tests.factories import make_study, make_tag, make_user
from tests.importing.folders import ROW, make_folder
from tests.test_access import NAMES, World

pytestmark = pytest.mark.django_db

#: What changes nothing in any study: who somebody is, and what their own page looks like.
NOT_OF_A_STUDY = {"User", "StudyRevision"}


def stored() -> dict[str, list[Any]]:
    """Every row of the app that a page could show; the history of it says the same again."""
    return {
        model.__name__: list(model._default_manager.order_by("pk").values())
        for model in apps.get_app_config("annotations").get_models()
        if model.__name__ not in NOT_OF_A_STUDY and not model.__name__.startswith("Historical")
    }


def post(world: World, name: str) -> int:
    """The owner's POST to an address with what is valid there: its status."""
    world.before(name)
    return world.client("owner").post(world.address(name, "owner"), world.data(name)).status_code


@pytest.mark.parametrize("name", NAMES)
def test_no_post_changes_a_row_without_it(name: str) -> None:
    world = World(is_public=False)
    world.before(name)
    before, was = stored(), revision_of(world.study)
    world.client("owner").post(world.address(name, "owner"), world.data(name))
    changed = [kind for kind, rows in stored().items() if rows != before[kind]]
    assert not changed or revision_of(world.study) > was, changed


@pytest.mark.parametrize("name", ["tag-create", "member-role", "item-settle", "entry-merge"])
def test_the_posts_of_that_test_change_something(name: str) -> None:
    world = World(is_public=False)
    before = stored()
    post(world, name)
    assert stored() != before


def test_every_service_counts() -> None:
    """A new service says ``changes_study`` where it would say ``transaction.atomic``, or stands here."""
    exceptions = {
        # Counts only where a passage is new to the person.
        "progress.visit_passages",
        # A person's own keys are no study's.
        "keys.change_keys",
        "keys.reset_keys",
        # The study is gone after it; a name may stand in any study.
        "upkeep.delete_study",
        "upkeep.anonymise_user",
    }
    found = set()
    for file in Path(services.__path__[0]).glob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.FunctionDef) and any(
                ast.unparse(decorator) == "transaction.atomic" for decorator in node.decorator_list
            ):
                found.add(f"{file.stem}.{node.name}")
    assert found == exceptions


class TestWhen:
    def test_it_is_the_last_statement_of_a_save(self, study: Study, coder: User) -> None:
        make_tag(study, coder)
        with CaptureQueriesContext(connection) as captured:
            make_tag(study, coder, "Putin asked")
        statements = [
            query["sql"] for query in captured if not query["sql"].startswith(("RELEASE", "SELECT"))
        ]
        assert "annotations_studyrevision" in statements[-1]

    def test_a_service_within_a_service_leaves_it_to_the_outer_one(
        self, study: Study, coder: User, other_coder: User, curator: User
    ) -> None:
        for user in (coder, other_coder):
            make_tag(study, user)
            for slug in ("east", "west"):
                finish_document(by=user, document=study.documents.get(slug=slug))
        documents = list(study.documents.order_by("position"))
        plan = plan_unanimous(load_queues(documents))
        was = revision_of(study)
        accept_unanimous(by=curator, documents=documents, fingerprint=plan.fingerprint, batch=uuid.uuid4())
        assert revision_of(study) == was + 1

    def test_many_acts_in_one_change_count_once(self, study: Study, coder: User) -> None:
        was = revision_of(study)
        with one_change():
            make_tag(study, coder)
            make_tag(study, coder, "Putin asked")
            assert revision_of(study) == was
        assert revision_of(study) == was + 1

    def test_what_is_refused_does_not_count(self, study: Study, coder: User) -> None:
        finish_document(by=coder, document=study.documents.get(slug="east"))
        was = revision_of(study)
        with pytest.raises(DocumentFinishedError):
            make_tag(study, coder)
        assert revision_of(study) == was

    def test_another_study_stays_where_it_is(self, study: Study, coder: User) -> None:
        other = make_study("other")
        make_tag(study, coder)
        assert (revision_of(study), revision_of(other)) == (1, 0)

    def test_storing_the_whole_study_does_not_set_it_back(self, study: Study, coder: User) -> None:
        stale = Study.objects.get(pk=study.pk)
        make_tag(study, coder)
        stale.save()
        assert revision_of(study) == 1


class TestWhat:
    def test_members(self, study: Study, owner: User) -> None:
        was = revision_of(study)
        member = add_member(by=owner, study=study, person=make_user("new"), role=Role.READER)
        assert revision_of(study) == was + 1
        change_role(by=owner, membership=member, role=Role.CODER)
        assert revision_of(study) == was + 2
        remove_member(by=owner, membership=member)
        assert revision_of(study) == was + 3

    def test_finishing_and_reopening(self, study: Study, coder: User) -> None:
        document = study.documents.get(slug="east")
        finish_document(by=coder, document=document)
        assert revision_of(study) == 1
        reopen_document(by=coder, document=document)
        assert revision_of(study) == 2

    def test_a_passage_that_is_new_to_its_coder(self, study: Study, coder: User) -> None:
        document = study.documents.get(slug="east")
        visit_passages(by=coder, document=document, numbers=[1])
        assert revision_of(study) == 1
        visit_passages(by=coder, document=document, numbers=[1])
        assert revision_of(study) == 1

    def test_settings_and_the_codebook(self, study: Study, owner: User, client: Client) -> None:
        client.force_login(owner)
        was = revision_of(study)
        retire_entry(by=owner, entry=study.topics.get(slug="guarantees"))
        assert revision_of(study) == was + 1

    def test_a_study_that_is_loaded(self, tmp_path: Path) -> None:
        call_command("load_study", str(make_folder(tmp_path, ROW)))
        assert revision_of(Study.objects.get()) == 1

    def test_annotations_that_are_imported(
        self, study: Study, coder: User, owner: User, client: Client
    ) -> None:
        make_tag(study, coder)
        text = "".join(csv_chunks(study, Annotation.objects.in_text_order()))
        Annotation.objects.all().delete()
        was = revision_of(study)
        client.force_login(owner)
        file = SimpleUploadedFile("annotations.csv", text.encode())
        assert client.post("/studies/talks/import/", {"file": file}).status_code == 302
        assert revision_of(study) == was + 1

    def test_a_person_who_is_anonymised(self, study: Study, coder: User) -> None:
        anonymise_user(user=coder)
        assert revision_of(study) == 1

    def test_it_goes_with_its_study(self, study: Study, coder: User) -> None:
        make_tag(study, coder)
        delete_study(study=study)
        assert not StudyRevision.objects.exists()


class TestAdmin:
    @pytest.fixture
    def root(self, client: Client) -> Client:
        client.force_login(make_user("root", is_superuser=True, is_staff=True))
        return client

    def test_a_form_that_no_service_saves(self, study: Study, root: Client) -> None:
        document = study.documents.get(slug="east")
        sent = {"title": "Another", "publisher": "P", "country": "", "language": "en", "position": "0"}
        address = f"/admin/annotations/document/{document.pk}/change/"
        assert root.post(address, sent).status_code == 302
        document.refresh_from_db()
        assert (document.title, revision_of(study)) == ("Another", 1)

    def test_a_form_that_a_service_saves_counts_once(self, study: Study, root: Client) -> None:
        stance = study.stances.get(slug="mixed")
        sent = {
            "slug": "mixed",
            "label": "Both",
            "value": "0",
            "key": "m",
            "color": "#7a3fc0",
            "position": "1",
        }
        address = f"/admin/annotations/stance/{stance.pk}/change/"
        assert root.post(address, sent).status_code == 302
        assert revision_of(study) == 1

    def test_the_study_itself(self, study: Study, root: Client) -> None:
        sent = {"title": "New", "agree_max": "0.25", "diverge_above": "0.5", "question": "", "guidelines": ""}
        assert root.post(f"/admin/annotations/study/{study.pk}/change/", sent).status_code == 302
        assert revision_of(study) == 1

    def test_an_action_on_several(self, study: Study, root: Client) -> None:
        keys = list(study.topics.taggable().values_list("pk", flat=True))
        sent = {"action": "retire_selected", "_selected_action": keys, "confirm": "1"}
        root.post("/admin/annotations/topic/", sent)
        assert study.topics.filter(is_retired=True).count() == len(keys)
        assert revision_of(study) == 1

    def test_a_deletion(self, study: Study, root: Client) -> None:
        source = study.sources.get(slug="biden")
        assert root.post(f"/admin/annotations/source/{source.pk}/delete/", {"post": "yes"}).status_code == 302
        assert not study.sources.filter(slug="biden").exists()
        assert revision_of(study) == 1

    def test_a_person_who_is_called_otherwise(self, study: Study, coder: User, root: Client) -> None:
        sent = {"username": "lovelace", "date_joined_0": "2026-01-01", "date_joined_1": "00:00:00"}
        assert root.post(f"/admin/annotations/user/{coder.pk}/change/", sent).status_code == 302
        coder.refresh_from_db()
        assert (coder.username, revision_of(study)) == ("lovelace", 1)
