"""``annotations.csv``, taken back: parsing, the rules of a new row, and what is there already."""

from __future__ import annotations

import csv
import io
import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError

from annotations.enums import Layer, Role
from annotations.exporting.annotations_csv import csv_chunks
from annotations.importing import annotations_csv, annotations_csv_rows
from annotations.importing.annotations_csv import (
    Difference,
    ImportRefusedError,
    ImportReport,
    import_annotations,
)
from annotations.importing.annotations_csv_rows import COLUMNS, NOTE_LIMIT
from annotations.importing.folder import load_folder
from annotations.importing.rows import FIELD_CHARACTERS
from annotations.models import Annotation, Membership, Study, User
from annotations.services.coding import change_tag, finish_document, tag_passage, withdraw_tag
from annotations.services.retiring import retire_entry, revive_entry
from tests.factories import make_document, make_member, make_study, make_tag, make_user, values

SEEDS = Path(__file__).resolve().parents[2] / "seeds" / "biden-putin-2021"
ID = "33333333-3333-4333-8333-333333333333"
OTHER_ID = "44444444-4444-4444-8444-444444444444"
ROW = {
    "id": ID,
    "study": "talks",
    "document": "east",
    "passage": "9",
    "start": "0",
    "end": "20",
    "quote": "Biden agreed to talk",
    "prefix": "nonsense",
    "suffix": "",
    "topic": "talks",
    "stance": "support",
    "stance_value": "7",
    "source": "biden",
    "side": "Moon",
    "reported_by": "",
    "coder": "ada",
    "layer": "coded",
    "uncertain": "false",
    "note": "",
    "created_at": "2026-01-02T03:04:05.000006Z",
    "updated_at": "2026-01-03T04:05:06.000007+01:00",
    "version": "3",
}

pytestmark = pytest.mark.usefixtures("coder")


def written(*rows: dict[str, str]) -> bytes:
    file = io.StringIO(newline="")
    writer = csv.DictWriter(file, COLUMNS)
    writer.writeheader()
    writer.writerows(rows)
    return file.getvalue().encode()


def taken(study: Study, *rows: dict[str, str], **options: Any) -> ImportReport:
    return import_annotations(study=study, file="a.csv", content=written(*rows), **options)


def refused(study: Study, content: bytes) -> list[tuple[int, str, str]]:
    """Every error of the file; and nothing may have been written."""
    before = Annotation.objects.count()
    with pytest.raises(ImportRefusedError) as caught:
        import_annotations(study=study, file="a.csv", content=content)
    assert Annotation.objects.count() == before
    assert {error.file for error in caught.value.errors} == {"a.csv"}
    return [(error.line, error.column, error.reason) for error in caught.value.errors]


def exported(study: Study, **options: bool) -> bytes:
    return "".join(csv_chunks(study, Annotation.objects.active().in_text_order(), **options)).encode()


class TestNewRows:
    def test_a_new_row_keeps_its_id_times_and_version(self, study: Study, coder: User) -> None:
        assert taken(study, ROW) == ImportReport(new=1, already=0, differing=())
        tag = Annotation.objects.get()
        assert (str(tag.public_id), tag.version) == (ID, 3)
        assert tag.created_at == datetime(2026, 1, 2, 3, 4, 5, 6, tzinfo=UTC)
        assert tag.updated_at == datetime(2026, 1, 3, 3, 5, 6, 7, tzinfo=UTC)
        assert (tag.passage.number, tag.source.side, tag.coder) == (1, "United States", coder)

    def test_history_names_the_coder_or_who_imports(self, study: Study, coder: User, owner: User) -> None:
        taken(study, ROW)
        taken(study, ROW | {"id": OTHER_ID, "topic": "guarantees"}, by=owner)
        people = [one.history_user for one in Annotation.history.order_by("history_id")]
        assert people == [coder, owner]

    def test_a_finished_document_takes_rows_and_marks_nothing(self, study: Study, coder: User) -> None:
        finish_document(by=coder, document=study.documents.get(slug="east"))
        taken(study, ROW)
        assert not Annotation.objects.get().changed_after_reopening

    def test_the_coder_is_found_whatever_the_case(self, study: Study, coder: User) -> None:
        taken(study, ROW | {"coder": "ADA"})
        assert Annotation.objects.get().coder == coder

    def test_a_retired_entry_takes_what_was_made_before_it_was_retired(
        self, study: Study, curator: User
    ) -> None:
        """What a study had comes back; nothing new comes in by this door."""
        for kind, slug in ((study.topics, "talks"), (study.sources, "putin"), (study.stances, "mixed")):
            retire_entry(by=curator, entry=kind.get(slug=slug))
        late = ROW | {"id": OTHER_ID, "start": "6", "end": "20", "quote": "agreed to talk"}
        late |= {"reported_by": "putin", "stance": "mixed", "created_at": "2999-01-02T03:04:05Z"}
        assert [(line, column) for line, column, _reason in refused(study, written(ROW, late))] == [
            (3, "topic"),
            (3, "stance"),
            (3, "reported_by"),
        ]
        assert taken(study, ROW).new == 1
        revive_entry(by=curator, entry=study.topics.get(slug="talks"))
        assert taken(study, late | {"reported_by": "", "stance": "support"}).new == 1

    def test_a_byte_order_mark_is_accepted(self, study: Study) -> None:
        content = b"\xef\xbb\xbf" + written(ROW)
        assert import_annotations(study=study, file="a.csv", content=content).new == 1

    def test_an_apostrophe_is_taken_off_guarded_cells_only(self, study: Study) -> None:
        taken(study, ROW | {"note": "'=1+1"}, ROW | {"id": OTHER_ID, "topic": "guarantees", "note": "'tis"})
        assert set(Annotation.objects.values_list("note", flat=True)) == {"=1+1", "'tis"}

    def test_raw_takes_no_apostrophe_off(self, study: Study) -> None:
        taken(study, ROW | {"note": "'=1+1"}, raw=True)
        assert Annotation.objects.get().note == "'=1+1"

    def test_blank_lines_are_no_rows(self, study: Study) -> None:
        content = written(ROW) + b"\r\n\r\n"
        assert import_annotations(study=study, file="a.csv", content=content).new == 1

    @pytest.mark.parametrize("raw", [False, True])
    def test_what_is_exported_comes_back_the_same_into_an_empty_study(
        self, study: Study, coder: User, raw: bool
    ) -> None:
        make_tag(study, coder, note="'=SUM(A1)\r\nand “more”", reported_by="ushakov", uncertain=True)
        make_tag(study, coder, "Kyiv was not", "west", stance="neutral", note=" \t+1")
        content = exported(study, guarded=not raw)
        Annotation.objects.all().delete()
        report = import_annotations(study=study, file="a.csv", content=content, raw=raw)
        assert (report, exported(study, guarded=not raw)) == (ImportReport(2, 0, ()), content)


class TestRowsAlreadyThere:
    def test_importing_twice_adds_nothing(self, study: Study) -> None:
        taken(study, ROW)
        assert taken(study, ROW) == ImportReport(new=0, already=1, differing=())

    def test_an_equal_tag_under_another_id_is_left_alone_and_named(self, study: Study, coder: User) -> None:
        tag = make_tag(study, coder, stance="oppose", note="mine")
        report = taken(study, ROW)
        named = Difference(2, str(tag.public_id), ("stance", "note"))
        assert report == ImportReport(new=0, already=1, differing=(named,))
        tag.refresh_from_db()
        assert (tag.stance.slug, tag.note, tag.version) == ("oppose", "mine", 1)

    def test_a_row_of_a_known_id_is_named_in_all_that_differs(self, study: Study, coder: User) -> None:
        taken(study, ROW)
        tag = Annotation.objects.get()
        _passage, said = values(study, "Putin asked", reported_by="ushakov", note="new")
        change_tag(by=coder, annotation=tag, version=3, values=said)
        columns = ("start", "end", "quote", "reported_by", "note", "updated_at", "version")
        assert taken(study, ROW).differing == (Difference(2, ID, columns),)

    def test_a_withdrawn_tag_stays_withdrawn(self, study: Study, coder: User) -> None:
        taken(study, ROW)
        withdraw_tag(by=coder, annotation=Annotation.objects.get(), version=3)
        report = taken(study, ROW)
        assert report.differing == (Difference(2, ID, ("updated_at", "version", "withdrawn")),)
        assert Annotation.objects.active().count() == 0

    def test_a_withdrawn_tag_does_not_stand_for_an_equal_row_of_another_id(
        self, study: Study, coder: User
    ) -> None:
        withdraw_tag(by=coder, annotation=make_tag(study, coder), version=1)
        assert taken(study, ROW).new == 1

    def test_a_known_row_needs_neither_its_coder_nor_its_topic_in_the_study_any_more(
        self, study: Study, coder: User
    ) -> None:
        taken(study, ROW)
        Membership.objects.filter(user=coder).delete()
        study.topics.filter(slug="talks").update(slug="dialogue")
        assert taken(study, ROW).differing == (Difference(2, ID, ("topic",)),)

    @pytest.mark.parametrize(
        "other", [{"reported_by": "ushakov"}, {"topic": "guarantees"}, {"source": "putin"}, {"coder": "ben"}]
    )
    def test_another_messenger_topic_source_or_coder_makes_another_tag(
        self, study: Study, coder: User, other_coder: User, other: dict[str, str]
    ) -> None:
        make_tag(study, coder)
        assert taken(study, ROW | other).new == 1

    def test_the_layers_are_apart_and_one_curated_tag_is_enough(
        self, study: Study, curator: User, owner: User
    ) -> None:
        tag = make_tag(study, curator, layer="curated")
        coded = ROW | {"coder": "cora"}
        curated = ROW | {"id": OTHER_ID, "layer": Layer.CURATED.value, "coder": "olga", "stance": "mixed"}
        report = taken(study, coded, curated)
        assert report == ImportReport(1, 1, (Difference(3, str(tag.public_id), ("stance", "coder")),))


class TestErrors:
    @pytest.mark.parametrize(
        ("column", "cell", "reason"),
        [
            ("id", "17", "This is no UUID."),
            ("id", "{" + ID + "}", "Write the UUID with its hyphens, and nothing else."),
            ("study", "other", "The row is of the study “other”, not of this one."),
            ("document", "north", "The study has no “north”."),
            ("start", "-1", "This must be a whole number from 0 to 2147483647."),
            ("start", "2", "The text has “den agreed to talk” there."),
            ("end", "2147483648", "This must be a whole number from 0 to 2147483647."),
            ("quote", "Biden agreed to walk", "The text has “Biden agreed to talk” there."),
            ("topic", "security", "“security” only groups other topics: name one of them."),
            ("topic", "", "The study has no “”."),
            ("stance", "Support", "The study has no “Support”."),
            ("source", "obama", "The study has no “obama”."),
            ("reported_by", "obama", "The study has no “obama”."),
            ("reported_by", "biden", "The messenger is the source itself: leave the cell empty."),
            ("coder", "ben", "“ben” is no member of the study."),
            ("layer", "all", "The layer is “coded” or “curated”."),
            ("uncertain", "TRUE", "Write “true” or “false”."),
            ("note", "n" * (NOTE_LIMIT + 1), "A note has at most 10000 characters."),
            ("prefix", "p" * (FIELD_CHARACTERS + 1), "The cell has more than 100000 characters."),
            ("version", "0", "Versions are counted from 1."),
            (
                "created_at",
                "yesterday",
                "Write an ISO 8601 time with its offset, such as 2026-11-22T09:30:00Z.",
            ),
            (
                "updated_at",
                "2026-01-01T00:00:00",
                "Write an ISO 8601 time with its offset, such as 2026-11-22T09:30:00Z.",
            ),
            (
                "updated_at",
                "0001-01-01T00:00:00+14:00",
                "Write an ISO 8601 time with its offset, such as 2026-11-22T09:30:00Z.",
            ),
        ],
    )
    def test_a_bad_cell_is_named_by_line_and_column(
        self, study: Study, column: str, cell: str, reason: str
    ) -> None:
        make_user("ben")
        blamed = "quote" if reason.startswith("The text has") else column
        good = ROW | {"id": OTHER_ID, "topic": "guarantees"}
        assert refused(study, written(good, ROW | {column: cell})) == [(3, blamed, reason)]

    @pytest.mark.parametrize(("start", "end"), [(40, 60), (49, 51), (5, 5), (900, 920), (49, 50)])
    def test_a_position_outside_one_passage_is_refused(self, study: Study, start: int, end: int) -> None:
        row = ROW | {"start": str(start), "end": str(end)}
        assert refused(study, written(row)) == [(2, "start", "The position must lie inside one passage.")]

    def test_a_position_before_the_first_passage_is_refused(self, study: Study) -> None:
        document = study.documents.get(slug="east")
        document.passages.get(number=1).delete()
        assert refused(study, written(ROW))[0][1:] == ("start", "The position must lie inside one passage.")

    def test_a_quote_of_blanks_is_refused(self, study: Study) -> None:
        row = ROW | {"start": "5", "end": "6", "quote": " "}
        assert refused(study, written(row)) == [(2, "quote", "The quote has no words in it.")]

    def test_a_long_quote_is_cut_in_the_reason(self, study: Study, coder: User) -> None:
        make_document(study, "long", "word " * 40 + "end.")
        row = ROW | {"document": "long", "start": "0", "end": "200", "quote": "x"}
        assert refused(study, written(row)) == [(2, "quote", f"The text has “{('word ' * 16)[:79]}…” there.")]

    def test_all_rows_are_checked_and_all_errors_listed_by_line(self, study: Study) -> None:
        note = ROW | {"id": OTHER_ID, "note": "two\nlines", "version": "x", "layer": "y"}
        assert [error[:2] for error in refused(study, written(note, ROW | {"topic": "z", "coder": "q"}))] == [
            (2, "layer"),
            (2, "version"),
            (4, "topic"),
            (4, "coder"),
        ]

    def test_an_id_twice_in_the_file_is_refused(self, study: Study) -> None:
        rows = (ROW, ROW | {"topic": "guarantees"})
        assert refused(study, written(*rows)) == [(3, "id", "The id is on line 2 already.")]

    def test_one_tag_twice_in_the_file_is_refused(self, study: Study) -> None:
        rows = (ROW, ROW | {"id": OTHER_ID})
        assert refused(study, written(*rows)) == [(3, "id", "Line 2 is the same tag under another id.")]

    def test_an_id_of_another_study_is_refused(self, study: Study) -> None:
        other = make_study("other")
        tag = make_tag(other, make_member(other, Role.CODER))
        row = ROW | {"id": str(tag.public_id)}
        assert refused(study, written(row)) == [(2, "id", "An annotation outside this study has this id.")]

    def test_another_studys_words_are_unknown(self, study: Study) -> None:
        other = make_study("other")
        other.topics.filter(slug="talks").update(slug="elsewhere")
        assert refused(study, written(ROW | {"topic": "elsewhere"}))[0][1] == "topic"

    @pytest.mark.parametrize(
        ("change", "reason"),
        [
            (lambda header: header.replace(b",note", b""), "The header lacks: note."),
            (lambda header: header.replace(b",note", b",note,mood"), "The header has unknown columns: mood."),
            (
                lambda header: header.replace(b"id,study", b"study,id"),
                "The columns must be in this order: " + ",".join(COLUMNS) + ".",
            ),
        ],
    )
    def test_the_header_must_be_exact(
        self, study: Study, change: Callable[[bytes], bytes], reason: str
    ) -> None:
        assert refused(study, change(written())) == [(1, "1", reason)]

    def test_an_empty_file_lacks_every_column(self, study: Study) -> None:
        assert refused(study, b"")[0][2].startswith("The header lacks: id, study,")

    def test_a_row_of_another_length_is_refused(self, study: Study) -> None:
        content = written(ROW) + b"a,b\r\n"
        assert refused(study, content) == [(3, "1", "The row has 2 cells; there are 22 columns.")]

    def test_broken_quoting_is_refused_with_its_line(self, study: Study) -> None:
        line, _column, reason = refused(study, written(ROW) + b'"open\r\n')[0]
        assert (line, reason) == (
            3,
            "From here on the file cannot be read as CSV: unexpected end of data.",
        )

    def test_a_field_beyond_what_csv_reads_is_refused(self, study: Study) -> None:
        line, _column, reason = refused(study, written(ROW | {"note": "n" * 200_000}))[0]
        assert line == 2
        assert "field larger than field limit" in reason

    def test_another_encoding_is_refused_with_its_line(self, study: Study) -> None:
        content = written(ROW | {"note": "x"}) + "an Łódź".encode("cp1250")
        assert refused(study, content) == [(3, "4", "This is not UTF-8: save the file as “CSV UTF-8”.")]

    def test_a_nul_is_refused_with_its_line(self, study: Study) -> None:
        content = written(ROW) + b"\0"
        assert refused(study, content) == [(3, "1", "There is a NUL character: this is no text file.")]

    def test_a_file_too_large_is_refused(self, study: Study, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(annotations_csv_rows, "FILE_LIMIT", 100)
        assert refused(study, written(ROW))[0][2] == "The file is larger than 0 MiB: split it."

    def test_a_tag_made_meanwhile_refuses_the_import_whole(
        self, study: Study, coder: User, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def late(*args: object, **kwargs: object) -> None:
            raise IntegrityError("annotation_coded_once")

        monkeypatch.setattr(annotations_csv, "bulk_create_with_history", late)
        assert refused(study, written(ROW)) == [
            (1, "1", "Somebody changed the study during the import. Nothing was written: try again.")
        ]


class TestCommand:
    def run(self, *args: object, **options: Any) -> tuple[str, str]:
        out, err = io.StringIO(), io.StringIO()
        try:
            call_command("import_annotations", *map(str, args), stdout=out, stderr=err, **options)
        except CommandError as error:
            err.write(f"CommandError {error.returncode}: {error}")
        return out.getvalue(), err.getvalue()

    def test_it_prints_what_is_new_and_what_differs(self, study: Study, coder: User, tmp_path: Path) -> None:
        tag = make_tag(study, coder, stance="oppose")
        file = tmp_path / "a.csv"
        file.write_bytes(written(ROW, ROW | {"id": OTHER_ID, "topic": "guarantees"}))
        assert self.run("talks", file) == (
            f"{file}: line 2: {tag.public_id} differs in stance\n1 new, 1 already there, 1 of them differ\n",
            "",
        )
        assert Annotation.objects.get(public_id=uuid.UUID(OTHER_ID)).history.get().history_user == coder

    def test_it_prints_all_errors_and_fails(self, study: Study, tmp_path: Path) -> None:
        file = tmp_path / "a.csv"
        file.write_bytes(written(ROW | {"topic": "x", "layer": "coded"}, ROW | {"id": "1"}))
        out, err = self.run("talks", file)
        assert out == ""
        assert err == (
            f"{file}:2:topic: The study has no “x”.\n{file}:3:id: This is no UUID.\n"
            "CommandError 1: 2 errors: nothing was written."
        )

    def test_raw_and_by_are_taken(self, study: Study, owner: User, tmp_path: Path) -> None:
        file = tmp_path / "a.csv"
        file.write_bytes(written(ROW | {"note": "'=1"}))
        out, _err = self.run("talks", file, raw=True, by="OLGA")
        assert out == "1 new, 0 already there, 0 of them differ\n"
        tag = Annotation.objects.get()
        assert (tag.note, tag.history.get().history_user) == ("'=1", owner)

    def test_unknown_study_person_and_file_are_said(self, study: Study, tmp_path: Path) -> None:
        file = tmp_path / "a.csv"
        assert self.run("nowhere", file)[1] == "CommandError 1: There is no study “nowhere”."
        assert self.run("talks", file, by="nobody")[1] == "CommandError 1: There is no user “nobody”."
        missing = f"CommandError 1: Cannot read {file}: No such file or directory."
        assert self.run("talks", file)[1] == missing


def test_a_tag_made_by_hand_and_exported_is_there_already(study: Study, coder: User) -> None:
    passage, said = values(study, "Putin asked", source="putin")
    tag_passage(by=coder, passage=passage, values=said)
    report = import_annotations(study=study, file="a.csv", content=exported(study))
    assert report == ImportReport(new=0, already=1, differing=())


def test_the_shipped_study_comes_back_as_nothing_new(db: None) -> None:
    load_folder(SEEDS)
    shipped = Study.objects.get(slug="biden-putin-2021")
    rows = Annotation.objects.filter(study=shipped).in_text_order()
    content = "".join(csv_chunks(shipped, rows)).encode()
    assert len(list(csv.reader(io.StringIO(content.decode(), newline="")))) == 219
    report = import_annotations(study=shipped, file="a.csv", content=content)
    assert report == ImportReport(new=0, already=218, differing=())
    rows.delete()
    report = import_annotations(study=shipped, file="a.csv", content=content)
    assert report == ImportReport(new=218, already=0, differing=())
    assert "".join(csv_chunks(shipped, rows.all())).encode() == content
