"""Making, changing, withdrawing and restoring tags: by htmx, and without JavaScript."""

from __future__ import annotations

import html
import re
import uuid
from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext

from annotations.models import Annotation, Study, Topic, User
from annotations.services.coding import finish_document, reopen_document, withdraw_tag
from annotations.services.comments import write_comment
from tests.bodies import runs, words
from tests.factories import FIRST, make_document, make_study, make_tag

EAST = "/studies/talks/code/east/"
TAGS = EAST + "tags/"
HTMX = {"HX-Request": "true"}

#: A valid tag on "Biden agreed to talk".
SAID = {"passage": "1", "start": "0", "end": "20", "topic": "talks", "stance": "support", "source": "biden"}
STORED = ("quote", "topic__slug", "stance__slug", "source__slug", "reported_by__slug", "uncertain", "note")


@pytest.fixture
def ada(client: Client, coder: User) -> Client:
    client.force_login(coder)
    return client


def sent(client: Client, address: str, fields: dict[str, Any], **more: Any) -> HttpResponse:
    """A POST by htmx."""
    return client.post(address, fields | more, headers=HTMX)


def stored() -> list[tuple[object, ...]]:
    """Every active tag as what it says."""
    return list(Annotation.objects.active().order_by("pk").values_list(*STORED))


def of(tag: Annotation, act: str = "") -> str:
    return f"{TAGS}{tag.public_id}/{act}"


def said(tag: Annotation, **changes: Any) -> dict[str, Any]:
    """What the edit form sends of a stored tag, with some of it changed."""
    return {
        "passage": tag.passage.number,
        "start": tag.start,
        "end": tag.end,
        "topic": tag.topic.slug,
        "stance": tag.stance.slug,
        "source": tag.source.slug,
        "reported_by": tag.reported_by.slug if tag.reported_by else "",
        "note": tag.note,
        "version": tag.version,
    } | changes


def fragments(response: HttpResponse) -> dict[str, bool]:
    """The ids of the elements that an answer swaps in, and whether out of band."""
    found = re.findall(r'<(?:aside|div|li|section) [^>]*?\bid="([^"]+)"([^>]*)>', response.content.decode())
    ids = ("panel", "tags", "p1", "p2", "map-1", "map-2", "progress", "undo", "toast")
    return {name: "hx-swap-oob" in rest for name, rest in found if name in ids}


def said_to(response: HttpResponse) -> list[str]:
    return [str(message) for message in get_messages(response.wsgi_request)]


def hidden(response: HttpResponse, name: str) -> str:
    """The value of a hidden field."""
    found = re.search(rf'<input type="hidden" name="{name}" value="([^"]*)"', response.content.decode())
    assert found
    return html.unescape(found[1])


PARTS = {"p1": True, "map-1": True, "progress": True, "undo": True, "toast": True}
ALL_PARTS = {"panel": False, "tags": False} | PARTS
#: What a request whose answer goes to the list of tags gets: the form and the progress are the script's.
TAGS_ONLY = {"tags": False} | {name: True for name in PARTS if name != "progress"}
TO_TAGS = HTMX | {"HX-Target": "tags"}


class TestCreating:
    def test_by_htmx_it_answers_with_the_parts_that_change(self, ada: Client, study: Study) -> None:
        fields = SAID | {"reported_by": "ushakov", "uncertain": "on", "note": "why\r\nso"}
        response = sent(ada, TAGS, fields)
        assert response.status_code == 201
        assert stored() == [("Biden agreed to talk", "talks", "support", "biden", "ushakov", True, "why\nso")]
        assert fragments(response) == ALL_PARTS
        assert re.search(r"1 of 2 passages tagged .* 1 tag", words(response))
        assert "Tagged as Talks." in words(response)
        assert "Tags in passage 1 1" in words(response)
        assert runs(response) == [FIRST]
        assert "HX-Request" not in response.get("Location", "")
        assert "no-store" in response["Cache-Control"]

    def test_its_toast_undoes_it(self, ada: Client, study: Study) -> None:
        response = sent(ada, TAGS, SAID)
        tag = Annotation.objects.get()
        toast = response.content.decode().split('id="toast"')[1]
        assert f'hx-post="{EAST}undo/" hx-target="#tags"' in toast
        assert f'<input type="hidden" name="tag" value="{tag.public_id}">' in toast
        assert '<input type="hidden" name="version" value="1">' in toast
        assert "Undo: tag Talks" in response.content.decode()

    def test_without_htmx_it_leads_back_to_the_passage(self, ada: Client, study: Study) -> None:
        start = len(FIRST) + 2
        response = ada.post(TAGS, SAID | {"passage": "2", "start": start, "end": start + 4})
        assert (response.status_code, response["Location"]) == (302, EAST + "#p2")
        assert said_to(response) == ["Tagged as Talks."]
        assert "Tagged as Talks." in words(ada.get(EAST))
        assert stored() == [("Kyiv", "talks", "support", "biden", None, False, "")]

    def test_the_view_of_everybodys_tags_is_kept(self, ada: Client, study: Study, other_coder: User) -> None:
        make_tag(study, other_coder, "Putin asked")
        response = ada.post(TAGS, SAID | {"shown": "all"})
        assert response["Location"] == EAST + "?shown=all#p1"
        fragment = sent(ada, TAGS, SAID, source="putin", shown="all")
        assert fragment.content.decode().count("<mark") == 2
        assert hidden(fragment, "shown") == "all"

    def test_a_repeated_form_answers_with_the_stored_tag(self, ada: Client, study: Study) -> None:
        token = str(uuid.uuid4())
        first = sent(ada, TAGS, SAID, form_token=token)
        again = sent(ada, TAGS, SAID, form_token=token)
        assert (first.status_code, again.status_code) == (201, 200)
        assert fragments(again) == ALL_PARTS
        assert stored() == [("Biden agreed to talk", "talks", "support", "biden", None, False, "")]
        plain = ada.post(TAGS, SAID | {"form_token": token})
        assert plain["Location"] == EAST + "#p1"
        assert Annotation.objects.count() == 1

    def test_a_form_that_was_saved_and_says_something_else_now_is_a_conflict(
        self, ada: Client, study: Study
    ) -> None:
        """Reached by the back button, say: neither value is thrown away without a word."""
        token = str(uuid.uuid4())
        sent(ada, TAGS, SAID, form_token=token)
        conflict = sent(ada, TAGS, SAID, form_token=token, stance="oppose")
        assert conflict.status_code == 409
        assert "This form has been saved already, saying something else." in words(conflict)
        rows = [(d.name, d.stored, d.mine) for d in conflict.context["differences"]]
        assert rows == [("stance", "Support", "Oppose")]
        assert f'hx-post="{of(Annotation.objects.get())}"' in conflict.content.decode()
        assert len(stored()) == 1

    def test_a_form_that_made_a_tag_elsewhere_says_so_and_can_be_saved_again(
        self, ada: Client, study: Study
    ) -> None:
        token = str(uuid.uuid4())
        sent(ada, TAGS, SAID, form_token=token)
        west = TAGS.replace("east", "west")
        refused = sent(ada, west, SAID, form_token=token)
        assert refused.status_code == 422
        assert "This form has made a tag in another place already." in words(refused)
        assert Annotation.objects.get().document.slug == "east"
        fresh = hidden(refused, "form_token")
        assert fresh != token
        assert sent(ada, west, SAID, form_token=fresh).status_code == 201

    def test_a_token_is_ones_own(
        self, ada: Client, study: Study, other_coder: User, django_user_model: type[User]
    ) -> None:
        token = str(uuid.uuid4())
        sent(ada, TAGS, SAID, form_token=token)
        ada.force_login(other_coder)
        assert sent(ada, TAGS, SAID, form_token=token).status_code == 201
        assert sorted(Annotation.objects.values_list("coder__username", flat=True)) == ["ada", "ben"]

    def test_every_form_has_a_token_of_its_own(self, ada: Client, study: Study) -> None:
        first, second = (hidden(ada.get(EAST + "?passage=1"), "form_token") for _ in "ab")
        assert first != second
        after = hidden(sent(ada, TAGS, SAID, form_token=first), "form_token")
        assert after not in (first, second)
        assert uuid.UUID(after)

    def test_save_and_tag_again_keeps_the_words_and_who_holds_them(self, ada: Client, study: Study) -> None:
        fields = SAID | {"reported_by": "ushakov"}
        response = sent(ada, TAGS, fields, again="1")
        form = response.context["form"]
        assert form.values == {"start": 0, "end": 20, "source": "biden", "reported_by": "ushakov"}
        assert form.quote == "Biden agreed to talk"
        plain = sent(ada, TAGS, SAID, again="1").context["form"]
        assert plain.values == {"start": 0, "end": 20, "source": "biden"}
        assert sent(ada, TAGS, SAID, source="putin").context["form"].is_empty


class TestTypedWords:
    """Without JavaScript the quote is typed, or copied."""

    def test_they_are_found_in_the_passage(self, ada: Client, study: Study) -> None:
        typed = SAID | {"start": "", "end": "", "quote": "  asked for guarantees  "}
        assert ada.post(TAGS, typed).status_code == 302
        assert Annotation.objects.values_list("quote", "start", "end").get() == (
            "asked for guarantees",
            FIRST.index("asked"),
            FIRST.index("asked") + 20,
        )

    def test_they_say_more_than_the_positions_the_form_was_opened_with(
        self, ada: Client, study: Study
    ) -> None:
        assert (
            ada.post(TAGS, SAID | {"start": "0", "end": str(len(FIRST)), "quote": "talk"}).status_code == 302
        )
        assert Annotation.objects.get().quote == "talk"

    def test_without_any_the_whole_passage_is_meant(self, ada: Client, study: Study) -> None:
        fields = {name: value for name, value in SAID.items() if name not in ("start", "end")}
        assert ada.post(TAGS, fields).status_code == 302
        assert Annotation.objects.get().quote == FIRST

    @pytest.mark.parametrize(
        ("quote", "reason"),
        [
            ("biden agreed", "These words are not in the passage. Copy them from it exactly."),
            ("Kyiv", "These words are not in the passage. Copy them from it exactly."),
            ("for", "These words occur more than once in the passage. Add a word to them."),
        ],
    )
    def test_words_that_cannot_be_placed_are_refused(
        self, ada: Client, study: Study, quote: str, reason: str
    ) -> None:
        make_document(study, "north", "He asked for talks and for guarantees.")
        address = "/studies/talks/code/north/tags/" if quote == "for" else TAGS
        response = ada.post(address, SAID | {"start": "", "end": "", "quote": quote, "note": "my note"})
        assert response.status_code == 422
        assert reason in words(response)
        assert response.content.startswith(b"<!doctype html>")
        assert "my note</textarea>" in response.content.decode()
        assert not Annotation.objects.exists()

    def test_words_that_overlap_themselves_occur_twice(self, ada: Client, study: Study) -> None:
        make_document(study, "north", "ninini")
        fields = SAID | {"start": "", "end": "", "quote": "nini"}
        response = sent(ada, "/studies/talks/code/north/tags/", fields)
        assert response.status_code == 422
        assert "These words occur more than once in the passage." in words(response)

    def test_composed_and_decomposed_letters_are_the_same_words(self, ada: Client, study: Study) -> None:
        make_document(study, "north", "Café talks in Łódź.")
        typed = SAID | {"start": "", "end": "", "quote": "Cafe\u0301 talks"}
        assert ada.post("/studies/talks/code/north/tags/", typed).status_code == 302
        assert Annotation.objects.get().quote == "Café talks"

    def test_words_that_were_refused_are_still_in_the_form(self, ada: Client, study: Study) -> None:
        response = ada.post(TAGS, SAID | {"start": "", "end": "", "quote": "biden <agreed>"})
        assert "biden &lt;agreed&gt;</textarea>" in response.content.decode()


class TestRefused:
    @pytest.mark.parametrize(
        ("fields", "reason", "names"),
        [
            ({"topic": ""}, "Choose a topic.", ["topic"]),
            ({"stance": ""}, "Choose a stance.", []),
            ({"source": ""}, "Choose who holds the position.", ["source"]),
            ({"topic": "nothing"}, "This is not in the codebook of the study.", ["topic"]),
            ({"topic": "security"}, "This is not in the codebook of the study.", ["topic"]),
            ({"topic": "only-theirs"}, "This is not in the codebook of the study.", ["topic"]),
            ({"stance": "maybe"}, "This is not in the codebook of the study.", []),
            ({"source": "nobody"}, "This is not in the codebook of the study.", ["source"]),
            ({"reported_by": "nobody"}, "This is not in the codebook of the study.", ["reported_by"]),
            ({"reported_by": "biden"}, "The messenger is the source itself", ["reported_by"]),
            ({"end": "60"}, "The quote must lie inside one passage.", []),
            ({"start": "5", "end": "5"}, "The quote must lie inside one passage.", []),
            ({"start": "9", "end": "5"}, "The quote must lie inside one passage.", []),
            ({"start": "5", "end": "6"}, "The quote has no words in it.", []),
            ({"start": "-1"}, "greater than or equal to 0", []),
            ({"start": "1" * 30}, "The quote must lie inside one passage.", []),
            ({"start": "x"}, "Enter a whole number.", []),
            ({"passage": ""}, "Select words in the text, or choose a passage.", []),
            ({"passage": "77"}, "Select words in the text, or choose a passage.", []),
            ({"passage": "9" * 40}, "Select words in the text, or choose a passage.", []),
            ({"form_token": "not-a-uuid"}, "Enter a valid UUID.", []),
            ({"note": "x" * 10_001}, "at most 10000 characters", []),
        ],
    )
    def test_it_says_what_is_wrong_and_keeps_what_was_sent(
        self, ada: Client, study: Study, fields: dict[str, str], reason: str, names: list[str]
    ) -> None:
        theirs = make_study("other")
        Topic.objects.create(study=theirs, slug="only-theirs", label="T", statement="T.", position=9)
        response = sent(ada, TAGS, {"note": "keep me", "uncertain": "on"} | SAID | fields)
        page = response.content.decode()
        assert response.status_code == 422
        assert fragments(response) == {"panel": False, "tags": False}
        assert reason in words(response)
        invalid = re.findall(r'<select id="(\w+)"[^>]* aria-invalid="true" aria-describedby="([\w-]+)"', page)
        assert [name for name, _described in invalid] == names
        assert all(f'<p class="error" id="{described}">' in page for _name, described in invalid)
        assert "keep me</textarea>" in page or "note" in fields
        assert 'name="uncertain" checked' in page
        assert not Annotation.objects.exists()
        whole = ada.post(TAGS, {"note": "keep me"} | SAID | fields)
        assert (whole.status_code, whole.content[:15]) == (422, b"<!doctype html>")
        assert reason in words(whole)

    def test_a_stance_that_is_missing_is_described(self, ada: Client, study: Study) -> None:
        page = sent(ada, TAGS, SAID, stance="").content.decode()
        assert re.search(r'<fieldset class="stances"[^>]* aria-describedby="stance-error">', page)
        assert '<p class="error" id="stance-error">' in page

    def test_what_was_chosen_stays_chosen(self, ada: Client, study: Study) -> None:
        response = sent(ada, TAGS, SAID, topic="", stance="oppose", reported_by="ushakov")
        page = response.content.decode()
        assert re.findall(r'<option value="([^"]*)"[^>]* selected>', page) == ["biden", "ushakov"]
        assert 'value="oppose" required data-key="o" checked' in page
        assert (hidden(response, "start"), hidden(response, "end")) == ("0", "20")

    def test_a_quote_that_reaches_out_of_the_passage_puts_the_passage_in_hand(
        self, ada: Client, study: Study
    ) -> None:
        response = sent(ada, TAGS, SAID, end="60")
        assert (hidden(response, "start"), hidden(response, "end")) == ("0", str(len(FIRST)))

    def test_an_equal_tag_is_a_conflict(self, ada: Client, study: Study, coder: User) -> None:
        make_tag(study, coder, reported_by="ushakov")
        response = sent(ada, TAGS, SAID, reported_by="ushakov", stance="oppose")
        assert response.status_code == 409
        assert "You have tagged these words with this topic, source and messenger already." in words(response)
        assert sent(ada, TAGS, SAID).status_code == 201
        assert sent(ada, TAGS, SAID).status_code == 409
        assert Annotation.objects.count() == 2

    def test_an_equal_tag_of_another_coder_or_of_the_curated_layer_is_none(
        self, ada: Client, study: Study, other_coder: User, curator: User
    ) -> None:
        make_tag(study, other_coder)
        make_tag(study, curator, layer="curated")
        assert sent(ada, TAGS, SAID).status_code == 201

    def test_a_finished_document_is_locked(self, ada: Client, study: Study, coder: User) -> None:
        tag = make_tag(study, coder)
        gone = make_tag(study, coder, "Putin asked")
        withdraw_tag(by=coder, annotation=gone, version=1)
        finish_document(by=coder, document=study.documents.get(slug="east"))
        answers = {
            "create": sent(ada, TAGS, SAID, source="putin"),
            "change": sent(ada, of(tag), said(tag, stance="oppose")),
            "withdraw": sent(ada, of(tag, "withdraw/"), {"version": 1}),
            "restore": sent(ada, of(gone, "restore/"), {}),
            "undo": sent(ada, EAST + "undo/", {}),
        }
        reason = "You have finished this document, which locks your tags. Reopen it to change them."
        for act, response in answers.items():
            assert response.status_code == 409, act
            assert reason in words(response) or "This document is finished." in words(response), act
        assert stored() == [("Biden agreed to talk", "talks", "support", "biden", None, False, "")]

    def test_another_coders_lock_is_not_mine(self, ada: Client, study: Study, other_coder: User) -> None:
        finish_document(by=other_coder, document=study.documents.get(slug="east"))
        assert sent(ada, TAGS, SAID).status_code == 201

    def test_a_tag_made_after_reopening_is_marked(self, ada: Client, study: Study, coder: User) -> None:
        before = make_tag(study, coder, "Putin asked")
        east = study.documents.get(slug="east")
        finish_document(by=coder, document=east)
        reopen_document(by=coder, document=east)
        sent(ada, TAGS, SAID)
        marked = dict(Annotation.objects.values_list("quote", "changed_after_reopening"))
        assert marked == {"Putin asked": False, "Biden agreed to talk": True}
        sent(ada, of(before), said(before, stance="oppose"))
        assert Annotation.objects.get(pk=before.pk).changed_after_reopening


class TestChanging:
    def test_it_stores_a_new_version_and_offers_to_undo(self, ada: Client, study: Study, coder: User) -> None:
        tag = make_tag(study, coder)
        response = sent(ada, of(tag), said(tag, stance="oppose", uncertain="on", note="now"))
        assert response.status_code == 200
        assert fragments(response) == ALL_PARTS
        assert stored() == [("Biden agreed to talk", "talks", "oppose", "biden", None, True, "now")]
        tag.refresh_from_db()
        assert (tag.version, tag.history.count(), tag.history.latest().history_user) == (2, 2, coder)
        assert "Changed." in words(response)
        assert "Undo: change of Talks" in response.content.decode()
        assert f'name="tag" value="{tag.public_id}"><input type="hidden" name="version" value="2">' in (
            response.content.decode()
        )

    def test_without_htmx_it_leads_back_to_the_passage(self, ada: Client, study: Study, coder: User) -> None:
        tag = make_tag(study, coder)
        response = ada.post(of(tag), said(tag, topic="guarantees"))
        assert (response.status_code, response["Location"]) == (302, EAST + "#p1")
        assert said_to(response) == ["Changed."]

    def test_it_may_move_the_quote_within_its_passage(self, ada: Client, study: Study, coder: User) -> None:
        tag = make_tag(study, coder)
        assert sent(ada, of(tag), said(tag, end=12)).status_code == 200
        assert Annotation.objects.get().quote == "Biden agreed"
        second = said(tag, passage=2, start=len(FIRST) + 2, end=len(FIRST) + 6, version=2)
        response = sent(ada, of(tag), second)
        assert response.status_code == 422
        assert "The quote must lie inside one passage." in words(response)

    def test_a_change_that_changes_nothing_makes_no_version(
        self, ada: Client, study: Study, coder: User
    ) -> None:
        tag = make_tag(study, coder)
        assert sent(ada, of(tag), said(tag)).status_code == 200
        # What is asked for is stored already: the old version number does not matter.
        assert sent(ada, of(tag), said(tag, version=77)).status_code == 200
        tag.refresh_from_db()
        assert (tag.version, tag.history.count()) == (1, 1)

    @pytest.mark.parametrize("version", ["", "0", "one"])
    def test_a_change_must_name_the_version_it_saw(
        self, ada: Client, study: Study, coder: User, version: str
    ) -> None:
        tag = make_tag(study, coder)
        response = sent(ada, of(tag), said(tag, stance="oppose", version=version))
        assert response.status_code == 422
        assert "error" in response.content.decode()
        if not version:
            assert "This form is out of date: open the tag again." in words(response)
        assert Annotation.objects.get().stance.slug == "support"

    def test_what_is_wrong_is_said_beside_the_tag_that_is_being_changed(
        self, ada: Client, study: Study, coder: User
    ) -> None:
        tag = make_tag(study, coder)
        response = sent(ada, of(tag), said(tag, reported_by="biden"))
        assert response.status_code == 422
        assert f'hx-post="{of(tag)}"' in response.content.decode()
        assert hidden(response, "version") == "1"

    def test_it_cannot_become_equal_to_another_tag(self, ada: Client, study: Study, coder: User) -> None:
        tag = make_tag(study, coder)
        make_tag(study, coder, source="putin")
        response = sent(ada, of(tag), said(tag, source="putin"))
        assert response.status_code == 409
        assert "You have tagged these words" in words(response)


class TestStale:
    """The tag has changed in another window since the form was opened."""

    @pytest.fixture
    def tag(self, ada: Client, study: Study, coder: User) -> Annotation:
        """At version 2: opposing, uncertain, with a note."""
        tag = make_tag(study, coder)
        sent(ada, of(tag), said(tag, stance="oppose", note="theirs", uncertain="on"))
        return tag

    def test_both_values_are_shown_with_a_choice(self, ada: Client, tag: Annotation) -> None:
        response = sent(ada, of(tag), said(tag, stance="mixed", source="putin", note="mine"))
        page = response.content.decode()
        assert response.status_code == 409
        assert fragments(response) == {"panel": False, "tags": False}
        assert "This tag has changed since you opened it." in words(response)
        rows = [
            (d.name, d.label, d.stored, d.stored_value, d.mine, d.mine_value)
            for d in response.context["differences"]
        ]
        assert rows == [
            ("stance", "Stance", "Oppose", "oppose", "Mixed", "mixed"),
            ("source", "Source", "Biden", "biden", "Putin", "putin"),
            ("uncertain", "Uncertain", "uncertain", "on", "not uncertain", ""),
            ("note", "Note", "theirs", "theirs", "mine", "mine"),
        ]
        for name, _label, old, old_value, new, new_value in rows:
            assert f'<input type="radio" name="{name}" value="{old_value}" required' in page
            assert f'<input type="radio" name="{name}" value="{new_value}" required' in page
            assert f"{old}</span>" in page
            assert f"{new}</span>" in page
        assert (hidden(response, "version"), hidden(response, "topic")) == ("2", "talks")
        assert stored() == [("Biden agreed to talk", "talks", "oppose", "biden", None, True, "theirs")]

    def test_choosing_saves(self, ada: Client, tag: Annotation) -> None:
        conflict = sent(ada, of(tag), said(tag, stance="mixed", reported_by="ushakov", note="mine"))
        names = ("version", "start", "end", "passage", "topic", "source")
        kept = {name: hidden(conflict, name) for name in names}
        chosen = {"stance": "oppose", "reported_by": "ushakov", "uncertain": "", "note": "mine"}
        response = sent(ada, of(tag), kept | chosen)
        assert response.status_code == 200
        assert stored() == [("Biden agreed to talk", "talks", "oppose", "biden", "ushakov", False, "mine")]
        assert Annotation.objects.get().version == 3

    def test_a_messenger_that_was_taken_away_and_an_empty_note_have_words(
        self, ada: Client, tag: Annotation
    ) -> None:
        sent(ada, of(tag), said(tag, reported_by="putin", note="", version=2))
        response = sent(ada, of(tag), said(tag, note="mine", version=1))
        rows = [(d.label, d.stored, d.mine) for d in response.context["differences"]]
        assert rows == [
            ("Reported by", "Putin", "nobody: the source speaks"),
            ("Note", "no note", "mine"),
        ] or rows[1:] == [("Reported by", "Putin", "nobody: the source speaks"), ("Note", "no note", "mine")]

    def test_what_only_one_has_changed_is_chosen_already(self, ada: Client, tag: Annotation) -> None:
        """Seen at version 1: the other window changed the stance, the note and that it is uncertain; this one
        the messenger and the note."""
        response = sent(ada, of(tag), said(tag, reported_by="putin", note="mine", version=1))
        found = {d.name: (d.takes_stored, d.takes_mine) for d in response.context["differences"]}
        assert found == {
            "stance": (True, False),
            "uncertain": (True, False),
            "reported_by": (False, True),
            "note": (False, False),
        }
        page = response.content.decode()
        chosen = re.findall(r'<input type="radio" name="(\w+)" value="(\w*)" required checked>', page)
        assert chosen == [("stance", "oppose"), ("reported_by", "putin"), ("uncertain", "on")]
        assert "The same in both: Talks · Biden" in words(response)

    def test_without_javascript_the_choice_is_a_page(self, ada: Client, tag: Annotation) -> None:
        response = ada.post(of(tag), said(tag, stance="mixed"))
        assert (response.status_code, response.content[:15]) == (409, b"<!doctype html>")
        assert "Save what I chose" in words(response)

    def test_what_is_already_stored_is_no_conflict(self, ada: Client, tag: Annotation) -> None:
        response = sent(ada, of(tag), said(tag, stance="oppose", note="theirs", uncertain="on"))
        assert response.status_code == 200
        assert Annotation.objects.get().version == 2

    def test_a_tag_withdrawn_since_can_be_brought_back(self, ada: Client, tag: Annotation) -> None:
        sent(ada, of(tag, "withdraw/"), {"version": 2})
        response = sent(ada, of(tag), said(tag, stance="mixed", version=2))
        assert response.status_code == 409
        assert "This tag has been withdrawn since you opened it." in words(response)
        buttons = ("Bring it back with mine", "Leave it withdrawn", "Bring it back as I chose")
        assert all(button in words(response) for button in buttons)
        mine = said(tag, stance="mixed", version=hidden(response, "version")) | {"bring_back": "1"}
        assert sent(ada, of(tag), mine).status_code == 200
        assert stored() == [("Biden agreed to talk", "talks", "mixed", "biden", None, False, "")]

    def test_mine_is_kept_whole_with_one_button(self, ada: Client, tag: Annotation) -> None:
        sent_values = said(tag, stance="mixed", source="putin", note="mine", uncertain="", end=12)
        conflict = sent(ada, of(tag), sent_values).content.decode()
        form = conflict[conflict.index('<form id="keep-mine"') :]
        form = form[: form.index("</form>")]
        fields = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', form))
        fields.pop("csrfmiddlewaretoken")
        assert fields == {
            "version": "2",
            "shown": "mine",
            "start": "0",
            "end": "12",
            "topic": "talks",
            "stance": "mixed",
            "source": "putin",
            "reported_by": "",
            "uncertain": "",
            "note": "mine",
        }
        assert re.search(
            r'<button type="submit" class="ghost-btn" form="keep-mine">Keep mine</button>', conflict
        )
        assert sent(ada, of(tag), fields).status_code == 200
        assert stored() == [("Biden agreed", "talks", "mixed", "putin", None, False, "mine")]

    def test_another_range_of_words_is_a_difference_too(self, ada: Client, tag: Annotation) -> None:
        """Else saving the choice would silently undo what the other window did to the quote."""
        sent(ada, of(tag), said(tag, stance="oppose", note="theirs", uncertain="on", end=12, version=2))
        response = sent(ada, of(tag), said(tag, stance="oppose", note="theirs", uncertain="on", version=2))
        assert response.status_code == 409
        rows = [(d.name, d.stored, d.mine) for d in response.context["differences"]]
        assert rows == [("span", "Biden agreed", "Biden agreed to talk")]
        for chosen, quote in (("0-20", "Biden agreed to talk"), ("0-12", "Biden agreed")):
            fields = said(tag, stance="oppose", note="theirs", uncertain="on", span=chosen)
            fields["version"] = Annotation.objects.get().version
            assert sent(ada, of(tag), fields).status_code == 200
            assert Annotation.objects.get().quote == quote


class TestWithdrawing:
    def test_it_takes_the_tag_off_every_page_and_can_be_undone(
        self, ada: Client, study: Study, coder: User
    ) -> None:
        tag = make_tag(study, coder)
        response = sent(ada, of(tag, "withdraw/"), {"version": "1"})
        assert response.status_code == 200
        assert fragments(response) == ALL_PARTS
        assert "Undo: withdrawal of Talks" in response.content.decode()
        assert "<mark" not in response.content.decode()
        assert "Withdrawn." in words(response)
        assert re.search(r"0 of 2 passages tagged .* 0 tags", words(response))
        tag.refresh_from_db()
        assert (tag.version, tag.withdrawn_at is not None) == (2, True)

        back = sent(ada, of(tag, "restore/"), {})
        assert back.status_code == 200
        assert "Brought back." in words(back)
        assert back.content.decode().count("<mark") == 1
        tag.refresh_from_db()
        assert (tag.version, tag.withdrawn_at, tag.history.count()) == (3, None, 3)

    def test_without_htmx_both_lead_back_to_the_passage(self, ada: Client, study: Study, coder: User) -> None:
        tag = make_tag(study, coder)
        for act, version, message in (("withdraw/", 1, "Withdrawn."), ("restore/", 2, "Brought back.")):
            response = ada.post(of(tag, act), {"version": version})
            assert (response.status_code, response["Location"]) == (302, EAST + "#p1")
            assert said_to(response)[-1:] == [message]

    def test_twice_is_once(self, ada: Client, study: Study, coder: User) -> None:
        tag = make_tag(study, coder)
        for act in ("withdraw/", "withdraw/", "restore/", "restore/"):
            version = Annotation.objects.get().version
            assert sent(ada, of(tag, act), {"version": version}).status_code == 200
        tag.refresh_from_db()
        assert (tag.version, tag.withdrawn_at) == (3, None)

    @pytest.mark.parametrize("version", ["", "x", "7"])
    def test_a_stale_version_is_refused_and_shows_what_is_stored(
        self, ada: Client, study: Study, coder: User, version: str
    ) -> None:
        tag = make_tag(study, coder)
        response = sent(ada, of(tag, "withdraw/"), {"version": version})
        assert response.status_code == 409
        assert fragments(response) == ALL_PARTS
        assert "This tag has changed since you opened it." in words(response)
        assert "¶ 1 Biden agreed to talk Talks · Support · Biden" in words(response)
        assert len(stored()) == 1

    def test_what_is_stored_by_now_can_be_withdrawn_all_the_same(
        self, ada: Client, study: Study, coder: User
    ) -> None:
        tag = make_tag(study, coder)
        sent(ada, of(tag), said(tag, stance="oppose", note="theirs"))
        for headers in (HTMX, HTMX | {"HX-Target": "tags"}, {}):
            response = ada.post(of(tag, "withdraw/"), {"version": 1}, headers=headers)
            assert response.status_code == 409
            assert "Talks · Oppose · Biden theirs" in words(response)
            assert "Withdraw it as it is now" in words(response)
            offered = response.content.decode().split('id="in-the-way"')[1].split("</form>")[0]
            assert f'action="{of(tag, "withdraw/")}"' in offered
            assert '<input type="hidden" name="version" value="2">' in offered
        assert sent(ada, of(tag, "withdraw/"), {"version": 2}).status_code == 200
        assert stored() == []

    def test_from_the_list_of_tags_the_form_is_left_alone(
        self, ada: Client, study: Study, coder: User
    ) -> None:
        tag = make_tag(study, coder)
        headers = HTMX | {"HX-Target": "tags"}
        stale = ada.post(of(tag, "withdraw/"), {"version": 7}, headers=headers)
        assert (stale.status_code, fragments(stale)) == (409, TAGS_ONLY)
        done = ada.post(of(tag, "withdraw/"), {"version": 1}, headers=headers)
        assert (done.status_code, fragments(done)) == (200, TAGS_ONLY)
        assert "Tags in passage 1 0" in words(done)
        assert 'id="tagform"' not in stale.content.decode() + done.content.decode()
        # Which passage is in hand is the form's to say.
        assert 'class="passage paragraph"' in done.content.decode()

    def test_it_cannot_come_back_beside_an_equal_tag_which_is_shown(
        self, ada: Client, study: Study, coder: User
    ) -> None:
        tag = make_tag(study, coder)
        withdraw_tag(by=coder, annotation=tag, version=1)
        make_tag(study, coder, stance="mixed", reported_by=None)
        response = sent(ada, of(tag, "restore/"), {})
        assert response.status_code == 409
        assert "You have tagged these words" in words(response)
        assert "¶ 1 Biden agreed to talk Talks · Mixed · Biden" in words(response)
        assert [row[2] for row in stored()] == ["mixed"]
        page = ada.post(of(tag, "restore/"))
        assert (page.status_code, page.content[:15]) == (409, b"<!doctype html>")


class TestOtherPeoplesTags:
    ACTS = ("", "withdraw/", "restore/")

    def test_they_may_be_seen_and_not_changed(
        self, ada: Client, study: Study, other_coder: User, curator: User
    ) -> None:
        for tag in (make_tag(study, other_coder), make_tag(study, curator, layer="curated")):
            for act in self.ACTS:
                assert sent(ada, of(tag, act), said(tag, stance="oppose")).status_code == 403
            assert Annotation.objects.values_list("version", "stance__slug").get(pk=tag.pk) == (1, "support")

    def test_a_curators_rank_gives_no_right_to_a_coders_tag(
        self, client: Client, study: Study, coder: User, curator: User, owner: User
    ) -> None:
        tag = make_tag(study, coder)
        for user in (curator, owner):
            client.force_login(user)
            statuses = [sent(client, of(tag, act), said(tag)).status_code for act in self.ACTS]
            assert statuses == [403] * 3

    def test_tags_of_another_document_or_study_are_not_found(
        self, ada: Client, study: Study, coder: User
    ) -> None:
        other = make_study("other")
        for tag in (make_tag(study, coder, "Kyiv", "west"), make_tag(other, coder)):
            for act in self.ACTS:
                assert sent(ada, of(tag, act), said(tag, stance="oppose")).status_code == 404
            assert Annotation.objects.get(pk=tag.pk).version == 1

    def test_a_tag_that_never_was_is_not_found(self, ada: Client, study: Study) -> None:
        address = f"{TAGS}{uuid.uuid4()}/withdraw/"
        response = sent(ada, address, {"version": 1})
        assert response.status_code == 404
        assert "There is nothing here" in words(response)


class TestSavingFromTheForm:
    """What the form of the page does: the answer goes to the list of tags, the script has a fresh form."""

    def test_it_answers_with_the_parts_that_change_and_no_form(self, ada: Client, study: Study) -> None:
        response = ada.post(TAGS, SAID, headers=TO_TAGS)
        tag = Annotation.objects.get()
        assert (response.status_code, response["X-Summit-Saved"]) == (201, str(tag.public_id))
        assert fragments(response) == TAGS_ONLY
        assert "tagform" not in response.content.decode()
        assert "HX-Retarget" not in response
        assert "progressStale" in response["HX-Trigger"]
        assert "Tags in passage 1 1" in words(response)
        assert runs(response) == [FIRST]
        assert "Undo: tag Talks" in response.content.decode()
        # It is tagged now: nobody is asked whether there is nothing here.
        assert "nothing-1" not in response.content.decode()

    def test_what_leads_to_the_talk_is_left_as_it_stands_in_the_page(
        self, ada: Client, study: Study, coder: User
    ) -> None:
        passage = study.documents.get(slug="east").passages.get(number=1)
        write_comment(by=coder, passage=passage, text="Look.")
        response = ada.post(TAGS, SAID, headers=TO_TAGS)
        assert re.search(r'<div class="talk-of" id="talk-of-1" data-kept></div>', response.content.decode())

    @pytest.mark.parametrize("shown", ["mine", "all", "all;topic=talks", "mine;topic=guarantees"])
    def test_the_passage_is_the_one_that_a_reload_shows(
        self, ada: Client, study: Study, coder: User, other_coder: User, shown: str
    ) -> None:
        make_tag(study, other_coder, "Biden agreed")
        make_tag(study, coder, "agreed", topic="guarantees", source="putin", reported_by="ushakov")
        response = ada.post(TAGS, SAID | {"shown": shown}, headers=TO_TAGS)
        for element in (
            r'<p class="run".*?</p>',
            r'<ul class="tag-words">.*?</ul>',
            r'<a class="tally".*?</a>',
        ):
            page = ada.get(f"{EAST}?shown={shown}").content.decode()
            assert re.findall(element, response.content.decode(), re.S) == re.findall(element, page, re.S)[:1]

    def test_a_change_answers_alike(self, ada: Client, study: Study, coder: User) -> None:
        tag = make_tag(study, coder)
        response = ada.post(of(tag), said(tag, stance="oppose"), headers=TO_TAGS)
        assert (response.status_code, fragments(response)) == (200, TAGS_ONLY)
        assert "Changed." in words(response)
        assert stored()[0][2] == "oppose"

    def test_the_form_comes_back_into_the_panel_with_what_is_wrong(
        self, ada: Client, study: Study, coder: User
    ) -> None:
        tag = make_tag(study, coder)
        refused = ada.post(TAGS, SAID | {"topic": ""}, headers=TO_TAGS)
        equal = ada.post(TAGS, said(tag), headers=TO_TAGS)
        stale = ada.post(of(tag), said(tag, stance="oppose", version=7), headers=TO_TAGS)
        for response, status in ((refused, 422), (equal, 409), (stale, 409)):
            assert (response.status_code, response["HX-Retarget"]) == (status, "#panel")
            assert fragments(response)["panel"] is False
        assert "Choose a topic." in words(refused)
        assert stored() == [("Biden agreed to talk", "talks", "support", "biden", None, False, "")]

    def test_it_makes_a_fixed_number_of_queries(self, ada: Client, study: Study, coder: User) -> None:
        """The codebook is read once and kept: it has not changed."""
        long = make_document(study, "long", *(f"Passage {n}: {FIRST}" for n in range(200)))
        ada.post(TAGS, SAID | {"end": 3}, headers=TO_TAGS)
        found = {}
        for slug, end in (("east", 4), ("east", 5), ("long", 9), ("long", 10)):
            start = long.passages.first().start if slug == "long" else 0
            fields = SAID | {"start": start, "end": start + end}
            with CaptureQueriesContext(connection) as captured:
                response = ada.post(f"/studies/talks/code/{slug}/tags/", fields, headers=TO_TAGS)
            assert response.status_code == 201
            found[slug, end] = [
                q["sql"] for q in captured if not q["sql"].startswith(("SAVEPOINT", "RELEASE"))
            ]
        counts = {len(queries) for queries in found.values()}
        # PostgreSQL holds the coder's row; SQLite has one writer at a time.
        assert counts == {11 + connection.features.has_select_for_update}, found
        assert not [sql for queries in found.values() for sql in queries if '"annotations_topic"' in sql]


class TestSize:
    def test_saving_costs_the_same_in_a_long_document(self, ada: Client, study: Study, coder: User) -> None:
        """As many queries, and an answer of about the same size."""
        make_document(study, "long", *(f"Passage {n}: {FIRST}" for n in range(200)))
        sent(ada, TAGS, SAID)  # warms what is loaded once
        found = {}
        for slug, start in (("west", 0), ("long", 0)):
            fields = SAID | {"start": start, "end": start + 9}
            with CaptureQueriesContext(connection) as captured:
                response = sent(ada, f"/studies/talks/code/{slug}/tags/", fields)
            assert response.status_code == 201
            found[slug] = (len(captured), len(response.content))
            assert len(runs(response)) == 1
        # A long document's progress, two queries, is left to a request of its own.
        assert found["long"][0] == found["west"][0] - 2
        assert found["long"][1] < found["west"][1] + 500

    def test_saving_costs_the_same_with_one_tag_and_with_three(
        self, ada: Client, study: Study, coder: User
    ) -> None:
        def cost(end: int) -> int:
            with CaptureQueriesContext(connection) as captured:
                assert sent(ada, TAGS, SAID, end=end).status_code == 201
            return len(captured)

        cost(3)
        one = cost(4)
        assert [cost(end) for end in (5, 7)] == [one, one]
        assert one <= 24


def test_a_page_that_was_opened_before_login_is_told_to_reload(study: Study, coder: User) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(coder)
    for headers in ({}, HTMX):
        response = client.post(TAGS, SAID, headers=headers)
        assert response.status_code == 403
        assert "This page is out of date." in words(response)
    assert not Annotation.objects.exists()
