"""The codebook's page, its versions, the gaps in the guidelines and the list of its changes."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from annotations.models import Annotation, DecidedTag, Decision, Stance, Study, Topic, User
from annotations.services.codebook import save_source, save_topic
from annotations.services.codebook_acts import undo_act
from annotations.services.coding import withdraw_tag
from annotations.services.guidelines import save_guidelines
from annotations.services.retiring import retire_entry
from tests.bodies import words
from tests.factories import make_tag

BASE = "/studies/talks/codebook/"


@pytest.fixture
def ada(client: Client, coder: User) -> Client:
    client.force_login(coder)
    return client


@pytest.fixture
def cora(client: Client, curator: User) -> Client:
    client.force_login(curator)
    return client


def queries(client: Client, address: str) -> int:
    with CaptureQueriesContext(connection) as captured:
        assert client.get(address).status_code == 200
    return len(captured)


def rewritten(study: Study, by: User, statement: str, slug: str = "talks") -> Topic:
    topic = study.topics.get(slug=slug)
    topic.statement = statement
    return save_topic(by=by, topic=topic)


def found_gap(curator: User, *tags: Annotation, remark: str = "Do drills count?") -> Decision:
    decision = Decision.objects.create(
        study_id=tags[0].study_id,
        document_id=tags[0].document_id,
        passage_id=tags[0].passage_id,
        situation="stance",
        outcome="changed",
        reason="gap",
        remark=remark,
        curator=curator,
    )
    for tag in tags:
        DecidedTag.objects.create(decision=decision, annotation=tag, version=tag.version)
    return decision


class TestPage:
    def test_it_shows_guidelines_statements_stances_and_sources(self, ada: Client, study: Study) -> None:
        Study.objects.filter(pk=study.pk).update(guidelines="Tag what is <claimed>.\n\nNot what is meant.")
        text = words(ada.get(BASE))
        for shown in (
            "Tag what is <claimed>. Not what is meant.",
            "Security Talks There should be talks.",
            "Support 1.00 · s",
            "Neutral raised, no position taken · n",
            "Oppose −1.00 · o",
            "Ushakov for Kremlin",
        ):
            assert shown in text

    def test_without_guidelines_it_says_so_and_needs_no_keys(self, ada: Client, study: Study) -> None:
        Stance.objects.filter(study=study).update(key="")
        page = ada.get(BASE)
        assert "None are written yet." in words(page)
        assert "<kbd>" not in page.content.decode()

    @pytest.mark.parametrize("who", ["ada", "cora"])
    def test_its_queries_do_not_depend_on_its_length(
        self, request: pytest.FixtureRequest, study: Study, coder: User, who: str
    ) -> None:
        client = request.getfixturevalue(who)
        queries(client, BASE)
        one = queries(client, BASE)
        for position in (8, 9):
            Topic.objects.create(
                study=study, slug=f"t-{position}", label="T", statement="T.", position=position
            )
        make_tag(study, coder)
        make_tag(study, coder, "Putin asked", source="author")
        assert queries(client, BASE) == one

    def test_only_curators_see_how_much_an_entry_is_used_and_what_can_be_done(
        self, client: Client, study: Study, coder: User, curator: User, reader: User
    ) -> None:
        make_tag(study, coder)
        make_tag(study, coder, "Putin asked", reported_by="putin")
        withdraw_tag(by=coder, annotation=make_tag(study, coder, "Kyiv", "west"), version=1)
        for person in (reader, coder):
            client.force_login(person)
            page = client.get(BASE)
            assert "annotations" not in words(page).split("Guidelines", 1)[1]
            assert "/merge/" not in page.content.decode()
        client.force_login(curator)
        shown = client.get(BASE).context["codebook"]
        uses = {one.entry.slug: one.uses for group in shown.topics for one in group.entries}
        uses |= {one.entry.slug: one.uses for group in shown.sources for one in group.entries}
        assert {slug: n for slug, n in uses.items() if n} == {"talks": 2, "biden": 2, "putin": 1}
        acts = {one.entry.slug: one.acts for group in shown.sources for one in group.entries}
        assert (acts["author"], acts["putin"]) == (("edit",), ("edit", "merge", "split", "retire"))
        assert [group.head.acts for group in shown.topics if group.head] == [("edit", "merge", "retire")]

    def test_retired_entries_are_shown_as_such(self, cora: Client, study: Study, curator: User) -> None:
        retire_entry(by=curator, entry=study.topics.get(slug="talks"))
        page = cora.get(BASE)
        assert "Talks retired There should be talks." in words(page)
        assert f"{BASE}topics/talks/revive/" in page.content.decode()
        assert f"{BASE}topics/talks/retire/" not in page.content.decode()

    def test_a_group_without_topics_is_shown(self, cora: Client, study: Study) -> None:
        Topic.objects.create(study=study, slug="empty", label="Empty group", position=9)
        assert "Empty group" in words(cora.get(BASE))

    def test_the_tabs_count_what_waits(
        self, client: Client, study: Study, coder: User, other_coder: User, curator: User
    ) -> None:
        tag = make_tag(study, coder)
        make_tag(study, other_coder)
        rewritten(study, curator, "Talks help.")
        found_gap(curator, tag)
        client.force_login(coder)
        counts = client.get(BASE).context["counts"]
        assert (counts.to_review, counts.gaps) == (1, None)
        client.force_login(curator)
        counts = client.get(BASE).context["counts"]
        assert (counts.to_review, counts.gaps) == (0, 1)


class TestVersions:
    def test_an_entrys_versions_say_who_changed_what_word_by_word(
        self, ada: Client, study: Study, curator: User
    ) -> None:
        rewritten(study, curator, "There should be more talks.")
        response = ada.get(f"{BASE}topics/talks/versions/")
        newest, first = response.context["versions"]
        assert (newest.version, newest.by, newest.is_first) == (2, "cora", False)
        (change,) = newest.changes
        assert (change.label, [(p.kind, p.text) for p in change.pieces]) == (
            "Statement",
            [("same", "There should be "), ("in", "more "), ("same", "talks.")],
        )
        assert (first.version, first.is_first) == (1, True)
        assert [(c.label, c.pieces[0].text) for c in first.changes] == [
            ("Parent", "Security"),
            ("Slug", "talks"),
            ("Label", "Talks"),
            ("Statement", "There should be talks."),
        ]
        assert "<ins>" in response.content.decode()

    def test_what_is_referred_to_is_named_even_when_it_is_gone(
        self, ada: Client, study: Study, curator: User
    ) -> None:
        ushakov, kremlin = study.sources.get(slug="ushakov"), study.sources.get(slug="kremlin")
        ushakov.speaks_for = None
        save_source(by=curator, source=ushakov)
        kremlin.delete()
        retire_entry(by=curator, entry=study.sources.get(slug="ushakov"))
        versions = ada.get(f"{BASE}sources/ushakov/versions/").context["versions"]
        said = [[(c.label, [p.text for p in c.pieces]) for c in v.changes] for v in versions[:2]]
        assert said == [[("Use", ["in use", "retired"])], [("Speaks for", ["Kremlin"])]]

    def test_the_guidelines_versions_leave_other_settings_out(
        self, ada: Client, study: Study, curator: User
    ) -> None:
        save_guidelines(by=curator, study=study, text="First.")
        Study.objects.get(pk=study.pk).save()
        save_guidelines(by=curator, study=study, text="Second.")
        versions = ada.get(f"{BASE}guidelines/versions/").context["versions"]
        assert [(v.version, v.by, len(v.changes)) for v in versions] == [
            (2, "cora", 1),
            (1, "cora", 1),
            (1, "", 0),
        ]

    def test_an_entry_of_another_kind_or_none_is_not_found(self, ada: Client, study: Study) -> None:
        for path in ("topics/putin/versions/", "verbs/talks/versions/", "sources/nobody/versions/"):
            assert ada.get(BASE + path).status_code == 404


class TestGaps:
    def test_they_gather_with_their_quotes_and_lead_to_the_words(
        self, cora: Client, study: Study, coder: User, other_coder: User, curator: User
    ) -> None:
        tags = make_tag(study, coder), make_tag(study, other_coder, "agreed to talk", stance="oppose")
        found_gap(curator, *tags)
        response = cora.get(f"{BASE}gaps/")
        text, page = words(response), response.content.decode()
        for shown in (
            "Talks East",
            "conflict over stance",
            "Do drills count?",
            "Biden agreed to talk ada: Talks, Biden",
            "agreed to talk ben: Talks, Biden",
        ):
            assert shown in text
        assert f"{BASE}topics/talks/edit/" in page
        assert f"{BASE}guidelines/" in page
        assert f"/studies/talks/curate/?document=east&amp;status=all&amp;item={tags[0].public_id}" in page
        (gap,) = response.context["gaps"]
        assert (gap.tags, gap.answered) == (tags, False)

    def test_they_stand_beside_the_words_that_are_edited(
        self, cora: Client, study: Study, coder: User, curator: User
    ) -> None:
        found_gap(curator, make_tag(study, coder))
        for path, shown in (("topics/talks/edit/", 1), ("topics/guarantees/edit/", 0), ("guidelines/", 1)):
            assert len(cora.get(BASE + path).context["gaps"]) == shown, path

    def test_a_gap_says_that_the_words_have_been_edited_since(
        self, cora: Client, study: Study, coder: User, curator: User
    ) -> None:
        rewritten(study, curator, "Edited before.")
        rewritten(study, curator, "Edited before.", slug="guarantees")
        save_guidelines(by=curator, study=study, text="First.")
        found_gap(curator, make_tag(study, coder))
        found_gap(curator, make_tag(study, coder, topic="guarantees"))

        def answered() -> list[bool]:
            return [gap.answered for gap in cora.get(f"{BASE}gaps/").context["gaps"]]

        assert answered() == [False, False]
        rewritten(study, curator, "Edited since.")
        assert answered() == [False, True]
        save_guidelines(by=curator, study=study, text="Second.")
        assert answered() == [True, True]

    def test_decisions_that_are_undone_or_have_another_reason_are_not_among_them(
        self, cora: Client, study: Study, coder: User, curator: User
    ) -> None:
        tag = make_tag(study, coder)
        for fields in ({"reason": "slip"}, {"undone_at": "2026-01-01T00:00Z"}):
            decision = found_gap(curator, tag)
            Decision.objects.filter(pk=decision.pk).update(**fields)
        response = cora.get(f"{BASE}gaps/")
        assert response.context["gaps"] == ()
        assert "No decision names a gap" in words(response)

    def test_a_decision_without_tags_shows_its_passage(
        self, cora: Client, study: Study, coder: User, curator: User
    ) -> None:
        found_gap(curator, make_tag(study, coder))
        DecidedTag.objects.all().delete()
        assert "Biden agreed to talk. Putin asked for guarantees." in words(cora.get(f"{BASE}gaps/"))

    def test_the_queries_do_not_depend_on_their_number(
        self, cora: Client, study: Study, coder: User, other_coder: User, curator: User
    ) -> None:
        rewritten(study, curator, "Talks help.")
        found_gap(curator, make_tag(study, coder))
        queries(cora, f"{BASE}gaps/")
        one = queries(cora, f"{BASE}gaps/")
        found_gap(curator, make_tag(study, coder, topic="guarantees"), make_tag(study, other_coder))
        found_gap(curator, make_tag(study, coder, "Kyiv", "west"))
        assert queries(cora, f"{BASE}gaps/") == one


class TestActs:
    def test_each_is_listed_with_who_and_the_way_back_until_it_is_undone(
        self, cora: Client, study: Study, curator: User, owner: User
    ) -> None:
        first = retire_entry(by=owner, entry=study.topics.get(slug="talks"))
        second = retire_entry(by=curator, entry=study.sources.get(slug="putin"))
        assert first is not None
        assert second is not None
        undo_act(by=owner, act=second)
        response = cora.get(f"{BASE}acts/")
        assert [act.summary for act in response.context["acts"]] == ["“Putin” retired", "“Talks” retired"]
        page, text = response.content.decode(), words(response)
        assert f"{BASE}acts/{first.pk}/undo/" in page
        assert f"{BASE}acts/{second.pk}/undo/" not in page
        assert "undone by olga" in text

    def test_the_queries_do_not_depend_on_their_number(
        self, cora: Client, study: Study, curator: User
    ) -> None:
        retire_entry(by=curator, entry=study.topics.get(slug="talks"))
        queries(cora, f"{BASE}acts/")
        one = queries(cora, f"{BASE}acts/")
        for slug in ("putin", "biden"):
            retire_entry(by=curator, entry=study.sources.get(slug=slug))
        assert queries(cora, f"{BASE}acts/") == one

    def test_without_any_it_says_so(self, cora: Client, study: Study) -> None:
        assert "Nothing has been merged, split or retired yet." in words(cora.get(f"{BASE}acts/"))
