"""The main job, end to end, by a person with a mouse and by one without."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable

from playwright.sync_api import Browser, BrowserContext, Page, expect
from pytest_django.live_server_helper import LiveServer

from annotations.models import Annotation, Completion, Study
from tests.browser.acts import choose, tag
from tests.browser.conftest import OSW

COMPARE = "/studies/biden-putin-2021/compare/"
LogIn = Callable[[Page, str], None]
Select = Callable[[Page, int, str], None]


def test_a_newcomer_tags_compares_finishes_and_downloads(
    live_server: LiveServer, page: Page, shipped: Study, log_in: LogIn, select: Select
) -> None:
    log_in(page, "ada")
    page.get_by_role("link", name=shipped.title).click()
    page.get_by_role("link", name="Code a document").click()
    page.wait_for_url("**/code/osw/")
    select(page, 4, "a virtual US-Russian summit")
    tag(page)

    expect(page.locator("#toast")).to_contain_text("Tagged as Minsk agreements.")
    expect(page.locator("#p4 mark")).to_have_text("a virtual US-Russian summit")
    expect(page.locator("#progress")).to_contain_text("1 of 14 passages tagged · 0 nothing here")
    made = Annotation.objects.get(coder__username="ada")
    assert (made.quote, made.topic.slug, made.source.slug) == (
        "a virtual US-Russian summit",
        "minsk",
        "biden",
    )

    page.goto(live_server.url + COMPARE + "?coder=ada")
    row = page.locator("#t-minsk")
    expect(row).to_contain_text("100.0 %")
    expect(row).to_contain_text("not coded yet")
    expect(row.locator(".badge")).to_have_text("Pending")

    page.goto(live_server.url + COMPARE)
    expect(page.get_by_text("Not counted, because others finished")).to_contain_text("1 tag on OSW by ada")
    page.goto(live_server.url + OSW)
    page.get_by_role("button", name="Finish document").click()
    page.get_by_role("button", name="Finish anyway").click()
    expect(page.locator("#toast")).to_contain_text("Finished")
    assert Completion.objects.get(coder__username="ada").is_finished
    page.goto(live_server.url + COMPARE)
    expect(page.get_by_text("Not counted, because others finished")).to_have_count(0)
    expect(page.locator(".reading")).to_contain_text("219 tags")

    answer = page.request.get(live_server.url + "/studies/biden-putin-2021/annotations.csv?coder=ada")
    rows = list(csv.DictReader(io.StringIO(answer.text())))
    assert [(row["quote"], row["topic"], row["coder"]) for row in rows] == [
        ("a virtual US-Russian summit", "minsk", "ada")
    ]


def test_saving_keeps_the_page_and_the_scroll_position(
    live_server: LiveServer, page: Page, shipped: Study, log_in: LogIn, select: Select
) -> None:
    log_in(page, "ada")
    page.goto(live_server.url + OSW)
    page.evaluate("window.stays = true; scrollTo(0, 900)")
    select(page, 8, "briefed them on the summit")
    before = page.evaluate("scrollY")
    tag(page)
    expect(page.locator("#p8 mark")).to_have_count(1)
    assert page.evaluate("window.stays") is True
    assert abs(page.evaluate("scrollY") - before) < 2


def test_a_selection_across_highlights_is_stored_as_it_was_selected(
    live_server: LiveServer, page: Page, shipped: Study, log_in: LogIn, select: Select
) -> None:
    words = "continue contacts and dialogue on the above-mentioned issues"
    log_in(page, "ada")
    page.goto(live_server.url + OSW + "?shown=all")
    assert page.locator("#p7 mark").count() > 3
    select(page, 7, words)
    tag(page)
    expect(page.locator("#toast")).to_contain_text("Tagged")
    made = Annotation.objects.select_related("document").get(coder__username="ada")
    assert made.quote == words == made.document.text[made.start : made.end]


def test_a_tag_is_edited_withdrawn_and_brought_back(
    live_server: LiveServer, page: Page, shipped: Study, log_in: LogIn, select: Select
) -> None:
    log_in(page, "ada")
    page.goto(live_server.url + OSW)
    select(page, 4, "two hours")
    tag(page)
    page.locator(".tag").hover()
    page.get_by_role("link", name="Edit the tag Minsk agreements").click()
    page.get_by_role("radio", name="Opposes").check(force=True)
    page.get_by_role("button", name="Save change").click()
    expect(page.locator("#toast")).to_contain_text("Changed.")
    made = Annotation.objects.get(coder__username="ada")
    assert (made.stance.slug, made.version) == ("oppose", 2)

    page.locator("#toast").get_by_role("button", name="Undo").click()
    expect(page.locator("#toast")).to_contain_text("Undone")
    assert Annotation.objects.get(pk=made.pk).stance.slug == "support"

    page.locator(".tag").hover()
    page.get_by_role("button", name="Withdraw the tag Minsk agreements").click()
    expect(page.locator("#p4 mark")).to_have_count(0)
    page.locator("#toast").get_by_role("button", name="Undo").click()
    expect(page.locator("#p4 mark")).to_have_count(1)
    assert Annotation.objects.get(pk=made.pk).withdrawn_at is None


def test_a_tag_is_made_without_a_mouse(
    live_server: LiveServer, page: Page, shipped: Study, log_in: LogIn
) -> None:
    log_in(page, "ada")
    page.goto(live_server.url + OSW)
    for key in ("j", "j", "j", "j", "v"):
        page.keyboard.press(key)
    expect(page.locator("#tagform [data-quote]")).to_contain_text("On December 7")
    for _step in range(3):
        page.keyboard.press("]")
    page.keyboard.press("{")
    page.keyboard.press("t")
    page.keyboard.type("minsk")
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    page.get_by_role("combobox", name="Source").focus()
    page.keyboard.type("biden")
    page.keyboard.press("Enter")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#toast")).to_contain_text("Tagged")
    expect(page.locator("#p4 .pno")).to_be_focused()
    made = Annotation.objects.get(coder__username="ada")
    passage = shipped.documents.get(slug="osw").passages.get(number=4).text
    assert made.quote == passage.split(" ", 3)[3].rsplit(" ", 1)[0]


def test_two_windows_on_one_tag_lose_neither_value(
    live_server: LiveServer, context: BrowserContext, shipped: Study, log_in: LogIn, select: Select
) -> None:
    first, second = context.new_page(), context.new_page()
    log_in(first, "ada")
    first.goto(live_server.url + OSW)
    select(first, 4, "two hours")
    tag(first)
    expect(first.locator("#toast")).to_contain_text("Tagged")
    for window in (first, second):
        window.goto(live_server.url + OSW + "?passage=4")
        window.locator(".tag").hover()
        window.get_by_role("link", name="Edit the tag").click()
        window.get_by_role("button", name="Save change").wait_for()
    first.get_by_role("radio", name="Opposes").check(force=True)
    first.get_by_role("button", name="Save change").click()
    expect(first.locator("#toast")).to_contain_text("Changed")

    second.get_by_role("radio", name="Mixed").check(force=True)
    second.get_by_role("button", name="Save change").click()
    conflict = second.get_by_role("form", name="This tag has changed since you opened it.")
    expect(conflict).to_contain_text("Opposes")
    expect(conflict).to_contain_text("Mixed")
    conflict.get_by_role("radio", name="Mixed").check()
    conflict.get_by_role("button", name="Save what I chose").click()
    expect(second.locator("#toast")).to_contain_text("Changed")
    made = Annotation.objects.get(coder__username="ada")
    assert (made.stance.slug, made.version) == ("mixed", 3)


def test_a_row_of_the_comparison_opens_its_quotes_in_place(
    live_server: LiveServer, page: Page, shipped: Study, log_in: LogIn
) -> None:
    log_in(page, "ada")
    page.goto(live_server.url + COMPARE)
    page.evaluate("window.stays = true")
    page.get_by_role("button", name="Quotes on Russian troop movements").click()
    detail = page.locator("#d-troops")
    expect(detail).to_contain_text("Biden conveyed US concerns")
    expect(detail).to_contain_text("a major campaign in the American media")
    page.locator("#t-minsk .badge").click()
    expect(page.locator("#d-minsk")).to_contain_text("the implementation of the Minsk agreements")
    assert page.evaluate("window.stays") is True


def test_the_whole_job_works_without_javascript(
    live_server: LiveServer, browser: Browser, shipped: Study, log_in: LogIn
) -> None:
    context = browser.new_context(java_script_enabled=False, viewport={"width": 1440, "height": 900})
    page = context.new_page()
    log_in(page, "ada")
    page.goto(live_server.url + OSW)
    page.get_by_role("link", name="Take passage 4 in hand").click()
    page.get_by_label("Words of the quote").fill("two hours")
    page.get_by_label("Topic").select_option("minsk")
    page.get_by_role("radio", name="Supports").check(force=True)
    page.get_by_label("Source").select_option("biden")
    page.get_by_role("button", name="Save tag").click()
    expect(page.locator("#p4 mark")).to_have_text("two hours")
    page.get_by_role("link", name="Compare", exact=True).first.click()
    page.locator("#t-troops .opener").click()
    expect(page.locator("#d-troops")).to_contain_text("Biden conveyed US concerns")
    context.close()


def test_a_lost_login_keeps_the_tag_in_the_page_until_it_can_be_saved(
    live_server: LiveServer, context: BrowserContext, shipped: Study, log_in: LogIn, select: Select
) -> None:
    page, other = context.new_page(), context.new_page()
    log_in(page, "ada")
    page.goto(live_server.url + OSW)
    select(page, 4, "two hours")
    page.get_by_label("Note").fill("half a sentence")
    other.goto(live_server.url + "/")
    other.get_by_text("ada", exact=True).click()
    other.get_by_role("button", name="Log out").click()
    other.wait_for_url("**/accounts/login/**")
    tag(page)
    expect(page.locator("#toast")).to_contain_text("Nothing is lost")
    expect(page.get_by_label("Note")).to_have_value("half a sentence")

    log_in(other, "ada")
    page.get_by_role("button", name="Save tag").click()
    expect(page.locator("#toast")).to_contain_text("Tagged")
    made = Annotation.objects.get(coder__username="ada")
    assert (made.quote, made.note) == ("two hours", "half a sentence")


def test_the_type_ahead_takes_what_was_typed_and_nothing_that_was_not(
    live_server: LiveServer, page: Page, shipped: Study, log_in: LogIn, select: Select
) -> None:
    log_in(page, "ada")
    page.goto(live_server.url + OSW)
    select(page, 4, "two hours")
    page.get_by_role("combobox", name="Topic").click()
    page.keyboard.press("Tab")
    expect(page.get_by_role("combobox", name="Topic")).to_have_value("")
    choose(page, "Topic", "minsk", "Minsk agreements")
    page.get_by_role("radio", name="Supports").check(force=True)
    choose(page, "Source", "biden", "Joe Biden")
    page.get_by_role("combobox", name="Reported by").fill("sul")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#toast")).to_contain_text("Tagged")
    made = Annotation.objects.get(coder__username="ada")
    assert made.reported_by is not None
    assert made.reported_by.slug == "sullivan"
