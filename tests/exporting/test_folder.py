"""A study written to a folder, and what comes back from it."""

from __future__ import annotations

import datetime
import os
import tomllib
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from annotations.enums import Reason, Role
from annotations.exporting.folder import ExportOutcome, ExportRefusedError, export_folder
from annotations.importing.folder import load_folder, read_folder
from annotations.models import Annotation, Completion, Document, Study, User
from annotations.services.coding import withdraw_tag
from annotations.services.comments import write_comment
from tests.curating import settle
from tests.factories import make_member, make_tag
from tests.importing.folders import HEADER, ROW, SHIPPED, TOML, contents, delete_all, make_folder

pytestmark = pytest.mark.django_db


def test_the_shipped_study_comes_back_the_same(tmp_path: Path) -> None:
    export_folder(load_folder(SHIPPED).study, tmp_path / "first")
    first = contents(tmp_path / "first")
    delete_all()
    export_folder(load_folder(tmp_path / "first").study, tmp_path / "second")
    assert contents(tmp_path / "second") == first
    shipped = contents(SHIPPED)
    assert tomllib.loads(first.pop("study.toml").decode()) == tomllib.loads(
        shipped.pop("study.toml").decode()
    )
    assert first == shipped


def test_the_small_study_is_written_like_this(tmp_path: Path) -> None:
    toml = TOML.replace(
        'title = "The talks"\n',
        'title = "The talks"\nevent_date = 2021-12-07\nagree_max = 0.1\ndiverge_above = 0.5\npublic = true\n'
        '[guidelines]\ntext = \'A "word", """three""" and a \\.\'\n',
    ).replace('title = "East"\n', 'title = "East"\ncountry = "PL"\nfinished = ["ben", "ada"]\n')
    toml = toml + 'speaks_for = "author"\n'
    rows = (f"{ROW.replace('ada', 'ben')},false", f"{ROW}two,true")
    folder = make_folder(tmp_path / "in", *rows, toml=toml, header=f"{HEADER},uncertain")
    export_folder(load_folder(folder).study, tmp_path / "out")
    assert (
        (tmp_path / "out" / "study.toml").read_text()
        == r'''[study]
slug = "talks"
title = "The talks"
event_date = 2021-12-07
agree_max = 0.1
public = true

[[document]]
slug = "east"
file = "east.txt"
title = "East"
country = "PL"
language = "en"
finished = ["ada", "ben"]

[guidelines]
text = """
A "word", \"\"\"three\"\"\" and a \\."""

[[stance]]
slug = "support"
label = "Supports"
value = 1.0

[[stance]]
slug = "oppose"
label = "Opposes"
value = -1.0

[[topic]]
slug = "security"
label = "Security"

[[topic]]
slug = "talks"
parent = "security"
label = "Talks"
statement = "There should be talks."

[[source]]
slug = "author"
label = "The analysis itself"
side = "Author"

[[source]]
slug = "biden"
label = "Joe Biden"
side = "United States"
speaks_for = "author"
'''
    )
    assert (tmp_path / "out" / "codings.csv").read_bytes().decode() == (
        "coder,document,start,end,quote,topic,stance,source,reported_by,note,uncertain\r\n"
        "ada,east,11,31,Biden agreed to talk,talks,support,biden,author,two,true\r\n"
        "ben,east,11,31,Biden agreed to talk,talks,support,biden,author,,false\r\n"
    )


def test_a_folder_without_uncertain_tags_has_no_such_column(tmp_path: Path) -> None:
    export_folder(load_folder(make_folder(tmp_path / "in", ROW)).study, tmp_path / "out")
    assert (tmp_path / "out" / "codings.csv").read_bytes().decode() == f"{HEADER}\r\n{ROW}\r\n"


def test_curated_and_withdrawn_tags_and_other_members_are_left_out_and_counted(
    study: Study, coder: User, other_coder: User, curator: User, reader: User, tmp_path: Path
) -> None:
    make_tag(study, coder)
    make_tag(study, curator, layer="curated")
    make_tag(study, curator, "Putin asked")
    withdrawn = make_tag(study, coder, "guarantees")
    withdraw_tag(by=coder, annotation=withdrawn, version=1)
    write_comment(by=coder, passage=withdrawn.passage, text="Is it?")
    settle(curator, Annotation.objects.coded().earliest("pk"), reason=Reason.GAP)
    outcome = export_folder(study, tmp_path)
    # The curator's tag comes along and the role does not; the second coder has no work in it.
    assert outcome == ExportOutcome(
        files=("study.toml", "east.txt", "west.txt", "codings.csv"),
        codings=2,
        curated=1,
        withdrawn=1,
        decisions=1,
        comments=1,
        members=3,
    )
    assert [row.coder for row in read_folder(tmp_path).codings] == ["ada", "cora"]


def test_a_reopened_document_is_not_finished(study: Study, coder: User, tmp_path: Path) -> None:
    document = study.documents.get(slug="east")
    Completion.objects.create(document=document, coder=coder, reopened_at=datetime.datetime.now(datetime.UTC))
    Completion.objects.create(document=study.documents.get(slug="west"), coder=coder)
    export_folder(study, tmp_path)
    assert [row.finished for row in read_folder(tmp_path).documents] == [(), ("ada",)]


def test_typed_texts_with_windows_line_ends_come_back_the_same(
    study: Study, coder: User, tmp_path: Path
) -> None:
    Study.objects.filter(pk=study.pk).update(guidelines="One.\r\nTwo: e\u0301.\r")
    make_tag(study, coder, note="a\r\nb")
    study.refresh_from_db()
    export_folder(study, tmp_path / "first")
    first = contents(tmp_path / "first")
    delete_all()
    loaded = load_folder(tmp_path / "first").study
    assert loaded.guidelines == "One.\nTwo: é.\n"
    export_folder(loaded, tmp_path / "second")
    assert contents(tmp_path / "second") == first


def test_files_that_are_there_are_overwritten_only_by_force(tmp_path: Path) -> None:
    study = load_folder(make_folder(tmp_path / "in", ROW)).study
    out = tmp_path / "out"
    out.mkdir()
    (out / "codings.csv").write_text("mine")
    (out / "notes.txt").write_text("mine too")
    with pytest.raises(ExportRefusedError) as refused:
        export_folder(study, out)
    assert str(refused.value) == (
        f"There are files in {out} already (codings.csv). Use --force to overwrite them."
    )
    assert contents(out) == {"codings.csv": b"mine", "notes.txt": b"mine too"}
    export_folder(study, out, force=True)
    assert sorted(contents(out)) == ["codings.csv", "east.txt", "notes.txt", "study.toml"]
    assert contents(out)["notes.txt"] == b"mine too"
    assert read_folder(out).codings == read_folder(tmp_path / "in").codings


def test_force_replaces_a_link_and_leaves_what_it_led_to(tmp_path: Path) -> None:
    study = load_folder(make_folder(tmp_path / "in", ROW)).study
    target = tmp_path / "elsewhere"
    target.write_text("mine")
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "east.txt").symlink_to(target)
    export_folder(study, tmp_path / "out", force=True)
    assert target.read_text() == "mine"
    assert not os.path.islink(tmp_path / "out" / "east.txt")


@pytest.mark.parametrize("name", ["../east.txt", "study.toml", ""])
def test_a_stored_file_name_that_leads_elsewhere_is_refused(study: Study, tmp_path: Path, name: str) -> None:
    Document.objects.filter(study=study, slug="west").update(file=name)
    with pytest.raises(ExportRefusedError) as refused:
        export_folder(study, tmp_path / "out")
    assert str(refused.value) == f"The document west cannot be written to a file called “{name}”."
    assert not (tmp_path / "out").exists()


def test_two_documents_of_one_file_are_refused(study: Study, tmp_path: Path) -> None:
    Document.objects.filter(study=study, slug="west").update(file="East.txt")
    with pytest.raises(ExportRefusedError, match="The document west cannot be written"):
        export_folder(study, tmp_path / "out")


def test_a_folder_that_cannot_be_written_is_told_in_words(study: Study, tmp_path: Path) -> None:
    (tmp_path / "out").write_text("a file")
    with pytest.raises(ExportRefusedError, match=r"The folder .*out cannot be written: File exists\."):
        export_folder(study, tmp_path / "out")


def test_the_command_says_what_it_wrote_and_what_it_left_out(
    study: Study, coder: User, reader: User, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    make_tag(study, coder)
    make_member(study, Role.OWNER)
    call_command("export_study", "talks", str(tmp_path / "out"))
    assert capsys.readouterr() == (
        f"Wrote study.toml, east.txt, west.txt, codings.csv to {tmp_path / 'out'}, with codings: 1.\n"
        "Left out: curated tags: 0, withdrawn tags: 0, decisions: 0, comments: 0, members who are not coders "
        "with work in it: 2, and all history.\n",
        "",
    )


def test_the_command_refuses_an_unknown_study_and_a_full_folder(study: Study, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match=r"\AThere is no study walks\.\Z"):
        call_command("export_study", "walks", str(tmp_path))
    call_command("export_study", "talks", str(tmp_path))
    with pytest.raises(CommandError, match="Use --force to overwrite them"):
        call_command("export_study", "talks", str(tmp_path))
    call_command("export_study", "talks", str(tmp_path), force=True)
