"""The files of a study folder as bytes: the same study always gives the same."""

from __future__ import annotations

import csv
import io
import re
from typing import TYPE_CHECKING, Any

import tomli_w

from annotations.models import Study
from annotations.study_folder.values import CODING_COLUMNS, CODINGS_FILE, STUDY_FILE, UNCERTAIN

if TYPE_CHECKING:
    from annotations.study_folder.values import SourceRow, StanceRow, StudyFolder, StudyRow, TopicRow


def folder_files(folder: StudyFolder) -> dict[str, bytes]:
    """Every file by its name: UTF-8 without a byte order mark. Lines end in LF, a CSV's rows in CRLF."""
    return {
        STUDY_FILE: study_toml(folder).encode(),
        **{document.file: document.text.encode() for document in folder.documents},
        CODINGS_FILE: codings_csv(folder).encode(),
    }


def study_toml(folder: StudyFolder) -> str:
    """``study.toml``: one table after the other, empty keys left out."""
    tables = [_table("[study]", _study_keys(folder.study))]
    for document in folder.documents:
        keys: dict[str, Any] = {
            "slug": document.slug,
            "file": document.file,
            "title": document.title,
            "publisher": document.publisher,
            "country": document.country,
            "language": document.language,
            "published": document.published,
        }
        tables.append(_table("[[document]]", keys) + _finished_line(document.finished))
    if folder.study.guidelines:
        tables.append(f"[guidelines]\ntext = {_long_text(folder.study.guidelines)}\n")
    for stance in folder.stances:
        keys = {"slug": stance.slug, "label": stance.label, "value": stance.value}
        tables.append(
            _table("[[stance]]", keys | {"key": stance.key, "color": stance.color} | _retired(stance))
        )
    for topic in folder.topics:
        keys = {"slug": topic.slug, "parent": topic.parent, "label": topic.label}
        tables.append(_table("[[topic]]", keys | {"statement": topic.statement} | _retired(topic)))
    for source in folder.sources:
        keys = {"slug": source.slug, "label": source.label, "side": source.side}
        tables.append(_table("[[source]]", keys | {"speaks_for": source.speaks_for} | _retired(source)))
    return "\n".join(tables)


def codings_csv(folder: StudyFolder) -> str:
    """``codings.csv``, without a formula guard: a quote must read as it stands in its document."""
    columns: tuple[str, ...] = CODING_COLUMNS
    if any(coding.uncertain for coding in folder.codings):
        columns = (*CODING_COLUMNS, UNCERTAIN)
    written = io.StringIO(newline="")
    writer = csv.writer(written, lineterminator="\r\n")
    writer.writerow(columns)
    for coding in folder.codings:
        writer.writerow([_cell(getattr(coding, column)) for column in columns])
    return written.getvalue()


def _study_keys(study: StudyRow) -> dict[str, Any]:
    """The keys of ``[study]``; a setting that has its default is left out."""
    keys: dict[str, Any] = {
        "slug": study.slug,
        "title": study.title,
        "event_date": study.event_date,
        "question": study.question,
    }
    for key, field in (
        ("agree_max", "agree_max"),
        ("diverge_above", "diverge_above"),
        ("blind", "is_blind"),
        ("public", "is_public"),
    ):
        value = getattr(study, field)
        stored: Any = Study._meta.get_field(field)
        if value != stored.get_default():
            keys[key] = value
    return keys


def _retired(entry: StanceRow | TopicRow | SourceRow) -> dict[str, bool]:
    """The key of an entry that is out of use; entries in use have none."""
    return {"retired": True} if entry.is_retired else {}


def _table(header: str, keys: dict[str, Any]) -> str:
    given = {key: value for key, value in keys.items() if value is not None and value != ""}
    return f"{header}\n{tomli_w.dumps(given, multiline_strings=True)}"


def _finished_line(names: tuple[str, ...]) -> str:
    """The coders who finished a document on one line; no user name has a character that TOML escapes."""
    return "finished = [{}]\n".format(", ".join(f'"{name}"' for name in names)) if names else ""


def _long_text(text: str) -> str:
    """A TOML text over several lines that keeps single quotation marks readable."""
    escaped = text.replace("\\", "\\\\")
    escaped = re.sub(r'""+|"\Z', lambda quotes: '\\"' * len(quotes[0]), escaped)
    escaped = re.sub(r"[\x00-\x08\x0b-\x1f\x7f]", lambda c: f"\\u{ord(c[0]):04x}", escaped)
    return f'"""\n{escaped}"""'


def _cell(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
