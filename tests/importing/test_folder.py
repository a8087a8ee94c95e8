"""A whole folder: what loading it makes, refuses, and finds to differ."""

from __future__ import annotations

import os
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
from django.db import IntegrityError

from annotations.importing import write
from annotations.importing.folder import LoadOutcome, load_folder, read_folder
from annotations.importing.rows import StudyRefusedError
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
from annotations.study_folder.stored import stored_folder
from tests.importing.folders import HEADER, ROW, SHIPPED, TEXT, TOML, faults_of, make_folder

pytestmark = pytest.mark.django_db


def test_the_shipped_study_is_loaded_whole() -> None:
    outcome = load_folder(SHIPPED)
    study = outcome.study
    assert outcome == LoadOutcome(Study.objects.get(slug="biden-putin-2021"), created=True)
    assert list(study.documents.values_list("slug", "position", "characters")) == [
        ("osw", 0, 9062),
        ("pir-center", 1, 4820),
    ]
    passages = Passage.objects.values_list("document__slug", flat=True)
    assert Counter(passages) == {
        "osw": 14,
        "pir-center": 16,
    }
    assert study.topics.taggable().count() == 23
    assert (study.stances.count(), study.sources.count()) == (4, 16)
    assert Counter(Annotation.objects.values_list("coder__username", flat=True)) == {
        "coder-1": 109,
        "coder-2": 109,
    }
    assert Completion.objects.filter(document__study=study).count() == 4


def test_the_codebook_stands_in_the_files_order_with_its_links() -> None:
    study = load_folder(SHIPPED).study
    assert list(study.topics.order_by("position").values_list("slug", "parent__slug"))[:3] == [
        ("outcome", None),
        ("breakthrough", "outcome"),
        ("dialogue", "outcome"),
    ]
    assert list(study.sources.order_by("position").values_list("slug", "speaks_for__slug"))[2:6] == [
        ("sullivan", "white-house"),
        ("psaki", "white-house"),
        ("nuland", "white-house"),
        ("white-house", None),
    ]
    assert list(study.stances.order_by("position").values_list("slug", "value")) == [
        ("support", 1.0),
        ("mixed", 0.0),
        ("neutral", None),
        ("oppose", -1.0),
    ]


def test_every_row_begins_a_history_the_tags_in_their_coders_names() -> None:
    study = load_folder(SHIPPED).study
    begun = [model.history.count() for model in (Study, Topic, Stance, Source, Annotation)]
    assert begun == [1, 28, 4, 16, 218]
    tags = Annotation.history.values_list(
        "history_type", "version", "coder__username", "history_user__username"
    )
    assert Counter(tags) == {
        ("+", 1, "coder-1", "coder-1"): 109,
        ("+", 1, "coder-2", "coder-2"): 109,
    }
    assert set(Annotation.history.values_list("id", flat=True)) == set(
        Annotation.objects.filter(study=study).values_list("id", flat=True)
    )


def test_the_coders_become_members_who_cannot_log_in() -> None:
    study = load_folder(SHIPPED).study
    assert list(study.memberships.values_list("user__username", "role").order_by("user__username")) == [
        ("coder-1", "coder"),
        ("coder-2", "coder"),
    ]
    assert not any(user.has_usable_password() for user in User.objects.all())


def test_an_account_is_used_again_whatever_its_case(tmp_path: Path) -> None:
    ada = User.objects.create_user("ADA", password="a password of hers")
    toml = TOML.replace('title = "East"', 'title = "East"\nfinished = ["aDa"]')
    load_folder(make_folder(tmp_path, ROW, toml=toml))
    assert list(User.objects.all()) == [ada]
    assert User.objects.get().has_usable_password()
    assert Annotation.objects.get().coder == ada
    assert Completion.objects.get().coder == ada
    assert load_folder(tmp_path).differences == ()


def test_one_coder_spelled_two_ways_is_one_person(tmp_path: Path) -> None:
    other = ROW.replace("ada,", "Ada,").replace(",author,", ",,")
    load_folder(make_folder(tmp_path, ROW, other))
    assert list(User.objects.values_list("username", flat=True)) == ["Ada"]


def test_loading_twice_changes_nothing() -> None:
    first = load_folder(SHIPPED)
    before = list(Annotation.objects.order_by("id").values())
    assert load_folder(SHIPPED) == LoadOutcome(first.study, created=False)
    assert list(Annotation.objects.order_by("id").values()) == before
    counts = [model.objects.count() for model in (Study, User, Membership, Document, Passage, Completion)]
    assert counts == [1, 2, 2, 2, 30, 4]


def test_what_differs_from_the_stored_study_is_listed_and_left_alone(tmp_path: Path) -> None:
    load_folder(make_folder(tmp_path / "a", ROW))
    before = stored_folder(Study.objects.get())
    toml = TOML.replace('title = "The talks"', 'title = "Talks"\nblind = true').replace(
        '[[topic]]\nslug = "talks"\nparent = "security"\nlabel = "Talks"\n'
        'statement = "There should be talks."\n',
        '[[topic]]\nslug = "war"\nlabel = "War"\n[[topic]]\nslug = "talks"\nparent = "war"\n'
        'label = "Talks"\nstatement = "There should be talks."\n',
    )
    toml = toml.replace('title = "East"\n', 'title = "East"\npublished = 2021-12-08\nfinished = ["ben"]\n')
    rows = (
        ROW.replace("support", "oppose") + '"why?\nso"',
        "ben,east,0,9,The talks,talks,support,author,,",
    )
    outcome = load_folder(make_folder(tmp_path / "b", *rows, toml=toml, text=TEXT + "\nMore" + "." * 99))
    assert outcome.differences == (
        "study: title is “Talks” in the folder, “The talks” in the study",
        "study: is_blind is True in the folder, False in the study",
        "document east: published is 2021-12-08 in the folder, empty in the study",
        "document east: finished is ben in the folder, empty in the study",
        "document east: text differs",
        "topic war: only in the folder",
        "topic talks: parent is “war” in the folder, “security” in the study",
        "coding ada east 11–31 talks biden ← author: stance is “oppose” in the folder, "
        "“support” in the study",
        "coding ada east 11–31 talks biden ← author: note is “why?\\nso” in the folder, empty in the study",
        "coding ben east 0–9 talks author: only in the folder",
    )
    assert not outcome.created
    assert stored_folder(Study.objects.get()) == before
    assert not User.objects.filter(username="ben").exists()


def test_what_is_missing_from_the_folder_and_another_order_are_listed(tmp_path: Path) -> None:
    load_folder(make_folder(tmp_path / "a", ROW))
    stances = TOML[TOML.index("[[stance]]") : TOML.index("[[topic]]")]
    first, second = stances[: stances.rindex("[[stance]]")], stances[stances.rindex("[[stance]]") :]
    toml = TOML.replace(stances, second + first)
    toml = toml.replace("biden", "putin")
    assert load_folder(make_folder(tmp_path / "b", toml=toml)).differences == (
        "stance: the order is oppose, support in the folder, support, oppose in the study",
        "source putin: only in the folder",
        "source biden: only in the study",
        "coding ada east 11–31 talks biden ← author: only in the study",
    )


def test_a_study_without_codings_is_loaded(tmp_path: Path) -> None:
    outcome = load_folder(make_folder(tmp_path))
    assert outcome.created
    assert not Annotation.objects.exists()
    assert not User.objects.exists()


def test_a_missing_folder_is_refused(tmp_path: Path) -> None:
    missing = tmp_path / "nowhere"
    assert faults_of(missing) == [f"{missing}:1:1: There is no such folder."]


def test_missing_files_are_refused_where_they_are_named(tmp_path: Path) -> None:
    folder = make_folder(tmp_path, text=None)
    (folder / "codings.csv").unlink()
    assert faults_of(folder) == [
        "study.toml:6:file: The file “east.txt” is missing.",
        "codings.csv:1:1: The file “codings.csv” is missing.",
    ]


def test_a_missing_study_file_is_refused_and_the_rest_not_guessed_at(tmp_path: Path) -> None:
    folder = make_folder(tmp_path, "bad row")
    (folder / "study.toml").unlink()
    assert faults_of(folder) == ["study.toml:1:1: The file “study.toml” is missing."]


def test_a_link_out_of_the_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "secret.txt").write_text("A secret.")
    folder = make_folder(tmp_path / "study", text=None)
    (folder / "east.txt").symlink_to("../secret.txt")
    (folder / "codings.csv").unlink()
    (folder / "codings.csv").symlink_to("codings.csv")
    found = faults_of(folder)
    assert found[0] == "study.toml:6:file: The file “east.txt” is a link out of the folder."
    assert found[1].startswith("codings.csv:1:1: The file cannot be read: ")
    assert len(found) == 2


def test_a_link_inside_the_folder_is_followed(tmp_path: Path) -> None:
    folder = make_folder(tmp_path, ROW, text=None)
    (folder / "text").write_text(TEXT)
    (folder / "east.txt").symlink_to("text")
    assert load_folder(folder).created


def test_a_folder_and_a_pipe_in_a_files_place_are_refused(tmp_path: Path) -> None:
    folder = make_folder(tmp_path, text=None)
    os.mkfifo(folder / "east.txt")
    (folder / "codings.csv").unlink()
    (folder / "codings.csv").mkdir()
    assert faults_of(folder) == [
        "study.toml:6:file: “east.txt” is not a file.",
        "codings.csv:1:1: “codings.csv” is not a file.",
    ]


@pytest.mark.parametrize(
    ("name", "size", "limit"), [("study.toml", 1, "1,048,576"), ("east.txt", 5, "5,242,880")]
)
def test_a_file_that_is_too_large_is_refused(tmp_path: Path, name: str, size: int, limit: str) -> None:
    folder = make_folder(tmp_path)
    with (folder / name).open("ab") as file:
        file.write(b"\n" * size * 1024 * 1024)
    assert faults_of(folder) == [f"{name}:1:1: The file is larger than {limit} bytes."]


def test_codings_that_are_too_large_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("annotations.importing.folder.CODINGS_BYTES", len(HEADER) + 1)
    limit = f"{len(HEADER) + 1:,}"
    assert load_folder(make_folder(tmp_path / "a")).created
    Study.objects.all().delete()
    assert faults_of(make_folder(tmp_path / "b", ROW)) == [
        f"codings.csv:1:1: The file is larger than {limit} bytes."
    ]


@pytest.mark.parametrize("name", ["study.toml", "east.txt", "codings.csv"])
def test_every_file_must_be_utf8(tmp_path: Path, name: str) -> None:
    folder = make_folder(tmp_path, ROW)
    (folder / name).write_bytes((folder / name).read_bytes() + "# café".encode("cp1252"))
    line = (folder / name).read_bytes().count(b"\n") + 1
    assert faults_of(folder) == [f"{name}:{line}:6: The byte 0xE9 is not UTF-8: save the file as UTF-8."]


def test_a_document_without_words_is_refused(tmp_path: Path) -> None:
    assert faults_of(make_folder(tmp_path, text="\n•\n")) == [
        "east.txt:1:1: The document has no words in it."
    ]


def test_a_passage_too_long_for_a_csv_field_is_refused(tmp_path: Path) -> None:
    text = "The talks\n\n" + "x" * 100_001
    assert faults_of(make_folder(tmp_path, text=text)) == [
        "east.txt:3:1: A passage may have at most 100,000 characters."
    ]


def test_files_with_marks_and_windows_line_ends_are_read_like_any_other(tmp_path: Path) -> None:
    expected = read_folder(make_folder(tmp_path / "a", ROW.replace("11,31", "11,31")))
    folder = make_folder(tmp_path / "b", ROW.replace("11,31", "13,33"))
    for name in ("study.toml", "east.txt", "codings.csv"):
        content = (folder / name).read_bytes().replace(b"\n", b"\r\n")
        (folder / name).write_bytes(b"\xef\xbb\xbf" + content)
    assert read_folder(folder) == expected


def test_a_refusal_of_the_database_is_told_in_words_and_nothing_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = read_folder(make_folder(tmp_path, ROW))
    wrong = replace(folder, codings=(replace(folder.codings[0], quote="Biden agreed to walk"),))
    with pytest.raises(StudyRefusedError, match="annotation_quote_equals_the_text") as refused:
        write.write_study(wrong)
    assert isinstance(refused.value.__cause__, IntegrityError)
    assert not Study.objects.exists()
    assert not User.objects.exists()
