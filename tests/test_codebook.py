"""What the codebook offers for a tag: nothing retired, but what the tag has already."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from annotations.codebook import Codebook
from annotations.models import Annotation, Study, User
from annotations.services.retiring import retire_entry
from tests.factories import make_tag

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
