"""Finding the way in the workbench: what is in hand is seen, talk follows, what failed is asked again."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, expect
from pytest_django.live_server_helper import LiveServer

from annotations.enums import Role
from annotations.models import Annotation, Membership, Study, User
from annotations.services.coding import finish_document
from tests.browser.acts import tag
from tests.browser.conftest import OSW, RULES
from tests.factories import PASSWORD, make_document

LogIn = Callable[[Page, str], None]
Select = Callable[[Page, int, str], None]
LONG = "/studies/biden-putin-2021/code/long/"


@pytest.fixture
def long(shipped: Study) -> Study:
    """A document of 200 passages, which comes in windows."""
    make_document(shipped, "long", *[f"Passage {n} says a few words of its own." for n in range(200)])
    return shipped


def tally(page: Page, number: int) -> None:
    page.locator(f"#p{number} .tally").click()
    expect(page.locator("#tags")).to_have_attribute("data-passage", str(number))


def test_the_talk_is_about_the_passage_whose_tags_are_listed(bench: Page, select: Select) -> None:
    for number, words in ((4, "two hours"), (8, "the")):
        select(bench, number, words)
        tag(bench)
        expect(bench.locator(f"#p{number} .tally")).to_be_visible()
    tally(bench, 4)
    expect(bench.locator("#talk-h")).to_have_attribute("data-passage", "4")
    tally(bench, 8)
    expect(bench.locator("#talk-h")).to_have_attribute("data-passage", "8")
    expect(bench.locator("#talk-h")).to_contain_text("Talk about passage 8")
    bench.locator("#talk-h").click()
    expect(bench.get_by_role("textbox", name=re.compile("Comment"))).to_be_visible()


def test_there_is_talk_in_a_finished_document_too(
    live_server: LiveServer, bench: Page, shipped: Study, select: Select
) -> None:
    select(bench, 4, "two hours")
    tag(bench)
    expect(bench.locator("#p4 .tally")).to_be_visible()
    finish_document(by=User.objects.get(username="ada"), document=shipped.documents.get(slug="osw"))
    bench.goto(live_server.url + OSW)
    tally(bench, 4)
    expect(bench.locator("#talk-h")).to_contain_text("Talk about passage 4")


def test_keys_in_a_finished_document_say_why_they_do_nothing(
    live_server: LiveServer, bench: Page, shipped: Study
) -> None:
    finish_document(by=User.objects.get(username="ada"), document=shipped.documents.get(slug="osw"))
    bench.goto(live_server.url + OSW)
    said = bench.locator("#announcer")
    bench.locator("#p6 .pno").click()
    expect(bench.locator("#p6")).to_have_class(re.compile("current"))
    for key in ("t", "x", "Control+z"):
        bench.keyboard.press("j")
        expect(said).to_contain_text("Passage")
        bench.keyboard.press(key)
        expect(said).to_contain_text("You have finished this document.")


def test_jumps_begin_where_one_is_in_the_passage(bench: Page, select: Select) -> None:
    for words in ("virtual", "two hours"):
        select(bench, 4, words)
        tag(bench)
        expect(bench.locator("#toast")).to_contain_text("Tagged")
        expect(bench.locator("#tagform")).to_have_class(re.compile("is-empty"))
    lit = bench.locator("mark.lit")
    bench.keyboard.press(",")
    expect(lit).to_have_text("virtual")
    bench.keyboard.press(".")
    expect(lit).to_have_text("two hours")
    bench.keyboard.press(".")
    expect(bench.locator("#announcer")).to_contain_text("No tag after this one.")


def test_nothing_left_to_undo_is_said(bench: Page, select: Select) -> None:
    select(bench, 4, "two hours")
    tag(bench)
    expect(bench.locator("#announcer")).to_contain_text("Saved.")
    bench.keyboard.press("Control+z")
    expect(bench.locator("#toast")).to_contain_text("is withdrawn")
    bench.keyboard.press("Control+z")
    expect(bench.locator("#announcer")).to_contain_text("Nothing to undo.")
    expect(bench.locator("#toast")).to_be_empty()


def test_words_that_name_nothing_stay_where_they_were_typed(bench: Page, select: Select) -> None:
    select(bench, 4, "two hours")
    topic = bench.get_by_role("combobox", name="Topic")
    topic.fill("zzzz")
    topic.press("Tab")
    expect(topic).to_have_value("zzzz")
    expect(topic).to_have_attribute("aria-invalid", "true")
    expect(bench.get_by_text("Nothing here is called “zzzz”. Choose from the list.").first).to_be_visible()
    bench.get_by_role("button", name="Save tag").click()
    # All that is missing is said at once, each at its field.
    expect(bench.locator("#topic-error, #stance-error, #source-error")).to_have_count(3)
    assert Annotation.objects.count() == 218


def test_on_a_small_screen_the_words_in_hand_are_seen_above_the_sheet(
    live_server: LiveServer, phone: Page, log_in: LogIn, select: Select
) -> None:
    log_in(phone, "ada")
    phone.goto(live_server.url + OSW)
    phone.locator("#p6").evaluate("it => scrollTo(0, it.getBoundingClientRect().top + scrollY - 560)")
    select(phone, 6, "Biden")
    phone.wait_for_timeout(900)
    sheet = phone.locator("#panel").bounding_box()
    bottom = phone.evaluate("getSelection().getRangeAt(0).getBoundingClientRect().bottom")
    assert sheet is not None
    assert 0 < bottom <= sheet["y"]


class TestLongDocuments:
    def test_what_could_not_be_loaded_is_asked_for_again(
        self, context: BrowserContext, bench: Page, long: Study, live_server: LiveServer
    ) -> None:
        bench.goto(live_server.url + LONG)
        expect(bench.locator("#p60")).to_be_attached()
        context.set_offline(True)
        bench.evaluate("scrollTo(0, document.body.scrollHeight)")
        bench.wait_for_timeout(600)
        expect(bench.locator("#p61")).to_have_count(0)
        context.set_offline(False)
        expect(bench.locator("#p61")).to_be_attached(timeout=10_000)

    def test_a_lost_login_while_reading_leaves_the_tag_in_hand_in_the_page(
        self, context: BrowserContext, bench: Page, long: Study, live_server: LiveServer, select: Select
    ) -> None:
        bench.goto(live_server.url + LONG)
        select(bench, 2, "a few words")
        bench.get_by_label("Note").fill("half")
        context.clear_cookies(name="sessionid")
        bench.evaluate("scrollTo(0, document.body.scrollHeight)")
        form = bench.locator("#login-needed")
        expect(form).to_be_visible()
        assert bench.url.startswith(live_server.url + LONG)
        expect(bench.get_by_label("Note")).to_have_value("half")
        form.get_by_label("User name").fill("ada")
        form.get_by_label("Password").fill(PASSWORD)
        form.get_by_role("button", name="Log in").click()
        expect(form).to_have_count(0)
        expect(bench.locator("#p61")).to_be_attached(timeout=10_000)
        expect(bench.get_by_label("Note")).to_have_value("half")


@pytest.mark.parametrize("width", [1440, 768, 390])
def test_behind_an_open_menu_nothing_is_half_in_reach(
    live_server: LiveServer, browser: Browser, shipped: Study, log_in: LogIn, width: int
) -> None:
    """Names are of any length, and a menu lies over what stands below it."""
    name = "bartholomea-of-the-long-name"
    user = User.objects.create_user(name, password=PASSWORD)
    Membership.objects.create(study=shipped, user=user, role=Role.CURATOR.value)
    context = browser.new_context(viewport={"width": width, "height": 900})
    page = context.new_page()
    log_in(page, name)
    page.goto(live_server.url + OSW)
    menus = page.locator(".top details.menu:visible > summary")
    assert menus.count() >= 2
    for number in range(menus.count()):
        menus.nth(number).click()
        expect(page.locator("[inert] #text, #text[inert]")).to_have_count(1)
        results = Axe().run(page, options={"runOnly": RULES})
        assert results.violations_count == 0, results.generate_report()
        page.keyboard.press("Escape")
        expect(page.locator("[inert]")).to_have_count(0)
    context.close()
