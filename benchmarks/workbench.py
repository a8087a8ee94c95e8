"""Times the workbench over HTTP: ``make benchmark-workbench``.

Builds databases of its own on SQLite and, where one answers, on PostgreSQL; serves them by gunicorn as
production does; and prints, for a document of 40 and one of 3,000 passages with 20,000 tags by four coders,
the median and the 95th percentile of opening it and of saving, changing and withdrawing a tag. Beside them
stands a bare Django save (session, login, CSRF, one INSERT) under the same server in the same run: the acts
take turns, so that a noisy moment hits them alike. Then eight coders save at once.

``BENCHMARK_POSTGRES`` is the address of a PostgreSQL server whose databases ``summit_benchmark`` and
``summit_benchmark_bare`` it may drop; ``BENCHMARK_ROUNDS`` the number of rounds.
"""

from __future__ import annotations

import http.client
import json
import os
import secrets
import socket
import statistics
import subprocess
import sys
import threading
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlencode

ROOT = Path(__file__).resolve().parent.parent
POSTGRES = os.environ.get("BENCHMARK_POSTGRES", "postgresql://postgres@127.0.0.1:5432/postgres")
ROUNDS = int(os.environ.get("BENCHMARK_ROUNDS", "150"))
WARM_UP = 15
EACH_AT_ONCE = 25
SIZES = (40, 3000)
ACTS = ("open", "save", "change", "withdraw")
BARE = "a bare Django save"
SECRET = secrets.token_urlsafe(60)

Times = dict[str, list[float]]


@dataclass
class Person:
    """One browser: a connection that is kept, a session, a token."""

    port: int
    session: str
    token: str = field(default_factory=lambda: secrets.token_hex(16))
    connection: http.client.HTTPConnection | None = None

    def send(self, method: str, path: str, data: dict[str, object] | None = None) -> tuple[int, bytes, float]:
        """Status, body and milliseconds until its last byte."""
        if self.connection is None:
            self.connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        headers = {"Cookie": f"sessionid={self.session}; csrftoken={self.token}", "X-CSRFToken": self.token}
        body = None
        if data is not None:
            body = urlencode(data)
            headers |= {"Content-Type": "application/x-www-form-urlencoded"}
            # As the page sends it: its form and its buttons have the list of tags as their target.
            headers |= {"HX-Request": "true", "HX-Target": "tags"}
        begin = time.perf_counter()
        self.connection.request(method, path, body, headers)
        response = self.connection.getresponse()
        content = response.read()
        return response.status, content, (time.perf_counter() - begin) * 1000


@dataclass
class Bench:
    """The workbench of one document, in the hands of one coder."""

    person: Person
    passages: int
    places: list[tuple[int, int, int]]
    made: int = 0

    @property
    def code(self) -> str:
        return f"/studies/study-{self.passages}/code/document-one/"

    def said(self, **more: object) -> dict[str, object]:
        """A tag that nobody has made yet: another passage, and after a round of them another topic."""
        turn, at = divmod(self.made, len(self.places))
        number, start, end = self.places[at]
        self.made += 1
        topic = f"topic-{turn // 6 % 4}-{turn % 6}"
        words = {"passage": number, "start": start, "end": end, "topic": topic, "stance": "support"}
        return words | {"source": f"source-{1 + turn // 24}", "reported_by": "", "note": "", **more}

    def round(self) -> Iterator[tuple[str, float]]:
        """Opens the document, saves a tag, changes it, withdraws it."""
        yield "open", self._do("GET", self.code, None, 200)[1]
        said = self.said()
        body, took = self._do("POST", self.code + "tags/", said, 201)
        yield "save", took
        # The answer lists the passage's tags: the new one is the one on the words that were sent.
        key = _key_of(body.decode(), said)
        tag = f"{self.code}tags/{key}/"
        yield "change", self._do("POST", tag, said | {"stance": "oppose", "version": 1}, 200)[1]
        yield "withdraw", self._do("POST", tag + "withdraw/", {"version": 2}, 200)[1]

    def _do(self, method: str, path: str, data: dict[str, object] | None, status: int) -> tuple[bytes, float]:
        found, body, took = self.person.send(method, path, data)
        assert found == status, (method, path, found, body[:400])
        return body, took


def _key_of(page: str, said: dict[str, object]) -> str:
    place = f'data-span="{said["passage"]}:{said["start"]}:{said["end"]}"'
    return page.split(place)[0].rsplit('href="#q-', 1)[1].split('"')[0]


# --- databases and servers -------------------------------------------------------------------------------


@dataclass(frozen=True)
class Database:
    name: str
    summit: str
    bare: str


def databases() -> list[Database]:
    """SQLite in files of its own; PostgreSQL where one answers."""
    folder = ROOT / "var"
    folder.mkdir(exist_ok=True)
    files = [folder / f"benchmark-{name}.sqlite3" for name in ("summit", "bare")]
    for file in files:
        for path in folder.glob(file.name + "*"):
            path.unlink()
    found = [Database("SQLite", *(f"sqlite:///{file}" for file in files))]
    try:
        import psycopg

        with psycopg.connect(POSTGRES, autocommit=True, connect_timeout=3) as server:
            for name in ("summit_benchmark", "summit_benchmark_bare"):
                server.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
                server.execute(f"CREATE DATABASE {name}")
    except (ImportError, psycopg.OperationalError) as error:
        print(f"PostgreSQL is left out: {error}", file=sys.stderr)
        return found
    base = POSTGRES.rsplit("/", 1)[0]
    return [*found, Database("PostgreSQL", f"{base}/summit_benchmark", f"{base}/summit_benchmark_bare")]


def environment(database: Database, settings: str) -> dict[str, str]:
    """As production is configured, but for TLS."""
    return {
        **os.environ,
        "DEBUG": "0",
        "PLAIN_HTTP": "1",
        "SECRET_KEY": SECRET,
        "ALLOWED_HOSTS": "127.0.0.1",
        "LOG_LEVEL": "WARNING",
        "DATABASE_URL": database.summit,
        "BARE_DATABASE_URL": database.bare,
        "DJANGO_SETTINGS_MODULE": settings,
    }


def stage(database: Database, act: str) -> dict[str, object]:
    settings = "benchmarks.bare.settings" if act == "bare" else "summit.settings"
    command = [sys.executable, "-m", "benchmarks.stage", act]
    done = subprocess.run(
        command, cwd=ROOT, env=environment(database, settings), capture_output=True, text=True
    )
    if done.returncode:
        raise SystemExit(done.stderr)
    found: dict[str, object] = json.loads(done.stdout.splitlines()[-1])
    return found


@contextmanager
def serving(database: Database, settings: str, application: str) -> Iterator[int]:
    """gunicorn on a free port: one process, four threads."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "gunicorn", application, "--bind", f"127.0.0.1:{port}"]
    command += ["--workers", "1", "--threads", "4", "--keep-alive", "30", "--log-level", "warning"]
    server = subprocess.Popen(command, cwd=ROOT, env=environment(database, settings))
    try:
        for _ in range(200):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.1)
        yield port
    finally:
        server.terminate()
        server.wait(timeout=20)


# --- what is measured ------------------------------------------------------------------------------------


def measure(database: Database) -> tuple[Times, str]:
    """Milliseconds of every act, and what eight coders at once came to."""
    bare, staged = stage(database, "bare"), stage(database, "summit")
    times: Times = defaultdict(list)
    with (
        serving(database, "benchmarks.bare.settings", "benchmarks.bare.app") as bare_port,
        serving(database, "summit.settings", "summit.wsgi") as port,
    ):
        nobody = Person(bare_port, str(bare["session"]))
        benches = [
            Bench(Person(port, staged[str(size)]["sessions"][0]), size, staged[str(size)]["places"])
            for size in SIZES
        ]
        for turn in range(WARM_UP + ROUNDS):
            # From the second bench on every other turn, so that none always comes after the same act.
            for bench in benches if turn % 2 else reversed(benches):
                row = {"start": 7, "end": 40, "quote": "words " * 8}
                status, _body, took = nobody.send("POST", "/rows/", row)
                assert status == 201, status
                found = [(BARE, took), *((f"{act} {bench.passages}", ms) for act, ms in bench.round())]
                for name, ms in found if turn >= WARM_UP else ():
                    times[name].append(ms)
        at_once = all_at_once(port, staged["3000"])
    counted = stage(database, "count")
    return times, f"{at_once}; {counted['tags']} tags and {counted['history']} lines of history are stored."


def all_at_once(port: int, staged: dict[str, list[object]]) -> str:
    """Eight coders save on the same document at the same time."""
    statuses: list[int] = []
    took: list[float] = []

    def code(bench: Bench) -> None:
        for _ in range(EACH_AT_ONCE):
            status, _body, ms = bench.person.send("POST", bench.code + "tags/", bench.said(note="at once"))
            statuses.append(status)
            took.append(ms)

    # Past the places that were measured, so that no tag is equal to another.
    benches = [
        Bench(Person(port, str(key)), 3000, staged["places"], made=3000 * 30) for key in staged["sessions"]
    ]
    threads = [threading.Thread(target=code, args=(bench,)) for bench in benches]
    begin = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    seconds = time.perf_counter() - begin
    sent = len(benches) * EACH_AT_ONCE
    refused = sent - statuses.count(201)
    return (
        f"{len(benches)} coders at once sent {sent} saves in {seconds:.1f} s "
        f"(median {statistics.median(took):.0f} ms, p95 {percentile(took):.0f} ms): {refused} were not saved"
    )


def percentile(values: list[float]) -> float:
    return statistics.quantiles(values, n=20)[-1]


def table(database: Database, times: Times, at_once: str) -> str:
    bare = statistics.median(times[BARE])
    lines = [
        f"### {database.name}\n",
        "| act | passages | median ms | p95 ms | × bare save | × 40 passages | n |",
        "|---|---:|---:|---:|---:|---:|---:|",
        f"| {BARE} | | {bare:.1f} | {percentile(times[BARE]):.1f} | 1.00 | | {len(times[BARE])} |",
    ]
    for act in ACTS:
        small = statistics.median(times[f"{act} {SIZES[0]}"])
        for size in SIZES:
            found = times[f"{act} {size}"]
            median = statistics.median(found)
            lines.append(
                f"| {act} | {size:,} | {median:.1f} | {percentile(found):.1f} | {median / bare:.2f} "
                f"| {median / small:.2f} | {len(found)} |"
            )
    return "\n".join([*lines, "", at_once, ""])


def main() -> None:
    settings = environment(Database("", "", ""), "summit.settings")
    settings.pop("DATABASE_URL")
    collect = [sys.executable, "manage.py", "collectstatic", "--noinput", "-v", "0"]
    subprocess.run(collect, cwd=ROOT, env=settings, check=True)
    for database in databases():
        times, at_once = measure(database)
        print(table(database, times, at_once), flush=True)


if __name__ == "__main__":
    main()
