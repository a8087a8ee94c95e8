"""What docs/study-folder.md shows is what loads."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from annotations.importing import codings, rows
from annotations.importing.folder import load_folder
from annotations.models import Annotation, Passage, Study

PAGE = (Path(__file__).parents[2] / "docs" / "study-folder.md").read_text()


@pytest.mark.django_db
def test_the_example_of_the_page_is_a_study(tmp_path: Path) -> None:
    toml, text, table = re.findall(r"```(?:toml)?\n([^$]+?)```", PAGE)[:3]
    for name, content in (("study.toml", toml), ("ankara.txt", text), ("codings.csv", table)):
        (tmp_path / name).write_text(content)
    assert load_folder(tmp_path).created
    assert Study.objects.get().slug == "grain-deal"
    assert Annotation.objects.get().quote == "Ships may pass from today"
    assert list(Passage.objects.values_list("kind", flat=True)) == ["heading", "paragraph"]


def test_the_limits_of_the_page_are_those_of_the_code() -> None:
    limits = re.findall(
        r"^\| ([^|]+) \| ([0-9,]+)( MiB)?[^|]*\|$", PAGE[PAGE.index("## Limits") :], re.MULTILINE
    )
    found = {name: int(n.replace(",", "")) * (rows.MIB if mib else 1) for name, n, mib in limits}
    assert found == {
        "`study.toml`": rows.STUDY_BYTES,
        "a document's file": rows.DOCUMENT_BYTES,
        "`codings.csv`": rows.CODINGS_BYTES,
        "a field of `codings.csv`, and a passage": rows.FIELD_CHARACTERS,
        "a note": codings.NOTE_CHARACTERS,
        "the guidelines": Study._meta.get_field("guidelines").max_length,
    }
