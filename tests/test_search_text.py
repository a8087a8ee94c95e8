"""Folding, the places of words, and what people type: pure."""

from __future__ import annotations

import sys
import unicodedata
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotations.search_text import (
    FOLDED_CHARACTERS,
    QUERY_CHARACTERS,
    Query,
    QueryError,
    Term,
    Unsearchable,
    fold,
    hits,
    parse,
    words,
)

#: Every script that people write, the marks on it, signs, and what no keyboard has.
ANY_TEXT = st.text()


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Łódź, ŁÓDŹ; Lodz", "lodz lodz lodz"),
        ("Zażółć gęślą jaźń", "zazolc gesla jazn"),
        ("ZÜRICH Zu\u0308rich", "zurich zurich"),
        ("Straße STRASSE ẞ", "strasse strasse ss"),
        ("Đorđe Ørsted Æon cœur Guðni Þór", "dorde orsted aeon coeur gudni thor"),
        ("Ёлка ёлка елка", "елка елка елка"),
        ("Йод Київ Кии\u0306в", "иод киів киив"),
        ("о\u0301собый", "особыи"),
        ("İstanbul ISPARTA ısparta", "istanbul isparta isparta"),
        ("ΜΕΓΑΣ μέγας μεγασ", "μεγασ μεγασ μεγασ"),
        ("2021-12-07", "2021 12 07"),
        ("1,5 ½ ² ٣ ①", "1 5 1 2 2 3 1"),
        ("S-400 S400 s 400", "s 400 s 400 s 400"),
        ("snake_case", "snake case"),
        ("don't don’t donʼt", "don t don t don t"),
        ("Sicher\u00adheit a\u200db", "sicherheit ab"),
        ("e\u00a0f\u2060g\u200bh", "e fg h"),
        ("和平协议", "和 平 协 议"),
        ("ﬁnal Ｆｕｌｌ", "final full"),
        ("👩‍👩‍👧 met 🇺🇦!", "met"),
        ("", ""),
        ("… — ?", ""),
    ],
)
def test_a_text_is_folded_to_its_words(text: str, folded: str) -> None:
    assert fold(text).split() == folded.split()
    assert fold(text) == f" {folded} "


def test_whatever_is_folded_is_letters_digits_and_single_spaces() -> None:
    """Every code point that there is, and folding again changes nothing."""
    for code in range(sys.maxunicode + 1):
        folded = fold(chr(code))
        assert fold(folded) == folded
        for word in folded.split(" "):
            kinds = {unicodedata.category(letter)[0] for letter in word}
            assert kinds <= {"L"} or (word.isascii() and word.isdigit()), hex(code)


def test_long_words_are_cut_and_so_are_long_texts() -> None:
    assert [len(word) for word in fold("x" * 250).split()] == [100, 100, 50]
    long = fold("word " * 50_000)
    assert len(long) <= FOLDED_CHARACTERS
    assert set(long.split()) == {"word"}
    assert long.endswith("word ")


@given(ANY_TEXT)
def test_the_places_of_words_lie_in_the_text_and_fold_to_the_words(text: str) -> None:
    found = words(text)
    assert [word.text for word in found] == fold(text).split()
    for word in found:
        assert 0 <= word.start < word.end <= len(text)
        assert word.text in fold(text[word.start : word.end]).replace(" ", "")
    assert [word.start for word in found] == sorted(word.start for word in found)


def test_a_word_has_its_marks_with_it_and_no_sign() -> None:
    text = "«о\u0301собый» Sicher\u00adheit, S-400."
    assert [text[word.start : word.end] for word in words(text)] == [
        "о\u0301собый",
        "Sicher\u00adheit",
        "S",
        "400",
    ]


@pytest.mark.parametrize(
    ("typed", "wanted", "unwanted"),
    [
        ("Minsk", ["minsk"], []),
        ("minsk  NORMANDY", ["minsk", "normandy"], []),
        ('"two hours" talks', ["two hours", "talks"], []),
        ("“two hours” „a b” «c d»", ["two hours", "a b", "c d"], []),
        ("minsk -nato", ["minsk"], ["nato"]),
        ('minsk -"red lines" −nato', ["minsk"], ["red lines", "nato"]),
        ("2021-12-07", ["2021 12 07"], []),
        ("well-known - fact", ["well known", "fact"], []),
        ("mosc*", ["mosc*"], []),
        ('"two ho*" "two ho"*', ["two ho*", "two ho*"], []),
        ("m*sk *", ["m sk"], []),
        ('"not closed', ["not closed"], []),
        ("Putin's -don't", ["putin s"], ["don t"]),
        ("AND OR NOT NEAR(a, b) folded:x ^y", ["and", "or", "not", "near a", "b", "folded x", "y"], []),
    ],
)
def test_what_is_typed_is_read(typed: str, wanted: list[str], unwanted: list[str]) -> None:
    def terms(texts: list[str]) -> tuple[Term, ...]:
        return tuple(Term(tuple(text.rstrip("*").split()), text.endswith("*")) for text in texts)

    assert parse(typed) == Query(terms(wanted), terms(unwanted))


@pytest.mark.parametrize(
    ("typed", "reason"),
    [
        ("", Unsearchable.NO_WORDS),
        ("  ", Unsearchable.NO_WORDS),
        ('"" - * _ … \0', Unsearchable.NO_WORDS),
        ("-nato", Unsearchable.ONLY_EXCLUDED),
        ('-nato -"red lines" ?', Unsearchable.ONLY_EXCLUDED),
        pytest.param("x" * (QUERY_CHARACTERS + 1), Unsearchable.TOO_LONG, id="many-characters"),
        # One character of Arabic that is a sentence of four words.
        pytest.param("\ufdfa" * 80, Unsearchable.TOO_LONG, id="many-words"),
    ],
)
def test_what_asks_for_nothing_is_refused_with_its_reason(typed: str, reason: Unsearchable) -> None:
    with pytest.raises(QueryError) as refused:
        parse(typed)
    assert refused.value.reason is reason


def test_a_query_may_be_as_long_as_is_said() -> None:
    assert parse("x" * QUERY_CHARACTERS).wanted == (Term(("x" * 100, "x" * 100)),)


@pytest.mark.parametrize(
    ("text", "query", "found"),
    [
        ("Łódź met LODZ.", "lodz", ["Łódź", "LODZ"]),
        ("Moscow, Moscow’s and mosque", "mosc*", ["Moscow", "Moscow"]),
        ("on 2021-12-07, not 12", "2021-12-07", ["2021-12-07"]),
        ("on 2021-12-07, not 12", "12", ["12", "12"]),
        ("two hours and two hours", '"two hours" hours', ["two hours", "two hours"]),
        ("a b a b a", '"a b a"', ["a b a b a"]),
        ("the S-400 and the S400", "s400", ["S-400", "S400"]),
        ("red lines but no line", "red -line", ["red"]),
        ("о\u0301собый", "особый", ["о\u0301собый"]),
        ("nothing here", "else", []),
        ("和平协议", "和平", ["和平"]),
        ("", "x", []),
    ],
)
def test_hits_are_where_the_wanted_words_stand(text: str, query: str, found: list[str]) -> None:
    places = hits(words(text), parse(query))
    assert [text[start:end] for start, end in places] == found


@given(ANY_TEXT, ANY_TEXT)
def test_hits_stand_in_the_order_of_the_text_and_apart(text: str, typed: str) -> None:
    try:
        query = parse(typed)
    except QueryError:
        return
    places = hits(words(text), query)
    assert all(end <= start for (_, end), (start, _) in pairwise(places))
