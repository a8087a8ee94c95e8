"""The formula guard: what keeps a spreadsheet from running a cell of text as a formula.

Every text can be guarded and taken back unchanged, also one that starts with apostrophes itself.
"""

from __future__ import annotations

import re

#: A cell that a spreadsheet may read as a formula, or that was guarded before.
_RISKY = re.compile(r"\A'*(\s*[=+\-@]|[\t\r])")


def guard(text: str) -> str:
    """The text with one apostrophe in front where a spreadsheet might run it."""
    return f"'{text}" if _RISKY.match(text) else text


def unguard(text: str) -> str:
    """The text as it was before ``guard``: one apostrophe comes off where the rest is risky."""
    return text[1:] if text.startswith("'") and _RISKY.match(text[1:]) else text
