"""The formula guard loses nothing."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from annotations.formula_guard import guard, unguard

TEXTS = st.text(st.sampled_from("'=+-@ \t\r\nab\u00a0")) | st.text()


@pytest.mark.parametrize(
    ("text", "guarded"),
    [
        ("=1+1", "'=1+1"),
        ("  +1", "'  +1"),
        ("-1", "'-1"),
        ("@sum", "'@sum"),
        ("\tx", "'\tx"),
        ("\rx", "'\rx"),
        ("'=1", "''=1"),
        ("''=1", "'''=1"),
        ("'quoted'", "'quoted'"),
        ("a=1", "a=1"),
        ("", ""),
    ],
)
def test_a_text_that_could_run_gets_one_apostrophe(text: str, guarded: str) -> None:
    assert guard(text) == guarded


@given(TEXTS)
@example("''''=")
def test_every_text_comes_back_as_it_was(text: str) -> None:
    assert unguard(guard(text)) == text


@given(TEXTS)
def test_no_guarded_text_starts_like_a_formula(text: str) -> None:
    assert not guard(text).lstrip().startswith(("=", "+", "-", "@"))


def test_an_apostrophe_before_ordinary_words_stays() -> None:
    assert unguard("'tis") == "'tis"
