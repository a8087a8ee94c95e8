"""What must hold between the entries of ``study.toml``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from annotations.enums import AUTHOR
from annotations.study_folder.text import printable
from annotations.study_folder.values import folded

if TYPE_CHECKING:
    from collections.abc import Sequence

    from annotations.importing.toml_tables import Table, TomlFile
    from annotations.study_folder.values import DocumentRow, SourceRow, StanceRow, TopicRow

LEAST_STANCE_VALUES = 2


def check_documents(file: TomlFile, documents: Sequence[tuple[Table, DocumentRow]]) -> None:
    """At least one document; no slug and no file twice."""
    _refuse_repeated("slug", [(table, row.slug) for table, row in documents])
    _refuse_repeated("file", [(table, folded(row.file)) for table, row in documents])
    if not documents:
        file.top().refuse("document", _("A study needs at least one [[document]]."))


def check_stances(file: TomlFile, stances: Sequence[tuple[Table, StanceRow]]) -> None:
    """At least two different values in use, else nothing can differ; no slug and no key twice."""
    _refuse_repeated("slug", [(table, row.slug) for table, row in stances])
    _refuse_repeated("key", [(table, row.key) for table, row in stances])
    if len({row.value for _table, row in stances if not row.is_retired} - {None}) < LEAST_STANCE_VALUES:
        file.top().refuse("stance", _("A study needs stances of at least two different values."))


def check_topics(topics: Sequence[tuple[Table, TopicRow]]) -> None:
    """Two levels; topics with a parent have a statement, and only they. Under a retired one all are."""
    _refuse_repeated("slug", [(table, row.slug) for table, row in topics])
    parents = {row.slug: row.parent for _table, row in topics}
    retired = {row.slug for _table, row in topics if row.is_retired}
    for table, row in topics:
        if row.parent and row.parent not in parents:
            table.refuse("parent", _("There is no topic “%(slug)s”.") % {"slug": printable(row.parent)})
        elif row.parent and parents[row.parent]:
            reason = _("Topics have two levels: “%(slug)s” has a parent itself.")
            table.refuse("parent", reason % {"slug": row.parent})
        if row.parent in retired and not row.is_retired:
            reason = _("“%(slug)s” is retired: then the topics under it are retired, too.")
            table.refuse("parent", reason % {"slug": row.parent})
        # What is of a wrong type has been refused already, and reads as empty.
        if row.parent and not str(table.entry.get("statement", "")).strip():
            table.refuse("statement", _("A topic with a parent needs a statement."))
        if not table.entry.get("parent") and row.statement:
            table.refuse("statement", _("Only a topic with a parent has a statement."))


def check_sources(file: TomlFile, sources: Sequence[tuple[Table, SourceRow]]) -> None:
    """``author`` is among them, and in use; a body speaks for nobody else."""
    _refuse_repeated("slug", [(table, row.slug) for table, row in sources])
    bodies = {row.slug: row.speaks_for for _table, row in sources}
    if AUTHOR not in bodies:
        file.top().refuse("source", _("The source “author”, the documents' own voice, is missing."))
    for table, row in sources:
        if row.slug == AUTHOR and row.is_retired:
            table.refuse("retired", _("The source “author” is the documents' own voice: it is not retired."))
        if not row.speaks_for:
            continue
        slug = {"slug": printable(row.speaks_for)}
        if row.speaks_for not in bodies:
            table.refuse("speaks_for", _("There is no source “%(slug)s”.") % slug)
        elif bodies[row.speaks_for]:
            table.refuse("speaks_for", _("“%(slug)s” speaks for another itself: name a body.") % slug)


def _refuse_repeated(key: str, given: Sequence[tuple[Table, str]]) -> None:
    """Refuse every value after the first of its kind; empty ones are no value."""
    first: dict[str, Table] = {}
    for table, value in given:
        if value and value in first:
            table.refuse(
                key,
                _("“%(value)s” is used in line %(line)s already.")
                % {"value": printable(value), "line": first[value].line(key)},
            )
        first.setdefault(value, table)
