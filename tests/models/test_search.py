"""Full-text search: the same passages for the same query, on whichever database the suite runs."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from annotations.models import Document, Passage, Study
from annotations.models.search import SQLITE_INDEX
from annotations.search_text import Query, QueryError, Unsearchable, Word, fold, hits, parse, words
from annotations.services.upkeep import delete_study
from tests.factories import make_document, make_study

TEXTS = (
    "The Minsk agreements were discussed for two hours.",  # 1
    "Discussed were two Minsk agreements; hours passed.",  # 2
    "Na Łódź i Żółć spadł śnieg.",  # 3
    "W Lodzi, not lodz.",  # 4
    "Встреча прошла 2021-12-07, ещё одна – 12 мая.",  # 5
    "еще ПУТИН и Байден; Киї\u0432.",  # 6
    "Zu\u0308rich, ZÜRICH and zurich: Straße STRASSE.",  # 7
    "İstanbul ISPARTA, ısparta.",  # 8
    "A snake_case word, Kyiv’s and don't.",  # 9
    "Η Ελλάδα είναι ΜΕΓΑΣ.",  # 10
    "Moscow bought S-400 for $2,021 on 7/12.",  # 11
    "о\u0301собый e\u0301te\u0301 Sicher\u00adheit",  # 12
    "和平协议 in Minsk",  # 13
    "AND OR NOT NEAR",  # 14
    "7e0b 1e5 0x1f.",  # 15
    "السلام عليكم ١٢",  # 16
    "שלום עולם नमस्ते दुनिया",  # 17
    "…",  # 18
)


@pytest.fixture
def texts(study: Study) -> Document:
    return make_document(study, "texts", *TEXTS)


def numbers(document: Document, query: str) -> list[int]:
    found = document.passages.all().search(query).order_by("number")
    return [passage.number for passage in found]


#: One list for both databases.
FOUND: list[tuple[str, list[int]]] = [
    # words, in any order and case
    ("minsk", [1, 2, 13]),
    ("MINSK hours", [1, 2]),
    ("hour", []),
    ("minsk nowhere", []),
    # phrases
    ('"Minsk agreements"', [1, 2]),
    ('"two hours"', [1]),
    ("“two hours”", [1]),
    ('"hours two"', []),
    ('"agreements were discussed" minsk', [1]),
    ('"agreements discussed"', []),
    # without
    ("minsk -two", [13]),
    ('minsk -"two hours"', [2, 13]),
    ("minsk −two", [13]),
    ("two -minsk", []),
    ("minsk -two -和平", []),
    ("minsk -nowhere", [1, 2, 13]),
    ('two -"two ho*"', [2]),
    # how words begin
    ("min*", [1, 2, 13]),
    ("lod*", [3, 4]),
    ('"minsk agr*"', [1, 2]),
    ('"two ho"*', [1]),
    ("пу*", [6]),
    ("mins* -agree*", [13]),
    # Polish
    ("lodz", [3, 4]),
    ("Łódź", [3, 4]),
    ("ŁODZ", [3, 4]),
    ("zolc", [3]),
    ("spadł", [3]),
    ("spadl", [3]),
    # Cyrillic
    ("путин", [6]),
    ("ПУТИН", [6]),
    ("Ещё", [5, 6]),
    ("еще", [5, 6]),
    ("байден", [6]),
    ("Баиден", [6]),
    ("Київ", [6]),
    ("особый", [12]),
    ('"2021 12 07" ещё', [5]),
    # accents, however they are composed
    ("zürich", [7]),
    ("zu\u0308rich", [7]),
    ("Zurich", [7]),
    ("ete", [12]),
    ("été", [12]),
    ("strasse", [7]),
    ("Straße", [7]),
    ("sicherheit", [12]),
    # the Turkish i
    ("istanbul", [8]),
    ("İSTANBUL", [8]),
    ("ısparta", [8]),
    ("isparta", [8]),
    # Greek, with its two sigmas
    ("μέγας", [10]),
    ("ΜΕΓΑΣ", [10]),
    ("ελλαδα", [10]),
    # numbers
    ("2021-12-07", [5]),
    ("12", [5, 11, 16]),
    ("2021", [5]),
    ("2,021", [11]),
    ("7/12", [11]),
    ("мая -12", []),
    ("12 мая", [5]),
    ("S400", [11]),
    ("s-400", [11]),
    ("40*", [11]),
    ("7e0b", [15]),
    ("1e5", [15]),
    ("b", [15]),
    ("0", [15]),
    # signs
    ("snake", [9]),
    ("snake_case", [9]),
    ("case_word", [9]),
    ("Kyiv", [9]),
    ("Kyiv's", [9]),
    ("dont", []),
    ("don’t", [9]),
    # other scripts
    ("协议", [13]),
    ("平协", [13]),
    ("议协", []),
    ("السلام", [16]),
    ("١٢", [5, 11, 16]),
    ("שלום", [17]),
    ("नमस्ते", [17]),
    # a database's own words are words
    ("and", [7, 9, 14]),
    ("OR", [14]),
    ("NOT near", [14]),
    ("folded:minsk", []),
    ("minsk | lodz", []),
    ("minsk & agreements", [1, 2]),
    ("(minsk) ^two", [1, 2]),
    ("'minsk' <-> \\agreements:*", [1, 2]),
    ("mi%", []),
    ("m_nsk", []),
]


@pytest.mark.parametrize(("query", "found"), FOUND, ids=[query for query, _found in FOUND])
def test_a_query_finds_these_passages_on_both_databases(
    texts: Document, query: str, found: list[int]
) -> None:
    assert numbers(texts, query) == found


def test_a_search_stays_in_what_it_is_asked_of_and_keeps_its_order(study: Study) -> None:
    other = make_study("other")
    second = make_document(study, "second", "Kyiv again", "and Kyiv")
    found = Passage.objects.search("kyiv").filter(document__study=study).in_text_order()
    assert [(p.document.slug, p.number) for p in found] == [
        ("east", 2),
        ("west", 2),
        ("second", 1),
        ("second", 2),
    ]
    assert second.passages.all().search("again").count() == 1
    assert Passage.objects.search("kyiv").filter(document__study=other).count() == 2


@pytest.mark.parametrize(
    ("query", "reason"),
    [("", Unsearchable.NO_WORDS), ("-minsk", Unsearchable.ONLY_EXCLUDED), ("x" * 201, Unsearchable.TOO_LONG)],
    ids=["empty", "only-excluded", "too-long"],
)
def test_what_asks_for_nothing_is_refused(db: None, query: str, reason: Unsearchable) -> None:
    with pytest.raises(QueryError) as refused:
        Passage.objects.search(query)
    assert refused.value.reason is reason


#: Nothing that one example leaves is seen by the next.
ANY = settings(deadline=None, max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])


@ANY
@given(text=st.text() | st.text(alphabet="\"'“−-*()[]{}:&|!<>^~\\%_., \t\0abminż1２"))
def test_no_text_breaks_a_search(texts: Document, text: str) -> None:
    try:
        query = parse(text)
    except QueryError:
        return
    held = [p.number for p in texts.passages.order_by("number") if _holds(words(p.text), query)]
    assert numbers(texts, text) == held


def _holds(there: list[Word], query: Query) -> bool:
    """What a search means, said once more and slowly."""
    wanted = all(hits(there, Query((term,), ())) for term in query.wanted)
    return wanted and not any(hits(there, Query((term,), ())) for term in query.unwanted)


@ANY
@given(text=st.text(min_size=1, max_size=150))
def test_every_text_is_found_by_its_own_words(study: Study, text: str) -> None:
    said = text.translate(str.maketrans(dict.fromkeys('\0\r"“”„‟«»', " "))).strip()
    if not fold(said).strip():
        return
    document = make_document(study, "own", said)
    try:
        assert [numbers(document, f'"{said}"{star}') for star in ("", "*")] == [[1], [1]]
    finally:
        document.delete()


def test_the_longest_query_of_the_longest_words_is_answered(texts: Document) -> None:
    for query in ("\ufdfa" * 60, "㌖" * 30, "ab" * 100, "x" * 199 + "*"):
        assert numbers(texts, query) == []
    assert numbers(texts, "a " * 100) == [9]
    assert numbers(texts, "-a " * 60 + "b") == [15]


def test_words_are_found_however_often_and_however_far_into_a_long_passage(study: Study) -> None:
    """PostgreSQL's index keeps 256 places of a word, and counts to 16,383."""
    long = make_document(study, "long", "of the " * 9_000 + "red lines " + "of peace " * 300, "word " * 200)
    for query in ('"red lines"', '"of peace"', '"the red lines of"', "peace", '"the r*"', "lines -war"):
        assert numbers(long, query) == [1]
    assert numbers(long, '"peace the"') == []
    assert numbers(long, 'peace -"red lines"') == []


def test_a_word_as_long_as_a_page_is_found(study: Study) -> None:
    long = make_document(study, "long", "y" * 50_000 + " end")
    assert numbers(long, "y" * 150 + "*") == [1]
    assert numbers(long, "end") == [1]


def test_the_most_that_a_passage_may_hold_is_stored_and_searched(study: Study) -> None:
    """100,000 characters, each of which folds to many words that no other has."""
    signs = [chr(code) for code in range(0x3300, 0x3358)]
    text = " ".join(f"{signs[i % 88]}{i:x}ж{i}" for i in range(9_000))[:100_000]
    long = make_document(study, "long", text)
    assert numbers(long, "ж1234") == [1]


def test_pages_do_not_read_the_folded_text(study: Study) -> None:
    with CaptureQueriesContext(connection) as queries:
        list(Passage.objects.all())
        list(study.documents.get(slug="east").passages.order_by("number"))
    assert not any("folded" in query["sql"] for query in queries)


def test_passages_are_folded_however_they_are_made(study: Study) -> None:
    document = make_document(study, "made", "Łódź")
    more = [Passage(document=document, number=9, kind="item", start=5, end=9, text="Ёлка")]
    Passage.objects.bulk_create(more)
    assert list(document.passages.order_by("number").values_list("folded", flat=True)) == [" lodz ", " елка "]


# --- the index is kept ----------------------------------------------------------------------------------


def index_is_sound() -> None:
    """SQLite compares its index with the passages, and raises where they differ."""
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute(f"INSERT INTO {SQLITE_INDEX}({SQLITE_INDEX}, rank) VALUES ('integrity-check', 1)")


def indexed_rows() -> int:
    if connection.vendor != "sqlite":
        return Passage.objects.count()
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM {SQLITE_INDEX}_docsize")
        return int(cursor.fetchone()[0])


def test_a_deleted_study_leaves_nothing_in_the_index(study: Study) -> None:
    make_study("other")
    delete_study(study=study)
    index_is_sound()
    assert indexed_rows() == 4
    assert Passage.objects.search("kyiv").count() == 2
    delete_study(study=Study.objects.get())
    assert (indexed_rows(), Passage.objects.search("kyiv").count()) == (0, 0)


def test_a_passage_that_is_folded_anew_is_found_by_its_new_words_only(texts: Document) -> None:
    texts.passages.filter(number=1).update(folded=" andersartig ")
    index_is_sound()
    assert numbers(texts, "andersartig") == [1]
    assert numbers(texts, '"two hours"') == []
    texts.passages.filter(number=1).update(kind="heading")
    assert numbers(texts, "andersartig") == [1]


def test_the_search_uses_its_index(texts: Document) -> None:
    """Where the planner may not read the whole table, it has another way."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET LOCAL enable_seqscan = off")
        plan = Passage.objects.search("minsk -lodz").explain()
    assert ("passage_search" if connection.vendor == "postgresql" else "VIRTUAL TABLE INDEX") in plan


@pytest.mark.django_db(transaction=True)
def test_passages_from_before_the_search_are_found_and_the_way_back_is_open() -> None:
    before = [("annotations", "0002_workbench_and_curation")]
    call_command("migrate", "annotations", "0002", verbosity=0)
    try:
        old = MigrationExecutor(connection).loader.project_state(before).apps
        document = _old_document(old)
        with connection.cursor() as cursor:
            tables = connection.introspection.table_names(cursor)
        assert not [table for table in tables if table.startswith(SQLITE_INDEX)]
    finally:
        call_command("migrate", "annotations", verbosity=0)
    index_is_sound()
    assert [p.number for p in Passage.objects.search("lodz").filter(document=document)] == [1]
    assert Passage.objects.search("путин").count() == 1
    passage = Passage.objects.filter(document=document).order_by("number")[0]
    passage.delete()
    assert not Passage.objects.search("lodz").exists()


def _old_document(apps: Any) -> int:
    study = apps.get_model("annotations", "Study").objects.create(slug="old", title="Old")
    document = apps.get_model("annotations", "Document").objects.create(
        study=study, position=0, slug="old", file="old.txt", title="Old", text="Łódź\n\nПутин", characters=11
    )
    for number, (start, text) in enumerate(((0, "Łódź"), (6, "Путин")), start=1):
        apps.get_model("annotations", "Passage").objects.create(
            document=document,
            number=number,
            kind="paragraph",
            start=start,
            end=start + len(text),
            text=text,
        )
    return int(document.pk)
