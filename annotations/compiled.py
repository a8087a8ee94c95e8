"""Statements that are compiled to SQL once for a process, for what every request or every save does.

Django makes the SQL of a queryset anew each time, which takes several times as long as the database's answer
where a row is found by its key; ``docs/performance.md`` has the figures. Here a queryset is made once, with
marks in the places of its arguments; afterwards only the arguments are put in. They stay parameters: nothing
is ever written into the SQL.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from copy import copy
from dataclasses import dataclass
from functools import cached_property, update_wrapper
from types import NoneType, SimpleNamespace
from typing import Any, Generic, ParamSpec, TypeVar, cast

from django.db import DEFAULT_DB_ALIAS, connections, models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Model, QuerySet
from django.db.models.sql.compiler import SQLCompiler
from django.db.transaction import TransactionManagementError

P = ParamSpec("P")
M = TypeVar("M", bound=Model)

#: Marks that no query has of its own, and that fit into every column that is looked up by one.
NUMBER, WORD = 2_111_000_000, "\x01argument {}\x01"

#: What no column of integers holds, on either database, is beyond these.
LEAST, MOST = -(2**63), 2**63 - 1


#: What a database takes as it is, by the kind of column. Every other value is made ready by its field.
PLAIN = {
    models.IntegerField: frozenset([int, NoneType]),
    models.PositiveIntegerField: frozenset([int, NoneType]),
    models.BigIntegerField: frozenset([int, NoneType]),
    models.ForeignKey: frozenset([int, NoneType]),
    models.CharField: frozenset([str]),
    models.TextField: frozenset([str]),
    models.BooleanField: frozenset([bool, NoneType]),
}


#: Does nothing, and may be entered any number of times.
AS_USUAL = nullcontext()


def planned_once(connection: BaseDatabaseWrapper) -> AbstractContextManager[None]:
    """What is executed within is planned once by PostgreSQL for each of its connections, where
    ``DATABASE_PREPARED`` says so. For statements whose text is the same each time and whose parameters are
    few: these are bound by the server, which takes 65,535 at most."""
    connection.ensure_connection()
    raw = connection.connection
    if connection.vendor != "postgresql" or raw.prepare_threshold is None:
        return AS_USUAL
    if connection.queries_logged:
        # The log writes a statement with its values, which Django knows of those that it binds itself.
        return AS_USUAL
    return _bound_by_the_server(raw)


@contextmanager
def _bound_by_the_server(raw: Any) -> Iterator[None]:
    # Here, since it brings PostgreSQL's library with it.
    from django.db.backends.postgresql.base import ServerBindingCursor

    raw.cursor_factory, usual = ServerBindingCursor, raw.cursor_factory
    try:
        yield
    finally:
        raw.cursor_factory = usual


@dataclass(frozen=True, slots=True)
class Statement:
    """A compiled queryset. ``places``: where in ``params`` which argument stands, as which type;
    ``converters``: from the database's values to Python's, by column."""

    queryset: QuerySet[Any]
    compiler: SQLCompiler
    sql: str
    params: tuple[Any, ...]
    places: tuple[tuple[int, int, type], ...]
    converters: dict[int, Any]


class CompiledQuery(Generic[P, M]):
    """A function that makes a queryset, called as one that gives the objects found.

    An argument is a value that is compared, in one place or more; it never decides how the query is made.
    None is no value: SQL compares with it in other words. ``prefetch_related`` would be another query.
    """

    def __init__(self, make: Callable[P, QuerySet[M]], kinds: tuple[type, ...]) -> None:
        update_wrapper(self, make)
        self._make: Callable[..., QuerySet[M]] = make
        self._kinds = kinds
        self._statement: Statement | None = None

    def __call__(self, *arguments: P.args, **named: P.kwargs) -> list[M]:
        """The objects in the order of the queryset, in one query. ``TypeError`` for another argument than
        the query was declared with."""
        if named or len(arguments) != len(self._kinds) or not all(map(isinstance, arguments, self._kinds)):
            wanted = ", ".join(kind.__name__ for kind in self._kinds)
            raise TypeError(f"{self._make.__name__} takes ({wanted}).")
        # Two threads may both compile it: they come to the same.
        statement = self._statement or self._compile()
        queryset = statement.queryset
        connection = connections[queryset.db]
        if queryset.query.select_for_update and not connection.in_atomic_block:
            raise TransactionManagementError("select_for_update cannot be used outside of a transaction.")
        if not all(map(_may_be_stored, arguments)):
            return []
        given = list(statement.params)
        for place, number, kind in statement.places:
            given[place] = kind(arguments[number])
        params = tuple(given)
        compiler = copy(statement.compiler)
        compiler.connection = connection
        compiler.as_sql = lambda *_args, **_named: (statement.sql, params)  # type: ignore[method-assign]
        compiler.get_converters = lambda _columns: statement.converters  # type: ignore[assignment, method-assign]
        # Django's own way from rows to objects, with the query already compiled.
        asked = SimpleNamespace(
            db=queryset.db,
            model=queryset.model,
            query=SimpleNamespace(get_compiler=lambda **_named: compiler),
            _known_related_objects={},
        )
        with planned_once(connection):
            return list(cast(Any, queryset)._iterable_class(asked))

    def _compile(self) -> Statement:
        marks = [NUMBER + n if kind is int else WORD.format(n) for n, kind in enumerate(self._kinds)]
        queryset = self._make(*marks)
        compiler = queryset.query.get_compiler(using=queryset.db)
        sql, params = compiler.as_sql()
        places = tuple(
            (place, marks.index(param), type(param)) for place, param in enumerate(params) if param in marks
        )
        if {number for _place, number, _kind in places} != set(range(len(marks))):
            raise TypeError(f"{self._make.__name__} does not compare with each of its arguments as it is.")
        converters = compiler.get_converters([column[0] for column in compiler.select])
        # A connection belongs to its thread: none is kept.
        compiler.connection = None
        self._statement = Statement(queryset, compiler, sql, tuple(params), places, converters)
        return self._statement


def _may_be_stored(argument: object) -> bool:
    """PostgreSQL refuses to look for a text with a NUL, and SQLite for a number of more than 64 bits."""
    if isinstance(argument, str):
        return "\0" not in argument
    return not isinstance(argument, int) or LEAST <= argument <= MOST


def compiled(*kinds: type) -> Callable[[Callable[P, QuerySet[M]]], CompiledQuery[P, M]]:
    """For a function that makes a queryset from arguments of these ``kinds``, ``int`` (a primary key, say) or
    ``str``: it is called once, and gives a list of objects instead."""
    return lambda make: CompiledQuery(make, kinds)


class CompiledInsert(Generic[M]):
    """Stores new objects of a model, one at a time, by a statement that is made once.

    It stores the columns of the object and does nothing else: no signal is sent, so a line of the history is
    for the caller to store.
    """

    def __init__(self, model: type[M]) -> None:
        self._model = model

    @cached_property
    def _fields(self) -> tuple[Any, ...]:
        """Each column, and of which types it is stored as it is."""
        fields = [field for field in self._model._meta.local_concrete_fields if not field.primary_key]
        return tuple((field, PLAIN.get(type(field), frozenset())) for field in fields)

    @cached_property
    def _sql(self) -> str:
        meta, name = self._model._meta, connections[DEFAULT_DB_ALIAS].ops.quote_name
        columns = ", ".join(name(field.column) for field, _plain in self._fields)
        values = ", ".join(["%s"] * len(self._fields))
        into = f"INSERT INTO {name(meta.db_table)} ({columns})"
        return f"{into} VALUES ({values}) RETURNING {name(str(meta.pk.column))}"

    def __call__(self, one: M) -> None:
        """Stores an object that is new, and gives it its primary key. Raises ``IntegrityError`` where the
        database refuses it."""
        connection = connections[DEFAULT_DB_ALIAS]
        values = [
            value if type(value) in plain else field.get_db_prep_save(value, connection)
            for field, plain in self._fields
            for value in [field.pre_save(one, True)]
        ]
        with planned_once(connection), connection.cursor() as cursor:
            cursor.execute(self._sql, values)
            (one.pk,) = cursor.fetchone()
        one._state.adding, one._state.db = False, connection.alias
