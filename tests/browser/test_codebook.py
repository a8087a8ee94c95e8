"""Codebook care in a browser: a merge and its undoing, a split, gaps, and the coders' review."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from annotations.models import Annotation, CodebookAct, DecidedTag, Decision, Study, User
from annotations.services.codebook import save_topic
from annotations.services.guidelines import save_guidelines
from annotations.services.retiring import retire_entry
from annotations.services.splitting import annotations_of
from tests.browser.conftest import Watched

CODEBOOK = "/studies/biden-putin-2021/codebook/"
LogIn = Callable[[Page, str], None]
Check = Callable[[Page], None]


@pytest.fixture
def worn(shipped: Study) -> Study:
    """The shipped study after some care: a new statement, new guidelines, a gap, a retired topic."""
    cora, ada = User.objects.get(username="cora"), User.objects.get(username="ada")
    troops = shipped.topics.get(slug="troops")
    Annotation.objects.filter(topic=troops, coder__username="coder-1").update(coder=ada)
    troops.statement += " Drills count as well."
    save_topic(by=cora, topic=troops)
    save_guidelines(by=cora, study=shipped, text=shipped.guidelines.strip() + "\n7. Quote little.")
    retire_entry(by=cora, entry=shipped.topics.get(slug="iran"))
    tag = annotations_of(troops).select_related("passage").first()
    assert tag is not None
    decision = Decision.objects.create(
        study=shipped,
        document=tag.document,
        passage=tag.passage,
        situation="stance",
        outcome="changed",
        reason="gap",
        remark="Do drills count?",
        curator=cora,
    )
    DecidedTag.objects.create(decision=decision, annotation=tag, version=tag.version)
    return shipped


def test_two_topics_are_merged_and_the_merge_is_undone(
    live_server: LiveServer, page: Page, shipped: Study, log_in: LogIn, no_violation: Check
) -> None:
    before = annotations_of(shipped.topics.get(slug="minsk")).count()
    log_in(page, "cora")
    page.goto(live_server.url + CODEBOOK)
    page.locator("#topics-minsk").get_by_text("Change", exact=True).click()
    page.locator("#topics-minsk").get_by_role("link", name="Merge…").click()
    page.get_by_label("With which?").select_option("kyiv-blame")
    page.get_by_role("button", name="See what would happen").click()
    expect(page.get_by_text(f"{before} annotations move")).to_be_visible()
    no_violation(page)
    page.get_by_label("Blame on Kyiv", exact=True).check()
    page.get_by_role("button", name="Merge", exact=True).click()
    expect(
        page.get_by_role("status").get_by_text("“Minsk agreements” is now “Blame on Kyiv”.")
    ).to_be_visible()
    assert not shipped.topics.filter(slug="minsk").exists()
    page.get_by_role("link", name="Undo: “Minsk agreements” merged into “Blame on Kyiv”").click()
    expect(page.get_by_text(f"{before} annotations go back")).to_be_visible()
    page.get_by_role("button", name="Undo it").click()
    expect(page.get_by_text("undone by cora")).to_be_visible()
    assert annotations_of(shipped.topics.get(slug="minsk")).count() == before


def test_some_annotations_are_split_off_by_keyboard(
    live_server: LiveServer, page: Page, shipped: Study, log_in: LogIn, no_violation: Check
) -> None:
    log_in(page, "cora")
    page.goto(live_server.url + CODEBOOK + "topics/troops/split/")
    page.get_by_label("Document").select_option("osw")
    page.get_by_role("button", name="Show").press("Enter")
    boxes = page.get_by_role("checkbox")
    for number in (0, 1):
        boxes.nth(number).press("Space")
    entry = page.get_by_label("Entry", exact=True)
    entry.select_option("minsk")
    expect(page.get_by_label("Label")).to_be_hidden()
    entry.select_option("a new entry")
    page.get_by_label("Label").fill("Concern about troops")
    page.get_by_label("Slug").fill("troop-concern")
    page.get_by_role("textbox", name="Statement").fill("The troops are a concern.")
    no_violation(page)
    page.get_by_role("button", name="See what would happen").press("Enter")
    expect(page.get_by_role("heading", name="to the new “Concern about troops”")).to_be_visible()
    expect(page.get_by_text("2 annotations move")).to_be_visible()
    no_violation(page)
    page.get_by_role("button", name="Move them").press("Enter")
    expect(page.get_by_role("status").get_by_text("2 annotations moved")).to_be_visible()
    assert annotations_of(shipped.topics.get(slug="troop-concern")).count() == 2
    assert CodebookAct.objects.get().kind == "split"


def test_a_coder_says_what_still_holds_without_leaving_the_page(
    live_server: LiveServer, page: Page, worn: Study, log_in: LogIn, no_violation: Check
) -> None:
    log_in(page, "ada")
    page.goto(live_server.url + CODEBOOK)
    page.get_by_role("link", name="To review").click()
    rows = page.locator(".review-tags > li")
    count = rows.count()
    assert count > 2
    expect(page.locator("#to-review")).to_have_text(str(count))
    expect(page.locator("ins")).to_contain_text("Drills count as well.")
    page.get_by_role("button", name="It still holds").first.click()
    expect(rows).to_have_count(count - 1)
    expect(page.locator("#to-review")).to_have_text(str(count - 1))
    expect(page.get_by_role("status").get_by_text("Confirmed: 1.")).to_be_visible()
    no_violation(page)
    page.get_by_role("button", name=f"All {count - 1} on this page still hold").click()
    expect(page.get_by_text("Nothing to review")).to_be_visible()
    expect(page.locator("#to-review")).to_have_text("0")
    no_violation(page)


def test_from_a_gap_to_a_new_version_of_the_statement(
    live_server: LiveServer, page: Page, worn: Study, log_in: LogIn
) -> None:
    log_in(page, "cora")
    page.goto(live_server.url + CODEBOOK + "gaps/")
    page.get_by_role("link", name="Edit the statement of Russian troop movements").click()
    expect(page.get_by_text("Do drills count?")).to_be_visible()
    page.get_by_role("textbox", name="Statement").fill("Drills near the border count.")
    page.get_by_role("button", name="Save").click()
    page.locator("#topics-troops").get_by_role("link", name="version 3").click()
    expect(page.locator(".versions > li").first).to_contain_text("Version 3")
    page.goto(live_server.url + CODEBOOK + "gaps/")
    expect(page.get_by_text("edited since")).to_be_visible()


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [1440, 390])
def test_no_page_breaks_a_rule_or_scrolls_sideways(
    live_server: LiveServer,
    watched: Watched,
    worn: Study,
    log_in: LogIn,
    no_violation: Check,
) -> None:
    page = watched.page
    log_in(page, "cora")
    act = CodebookAct.objects.get().pk
    for path in (
        "",
        "topics/new/",
        "topics/troops/edit/",
        "topics/troops/versions/",
        "topics/troops/merge/",
        "topics/troops/merge/?with=minsk",
        "topics/troops/split/",
        "topics/troops/retire/",
        "topics/iran/revive/",
        "guidelines/",
        "guidelines/versions/",
        "gaps/",
        "review/?whose=all",
        "acts/",
        f"acts/{act}/undo/",
    ):
        page.goto(live_server.url + CODEBOOK + path)
        no_violation(page)
        watched.fits(path)
    page.goto(live_server.url + CODEBOOK)
    page.locator("#topics-troops").get_by_text("Change", exact=True).click()
    no_violation(page)
    watched.is_quiet()


def test_two_curators_who_edit_at_once_lose_nothing(
    live_server: LiveServer, page: Page, browser: Browser, shipped: Study, log_in: LogIn, no_violation: Check
) -> None:
    log_in(page, "cora")
    page.goto(live_server.url + CODEBOOK + "guidelines/")
    save_guidelines(by=User.objects.get(username="olga"), study=shipped, text="1. Hers.")
    page.get_by_label("Guidelines", exact=True).fill("1. Mine.")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("alert")).to_contain_text("Somebody has changed the guidelines")
    expect(page.get_by_role("region", name="The guidelines as they are saved now")).to_have_text("1. Hers.")
    expect(page.get_by_label("Guidelines", exact=True)).to_have_value("1. Mine.")
    no_violation(page)
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("status").get_by_text("The guidelines are saved.")).to_be_visible()
    shipped.refresh_from_db()
    assert shipped.guidelines == "1. Mine."
