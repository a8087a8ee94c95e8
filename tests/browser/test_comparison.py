"""The comparison as a person meets it: rows opened in every way, sorted, filtered; quotes in their place."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from annotations.enums import Role
from annotations.models import Annotation, Membership, Study, User
from tests.browser.conftest import Watched
from tests.factories import PASSWORD, make_tag

S = "/studies/biden-putin-2021/"
COMPARE = S + "compare/"
LogIn = Callable[[Page, str], None]
Check = Callable[[Page], None]
TOPICS = "[...document.querySelectorAll('tr.topic')].map((row) => row.id.slice(2))"
WIDER = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


def is_open(page: Page, topic: str) -> None:
    expect(page.locator(f"#t-{topic} a.opener")).to_have_attribute("aria-expanded", "true")
    expect(page.locator(f"#d-{topic} .facing")).to_be_visible()


def is_closed(page: Page, topic: str) -> None:
    expect(page.locator(f"#t-{topic} a.opener")).to_have_attribute("aria-expanded", "false")
    expect(page.locator(f"#d-{topic}")).to_be_hidden()


def quotes(page: Page, topic: str) -> int:
    return page.locator(f"#d-{topic} .quote").count()


# --- a row is opened ------------------------------------------------------------------------------------


def test_a_row_opens_and_closes_by_mouse(
    live_server: LiveServer, page: Page, shipped: Study, log_in: LogIn
) -> None:
    log_in(page, "ada")
    page.goto(live_server.url + COMPARE)
    page.evaluate("window.stays = true")
    opener = page.locator("#t-troops a.opener")
    expect(opener).to_have_role("button")
    is_closed(page, "troops")
    opener.click()
    is_open(page, "troops")
    shown = quotes(page, "troops")
    assert shown > 0
    opener.click()
    is_closed(page, "troops")
    # What was fetched is there again, and not twice; the verdict opens the row as well.
    page.locator("#t-troops .verdict a.cell-link").click()
    is_open(page, "troops")
    assert quotes(page, "troops") == shown
    assert page.evaluate("window.stays") is True


@pytest.mark.parametrize("key", ["Enter", "Space"])
def test_a_row_opens_and_closes_by_keyboard(
    live_server: LiveServer, page: Page, shipped: Study, log_in: LogIn, key: str
) -> None:
    log_in(page, "ada")
    page.goto(live_server.url + COMPARE)
    page.evaluate("window.stays = true")
    page.locator("#t-troops a.opener").focus()
    page.keyboard.press(key)
    is_open(page, "troops")
    page.keyboard.press(key)
    is_closed(page, "troops")
    assert page.evaluate("window.stays") is True
    # The focus is where it was, and the next stop is in the row.
    expect(page.locator("#t-troops a.opener")).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.locator("#t-troops a.topic-name")).to_be_focused()


def test_a_row_opens_and_closes_by_touch_on_a_small_screen(
    live_server: LiveServer, phone: Page, log_in: LogIn
) -> None:
    log_in(phone, "ada")
    phone.goto(live_server.url + COMPARE)
    opener = phone.locator("#t-troops a.opener")
    box = opener.bounding_box()
    assert box is not None
    assert min(box["width"], box["height"]) >= 24
    opener.tap()
    is_open(phone, "troops")
    assert phone.evaluate(WIDER) <= 0
    opener.tap()
    is_closed(phone, "troops")


def test_without_scripts_a_row_opens_and_the_table_is_sorted_and_filtered(
    live_server: LiveServer, browser: Browser, shipped: Study, log_in: LogIn
) -> None:
    context = browser.new_context(java_script_enabled=False, viewport={"width": 1440, "height": 900})
    page = context.new_page()
    log_in(page, "ada")
    page.goto(live_server.url + COMPARE)
    page.locator("#t-troops a.opener").click()
    page.wait_for_url("**open=troops#t-troops")
    is_open(page, "troops")
    expect(page.locator("#t-troops")).to_be_in_viewport()
    page.get_by_role("link", name="by distance", exact=True).click()
    page.wait_for_url("**sort=distance")
    page.get_by_text("Filter", exact=True).click()
    page.get_by_role("list", name="Topic group").get_by_role("link", name="Ukraine").click()
    page.wait_for_url("**group=ukraine")
    expect(page.locator("tr.topic")).to_have_count(4)
    expect(page.get_by_role("status").filter(has_text="Showing 4 of")).to_be_visible()
    page.get_by_role("link", name="by number of tags").click()
    page.wait_for_url("**group=ukraine**")
    expect(page.locator("tr.topic")).to_have_count(4)
    page.get_by_role("link", name="Show all").click()
    page.wait_for_url(re.compile(r"sort=tags$"))
    context.close()


# --- sorted and filtered --------------------------------------------------------------------------------


def test_by_keyboard_the_table_is_sorted_turned_round_filtered_and_a_row_opened(
    live_server: LiveServer, page: Page, shipped: Study, log_in: LogIn
) -> None:
    log_in(page, "ada")
    page.goto(live_server.url + COMPARE)
    as_it_comes = page.evaluate(TOPICS)

    def follow(name: str, address: str) -> list[str]:
        page.get_by_role("link", name=name).focus()
        page.keyboard.press("Enter")
        page.wait_for_url(re.compile(address))
        page.wait_for_load_state()
        return page.evaluate(TOPICS)

    largest = follow("by number of tags", "sort=tags$")
    assert sorted(largest) == sorted(as_it_comes)
    assert largest != as_it_comes
    tags = Counter(Annotation.objects.values_list("topic__slug", flat=True))
    assert [tags[topic] for topic in largest] == sorted(tags.values(), reverse=True)
    expect(page.locator("th[aria-sort=descending]")).to_have_count(1)
    smallest = follow("by number of tags", "order=asc")
    assert [tags[topic] for topic in smallest] == sorted(tags.values())
    expect(page.locator("th[aria-sort=ascending]")).to_have_count(1)
    page.locator(".tool-more > summary").focus()
    page.keyboard.press("Enter")
    thin = follow("little: thin", "thin=yes")
    assert thin == [topic for topic in smallest if topic in thin]
    assert 0 < len(thin) < len(smallest)
    expect(page.get_by_role("status").filter(has_text=f"Showing {len(thin)} of")).to_be_visible()
    # The choices stay open while one of them holds.
    expect(page.get_by_role("link", name="little: thin")).to_be_visible()
    page.locator(f"#t-{thin[-1]} a.opener").focus()
    page.keyboard.press("Enter")
    is_open(page, thin[-1])
    assert page.evaluate(TOPICS) == thin


def test_another_reading_keeps_the_sorting(
    live_server: LiveServer, page: Page, shipped: Study, log_in: LogIn
) -> None:
    log_in(page, "ada")
    page.goto(live_server.url + COMPARE + "?sort=tags&order=asc&group=ukraine&open=minsk")
    page.get_by_role("link", name="Attributed", exact=True).click()
    page.wait_for_url("**lens=attributed**")
    expect(page.locator("th[aria-sort=ascending]")).to_have_count(1)
    expect(page.locator("tr.topic")).to_have_count(4)
    is_open(page, "minsk")


# --- a quote leads into its document --------------------------------------------------------------------


def test_a_quote_leads_a_coder_to_its_passage_in_the_workbench(
    live_server: LiveServer, page: Page, shipped: Study, log_in: LogIn
) -> None:
    log_in(page, "ada")
    page.goto(live_server.url + COMPARE)
    page.locator("#t-troops a.opener").click()
    is_open(page, "troops")
    quote = page.locator("#d-troops .side-b .quote").last
    said = quote.locator("q").inner_text()
    link = quote.locator(".where a")
    number = re.search(r"¶ (\d+)", link.inner_text())
    assert number
    link.click()
    page.wait_for_url(f"**/code/pir-center/**#p{number[1]}")
    passage = page.locator(f"#p{number[1]}")
    expect(passage).to_be_in_viewport()
    expect(passage).to_contain_text(said)


def test_a_quote_leads_a_reader_to_its_passage_on_the_reading_page(
    live_server: LiveServer, page: Page, shipped: Study, log_in: LogIn
) -> None:
    rita = User.objects.create_user("rita", password=PASSWORD)
    Membership.objects.create(study=shipped, user=rita, role=Role.READER.value)
    cora = User.objects.get(username="cora")
    last = {}
    for slug in ("osw", "pir-center"):
        coded = Annotation.objects.filter(document__slug=slug, topic__slug="troops").order_by("start")
        found = coded.last()
        assert found
        said = {"topic": "troops", "stance": found.stance.slug, "source": found.source.slug}
        last[slug] = make_tag(shipped, cora, found.quote, slug, layer="curated", **said)
    assert all(tag.passage.number > 5 for tag in last.values())
    log_in(page, "rita")
    for letter, slug in (("a", "osw"), ("b", "pir-center")):
        number = last[slug].passage.number
        page.goto(live_server.url + COMPARE)
        page.locator("#t-troops a.opener").click()
        is_open(page, "troops")
        page.locator(f"#d-troops .side-{letter} .where a").click()
        page.wait_for_url(f"**/read/**from_{letter}={number}#{letter}-{number}")
        passage = page.locator(f"#{letter}-{number}")
        expect(passage).to_be_in_viewport()
        expect(passage.locator("mark").first).to_be_in_viewport()
        assert last[slug].quote in passage.locator(".read-text").inner_text()


def test_a_mark_in_the_strip_leads_to_the_passage(
    live_server: LiveServer, page: Page, shipped: Study, log_in: LogIn
) -> None:
    log_in(page, "ada")
    page.goto(live_server.url + S + "topics/troops/")
    marks = page.locator(".timeline svg a")
    last = marks.last.get_attribute("aria-label") or ""
    number = re.search(r"Passage (\d+)", last)
    assert number
    marks.last.focus()
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/read/**#b-{number[1]}")
    expect(page.locator(f"#b-{number[1]}")).to_be_in_viewport()


# --- rules ----------------------------------------------------------------------------------------------

#: With every fold open. The table as it comes, one row open in it, and the measures: test_accessibility.
PAGES = (
    "compare/?sort=distance&open=troops",
    "compare/?group=ukraine&thin=yes&side=Russia&stance=support",
    "compare/?verdict=pending",
    "topics/troops/",
    "sources/putin/",
)


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [1440, 390])
def test_no_state_breaks_a_rule_or_scrolls_sideways(
    live_server: LiveServer,
    watched: Watched,
    shipped: Study,
    log_in: LogIn,
    no_violation: Check,
) -> None:
    page = watched.page
    log_in(page, "cora")
    for address in PAGES:
        page.goto(live_server.url + S + address)
        for fold in page.locator("main details:not([open]) > summary").all():
            if fold.is_visible():
                fold.click()
        no_violation(page)
        watched.fits(address)
    watched.is_quiet()


# --- a look before a row is opened ------------------------------------------------------------------------


def test_pointing_at_a_verdict_shows_its_quotes_and_moves_nothing(
    live_server: LiveServer, page: Page, shipped: Study, log_in: LogIn
) -> None:
    log_in(page, "ada")
    page.goto(live_server.url + COMPARE)
    place = "document.getElementById('t-minsk').getBoundingClientRect().top + scrollY"
    before = page.evaluate(place)
    page.locator("#t-troops .badge").hover()
    peek = page.locator(".peek")
    expect(peek).to_contain_text("Biden conveyed US concerns")
    expect(peek.locator(".side")).to_have_count(2)
    assert page.evaluate(place) == before
    expect(page.locator("#d-troops")).to_be_hidden()
    # One may point at it, and follow a quote into its document.
    peek.hover()
    page.wait_for_timeout(500)
    expect(peek).to_be_visible()
    assert "#p" in (peek.locator(".where a").first.get_attribute("href") or "")
    page.keyboard.press("Escape")
    expect(peek).to_be_hidden()
    # A click opens the row in its place, and the look is gone.
    page.locator("#t-troops .badge").click()
    is_open(page, "troops")
    expect(peek).to_be_hidden()
    # What is open already needs no look.
    page.locator("#t-troops .badge").hover()
    page.wait_for_timeout(800)
    expect(peek).to_be_hidden()


def test_the_focus_shows_the_quotes_too(
    live_server: LiveServer, page: Page, shipped: Study, log_in: LogIn, no_violation: Callable[[Page], None]
) -> None:
    log_in(page, "ada")
    page.goto(live_server.url + COMPARE)
    page.locator("#t-troops .topic-name").focus()
    page.keyboard.press("Shift+Tab")
    expect(page.locator("#t-troops a.opener")).to_be_focused()
    peek = page.locator(".peek")
    expect(peek).to_contain_text("Biden conveyed US concerns")
    no_violation(page)
    # Nothing in it takes the focus: the next stop is the next link of the table.
    page.keyboard.press("Tab")
    expect(page.locator("#t-troops .topic-name")).to_be_focused()
    expect(peek).to_be_hidden()


def test_by_touch_nothing_is_shown_before_the_tap(
    live_server: LiveServer, phone: Page, log_in: LogIn
) -> None:
    log_in(phone, "ada")
    phone.goto(live_server.url + COMPARE)
    phone.locator("#t-troops .badge").tap()
    is_open(phone, "troops")
    phone.wait_for_timeout(800)
    expect(phone.locator(".peek:visible")).to_have_count(0)


def test_on_a_phone_two_documents_scroll_together_one_above_the_other(
    live_server: LiveServer, browser: Browser, shipped: Study, log_in: LogIn
) -> None:
    context = browser.new_context(viewport={"width": 390, "height": 844})
    page = context.new_page()
    log_in(page, "ada")
    page.goto(live_server.url + S + "read/?layer=coded")
    page.get_by_role("button", name="Scroll together").click()
    a, b = (page.locator(f"#read-{letter}") for letter in "ab")
    boxes = [column.bounding_box() for column in (a, b)]
    assert all(box is not None and box["width"] > 300 and box["height"] > 200 for box in boxes)
    passage = a.locator('.read-passage[data-counterparts*="b-"]').last
    passage.evaluate("element => element.closest('[data-column]').scrollTop = element.offsetTop")
    page.wait_for_timeout(400)
    assert b.evaluate("column => column.scrollTop") > 0
    passage.hover()
    expect(page.locator(".reader-lines path").first).to_be_attached()
    wider = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert wider <= 0
    context.close()
