"""``manage.py load_study``: what it prints, and where it exits with 1."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from annotations.management.commands import load_study
from annotations.models import Study
from tests.importing.folders import ROW, SHIPPED, TOML, make_folder

pytestmark = pytest.mark.django_db


def test_loading_says_what_was_loaded(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("load_study", str(SHIPPED))
    assert capsys.readouterr() == (
        "Loaded the study biden-putin-2021: documents: 2, topics: 23, codings: 218, coders: 2.\n",
        "",
    )


def test_loading_again_says_that_nothing_changed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = make_folder(tmp_path, ROW)
    call_command("load_study", str(folder))
    capsys.readouterr()
    call_command("load_study", str(folder))
    assert capsys.readouterr() == ("The study talks is here already, the same; nothing changed.\n", "")


def test_errors_stand_one_on_a_line_with_their_count(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = make_folder(tmp_path, ROW.replace("support", "maybe"), ROW.replace("biden", "xi"))
    with pytest.raises(CommandError, match=r"\A2 errors; nothing was written\.\Z") as refused:
        call_command("load_study", str(folder))
    assert refused.value.returncode == 1
    assert capsys.readouterr() == (
        "",
        "codings.csv:2:stance: There is no stance “maybe” in study.toml.\n"
        "codings.csv:3:source: There is no source “xi” in study.toml.\n",
    )
    assert not Study.objects.exists()


def test_differences_stand_one_on_a_line_with_their_count(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    call_command("load_study", str(make_folder(tmp_path / "a", ROW)))
    capsys.readouterr()
    changed = make_folder(tmp_path / "b", ROW, toml=TOML.replace("The talks", "Talks"))
    with pytest.raises(CommandError) as refused:
        call_command("load_study", str(changed))
    assert str(refused.value) == "The study talks is here already, with 1 difference; nothing was changed."
    assert refused.value.returncode == 1
    assert capsys.readouterr() == ("", "study: title is “Talks” in the folder, “The talks” in the study\n")
    assert Study.objects.get().title == "The talks"


def test_a_refusal_of_the_database_is_told_in_words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(folder: Path) -> None:
        raise load_study.SummitError("The database refused the study.")

    monkeypatch.setattr(load_study, "load_folder", refuse)
    with pytest.raises(CommandError, match="The database refused the study"):
        call_command("load_study", str(tmp_path))
