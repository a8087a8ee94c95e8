"""The list of tags, the steps and the map: drawn whole, and text stays text."""

from __future__ import annotations

import re
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest
from django.template import Context
from django.urls import reverse
from django.utils.safestring import SafeString

from annotations.pages.minimap import Block, Tick
from annotations.templatetags.bench import _toast_step, listed_tags, map_block, step_button
from tests.templatetags.words import EVIL, SAFE, tag

KEY = UUID(int=7)


def context(is_finished: bool = False, reader: int = 1) -> Context:
    document = SimpleNamespace(slug="east", language="pl")
    visit = SimpleNamespace(study=SimpleNamespace(slug="talks", guidelines_version=2))
    bench = SimpleNamespace(visit=visit, document=document, shown="mine;topic=~26", is_finished=is_finished)
    current = SimpleNamespace(passage=SimpleNamespace(number=3))
    user = SimpleNamespace(pk=reader)
    return Context({"bench": bench, "current": current, "user": user, "csrf_token": '"token"'})


def stored(**fields: Any) -> Any:
    said = {"uncertain": False, "changed_after_reopening": False, "note": "", "coder_id": 1}
    said |= {"statement_version": 1, "guidelines_version": 2, "start": 1004, "end": 1010}
    one = tag()
    one.topic = SimpleNamespace(label=EVIL, statement_version=1)
    one.__dict__.update(said | {"public_id": KEY, "quote": EVIL, "version": 1234} | fields)
    return one


def test_a_tag_in_the_list_says_all_that_is_known_of_it() -> None:
    plain = listed_tags(context(), [stored()])
    assert plain.startswith('<li class="tag s-support"><svg class="stance s-support"')
    assert f'</svg><div><p class="tag-line"><b>{SAFE}</b> <span class="voice">{SAFE}</span></p>' in plain
    assert (
        f'<a class="tag-quote" href="#q-{KEY}" data-span="3:1004:1010" lang="pl" dir="auto">{SAFE}</a>'
        in plain
    )
    assert "fine" not in plain
    assert EVIL not in plain
    more = listed_tags(
        context(), [stored(uncertain=True, changed_after_reopening=True, note=EVIL, guidelines_version=1)]
    )
    assert (
        ' <span class="fine">uncertain</span> <span class="fine">changed after reopening</span> <a ' in more
    )
    assert 'href="/studies/talks/codebook/review/">made under older guidelines</a></p>' in more
    assert f'</a><p class="fine tag-note" dir="auto">{SAFE}</p></div>' in more


def test_only_its_coder_changes_a_tag_and_only_while_the_document_is_open() -> None:
    own = listed_tags(context(), [stored()])
    address = f"/studies/talks/code/east/tags/{KEY}/withdraw/"
    assert f'hx-get="?edit={KEY}&amp;shown=mine;topic=~26"' in own
    assert f'<form method="post" action="{address}" hx-post="{address}"' in own
    assert 'name="csrfmiddlewaretoken" value="&quot;token&quot;"' in own
    assert 'name="version" value="1234"' in own
    assert 'name="shown" value="mine;topic=~26"' in own
    assert f'aria-label="Edit the tag {SAFE}">Edit</a>' in own
    assert f'aria-label="Withdraw the tag {SAFE}">Withdraw</button>' in own
    assert "<form" not in listed_tags(context(is_finished=True), [stored()])
    others = listed_tags(context(reader=2), [stored()])
    assert "<form" not in others
    assert ' <span class="fine">&lt;ada&gt;</span></p>' in others


def test_each_tag_of_a_list_has_its_own_way_back() -> None:
    keys = [UUID(int=n) for n in (7, 8)]
    drawn = listed_tags(context(), [stored(public_id=key, version=n) for n, key in enumerate(keys)])
    assert drawn == "".join(
        listed_tags(context(), [stored(public_id=key, version=n)]) for n, key in enumerate(keys)
    )
    addresses = re.findall('<form method="post" action="([^"]*)"', drawn)
    assert addresses == [reverse("tag-withdraw", args=["talks", "east", key]) for key in keys]
    assert isinstance(drawn, SafeString)
    assert listed_tags(context(), []) == ""


@pytest.mark.parametrize(
    ("way", "word", "keys", "shown"),
    [("undo", "Undo", "Control+Z", "Ctrl Z"), ("redo", "Redo", "Control+Shift+Z", "Ctrl Shift Z")],
)
def test_a_step_back_or_forth(way: str, word: str, keys: str, shown: str) -> None:
    step: Any = SimpleNamespace(tag=KEY, version=1234, words=f"tag {EVIL}")
    bar, toast = step_button(context(), way, step), _toast_step(context(), way, step)
    for drawn in (bar, toast):
        address = f"/studies/talks/code/east/{way}/"
        assert drawn.startswith(f'<form method="post" action="{address}" hx-post="{address}"')
        assert f'name="tag" value="{KEY}"' in drawn
        assert 'name="version" value="1234"' in drawn
        assert 'name="csrfmiddlewaretoken" value="&quot;token&quot;"' in drawn
    assert f'data-{way} aria-keyshortcuts="{keys}" title="{word}: tag {SAFE}" aria-label="{word}: tag' in bar
    assert f'<button type="submit">{word} <kbd>{shown}</kbd></button></form>' in toast
    nothing = step_button(context(), way, None)
    assert f'disabled title="Nothing to {way}" aria-label="Nothing to {way}">' in nothing
    assert "<form" not in nothing


def test_a_passage_on_the_map() -> None:
    block = Block(1003, 1003, 24, 1, [Tick("oppose", 46, 2.04, 10.0, 3)])
    assert map_block(context(), block, True) == (
        '<li id="map-1003" data-first="1003" data-last="1003" hx-swap-oob="true"><a href="#p1003" '
        'aria-label="Passage 1003, 1 tag"><svg viewBox="0 0 64 24" width="64" height="24" '
        'preserveAspectRatio="none" aria-hidden="true"><rect class="block" x="4" y=".5" width="56" '
        'height="23" rx="2"/><rect class="f-oppose" x="46" y="2.0" width="10.0" height="3.0"/>'
        "</svg></a></li>\n"
    )


@pytest.mark.parametrize(
    ("last", "tags", "label"),
    [
        (3, 0, "Passage 3, 0 tags"),
        (9, None, "Passages 3 to 9"),
        (9, 1, "Passages 3 to 9, 1 tag"),
        (9, 12, "Passages 3 to 9, 12 tags"),
    ],
)
def test_a_run_of_passages_on_the_map(last: int, tags: int | None, label: str) -> None:
    found = map_block(context(), Block(3, last, 28, tags, []), False)
    assert f'aria-label="{label}"' in found
    asks = 'hx-get="/studies/talks/code/east/map/?shown=mine;topic=~26&amp;passage=3" hx-trigger="map:stale"'
    assert (asks in found) is (last != 3)
    assert ('<a href="?shown=mine;topic=~26&amp;at=3#p3"' in found) is (last != 3)
    assert "oob" not in found
