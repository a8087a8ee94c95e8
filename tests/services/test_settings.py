"""A study's settings: rules, staleness, history."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from annotations.enums import Role
from annotations.errors import InvalidSettingsError, NotAllowedError, StaleEntryError
from annotations.models import Study, User
from annotations.services.codebook import last_line
from annotations.services.settings import Settings, change_settings, changed_since, settings_at
from tests.factories import make_member


def asked(study: Study, **changes: Any) -> Settings:
    return replace(Settings.of(study), **changes)


def test_an_owner_changes_them_and_the_history_says_who(study: Study, owner: User) -> None:
    before, first = last_line(study), asked(study)
    values = asked(
        study,
        title="  Zwe\u0301",
        question="One?\r\nTwo? ",
        event_date=date(2021, 12, 7),
        agree_max=0.1,
        diverge_above=0.9,
        is_blind=True,
        is_public=True,
    )
    changed = change_settings(by=owner, study=study, seen=before, values=values)
    study.refresh_from_db()
    stored = replace(values, title="Zwé", question="One?\nTwo?")
    assert Settings.of(study) == Settings.of(changed) == stored
    line = study.history.order_by("-history_id").first()
    assert (line.history_user, Settings.of(line)) == (owner, stored)
    assert settings_at(study, before) == first


def test_what_is_stored_already_leaves_no_line(study: Study, owner: User) -> None:
    before = last_line(study)
    change_settings(by=owner, study=study, seen=0, values=asked(study))
    assert last_line(study) == before


def test_a_later_owner_hears_of_the_earlier_one(study: Study, owner: User) -> None:
    otto = make_member(study, Role.OWNER, "otto")
    seen, values = last_line(study), asked(study)
    change_settings(by=otto, study=study, seen=seen, values=replace(values, title="Theirs"))
    with pytest.raises(StaleEntryError) as refused:
        change_settings(by=owner, study=study, seen=seen, values=replace(values, agree_max=0.1))
    assert isinstance(refused.value.current, Study)
    assert refused.value.current.title == "Theirs"
    study.refresh_from_db()
    assert (study.title, study.agree_max) == ("Theirs", 0.25)
    assert changed_since(study, seen) == ("title",)
    # What both ask for is stored: there is nothing to say.
    change_settings(by=owner, study=study, seen=seen, values=replace(values, title="Theirs"))
    now = last_line(study)
    change_settings(by=owner, study=study, seen=now, values=replace(values, title="Mine"))
    study.refresh_from_db()
    assert study.title == "Mine"


def test_a_setting_that_went_there_and_back_is_in_nobodys_way(study: Study, owner: User) -> None:
    seen, values = last_line(study), asked(study)
    for title in ("Elsewhere", values.title):
        change_settings(by=owner, study=study, seen=last_line(study), values=replace(values, title=title))
    change_settings(by=owner, study=study, seen=seen, values=replace(values, is_blind=True))
    study.refresh_from_db()
    assert study.is_blind


def test_guidelines_of_the_same_history_are_in_nobodys_way_and_stay(study: Study, owner: User) -> None:
    seen, values = last_line(study), asked(study)
    stored = Study.objects.get(pk=study.pk)
    stored.guidelines = "Tag what is claimed."
    stored.save()
    change_settings(by=owner, study=study, seen=seen, values=replace(values, title="Mine"))
    study.refresh_from_db()
    assert (study.title, study.guidelines) == ("Mine", "Tag what is claimed.")


def test_a_line_that_is_not_the_studys_is_stale(study: Study, owner: User) -> None:
    with pytest.raises(StaleEntryError):
        change_settings(by=owner, study=study, seen=10**9, values=asked(study, title="Mine"))


@pytest.mark.parametrize(
    ("changes", "field", "sentence"),
    [
        ({"title": " "}, "title", "This field cannot be blank."),
        ({"title": "t" * 201}, "title", "at most 200 characters"),
        ({"agree_max": 0.6, "diverge_above": 0.5}, None, "0 ≤ agree ≤ diverge ≤ 1"),
        ({"agree_max": -0.1}, "agree_max", "greater than or equal to 0.0"),
        ({"diverge_above": 1.1}, "diverge_above", "less than or equal to 1.0"),
    ],
)
def test_settings_that_break_a_rule_are_refused_beside_their_field(
    study: Study, owner: User, changes: dict[str, Any], field: str | None, sentence: str
) -> None:
    before = Settings.of(study)
    with pytest.raises(InvalidSettingsError, match=sentence) as refused:
        change_settings(by=owner, study=study, seen=last_line(study), values=asked(study, **changes))
    assert field in refused.value.problems
    study.refresh_from_db()
    assert Settings.of(study) == before


def test_equal_bounds_are_in_order(study: Study, owner: User) -> None:
    values = asked(study, agree_max=0.5, diverge_above=0.5)
    assert change_settings(by=owner, study=study, seen=last_line(study), values=values).agree_max == 0.5


@pytest.mark.parametrize("role", [Role.READER, Role.CODER, Role.CURATOR])
def test_nobody_below_an_owner_changes_them(study: Study, role: Role) -> None:
    with pytest.raises(NotAllowedError):
        change_settings(
            by=make_member(study, role),
            study=study,
            seen=last_line(study),
            values=asked(study, is_public=True),
        )
    study.refresh_from_db()
    assert not study.is_public
