"""What the workbench's benchmark stands on: two studies, people who are logged in, and what they may tag.

Run by ``benchmarks.workbench`` in a process of its own for each database; prints JSON.
"""

from __future__ import annotations

import json
import sys

import django
from django.conf import settings

#: Passages, and tags by four coders, of the one document of each study: as dense in both.
SIZES = {40: 267, 3000: 20_000}
#: Coders at once: four of the study's own and four more.
AT_ONCE = 8


def session_of(user: object) -> str:
    """The key of a session in which this person is logged in."""
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
    from django.contrib.sessions.backends.db import SessionStore

    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)  # type: ignore[attr-defined]
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[-1]
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()  # type: ignore[attr-defined]
    session.create()
    return str(session.session_key)


def stage_bare() -> dict[str, object]:
    from django.contrib.auth.models import User

    return {"session": session_of(User.objects.create_user("ada"))}


def stage_summit() -> dict[str, object]:
    from annotations.models import Completion, Membership, Passage, User
    from benchmarks.study import build_study

    staged: dict[str, object] = {}
    for passages, tags in SIZES.items():
        study = build_study(f"study-{passages}", passages=passages, annotations=tags, documents=1)
        Completion.objects.all().delete()
        names = [f"study-{passages}-coder-{n}" for n in range(1, AT_ONCE + 1)]
        people = [User.objects.get_or_create(username=name)[0] for name in names]
        for user in people:
            Membership.objects.get_or_create(study=study, user=user, defaults={"role": "coder"})
        texts = Passage.objects.filter(document__study=study).order_by("number")
        staged[str(passages)] = {
            "sessions": [session_of(user) for user in people],
            # The first ten words of each passage: longer than any quote that is there.
            "places": [
                (number, start, start + len(" ".join(text.split(" ")[:10])))
                for number, start, text in texts.values_list("number", "start", "text")
            ],
        }
    return staged


def count() -> dict[str, int]:
    """Active tags and their lines in the history, by study."""
    from annotations.models import Annotation

    tags = Annotation.objects.filter(document__study__slug="study-3000")
    return {
        "tags": tags.filter(note="at once").count(),
        "history": Annotation.history.filter(note="at once").count(),
    }


def main() -> None:
    django.setup()
    from django.core.management import call_command
    from django.db import connection

    act = sys.argv[1]
    if act == "count":
        print(json.dumps(count()))
        return
    call_command("migrate", verbosity=0, interactive=False)
    if act == "bare":
        call_command("migrate", run_syncdb=True, verbosity=0, interactive=False)
    staged = stage_bare() if act == "bare" else stage_summit()
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    print(json.dumps(staged))


if __name__ == "__main__":
    main()
