"""Finding words and tagging from a hit; talking about a passage; the list of questions."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from annotations.models import Annotation, Comment, Passage, Study, User
from annotations.services.comments import write_comment
from tests.browser.conftest import OSW, Watched

S = "/studies/biden-putin-2021/"
SEARCH = S + "search/"
LogIn = Callable[[Page, str], None]
Check = Callable[[Page], None]


def choose(page: Page, label: str, typed: str, option: str) -> None:
    field = page.get_by_role("combobox", name=label)
    field.fill(typed)
    page.get_by_role("listbox").get_by_role("option", name=option).first.wait_for()
    field.press("Enter")


def open_talk(page: Page, number: int) -> None:
    page.locator(f"#p{number} .pno").click()
    page.get_by_text(f"Talk about passage {number}").click()
    page.locator("#say-passage").wait_for()


def test_words_are_found_while_they_are_typed_and_tagged_from_the_hit(
    live_server: LiveServer, page: Page, shipped: Study, log_in: LogIn
) -> None:
    log_in(page, "ada")
    page.goto(live_server.url + S)
    page.get_by_role("navigation", name="Study").get_by_role("link", name="Search").click()
    box = page.get_by_role("searchbox", name="Words in the text")
    expect(box).to_be_focused()
    box.press_sequentially("MINSK agree*", delay=20)
    results = page.locator("#results")
    expect(results.get_by_role("status")).to_have_text(re.compile(r"^\d+ passages$"))
    page.wait_for_url("**/search/?q=MINSK+agree*")
    expect(box).to_be_focused()
    first = results.locator(".passage-found").first
    expect(first.locator("mark", has_text="Minsk").first).to_have_text("Minsk")

    # Back: the search before, and forward again.
    box.fill("-minsk")
    expect(results.get_by_role("alert")).to_contain_text("add a word that is to be found")
    box.fill('"Minsk agreements"')
    page.wait_for_url("**/search/?q=%22Minsk+agreements%22")
    expect(first.locator("mark").first).to_have_text("Minsk agreements")
    page.go_back()
    page.wait_for_url("**/search/?q=MINSK+agree*")
    expect(page.get_by_role("searchbox")).to_have_value("MINSK agree*")
    page.go_forward()
    expect(first.locator("mark").first).to_have_text("Minsk agreements")

    number = first.locator(".found-place").inner_text().strip("¶ ")
    first.get_by_role("link", name="Tag from here").click()
    page.wait_for_url("**/code/osw/?passage=*")
    expect(page.locator("#tagform [data-quote]")).to_have_text("Minsk agreements")
    expect(page.locator(f"#p{number}")).to_be_in_viewport()
    choose(page, "Topic", "minsk", "Minsk agreements")
    page.get_by_role("radio", name="Supports").check(force=True)
    choose(page, "Source", "biden", "Joe Biden")
    page.get_by_role("button", name="Save tag").click()
    expect(page.locator("#toast")).to_contain_text("Tagged as Minsk agreements.")
    tag = Annotation.objects.get(coder__username="ada")
    assert (tag.quote, tag.passage.number) == ("Minsk agreements", int(number))


def test_a_remark_is_made_kept_taken_back_and_found_by_the_curator(
    live_server: LiveServer, page: Page, shipped: Study, log_in: LogIn
) -> None:
    log_in(page, "ada")
    page.goto(live_server.url + OSW)
    open_talk(page, 5)
    box = page.get_by_label("Comment on the passage")
    box.fill("Is this still")
    # Another passage takes the panel: what was typed waits.
    open_talk(page, 6)
    expect(box).to_have_value("")
    open_talk(page, 5)
    expect(box).to_have_value("Is this still")
    box.press_sequentially(" Biden?")
    box.press("Control+Enter")
    expect(page.locator("#talk .comment-text")).to_have_text("Is this still Biden?")
    expect(page.locator("#talk-of-5")).to_have_text("1")
    expect(page.locator("#toast")).to_have_text("Comment added.")
    expect(box).to_have_value("")
    expect(box).to_be_focused()
    assert Comment.objects.get().text == "Is this still Biden?"

    page.get_by_role("button", name="Take back").click()
    expect(page.locator("#talk")).to_contain_text("taken back: only you see it")
    expect(page.get_by_role("link", name="1 comment on passage 5")).to_have_count(0)
    expect(page.get_by_role("button", name="Bring back")).to_be_focused()
    page.get_by_role("button", name="Bring back").click()
    expect(page.locator("#talk-of-5")).to_have_text("1")

    # What says nothing is refused beside the box.
    page.get_by_role("button", name="Comment", exact=True).click()
    expect(page.locator("#talk").get_by_role("alert")).to_have_text("Write something first.")

    # The bubble in the margin opens the talk, and nothing was sent twice.
    page.goto(live_server.url + OSW)
    page.get_by_role("link", name="1 comment on passage 5").click()
    expect(page.locator("#talk .comment-text")).to_have_text("Is this still Biden?")
    assert Comment.objects.count() == 1

    page.context.clear_cookies()
    log_in(page, "cora")
    page.goto(live_server.url + S)
    page.locator(".more-nav summary").click()
    page.locator(".more-nav").get_by_role("link", name="Questions").click()
    page.get_by_role("region", name="Newest talk").get_by_role("link", name="OSW ¶ 5").click()
    expect(page.locator("#talk .comment-text")).to_have_text("Is this still Biden?")
    page.get_by_text("Comment on a tag").click()
    page.get_by_label("Which tag", exact=True).select_option(index=1)
    page.get_by_label("Comment on this tag").fill("I ask for every tag.")
    page.locator("#send-new").click()
    expect(page.locator("#talk .on-tag .comment-text")).to_have_text("I ask for every tag.")
    expect(page.locator("#talk-of-5")).to_have_text("2")


def test_a_comment_that_could_not_be_sent_stays(
    live_server: LiveServer, page: Page, shipped: Study, log_in: LogIn
) -> None:
    log_in(page, "ada")
    page.goto(live_server.url + OSW)
    open_talk(page, 4)
    box = page.get_by_label("Comment on the passage")
    box.fill("Not lost.")
    page.context.set_offline(True)
    page.locator("#send-passage").click()
    expect(page.locator("#toast")).to_contain_text(
        "No connection: nothing was changed, and what you typed stays here."
    )
    expect(box).to_have_value("Not lost.")
    page.context.set_offline(False)
    page.reload()
    open_talk(page, 4)
    expect(box).to_have_value("Not lost.")
    page.locator("#send-passage").click()
    expect(page.locator("#talk .comment-text")).to_have_text("Not lost.")


def test_both_work_without_javascript(
    live_server: LiveServer, browser: Browser, shipped: Study, log_in: LogIn
) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    log_in(page, "ada")
    page.goto(live_server.url + SEARCH)
    page.get_by_role("searchbox").fill("minsk")
    page.get_by_label("Document").select_option("osw")
    page.get_by_role("button", name="Search").click()
    page.get_by_role("link", name="Tag from here").first.click()
    expect(page.locator("#tagform [data-quote]")).to_have_text("Minsk")
    page.get_by_text("Talk about passage").click()
    page.get_by_role("link", name="Open the talk on a page of its own").click()
    page.get_by_label("Comment on the passage").fill("Plain and simple.")
    page.get_by_role("button", name="Comment", exact=True).click()
    expect(page.locator(".comment:target .comment-text")).to_have_text("Plain and simple.")
    expect(page.locator("#toast")).to_contain_text("Comment added.")
    context.close()


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [1440, 390])
def test_no_state_of_them_breaks_a_rule_or_complains(
    live_server: LiveServer,
    watched: Watched,
    shipped: Study,
    log_in: LogIn,
    no_violation: Check,
) -> None:
    people = {user.username: user for user in User.objects.all()}
    passage = Passage.objects.get(document__slug="osw", number=5)
    tag = passage.annotations.order_by("start")[0]
    Annotation.objects.filter(pk__in=[tag.pk]).update(uncertain=True)
    write_comment(by=people["ada"], passage=passage, text="A question\nof two lines.")
    write_comment(by=people["cora"], passage=passage, text="An answer.", annotation=tag)

    page = watched.page
    log_in(page, "ada")
    for address in (
        SEARCH,
        SEARCH + "?q=putin",
        SEARCH + "?q=nowhere",
        SEARCH + "?q=-putin",
        S + "questions/",
        S + "questions/?coder=",
        OSW + "passages/5/talk/",
        OSW + "?passage=5&shown=all&hand=empty&talk=open",
    ):
        page.goto(live_server.url + address)
        if "talk=open" in address:
            page.locator("#say-passage").wait_for()
            page.get_by_text("Comment on a tag").click()
            page.get_by_text("Answer", exact=True).first.click()
        no_violation(page)
        watched.fits(address)
    watched.is_quiet(but="422")
