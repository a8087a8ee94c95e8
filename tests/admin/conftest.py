"""Two studies with work in both, and a staff curator of the first, whom nothing of the second may reach."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.test import Client

from annotations.enums import Role
from annotations.models import Annotation, Membership, Study, User
from annotations.services.coding import finish_document
from tests.factories import make_member, make_study, make_tag

#: What every name in the second study contains.
SECRET = "Zanzibar"


@dataclass(frozen=True)
class Secret:
    """A study that staff of another must not see, with a tag in each layer."""

    study: Study
    coder: User
    tag: Annotation
    curated: Annotation


def staff(study: Study, role: Role, username: str) -> User:
    """A member with every permission of Django's on our models, and no superuser."""
    user = make_member(study, role, username)
    user.is_staff = True
    user.save()
    user.user_permissions.set(Permission.objects.filter(content_type__app_label="annotations"))
    return user


def logged_in(user: User) -> Client:
    client = Client()
    client.force_login(user, backend="annotations.permissions.SummitBackend")
    return client


@pytest.fixture
def staff_curator(study: Study) -> User:
    return staff(study, Role.CURATOR, "stan")


@pytest.fixture
def staff_owner(study: Study) -> User:
    return staff(study, Role.OWNER, "olaf")


@pytest.fixture
def curating(staff_curator: User) -> Client:
    return logged_in(staff_curator)


@pytest.fixture
def owning(staff_owner: User) -> Client:
    return logged_in(staff_owner)


@pytest.fixture
def superuser(admin_user: User) -> Client:
    return logged_in(admin_user)


@pytest.fixture
def secret(db: None) -> Secret:
    """Every name in it says ``SECRET``, so that a leak is seen wherever it is."""
    study = make_study("zanzibar", title=f"{SECRET} study")
    for kind in (study.topics, study.stances, study.sources):
        for entry in kind.all():
            entry.label = f"{SECRET} {entry.label}"
            entry.save()
    study.sources.update(side=f"{SECRET} side")
    study.documents.update(title=f"{SECRET} account", language="zz", country="ZZ")
    coder = make_member(study, Role.CODER, SECRET.lower())
    curator = make_member(study, Role.CURATOR, f"{SECRET.lower()}-curator")
    tag = make_tag(study, coder, note=SECRET, reported_by="ushakov")
    curated = make_tag(study, curator, layer="curated", note=SECRET)
    finish_document(by=coder, document=tag.document)
    return Secret(study, coder, tag, curated)


def messages_of(response: Any) -> list[str]:
    return [str(message) for message in response.context["messages"]]


def role_of(user: User, study: Study) -> str:
    return Membership.objects.get(user=user, study=study).role
