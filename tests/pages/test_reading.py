"""Which tags a reading counts: layer, coder, who finished, who is left out."""

from __future__ import annotations

import pytest
from django.core.exceptions import PermissionDenied
from django.http import Http404, QueryDict
from django.test import Client

from annotations.access import Visit
from annotations.enums import Grain, Layer, Lens, Role
from annotations.models import Study, User
from annotations.pages.comparison import voice_label
from annotations.pages.reading import Compared, load_compared
from annotations.permissions import role_in
from annotations.services.coding import finish_document, withdraw_tag
from tests.bodies import words
from tests.curating import accept_all
from tests.factories import make_document, make_member, make_study, make_tag, make_user

COMPARE = "/studies/talks/compare/"


def compared(study: Study, user: User, query: str = "") -> Compared:
    study.refresh_from_db()
    return load_compared(Visit(study, user, role_in(user, study)), QueryDict(query))


def frames(found: Compared) -> list[tuple[str, bool, tuple[str, ...]]]:
    """Of A and B: slug, whether finished, whose tags count."""
    return [(f.slug, f.finished, f.coders) for f in (found.comparison.a, found.comparison.b)]


def counted(found: Compared) -> list[tuple[str, str]]:
    return sorted((tag.document, tag.coder) for tag in found.load_tags())


def finish(study: Study, coder: User, slug: str) -> None:
    finish_document(by=coder, document=study.documents.get(slug=slug))


@pytest.fixture
def tagged(study: Study, coder: User, other_coder: User, curator: User) -> Study:
    """Ada and Ben tag both documents, Ben twice in the east; Cora settles one claim in the east."""
    for user in (coder, other_coder):
        make_tag(study, user, "Biden agreed")
        make_tag(study, user, "Kyiv was not", "west", source="author")
    make_tag(study, other_coder, "Putin asked", topic="guarantees", source="putin", reported_by="ushakov")
    make_tag(study, curator, "Putin asked", layer="curated", source="putin")
    return study


class TestWhoCounts:
    def test_where_nobody_finished_all_who_tagged_count(self, tagged: Study, coder: User) -> None:
        found = compared(tagged, coder)
        assert frames(found) == [("east", False, ("ada", "ben")), ("west", False, ("ada", "ben"))]
        assert counted(found) == [
            ("east", "ada"),
            ("east", "ben"),
            ("east", "ben"),
            ("west", "ada"),
            ("west", "ben"),
        ]
        assert found.left_out == ()
        assert found.reading.layer is Layer.CODED

    def test_where_one_finished_the_others_are_left_out_and_named(
        self, tagged: Study, coder: User, client: Client
    ) -> None:
        finish(tagged, coder, "east")
        found = compared(tagged, coder)
        assert frames(found) == [("east", True, ("ada",)), ("west", False, ("ada", "ben"))]
        assert [(left.document.slug, left.coder, left.tags) for left in found.left_out] == [
            ("east", "ben", 2)
        ]
        assert ("east", "ben") not in counted(found)
        client.force_login(coder)
        response = client.get(COMPARE + "?grain=side&open=talks")
        assert (
            "Not counted, because others finished the document and they did not: 2 tags on East by ben ."
            in (words(response))
        )
        assert '<a href="?grain=side&amp;coder=ben">ben</a>' in response.content.decode()
        for query in ("?coder=ben", "?layer=curated"):
            assert client.get(COMPARE + query).context["compared"].left_out == ()

    def test_a_finisher_without_tags_counts(self, tagged: Study, owner: User) -> None:
        finish(tagged, owner, "west")
        found = compared(tagged, owner)
        assert frames(found)[1] == ("west", True, ("olga",))
        assert found.coders == ("ada", "ben", "olga")
        assert [(left.coder, left.tags) for left in found.left_out] == [("ada", 1), ("ben", 1)]

    def test_withdrawn_tags_do_not_count(self, study: Study, coder: User) -> None:
        withdraw_tag(by=coder, annotation=make_tag(study, coder), version=1)
        assert frames(compared(study, coder))[0] == ("east", False, ())

    def test_documents_that_share_no_coder_are_a_warning(
        self, tagged: Study, coder: User, other_coder: User, client: Client
    ) -> None:
        client.force_login(coder)
        assert "share no coder" not in words(client.get(COMPARE))
        finish(tagged, coder, "east")
        finish(tagged, other_coder, "west")
        response = client.get(COMPARE)
        assert response.context["headline"].share_no_coder
        assert "The two documents share no coder. What differs may be the coders" in words(response)

    def test_only_coders_who_finished_both_are_asked_for_their_own_verdict(
        self, tagged: Study, coder: User, other_coder: User
    ) -> None:
        for user, slug in ((coder, "east"), (coder, "west"), (other_coder, "east")):
            finish(tagged, user, slug)
        found = compared(tagged, coder)
        assert {topic.verdict_by_coder for topic in found.comparison.topics} == {(1, 1), (0, 1)}
        finish(tagged, other_coder, "west")
        of_two = compared(tagged, coder).comparison.topics
        assert [topic.verdict_by_coder for topic in of_two] == [(2, 2), (1, 2)]
        assert compared(tagged, coder, "coder=ada").comparison.topics[0].verdict_by_coder is None


class TestOneCodersReading:
    def test_it_counts_their_tags_alone(self, tagged: Study, coder: User) -> None:
        found = compared(tagged, coder, "coder=ada")
        assert counted(found) == [("east", "ada"), ("west", "ada")]
        assert frames(found) == [("east", False, ("ada",)), ("west", False, ("ada",))]
        assert found.reading.coder == "ada"

    def test_a_name_is_found_in_any_case(self, tagged: Study, coder: User) -> None:
        assert compared(tagged, coder, "coder=BEN").reading.coder == "ben"

    def test_ones_own_is_there_before_the_first_tag(self, tagged: Study, owner: User, client: Client) -> None:
        found = compared(tagged, owner, "coder=Olga")
        assert (found.reading.coder, found.tallies, found.coders) == ("olga", (), ("ada", "ben"))
        client.force_login(owner)
        page = client.get(COMPARE + "?coder=olga").content.decode()
        assert '<a href="?coder=olga" aria-current="true">olga</a>' in page

    def test_who_has_no_tag_and_finished_nothing_is_not_found(
        self, tagged: Study, coder: User, owner: User
    ) -> None:
        for name in ("olga", "nobody"):
            with pytest.raises(Http404):
                compared(tagged, coder, f"coder={name}")

    def test_silence_in_it_is_the_coders_own_word(
        self, tagged: Study, coder: User, other_coder: User
    ) -> None:
        finish(tagged, other_coder, "east")
        assert frames(compared(tagged, coder, "coder=ada"))[0] == ("east", False, ("ada",))
        assert frames(compared(tagged, coder, "coder=ben"))[0] == ("east", True, ("ben",))


class TestCuratedLayer:
    def test_it_is_what_readers_and_visitors_get(self, tagged: Study, reader: User) -> None:
        found = compared(tagged, reader)
        assert found.reading.layer is Layer.CURATED
        assert counted(found) == [("east", "cora")]
        assert (found.coders, found.left_out) == ((), ())
        assert compared(tagged, reader, "layer=curated").tallies == found.tallies

    def test_the_coded_layer_is_refused_to_them(self, tagged: Study, reader: User) -> None:
        with pytest.raises(PermissionDenied):
            compared(tagged, reader, "layer=coded")

    def test_no_document_with_an_open_claim_is_finished_in_it_whoever_finished(
        self, tagged: Study, coder: User, other_coder: User, curator: User
    ) -> None:
        for user in (coder, other_coder):
            for slug in ("east", "west"):
                finish(tagged, user, slug)
        assert frames(compared(tagged, coder, "layer=curated")) == [("east", False, ()), ("west", False, ())]
        accept_all(curator, tagged)
        # In the east one claim was found by some only: it is open.
        assert frames(compared(tagged, coder, "layer=curated")) == [("east", False, ()), ("west", True, ())]

    def test_a_coder_in_the_address_is_not_asked_for(self, tagged: Study, coder: User) -> None:
        found = compared(tagged, coder, "layer=curated&coder=ben")
        assert (found.reading.coder, counted(found)) == (None, [("east", "cora")])


class TestOtherPeople:
    def test_a_superuser_reads_the_coded_layer(self, tagged: Study) -> None:
        root = make_user(is_superuser=True)
        found = compared(tagged, root)
        assert (found.reading.layer, found.n) == (Layer.CODED, 5)

    def test_a_coder_of_another_study_is_no_coder_here(self, tagged: Study, coder: User) -> None:
        other = make_study("other")
        stranger = make_member(other, Role.CODER, "stan")
        make_tag(other, stranger)
        assert "stan" not in compared(tagged, coder).coders

    def test_tags_in_a_third_document_do_not_count(self, tagged: Study, coder: User) -> None:
        make_document(tagged, "north")
        make_tag(tagged, coder, "Biden agreed", "north")
        assert {document for document, _coder in counted(compared(tagged, coder))} == {"east", "west"}
        found = compared(tagged, coder, "b=north")
        assert {document for document, _coder in counted(found)} == {"east", "north"}


def test_lens_and_grain_are_read_from_the_address(tagged: Study, coder: User) -> None:
    found = compared(tagged, coder, "lens=own&grain=side")
    assert (found.reading.lens, found.reading.grain) == (Lens.OWN, Grain.SIDE)
    assert counted(found) == [("west", "ada"), ("west", "ben")]


def test_every_voice_has_a_name(tagged: Study, coder: User) -> None:
    found, by_side = compared(tagged, coder), compared(tagged, coder, "grain=side")
    assert [voice_label(found, voice) for voice in ("author", "putin", "gone")] == [
        "The analyses themselves",
        "Putin",
        "gone",
    ]
    assert voice_label(by_side, "Russia") == "Russia"


def test_a_side_is_read_from_the_address(tagged: Study, coder: User) -> None:
    assert counted(compared(tagged, coder, "side=Russia")) == [("east", "ben")]
    assert counted(compared(tagged, coder, "side=author")) == [("west", "ada"), ("west", "ben")]
    assert compared(tagged, coder, "side=").reading.side is None
    # The author belongs to nobody's side, also where the codebook writes one beside it.
    for unknown in ("Author", "Mars"):
        with pytest.raises(Http404):
            compared(tagged, coder, f"side={unknown}")
