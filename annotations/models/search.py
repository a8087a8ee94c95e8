"""Full text over one folded column: on FTS5 in SQLite, on a tsvector in PostgreSQL, with the same results."""

from __future__ import annotations

from typing import Any, TypeVar

from django.db import connections, models
from django.db.models.expressions import RawSQL

from annotations.search_text import Query, Term, fold

Rows = TypeVar("Rows", bound="models.QuerySet[Any]")

#: SQLite's index of ``annotations_passage.folded``, kept by triggers (``annotations.models.triggers``).
SQLITE_INDEX = "annotations_passage_fts"
#: What PostgreSQL indexes: the expression below must be the index's own, or the index is not used.
POSTGRESQL_VECTOR = "to_tsvector('simple', folded)"


class FoldedTextField(models.TextField):  # type: ignore[type-arg]
    """What the search reads of the field ``of`` of the same row: set at every save, by hand never."""

    def __init__(self, *args: Any, of: str, **kwargs: Any) -> None:
        self.of = of
        kwargs["editable"] = False
        super().__init__(*args, **kwargs)

    def deconstruct(self) -> Any:
        name, path, args, kwargs = super().deconstruct()
        return name, path, args, kwargs | {"of": self.of}

    def pre_save(self, model_instance: models.Model, add: bool) -> str:
        """Runs for ``bulk_create`` as well, so that no row can be made without it."""
        folded = fold(getattr(model_instance, self.of))
        setattr(model_instance, self.attname, folded)
        return folded


def holding(passages: Rows, query: Query) -> Rows:
    """The passages that hold every wanted term of the query and none of the unwanted."""
    if connections[passages.db].vendor == "sqlite":
        # A subquery, never a join: joined, SQLite reads the whole index for each row.
        sql = f"SELECT rowid FROM {SQLITE_INDEX} WHERE {SQLITE_INDEX} MATCH %s"  # noqa: S608
        return passages.filter(pk__in=RawSQL(sql, [sqlite_query(query)]))  # noqa: S611
    sql = f"SELECT id FROM annotations_passage WHERE {POSTGRESQL_VECTOR} @@ to_tsquery('simple', %s)"  # noqa: S608
    found = passages.filter(pk__in=RawSQL(sql, [postgresql_query(query)]))  # noqa: S611
    # The index knows 256 places of a word and 16,383 words of a passage: phrases are read in the text.
    for term in query.wanted:
        if len(term.words) > 1:
            found = found.filter(folded__contains=_run(term))
    for term in query.unwanted:
        found = found.exclude(folded__contains=_run(term))
    return found


def sqlite_query(query: Query) -> str:
    """In FTS5's syntax. Words hold letters and digits only, so that quotes around them are enough."""
    wanted = " AND ".join(map(_sqlite_term, query.wanted))
    unwanted = " OR ".join(map(_sqlite_term, query.unwanted))
    return f"({wanted}) NOT ({unwanted})" if unwanted else wanted


def postgresql_query(query: Query) -> str:
    """The wanted words in tsquery's syntax: all of them, wherever they stand."""
    return " & ".join(
        f"'{word}':*" if term.is_prefix and place == len(term.words) else f"'{word}'"
        for term in query.wanted
        for place, word in enumerate(term.words, start=1)
    )


def _sqlite_term(term: Term) -> str:
    return f'"{" ".join(term.words)}"{" *" if term.is_prefix else ""}'


def _run(term: Term) -> str:
    """The term as it stands in a folded text, where every word has a space before and after it."""
    return f" {' '.join(term.words)}{'' if term.is_prefix else ' '}"
