"""What tests compare of a response's body."""

from __future__ import annotations

import html
import re

from django.http import HttpResponse

TOKEN = re.compile(r'name="(csrfmiddlewaretoken|form_token)" value="[^"]*"')
RUN = re.compile(r'<p class="run"[^>]*>(.*?)</p>', re.DOTALL)


def steady(response: HttpResponse) -> str:
    """The body without the tokens that differ from one answer to the next."""
    return TOKEN.sub(r'name="\1"', response.getvalue().decode())


def words(response: HttpResponse) -> str:
    """What a person reads: no tags, one space between words."""
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", response.content.decode())).split())


def runs(response: HttpResponse) -> list[str]:
    """The text of every passage on the page, code point for code point."""
    found = RUN.findall(response.content.decode())
    return [html.unescape(re.sub(r"<[^>]*>", "", run)) for run in found]
