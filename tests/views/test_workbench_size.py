"""A long document comes in windows, and costs what a short one costs."""

from __future__ import annotations

import html
import re

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext

from annotations.models import Completion, Document, Study, User
from benchmarks.study import build_study
from tests.factories import make_document, make_tag

EAST = "/studies/talks/code/east/"
HTMX = {"HX-Request": "true"}


@pytest.fixture
def ada(client: Client, coder: User) -> Client:
    client.force_login(coder)
    return client


def queries(client: Client, address: str, **headers: str) -> int:
    """How many queries a GET makes."""
    with CaptureQueriesContext(connection) as captured:
        assert client.get(address, headers=headers).status_code == 200
    return len(captured)


SAID = {"passage": 30, "topic": "topic-0-0", "stance": "mixed", "source": "author"}
PAGES = ("open", "everybody's", "narrowed")
#: What is measured: address, what is sent, and the answer.
ACTS: dict[str, tuple[str, dict[str, object] | None, int]] = {
    "open": ("", None, 200),
    "everybody's": ("?shown=all", None, 200),
    "narrowed": ("?topic=topic-0-0", None, 200),
    "panel": ("?passage=30", None, 200),
    "more": ("passages/?from=1", None, 200),
    "save": ("tags/", SAID, 201),
    "refused": ("tags/", SAID | {"topic": ""}, 422),
}


class TestALongDocument:
    CODE = "/studies/talks/code/long/"

    @pytest.fixture
    def long(self, study: Study) -> Document:
        return make_document(study, "long", *(f"Passage {n} says Biden agreed." for n in range(1, 151)))

    def numbers(self, response: HttpResponse) -> list[int]:
        return [int(n) for n in re.findall(r'data-passage="(\d+)"><a', response.content.decode())]

    def more(self, response: HttpResponse) -> dict[str, tuple[str, str]]:
        """The ways on: for each side, where the link leads, and what htmx asks for."""
        found = re.findall(
            r'<a class="more-passages" href="([^"]*)" hx-get="([^"]*)"[^>]*data-more="(\w+)"',
            response.content.decode(),
        )
        return {side: (html.unescape(href), html.unescape(fragment)) for href, fragment, side in found}

    def test_the_page_begins_with_a_window_and_leads_on(self, ada: Client, long: Document) -> None:
        page = ada.get(self.CODE)
        assert self.numbers(page) == list(range(1, 61))
        assert self.more(page) == {
            "later": ("?shown=mine&from=61", f"{self.CODE}passages/?shown=mine&from=61")
        }

    def test_the_links_lead_on_and_back_without_javascript(self, ada: Client, long: Document) -> None:
        page = ada.get(self.CODE + "?from=61")
        assert self.numbers(page) == list(range(61, 121))
        assert self.more(page) == {
            "earlier": ("?shown=mine&from=1", f"{self.CODE}passages/?shown=mine&to=60"),
            "later": ("?shown=mine&from=121", f"{self.CODE}passages/?shown=mine&from=121"),
        }

    @pytest.mark.parametrize(
        ("query", "expected", "sides"),
        [
            ("from=61", range(61, 121), ["later"]),
            ("from=121", range(121, 151), []),
            ("to=60", range(1, 61), []),
        ],
    )
    def test_a_fragment_is_the_next_passages_and_the_way_on(
        self, ada: Client, long: Document, query: str, expected: range, sides: list[str]
    ) -> None:
        response = ada.get(f"{self.CODE}passages/?shown=mine&{query}", headers=HTMX)
        assert self.numbers(response) == list(expected)
        assert list(self.more(response)) == sides
        assert "<article" not in response.content.decode()
        assert "HX-Replace-Url" not in response

    def test_without_htmx_a_fragments_address_leads_to_the_page(self, ada: Client, long: Document) -> None:
        places = {
            query: ada.get(f"{self.CODE}passages/?{query}")["Location"]
            for query in ("from=61", "to=60&shown=all", "at=99", "at=3", "topic=talks&coder=*", "from=x")
        }
        assert places == {
            "from=61": f"{self.CODE}?from=61",
            "to=60&shown=all": f"{self.CODE}?shown=all&to=60",
            "at=99": f"{self.CODE}?at=99",
            "at=3": self.CODE,
            "topic=talks&coder=*": f"{self.CODE}?shown=all;topic=talks",
            "from=x": self.CODE,
        }
        assert ada.get(f"{self.CODE}map/?shown=all")["Location"] == f"{self.CODE}?shown=all&map=1"

    def test_the_window_lies_around_the_passage_in_hand(
        self, ada: Client, study: Study, coder: User, long: Document
    ) -> None:
        tag = make_tag(study, coder, "Passage 140 says", "long")
        for query in ("?passage=140", f"?edit={tag.public_id}", "?at=140"):
            response = ada.get(self.CODE + query)
            assert self.numbers(response) == list(range(91, 151))
            assert f'id="q-{tag.public_id}"' in response.content.decode()
        # Where a place is asked for, too, it is that one.
        assert self.numbers(ada.get(self.CODE + "?passage=140&from=1"))[0] == 1

    def test_without_javascript_a_save_comes_back_to_its_passage(self, ada: Client, long: Document) -> None:
        said = {
            "passage": 140,
            "quote": "Biden agreed",
            "topic": "talks",
            "stance": "support",
            "source": "biden",
        }
        response = ada.post(self.CODE + "tags/", said | {"shown": "all;topic=talks"})
        assert response["Location"] == f"{self.CODE}?shown=all;topic=talks&at=140#p140"
        refused = ada.post(self.CODE + "tags/", said | {"quote": "nowhere"})
        assert refused.status_code == 422
        assert self.numbers(refused) == list(range(91, 151))

    def test_the_map_comes_after_the_first_paint_and_by_a_link_without_javascript(
        self, ada: Client, study: Study, coder: User, long: Document
    ) -> None:
        make_tag(study, coder, "Passage 140 says", "long")
        page = ada.get(self.CODE).content.decode()
        assert f'hx-get="{self.CODE}map/?shown=mine" hx-trigger="load"' in page
        assert 'aria-label="Passages 136 to 143"' in page
        assert '<rect class="f-' not in page
        for response in (ada.get(self.CODE + "map/", headers=HTMX), ada.get(self.CODE + "?map=1")):
            body = response.content.decode()
            assert 'aria-label="Passages 136 to 143, 1 tag"' in body
            assert body.count('<rect class="f-support"') == 1
            assert 'hx-trigger="load"' not in body
        [block] = re.findall(
            r"<li.*?</li>", ada.get(self.CODE + "map/?passage=140", headers=HTMX).content.decode()
        )
        assert block.startswith('<li id="map-136" data-first="136" data-last="143"')
        assert 'href="?shown=mine&amp;at=136#p136"' in block

    def test_a_save_leaves_the_map_to_itself(self, ada: Client, long: Document) -> None:
        said = {
            "passage": 140,
            "quote": "Biden agreed",
            "topic": "talks",
            "stance": "support",
            "source": "biden",
        }
        body = ada.post(self.CODE + "tags/", said, headers=HTMX).content.decode()
        assert 'id="p140"' in body
        assert 'id="map-' not in body
        assert 'id="map-1"' in ada.post(EAST + "tags/", said | {"passage": 1}, headers=HTMX).content.decode()


class TestAtSize:
    """A document of 3,000 passages with thousands of tags against one of 40."""

    @pytest.fixture
    def studies(self, db: None) -> dict[int, Study]:
        return {
            40: build_study("small", passages=40, annotations=120),
            3000: build_study("large", passages=3000, annotations=9000),
        }

    def client(self, study: Study) -> Client:
        client = Client()
        Completion.objects.filter(document__study=study).delete()
        client.force_login(User.objects.get(username=f"{study.slug}-coder-1"))
        return client

    def test_opening_and_saving_cost_as_many_queries_and_a_bounded_answer(
        self, studies: dict[int, Study]
    ) -> None:
        counted: dict[str, dict[int, int]] = {}
        size: dict[str, dict[int, int]] = {}
        for passages, study in studies.items():
            client, code = self.client(study), f"/studies/{study.slug}/code/document-one/"
            client.get(code)
            for name, (path, data, status) in ACTS.items():
                with CaptureQueriesContext(connection) as captured:
                    if data is None:
                        response = client.get(code + path, headers={} if name in PAGES else HTMX)
                    else:
                        response = client.post(code + path, data, headers=HTMX)
                assert response.status_code == status, name
                counted.setdefault(name, {})[passages] = len(captured)
                size.setdefault(name, {})[passages] = len(response.content)
                assert '"annotations_document"."text"' not in " ".join(query["sql"] for query in captured)
        # A save on a long document leaves its progress, two queries, to a request of its own.
        assert {name: found[3000] for name, found in counted.items()} == {
            name: found[40] - (2 if name == "save" else 0) for name, found in counted.items()
        }
        # 60 passages against 40, and a digit more in their numbers: never 75 times as much.
        for name, found in size.items():
            assert found[3000] < 2.2 * found[40], name

    def test_the_map_has_as_many_queries_and_marks_whatever_the_number_of_tags(
        self, studies: dict[int, Study]
    ) -> None:
        client, address = self.client(studies[3000]), "/studies/large/code/document-one/map/"
        client.get(address, headers=HTMX)
        mine, everybodys = (queries(client, address + query, **HTMX) for query in ("", "?shown=all"))
        assert mine == everybodys
        body = client.get(address + "?shown=all", headers=HTMX).content.decode()
        # 20 blocks of 6 bins in 4 lanes.
        assert body.count('<rect class="f-') <= 480
        assert body.count("<li") == 20
