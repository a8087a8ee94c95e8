"""Times the comparison of studies of three sizes: ``make benchmark-comparison``.

Builds a database of its own on SQLite and, where one answers, on PostgreSQL, with studies of 1,000, 100,000
and 1,000,000 annotations in 2 and in 12 documents, and prints for each, as medians of turns that are taken
one after the other in one run:

- the aggregates that the comparison stands on, as bare SQL through the same connection;
- the comparison page made anew, as an owner sees it (the coded layer, all coders), with the intervals of its
  distances, and without what they took in the same turn; as × of the bare SQL;
- the same page asked for by who has it already: 304.

Beside them the uncertainty of all topics of the shipped study. Times are of Django's test client in one
process: from the request to the last byte, without the network. ``BENCHMARK_SIZES`` and
``BENCHMARK_DOCUMENTS`` choose less (``BENCHMARK_SIZES=1000,100000``), ``BENCHMARK_ROUNDS`` the turns, and
``BENCHMARK_POSTGRES`` the server whose database ``summit_benchmark_comparison`` it may drop. What it has
built it takes away.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
POSTGRES = os.environ.get("BENCHMARK_POSTGRES", "postgresql://postgres@127.0.0.1:5432/postgres")
SIZES = tuple(int(n) for n in os.environ.get("BENCHMARK_SIZES", "1000,100000,1000000").split(","))
DOCUMENTS = tuple(int(n) for n in os.environ.get("BENCHMARK_DOCUMENTS", "2,12").split(","))
ROUNDS = int(os.environ.get("BENCHMARK_ROUNDS", "9"))
NAME = "summit_benchmark_comparison"

#: Every passage says this, and 24 tags stand in it: six places, each by four coders.
TEXT = (
    "talks border treaty envoy summit pledge troops gas pipeline sanction ally round table draft offer line"
)
TAGS_A_PASSAGE, CODERS, QUOTE = 24, 4, 12
ACTS = ("bare SQL", "page", "page with intervals", "unchanged")


# --- building: everything by the database itself, under every constraint and trigger ---------------------

PASSAGES = """
INSERT INTO annotations_passage (document_id, number, kind, start, "end", text, folded)
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < %(passages)s)
SELECT d.id, n.i, 'paragraph', (n.i - 1) * %(step)s, (n.i - 1) * %(step)s + %(length)s, %(text)s, ''
FROM n CROSS JOIN annotations_document d WHERE d.study_id = %(study)s
"""

# As in real studies, few of all combinations occur: a topic has five sources, a source leans to one stance
# and has two messengers; documents lean to different stances.
ANNOTATIONS = """
INSERT INTO annotations_annotation (
    public_id, study_id, document_id, passage_id, start, "end", quote, topic_id, stance_id, source_id,
    reported_by_id, coder_id, layer, uncertain, note, created_at, updated_at, version,
    changed_after_reopening, statement_version, guidelines_version)
WITH RECURSIVE t(j) AS (SELECT 0 UNION ALL SELECT j + 1 FROM t WHERE j < %(tags)s - 1),
said AS (
    SELECT p.id AS passage, p.document_id AS document, p.start AS begins, t.j AS j, d.position AS place,
           (p.id * 24 + t.j) AS key,
           ((p.number * 7919 + (t.j / %(coders)s) * 104729) %% 65521) AS h
    FROM annotations_passage p JOIN annotations_document d ON d.id = p.document_id CROSS JOIN t
    WHERE d.study_id = %(study)s),
meant AS (
    SELECT said.*, h %% 24 AS topic, (h %% 24 * 3 + h / 24 %% 5) %% 12 AS source, h / 120 %% 10 AS luck,
           h / 1200 %% 3 AS way, j %% %(coders)s AS coder
    FROM said)
SELECT {uuid}, %(study)s, m.document, m.passage, m.begins + (m.j / %(coders)s) * 14,
       m.begins + (m.j / %(coders)s) * 14 + %(quote)s,
       substr(%(text)s, (m.j / %(coders)s) * 14 + 1, %(quote)s),
       topics.id, stances.id, sources.id,
       CASE WHEN m.way = 0 THEN messengers.id END, people.id, 'coded', {false}, '', {now}, {now}, 1,
       {false}, 1, 1
FROM meant m
JOIN benchmark_place topics ON topics.kind = 'topic' AND topics.place = m.topic
JOIN benchmark_place stances ON stances.kind = 'stance'
    AND stances.place = (m.topic + m.source + m.place %% 3
                         + CASE WHEN m.luck < 7 THEN 0 ELSE m.luck + m.coder END) %% 4
JOIN benchmark_place sources ON sources.kind = 'source' AND sources.place = m.source
JOIN benchmark_place messengers ON messengers.kind = 'source'
    AND messengers.place = (m.source + 1 + m.h %% 2) %% 12
JOIN benchmark_place people ON people.kind = 'coder' AND people.place = m.coder
"""

WORDS = {
    "sqlite": {"uuid": "printf('%%032x', m.key)", "false": "0", "now": "CURRENT_TIMESTAMP"},
    "postgresql": {
        "uuid": "lpad(to_hex(m.key), 32, '0')::uuid",
        "false": "FALSE",
        "now": "CURRENT_TIMESTAMP",
    },
}


def build(slug: str, annotations: int, documents: int) -> Any:
    """A study of this size; four coders who have finished every document, and an owner."""
    from django.db import connection, transaction

    from annotations.models import Completion, Document, Membership, Study, User
    from benchmarks.study import make_codebook

    passages = -(-annotations // (TAGS_A_PASSAGE * documents))
    tags = min(TAGS_A_PASSAGE, annotations // (passages * documents))
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            # Room for the indexes, while a million rows go into them; it is given back before measuring.
            cursor.execute("PRAGMA cache_size = -800000")
    with transaction.atomic():
        study = Study.objects.create(slug=slug, title=f"{annotations:,} annotations")
        topics, stances, sources = make_codebook(study)
        people = [User.objects.get_or_create(username=f"coder-{n}")[0] for n in range(CODERS)]
        owner = User.objects.get_or_create(username="owner")[0]
        Membership.objects.bulk_create(Membership(study=study, user=one, role="coder") for one in people)
        Membership.objects.create(study=study, user=owner, role="owner")
        text = "\n\n".join([TEXT] * passages) + "\n"
        for position in range(documents):
            document = Document.objects.create(
                study=study,
                slug=f"document-{position}",
                position=position,
                file=f"{position}.txt",
                title=f"Document {position}",
                publisher=f"Publisher {position}",
                text=text,
                characters=len(text),
            )
            Completion.objects.bulk_create(Completion(document=document, coder=one) for one in people)
        words = {"study": study.pk, "text": TEXT, "length": len(TEXT), "step": len(TEXT) + 2}
        words |= {"passages": passages, "tags": tags, "coders": CODERS, "quote": QUOTE}
        with connection.cursor() as cursor:
            cursor.execute("CREATE TEMPORARY TABLE benchmark_place (kind TEXT, place INTEGER, id BIGINT)")
            for kind, rows in (
                ("topic", topics),
                ("stance", stances),
                ("source", sources),
                ("coder", people),
            ):
                cursor.executemany(
                    "INSERT INTO benchmark_place VALUES (%s, %s, %s)",
                    [(kind, place, row.pk) for place, row in enumerate(rows)],
                )
            cursor.execute(PASSAGES, words)
            cursor.execute(ANNOTATIONS.format(**WORDS[connection.vendor]), words)
            cursor.execute("DROP TABLE benchmark_place")
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE" if connection.vendor == "postgresql" else "ANALYZE")
    # A new connection has the settings that Summit has.
    connection.close()
    return study


# --- measuring ---------------------------------------------------------------------------------------------


@contextmanager
def asked() -> Iterator[list[tuple[str, Any]]]:
    """The statements that group annotations while this lasts, with their values."""
    from django.db import connection

    found: list[tuple[str, Any]] = []

    def keep(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        if "GROUP BY" in sql and '"annotations_annotation"' in sql:
            found.append((sql, params))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(keep):
        yield found


def ms(act: Callable[[], object]) -> float:
    begin = time.perf_counter()
    act()
    return (time.perf_counter() - begin) * 1000


def measure(study: Any) -> dict[str, Any]:
    """Milliseconds of each act, turn by turn."""
    from django.conf import settings
    from django.db import connection
    from django.http import QueryDict
    from django.test import Client

    from annotations.access import Visit
    from annotations.enums import Role
    from annotations.models import User
    from annotations.pages.reading import load_compared

    owner = User.objects.get(username="owner")
    client = Client(HTTP_HOST="127.0.0.1")
    client.force_login(owner, backend=settings.AUTHENTICATION_BACKENDS[-1])
    client.cookies[settings.CSRF_COOKIE_NAME] = "a" * 32
    address = f"/studies/{study.slug}/compare/"
    client.get(address)
    with asked() as statements:
        first = client.get(address)
    assert first.status_code == 200, first.status_code
    visit = Visit(study, owner, Role.OWNER)

    def bare() -> None:
        with connection.cursor() as cursor:
            for sql, params in statements:
                cursor.execute(sql, params)
                cursor.fetchall()

    def page() -> None:
        assert client.get(address).status_code == 200

    def unchanged() -> None:
        assert client.get(address, headers={"If-None-Match": first["ETag"]}).status_code == 304

    def loaded(*, with_intervals: bool) -> float:
        return ms(lambda: load_compared(visit, QueryDict(), with_intervals=with_intervals))

    times: dict[str, list[float]] = {act: [] for act in ACTS}
    for _ in range(ROUNDS):
        times["bare SQL"].append(ms(bare))
        times["page with intervals"].append(ms(page))
        intervals = loaded(with_intervals=True) - loaded(with_intervals=False)
        times["page"].append(times["page with intervals"][-1] - max(0.0, intervals))
        times["unchanged"].append(ms(unchanged))
    compared = load_compared(visit, QueryDict())
    return {
        "times": {act: statistics.median(found) for act, found in times.items()},
        "slowest": {act: max(found) for act, found in times.items()},
        "tags": compared.n,
        "tallies": len(compared.tallies),
        "statements": len(statements),
    }


def uncertainty() -> float:
    """The intervals of all topics of the shipped study: what they add to a comparison."""
    from django.core.management import call_command
    from django.http import QueryDict

    from annotations.access import Visit
    from annotations.enums import Role
    from annotations.models import Study, User
    from annotations.pages.reading import load_compared
    from annotations.study_folder.shipped import SHIPPED

    call_command("load_study", str(ROOT / "seeds" / SHIPPED), stdout=open(os.devnull, "w"))  # noqa: SIM115
    owner = User.objects.get_or_create(username="owner")[0]
    visit = Visit(Study.objects.get(slug=SHIPPED), owner, Role.OWNER)
    found = []
    for _ in range(ROUNDS):
        whole = ms(lambda: load_compared(visit, QueryDict(), with_intervals=True))
        found.append(whole - ms(lambda: load_compared(visit, QueryDict())))
    return statistics.median(found)


def stage() -> None:
    """Run in a process of its own for each database; prints JSON, a line for each study."""
    from django.core.management import call_command
    from django.core.servers.basehttp import get_internal_wsgi_application

    # A process as a server has it.
    get_internal_wsgi_application()
    call_command("migrate", verbosity=0, interactive=False)
    print(json.dumps({"uncertainty": uncertainty()}), flush=True)
    for size in SIZES:
        for documents in DOCUMENTS:
            begin = time.perf_counter()
            study = build(f"study-{size}-{documents}", size, documents)
            built = time.perf_counter() - begin
            found = {"size": size, "documents": documents, "built": built, **measure(study)}
            print(json.dumps(found), flush=True)


# --- the run -----------------------------------------------------------------------------------------------


@contextmanager
def databases() -> Iterator[dict[str, str]]:
    """Addresses of empty databases by name; taken away again."""
    file = ROOT / "var" / "benchmark-comparison.sqlite3"
    file.parent.mkdir(exist_ok=True)
    found = {"SQLite": f"sqlite:///{file}"}
    server = None
    try:
        import psycopg

        server = psycopg.connect(POSTGRES, autocommit=True, connect_timeout=3)
    except (ImportError, psycopg.OperationalError) as error:
        print(f"PostgreSQL is left out: {error}", file=sys.stderr)

    def clear() -> None:
        for path in file.parent.glob(file.name + "*"):
            path.unlink()
        if server is not None:
            server.execute(f"DROP DATABASE IF EXISTS {NAME} WITH (FORCE)")

    clear()
    if server is not None:
        server.execute(f"CREATE DATABASE {NAME}")
        found["PostgreSQL"] = f"{POSTGRES.rsplit('/', 1)[0]}/{NAME}"
    try:
        yield found
    finally:
        clear()


def run(name: str, address: str) -> None:
    """Builds and measures in a process of its own, and prints the table as it grows."""
    from benchmarks.workbench import Database, environment

    settings = environment(Database(name, address, address), "summit.settings")
    command = [sys.executable, "-m", "benchmarks.comparison", "stage"]
    print(f"### {name}\n")
    with subprocess.Popen(command, cwd=ROOT, env=settings, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        shipped = json.loads(process.stdout.readline())["uncertainty"]
        print(f"The uncertainty of all topics of the shipped study took {shipped:.0f} ms.\n")
        heads = ["annotations", "documents", "tags compared", "tallies", *(f"{act} ms" for act in ACTS)]
        print("| " + " | ".join([*heads, "page ÷ bare SQL"]) + " |")
        print("|" + "---:|" * (len(heads) + 1), flush=True)
        for line in process.stdout:
            print(row_of(json.loads(line)), flush=True)
    print()
    if process.returncode:
        raise SystemExit(process.returncode)


def row_of(found: dict[str, Any]) -> str:
    times = found["times"]
    cells = [f"{found['size']:,}", str(found["documents"]), f"{found['tags']:,}", f"{found['tallies']:,}"]
    cells += [f"{times[act]:.1f}" for act in ACTS]
    return "| " + " | ".join([*cells, f"{times['page'] / times['bare SQL']:.2f}"]) + " |"


def main() -> None:
    from benchmarks.workbench import Database, environment

    settings = environment(Database("", "", ""), "summit.settings")
    settings.pop("DATABASE_URL")
    collect = [sys.executable, "manage.py", "collectstatic", "--noinput", "-v", "0"]
    subprocess.run(collect, cwd=ROOT, env=settings, check=True)
    with databases() as found:
        for name, address in found.items():
            run(name, address)


if __name__ == "__main__":
    stage() if sys.argv[1:] == ["stage"] else main()
