"""Django's sessions, found by a statement that is compiled once: every request looks one up."""

from __future__ import annotations

from typing import Any

from django.contrib.sessions.backends.db import SessionStore as DatabaseSessionStore
from django.contrib.sessions.models import Session
from django.db.models import QuerySet
from django.utils import timezone

from annotations.compiled import compiled


class SessionStore(DatabaseSessionStore):
    """Who is logged in, by the key in their cookie."""

    def load(self) -> dict[str, Any]:
        """What the session holds; nothing, and no key, where it is not there or has ended."""
        for stored in _session(self.session_key or ""):
            if stored.expire_date > timezone.now():
                return self.decode(stored.session_data)
        self._session_key = None
        return {}


@compiled(str)
def _session(key: str) -> QuerySet[Session]:
    return Session.objects.filter(session_key=key)
