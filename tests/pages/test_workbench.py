"""Windows of a long document, its map, and the filter that travels as one word."""

from __future__ import annotations

import html
from urllib.parse import parse_qs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotations.access import Visit
from annotations.enums import Role
from annotations.models import Annotation, Document, Study, User
from annotations.pages.minimap import (
    BINS,
    BLOCK_HEIGHT,
    BLOCKS,
    Block,
    Tick,
    begins,
    bin_of,
    block_of,
    load_blocks,
    run_of,
)
from annotations.pages.passages import WHOLE, Place, Window, load_passage, load_window
from annotations.pages.shown import ALL, MINE, Shown, shown_from, tags_shown
from annotations.pages.workbench import paragraphs
from annotations.services.coding import withdraw_tag
from tests.factories import make_document, make_tag


def visit_of(study: Study, user: User, role: Role = Role.CODER) -> Visit:
    return Visit(study, user, role)


def numbers(window: Window) -> tuple[int, int, int]:
    """First and last number, and how many there are."""
    found = [shown.passage.number for shown in window.passages]
    return found[0], found[-1], len(found)


@pytest.fixture
def long(study: Study) -> Document:
    return make_document(study, "long", *(f"Passage {n} says Biden agreed." for n in range(1, 201)))


class TestWindows:
    @pytest.mark.parametrize(
        ("place", "expected", "earlier", "later"),
        [
            (Place(), (1, 60, 60), None, 61),
            (Place(first=61), (61, 120, 60), 60, 121),
            (Place(first=190), (190, 200, 11), 189, None),
            (Place(up_to=60), (1, 60, 60), None, 61),
            (Place(up_to=30), (1, 30, 30), None, 31),
            (Place(up_to=130), (71, 130, 60), 70, 131),
            (Place(around=100), (80, 139, 60), 79, 140),
            (Place(around=200), (141, 200, 60), 140, None),
            (Place(around=10**9), (141, 200, 60), 140, None),
            (Place(first=10**9), (200, 200, 1), 199, None),
            (Place(first=0), (1, 60, 60), None, 61),
        ],
    )
    def test_a_long_document_comes_in_windows(
        self,
        study: Study,
        coder: User,
        long: Document,
        place: Place,
        expected: tuple[int, int, int],
        earlier: int | None,
        later: int | None,
    ) -> None:
        window = load_window(visit_of(study, coder), long, Shown(), place)
        assert (numbers(window), window.earlier, window.later) == (expected, earlier, later)
        assert not window.is_whole
        assert all(shown.is_of_long for shown in window.passages)

    @pytest.mark.parametrize("place", [Place(), Place(first=70), Place(up_to=3), Place(around=40)])
    def test_a_short_document_comes_whole_wherever_one_asks(
        self, study: Study, coder: User, place: Place
    ) -> None:
        text = make_document(study, "short", *(f"Passage {n}." for n in range(1, WHOLE + 1)))
        window = load_window(visit_of(study, coder), text, Shown(), place)
        assert (numbers(window), window.earlier, window.later) == ((1, WHOLE, WHOLE), None, None)
        assert window.is_whole
        assert not any(shown.is_of_long for shown in window.passages)

    def test_a_passage_beside_a_window_is_in_the_next(
        self, study: Study, coder: User, long: Document
    ) -> None:
        """Reading on by windows, and back, shows every passage once."""
        visit, place, found = visit_of(study, coder), Place(), []
        while True:
            window = load_window(visit, long, Shown(), place)
            found += [shown.passage.number for shown in window.passages]
            if window.later is None:
                break
            place = Place(first=window.later)
        assert found == list(range(1, 201))
        back: list[int] = []
        place = Place(first=200)
        while True:
            window = load_window(visit, long, Shown(), place)
            back = [shown.passage.number for shown in window.passages] + back
            if window.earlier is None:
                break
            place = Place(up_to=window.earlier)
        assert back == found

    def test_a_window_holds_the_tags_of_its_own_passages(
        self, study: Study, coder: User, long: Document
    ) -> None:
        inside, outside = (make_tag(study, coder, f"Passage {n} says", "long") for n in (70, 130))
        window = load_window(visit_of(study, coder), long, Shown(), Place(first=61))
        assert [tag for shown in window.passages for tag in shown.tags] == [inside]
        assert outside.passage.number == 130

    def test_one_passage_knows_whether_its_document_is_long(
        self, study: Study, coder: User, long: Document
    ) -> None:
        visit, east = visit_of(study, coder), study.documents.get(slug="east")
        shown = {text.slug: load_passage(visit, text, 1, Shown()) for text in (east, long)}
        assert {slug: passage and passage.is_of_long for slug, passage in shown.items()} == {
            "east": False,
            "long": True,
        }
        assert load_passage(visit, east, 9, Shown()) is None


class TestTheMap:
    def test_a_passage_of_a_short_document_has_a_block_to_scale(self, study: Study, coder: User) -> None:
        text = make_document(study, "two", "a" * 100 + " Biden agreed " + "b" * 286, "c" * 98)
        make_tag(study, coder, "Biden agreed", "two", stance="mixed")
        window = load_window(visit_of(study, coder), text, Shown(), Place())
        assert [block_of(shown) for shown in window.passages] == [
            # 400 of 501 characters of 560 pixels; the quote stands at a quarter of them.
            Block(1, 1, 447, 1, [Tick("mixed", 22, 112.9, 10.0, 13.4)]),
            Block(2, 2, 110, 0, []),
        ]

    def test_a_save_in_a_long_document_counts_no_block(
        self, study: Study, coder: User, long: Document
    ) -> None:
        shown = load_passage(visit_of(study, coder), long, 5, Shown())
        assert shown is not None
        assert (block_of(shown), block_of(None)) == (None, None)

    @given(st.integers(WHOLE + 1, 5000))
    def test_every_passage_of_a_long_document_is_in_one_block(self, last: int) -> None:
        runs = [run_of(number, last) for number in range(BLOCKS)]
        assert [number for first, end in runs for number in range(first, end + 1)] == list(range(1, last + 1))

    @given(st.integers(WHOLE + 1, 5000), st.data())
    def test_a_bin_begins_with_its_first_passage(self, last: int, data: st.DataObject) -> None:
        number = data.draw(st.integers(1, last))
        place = bin_of(number, last)
        assert 0 <= place < BLOCKS * BINS
        assert begins(place, last) <= number < begins(place + 1, last)

    def test_the_tags_of_a_long_document_are_counted_by_bins(
        self, study: Study, coder: User, other_coder: User, long: Document
    ) -> None:
        # 200 passages in 20 blocks of ten, each in 6 bins: passages 1 and 2 are the first.
        for stance in ("support", "oppose"):
            make_tag(study, coder, "Passage 1 says", "long", stance=stance, source=_voice(stance))
        make_tag(study, coder, "Passage 2 says", "long")
        make_tag(study, coder, "Passage 15 says", "long", stance="neutral")
        make_tag(study, other_coder, "Passage 3 says", "long")
        withdraw_tag(by=coder, annotation=make_tag(study, coder, "Passage 40 says", "long"), version=1)
        visit = visit_of(study, coder)
        blocks = load_blocks(visit, long, Shown())
        assert [(block.first, block.last, block.tags) for block in blocks] == [
            (10 * n + 1, 10 * n + 10, {0: 3, 1: 1}.get(n, 0)) for n in range(BLOCKS)
        ]
        assert {block.height for block in blocks} == {BLOCK_HEIGHT}
        # Both passages of the first bin have support, one of them opposition: full and half as wide.
        assert sorted(blocks[0].ticks, key=lambda tick: tick.x) == [
            Tick("support", 10, 0.0, 10.0, 4.0),
            Tick("oppose", 46, 0.0, 6.0, 4.0),
        ]
        assert [tick.slot for tick in blocks[1].ticks] == ["neutral"]
        everybody = load_blocks(visit, long, Shown(ALL))
        assert everybody[0].tags == 4
        only = load_blocks(visit, long, Shown(stance="neutral"))
        assert [block.tags for block in only if block.tags] == [1]

    @pytest.mark.parametrize(
        ("number", "first"), [(1, 1), (10, 1), (11, 11), (200, 191), (10**8, 191), (0, 1)]
    )
    def test_one_block_can_be_asked_for_alone(
        self, study: Study, coder: User, long: Document, number: int, first: int
    ) -> None:
        make_tag(study, coder, "Passage 11 says", "long")
        make_tag(study, coder, "Passage 191 says", "long")
        visit = visit_of(study, coder)
        [block] = load_blocks(visit, long, Shown(), number)
        assert block == next(one for one in load_blocks(visit, long, Shown()) if one.first == first)


def _voice(stance: str) -> str:
    return {"support": "biden", "oppose": "putin"}[stance]


names = st.text(
    st.one_of(st.sampled_from("@.+-_~%;= é中*"), st.characters(exclude_categories=["Cs", "Cc"])), max_size=12
)
slugs = st.text(st.sampled_from("abc-019"), max_size=8)


class TestTheFilterAsAWord:
    @given(st.sampled_from([MINE, ALL]), names, slugs, slugs, slugs)
    def test_it_comes_out_as_it_went_in(
        self, whose: str, coder: str, topic: str, stance: str, source: str
    ) -> None:
        shown = Shown(ALL if coder else whose, coder, topic, stance, source)
        assert shown_from(str(shown), may_see_all=True) == shown

    @given(names, slugs)
    def test_an_address_and_html_leave_it_as_it_is(self, coder: str, topic: str) -> None:
        word = str(Shown(ALL, coder, topic))
        assert parse_qs(f"shown={word}")["shown"] == [word]
        assert html.escape(word) == word

    @given(st.text(max_size=60))
    def test_no_word_is_refused(self, word: str) -> None:
        assert shown_from(word, may_see_all=True).whose in (MINE, ALL)

    def test_who_may_not_see_others_gets_their_own_whatever_the_word_says(self) -> None:
        word = str(Shown(ALL, "ben", topic="talks"))
        assert shown_from(word, may_see_all=False) == Shown(MINE, topic="talks")
        assert shown_from("all", may_see_all=False) == Shown()

    def test_it_says_which_tags_it_hides(self, study: Study, coder: User, other_coder: User) -> None:
        """As the queryset does, for every filter and every tag."""
        make_tag(study, coder, "Biden agreed")
        make_tag(study, coder, "Putin asked", topic="guarantees", stance="oppose", source="putin")
        make_tag(study, other_coder, "Biden agreed to talk", source="author")
        visit, east = visit_of(study, coder), study.documents.get(slug="east")
        tags = list(Annotation.objects.shown())
        for shown in (
            Shown(),
            Shown(ALL),
            Shown(ALL, "ben"),
            Shown(ALL, "ada", topic="talks"),
            Shown(topic="talks"),
            Shown(stance="oppose"),
            Shown(ALL, source="author"),
            Shown(ALL, topic="talks", stance="support", source="biden"),
            Shown(ALL, "nobody"),
        ):
            expected = set(tags_shown(visit, east, shown))
            assert {tag for tag in tags if shown.includes(tag, mine=tag.coder == coder)} == expected, shown

    def test_what_is_narrowed_leaves_something_out(self) -> None:
        assert [
            shown.is_narrowed for shown in (Shown(), Shown(ALL), Shown(ALL, "ben"), Shown(topic="a"))
        ] == [
            False,
            False,
            True,
            True,
        ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [("", []), ("  \n", []), ("a\nb\r\n\r\nc\n \n\nd", ["a\nb", "c", "d"])],
)
def test_guidelines_are_cut_at_empty_lines(text: str, expected: list[str]) -> None:
    assert paragraphs(text) == expected
