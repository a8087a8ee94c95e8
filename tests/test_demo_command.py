"""``manage.py demo``: what ``make run`` does before it serves."""

from __future__ import annotations

import io
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import override_settings

from annotations.management.commands.demo import back_up_sqlite
from annotations.models import Annotation, Study, User


@pytest.fixture
def developing() -> Iterator[None]:
    with override_settings(DEBUG=True):
        yield


def demo(*options: str) -> str:
    out = io.StringIO()
    call_command("demo", "--prepare-only", *options, stdout=out)
    return out.getvalue()


@pytest.mark.usefixtures("developing", "db")
def test_it_loads_the_shipped_study_and_makes_the_accounts_and_prints_them() -> None:
    said = demo("--port", "8123")
    assert said == (
        "Accounts: demo-reader, demo-coder, demo-curator, demo-owner, demo-admin\n"
        "Password: summit-demo\n"
        "Summit:   http://127.0.0.1:8123/\n"
    )
    study = Study.objects.get()
    assert (study.slug, study.documents.count()) == ("biden-putin-2021", 2)
    assert study.topics.exclude(statement="").count() == 23
    assert Annotation.objects.filter(study=study).count() == 218
    assert User.objects.filter(is_demo=True).count() == 5


@pytest.mark.usefixtures("developing", "db")
def test_a_second_start_changes_nothing_and_keeps_what_was_done_in_between() -> None:
    demo()
    Study.objects.update(title="Renamed by hand")
    Annotation.objects.filter(pk=Annotation.objects.first().pk).update(note="mine")  # type: ignore[union-attr]
    before = (Annotation.objects.count(), User.objects.count())
    demo()
    assert (Annotation.objects.count(), User.objects.count()) == before
    assert Study.objects.get().title == "Renamed by hand"
    assert Annotation.objects.filter(note="mine").count() == 1


@pytest.mark.django_db
def test_it_is_for_development_only() -> None:
    with pytest.raises(CommandError, match="set DEBUG=1"):
        demo()
    assert not Study.objects.exists()


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("developing")
def test_it_backs_up_before_it_migrates() -> None:
    User.objects.create_user("ada")
    call_command("migrate", "sessions", "zero", verbosity=0)
    said = demo()
    assert "django_session" in connection.introspection.table_names()
    if connection.vendor != "sqlite":
        assert "Backup" not in said
        return
    backup = Path(said.splitlines()[0].removeprefix("Backup:").strip())
    try:
        with closing(sqlite3.connect(backup)) as copy:
            assert copy.execute("SELECT username FROM annotations_user").fetchall() == [("ada",)]
            tables = {name for (name,) in copy.execute("SELECT name FROM sqlite_master")}
        assert "django_session" not in tables
    finally:
        backup.unlink()


def test_a_backup_holds_what_is_still_in_the_log(tmp_path: Path) -> None:
    """A plain copy of a database in WAL mode lacks what was written last."""
    with closing(sqlite3.connect(tmp_path / "summit.sqlite3", isolation_level=None)) as source:
        source.execute("PRAGMA journal_mode=WAL")
        source.execute("PRAGMA wal_autocheckpoint=0")
        source.execute("CREATE TABLE tags (quote)")
        source.execute("INSERT INTO tags VALUES ('Kyiv')")
        backup = back_up_sqlite(tmp_path / "summit.sqlite3")
        with closing(sqlite3.connect(backup)) as copy:
            assert copy.execute("SELECT quote FROM tags").fetchall() == [("Kyiv",)]
    assert backup.parent == tmp_path
    assert backup.name.endswith(".backup.sqlite3")
