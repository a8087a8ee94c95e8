"""What the codebook offers for a tag: nothing retired, but what the tag has already."""

from __future__ import annotations

import re

import pytest
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from annotations import codebook as kept
from annotations.codebook import Codebook
from annotations.models import Annotation, CodebookState, Source, Stance, Study, Topic, User
from annotations.services.retiring import retire_entry
from tests.factories import make_study, make_tag

OPTION = re.compile(r'<option value="([a-z-]+)"')
RADIO = re.compile(r'name="stance" value="([a-z-]+)"')


@pytest.fixture
def worn(study: Study, coder: User, curator: User) -> Annotation:
    """A tag of which everything has been retired since."""
    tag = make_tag(study, coder, stance="mixed", source="putin", reported_by="ushakov")
    for entry in (tag.topic, tag.stance, tag.source, tag.reported_by):
        assert entry is not None
        retire_entry(by=curator, entry=entry)
    return tag


def names(groups: list[tuple[str, list]]) -> list[tuple[str, list[str]]]:
    return [(group, [entry.slug for entry in entries]) for group, entries in groups]


def test_retired_entries_are_known_and_not_offered(study: Study, worn: Annotation) -> None:
    codebook = Codebook.of(study)
    assert {"talks", "mixed", "putin"} <= {*codebook.topics, *codebook.stances, *codebook.sources}
    assert names(codebook.topics_by_group()) == [("Security", ["guarantees"])]
    assert [stance.slug for stance in codebook.stances_offered()] == ["support", "neutral", "oppose"]
    assert names(codebook.sources_by_side()) == [
        ("Author", ["author"]),
        ("United States", ["biden"]),
        ("Russia", ["kremlin"]),
    ]


def test_what_a_tag_has_is_offered_for_it_in_its_place(study: Study, worn: Annotation) -> None:
    codebook = Codebook.of(study)
    assert names(codebook.topics_by_group(keep=("talks",))) == [("Security", ["talks", "guarantees"])]
    assert [s.slug for s in codebook.stances_offered(keep=("mixed",))][1] == "mixed"
    russia = names(codebook.sources_by_side(keep=("putin", "ushakov")))[2]
    assert russia == ("Russia", ["kremlin", "putin", "ushakov"])


def test_all_of_them_are_there_to_look_for_tags_by(study: Study, worn: Annotation) -> None:
    codebook = Codebook.of(study)
    assert names(codebook.every_topic_by_group()) == [("Security", ["talks", "guarantees"])]
    assert names(codebook.every_source_by_side())[2] == ("Russia", ["kremlin", "putin", "ushakov"])


def test_a_side_whose_sources_are_all_retired_is_not_offered(
    study: Study, worn: Annotation, curator: User
) -> None:
    retire_entry(by=curator, entry=study.sources.get(slug="kremlin"))
    assert [side for side, _sources in Codebook.of(study).sources_by_side()] == ["Author", "United States"]


def test_the_workbench_offers_them_only_where_the_tag_has_them(
    client: Client, coder: User, worn: Annotation
) -> None:
    client.force_login(coder)

    def offered(query: str) -> set[str]:
        page = client.get(f"/studies/talks/code/east/?{query}", headers={"HX-Request": "true"})
        text = page.content.decode().split('id="tagform"')[1].split("</form>")[0]
        return {*OPTION.findall(text), *RADIO.findall(text)}

    retired = {"talks", "mixed", "putin", "ushakov"}
    assert offered("passage=1") & retired == set()
    assert {"guarantees", "support", "kremlin"} <= offered("passage=1")
    assert retired <= offered(f"edit={worn.public_id}")


class TestKeeping:
    """What was read is kept until anything changes, in whatever way: the database itself marks it."""

    def state(self, study: Study) -> str:
        return CodebookState.objects.get(study=study).token

    def test_it_is_read_once(self, study: Study) -> None:
        first = Codebook.of(study)
        with CaptureQueriesContext(connection) as captured:
            assert Codebook.of(study) is first
            assert Codebook.of(study, state=self.state(study)) is first
        # The state is asked for twice, here and in the test itself.
        assert len(captured) == 2

    @pytest.mark.parametrize("model", [Topic, Stance, Source])
    def test_every_way_to_change_an_entry_is_seen(self, study: Study, model: type[Topic]) -> None:
        other = make_study("other")
        before = (self.state(study), self.state(other))
        seen = {before[0]}
        entry = model.objects.filter(study=study).last()
        table = model._meta.db_table

        def sql() -> None:
            with connection.cursor() as cursor:
                cursor.execute(f"UPDATE {table} SET position = 98 WHERE id = %s", [entry.pk])

        def copy() -> None:
            entry.pk, entry.slug, entry.position = None, "copy", 99
            entry._state.adding = True
            if isinstance(entry, Stance):
                entry.key = "q"
            model.objects.bulk_create([entry])

        acts = (
            lambda: model.objects.filter(pk=entry.pk).update(label="New"),
            sql,
            copy,
            lambda: model.objects.filter(study=study, slug="copy").delete(),
        )
        for n, act in enumerate(acts, start=2):
            act()
            seen.add(self.state(study))
            assert len(seen) == n
            labels = {e.label for e in model.objects.filter(study=study)}
            book = Codebook.of(study)
            found = {
                e.label for entries in (book.topics, book.stances, book.sources) for e in entries.values()
            }
            groups = {"Security"} if model is Topic else set()
            assert labels - groups <= found
        assert self.state(other) == before[1]

    def test_what_is_taken_back_was_never_kept_under_a_state_that_returns(self, study: Study) -> None:
        label = Codebook.of(study).topics["talks"].label
        with transaction.atomic():
            Topic.objects.filter(study=study, slug="talks").update(label="Never")
            assert Codebook.of(study).topics["talks"].label == "Never"
            transaction.set_rollback(True)
        assert Codebook.of(study).topics["talks"].label == label

    def test_only_so_many_are_kept(self, study: Study, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(kept, "KEPT", 2)
        for slug in ("one", "two", "three"):
            Codebook.of(make_study(slug))
        assert len(kept._kept) == 2

    def test_a_study_without_a_state_has_a_codebook(self, study: Study) -> None:
        CodebookState.objects.all().delete()
        assert set(Codebook.of(study).topics) == {"talks", "guarantees"}
        Topic.objects.filter(study=study, slug="talks").update(label="New")
        assert Codebook.of(study).topics["talks"].label == "New"

    def test_a_study_goes_with_its_state(self, study: Study, owner: User) -> None:
        Codebook.of(study)
        study.delete()
        assert not CodebookState.objects.exists()
