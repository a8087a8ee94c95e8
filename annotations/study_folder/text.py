"""Normal text: Unicode NFC with LF line ends."""

from __future__ import annotations

import unicodedata


def normal(text: str) -> str:
    """The text in Unicode NFC, every CRLF and lone CR turned into LF. Doing it twice changes nothing."""
    return unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n"))


def printable(text: str, limit: int = 200) -> str:
    """The text on one line, for a message: what cannot be seen is spelled out, what is long is cut."""
    shown = text if len(text) <= limit else f"{text[:limit]}…"
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in shown)
