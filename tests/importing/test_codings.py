"""Every kind of bad row, and where it is said to be."""

from __future__ import annotations

from pathlib import Path

import pytest

from annotations.importing.folder import load_folder
from annotations.models import Annotation
from tests.importing.folders import HEADER, ROW, TEXT, faults_of, make_folder

pytestmark = pytest.mark.django_db


def row(**cells: str) -> str:
    """The good row with some cells changed."""
    given = dict(zip(HEADER.split(","), ROW.split(","), strict=True)) | cells
    return ",".join(given.values())


def test_an_unknown_document_is_refused(tmp_path: Path) -> None:
    assert faults_of(make_folder(tmp_path, row(document="west"))) == [
        "codings.csv:2:document: There is no document “west” in study.toml."
    ]


def test_an_unknown_topic_is_refused(tmp_path: Path) -> None:
    assert faults_of(make_folder(tmp_path, row(topic="iran"))) == [
        "codings.csv:2:topic: There is no topic “iran” in study.toml."
    ]


def test_a_topic_without_a_statement_is_refused(tmp_path: Path) -> None:
    assert faults_of(make_folder(tmp_path, row(topic="security"))) == [
        "codings.csv:2:topic: The topic “security” has no statement: it only groups."
    ]


def test_an_unknown_stance_is_refused(tmp_path: Path) -> None:
    assert faults_of(make_folder(tmp_path, row(stance="maybe"))) == [
        "codings.csv:2:stance: There is no stance “maybe” in study.toml."
    ]


def test_an_unknown_source_is_refused(tmp_path: Path) -> None:
    assert faults_of(make_folder(tmp_path, row(source="xi"))) == [
        "codings.csv:2:source: There is no source “xi” in study.toml."
    ]


def test_an_unknown_messenger_is_refused(tmp_path: Path) -> None:
    assert faults_of(make_folder(tmp_path, row(reported_by="xi"))) == [
        "codings.csv:2:reported_by: There is no source “xi” in study.toml."
    ]


def test_a_messenger_who_is_the_source_is_refused(tmp_path: Path) -> None:
    assert faults_of(make_folder(tmp_path, row(reported_by="biden"))) == [
        "codings.csv:2:reported_by: The messenger is the source itself: leave this empty."
    ]


def test_an_empty_topic_is_refused(tmp_path: Path) -> None:
    assert faults_of(make_folder(tmp_path, row(topic=""))) == ["codings.csv:2:topic: This must not be empty."]


def test_a_missing_coder_is_refused(tmp_path: Path) -> None:
    assert faults_of(make_folder(tmp_path, row(coder=""))) == [
        "codings.csv:2:coder: A coder's name is missing."
    ]


def test_a_name_that_no_account_can_have_is_refused(tmp_path: Path) -> None:
    assert faults_of(make_folder(tmp_path, row(coder="ada l"))) == [
        "codings.csv:2:coder: “ada l” cannot be a coder's name: Enter a valid username. This value may "
        "contain only letters, numbers, and @/./+/-/_ characters."
    ]


@pytest.mark.parametrize("written", ["eleven", "-1", "1.5", "１１", "1_1", "", " 11", "9" * 5000])
def test_a_position_that_is_no_number_is_refused(tmp_path: Path, written: str) -> None:
    shown = written if len(written) < 200 else "9" * 200 + "…"
    assert faults_of(make_folder(tmp_path, row(start=written))) == [
        f"codings.csv:2:start: “{shown}” is not a position: write a whole number."
    ]


def test_an_end_that_is_not_above_the_start_is_refused(tmp_path: Path) -> None:
    assert faults_of(make_folder(tmp_path, row(end="11"))) == [
        "codings.csv:2:end: The end must be above the start, 11."
    ]


def test_a_position_outside_the_document_is_refused(tmp_path: Path) -> None:
    assert faults_of(make_folder(tmp_path, row(start="90", end="99"))) == [
        "codings.csv:2:start: The position lies outside the document, which has 74 characters.",
        "codings.csv:2:end: The position lies outside the document, which has 74 characters.",
    ]


def test_a_quote_across_two_passages_is_refused(tmp_path: Path) -> None:
    assert faults_of(make_folder(tmp_path, 'ada,east,4,16,"talks\n\nBiden",talks,support,biden,,')) == [
        "codings.csv:2:end: The quote goes beyond passage 1."
    ]


def test_a_quote_between_passages_is_refused(tmp_path: Path) -> None:
    assert faults_of(make_folder(tmp_path, row(start="47", end="53", quote="• Firs"))) == [
        "codings.csv:2:start: The position lies outside every passage."
    ]


def test_a_quote_before_the_first_passage_is_refused(tmp_path: Path) -> None:
    folder = make_folder(tmp_path, row(start="0", end="3", quote="• a"), text="• a word or two")
    assert faults_of(folder) == ["codings.csv:2:start: The position lies outside every passage."]


def test_a_quote_that_is_not_at_its_position_is_refused_with_what_stands_there(tmp_path: Path) -> None:
    assert faults_of(make_folder(tmp_path, row(quote="Biden refused to talk"))) == [
        "codings.csv:2:quote: The quote is not at its position, where “Biden agreed to talk” stands."
    ]


def test_a_quote_without_words_is_refused(tmp_path: Path) -> None:
    assert faults_of(make_folder(tmp_path, row(start="16", end="17", quote=" "))) == [
        "codings.csv:2:quote: The quote has no words in it."
    ]


def test_a_row_that_is_there_twice_is_refused(tmp_path: Path) -> None:
    rows = (ROW, row(reported_by=""), row(stance="oppose", note="again", coder="Ada"))
    assert faults_of(make_folder(tmp_path, *rows)) == [
        "codings.csv:4:coder: Line 2 has the same coder, document, position, topic, source and messenger."
    ]


def test_a_note_that_is_too_long_is_refused(tmp_path: Path) -> None:
    assert faults_of(make_folder(tmp_path, row(note="x" * 10_001))) == [
        "codings.csv:2:note: At most 10,000 characters."
    ]


@pytest.mark.parametrize(("length", "column"), [(100_001, "note"), (140_000, "1")])
def test_an_oversized_field_is_refused_and_the_rows_after_it_are_checked(
    tmp_path: Path, length: int, column: str
) -> None:
    assert faults_of(make_folder(tmp_path, row(note="x" * length), row(topic="iran"))) == [
        f"codings.csv:2:{column}: A field may have at most 100,000 characters.",
        "codings.csv:3:topic: There is no topic “iran” in study.toml.",
    ]


def test_too_few_and_too_many_cells_are_refused(tmp_path: Path) -> None:
    assert faults_of(make_folder(tmp_path, "ada", f"{ROW},true")) == [
        "codings.csv:2:1: This row has 1 cell; the first line names 10.",
        "codings.csv:3:1: This row has 11 cells; the first line names 10.",
    ]


def test_broken_quoting_is_refused(tmp_path: Path) -> None:
    assert faults_of(make_folder(tmp_path, row(note='"a"b'), row(note='"never closed'))) == [
        "codings.csv:2:1: This is not CSV: ',' expected after '\"'.",
        "codings.csv:3:1: This is not CSV: unexpected end of data.",
    ]


@pytest.mark.parametrize("header", ["coder;document", "", f"{HEADER},extra", f"uncertain,{HEADER}"])
def test_another_header_is_refused(tmp_path: Path, header: str) -> None:
    line = 1 if header else 2
    assert faults_of(make_folder(tmp_path, ROW, header=header)) == [
        f"codings.csv:{line}:1: The first line must be: {HEADER} (and “uncertain” behind them, where used)."
    ]


def test_an_empty_file_of_codings_is_refused(tmp_path: Path) -> None:
    folder = make_folder(tmp_path)
    (folder / "codings.csv").write_bytes(b"")
    assert faults_of(folder) == [
        f"codings.csv:1:1: The first line must be: {HEADER} (and “uncertain” behind them, where used)."
    ]


def test_uncertain_is_true_or_false(tmp_path: Path) -> None:
    assert faults_of(make_folder(tmp_path, f"{ROW},yes", header=f"{HEADER},uncertain")) == [
        "codings.csv:2:uncertain: Write true or false."
    ]


def test_every_fault_of_every_row_is_listed_at_the_line_its_row_starts_on(tmp_path: Path) -> None:
    rows = (row(note='"two\nlines"'), "", row(topic="iran", stance="maybe"), row(start="x", coder=""))
    assert faults_of(make_folder(tmp_path, *rows)) == [
        "codings.csv:5:topic: There is no topic “iran” in study.toml.",
        "codings.csv:5:stance: There is no stance “maybe” in study.toml.",
        "codings.csv:6:coder: A coder's name is missing.",
        "codings.csv:6:start: “x” is not a position: write a whole number.",
    ]


def test_a_position_inside_what_nfc_joins_is_refused(tmp_path: Path) -> None:
    text = "Le re\u0301sume\u0301 de tout.\r\nEt la suite."
    rows = (
        "ada,east,3,11,re\u0301sume\u0301,talks,support,biden,,",
        "ada,east,3,10,resume,talks,support,biden,,",
        'ada,east,12,21,"de tout.\r",talks,support,author,,',
    )
    joined = "The position lies inside what normalising the text joins into one."
    assert faults_of(make_folder(tmp_path, *rows, text=text)) == [
        f"codings.csv:3:end: {joined}",
        f"codings.csv:4:end: {joined}",
    ]


def test_positions_of_the_file_as_it_stands_are_carried_over_to_normal_text(tmp_path: Path) -> None:
    text = b"\xef\xbb\xbf" + "Le re\u0301sume\u0301 🇵🇱\r\nשלום\u00a0de tout.".encode()
    rows = (
        "ada,east,3,11,re\u0301sume\u0301,talks,support,biden,,",
        'ada,east,12,20,"🇵🇱\r\nשלום",talks,oppose,author,,',
        "ada,east,16,28,שלום\u00a0de tout,talks,support,author,,",
    )
    load_folder(make_folder(tmp_path, *rows, text=text))
    found = Annotation.objects.order_by("start").values_list("start", "end", "quote", "document__text")
    whole = "Le résumé 🇵🇱\nשלום\u00a0de tout."
    assert list(found) == [
        (3, 9, "résumé", whole),
        (10, 17, "🇵🇱\nשלום", whole),
        (13, 25, "שלום\u00a0de tout", whole),
    ]


def test_a_good_row_is_stored_as_it_says(tmp_path: Path) -> None:
    load_folder(make_folder(tmp_path, f"{row(note='why')},true", header=f"{HEADER},uncertain"))
    tag = Annotation.objects.select_related("coder", "topic", "stance", "source", "reported_by").get()
    assert (tag.coder.username, tag.topic.slug, tag.stance.slug, tag.source.slug) == (
        "ada",
        "talks",
        "support",
        "biden",
    )
    assert (tag.start, tag.end, tag.quote, tag.note, tag.uncertain, tag.layer) == (
        11,
        31,
        TEXT[11:31],
        "why",
        True,
        "coded",
    )
    assert tag.reported_by is not None
    assert tag.reported_by.slug == "author"
    assert tag.passage.number == 2
