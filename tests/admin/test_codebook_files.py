"""Codebooks as files: the same out and in again, guarded, through the services, all or nothing."""

from __future__ import annotations

import csv
import io
import zipfile
from typing import Any

import openpyxl
import pytest
from django.core import signing
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from annotations.admin import codebook_upload
from annotations.importing.codebook_resources import SourceResource, TopicResource, refusals
from annotations.models import Source, Stance, Study, Topic, User
from tests.admin.conftest import Secret, messages_of

CSV_FORMAT, XLSX_FORMAT = "0", "1"
HEAD = "study,slug,position,parent,label,statement\n"


def page(kind: str, name: str) -> str:
    return reverse(f"admin:annotations_{kind}_{name}")


def export(client: Client, kind: str, file_format: str = CSV_FORMAT) -> bytes:
    answer = client.post(page(kind, "export"), {"format": file_format, "resource": "0"})
    assert answer.status_code == 200
    return answer.content


def preview(client: Client, kind: str, content: bytes | str, file_format: str = CSV_FORMAT) -> Any:
    data = content.encode() if isinstance(content, str) else content
    file = SimpleUploadedFile("codebook", data)
    form = {"format": file_format, "resource": "0", "import_file": file}
    return client.post(page(kind, "import"), form)


def confirm(client: Client, kind: str, shown: Any) -> Any:
    form = shown.context["confirm_form"]
    return client.post(page(kind, "process_import"), dict(form.initial), follow=True)


def load(client: Client, kind: str, content: bytes | str, file_format: str = CSV_FORMAT) -> Any:
    shown = preview(client, kind, content, file_format)
    assert "confirm_form" in shown.context, errors_of(shown)
    return confirm(client, kind, shown)


def errors_of(shown: Any) -> list[str]:
    return refusals(shown.context["result"])


def test_topics_are_written_out_in_full(study: Study, curating: Client) -> None:
    assert export(curating, "topic").decode().splitlines() == [
        "study,slug,position,parent,label,statement",
        "talks,security,0,,Security,",
        "talks,talks,1,security,Talks,There should be talks.",
        "talks,guarantees,2,security,Guarantees,There should be guarantees.",
    ]


def test_stances_and_sources_are_written_out_in_full(study: Study, curating: Client) -> None:
    assert export(curating, "stance").decode().splitlines()[1:4] == [
        "talks,support,0,Support,1.0,s,#0b7a6e",
        "talks,mixed,1,Mixed,0.0,m,#7a3fc0",
        "talks,neutral,2,Neutral,,n,#3f3b33",
    ]
    assert export(curating, "source").decode().splitlines()[-1] == "talks,ushakov,4,Ushakov,Russia,kremlin"


@pytest.mark.parametrize("file_format", [CSV_FORMAT, XLSX_FORMAT], ids=["csv", "xlsx"])
@pytest.mark.parametrize(("kind", "model"), [("topic", Topic), ("stance", Stance), ("source", Source)])
def test_what_was_written_changes_nothing_when_read(
    study: Study, curating: Client, kind: str, model: Any, file_format: str
) -> None:
    model.objects.filter(study=study, position=1).update(label="=1+1 'quoted', \"x\"")
    before, lines = list(model.objects.order_by("pk").values()), model.history.count()
    answer = load(curating, kind, export(curating, kind, file_format), file_format)
    assert "0 new, 0 updated" in messages_of(answer)[0]
    assert list(model.objects.order_by("pk").values()) == before
    assert model.history.count() == lines


@pytest.mark.parametrize("file_format", [CSV_FORMAT, XLSX_FORMAT], ids=["csv", "xlsx"])
@pytest.mark.parametrize("kind", ["topic", "stance", "source"])
def test_a_whole_codebook_can_be_read_into_an_empty_study(
    study: Study, curating: Client, kind: str, file_format: str
) -> None:
    entries = getattr(study, f"{kind}s")
    written = export(curating, kind, file_format)
    entries.all()._raw_delete("default")
    load(curating, kind, written, file_format)
    assert export(curating, kind) == (written if file_format == CSV_FORMAT else export(curating, kind))
    assert entries.count() == {"topic": 3, "stance": 4, "source": 5}[kind]


def test_formulas_are_guarded_both_ways(study: Study, curating: Client) -> None:
    risky = ["=HYPERLINK(1)", "+1", "-x", "@a", "'=quoted", "plain"]
    for position, label in enumerate(risky, start=20):
        Topic.objects.create(study=study, slug=f"t{position}", label=label, position=position)
    written = export(curating, "topic")
    cells = [row["label"] for row in csv.DictReader(io.StringIO(written.decode()))]
    assert [c for c in cells if c.lstrip("'").startswith(("=", "+", "-", "@"))] == [
        f"'{r}" for r in risky[:5]
    ]
    sheet = openpyxl.load_workbook(io.BytesIO(export(curating, "topic", XLSX_FORMAT))).active
    assert sheet is not None
    assert all(cell.data_type != "f" for row in sheet.iter_rows() for cell in row)
    study.topics.filter(position__gte=20).update(label="gone")
    load(curating, "topic", written)
    assert list(study.topics.filter(position__gte=20).values_list("label", flat=True)) == risky


def test_rows_create_and_change_and_never_delete(study: Study, curating: Client, staff_curator: User) -> None:
    shown = preview(
        curating, "topic", HEAD + "talks,arms,7,security,Arms,Fewer arms.\ntalks,talks,1,security,New,Said.\n"
    )
    assert not study.topics.filter(slug="arms").exists()
    answer = confirm(curating, "topic", shown)
    assert "1 new, 1 updated, 0 deleted" in messages_of(answer)[0]
    arms = study.topics.get(slug="arms")
    assert (arms.position, arms.parent, arms.statement) == (
        7,
        study.topics.get(slug="security"),
        "Fewer arms.",
    )
    assert study.topics.get(slug="talks").label == "New"
    assert study.topics.count() == 4
    assert [h.history_user for h in arms.history.all()] == [staff_curator]


def test_a_file_may_leave_columns_out(study: Study, curating: Client) -> None:
    load(curating, "topic", "study,slug,label\ntalks,talks,Renamed\n")
    talks = study.topics.get(slug="talks")
    assert (talks.label, talks.statement) == ("Renamed", "There should be talks.")


def test_all_errors_are_listed_and_nothing_is_written(study: Study, secret: Secret, curating: Client) -> None:
    rows = [
        "talks,good,7,security,Good,Said.",
        "zanzibar,talks,1,security,Stolen,Said.",
        "nowhere,talks,1,,X,",
        "talks,Bad Slug,1,security,X,Said.",
        "talks,new,x,security,X,Said.",
        "talks,new2,1.5,security,X,Said.",
        "talks,new3,9,unknown,X,Said.",
        "talks,new4,9,talks,X,Said.",
        "talks,talks,1,security,Talks,",
        "talks,good,7,security,Good,Said.",
    ]
    shown = preview(curating, "topic", HEAD + "\n".join(rows) + "\n")
    assert "confirm_form" not in shown.context
    assert errors_of(shown) == [
        "2: You curate no study “zanzibar”.",
        "3: You curate no study “nowhere”.",
        "4: slug: Use small letters a–z, digits and hyphens only.",
        "5: position: “x” is not a number.",
        "6: position: “1.5” is not a whole number.",
        "7: parent: There is no “unknown” in the study or further up in the file.",
        "8: parent: Topics have two levels: this parent has a parent itself.",
        "9: A topic with a parent needs a statement.",
        "10: “good” is in row 1 already.",
    ]
    assert study.topics.count() == 3
    assert secret.study.topics.get(slug="talks").label == "Zanzibar Talks"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("study,slug,labell\ntalks,talks,X\n", "There is no column “labell”."),
        ("study,slug,label,label\ntalks,talks,X,Y\n", "The column “label” is there twice."),
    ],
)
def test_unknown_and_repeated_columns_are_refused(
    study: Study, curating: Client, content: str, said: str
) -> None:
    assert said in errors_of(preview(curating, "topic", content))


def test_a_file_without_its_keys_is_refused(study: Study, curating: Client) -> None:
    shown = preview(curating, "topic", "slug,label\ntalks,X\n")
    assert "confirm_form" not in shown.context
    assert study.topics.get(slug="talks").label == "Talks"


def test_what_changed_since_the_preview_is_refused_as_a_whole(study: Study, curating: Client) -> None:
    rows = "talks,first,7,,First,\ntalks,arms,8,security,Arms,Fewer.\n"
    shown = preview(curating, "topic", HEAD + rows)
    study.topics.get(slug="talks").delete()
    study.topics.get(slug="guarantees").delete()
    study.topics.get(slug="security").delete()
    answer = confirm(curating, "topic", shown)
    assert messages_of(answer) == [
        "2: parent: There is no “security” in the study or further up in the file."
    ]
    assert study.topics.count() == 0


def test_a_base_error_at_the_confirmation_is_shown(study: Study, curating: Client) -> None:
    shown = preview(curating, "topic", HEAD + "talks,talks,1,security,New,Said.\n")
    storage = codebook_upload.SignedStorage()
    storage.save(b"study,slug,oops\ntalks,talks,1\n")
    form = {**shown.context["confirm_form"].initial, "import_file_name": storage.name}
    answer = curating.post(page("topic", "process_import"), form, follow=True)
    assert "There is no column “oops”." in messages_of(answer)


def test_a_preview_that_was_tampered_with_or_expired_is_refused(
    study: Study, curating: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown = preview(curating, "topic", HEAD + "talks,talks,1,security,New,Said.\n")
    form = dict(shown.context["confirm_form"].initial)
    other = signing.dumps("x", salt="another")
    for name in ("nonsense", other):
        answer = curating.post(page("topic", "process_import"), {**form, "import_file_name": name})
        assert "preview has expired" in answer.content.decode()
    monkeypatch.setattr(codebook_upload, "SECONDS_TO_CONFIRM", -1)
    answer = curating.post(page("topic", "process_import"), form)
    assert "preview has expired" in answer.content.decode()
    assert study.topics.get(slug="talks").label == "Talks"


def test_files_that_are_too_large_or_unreadable_are_refused(study: Study, curating: Client) -> None:
    def refusal(content: bytes, file_format: str) -> str:
        return str(preview(curating, "topic", content, file_format).context["form"].errors)

    bomb = io.BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * (codebook_upload.UNFOLDED_BYTES + 1))
    broken = bytearray(bomb.getvalue())
    broken[broken.rindex(b"PK\x01\x02") : broken.rindex(b"PK\x01\x02") + 4] = b"XXXX"
    assert "1 MiB" in refusal(b"x" * (codebook_upload.UPLOAD_BYTES + 1), CSV_FORMAT)
    assert "20 MiB" in refusal(bomb.getvalue(), XLSX_FORMAT)
    assert "cannot be read" in refusal(bytes(broken), XLSX_FORMAT)
    assert refusal(b"\xff\xfe\x00", CSV_FORMAT)
    assert refusal(b"no workbook", XLSX_FORMAT)


def test_only_csv_and_xlsx_are_offered(study: Study, curating: Client) -> None:
    for name in ("import", "export"):
        choices = curating.get(page("topic", name)).context["form"].fields["format"].choices
        assert [label for _value, label in choices] == ["---", "csv", "xlsx"]


def test_a_reader_of_the_lists_may_not_import(study: Study) -> None:
    from annotations.enums import Role
    from tests.admin.conftest import logged_in, staff

    user = staff(study, Role.CURATOR, "looker")
    user.user_permissions.set(user.user_permissions.filter(codename__startswith="view_"))
    client = logged_in(user)
    assert client.get(page("topic", "import")).status_code == 403
    assert client.post(page("topic", "process_import")).status_code == 403
    assert client.get(page("topic", "export")).status_code == 200


def test_a_resource_without_a_person_imports_nothing(study: Study) -> None:
    import tablib

    data = tablib.Dataset(["talks", "new", "New"], headers=["study", "slug", "label"])
    result = TopicResource().import_data(data, dry_run=True)
    assert [str(row.errors[0].error) for row in result.error_rows] == ["You curate no study “talks”."]
    with pytest.raises(TypeError):
        SourceResource().save_entry(study.sources.get(slug="putin"))


def test_the_export_takes_the_same_queries_for_more_rows(
    study: Study, curating: Client, django_assert_max_num_queries: Any
) -> None:
    with django_assert_max_num_queries(10):
        export(curating, "topic")
    for position in range(10, 30):
        Topic.objects.create(study=study, slug=f"t{position}", label="T", position=position)
    with django_assert_max_num_queries(10):
        export(curating, "topic")
