"""What a person does in a browser: selects words, chooses in a type-ahead, tags."""

from __future__ import annotations

from playwright.sync_api import Page

#: Selects words in the text as a mouse would, across the boundaries of highlights.
SELECT = """([passage, words]) => {
  const run = document.querySelector(`#p${passage} .run`);
  const at = run.textContent.indexOf(words);
  const find = (offset) => {
    const walker = document.createTreeWalker(run, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      if (offset <= node.data.length) return [node, offset];
      offset -= node.data.length;
    }
  };
  const range = document.createRange();
  range.setStart(...find(at));
  range.setEnd(...find(at + words.length));
  const selection = getSelection();
  selection.removeAllRanges();
  selection.addRange(range);
}"""


def choose(page: Page, label: str, typed: str, option: str) -> None:
    """Types into a type-ahead and takes an option with Enter."""
    field = page.get_by_role("combobox", name=label)
    field.fill(typed)
    page.get_by_role("listbox").get_by_role("option", name=option).first.wait_for()
    field.press("Enter")


def tag(page: Page, stance: str = "Supports") -> None:
    choose(page, "Topic", "minsk", "Minsk agreements")
    page.get_by_role("radio", name=stance).check(force=True)
    choose(page, "Source", "biden", "Joe Biden")
    page.get_by_role("button", name="Save tag").click()
