"""The passage of an item: every version's words are underlined, in a lane of its own, and the text stays."""

from __future__ import annotations

from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from annotations.enums import Role
from annotations.models import Annotation, Passage, Stance, Study, User
from annotations.pages.curation_focus import LANES, Version, drawn
from tests.bodies import runs
from tests.factories import FIRST, make_member, make_tag

texts = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=40)


@st.composite
def passages(draw: st.DrawFn) -> tuple[Passage, list[Version]]:
    """A passage somewhere in a document, and versions of what is in it."""
    text, offset = draw(texts), draw(st.integers(0, 100))
    passage = Passage(start=offset, end=offset + len(text), text=text)
    versions = []
    for number in range(1, draw(st.integers(0, 8)) + 1):
        start = draw(st.integers(offset, offset + len(text) - 1))
        end = draw(st.integers(start + 1, offset + len(text)))
        stance = Stance(value=draw(st.sampled_from([1.0, 0.0, None, -1.0])))
        tag = Annotation(start=start, end=end, stance=stance)
        versions.append(Version(number, tag, "", frozenset(), False))
    return passage, versions


@given(passages())
def test_the_segments_join_to_the_text_and_every_version_begins_once(
    drawing: tuple[Passage, list[Version]],
) -> None:
    passage, versions = drawing
    segments = list(drawn(passage, versions))
    assert "".join(segment.text for segment in segments) == passage.text
    begun = [number for segment in segments for number in segment.marks.split()]
    assert sorted(begun) == sorted(str(version.number) for version in versions)


@given(passages())
def test_every_version_is_underlined_from_its_first_character_to_its_last(
    drawing: tuple[Passage, list[Version]],
) -> None:
    passage, versions = drawing
    at = passage.start
    for segment in drawn(passage, versions):
        over = [v for v in versions if v.tag.start <= at < v.tag.end]
        for version in over[:LANES]:
            assert f"l{min(version.number, LANES) - 1}-" in segment.css
        assert bool(segment.css) == bool(over)
        at += len(segment.text)


def test_more_coders_than_lanes_share_the_lowest(client: Client, study: Study, curator: User) -> None:
    for _ in range(7):
        make_tag(study, make_member(study, Role.CODER))
    client.force_login(curator)
    response = client.get("/studies/talks/curate/")
    page = response.content.decode()
    assert 'class="q cq l0-support l1-support l2-support l3-support l4-support l5-support"' in page
    assert 'data-marks="1 2 3 4 5 6 7"' in page
    assert 'class="claim-text paragraph deep"' in page
    assert runs(response) == [FIRST]
