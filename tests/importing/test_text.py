"""Normal text, and where a file's positions land in it."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from annotations.importing.rows import RowError
from annotations.importing.text import decode, normalise
from annotations.study_folder.text import normal, printable

#: Marks, Hangul parts, letters that NFC takes apart, emoji, right-to-left, spaces and line ends.
AWKWARD = "a\u0301\u0323\u0338\u0344e\u1100\u1161\u11a8\uac00\u0958\ufb1d\u212b\u0f73\u0f71\u0f80\u09c7\u09be"
AWKWARD += "🇵🇱👩\u200d🚀אבّل\u00a0\u2028\u0085\r\n\t \u200b\ufeff.•-1"
TEXTS = st.text(st.sampled_from(AWKWARD), max_size=40) | st.text(max_size=40)


@given(TEXTS)
@example("e\u0301\r\n\r\rx\u0323\u0301")
def test_normal_text_is_nfc_with_lf_and_normalising_again_changes_nothing(raw: str) -> None:
    found = normalise(raw)
    assert found.text == unicodedata.normalize("NFC", raw.replace("\r\n", "\n").replace("\r", "\n"))
    assert found.characters == len(raw)
    assert normalise(found.text).text == found.text
    assert normalise(found.text).changes == ()
    assert normal(normal(raw)) == normal(raw) == found.text


@given(TEXTS)
@example("\u1100\u1161\u11a8")
@example("a\u0323\u0301\r\nb")
def test_a_position_stands_exactly_where_both_halves_make_the_same_text(raw: str) -> None:
    found = normalise(raw)
    for position in range(len(raw) + 1):
        before, after = normal(raw[:position]), normal(raw[position:])
        expected = len(before) if before + after == found.text else None
        assert found.position(position) == expected


@given(TEXTS)
def test_a_quote_between_two_positions_is_the_files_quote_made_normal(raw: str) -> None:
    found = normalise(raw)
    places = [(p, found.position(p)) for p in range(len(raw) + 1)]
    standing = [(raw_place, place) for raw_place, place in places if place is not None]
    for start, placed_start in standing:
        for end, placed_end in standing:
            if start < end:
                assert found.text[placed_start:placed_end] == normal(raw[start:end])


def test_positions_after_joined_marks_and_line_ends_move() -> None:
    found = normalise("re\u0301sume\u0301\r\nz")
    assert found.text == "résumé\nz"
    assert [found.position(p) for p in range(11)] == [0, 1, None, 2, 3, 4, 5, None, 6, None, 7]


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"ab\n\xe9", "f.txt:2:1: The byte 0xE9 is not UTF-8: save the file as UTF-8."),
        (b"\xff\xfea\x00", "f.txt:1:1: The byte 0xFF is not UTF-8: save the file as UTF-8."),
        (
            b"\xef\xbb\xbfab\r\ncd\xed\xa0\x80",
            "f.txt:2:3: The byte 0xED is not UTF-8: save the file as UTF-8.",
        ),
        (b"ab\rc\x00d", "f.txt:2:2: A NUL character is not text."),
    ],
)
def test_bytes_that_are_no_text_are_named_with_their_line(content: bytes, expected: str) -> None:
    found = decode("f.txt", content)
    assert isinstance(found, RowError)
    assert str(found) == expected


@pytest.mark.parametrize("content", [b"\xef\xbb\xbfab\ncd", b"ab\ncd", b"\xef\xbb\xbf\xef\xbb\xbfab\ncd"])
def test_a_byte_order_mark_is_not_part_of_the_text(content: bytes) -> None:
    assert decode("f.txt", content) == "ab\ncd"


def test_a_message_spells_out_what_cannot_be_seen_and_cuts_what_is_long() -> None:
    assert printable("a\u00a0b\n“é”\x1b") == "a\\xa0b\\n“é”\\x1b"
    assert printable("x" * 300) == "x" * 200 + "…"
