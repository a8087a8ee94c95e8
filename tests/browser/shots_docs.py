"""The screenshots of ``docs/comparison.md``: ``make run`` in one terminal, ``make shots-docs`` in another.

Writes ``docs/images/comparison-<page>-<width>-<theme>.png``; ``SUMMIT`` says where the study is served.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from tests.browser.shots import BASE, STUDY, log_in

#: Every page with its address, and whether it is shown in all widths and themes.
PAGES: dict[str, tuple[str, bool]] = {
    "compare": ("compare/?layer=coded", True),
    "topic": ("topics/nato-presence/?layer=coded", True),
    "read": ("read/?layer=coded&topic=guarantee-talks", False),
    "voices": ("voices/?layer=coded", False),
    "mediation": ("mediation/?layer=coded", False),
    "silence": ("silence/?layer=coded", False),
    "report": ("report/?layer=coded", False),
}
SIZES = ((1440, 900), (390, 844))
THEMES = ("light", "dark")
#: What is shown of a page that is not shown in full: the desk by day, the phone by night.
FEW = ((1440, "light"), (390, "dark"))
OUT = Path("docs/images")
#: A picture in the repository is no larger than this.
LARGEST = 250_000


def shoot(page: Page, name: str, width: int, theme: str) -> None:
    address, _every = PAGES[name]
    page.goto(BASE + STUDY + address)
    page.wait_for_timeout(250)
    path = OUT / f"comparison-{name}-{width}-{theme}.png"
    page.screenshot(path=path)
    if path.stat().st_size > LARGEST:
        sys.stderr.write(f"{path} is larger than {LARGEST} bytes\n")


def main(only: list[str]) -> None:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"),
            args=["--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu"],
        )
        for width, height in SIZES:
            for theme in THEMES:
                context = browser.new_context(
                    viewport={"width": width, "height": height}, color_scheme=theme, locale="en-GB"
                )
                page = context.new_page()
                log_in(page, "demo-owner")
                for name, (_address, every) in PAGES.items():
                    if (every or (width, theme) in FEW) and (not only or name in only):
                        shoot(page, name, width, theme)
                context.close()
        browser.close()


if __name__ == "__main__":
    main(sys.argv[1:])
