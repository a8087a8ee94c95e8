"""Logging in: on a page of its own, or inside a page from which the login was lost."""

from __future__ import annotations

from typing import cast

from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.views import LoginView
from django.http import HttpResponse
from django.shortcuts import render
from django_htmx.http import trigger_client_event

from annotations.access import LOGIN_NEEDED, SummitRequest


class LogIn(LoginView):
    """Django's login. Sent by htmx, it leaves the page where it is: 204 and the event ``logged-in``, which
    says who it is now, or the form with what is wrong with it."""

    def form_valid(self, form: AuthenticationForm) -> HttpResponse:
        response = super().form_valid(form)
        if not self._is_fragment:
            return response
        user = form.get_user()
        said = {"user": str(user.pk), "username": user.get_username()}
        return trigger_client_event(HttpResponse(status=204), "logged-in", said)

    def form_invalid(self, form: AuthenticationForm) -> HttpResponse:
        if not self._is_fragment:
            return super().form_invalid(form)
        is_locked_out = bool(getattr(self.request, "axes_locked_out", False))
        # Else the middleware of axes puts its whole page in the place of this answer.
        self.request.axes_locked_out = False  # type: ignore[attr-defined]
        context = {"form": form, "is_locked_out": is_locked_out}
        return render(self.request, LOGIN_NEEDED, context, status=429 if is_locked_out else 422)

    @property
    def _is_fragment(self) -> bool:
        return bool(cast(SummitRequest, self.request).htmx)
