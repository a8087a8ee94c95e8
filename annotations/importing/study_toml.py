"""``study.toml`` into rows: the study, its documents, and its codebook."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from annotations.importing import codebook_rules
from annotations.importing.people import coder_name, name_fault
from annotations.importing.rows import RowError
from annotations.importing.toml_tables import TomlFile, TomlLines, parse_toml
from annotations.models import Document, Source, Stance, Study, Topic
from annotations.study_folder.text import printable
from annotations.study_folder.values import (
    DocumentRow,
    SourceRow,
    StanceRow,
    StudyFolder,
    StudyRow,
    TopicRow,
    is_plain_file_name,
)

if TYPE_CHECKING:
    from django.db.models import Model

    from annotations.importing.toml_tables import Table

_SLUG = re.compile(r"[a-z0-9-]+")
_COLOR = re.compile(r"#[0-9a-fA-F]{6}")
_COUNTRY = re.compile(r"[A-Z]{2}")
_LANGUAGE = re.compile(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*")
_TABLES = ("study", "document", "guidelines", "stance", "topic", "source")


def read_study_toml(text: str, errors: list[RowError]) -> StudyFolder | None:
    """All that ``study.toml`` says, without texts and codings; None where it is no TOML.

    Every fault is added to ``errors``; where there is one, the rows are for checking the codings only.
    """
    content = parse_toml(text)
    if isinstance(content, RowError):
        errors.append(content)
        return None
    faults: list[RowError] = []
    file = TomlFile(content, TomlLines(text), faults)
    file.top().refuse_unknown(_TABLES)
    documents = [(table, _document(table)) for table in file.tables("document")]
    stances = [(table, _stance(table)) for table in file.tables("stance")]
    topics = [(table, _topic(table)) for table in file.tables("topic")]
    sources = [(table, _source(table)) for table in file.tables("source")]
    codebook_rules.check_documents(file, documents)
    codebook_rules.check_stances(file, stances)
    codebook_rules.check_topics(topics)
    codebook_rules.check_sources(file, sources)
    study = _study(file)
    errors += sorted(faults, key=lambda fault: fault.line)
    return StudyFolder(
        study=study,
        documents=tuple(row for _table, row in documents),
        stances=tuple(row for _table, row in stances),
        topics=tuple(row for _table, row in topics),
        sources=tuple(row for _table, row in sources),
    )


def _study(file: TomlFile) -> StudyRow:
    table, guidelines = file.table("study", required=True), file.table("guidelines")
    table.refuse_unknown(
        ("slug", "title", "event_date", "question", "agree_max", "diverge_above", "blind", "public")
    )
    guidelines.refuse_unknown(("text",))
    agree, diverge = table.number("agree_max", 0, 1), table.number("diverge_above", 0, 1)
    agree = _default("agree_max") if agree is None else agree
    diverge = _default("diverge_above") if diverge is None else diverge
    if agree > diverge:
        table.refuse("agree_max", _("agree_max must not be above diverge_above."))
    return StudyRow(
        slug=_slug(table),
        title=table.text("title", limit=_limit(Study, "title"), required=True),
        event_date=table.day("event_date"),
        question=table.text("question", limit=_limit(Study, "question")),
        guidelines=guidelines.text("text", limit=_limit(Study, "guidelines"), required=True),
        agree_max=agree,
        diverge_above=diverge,
        is_blind=table.flag("blind"),
        is_public=table.flag("public"),
    )


def _document(table: Table) -> DocumentRow:
    table.refuse_unknown(
        ("slug", "file", "title", "publisher", "country", "language", "published", "finished")
    )
    return DocumentRow(
        slug=_slug(table),
        file=_file(table),
        title=table.text("title", limit=_limit(Document, "title"), required=True),
        publisher=table.text("publisher", limit=_limit(Document, "publisher")),
        country=_matching(table, "country", _COUNTRY, _("Write two capital letters, like PL.")),
        language=_matching(table, "language", _LANGUAGE, _("Write a language tag, like en or zh-Hans."))
        or "en",
        published=table.day("published"),
        finished=_finished(table),
    )


def _stance(table: Table) -> StanceRow:
    table.refuse_unknown(("slug", "label", "value", "key", "color", "retired"))
    return StanceRow(
        slug=_slug(table),
        label=table.text("label", limit=_limit(Stance, "label"), required=True),
        value=table.number("value", -1, 1),
        key=table.text("key", limit=_limit(Stance, "key")),
        color=_matching(table, "color", _COLOR, _("Write a colour as #rrggbb.")),
        is_retired=table.flag("retired"),
    )


def _topic(table: Table) -> TopicRow:
    table.refuse_unknown(("slug", "label", "parent", "statement", "retired"))
    return TopicRow(
        slug=_slug(table),
        label=table.text("label", limit=_limit(Topic, "label"), required=True),
        parent=table.text("parent", limit=None),
        statement=table.text("statement", limit=_limit(Topic, "statement")),
        is_retired=table.flag("retired"),
    )


def _source(table: Table) -> SourceRow:
    table.refuse_unknown(("slug", "label", "side", "speaks_for", "retired"))
    return SourceRow(
        slug=_slug(table),
        label=table.text("label", limit=_limit(Source, "label"), required=True),
        side=table.text("side", limit=_limit(Source, "side"), required=True),
        speaks_for=table.text("speaks_for", limit=None),
        is_retired=table.flag("retired"),
    )


def _slug(table: Table) -> str:
    slug = table.text("slug", limit=_limit(Study, "slug"), required=True)
    if slug and not _SLUG.fullmatch(slug):
        table.refuse("slug", _("Use small letters a–z, digits and hyphens only."))
        return ""
    return slug


def _file(table: Table) -> str:
    """The document's file name as it is written: a file system may tell composed and decomposed apart."""
    name = table.text("file", limit=_limit(Document, "file"), required=True)
    if name and not is_plain_file_name(name):
        table.refuse(
            "file",
            _("“%(name)s” is not the plain name of a document's file in this folder.")
            % {"name": printable(name)},
        )
        return ""
    return str(table.entry["file"]) if name else ""


def _finished(table: Table) -> tuple[str, ...]:
    names: dict[str, str] = {}
    for given in table.texts("finished"):
        name = coder_name(given)
        if fault := name_fault(name):
            table.refuse("finished", fault)
        elif name.lower() in names:
            table.refuse("finished", _("“%(name)s” stands here twice.") % {"name": printable(name)})
        names[name.lower()] = name
    return tuple(sorted(names.values()))


def _matching(table: Table, key: str, pattern: re.Pattern[str], reason: str) -> str:
    value = table.text(key, limit=None)
    if value and not pattern.fullmatch(value):
        table.refuse(key, reason)
        return ""
    return value


def _limit(model: type[Model], name: str) -> int:
    """The most characters that the field holds."""
    limit: Any = model._meta.get_field(name)
    return int(limit.max_length)


def _default(name: str) -> float:
    field: Any = Study._meta.get_field(name)
    return float(field.get_default())
