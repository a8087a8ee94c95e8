"""Screenshots of every page, for the eye: ``make run`` in one terminal, ``make shots`` in another.

Writes ``var/shots/<page>-<width>-<theme>.png``, and prints what the browser's console complained about.
"""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

#: The password of the demonstration accounts, as ``make run`` prints it.
PASSWORD = "summit-demo"

BASE = os.environ.get("SUMMIT", "http://127.0.0.1:8000")
STUDY = "/studies/biden-putin-2021/"
PAGES = {
    "studies": "/",
    "overview": STUDY,
    "code-osw": STUDY + "code/osw/?shown=all&passage=5",
    "code-pir": STUDY + "code/pir-center/?shown=all",
    "compare": STUDY + "compare/?layer=coded",
    "compare-open": STUDY + "compare/?open=troops",
    "topic": STUDY + "topics/guarantee-talks/",
    "source": STUDY + "sources/biden/",
    "voices": STUDY + "voices/?layer=coded",
    "mediation": STUDY + "mediation/?layer=coded",
    "pairs": STUDY + "pairs/?layer=coded&topic=troops",
    "report": STUDY + "report/?layer=coded",
    "frozen": STUDY + "frozen/",
    "annotations": STUDY + "annotations/",
    "codebook": STUDY + "codebook/",
    "import": STUDY + "import/",
}
OUT = Path("var/shots")


def log_in(page: Page, username: str) -> None:
    page.goto(BASE + "/accounts/login/")
    page.get_by_label("User name").fill(username)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("main").get_by_role("button", name="Log in").click()
    page.wait_for_url(BASE + "/")


def main(only: list[str]) -> None:
    OUT.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"),
            args=["--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu"],
        )
        for width, height in ((1440, 900), (390, 844)):
            for theme in ("light", "dark"):
                context = browser.new_context(
                    viewport={"width": width, "height": height}, color_scheme=theme, locale="en-GB"
                )
                page = context.new_page()
                page.on("console", lambda message: sys.stderr.write(f"{message.text}\n"))
                log_in(page, "demo-owner")
                for name, address in PAGES.items():
                    if not only or name in only:
                        page.goto(BASE + address)
                        page.wait_for_timeout(250)
                        page.screenshot(path=OUT / f"{name}-{width}-{theme}.png")
        browser.close()


if __name__ == "__main__":
    main(sys.argv[1:])
