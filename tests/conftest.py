"""Fixtures that most tests share."""

from __future__ import annotations

import pytest
from django.conf import settings
from django.middleware import csrf
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings

from annotations.enums import Role
from annotations.models import Study, User
from tests.factories import make_member, make_study

# Properties hold however slow the machine is.
hypothesis_settings.register_profile("summit", deadline=None, suppress_health_check=[HealthCheck.too_slow])
hypothesis_settings.load_profile("summit")


@pytest.fixture(autouse=True, scope="session")
def quick_passwords() -> None:
    """Each person in a test has a password: a safe hash of it would be most of the suite's time."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture(autouse=True, scope="session")
def tokens_spell_nothing() -> None:
    """Each page carries random letters: a test that looks for a name must not find it there by chance."""
    csrf.CSRF_ALLOWED_CHARS = "BCDFGHJKLMNPQRSTVWXZ"


@pytest.fixture
def study(db: None) -> Study:
    return make_study()


@pytest.fixture
def coder(study: Study) -> User:
    return make_member(study, Role.CODER, "ada")


@pytest.fixture
def other_coder(study: Study) -> User:
    return make_member(study, Role.CODER, "ben")


@pytest.fixture
def curator(study: Study) -> User:
    return make_member(study, Role.CURATOR, "cora")


@pytest.fixture
def owner(study: Study) -> User:
    return make_member(study, Role.OWNER, "olga")


@pytest.fixture
def reader(study: Study) -> User:
    return make_member(study, Role.READER, "rosa")
