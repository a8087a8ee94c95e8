"""Times every page and counts its queries: ``make benchmark``.

Builds a database of its own, loads the shipped study and a made-up one of 5,000 annotations, and prints,
for each page, the median and the slowest of 21 answers, as milliseconds and as a ratio to the login page
of the same run, and the number of queries. Run it on a quiet machine.
"""

from __future__ import annotations

import os
import statistics
import time
from pathlib import Path

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "summit.settings")
django.setup()

from django.conf import settings  # noqa: E402
from django.db import connection  # noqa: E402
from django.test import Client  # noqa: E402
from django.test.utils import CaptureQueriesContext  # noqa: E402

from annotations.importing.folder import load_folder  # noqa: E402
from annotations.models import Membership, Study, User  # noqa: E402
from benchmarks.study import build_study  # noqa: E402

RUNS = 21
SHIPPED = {
    "overview": "/studies/{study}/",
    "workbench, A": "/studies/{study}/code/osw/?shown=all",
    "workbench, B": "/studies/{study}/code/pir-center/?shown=all",
    "comparison": "/studies/{study}/compare/",
    "comparison, a row open": "/studies/{study}/compare/?open=troops",
    "topic": "/studies/{study}/topics/troops/",
    "source": "/studies/{study}/sources/biden/",
    "annotations": "/studies/{study}/annotations/",
    "annotations.csv": "/studies/{study}/annotations.csv",
    "compare.csv": "/studies/{study}/compare.csv",
}
LARGE = {
    "overview": "/studies/{study}/",
    "workbench": "/studies/{study}/code/document-one/",
    "comparison": "/studies/{study}/compare/",
    "topic": "/studies/{study}/topics/topic-0-0/",
    "annotations": "/studies/{study}/annotations/",
    "annotations.csv": "/studies/{study}/annotations.csv",
}


def answer(client: Client, address: str) -> float:
    """Milliseconds until the last byte of an answer."""
    begin = time.perf_counter()
    response = client.get(address)
    body = b"".join(response.streaming_content) if response.streaming else response.content
    assert response.status_code == 200, (address, response.status_code)
    assert body
    return (time.perf_counter() - begin) * 1000


def measure(client: Client, address: str) -> tuple[float, float, int]:
    """Median and slowest of ``RUNS`` answers, and the queries of one."""
    answer(client, address)
    with CaptureQueriesContext(connection) as queries:
        answer(client, address)
    count = len(queries)  # at once: the next request empties the log
    times = [answer(client, address) for _ in range(RUNS)]
    return statistics.median(times), max(times), count


def member(study: Study) -> Client:
    user = User.objects.create_user(f"curator-of-{study.slug}")
    Membership.objects.create(study=study, user=user, role="curator")
    client = Client()
    client.force_login(user, backend="annotations.permissions.SummitBackend")
    return client


def table(title: str, study: Study, pages: dict[str, str], login: float) -> None:
    client = member(study)
    print(f"\n{title} ({connection.vendor})\n")
    print("| page | median ms | slowest ms | × login page | queries |\n|---|---:|---:|---:|---:|")
    for name, address in pages.items():
        median, slowest, queries = measure(client, address.format(study=study.slug))
        print(f"| {name} | {median:.1f} | {slowest:.1f} | {median / login:.1f} | {queries} |")


def main() -> None:
    settings.DEBUG = False
    settings.ALLOWED_HOSTS = ["testserver"]
    connection.creation.create_test_db(verbosity=0, autoclobber=True)
    try:
        login, _slowest, _queries = measure(Client(), "/accounts/login/")
        print(f"login page: {login:.1f} ms")
        shipped = load_folder(Path(settings.BASE_DIR) / "seeds" / "biden-putin-2021").study
        table("The shipped study: 218 annotations", shipped, SHIPPED, login)
        large = build_study("large", passages=200, annotations=5000)
        table("A made-up study: 2 × 200 passages, 5,000 annotations", large, LARGE, login)
    finally:
        connection.creation.destroy_test_db(settings.DATABASES["default"]["NAME"], verbosity=0)


if __name__ == "__main__":
    main()
