"""A row of the comparison as it is drawn."""

from __future__ import annotations

from typing import Any

import pytest
from django.http import QueryDict
from django.template import RequestContext
from django.test import RequestFactory

from annotations.access import Visit
from annotations.enums import Role
from annotations.models import Source, Study, Topic, User
from annotations.pages.comparison import Row, table_rows
from annotations.pages.reading import Compared, load_compared
from annotations.pages.table import row_links
from annotations.templatetags.rows import compare_rows
from tests.factories import make_tag
from tests.templatetags.words import text

HOSTILE = '"><script>alert(1)</script>'

pytestmark = pytest.mark.django_db


@pytest.fixture
def compared(study: Study, coder: User) -> Compared:
    """One tag; every name and statement breaks out."""
    make_tag(study, coder, "Biden agreed to talk", reported_by="putin")
    Topic.objects.filter(study=study).update(label=HOSTILE)
    Topic.objects.filter(study=study, parent__isnull=False).update(statement=HOSTILE)
    Source.objects.filter(study=study).update(label=HOSTILE)
    study.documents.update(publisher=HOSTILE)
    return load_compared(Visit(study, coder, Role.CODER), QueryDict())


@pytest.fixture
def shown(compared: Compared) -> dict[str, Any]:
    links = row_links(QueryDict(), compared)
    said = {"links": links, "opened": None, "agreements": {}, "visit": compared.visit}
    return said | {"a": compared.a, "b": compared.b}


@pytest.fixture
def rows(compared: Compared) -> list[Row]:
    return table_rows(compared)


def test_what_people_wrote_is_never_markup(shown: dict[str, Any], rows: list[Row]) -> None:
    drawn = compare_rows(shown, rows, True)
    assert "<script" not in drawn
    # Label, parent and statement of both topics, at the least.
    assert text(drawn).count("&gt;&lt;script&gt;") >= 6


def test_a_row_is_a_topic_and_what_it_opens_into(shown: dict[str, Any], rows: list[Row]) -> None:
    drawn = compare_rows(shown, rows)
    for row in rows:
        slug = row.topic.slug
        assert drawn.count(f'<tr id="t-{slug}" class="topic" role="row">') == 1
        assert drawn.count(f'<tr class="detail" id="d-{slug}" role="row" hidden>') == 1
    assert drawn.count("of-group") == 0
    assert compare_rows(shown, rows, True).count("of-group") == len(rows)


def test_positions_open_the_quotes_where_there_are_any(shown: dict[str, Any], rows: list[Row]) -> None:
    voiced, silent = compare_rows(shown, rows[:1]), compare_rows(shown, rows[1:2])
    assert 'class="cell-link" href="?open=talks#t-talks" data-opens="d-talks"><div class="pos">' in voiced
    assert "no position voiced" in silent
    assert 'class="pos"' not in silent


def test_one_of_them_is_open(shown: dict[str, Any], rows: list[Row], compared: Compared) -> None:
    topic = rows[0].topic
    opened = shown | {"opened": topic, "quotes_a": [], "quotes_b": []}
    opened["opened_result"] = compared.comparison.topic(topic.slug)
    drawn = compare_rows(RequestContext(RequestFactory().get("/"), opened), rows)
    assert f'<tr class="detail" id="d-{topic.slug}" role="row"><td colspan="5" role="cell"><div' in drawn
    assert drawn.count('role="row" hidden') == len(rows) - 1
    assert "<script" not in drawn
