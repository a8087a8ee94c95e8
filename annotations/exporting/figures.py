"""Figures as SVG files that need nothing beside them."""

from __future__ import annotations

from django.template.loader import render_to_string

from annotations.pages.figures.sheet import Figure


def figure_svg(figure: Figure) -> str:
    """The file as text: its own colours on white, its caption inside, nothing from elsewhere.

    The pages draw the same partial, which escapes every word.
    """
    drawing = render_to_string("annotations/partials/_figure.html", {"figure": figure})
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{drawing}'
