"""Deleting a study and anonymising a person."""

from __future__ import annotations

from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from annotations.models import Annotation, Document, Source, Study, Topic, User
from annotations.services.upkeep import StudyContents, anonymise_user, delete_study
from tests.factories import make_study, make_tag, make_user

BACKEND = "annotations.permissions.SummitBackend"


def test_a_study_goes_with_all_that_is_in_it_and_leaves_the_others(study: Study, coder: User) -> None:
    other = make_study("other")
    make_tag(study, coder)
    contents = delete_study(study=study)
    assert contents == StudyContents(documents=2, topics=3, sources=5, annotations=1, members=1)
    assert list(Study.objects.all()) == [other]
    assert (Document.objects.count(), Topic.objects.count(), Source.objects.count()) == (2, 3, 5)
    assert Annotation.history.count() == 0
    assert User.objects.filter(pk=coder.pk).exists()


def test_delete_study_does_nothing_without_yes(study: Study) -> None:
    with pytest.raises(
        CommandError, match=r"2 documents, 3 topics, 5 sources, 0 annotations, 0 members\. Not"
    ):
        call_command("delete_study", study.slug)
    assert Study.objects.filter(pk=study.pk).exists()
    out = StringIO()
    call_command("delete_study", study.slug, "--yes", stdout=out)
    assert out.getvalue().startswith("Deleted talks: 2 documents")
    with pytest.raises(CommandError, match="There is no study talks"):
        call_command("delete_study", study.slug, "--yes")


def test_an_anonymised_person_keeps_their_tags_and_loses_their_name(study: Study, coder: User) -> None:
    tag = make_tag(study, coder)
    coder.email = "ada@example.org"
    coder.save()
    browser, stays = Client(), Client()
    browser.force_login(coder, backend=BACKEND)
    stays.force_login(make_user("ben"), backend=BACKEND)

    name = anonymise_user(user=coder)
    coder.refresh_from_db()
    assert (coder.username, coder.email, coder.is_active) == (name, "", False)
    assert not coder.has_usable_password()
    tag.refresh_from_db()
    assert tag.coder == coder
    assert browser.get("/").status_code == 302
    assert stays.get("/").status_code == 200


def test_anonymise_user_does_nothing_without_yes(coder: User) -> None:
    with pytest.raises(CommandError, match="nothing is changed"):
        call_command("anonymise_user", "ADA")
    out = StringIO()
    call_command("anonymise_user", "ADA", "--yes", stdout=out)
    assert out.getvalue() == f"The account is now called person-{coder.pk}.\n"
    with pytest.raises(CommandError, match="There is no account ada"):
        call_command("anonymise_user", "ada", "--yes")
