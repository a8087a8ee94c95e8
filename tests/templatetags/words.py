"""Entries whose words try to break out of what they stand in."""

from __future__ import annotations

import re
from types import SimpleNamespace
from typing import Any

EVIL = "</mark><script>alert('\"&')</script>"
SAFE = "&lt;/mark&gt;&lt;script&gt;alert(&#x27;&quot;&amp;&#x27;)&lt;/script&gt;"


def tag(reported_by: str | None = None) -> Any:
    entry = SimpleNamespace(label=EVIL, slot="support", sign="+")
    messenger = SimpleNamespace(label=reported_by) if reported_by else None
    return SimpleNamespace(
        public_id="key", stance=entry, topic=entry, source=entry, reported_by=messenger, coder="<ada>"
    )


def text(cell: str) -> str:
    """A piece of a page as a person reads it."""
    return " ".join(re.sub(r"<[^>]*>", " ", cell).split())
