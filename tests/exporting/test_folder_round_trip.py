"""Every study and every text comes back from its folder as it was."""

from __future__ import annotations

import tomllib
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from annotations.exporting.folder import export_folder
from annotations.exporting.folder_files import study_toml
from annotations.importing.folder import load_folder
from annotations.importing.segments import split_passages
from annotations.importing.write import write_study
from annotations.study_folder.stored import stored_folder
from annotations.study_folder.text import normal
from annotations.study_folder.values import (
    CodingRow,
    DocumentRow,
    SourceRow,
    StanceRow,
    StudyFolder,
    StudyRow,
    TopicRow,
)
from tests.importing.folders import contents, delete_all

pytestmark = pytest.mark.django_db

WORDS = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\0")
    | st.sampled_from("ae\u0301\r\n\"\\'•-=\u00a0\ufeff🇵🇱ש,"),
    max_size=20,
)
LABELS = WORDS.map(normal).filter(str.strip)


@st.composite
def folders(draw: st.DrawFn) -> StudyFolder:
    """A study with two documents of any text, and tags on runs of their passages."""
    documents = [
        DocumentRow(
            slug=slug,
            file=f"{slug}.txt",
            title=draw(LABELS),
            publisher=draw(WORDS.map(normal)),
            country="",
            language="en",
            published=None,
            finished=("ada",) if draw(st.booleans()) else (),
            text=normal("".join(draw(st.lists(WORDS, max_size=5)))).lstrip("\ufeff") + "word",
        )
        for slug in ("east", "west")
    ]
    codings: dict[object, CodingRow] = {}
    for document in documents:
        for passage in split_passages(document.text):
            start = draw(st.integers(passage.start, passage.end - 1))
            end = draw(st.integers(start + 1, passage.end))
            quote = document.text[start:end]
            if quote.strip():
                coding = CodingRow(
                    coder=draw(st.sampled_from(["ada", "ben"])),
                    document=document.slug,
                    start=start,
                    end=end,
                    quote=quote,
                    topic="talks",
                    stance=draw(st.sampled_from(["support", "oppose"])),
                    source="author",
                    reported_by=draw(st.sampled_from(["", "biden"])),
                    note=draw(WORDS.map(normal)),
                    uncertain=draw(st.booleans()),
                )
                codings[coding.key] = coding
    values = draw(
        st.lists(st.floats(-1, 1).map(lambda value: value + 0.0), min_size=2, max_size=2, unique=True)
    )
    talks_retired = draw(st.booleans())
    return StudyFolder(
        study=StudyRow("any", draw(LABELS), None, "", draw(WORDS.map(normal)), 0.25, 0.5, False, False),
        documents=tuple(documents),
        stances=(
            StanceRow("support", draw(LABELS), values[0], "", ""),
            StanceRow("oppose", draw(LABELS), values[1], "", ""),
            StanceRow("mixed", draw(LABELS), 0.5, "", "", draw(st.booleans())),
        ),
        topics=(
            TopicRow("talks", draw(LABELS), "group", draw(LABELS), talks_retired),
            TopicRow("group", draw(LABELS), "", "", talks_retired and draw(st.booleans())),
        ),
        sources=(
            SourceRow("author", draw(LABELS), draw(LABELS), ""),
            SourceRow("biden", "B", "US", "", draw(st.booleans())),
        ),
        codings=tuple(sorted(codings.values(), key=lambda coding: coding.key)),
    )


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(folder=folders())
def test_every_study_comes_back_the_same(folder: StudyFolder) -> None:
    delete_all()
    with TemporaryDirectory() as directory:
        first, second = Path(directory, "first"), Path(directory, "second")
        study = write_study(folder)
        assert stored_folder(study) == folder
        export_folder(study, first)
        assert load_folder(first).differences == ()
        delete_all()
        export_folder(load_folder(first).study, second)
        assert contents(second) == contents(first)


@given(st.text(st.sampled_from('"\\a\n\t\x01\x7f\u2028'), max_size=30) | WORDS)
@example('""""')
@example('a"')
def test_guidelines_of_every_text_come_back(text: str) -> None:
    study = StudyRow("any", "Any", None, "", normal(text), 0.25, 0.5, False, False)
    written = tomllib.loads(study_toml(StudyFolder(study, (), (), (), ())))
    assert written.get("guidelines", {"text": ""})["text"] == normal(text)
