"""What the settings promise: who may log in, how often they may try, and that production starts safe or
not at all."""

from __future__ import annotations

import os
import secrets
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.http import HttpResponse
from django.test import Client, override_settings

from annotations.enums import Role
from annotations.models import Study, User
from annotations.permissions import SummitBackend, login_name
from annotations.services.demonstration import PASSWORD as DEMO_PASSWORD
from annotations.services.demonstration import create_demo_accounts
from tests.bodies import words
from tests.factories import PASSWORD, make_member, make_user

LOGIN = "/accounts/login/"


def log_in(client: Client, name: str, password: str = PASSWORD, **extra: str) -> HttpResponse:
    return client.post(LOGIN, {"username": name, "password": password}, **extra)


class TestDemonstrationAccounts:
    def test_they_log_in_while_developing(self, client: Client, study: Study) -> None:
        with override_settings(DEBUG=True):
            create_demo_accounts(study=study)
            assert log_in(client, "demo-owner", DEMO_PASSWORD)["Location"] == "/"
            assert client.get("/studies/talks/").status_code == 200

    def test_they_cannot_log_in_otherwise(self, client: Client, study: Study) -> None:
        with override_settings(DEBUG=True):
            create_demo_accounts(study=study)
        response = log_in(client, "demo-owner", DEMO_PASSWORD)
        assert response.status_code == 200
        assert 'role="alert"' in response.content.decode()
        assert client.get("/studies/talks/").status_code == 302

    def test_their_sessions_end_with_development(self, client: Client, study: Study) -> None:
        with override_settings(DEBUG=True):
            create_demo_accounts(study=study)
            log_in(client, "demo-admin", DEMO_PASSWORD)
            assert client.get("/admin/").status_code == 200
        assert client.get("/studies/talks/").status_code == 302
        assert client.get("/admin/").status_code == 302

    def test_other_accounts_are_not_touched_by_that(self, client: Client, coder: User) -> None:
        log_in(client, "ada")
        assert client.get("/studies/talks/").status_code == 200
        assert SummitBackend().get_user(coder.pk) == coder
        assert SummitBackend().get_user(0) is None


class TestNames:
    def test_a_name_is_one_persons_whatever_its_case(self, coder: User) -> None:
        with pytest.raises(IntegrityError), transaction.atomic():
            User.objects.create_user("Ada")
        with pytest.raises(ValidationError) as refused:
            User(username="ADA", password="x").full_clean()
        assert refused.value.messages == ["A user with that username already exists."]

    def test_login_does_not_ask_for_the_case(self, client: Client, coder: User) -> None:
        assert log_in(client, "ADA")["Location"] == "/"
        assert int(client.session["_auth_user_id"]) == coder.pk

    def test_a_name_that_looks_like_a_pattern_is_a_name(self, client: Client, coder: User) -> None:
        for name in ("a%", "a_a", "%", ""):
            assert log_in(client, name).status_code == 200

    def test_a_login_leads_where_one_was_going_but_never_to_another_site(
        self, client: Client, coder: User
    ) -> None:
        for wanted, place in (("/studies/talks/", "/studies/talks/"), ("https://evil.example/", "/")):
            response = client.post(LOGIN, {"username": "ada", "password": PASSWORD, "next": wanted})
            assert response["Location"] == place


class TestThrottling:
    def fail(self, client: Client, name: str, **extra: str) -> list[int]:
        return [log_in(client, name, "wrong", **extra).status_code for _ in range(5)]

    def test_the_fifth_failure_locks_the_name_at_this_address(self, client: Client, coder: User) -> None:
        assert self.fail(client, "ada") == [200, 200, 200, 200, 429]
        response = log_in(client, "Ada")
        assert response.status_code == 429
        assert "Too many failed attempts. Wait a quarter of an hour" in words(response)

    def test_the_person_at_another_address_and_others_at_this_one_are_not_locked_out(
        self, client: Client, coder: User, other_coder: User
    ) -> None:
        self.fail(client, "ada")
        assert log_in(Client(), "ada", REMOTE_ADDR="192.0.2.7").status_code == 302
        assert log_in(Client(), "ben").status_code == 302

    def test_the_case_of_the_name_gives_no_further_attempts(self, client: Client, coder: User) -> None:
        names = ["ada", "ADA", "Ada", "aDa", "adA"]
        assert [log_in(client, name, "wrong").status_code for name in names][-1] == 429

    def test_a_success_forgets_the_failures(self, client: Client, coder: User) -> None:
        for _ in range(3):
            log_in(client, "ada", "wrong")
        assert log_in(client, "ada").status_code == 302
        again = [log_in(Client(), "ada", "wrong").status_code for _ in range(4)]
        assert again == [200] * 4

    def test_attempts_are_counted_under_the_name_in_small_letters(self) -> None:
        assert login_name(None, {"username": "ADA"}) == "ada"
        assert login_name(None) == ""


class TestPasswords:
    @pytest.mark.parametrize("password", ["short", "1234567890123", "password123", "ada-lovelace1"])
    def test_a_weak_one_is_refused(self, client: Client, study: Study, password: str) -> None:
        user = make_member(study, Role.CODER, "ada-lovelace")
        client.force_login(user)
        fields = {"old_password": PASSWORD, "new_password1": password, "new_password2": password}
        assert client.post("/accounts/password_change/", fields).status_code == 200
        user.refresh_from_db()
        assert user.check_password(PASSWORD)

    def test_a_good_one_is_taken(self, client: Client, db: None) -> None:
        user = make_user("nina")
        client.force_login(user)
        new = "correct horse battery"
        fields = {"old_password": PASSWORD, "new_password1": new, "new_password2": new}
        response = client.post("/accounts/password_change/", fields)
        assert response["Location"] == "/accounts/password_change/done/"
        assert client.get(response["Location"]).status_code == 200


GOOD = {"SECRET_KEY": secrets.token_urlsafe(64), "ALLOWED_HOSTS": "summit.example"}
START = "import django; django.setup(); from django.conf import settings; print({expression})"


def start(
    environment: dict[str, str], expression: str = "settings.DEBUG"
) -> subprocess.CompletedProcess[str]:
    """A process with these variables and none of ours."""
    bare = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    return subprocess.run(
        [sys.executable, "-c", START.format(expression=expression)],
        env=bare | {"DJANGO_SETTINGS_MODULE": "summit.settings"} | environment,
        cwd=Path(settings.BASE_DIR),
        capture_output=True,
        text=True,
        check=False,
    )


class TestProduction:
    @pytest.mark.parametrize(
        ("environment", "reason"),
        [
            ({"ALLOWED_HOSTS": "summit.example"}, "Set SECRET_KEY to at least 50 random characters"),
            (GOOD | {"SECRET_KEY": "short"}, "Set SECRET_KEY to at least 50 random characters"),
            (GOOD | {"SECRET_KEY": "a" * 60}, "Set SECRET_KEY to at least 50 random characters"),
            (GOOD | {"ALLOWED_HOSTS": "*"}, "Set ALLOWED_HOSTS to the names this server answers to"),
            (GOOD | {"ALLOWED_HOSTS": "summit.example, *"}, "'*' is refused"),
            (GOOD | {"ALLOWED_HOSTS": ""}, "Set ALLOWED_HOSTS to the names this server answers to"),
            (GOOD | {"DEBUG": "1", "PRODUCTION": "1"}, "PRODUCTION=1 and DEBUG=1 exclude each other"),
        ],
        ids=["no key", "short key", "dull key", "any host", "any host, too", "no host", "DEBUG"],
    )
    def test_it_refuses_to_start(self, environment: dict[str, str], reason: str) -> None:
        process = start(environment)
        assert process.returncode != 0
        assert reason in process.stderr

    def test_it_starts_safe(self) -> None:
        expression = (
            "[settings.DEBUG, settings.SECURE_SSL_REDIRECT, settings.SESSION_COOKIE_SECURE, "
            "settings.CSRF_COOKIE_SECURE, settings.SECURE_HSTS_SECONDS, settings.ALLOWED_HOSTS]"
        )
        process = start(GOOD, expression)
        assert process.stderr == ""
        assert process.stdout.strip() == "[False, True, True, True, 31536000, ['summit.example']]"

    def test_plain_http_and_a_proxys_header_come_from_the_environment(self) -> None:
        expression = (
            "[settings.SECURE_SSL_REDIRECT, settings.SESSION_COOKIE_SECURE, settings.SECURE_HSTS_SECONDS, "
            "settings.SECURE_PROXY_SSL_HEADER, settings.CSRF_TRUSTED_ORIGINS, settings.TIME_ZONE]"
        )
        environment = {
            "PLAIN_HTTP": "1",
            "PROXY_TLS_HEADER": "X-Forwarded-Proto",
            "CSRF_TRUSTED_ORIGINS": "https://summit.example",
            "TIME_ZONE": "Europe/Warsaw",
        }
        process = start(GOOD | environment, expression)
        assert process.stdout.strip() == (
            "[False, False, 0, ('HTTP_X_FORWARDED_PROTO', 'https'), ['https://summit.example'], "
            "'Europe/Warsaw']"
        )

    def test_development_needs_no_configuration(self) -> None:
        process = start({"DEBUG": "1"}, "[settings.DEBUG, settings.ALLOWED_HOSTS]")
        assert process.stdout.strip() == "[True, ['localhost', '127.0.0.1', '[::1]']]"

    def test_postgresql_is_reached_through_a_pool_and_sqlite_waits_its_turn(self) -> None:
        expression = "settings.DATABASES['default']"
        url = {"DATABASE_URL": "postgresql://summit@127.0.0.1:5432/summit", "DATABASE_POOL": "3"}
        pooled = start(GOOD | url, f"[{expression}['OPTIONS'], {expression}['CONN_MAX_AGE']]")
        assert pooled.stdout.strip() == (
            "[{'pool': {'min_size': 1, 'max_size': 3, 'timeout': 10}, 'prepare_threshold': 5}, 0]"
        )
        behind_a_pooler = start(GOOD | url | {"DATABASE_PREPARED": "0"}, f"list({expression}['OPTIONS'])")
        assert behind_a_pooler.stdout.strip() == "['pool']"
        embedded = start(GOOD, f"[{expression}['ENGINE'], {expression}['OPTIONS']['transaction_mode']]")
        assert embedded.stdout.strip() == "['django.db.backends.sqlite3', 'IMMEDIATE']"
