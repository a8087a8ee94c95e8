"""The screenshots of ``docs/coding.md``: ``make run`` in one terminal, ``make shots-coding`` in another.

On a fresh study, where ``demo-coder`` has tagged nothing yet. Writes ``docs/images/coding-<screen>.png``;
``SUMMIT`` says where the study is served.
"""

from __future__ import annotations

import shutil
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tests.browser.acts import SELECT, choose, tag
from tests.browser.shots import BASE, PASSWORD, STUDY, log_in

OUT = Path("docs/images")
OSW = BASE + STUDY + "code/osw/"
#: The screens of the guide, in its order.
SCREENS = (
    "form",
    "topic",
    "codebook",
    "keys",
    "offline",
    "login",
    "conflict",
    "finish",
    "talk",
    "questions",
    "search",
    "phone",
    "phone-form",
)


def shoot(page: Page, name: str) -> None:
    page.wait_for_timeout(300)
    page.screenshot(path=OUT / f"coding-{name}.png")


def select(page: Page, passage: int, words: str) -> None:
    page.evaluate(SELECT, [passage, words])
    page.locator("#tagform [data-quote]").get_by_text(words, exact=True).wait_for()


def opened(browser: Browser, width: int, height: int) -> tuple[BrowserContext, Page]:
    context = browser.new_context(
        viewport={"width": width, "height": height}, locale="en-GB", has_touch=width < 500
    )
    page = context.new_page()
    log_in(page, "demo-coder")
    page.goto(OSW)
    return context, page


def tagging(page: Page) -> None:
    """A few tags, a quote in hand, and what opens beside it."""
    for passage, words in ((4, "a virtual US-Russian summit"), (4, "two hours"), (6, "Biden")):
        select(page, passage, words)
        tag(page)
        page.locator("#toast").get_by_text("Tagged as").wait_for()
    select(page, 4, "via a protected videolink")
    choose(page, "Topic", "constr", "Constructive tone")
    page.get_by_role("radio", name="Supports").check(force=True)
    shoot(page, "form")
    page.get_by_role("combobox", name="Topic").fill("garante")
    shoot(page, "topic")
    page.keyboard.press("Escape")
    page.locator("#p4").click(position={"x": 400, "y": 5})
    page.get_by_role("button", name="Codebook").click()
    page.locator("#codebook-words [data-entry]").first.wait_for()
    shoot(page, "codebook")
    page.locator("[data-drawer] [data-finds-in]").first.press("Escape")
    page.get_by_role("button", name="Keyboard help").click()
    shoot(page, "keys")


def losing_nothing(context: BrowserContext, page: Page) -> None:
    """A lost connection, a lost login, and the same tag in two windows."""
    page.goto(OSW)
    page.locator("#p4").wait_for()
    context.set_offline(True)
    select(page, 8, "the")
    tag(page, "Opposes")
    page.locator("#unsent").get_by_text("Show them").click()
    shoot(page, "offline")
    context.set_offline(False)
    page.locator("#toast").get_by_text("Tagged as").wait_for()
    context.clear_cookies(name="sessionid")
    select(page, 5, "According")
    tag(page, "Mixed")
    page.locator("#login-needed").wait_for()
    shoot(page, "login")
    page.locator("#login-needed").get_by_label("Password").fill(PASSWORD)
    page.locator("#login-needed").get_by_role("button", name="Log in").click()
    page.locator("#toast").get_by_text("Tagged as").wait_for()
    other = context.new_page()
    for window in (page, other):
        window.goto(OSW + "?passage=6")
        window.locator(".tag").first.hover()
        window.get_by_role("link", name="Edit the tag").first.click()
        window.get_by_role("button", name="Save change").wait_for()
    page.get_by_role("radio", name="Opposes").check(force=True)
    page.get_by_role("button", name="Save change").click()
    page.locator("#toast").get_by_text("Changed").wait_for()
    other.get_by_role("radio", name="Mixed").check(force=True)
    other.get_by_label("Note").fill("Not quite: he keeps the door open.")
    other.get_by_role("button", name="Save change").click()
    other.locator("[data-conflict]").wait_for()
    shoot(other, "conflict")
    other.close()


def beside_the_text(page: Page) -> None:
    """Finishing, talk, questions, search."""
    page.goto(OSW)
    page.get_by_role("button", name="Finish document").click()
    page.wait_for_load_state()
    shoot(page, "finish")
    page.goto(OSW + "?passage=4&talk=open")
    page.get_by_role("textbox", name="Comment").first.fill("Does “protected” say anything about the tone?")
    page.locator("#send-passage").click()
    page.locator(".comment-text").first.wait_for()
    shoot(page, "talk")
    page.goto(BASE + STUDY + "questions/")
    shoot(page, "questions")
    page.goto(BASE + STUDY + "search/?q=NATO+-enlargement")
    shoot(page, "search")


def main() -> None:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"),
            args=["--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu"],
        )
        context, page = opened(browser, 1440, 900)
        page.on("dialog", lambda dialog: dialog.accept())
        tagging(page)
        losing_nothing(context, page)
        beside_the_text(page)
        context.close()
        context, page = opened(browser, 390, 844)
        shoot(page, "phone")
        select(page, 5, "According")
        page.wait_for_timeout(700)
        shoot(page, "phone-form")
        browser.close()


if __name__ == "__main__":
    main()
