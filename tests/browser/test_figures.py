"""Figures, the report and frozen readings as a person meets them: downloads, offline, and axe."""

from __future__ import annotations

import struct
import xml.etree.ElementTree as ET
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from annotations.models import Study, User
from tests.browser.conftest import Watched
from tests.factories import make_tag

S = "/studies/biden-putin-2021/"
LogIn = Callable[[Page, str], None]
Check = Callable[[Page], None]


def test_a_figure_downloads_as_svg_and_as_png_twice_its_size(
    live_server: LiveServer, page: Page, shipped: Study, log_in: LogIn, tmp_path: Path
) -> None:
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    log_in(page, "ada")
    page.goto(live_server.url + S + "voices/?map=a")
    with page.expect_download() as svg:
        page.get_by_role("link", name="SVG").click()
    svg.value.save_as(tmp_path / "figure.svg")
    root = ET.parse(tmp_path / "figure.svg").getroot()
    with page.expect_download() as png:
        page.get_by_role("button", name="PNG").click()
    assert png.value.suggested_filename == "biden-putin-2021-voices-a.png"
    png.value.save_as(tmp_path / "figure.png")
    head = (tmp_path / "figure.png").read_bytes()[:24]
    assert head[:8] == b"\x89PNG\r\n\x1a\n"
    size = struct.unpack(">II", head[16:24])
    assert size == (2 * int(root.get("width", "")), 2 * int(root.get("height", "")))
    # The policy against foreign content held: nothing was refused.
    assert complaints == []


def test_a_png_that_cannot_be_made_says_so(
    live_server: LiveServer, page: Page, shipped: Study, log_in: LogIn
) -> None:
    log_in(page, "ada")
    page.goto(live_server.url + S + "mediation/")
    page.route("**/figures/**", lambda route: route.fulfill(status=500))
    page.get_by_role("button", name="PNG").click()
    expect(page.get_by_role("alert").filter(has_text="Download the SVG instead.")).to_be_visible()
    expect(page.get_by_role("button", name="PNG")).to_be_enabled()


def test_without_scripts_only_svg_is_offered(
    live_server: LiveServer, browser: Browser, shipped: Study
) -> None:
    Study.objects.update(is_public=True)
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(live_server.url + S + "pairs/")
    expect(page.get_by_role("link", name="SVG")).to_be_visible()
    expect(page.get_by_role("button", name="PNG")).to_be_hidden()
    context.close()


def test_the_reports_file_opens_without_a_network(
    live_server: LiveServer,
    browser: Browser,
    page: Page,
    shipped: Study,
    log_in: LogIn,
    no_violation: Check,
    tmp_path: Path,
) -> None:
    log_in(page, "ada")
    page.goto(live_server.url + S + "report/")
    with page.expect_download() as file:
        page.get_by_role("link", name="Download as one HTML file").click()
    file.value.save_as(tmp_path / "report.html")
    context = browser.new_context(viewport={"width": 390, "height": 844}, offline=True)
    alone, asked = context.new_page(), []
    alone.on("request", lambda request: asked.append(request.url))
    alone.goto((tmp_path / "report.html").as_uri())
    expect(alone.get_by_role("heading", level=1)).to_have_text(shipped.title)
    expect(alone.get_by_role("img", name="Where OSW and PIR Center stand")).to_be_visible()
    assert asked == [(tmp_path / "report.html").as_uri()]
    assert alone.evaluate("document.documentElement.scrollWidth") <= 390
    no_violation(alone)
    context.close()


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [1440, 390])
def test_report_frozen_page_and_stances_break_no_rule(
    live_server: LiveServer,
    watched: Watched,
    shipped: Study,
    log_in: LogIn,
    no_violation: Check,
) -> None:
    page = watched.page
    olga = User.objects.get(username="olga")
    make_tag(shipped, olga, "two hours", "osw", topic="minsk", source="biden", layer="curated")
    log_in(page, "olga")
    page.goto(live_server.url + S + "frozen/")
    page.get_by_label("Title").fill("As published in the report of May")
    page.get_by_role("button", name="Freeze").click()
    expect(page.get_by_text("@misc{summit-")).to_be_visible()
    for address in (page.url, "report/?layer=coded", "topics/troops/?layer=coded", "voices/", "mediation/"):
        page.goto(address if address.startswith("http") else live_server.url + S + address)
        for summary in page.locator("main summary:visible").all():
            summary.click()
        no_violation(page)
        watched.fits(address)
