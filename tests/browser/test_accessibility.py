"""axe finds nothing on any page, light and dark, and in the states of the workbench."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from annotations.models import Study
from tests.browser.conftest import Watched

S = "/studies/biden-putin-2021/"
PAGES = [
    "/",
    S,
    S + "code/osw/",
    S + "code/osw/?shown=all&passage=5",
    S + "code/pir-center/?shown=all",
    S + "compare/",
    S + "compare/?open=troops",
    S + "compare/?coder=ada",
    S + "voices/",
    S + "mediation/",
    S + "silence/",
    S + "read/",
    S + "pairs/?topic=troops",
    S + "networks/",
    S + "frozen/",
    S + "measures/",
    S + "topics/guarantee-talks/",
    S + "sources/biden/",
    S + "annotations/",
    S + "codebook/",
    S + "import/",
    S + "nothing-here/",
    "/accounts/password_change/",
]
LogIn = Callable[[Page, str], None]
Check = Callable[[Page], None]


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [1440, 390])
def test_no_page_breaks_a_rule_or_complains(
    live_server: LiveServer,
    watched: Watched,
    shipped: Study,
    log_in: LogIn,
    no_violation: Check,
) -> None:
    page = watched.page
    page.goto(live_server.url + "/accounts/login/")
    no_violation(page)
    log_in(page, "olga")
    for address in PAGES:
        page.goto(live_server.url + address)
        no_violation(page)
        watched.fits(address)
    watched.is_quiet(but="404")


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_states_of_the_workbench_break_no_rule(
    live_server: LiveServer,
    browser: Browser,
    shipped: Study,
    log_in: LogIn,
    no_violation: Check,
    select: Callable[[Page, int, str], None],
    theme: str,
) -> None:
    context = browser.new_context(viewport={"width": 1440, "height": 900}, color_scheme=theme)
    page = context.new_page()
    log_in(page, "ada")
    page.goto(live_server.url + S + "code/osw/")
    select(page, 4, "two hours")
    no_violation(page)
    page.get_by_role("combobox", name="Topic").fill("minsk")
    no_violation(page)
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Save tag").click()
    page.locator("#tagform").evaluate("form => { form.noValidate = true; form.requestSubmit() }")
    expect(page.get_by_text("Choose a stance.")).to_be_visible()
    no_violation(page)
    page.get_by_role("button", name="Keyboard help").click()
    no_violation(page)
    context.close()
