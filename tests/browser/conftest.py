"""A real Chromium, a live server on a file database, and the shipped study."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from playwright.sync_api import Browser, BrowserContext, Page
from pytest_django.live_server_helper import LiveServer

from annotations.enums import Role
from annotations.importing.folder import load_folder
from annotations.models import Membership, Study, User
from tests.browser.acts import SELECT
from tests.factories import PASSWORD

# Playwright runs its own event loop in this thread; Django would refuse every query.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")

#: The workbench with the first document of the shipped study.
OSW = "/studies/biden-putin-2021/code/osw/"
RULES = ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa", "best-practice"]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, object]) -> dict[str, object]:
    return {
        **browser_type_launch_args,
        "executable_path": shutil.which("chromium"),
        "args": ["--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu"],
    }


@pytest.fixture
def shipped(transactional_db: None) -> Study:
    """The study that ships, and the people ``ada`` (coder), ``cora`` (curator), ``olga`` (owner)."""
    study = load_folder(Path(settings.BASE_DIR) / "seeds" / "biden-putin-2021").study
    for name, role in (("ada", Role.CODER), ("cora", Role.CURATOR), ("olga", Role.OWNER)):
        user = User.objects.create_user(name, password=PASSWORD)
        Membership.objects.create(study=study, user=user, role=role.value)
    return study


@pytest.fixture
def context(browser: Browser) -> BrowserContext:
    context = browser.new_context(viewport={"width": 1440, "height": 900}, locale="en-GB")
    yield context
    # What a page tells the server while it is closed would meet the emptying of the database.
    context.set_offline(True)
    context.close()


@pytest.fixture
def phone(browser: Browser, shipped: Study) -> Iterator[Page]:
    """A page on a small screen that is touched."""
    context = browser.new_context(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    yield context.new_page()
    context.set_offline(True)
    context.close()


@pytest.fixture
def bench(live_server: LiveServer, page: Page, shipped: Study, log_in: Callable[[Page, str], None]) -> Page:
    """Ada's workbench with the first document; nothing of hers is tagged."""
    log_in(page, "ada")
    page.goto(live_server.url + OSW)
    return page


@dataclass
class Watched:
    """A page whose console is listened to."""

    page: Page
    complaints: list[str] = field(default_factory=list)

    def fits(self, what: str = "") -> None:
        """Fails where the page is wider than its window."""
        wider = self.page.evaluate(
            "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        )
        assert wider <= 0, f"{what or self.page.url} scrolls sideways by {wider} px"

    def is_quiet(self, but: str = "") -> None:
        """Fails with what the console said; ``but``: a status that was asked for on purpose."""
        assert [text for text in self.complaints if not but or not re.search(rf"\b{but}\b", text)] == []


@pytest.fixture
def watched(browser: Browser, width: int, theme: str) -> Iterator[Watched]:
    """A page of its own at the ``width`` and in the ``theme`` that a test is parametrised with."""
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=theme)
    found = Watched(context.new_page())
    page, say = found.page, found.complaints.append
    page.on("console", lambda message: say(f"{page.url}: {message.text}"))
    page.on("pageerror", lambda error: say(f"{page.url}: {error}"))
    yield found
    # What a page tells the server while it is closed would meet the emptying of the database.
    context.set_offline(True)
    context.close()


@pytest.fixture
def log_in(live_server: LiveServer) -> Callable[[Page, str], None]:
    def enter(page: Page, username: str) -> None:
        page.goto(live_server.url + "/accounts/login/")
        page.get_by_label("User name").fill(username)
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("main").get_by_role("button", name="Log in").click()
        page.wait_for_url(live_server.url + "/")

    return enter


@pytest.fixture
def no_violation() -> Callable[[Page], None]:
    """Fails with axe's own words where a page breaks a rule of accessibility."""
    axe = Axe()

    def check(page: Page) -> None:
        results = axe.run(page, options={"runOnly": RULES})
        assert results.violations_count == 0, results.generate_report()

    return check


@pytest.fixture
def select() -> Callable[[Page, int, str], None]:
    def choose(page: Page, passage: int, words: str) -> None:
        page.evaluate(SELECT, [passage, words])
        page.locator("#tagform [data-quote]").get_by_text(words, exact=True).wait_for()

    return choose
