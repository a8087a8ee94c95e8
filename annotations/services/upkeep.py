"""Rare acts of whoever runs the server: delete a study whole, anonymise a person."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib.sessions.models import Session
from django.db import transaction

from annotations.models import Annotation, Source, Stance, Study, Topic, User
from annotations.services.revision import count_change_everywhere


@dataclass(frozen=True, slots=True)
class StudyContents:
    """What is in a study, counted."""

    documents: int
    topics: int
    sources: int
    annotations: int
    members: int


def contents_of(study: Study) -> StudyContents:
    """What would go with the study; withdrawn annotations count."""
    return StudyContents(
        documents=study.documents.count(),
        topics=study.topics.count(),
        sources=study.sources.count(),
        annotations=study.annotations.count(),
        members=study.memberships.count(),
    )


@transaction.atomic
def delete_study(*, study: Study) -> StudyContents:
    """Delete a study with all that is in it and the history of it. Accounts stay."""
    contents = contents_of(study)
    study.annotations.all().delete()
    # Children before parents, spokespeople before bodies: they may not be left pointing at nothing.
    study.topics.exclude(parent=None).delete()
    study.topics.all().delete()
    study.sources.exclude(speaks_for=None).delete()
    study.sources.all().delete()
    study.documents.all().delete()
    pk = study.pk
    study.delete()
    # Last: each deletion above leaves a line of its own in the history.
    for model in (Annotation, Topic, Stance, Source):
        model.history.filter(study_id=pk).delete()
    Study.history.filter(id=pk).delete()
    return contents


@transaction.atomic
def anonymise_user(*, user: User) -> str:
    """Strip an account of all that names its person; returns its new name. Its tags stay its own."""
    name = f"person-{user.pk}"
    user.username = name
    user.first_name = user.last_name = user.email = ""
    user.is_active = user.is_staff = user.is_superuser = False
    user.last_login = None
    user.set_unusable_password()
    user.save()
    user.groups.clear()
    user.user_permissions.clear()
    for session in Session.objects.iterator():
        if session.get_decoded().get("_auth_user_id") == str(user.pk):
            session.delete()
    count_change_everywhere()
    return name
