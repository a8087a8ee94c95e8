"""``annotations.csv``, written."""

from __future__ import annotations

import csv
import io
import uuid
from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from annotations.exporting.annotations_csv import COLUMNS, csv_chunks
from annotations.importing import annotations_csv_rows
from annotations.models import Annotation, Study, User
from tests.factories import make_document, make_tag

FIRST_ID = uuid.UUID("11111111-1111-4111-8111-111111111111")
SECOND_ID = uuid.UUID("22222222-2222-4222-8222-222222222222")


def stored(tag: Annotation, **fields: Any) -> Annotation:
    """The tag with columns set behind the services' back."""
    Annotation.objects.filter(pk=tag.pk).update(**fields)
    return tag


def written(study: Study, **options: bool) -> str:
    return "".join(csv_chunks(study, Annotation.objects.active().in_text_order(), **options))


@pytest.fixture
def two_tags(study: Study, coder: User) -> None:
    moment = datetime(2026, 1, 2, 3, 4, 5, 6, tzinfo=UTC)
    stored(
        make_tag(study, coder, "Biden agreed to talk", reported_by="ushakov", note="=1+1"),
        public_id=FIRST_ID,
        created_at=moment,
        updated_at=datetime(2026, 1, 3, tzinfo=UTC),
        version=2,
    )
    stored(
        make_tag(
            study,
            coder,
            "Putin asked",
            topic="guarantees",
            stance="neutral",
            source="putin",
            uncertain=True,
            note='He said "please",\nthen left',
        ),
        public_id=SECOND_ID,
        created_at=moment,
        updated_at=moment,
    )


HEADER = (
    "id,study,document,passage,start,end,quote,prefix,suffix,topic,stance,stance_value,source,side,"
    "reported_by,coder,layer,uncertain,note,created_at,updated_at,version\r\n"
)
FIRST_ROW = (
    "11111111-1111-4111-8111-111111111111,talks,east,1,0,20,Biden agreed to talk,,"
    ". Putin asked for guarantees.\n\nK,talks,support,1.0,biden,United States,ushakov,ada,coded,false,{note},"
    "2026-01-02T03:04:05.000006Z,2026-01-03T00:00:00.000000Z,2\r\n"
).replace(". Putin asked for guarantees.\n\nK", '". Putin asked for guarantees.\n\nK"')
SECOND_ROW = (
    "22222222-2222-4222-8222-222222222222,talks,east,1,22,33,Putin asked,Biden agreed to talk. ,"
    '" for guarantees.\n\nKyiv was not a",guarantees,neutral,,putin,Russia,,ada,coded,true,'
    '"He said ""please"",\nthen left",2026-01-02T03:04:05.000006Z,2026-01-02T03:04:05.000006Z,1\r\n'
)


@pytest.mark.usefixtures("two_tags")
def test_the_whole_file_is_as_the_format_says(study: Study) -> None:
    assert written(study) == HEADER + FIRST_ROW.format(note="'=1+1") + SECOND_ROW


@pytest.mark.usefixtures("two_tags")
def test_without_the_guard_a_formula_stands_as_it_was_written(study: Study) -> None:
    assert written(study, guarded=False) == HEADER + FIRST_ROW.format(note="=1+1") + SECOND_ROW


def test_an_empty_set_is_a_header_and_bom_comes_first(study: Study) -> None:
    assert written(study) == HEADER
    assert written(study, bom=True) == "\ufeff" + HEADER


def test_a_negative_value_is_a_number_and_a_name_that_looks_like_a_formula_is_text(
    study: Study, coder: User
) -> None:
    User.objects.filter(pk=coder.pk).update(username="@ada")
    make_tag(study, coder, stance="oppose")
    row = next(csv.DictReader(io.StringIO(written(study), newline="")))
    assert (row["stance_value"], row["coder"]) == ("-1.0", "'@ada")


def test_prefix_and_suffix_are_code_points_across_passages(study: Study, coder: User) -> None:
    make_document(study, "emoji", "😀" * 40, "quote", "é" * 40)
    make_tag(study, coder, "quote", "emoji")
    row = next(csv.DictReader(io.StringIO(written(study), newline="")))
    assert (row["prefix"], row["suffix"]) == ("😀" * 30 + "\n\n", "\n\n" + "é" * 30)


def test_a_document_is_read_once_in_text_order_however_many_tags_it_has(
    study: Study, coder: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("annotations.exporting.annotations_csv.ROWS_AT_ONCE", 2)

    def queries() -> int:
        with CaptureQueriesContext(connection) as context:
            written(study)
        return len(context)

    make_tag(study, coder)
    make_tag(study, coder, "Kyiv was not", "west")
    before = queries()
    for quote in ("Biden", "agreed", "talk"):
        make_tag(study, coder, quote)
    assert queries() == before


def test_each_tag_gets_its_own_document_whatever_the_order(
    study: Study, coder: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("annotations.exporting.annotations_csv.ROWS_AT_ONCE", 2)
    make_document(study, "north", "Oslo: they spoke. They left.")
    for quote, document in (("Kyiv", "west"), ("they spoke", "north"), ("Putin", "west"), ("left", "north")):
        make_tag(study, coder, quote, document)
    lines = "".join(csv_chunks(study, Annotation.objects.order_by("id")))
    rows = list(csv.DictReader(io.StringIO(lines, newline="")))
    assert [(row["document"], row["prefix"][-4:]) for row in rows] == [
        ("west", "s.\n\n"),
        ("north", "lo: "),
        ("west", "lk. "),
        ("north", "hey "),
    ]


def test_import_reads_the_columns_that_export_writes() -> None:
    assert annotations_csv_rows.COLUMNS == COLUMNS
