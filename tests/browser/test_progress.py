"""Visits while reading, "nothing here" by mouse and keyboard, finishing, and the owner's pages."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Page, expect
from pytest_django.live_server_helper import LiveServer

from annotations.models import Assignment, Completion, PassageVisit, Study
from annotations.services.coding import finish_document
from tests.browser.conftest import OSW, PASSWORD

LogIn = Callable[[Page, str], None]

STUDY = "/studies/biden-putin-2021/"


def visited() -> set[int]:
    return set(PassageVisit.objects.filter(coder__username="ada").values_list("passage__number", flat=True))


def nothing() -> set[int]:
    rows = PassageVisit.objects.filter(coder__username="ada", nothing_here_at__isnull=False)
    return set(rows.values_list("passage__number", flat=True))


def test_what_is_read_is_told_and_what_is_rushed_past_is_not(
    live_server: LiveServer, page: Page, shipped: Study, log_in: LogIn
) -> None:
    log_in(page, "ada")
    page.goto(live_server.url + OSW)
    with page.expect_response("**/visits/") as told:
        pass
    assert told.value.status == 200
    first = visited()
    assert {1, 2, 3, 4} <= first
    assert 14 not in first
    expect(page.locator("#progress")).to_contain_text(f"{len(first)} visited")
    # There and back again at once: nobody has read the end.
    page.evaluate("scrollTo(0, document.body.scrollHeight)")
    page.evaluate("scrollTo(0, 0)")
    page.wait_for_timeout(500)
    page.locator("#p6").scroll_into_view_if_needed()
    with page.expect_response("**/visits/"):
        pass
    assert first < visited()
    assert 14 not in visited()


def test_a_page_that_is_left_early_tells_what_was_in_hand(
    live_server: LiveServer, page: Page, shipped: Study, log_in: LogIn
) -> None:
    log_in(page, "ada")
    page.goto(live_server.url + OSW + "?passage=12#p12")
    expect(page.locator("#p12.current")).to_have_count(1)
    page.goto(live_server.url + STUDY)
    # The page that told it is gone, and with it the answer: the server has it within moments.
    for _ in range(50):
        if visited():
            break
        page.wait_for_timeout(100)
    assert visited() == {12}


def test_a_finished_document_tells_nothing(
    live_server: LiveServer, page: Page, shipped: Study, log_in: LogIn
) -> None:
    sent: list[str] = []
    ada = shipped.memberships.get(user__username="ada").user
    finish_document(by=ada, document=shipped.documents.get(slug="osw"))
    log_in(page, "ada")
    page.on("request", lambda request: sent.append(request.url))
    page.goto(live_server.url + OSW + "?passage=4")
    page.wait_for_timeout(6000)
    assert [url for url in sent if "/visits/" in url] == []


def test_nothing_here_is_said_and_taken_back_in_place(
    live_server: LiveServer, page: Page, shipped: Study, log_in: LogIn, no_violation: Callable[[Page], None]
) -> None:
    log_in(page, "ada")
    page.goto(live_server.url + OSW)
    page.evaluate("window.stays = true")
    page.locator("#p8").hover()
    page.get_by_role("button", name="Passage 8: nothing here").click()
    back = page.get_by_role("button", name="Passage 8, nothing here: take back")
    expect(back).to_be_focused()
    expect(page.locator("#p8 .nothing-word")).to_have_text("nothing here")
    expect(page.locator("#progress")).to_contain_text("1 nothing here")
    expect(page.locator("#toast")).to_contain_text("¶ 8: nothing here.")
    assert nothing() == {8}
    no_violation(page)
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Passage 8: nothing here")).to_be_focused()
    expect(page.locator("#progress")).to_contain_text("0 nothing here")
    assert nothing() == set()
    assert page.evaluate("window.stays") is True


def test_tagging_takes_the_mark_away(
    live_server: LiveServer,
    page: Page,
    shipped: Study,
    log_in: LogIn,
    select: Callable[[Page, int, str], None],
) -> None:
    log_in(page, "ada")
    page.goto(live_server.url + OSW)
    page.locator("#p8").hover()
    page.get_by_role("button", name="Passage 8: nothing here").click()
    expect(page.locator("#p8 .nothing-word")).to_have_count(1)
    select(page, 8, "briefed them on the summit")
    for label, typed, option in (("Topic", "minsk", "Minsk agreements"), ("Source", "biden", "Joe Biden")):
        field = page.get_by_role("combobox", name=label)
        field.fill(typed)
        page.get_by_role("listbox").get_by_role("option", name=option).first.wait_for()
        field.press("Enter")
    page.get_by_role("radio", name="Support").check(force=True)
    page.get_by_role("button", name="Save tag").click()
    expect(page.locator("#p8 mark")).to_have_count(1)
    expect(page.locator("#acts-8")).to_be_empty()
    expect(page.locator("#progress")).to_contain_text("1 of 14 passages tagged · 0 nothing here")
    assert nothing() == set()


def test_finishing_asks_about_open_passages_first(
    live_server: LiveServer, page: Page, shipped: Study, log_in: LogIn, no_violation: Callable[[Page], None]
) -> None:
    log_in(page, "ada")
    page.goto(live_server.url + OSW)
    page.get_by_role("button", name="Finish document").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("of 14 passages are open")
    no_violation(page)
    assert not Completion.objects.filter(coder__username="ada").exists()
    page.get_by_role("link", name="Back to the first of them, ¶ 4").click()
    expect(page.locator("#p4.current")).to_be_in_viewport()
    page.get_by_role("button", name="Finish document").click()
    page.get_by_role("button", name="Finish anyway").click()
    expect(page.get_by_role("button", name="Reopen document")).to_be_visible()
    assert Completion.objects.get(coder__username="ada").is_finished


def test_all_of_it_works_without_javascript(live_server: LiveServer, shipped: Study, browser: object) -> None:
    context: BrowserContext = browser.new_context(java_script_enabled=False)  # type: ignore[attr-defined]
    page = context.new_page()
    page.goto(live_server.url + "/accounts/login/")
    page.get_by_label("User name").fill("ada")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("main").get_by_role("button", name="Log in").click()
    page.goto(live_server.url + OSW)
    page.locator("#p8").hover()
    page.get_by_role("button", name="Passage 8: nothing here").click()
    expect(page.locator("#toast")).to_contain_text("¶ 8: nothing here.")
    assert nothing() == {8}
    page.locator("#p8").hover()
    page.get_by_role("button", name="Passage 8, nothing here: take back").click()
    expect(page.locator("#toast")).to_contain_text("¶ 8: open again.")
    assert nothing() == set()
    context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_an_owner_assigns_with_a_box_and_the_keyboard(
    live_server: LiveServer,
    page: Page,
    shipped: Study,
    log_in: LogIn,
    no_violation: Callable[[Page], None],
    scheme: str,
) -> None:
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    log_in(page, "olga")
    page.goto(live_server.url + STUDY + "members/")
    no_violation(page)
    box = page.get_by_role("checkbox", name=re.compile(r"assigned\s*: OSW, ada"))
    box.focus()
    page.keyboard.press("Space")
    expect(page.locator("#toast")).to_contain_text("OSW is assigned to ada.")
    assert [(a.document.slug, a.coder.username) for a in Assignment.objects.all()] == [("osw", "ada")]
    # The cell is new, and the focus is where it was.
    expect(box).to_be_focused()
    expect(box).to_be_checked()
    expect(page.locator(".matrix thead")).to_contain_text("1 of 2 assigned")
    page.wait_for_function("!document.querySelector('.htmx-request, .htmx-swapping, .htmx-settling')")
    page.keyboard.press("Space")
    expect(page.locator("#toast")).to_contain_text("OSW is not assigned to ada.")
    assert not Assignment.objects.exists()


@pytest.mark.parametrize("width", [1440, 390])
def test_the_owners_pages_break_no_rule_and_fit_their_width(
    live_server: LiveServer,
    page: Page,
    shipped: Study,
    log_in: LogIn,
    no_violation: Callable[[Page], None],
    width: int,
) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    log_in(page, "olga")
    for path in ("members/", "settings/", ""):
        page.goto(live_server.url + STUDY + path)
        no_violation(page)
        widest = page.evaluate(
            "document.querySelector('main').scrollWidth - document.querySelector('main').clientWidth"
        )
        assert widest <= 0, path
    page.goto(live_server.url + STUDY + "settings/")
    page.get_by_label("Title").fill("")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("This field is required.")).to_be_visible()
    no_violation(page)
