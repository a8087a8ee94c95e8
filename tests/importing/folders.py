"""A small study folder for tests, and what loading says of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from annotations.importing.folder import load_folder
from annotations.importing.rows import FolderErrors
from annotations.models import Annotation, Completion, Study, User

SHIPPED = Path(__file__).parents[2] / "seeds" / "biden-putin-2021"
NO_STUDY = """\
[[document]]
slug = "east"
file = "east.txt"
title = "East"
[[stance]]
slug = "support"
label = "Supports"
value = 1
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
"""
TOML = '[study]\nslug = "talks"\ntitle = "The talks"\n' + NO_STUDY
TEXT = "The talks\n\nBiden agreed to talk. Putin asked.\n\n• First item\n• Second item\n"
HEADER = "coder,document,start,end,quote,topic,stance,source,reported_by,note"
ROW = "ada,east,11,31,Biden agreed to talk,talks,support,biden,author,"


def make_folder(
    path: Path, *rows: str, toml: str = TOML, text: str | bytes | None = TEXT, header: str = HEADER
) -> Path:
    """The small folder with these codings, or with other files."""
    path.mkdir(parents=True, exist_ok=True)
    (path / "study.toml").write_bytes(toml.encode())
    if text is not None:
        (path / "east.txt").write_bytes(text.encode() if isinstance(text, str) else text)
    (path / "codings.csv").write_bytes("".join(f"{row}\n" for row in (header, *rows)).encode())
    return path


def faults_of(path: Path) -> list[str]:
    """What is wrong with the folder, line by line; and nothing has been written."""
    with pytest.raises(FolderErrors) as refused:
        load_folder(path)
    assert str(refused.value).split("\n") == [str(error) for error in refused.value.errors]
    assert not Study.objects.exists()
    assert not User.objects.exists()
    return [str(error) for error in refused.value.errors]


def contents(path: Path) -> dict[str, bytes]:
    """The folder's files by name."""
    return {file.name: file.read_bytes() for file in path.iterdir()}


def delete_all() -> None:
    """Empty the database, so that loading creates again."""
    Annotation.objects.all().delete()
    Completion.objects.all().delete()
    Study.objects.all().delete()
    User.objects.all().delete()
