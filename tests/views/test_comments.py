"""Talk in the workbench: threads, comments, counts in the margin, and who sees which."""

from __future__ import annotations

import re
import uuid
from typing import Any

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext

from annotations.models import Annotation, Comment, Study, User
from annotations.services.coding import finish_document, reopen_document, withdraw_tag
from annotations.services.comments import withdraw_comment, write_comment
from tests.bodies import words
from tests.factories import make_tag, make_user

EAST = "/studies/talks/code/east/"
TALK = f"{EAST}passages/1/talk/"
CREATE = f"{TALK}comments/"
HTMX = {"HX-Request": "true"}


def say(study: Study, by: User, text: str, tag: Annotation | None = None, number: int = 1) -> Comment:
    passage = study.documents.get(slug="east").passages.get(number=number)
    return write_comment(by=by, passage=passage, text=text, annotation=tag)[0]


def shown(response: HttpResponse) -> dict[str, list[str]]:
    """The texts of every thread, by what it is about."""
    talk = response.context["talk"]
    threads = [("passage", talk.on_passage)]
    threads += [
        (thread.annotation.quote if thread.annotation else "hidden", thread) for thread in talk.on_tags
    ]
    return {about: [comment.text for comment in thread.comments] for about, thread in threads}


def margin(client: Client, query: str = "") -> dict[int, str]:
    """The bubbles beside the passages of the workbench: number of the passage → what is in it."""
    body = client.get(EAST + query).content.decode()
    found = re.findall(r'id="talk-of-(\d+)"[^>]*>(?:<a [^>]*>([^<]*)</a>)?</div>', body)
    return {int(number): count for number, count in found}


class TestReading:
    def test_the_threads_of_a_passage_are_a_page_and_a_fragment(
        self, client: Client, study: Study, coder: User, other_coder: User
    ) -> None:
        tag = make_tag(study, coder, "Biden agreed")
        silent = make_tag(study, coder, "Putin asked")
        say(study, coder, "first <b>bold</b>")
        say(study, other_coder, "second")
        say(study, other_coder, "on the tag", tag)
        say(study, coder, "elsewhere", number=2)
        client.force_login(coder)
        page, fragment = client.get(TALK), client.get(TALK, headers=HTMX)
        expected = {"passage": ["first <b>bold</b>", "second"], "Biden agreed": ["on the tag"]}
        assert shown(page) == shown(fragment) == expected
        assert fragment.context["talk"].quiet_tags == [silent]
        assert fragment.context["talk"].count == 3
        assert page.content.decode().startswith("<!doctype html>")
        assert "Biden agreed to talk. Putin asked for guarantees." in words(page)
        assert fragment.content.decode().startswith('<details class="talk fold" id="talk" open>')
        assert "first &lt;b&gt;bold&lt;/b&gt;" in fragment.content.decode()

    def test_a_history_restore_gets_the_whole_page(self, client: Client, study: Study, coder: User) -> None:
        client.force_login(coder)
        response = client.get(TALK, headers=HTMX | {"HX-History-Restore-Request": "true"})
        assert response.content.decode().startswith("<!doctype html>")
        assert response["Cache-Control"].startswith("max-age=0, no-cache, no-store")
        assert "HX-Request" in response["Vary"]

    def test_readers_and_strangers_read_none(self, client: Client, study: Study, reader: User) -> None:
        client.force_login(reader)
        assert client.get(TALK).status_code == 403
        assert client.post(CREATE, {"text": "May I?"}).status_code == 403
        client.force_login(make_user())
        assert client.get(TALK).status_code == client.post(CREATE, {"text": "May I?"}).status_code == 404
        assert not Comment.objects.exists()

    @pytest.mark.parametrize("number", [3, 0, 99_999_999_999_999_999_999])
    def test_a_passage_that_is_not_there_is_not_found(
        self, client: Client, study: Study, coder: User, number: int
    ) -> None:
        client.force_login(coder)
        assert client.get(f"{EAST}passages/{number}/talk/").status_code == 404
        assert client.post(f"{EAST}passages/{number}/talk/comments/", {"text": "x"}).status_code == 404

    def test_the_count_of_queries_does_not_grow(self, client: Client, study: Study, coder: User) -> None:
        client.force_login(coder)
        counts = []
        for quote in ("Biden agreed", "agreed to talk", "Putin asked"):
            tag = make_tag(study, coder, quote)
            say(study, coder, "on the passage")
            say(study, coder, "on the tag", tag)
            with CaptureQueriesContext(
                connection,
            ) as queries:
                client.get(TALK)
            counts.append(len(queries))
        assert counts[0] == counts[2] <= 9

    def test_comments_on_a_withdrawn_tag_stay_readable(
        self, client: Client, study: Study, coder: User
    ) -> None:
        tag = make_tag(study, coder, "Biden agreed")
        quiet = make_tag(study, coder, "Putin asked")
        say(study, coder, "I was wrong.", tag)
        for one in (tag, quiet):
            withdraw_tag(by=coder, annotation=one, version=1)
        client.force_login(coder)
        response = client.get(TALK)
        assert shown(response) == {"passage": [], "Biden agreed": ["I was wrong."]}
        assert response.context["talk"].quiet_tags == []
        assert "withdrawn" in words(response)


class TestSaying:
    def test_without_htmx_a_comment_leads_back_to_the_thread(
        self, client: Client, study: Study, coder: User
    ) -> None:
        client.force_login(coder)
        response = client.post(CREATE, {"text": " Who says so?\r\n", "form_token": str(uuid.uuid4())})
        comment = Comment.objects.get()
        assert (comment.text, comment.author, comment.annotation) == ("Who says so?", coder, None)
        assert (response.status_code, response["Location"]) == (302, f"{TALK}#c-{comment.public_id}")
        assert "Comment added." in words(client.get(TALK))

    def test_a_fragment_answers_with_the_threads_and_the_count_in_the_margin(
        self, client: Client, study: Study, coder: User
    ) -> None:
        tag = make_tag(study, coder)
        client.force_login(coder)
        said = {"text": "Is it?", "annotation": str(tag.public_id), "shown": "all"}
        response = client.post(CREATE, said, headers=HTMX)
        assert response.status_code == 201
        assert shown(response) == {"passage": [], tag.quote: ["Is it?"]}
        body = response.content.decode()
        assert '<div class="talk-of" id="talk-of-1" hx-swap-oob="true"><a' in body
        assert "?passage=1&amp;shown=all&amp;hand=empty&amp;talk=open" in body
        assert '<div hx-swap-oob="innerHTML:#toast"><p class="vh">Comment added.</p></div>' in body

    def test_the_same_form_twice_makes_one_comment(self, client: Client, study: Study, coder: User) -> None:
        client.force_login(coder)
        said = {"text": "Once.", "form_token": str(uuid.uuid4())}
        statuses = [client.post(CREATE, said, headers=HTMX).status_code for _time in range(2)]
        assert statuses == [201, 200]
        assert Comment.objects.count() == 1
        # A token that is none is no reason to refuse what was said.
        assert client.post(CREATE, {"text": "Twice.", "form_token": "?"}, headers=HTMX).status_code == 201

    @pytest.mark.parametrize("headers", [{}, HTMX], ids=["page", "fragment"])
    def test_what_cannot_be_stored_comes_back_with_its_reason(
        self, client: Client, study: Study, coder: User, headers: dict[str, str]
    ) -> None:
        tag = make_tag(study, coder)
        client.force_login(coder)
        long = "x" * 10_001
        response = client.post(CREATE, {"text": long, "annotation": str(tag.public_id)}, headers=headers)
        assert response.status_code == 422
        talk = response.context["talk"]
        assert (talk.chosen, talk.new.text, talk.on_passage.text) == (tag, long, "")
        assert long in response.content.decode()
        assert "at most 10,000 characters" in words(response)
        response = client.post(CREATE, {"text": "  "}, headers=headers)
        assert (response.status_code, response.context["talk"].on_passage.error) == (
            422,
            "Write something first.",
        )
        assert not Comment.objects.exists()

    def test_a_refused_answer_comes_back_in_its_own_thread(
        self, client: Client, study: Study, coder: User
    ) -> None:
        tag = make_tag(study, coder)
        say(study, coder, "Is it?", tag)
        client.force_login(coder)
        response = client.post(CREATE, {"text": "", "annotation": str(tag.public_id)}, headers=HTMX)
        [thread] = response.context["talk"].on_tags
        assert (thread.error, response.context["talk"].new.error) == ("Write something first.", "")

    def test_only_a_tag_of_the_passage_is_commented_on(
        self, client: Client, study: Study, coder: User
    ) -> None:
        elsewhere = make_tag(study, coder, "Kyiv was not")
        client.force_login(coder)
        for named in (str(elsewhere.public_id), str(uuid.uuid4()), "nonsense"):
            assert client.post(CREATE, {"text": "?", "annotation": named}).status_code == 404
        assert not Comment.objects.exists()

    def test_a_finished_document_can_be_talked_about(self, client: Client, study: Study, coder: User) -> None:
        tag = make_tag(study, coder)
        finish_document(by=coder, document=tag.document)
        client.force_login(coder)
        panel = client.get(f"{EAST}?passage=1", headers=HTMX).content.decode()
        assert f'hx-get="{TALK}?shown=' in panel
        said = {"text": "Looking back", "annotation": str(tag.public_id)}
        assert client.post(CREATE, said, headers=HTMX).status_code == 201


class TestTakingBack:
    def test_ones_own_comment_is_taken_back_and_brought_back(
        self, client: Client, study: Study, coder: User, other_coder: User
    ) -> None:
        comment = say(study, coder, "hasty words")
        client.force_login(coder)
        act = f"{CREATE}{comment.public_id}/"
        response = client.post(f"{act}withdraw/", headers=HTMX)
        assert response.status_code == 200
        assert "taken back: only you see it" in words(response)
        assert "hasty words" in words(response)
        assert response.context["talk"].count == 0
        client.force_login(other_coder)
        assert "hasty words" not in client.get(TALK).content.decode()
        client.force_login(coder)
        response = client.post(f"{act}restore/")
        assert (response.status_code, response["Location"]) == (302, f"{TALK}#c-{comment.public_id}")
        client.force_login(other_coder)
        assert "hasty words" in client.get(TALK).content.decode()

    def test_nobody_takes_back_anothers_comment(
        self, client: Client, study: Study, coder: User, curator: User, owner: User
    ) -> None:
        comment = say(study, coder, "hers")
        for person in (curator, owner):
            client.force_login(person)
            for act in ("withdraw", "restore"):
                assert client.post(f"{CREATE}{comment.public_id}/{act}/").status_code == 403
        assert Comment.objects.active().count() == 1
        # What was taken back is not even there for others.
        withdraw_comment(by=coder, comment=comment)
        assert client.post(f"{CREATE}{comment.public_id}/restore/").status_code == 404

    def test_a_comment_is_found_in_its_own_passage_only(
        self, client: Client, study: Study, coder: User
    ) -> None:
        comment = say(study, coder, "here")
        client.force_login(coder)
        other = f"{EAST}passages/2/talk/comments/{comment.public_id}/withdraw/"
        west = f"/studies/talks/code/west/passages/1/talk/comments/{comment.public_id}/withdraw/"
        assert [client.post(address).status_code for address in (other, west)] == [404, 404]


class TestMargin:
    def test_the_margin_counts_the_comments_on_a_passage_and_its_tags(
        self, client: Client, study: Study, coder: User, other_coder: User
    ) -> None:
        tag = make_tag(study, coder, "Biden agreed")
        say(study, coder, "one")
        say(study, other_coder, "two", tag)
        withdraw_comment(by=coder, comment=say(study, coder, "taken back"))
        client.force_login(other_coder)
        assert margin(client) == {1: "2", 2: ""}
        assert "2 comments on passage 1" in client.get(EAST).content.decode()
        panel = client.get(f"{EAST}?passage=1", headers=HTMX)
        assert panel.context["current"].comments == 2
        assert 'hx-trigger="toggle once"' in panel.content.decode()

    def test_the_bubble_opens_the_talk_in_the_panel(self, client: Client, study: Study, coder: User) -> None:
        say(study, coder, "one")
        client.force_login(coder)
        panel = client.get(f"{EAST}?passage=1&hand=empty&talk=open", headers=HTMX).content.decode()
        assert 'id="talk" open hx-get=' in panel
        assert 'hx-trigger="load"' in panel

    def test_the_page_asks_once_for_all_of_its_passages(
        self, client: Client, study: Study, coder: User
    ) -> None:
        client.force_login(coder)
        counts = []
        for number in (1, 2):
            say(study, coder, "said", number=number)
            with CaptureQueriesContext(
                connection,
            ) as queries:
                assert margin(client)[number] == "1"
            counts.append([query["sql"] for query in queries if "annotations_comment" in query["sql"]])
        assert [len(asked) for asked in counts] == [1, 1]


class TestBlind:
    """First what could leak is made: another coder's tags, comments on hers, a curator's on everything."""

    @pytest.fixture
    def leaky(self, study: Study, coder: User, other_coder: User, curator: User) -> dict[str, Any]:
        Study.objects.filter(pk=study.pk).update(is_blind=True)
        mine = make_tag(study, coder, "Biden agreed")
        theirs = make_tag(study, other_coder, "Putin asked", note="secret note")
        say(study, coder, "my own")
        said = say(study, other_coder, "secret remark")
        say(study, curator, "secret advice", mine)
        say(study, other_coder, "secret doubt", theirs)
        return {"mine": mine, "theirs": theirs, "said": said}

    def bodies(self, client: Client) -> str:
        paths = (TALK, EAST, f"{EAST}?shown=all&passage=1", "/studies/talks/questions/?coder=")
        return " ".join(
            client.get(path, headers=headers).content.decode() for path in paths for headers in ({}, HTMX)
        )

    def test_a_coder_who_has_not_finished_learns_of_no_other(
        self, client: Client, coder: User, leaky: dict[str, Any]
    ) -> None:
        client.force_login(coder)
        response = client.get(TALK)
        assert shown(response) == {"passage": ["my own"]}
        assert response.context["talk"].count == 1
        assert margin(client, "?shown=all") == {1: "1", 2: ""}
        everything = self.bodies(client)
        assert re.findall(r"secret|\bben\b|\bcora\b|Putin asked<", everything) == []

    def test_no_act_tells_that_there_is_a_comment_or_a_tag(
        self, client: Client, coder: User, leaky: dict[str, Any]
    ) -> None:
        client.force_login(coder)
        theirs, said = leaky["theirs"], leaky["said"]
        assert client.post(CREATE, {"text": "?", "annotation": str(theirs.public_id)}).status_code == 404
        for act in ("withdraw", "restore"):
            assert client.post(f"{CREATE}{said.public_id}/{act}/").status_code == 404
            assert client.post(f"{CREATE}{uuid.uuid4()}/{act}/").status_code == 404

    def test_finishing_opens_the_talk_and_reopening_closes_it(
        self, client: Client, study: Study, coder: User, leaky: dict[str, Any]
    ) -> None:
        theirs = leaky["theirs"]
        finish_document(by=coder, document=theirs.document)
        client.force_login(coder)
        assert shown(client.get(TALK)) == {
            "passage": ["my own", "secret remark"],
            "Biden agreed": ["secret advice"],
            "Putin asked": ["secret doubt"],
        }
        assert margin(client) == {1: "4", 2: ""}
        say(study, coder, "my answer", theirs)
        reopen_document(by=coder, document=theirs.document)
        # Her own words stay hers to read, and nothing of the tag is shown with them.
        response = client.get(TALK)
        assert shown(response) == {"passage": ["my own"], "hidden": ["my answer"]}
        assert "On tags that you see once you have finished this document" in words(response)
        assert words(response).count("Putin asked") == 1  # in the passage
        everything = self.bodies(client)
        assert re.findall(r"secret|\bben\b|\bcora\b", everything) == []

    def test_a_curator_sees_all_of_it(self, client: Client, curator: User, leaky: dict[str, Any]) -> None:
        client.force_login(curator)
        assert shown(client.get(TALK)) == {
            "passage": ["my own", "secret remark"],
            "Biden agreed": ["secret advice"],
            "Putin asked": ["secret doubt"],
        }
        assert margin(client) == {1: "4", 2: ""}
