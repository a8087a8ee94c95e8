"""Decisions in the admin: filtered, undone through the service, and the history's diffs."""

from __future__ import annotations

import pytest
from django.test import Client
from django.utils.html import strip_tags

from annotations.enums import Reason, Role
from annotations.models import Annotation, Decision, Study, User
from annotations.services.coding import change_tag
from tests.admin.conftest import logged_in, staff
from tests.curating import curated, kept_of, settle
from tests.factories import make_member, make_study, make_tag, values

DECISIONS = "/admin/annotations/decision/"
ANNOTATIONS = "/admin/annotations/annotation/"


@pytest.fixture
def decision(study: Study, coder: User, other_coder: User, staff_curator: User) -> Decision:
    """Ada supports, Ben opposes; Stan took Ben's, since Ada's was a slip."""
    tags = [make_tag(study, coder), make_tag(study, other_coder, stance="oppose")]
    return settle(staff_curator, tags[0], kept_of(tags[1]), reason=Reason.SLIP, remark="Misread.")


def said(client: Client, address: str) -> str:
    response = client.get(address, follow=True)
    assert response.status_code == 200
    return " ".join(strip_tags(response.content.decode()).split())


def test_a_decision_is_shown_with_the_tags_it_was_about(curating: Client, decision: Decision) -> None:
    page = said(curating, f"{DECISIONS}{decision.pk}/change/")
    for word in ("conflict over stance", "Misread.", "slip", "ada", "ben", "Support", "Oppose", "stan"):
        assert word in page


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("", 1),
        ("?reason__exact=slip", 1),
        ("?reason__exact=gap", 0),
        ("?outcome__exact=accepted&situation__exact=stance", 1),
        ("?outcome__exact=nothing", 0),
        ("?undone_at__isempty=1", 1),
        ("?undone_at__isempty=0", 0),
    ],
)
def test_decisions_are_filtered_in_the_address(
    curating: Client, decision: Decision, query: str, count: int
) -> None:
    response = curating.get(DECISIONS + query)
    assert response.context["cl"].result_count == count


def test_the_selected_are_undone_through_the_service(
    curating: Client, study: Study, decision: Decision
) -> None:
    assert curated(study) != []
    data = {"action": "undo_selected", "_selected_action": [decision.pk]}
    address = DECISIONS + "?reason__exact=slip"
    response = curating.post(address, data, follow=True)
    assert "1 decision is undone." in strip_tags(response.content.decode())
    decision.refresh_from_db()
    assert decision.undone_by is not None
    assert decision.undone_by.username == "stan"
    assert curated(study) == []
    # The filters stay in the address.
    assert response.request["QUERY_STRING"] == "reason__exact=slip"


def test_curated_tags_lead_to_their_decisions(curating: Client, study: Study, decision: Decision) -> None:
    settled, coded = decision.settled.get(), Annotation.objects.filter(layer="coded").first()
    assert coded is not None
    data = {"action": "undo_decisions_of_selected", "_selected_action": [settled.pk, coded.pk]}
    curating.post(ANNOTATIONS, data)
    assert curated(study) == []
    coded.refresh_from_db()
    assert coded.withdrawn_at is None


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("?layer__exact=curated", 1),
        ("?layer__exact=coded", 2),
        ("?layer__exact=curated&decision__reason=slip", 1),
        ("?decision__reason=gap", 0),
        ("?withdrawn_at__isempty=0", 0),
    ],
)
def test_annotations_are_filtered_by_layer_status_coder_and_reason(
    curating: Client, decision: Decision, query: str, count: int
) -> None:
    assert curating.get(ANNOTATIONS + query).context["cl"].result_count == count


def test_annotations_are_filtered_by_coder(curating: Client, decision: Decision, coder: User) -> None:
    address = f"{ANNOTATIONS}?coder__id__exact={coder.pk}&layer__exact=coded"
    assert curating.get(address).context["cl"].result_count == 1


def test_the_history_shows_old_and_new_values_and_who(curating: Client, study: Study, coder: User) -> None:
    tag = make_tag(study, coder)
    _passage, new = values(study, "Biden agreed to talk", stance="oppose", note="On reflection.")
    change_tag(by=coder, annotation=tag, version=1, values=new)
    page = said(curating, f"{ANNOTATIONS}{tag.pk}/history/")
    assert "Support" in page
    assert "Oppose" in page
    assert "On reflection." in page
    assert "ada" in page


def test_another_studys_decisions_are_not_there(curating: Client, decision: Decision) -> None:
    elsewhere = make_study("elsewhere")
    people = [make_member(elsewhere, Role.CODER, name) for name in ("cyd", "dan")]
    tags = [make_tag(elsewhere, people[0]), make_tag(elsewhere, people[1], stance="oppose")]
    hers = settle(make_member(elsewhere, Role.CURATOR, "eve"), tags[0], reason=Reason.GAP, remark="Zanzibar")
    assert "Zanzibar" not in said(curating, DECISIONS)
    assert curating.get(f"{DECISIONS}{hers.pk}/change/").status_code == 302
    curating.post(DECISIONS, {"action": "undo_selected", "_selected_action": [hers.pk]})
    hers.refresh_from_db()
    assert hers.undone_at is None


def test_staff_without_the_permission_do_not_undo(study: Study, decision: Decision) -> None:
    onlooker = staff(study, Role.CURATOR, "ola")
    onlooker.user_permissions.set(
        onlooker.user_permissions.filter(codename__in=["view_decision", "view_annotation"])
    )
    client = logged_in(User.objects.get(pk=onlooker.pk))
    client.post(DECISIONS, {"action": "undo_selected", "_selected_action": [decision.pk]})
    decision.refresh_from_db()
    assert decision.undone_at is None
