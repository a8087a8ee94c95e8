"""Escaping gives, to the letter, what Django's gives."""

from __future__ import annotations

from uuid import UUID

import pytest
from django.utils import html
from django.utils.functional import lazystr
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext_lazy
from hypothesis import given
from hypothesis import strategies as st

from annotations import markup

EVIL = "<script>alert('1')</script> & \"q\" &amp; {0} {name} %s \0"
VALUES = st.one_of(
    st.text(),
    st.sampled_from([EVIL, "", None, True, 0, -1, 2.5, UUID(int=7), b"<b>", ["<", ">"]]),
    st.sampled_from(
        [lazystr("<lazy>"), gettext_lazy("Edit"), lazystr(SafeString("<i>")), SafeString("<b>&")]
    ),
)
FORM = '<p class="{0}">{a}{{}}</p>{1}'


@given(VALUES)
def test_a_value_is_escaped_once_where_it_is_not_html(value: object) -> None:
    found = markup.conditional_escape(value)
    assert found == html.conditional_escape(value)
    assert markup.conditional_escape(found) == found


@given(VALUES, VALUES, VALUES)
def test_what_is_put_into_html_is_escaped(first: object, second: object, third: object) -> None:
    found = markup.format_html(FORM, first, second, a=third)
    assert found == html.format_html(FORM, first, second, a=third)
    assert isinstance(found, SafeString)


@given(st.sampled_from([", ", "<br>", mark_safe("<br>")]), st.lists(st.tuples(VALUES, VALUES)))
def test_rows_are_joined(separator: str, rows: list[tuple[object, object]]) -> None:
    found = markup.format_html_join(separator, "<li>{} {}</li>", rows)
    assert found == html.format_html_join(separator, "<li>{} {}</li>", rows)
    assert isinstance(found, SafeString)


def test_a_name_may_be_any() -> None:
    assert markup.format_html("{form}{self}", form="<", self=">") == "&lt;&gt;"


def test_a_place_without_an_argument_is_a_mistake() -> None:
    with pytest.raises(IndexError):
        markup.format_html("{}{}", "one")
