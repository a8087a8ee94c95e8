"""Every fault of ``study.toml``, with its line and key."""

from __future__ import annotations

import datetime
from pathlib import Path

import pytest

from annotations.importing.folder import load_folder, read_folder
from annotations.importing.rows import RowError
from annotations.importing.toml_tables import TomlLines, parse_toml
from annotations.study_folder.values import StudyRow
from tests.importing.folders import NO_STUDY, ROW, TOML, faults_of, make_folder

pytestmark = pytest.mark.django_db


def faults_with(path: Path, old: str, new: str) -> list[str]:
    """What is wrong once ``old`` in the small study's file reads ``new``."""
    assert TOML.count(old) == 1
    return faults_of(make_folder(path, toml=TOML.replace(old, new)))


def test_a_file_that_is_no_toml_is_refused_with_line_and_column(tmp_path: Path) -> None:
    assert faults_with(tmp_path, 'title = "The talks"', "title = The talks") == [
        "study.toml:3:9: This is not TOML: Invalid value."
    ]


def test_toml_that_breaks_off_is_refused_at_its_end(tmp_path: Path) -> None:
    assert faults_of(make_folder(tmp_path, toml='[study]\nslug = "')) == [
        "study.toml:2:1: This is not TOML: Unterminated string."
    ]


def test_a_number_of_too_many_digits_is_refused(tmp_path: Path) -> None:
    found = parse_toml("a = " + "1" * 5000)
    assert isinstance(found, RowError)
    assert str(found).startswith("study.toml:1:1: This is not TOML: Exceeds the limit")


def test_a_file_that_is_nested_too_deeply_is_refused(tmp_path: Path) -> None:
    assert faults_of(make_folder(tmp_path, toml="a = " + "[" * 20_000)) == [
        "study.toml:1:1: The file is nested too deeply."
    ]


def test_a_key_of_too_many_parts_is_refused(tmp_path: Path) -> None:
    toml = TOML + "a." * 400_000 + "a = 1"
    assert faults_of(make_folder(tmp_path, toml=toml)) == ["study.toml:32:1: The file is nested too deeply."]


def test_unknown_keys_are_refused(tmp_path: Path) -> None:
    toml = 'colour = 1\n[study]\nslug = "talks"\nname = "x"\ntitle = "T"\n' + NO_STUDY
    assert faults_of(make_folder(tmp_path, toml=toml)) == [
        "study.toml:1:colour: Unknown key; known here: study, document, guidelines, stance, topic, source.",
        "study.toml:4:name: Unknown key; known here: slug, title, event_date, question, agree_max, "
        "diverge_above, blind, public.",
    ]


def test_missing_keys_are_refused_at_their_tables_header(tmp_path: Path) -> None:
    assert faults_with(tmp_path, 'label = "Security"\n', "") == ["study.toml:16:label: This key is missing."]


def test_a_missing_study_table_is_refused(tmp_path: Path) -> None:
    assert faults_of(make_folder(tmp_path, toml=NO_STUDY)) == [
        "study.toml:1:study: The table [study] is missing."
    ]


def test_tables_of_the_wrong_kind_are_refused(tmp_path: Path) -> None:
    toml = 'guidelines = "x"\n[study]\nslug = "talks"\ntitle = "T"\n[document]\nslug = "east"\n'
    toml += NO_STUDY[NO_STUDY.index("[[stance]]") :]
    assert faults_of(make_folder(tmp_path, toml=toml)) == [
        "study.toml:1:guidelines: This must be one table, written [guidelines].",
        "study.toml:5:document: This must be a list of tables, each written [[document]].",
        "study.toml:5:document: A study needs at least one [[document]].",
    ]


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ('title = "The talks"', "title = 5", "study.toml:3:title: This must be a text in quotes."),
        ("value = 1\n", "value = true\n", "study.toml:11:value: This must be a number."),
        ("value = 1\n", "value = nan\n", "study.toml:11:value: The number must lie between -1 and 1."),
        ("value = 1\n", "value = 1.5\n", "study.toml:11:value: The number must lie between -1 and 1."),
    ],
)
def test_a_value_of_the_wrong_type_or_off_its_scale_is_refused(
    tmp_path: Path, old: str, new: str, expected: str
) -> None:
    two_values = "A study needs stances of at least two different values."
    extra = [f"study.toml:8:stance: {two_values}"] if "value" in old else []
    assert faults_with(tmp_path, old, new) == [*extra, expected]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("event_date = 2021-12-07T10:00:00", "4:event_date: This must be a date like 2021-12-07."),
        ('blind = "yes"', "4:blind: This must be true or false."),
        ("agree_max = 2", "4:agree_max: The number must lie between 0 and 1."),
        ("agree_max = 0.6", "4:agree_max: agree_max must not be above diverge_above."),
        ('question = "a\\u0000b"', "4:question: A NUL character is not text."),
        (f'question = "{"x" * 2001}"', "4:question: At most 2,000 characters."),
    ],
)
def test_a_bad_setting_of_the_study_is_refused(tmp_path: Path, line: str, expected: str) -> None:
    found = faults_with(tmp_path, 'title = "The talks"\n', f'title = "The talks"\n{line}\n')
    assert found == [f"study.toml:{expected}"]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ('finished = "ada"', "finished: This must be a list of texts in brackets."),
        ("finished = [1]", "finished: This must be a list of texts in brackets."),
        ('finished = ["ada", "Ada"]', "finished: “Ada” stands here twice."),
        ('finished = [""]', "finished: A coder's name is missing."),
        ('country = "Poland"', "country: Write two capital letters, like PL."),
        ('language = "in English"', "language: Write a language tag, like en or zh-Hans."),
        ("published = 2021", "published: This must be a date like 2021-12-07."),
    ],
)
def test_a_bad_key_of_a_document_is_refused(tmp_path: Path, line: str, expected: str) -> None:
    found = faults_with(tmp_path, 'title = "East"\n', f'title = "East"\n{line}\n')
    assert found == [f"study.toml:8:{expected}"]


@pytest.mark.parametrize("slug", ["The Talks", "talks\\n", "é"])
def test_a_slug_with_other_characters_is_refused(tmp_path: Path, slug: str) -> None:
    assert faults_with(tmp_path, '[study]\nslug = "talks"', f'[study]\nslug = "{slug}"') == [
        "study.toml:2:slug: Use small letters a–z, digits and hyphens only."
    ]


def test_an_empty_title_is_refused(tmp_path: Path) -> None:
    assert faults_with(tmp_path, 'title = "The talks"', 'title = " "') == [
        "study.toml:3:title: This must not be empty."
    ]


def test_a_slug_that_is_used_twice_is_refused(tmp_path: Path) -> None:
    toml = TOML + '[[source]]\nslug = "biden"\nlabel = "Again"\nside = "United States"\n'
    assert faults_of(make_folder(tmp_path, toml=toml)) == [
        "study.toml:33:slug: “biden” is used in line 29 already."
    ]


def test_a_file_of_two_documents_is_refused_whatever_its_case(tmp_path: Path) -> None:
    toml = TOML + '[[document]]\nslug = "west"\ntitle = "West"\nfile = "EAST.txt"\n'
    assert faults_of(make_folder(tmp_path, toml=toml)) == [
        "study.toml:35:file: “east.txt” is used in line 6 already.",
        "study.toml:35:file: The file “EAST.txt” is missing.",
    ]


def test_a_key_of_two_stances_is_refused(tmp_path: Path) -> None:
    toml = TOML.replace("value = 1\n", 'value = 1\nkey = "s"\n').replace("-1.0\n", '-1.0\nkey = "s"\n')
    assert faults_of(make_folder(tmp_path, toml=toml)) == [
        "study.toml:17:key: “s” is used in line 12 already."
    ]


def test_stances_of_one_value_are_refused(tmp_path: Path) -> None:
    assert faults_with(tmp_path, "value = -1.0", "value = 1.0") == [
        "study.toml:8:stance: A study needs stances of at least two different values."
    ]


def test_a_colour_that_is_none_is_refused(tmp_path: Path) -> None:
    assert faults_with(tmp_path, "value = 1\n", 'value = 1\ncolor = "red"\n') == [
        "study.toml:12:color: Write a colour as #rrggbb."
    ]


def test_a_parent_that_is_not_declared_is_refused(tmp_path: Path) -> None:
    assert faults_with(tmp_path, 'parent = "security"', 'parent = "war"') == [
        "study.toml:21:parent: There is no topic “war”."
    ]


def test_a_parent_with_a_parent_is_refused(tmp_path: Path) -> None:
    toml = TOML + '[[topic]]\nslug = "deep"\nparent = "talks"\nlabel = "D"\nstatement = "D."\n'
    assert faults_of(make_folder(tmp_path, toml=toml)) == [
        "study.toml:34:parent: Topics have two levels: “talks” has a parent itself."
    ]


def test_a_topic_with_a_parent_and_no_statement_is_refused(tmp_path: Path) -> None:
    assert faults_with(tmp_path, 'statement = "There should be talks."\n', "") == [
        "study.toml:19:statement: A topic with a parent needs a statement."
    ]


def test_a_statement_of_a_topic_without_a_parent_is_refused(tmp_path: Path) -> None:
    assert faults_with(tmp_path, 'parent = "security"\n', "") == [
        "study.toml:22:statement: Only a topic with a parent has a statement."
    ]


def test_a_study_without_the_source_author_is_refused(tmp_path: Path) -> None:
    assert faults_with(tmp_path, 'slug = "author"', 'slug = "analyst"') == [
        "study.toml:24:source: The source “author”, the documents' own voice, is missing."
    ]


def test_a_body_that_is_not_declared_is_refused(tmp_path: Path) -> None:
    toml = TOML + 'speaks_for = "white-house"\n'
    assert faults_of(make_folder(tmp_path, toml=toml)) == [
        "study.toml:32:speaks_for: There is no source “white-house”."
    ]


def test_speaking_for_who_speaks_for_another_is_refused(tmp_path: Path) -> None:
    toml = TOML + 'speaks_for = "biden"\n'
    assert faults_of(make_folder(tmp_path, toml=toml)) == [
        "study.toml:32:speaks_for: “biden” speaks for another itself: name a body."
    ]


@pytest.mark.parametrize(
    "name",
    ["../east.txt", "sub/east.txt", "..", ".", "a\\\\b", ".east", "STUDY.toml", "codings.csv", "a\\tb"],
)
def test_a_file_that_is_no_plain_name_in_the_folder_is_refused(tmp_path: Path, name: str) -> None:
    shown = name.replace("\\\\", "\\")
    assert faults_with(tmp_path, 'file = "east.txt"', f'file = "{name}"') == [
        f"study.toml:6:file: “{shown}” is not the plain name of a document's file in this folder."
    ]


def test_faults_are_listed_in_the_order_of_their_lines(tmp_path: Path) -> None:
    toml = TOML.replace('slug = "talks"\ntitle', "slug = 1\ntitle").replace("value = -1.0", "value = 7")
    assert faults_of(make_folder(tmp_path, "ada", toml=toml)) == [
        "study.toml:2:slug: This must be a text in quotes.",
        "study.toml:8:stance: A study needs stances of at least two different values.",
        "study.toml:15:value: The number must lie between -1 and 1.",
        "codings.csv:2:1: This row has 1 cell; the first line names 10.",
    ]


def test_tables_written_on_one_line_are_found_as_well(tmp_path: Path) -> None:
    start, end = TOML.index("[[source]]"), len(TOML)
    inline = 'source = [\n  { slug = "author", label = "A", side = "A" },\n  { slug = "x y" },\n]\n'
    assert faults_of(make_folder(tmp_path, toml=inline + TOML[:start] + TOML[end:])) == [
        "study.toml:1:slug: Use small letters a–z, digits and hyphens only.",
        "study.toml:1:label: This key is missing.",
        "study.toml:1:side: This key is missing.",
    ]


def test_headers_and_keys_inside_long_texts_are_not_counted() -> None:
    lines = TomlLines('[guidelines]\r\ntext = """\r\n[[topic]]\nslug = 1\n"""\n[[ topic ]]\n"slug" = "a"\n')
    assert lines.line_of("topic", 0, "slug") == 7
    assert lines.line_of("topic", 0, "label") == 6
    assert lines.line_of("guidelines", 0, "text") == 2


def test_all_settings_are_read(tmp_path: Path) -> None:
    settings = """\
event_date = 2021-12-07
question = "Re\\u0301sume\\u0301?"
agree_max = 0.2
diverge_above = 0.2
blind = true
public = true
[guidelines]
text = '''
One. "Two".
'''
"""
    toml = TOML.replace('title = "The talks"\n', f'title = "The talks"\n{settings}')
    folder = read_folder(make_folder(tmp_path, toml=toml))
    assert folder.study == StudyRow(
        slug="talks",
        title="The talks",
        event_date=datetime.date(2021, 12, 7),
        question="Résumé?",
        guidelines='One. "Two".\n',
        agree_max=0.2,
        diverge_above=0.2,
        is_blind=True,
        is_public=True,
    )


def test_what_is_left_out_has_its_default(tmp_path: Path) -> None:
    folder = read_folder(make_folder(tmp_path))
    assert folder.study == StudyRow("talks", "The talks", None, "", "", 0.25, 0.5, False, False)
    document = folder.documents[0]
    assert (document.publisher, document.country, document.language) == ("", "", "en")
    assert (document.published, document.finished) == (None, ())


def test_retired_entries_come_in_retired_and_keep_their_tags(tmp_path: Path) -> None:
    toml = TOML.replace('label = "Talks"\n', 'label = "Talks"\nretired = true\n')
    toml = toml.replace('label = "Joe Biden"\n', 'label = "Joe Biden"\nretired = true\n')
    toml += '[[stance]]\nslug = "mixed"\nlabel = "Mixed"\nvalue = 0.5\nretired = true\n'
    study = load_folder(make_folder(tmp_path, ROW, toml=toml)).study
    kinds = (study.topics, study.stances, study.sources)
    assert [[entry.slug for entry in kind.filter(is_retired=True)] for kind in kinds] == [
        ["talks"],
        ["mixed"],
        ["biden"],
    ]
    assert study.annotations.get().topic.slug == "talks"


def test_retired_entries_that_break_a_rule_are_refused(tmp_path: Path) -> None:
    toml = TOML.replace('label = "Security"\n', 'label = "Security"\nretired = true\n')
    toml = toml.replace('label = "Opposes"\n', 'label = "Opposes"\nretired = true\n')
    toml = toml.replace('label = "The analysis itself"\n', 'label = "The analysis itself"\nretired = true\n')
    toml = toml.replace('label = "Joe Biden"\n', 'label = "Joe Biden"\nretired = "yes"\n')
    assert [fault.split(":", 2)[2] for fault in faults_of(make_folder(tmp_path, toml=toml))] == [
        "stance: A study needs stances of at least two different values.",
        "parent: “security” is retired: then the topics under it are retired, too.",
        "retired: The source “author” is the documents' own voice: it is not retired.",
        "retired: This must be true or false.",
    ]
