"""Positions are code points of the stored text, whatever is written and however it is highlighted."""

from __future__ import annotations

import random
from collections.abc import Callable

from playwright.sync_api import Page
from pytest_django.live_server_helper import LiveServer

from annotations.enums import Role
from annotations.models import Annotation
from tests.factories import make_document, make_member, make_study, make_tag

#: Combining marks, emoji with joiners, flags, right-to-left words, no-break and thin spaces, astral letters.
NASTY = (
    "e\u0301a\u0308 caf\u00e9 👩‍👩‍👧 said «\u05e9\u05dc\u05d5\u05dd \u05e2\u05d5\u05dc\u05dd» "
    "🇵🇱🇺🇸 10\u00a0000\u202fkm, 𝔸𝔹ℂ z\u0327\u0323 \u0645\u0631\u062d\u0628\u0627 "
    "<b>&amp; 'quotes' \"too\" 😀"
)

#: Selects code points start–end of a passage's text, as a drag of the mouse would.
SELECT_POINTS = """([passage, start, end]) => {
  const run = document.querySelector(`#p${passage} .run`), points = [...run.textContent];
  const units = (n) => points.slice(0, n).join("").length;
  const find = (offset) => {
    const walker = document.createTreeWalker(run, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      if (offset <= node.data.length) return [node, offset];
      offset -= node.data.length;
    }
  };
  getSelection().setBaseAndExtent(...find(units(start)), ...find(units(end)));
}"""


def test_what_is_selected_is_what_is_sent(
    live_server: LiveServer, page: Page, transactional_db: None, log_in: Callable[[Page, str], None]
) -> None:
    study = make_study()
    document = make_document(study, "nasty", "A first passage.", NASTY)
    ada = make_member(study, Role.CODER, "ada")
    for quote in ("said «\u05e9\u05dc\u05d5\u05dd", "🇵🇱🇺🇸 10\u00a0000", "10\u00a0000\u202fkm, 𝔸𝔹ℂ"):
        make_tag(study, ada, quote, "nasty")
    log_in(page, "ada")
    page.goto(live_server.url + "/studies/talks/code/nasty/")
    text = document.passages.get(number=2)
    assert page.locator("#p2 .run").evaluate("run => run.textContent") == text.text

    dice = random.Random(7)
    places = [n for n, point in enumerate(text.text) if not point.isspace()]
    for _ in range(25):
        start, last = sorted(dice.sample(places, 2))
        end = last + 1
        page.evaluate("getSelection().removeAllRanges()")
        page.evaluate(SELECT_POINTS, [2, start, end])
        page.wait_for_function(
            "([start, end]) => { const f = document.getElementById('tagform').elements;"
            " return f.start.value == start && f.end.value == end && f.passage.value == 2 }",
            arg=[text.start + start, text.start + end],
            timeout=5000,
        )
        shown = page.locator("#tagform [data-quote]").evaluate("q => q.textContent")
        assert shown == text.text[start:end]

    page.get_by_role("combobox", name="Topic").fill("talks")
    page.keyboard.press("Enter")
    page.get_by_role("radio", name="Support").check(force=True)
    page.get_by_role("combobox", name="Source").fill("putin")
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Save tag").click()
    page.locator("#toast").get_by_text("Tagged").wait_for()
    made = Annotation.objects.get(source__slug="putin")
    assert made.quote == shown == document.text[made.start : made.end]
