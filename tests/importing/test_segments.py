"""How a text falls into passages."""

from __future__ import annotations

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from annotations.enums import PassageKind
from annotations.importing.segments import BULLET, split_passages
from annotations.importing.text import normalise
from tests.importing.folders import SHIPPED

HEADING, PARAGRAPH, ITEM = PassageKind.HEADING, PassageKind.PARAGRAPH, PassageKind.ITEM
PIECES = ["\n", "\n\n", " ", "\u00a0", "\t", "\u2028", "\u0085", "• ", "- ", "*", "–", "1. ", "12)", "a) "]
PIECES += ["word", "é", "e\u0301", "🇵🇱", "שלום", ".", "‣ ", "◦ ", "x" * 130]
TEXTS = st.lists(st.sampled_from(PIECES) | st.text(max_size=5), max_size=30).map("".join)


def kinds(text: str) -> list[tuple[PassageKind, str]]:
    return [(passage.kind, passage.text) for passage in split_passages(text)]


def holds_no_words(text: str) -> bool:
    """Whether every line is white space, or a bullet and white space."""
    return all(BULLET.fullmatch(line.strip()) or not line.strip() for line in text.split("\n"))


@given(TEXTS)
@example("•\n\n• \n•• x")
def test_passages_hold_every_word_in_order_and_apart(raw: str) -> None:
    text = normalise(raw).text
    passages = split_passages(text)
    end = 0
    for number, passage in enumerate(passages, start=1):
        assert passage.number == number
        assert end <= passage.start < passage.end <= len(text)
        assert passage.text == text[passage.start : passage.end] == passage.text.strip()
        assert not re.search(r"\n\s*\n", passage.text)
        assert holds_no_words(text[end : passage.start])
        end = passage.end
    assert holds_no_words(text[end:])


def test_the_first_shipped_analysis_has_fourteen_passages() -> None:
    passages = split_passages(normalise((SHIPPED / "osw.txt").read_text()).text)
    expected = [HEADING] * 3 + [PARAGRAPH] * 5 + [HEADING] + [ITEM] * 5
    assert [passage.kind for passage in passages] == expected
    assert [(p.start, p.end) for p in passages][:4] == [(0, 8), (10, 73), (75, 103), (105, 732)]


def test_the_second_shipped_analysis_has_sixteen_passages() -> None:
    passages = split_passages(normalise((SHIPPED / "pir-center.txt").read_text()).text)
    expected = [HEADING] * 3 + [PARAGRAPH] * 8 + [HEADING] + [ITEM] * 4
    assert [passage.kind for passage in passages] == expected


def test_a_line_of_white_space_only_parts_blocks() -> None:
    assert kinds("one\n \t\u00a0\ntwo") == [(HEADING, "one"), (HEADING, "two")]


def test_lines_without_a_blank_one_between_them_are_one_paragraph() -> None:
    assert kinds("  one\n  two  \n") == [(PARAGRAPH, "one\n  two")]


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        ("x" * 120, HEADING),
        ("x" * 121, PARAGRAPH),
        ("  " + "x" * 120 + "  ", HEADING),
        ("A sentence.", PARAGRAPH),
        ("A question?", HEADING),
    ],
)
def test_a_heading_is_one_short_line_without_a_full_stop(line: str, kind: PassageKind) -> None:
    assert kinds(line) == [(kind, line.strip())]


@pytest.mark.parametrize("bullet", ["•", "-", "*", "–", "‣", "◦", "1.", "12)", "a)", " •\u00a0"])
def test_every_bullet_starts_an_item_and_lies_outside_it(bullet: str) -> None:
    text = f"{bullet} one\n{bullet}\ttwo\nand more"
    assert kinds(text) == [(ITEM, "one"), (ITEM, "two\nand more")]


@pytest.mark.parametrize("text", ["-one", "1.one", "2021. A year", "A) one", "ab) one"])
def test_what_only_looks_like_a_bullet_starts_no_item(text: str) -> None:
    assert kinds(text) == [(HEADING, text)]


def test_what_stands_before_the_bullets_of_a_block_is_a_paragraph() -> None:
    assert kinds("These:\n• one\n• two") == [(PARAGRAPH, "These:"), (ITEM, "one"), (ITEM, "two")]


def test_a_bullet_without_words_makes_no_passage() -> None:
    assert kinds("•\n\n• \n- one") == [(ITEM, "one")]
