"""Answers to requests that cannot be served, as whole pages or as fragments."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

FRAGMENT = "annotations/partials/_refusal.html"
PAGE = "annotations/refusal.html"


def _refusal(request: HttpRequest, reason: str, status: int) -> HttpResponse:
    template = FRAGMENT if getattr(request, "htmx", False) else PAGE
    return render(request, template, {"reason": reason, "status": status}, status=status)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """400: the request itself is broken."""
    return _refusal(request, "bad-request", 400)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    """403: a member without the right."""
    return _refusal(request, "forbidden", 403)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """404: no such thing, or none for this person."""
    return _refusal(request, "not-found", 404)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403: the form's token is missing or old, most often after a login in another tab."""
    return _refusal(request, "csrf", 403)
