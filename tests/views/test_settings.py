"""The settings' page: what owners set, and two owners at once."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from annotations.enums import Role
from annotations.models import Study, User
from annotations.services.codebook import last_line
from annotations.services.settings import Settings
from tests.bodies import words
from tests.factories import make_member

SETTINGS = "/studies/talks/settings/"


@pytest.fixture
def olga(client: Client, owner: User) -> Client:
    client.force_login(owner)
    return client


@pytest.fixture
def otto(study: Study) -> Client:
    client = Client()
    client.force_login(make_member(study, Role.OWNER, "otto"))
    return client


def stored() -> Settings:
    return Settings.of(Study.objects.get(slug="talks"))


def sent(study: Study, seen: int | None = None, **changes: Any) -> dict[str, Any]:
    """What the form sends; a box that is not ticked sends nothing."""
    said = {
        "title": study.title,
        "question": study.question,
        "event_date": "",
        "agree_max": "0.25",
        "diverge_above": "0.5",
        "seen": last_line(study) if seen is None else seen,
    }
    return said | changes


def test_the_page_shows_what_is_stored(olga: Client, study: Study) -> None:
    Study.objects.filter(pk=study.pk).update(event_date=date(2021, 12, 7), is_blind=True)
    response = olga.get(SETTINGS)
    assert response.status_code == 200
    page = response.content.decode()
    for part in ('value="Study talks"', 'value="2021-12-07"', 'value="0.25"', f'value="{last_line(study)}"'):
        assert part in page
    assert 'name="is_blind" id="id_is_blind" checked' in page
    assert "no-store" in response["Cache-Control"]


def test_settings_are_saved_through_the_service(olga: Client, study: Study, owner: User) -> None:
    data = sent(study, title="Two summits", question="Which?", event_date="2021-12-07", agree_max="0.1")
    response = olga.post(SETTINGS, data | {"is_blind": "on"})
    assert (response.status_code, response["Location"]) == (302, SETTINGS)
    assert str(list(get_messages(response.wsgi_request))[-1]) == "The settings are saved."
    assert stored() == Settings("Two summits", "Which?", date(2021, 12, 7), 0.1, 0.5, True, False)
    line = study.history.order_by("-history_id").first()
    assert (line.history_user, line.title) == (owner, "Two summits")
    text = words(olga.get(SETTINGS))
    assert "blind coding : off → on olga" in text
    assert "date of the event : nothing → 7 December 2021 olga" in text


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"title": " "}, "This field is required."),
        ({"title": "t" * 201}, "at most 200 characters"),
        ({"event_date": "7 December"}, "Enter a valid date."),
        ({"agree_max": "0.6"}, "The bounds must satisfy 0 ≤ agree ≤ diverge ≤ 1."),
        ({"agree_max": "nan"}, "Enter a number."),
        ({"diverge_above": "1.5"}, "less than or equal to 1"),
        ({"diverge_above": ""}, "This field is required."),
    ],
)
def test_what_breaks_a_rule_is_said_and_nothing_is_stored(
    olga: Client, study: Study, wrong: dict[str, str], sentence: str
) -> None:
    before = stored()
    response = olga.post(SETTINGS, sent(study, question="Typed") | wrong)
    assert response.status_code == 422
    assert sentence in words(response)
    assert "Typed" in words(response)
    assert stored() == before


@pytest.mark.parametrize("seen", ["", "x", "-1"])
def test_a_form_that_does_not_say_what_it_saw_is_refused(olga: Client, study: Study, seen: str) -> None:
    assert olga.post(SETTINGS, sent(study, title="Mine") | {"seen": seen}).status_code == 422
    assert stored().title == "Study talks"


class TestPublishing:
    def test_the_page_says_what_everybody_would_read(self, olga: Client, study: Study) -> None:
        text = words(olga.get(SETTINGS))
        assert "Everybody on the internet can read, without a login: the overview; the whole texts" in text
        assert "No coder is named" in text
        assert "A coder who logs out" not in text
        Study.objects.filter(pk=study.pk).update(is_blind=True)
        assert "A coder who logs out can then read the curated tags" in words(olga.get(SETTINGS))

    def test_switching_it_on_needs_a_second_word(self, olga: Client, study: Study) -> None:
        response = olga.post(SETTINGS, sent(study, is_public="on"))
        assert response.status_code == 422
        assert "Say that you mean it" in words(response)
        assert not stored().is_public
        assert olga.post(SETTINGS, sent(study, is_public="on", confirm_public="on")).status_code == 302
        assert stored().is_public

    def test_staying_public_and_switching_it_off_need_none(self, olga: Client, study: Study) -> None:
        Study.objects.filter(pk=study.pk).update(is_public=True)
        assert "confirm_public" not in olga.get(SETTINGS).content.decode()
        assert olga.post(SETTINGS, sent(study, is_public="on", title="Mine")).status_code == 302
        assert stored().is_public
        assert olga.post(SETTINGS, sent(study)).status_code == 302
        assert not stored().is_public


class TestTwoOwners:
    def test_the_later_one_sees_what_changed_and_both_changes_are_in_the_form(
        self, olga: Client, otto: Client, study: Study
    ) -> None:
        seen = last_line(study)
        assert otto.post(SETTINGS, sent(study, title="Theirs", diverge_above="0.75")).status_code == 302
        mine = sent(study, seen, title="Mine", agree_max="0.1", is_blind="on")
        response = olga.post(SETTINGS, mine)
        assert response.status_code == 409
        assert stored().title == "Theirs"
        found = [
            (d.change.label, d.change.before, d.change.after, d.change.by, d.mine)
            for d in response.context["differences"]
        ]
        assert found == [
            ("title", "Study talks", "Theirs", "otto", "Mine"),
            ("diverge above a distance of", "0.5", "0.75", "otto", ""),
        ]
        assert "Nothing is lost" in words(response)
        form = response.context["form"]
        shown = {name: form[name].value() for name in (*Settings.__dataclass_fields__, "seen")}
        assert shown == {
            "title": "Mine",
            "question": "",
            "event_date": None,
            "agree_max": 0.1,
            "diverge_above": 0.75,
            "is_blind": True,
            "is_public": False,
            "seen": last_line(study),
        }
        # What the page shows is saved, once it has been looked through.
        again = sent(study, title="Mine", agree_max="0.1", diverge_above="0.75", is_blind="on")
        assert olga.post(SETTINGS, again).status_code == 302
        assert stored() == Settings("Mine", "", None, 0.1, 0.75, True, False)

    def test_the_same_change_twice_is_no_conflict(self, olga: Client, otto: Client, study: Study) -> None:
        seen = last_line(study)
        for client in (otto, olga):
            assert client.post(SETTINGS, sent(study, seen, title="Both")).status_code == 302
        assert stored().title == "Both"

    def test_a_line_of_another_study_is_none_of_this_one(self, olga: Client, study: Study) -> None:
        response = olga.post(SETTINGS, sent(study, seen=10**9, title="Mine"))
        assert response.status_code == 409
        assert stored().title == "Study talks"


def test_guidelines_in_the_same_history_are_no_setting(olga: Client, study: Study) -> None:
    seen = last_line(study)
    for text in ("One.", "Two."):
        study.guidelines = text
        study.save()
    assert "Two." not in words(olga.get(SETTINGS))
    assert "What was changed" not in words(olga.get(SETTINGS))
    assert olga.post(SETTINGS, sent(study, seen, title="Mine")).status_code == 302
    assert "title : Study talks → Mine olga" in words(olga.get(SETTINGS))


def test_its_queries_do_not_depend_on_how_much_was_changed(olga: Client, study: Study) -> None:
    olga.get(SETTINGS)
    counts = []
    for title in ("One", "Two", "Three"):
        with CaptureQueriesContext(connection) as captured:
            olga.get(SETTINGS)
        counts.append(len(captured))
        olga.post(SETTINGS, sent(study, title=title))
    assert len(set(counts)) == 1
