"""The reliability page in a browser: a cell opens in place, and no rule of accessibility is broken."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from annotations.models import Study

LogIn = Callable[[Page, str], None]
PAGE = "/studies/biden-putin-2021/reliability/"


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1440, 390])
def test_no_rule_of_accessibility_is_broken(
    page: Page,
    live_server: LiveServer,
    shipped: Study,
    log_in: LogIn,
    no_violation: Callable[[Page], None],
    width: int,
    scheme: str,
) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    log_in(page, "ada")
    page.goto(live_server.url + PAGE)
    page.locator(".rel-matrix a").nth(1).click()
    expect(page.locator("#cell .rel-both").first).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    no_violation(page)


def test_a_cell_opens_in_place_by_keyboard(
    page: Page, live_server: LiveServer, shipped: Study, log_in: LogIn
) -> None:
    log_in(page, "ada")
    page.goto(live_server.url + PAGE)
    page.locator(".rel-matrix a").nth(1).press("Enter")
    expect(page.locator("#cell h3")).to_contain_text("5 claims: coder-1")
    expect(page.locator("#cell .rel-both")).to_have_count(5)
    assert page.url == live_server.url + PAGE
