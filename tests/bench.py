"""`make bench`: costs measured side by side, interleaved, as medians of one run on this machine.

Works on a database of its own in a temporary folder (or DATABASE_URL); nothing of the
portal's is touched. Numbers are CPU and wall time of one process; compare, don't quote.
"""

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any

URL = "/councils/smart-jichitai/2020/"


def interleaved(rounds: int, **timed: Callable[[], object]) -> dict[str, float]:
    """Median milliseconds of each call, run in turn so that the machine's moods hit all alike."""
    times: dict[str, list[float]] = {name: [] for name in timed}
    for _ in range(rounds):
        for name, call in timed.items():
            start = time.perf_counter()
            call()
            times[name].append((time.perf_counter() - start) * 1000)
    return {name: statistics.median(found) for name, found in times.items()}


def print_times(title: str, found: dict[str, float]) -> None:
    sys.stdout.write(f"\n{title}\n")
    for name, milliseconds in found.items():
        sys.stdout.write(f"  {name.replace('_', ' '):<44}{milliseconds:9.2f} ms\n")


def print_rate(bare: float, page: float) -> None:
    sys.stdout.write(f"  the report page runs at {bare / page:.2f} of the bare view's rate (goal: 0.90)\n")


def bench_pages() -> None:
    """The published report against a bare view that returns the same bytes through the same middleware."""
    from django.test import Client

    from council.models import AnnualReport
    from council.publishing.response_cache import _responses
    from council.report.build import build_report
    from tests.bench_app import BARE, add_bare_view

    client = Client()
    etag = client.get(URL)["ETag"]
    add_bare_view(client.get(URL).content)

    def cold() -> None:
        _responses.clear()
        client.get(URL)

    report = AnnualReport.objects.select_related("council_year__council", "grade").get(
        council_year__council__slug="smart-jichitai"
    )
    found = interleaved(
        300,
        bare_view_of_the_same_bytes=lambda: client.get(BARE),
        report_page=lambda: client.get(URL),
        report_page_not_modified=lambda: client.get(URL, headers={"If-None-Match": etag}),
        figure_page=lambda: client.get(f"{URL}figures/progressed/"),
    )
    print_times("Pages (test client, one process)", found)
    print_rate(found["bare_view_of_the_same_bytes"], found["report_page"])
    more = interleaved(10, drawn_from_its_edition=cold, built_from_the_records=lambda: build_report(report))
    print_times("The report, not yet drawn", more)


def bench_http(folder: Path) -> None:
    """The same page as readers get it: by the portal's server, and as a static file."""
    from django.core.management import call_command

    from tests.bench_http import works

    export = folder / "export"
    call_command("export_site", str(export), stdout=StringIO())
    with works(folder, export, URL) as found:
        times = interleaved(300, **found)
    print_times("The published report over HTTP (one worker, one connection)", times)
    print_rate(times["bare_view_over_HTTP"], times["report_page_over_HTTP"])
    if "static_export_behind_nginx" not in times:
        sys.stdout.write("  nginx is not installed: its line is left out\n")


def bench_excel() -> None:
    """Our Excel export against XlsxWriter writing the same cells."""
    import tablib
    import xlsxwriter

    from members.common.files.spreadsheets import XLSX

    table = tablib.Dataset(headers=[f"列{number}" for number in range(20)])
    for row in range(1741):
        table.append([f"回答{row}-{column}" for column in range(20)])

    def theirs() -> None:
        book = xlsxwriter.Workbook(BytesIO(), {"in_memory": True})
        sheet = book.add_worksheet()
        for number, row in enumerate([table.headers, *table]):
            sheet.write_row(number, 0, row)
        book.close()

    found = interleaved(5, xlsxwriter=theirs, ours=lambda: XLSX().export_data(table))
    print_times("Excel, 1,741 rows of 20 cells", found)
    sys.stdout.write(f"  ours takes {found['ours'] / found['xlsxwriter']:.2f} of its time (goal: 1.30)\n")


def bench_growth() -> None:
    """How pages, board and tally grow from 1 to 10 years, and from 28 to 1,741 bodies."""
    from django.test import Client

    from council.models import AnnualReport
    from council.report.build import build_report
    from members.models import CouncilYear
    from surveys.models import Survey
    from surveys.results.disclosure import STAFF, disclosed_results
    from surveys.running.status_board import build_board
    from tests.council.test_report import grow
    from tests.growth import earlier_years

    survey = Survey.objects.get(key="after-meeting", council_year__council__slug="smart-jichitai")
    report = AnnualReport.objects.select_related("council_year__council", "grade").get(
        council_year__council__slug="smart-jichitai"
    )
    client = Client()
    timed: dict[str, Callable[[], Any]] = {
        "report": lambda: build_report(report),
        "board": lambda: build_board(survey),
        "results": lambda: disclosed_results(survey, STAFF),
        "council_page": lambda: client.get("/councils/smart-jichitai/"),
        "organization_page": lambda: client.get("/organizations/242012/"),
        "search": lambda: client.get("/search/?q=報告"),
    }
    print_times("1 year, 28 bodies", interleaved(10, **timed))
    year = CouncilYear.objects.get(council__slug="smart-jichitai")
    earlier_years(year, 9)
    print_times("10 years, 28 bodies", interleaved(10, **timed))
    grow(year, 1713)
    print_times("10 years, 1,741 bodies in the last", interleaved(5, **timed))


def bench_submit() -> None:
    """Handing in an answer, and the same form without a database behind it."""
    from surveys.answering.drafts import load_draft
    from surveys.answering.submitting import submit
    from surveys.models import SurveyTarget

    target = SurveyTarget.objects.for_answering().filter(submission=None, survey__status="open").first()
    if target is None:
        return
    call = load_draft(target)
    names = {
        name: item.choices[0].code for item in call.questionnaire.items if item.choices for name in item.cells
    }
    content = {**names, "respondent_department": "課", "respondent_name": "名"}

    def submit_answer() -> None:
        fresh = load_draft(SurveyTarget.objects.for_answering().get(pk=target.pk))
        submit(fresh, content, channel="web")

    def form_only() -> None:
        call.form(data=content).is_valid()

    from django.db import connection

    title = f"An answer ({connection.vendor})"
    print_times(title, interleaved(60, form_alone=form_only, handed_in_and_stored=submit_answer))


def bench_whole_answer() -> None:
    """Seven requests of an answer to twelve questions, and a plain form of the same fields."""
    from tests.bench_answer import bench_answer

    found = bench_answer()
    print_times("A whole answer (processor time)", found)
    answer, plain = found["whole_answer_in_seven_requests"], found["plain_form_shown_and_posted"]
    sys.stdout.write(f"  the answer costs {answer / plain:.1f} of the plain form's time (goal: 1.0)\n")


def bench_submit_on_postgresql() -> None:
    """The same in a process of its own, on a database made for it; left out where no server answers."""
    import psycopg

    address = os.environ.get("DATABASE_URL_POSTGRES", "postgres://postgres@127.0.0.1:5432/postgres")
    name = f"bench_{os.getpid()}"
    try:
        with psycopg.connect(address, autocommit=True, connect_timeout=3) as server:
            server.execute(f"CREATE DATABASE {name}")
    except psycopg.OperationalError:
        sys.stdout.write("\nNo PostgreSQL answers: the submit there is left out\n")
        return
    sys.stdout.flush()
    env = {**os.environ, "DATABASE_URL": address.rsplit("/", 1)[0] + f"/{name}"}
    try:
        subprocess.run([sys.executable, "-m", "tests.bench", "submit"], env=env, check=True)
    finally:
        with psycopg.connect(address, autocommit=True) as server:
            server.execute(f"DROP DATABASE {name}")


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        os.environ["VAR_DIR"] = folder
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "council.settings")
        import django

        django.setup()
        from django.conf import settings
        from django.core.management import call_command
        from django.utils import timezone

        settings.ALLOWED_HOSTS.append("testserver")
        call_command("collectstatic", interactive=False, verbosity=0)
        call_command("migrate", verbosity=0)
        call_command("createcachetable")
        from council.demo import load

        load(timezone.localdate())
        if alone := {"submit": bench_submit, "answer": bench_whole_answer}.get(" ".join(sys.argv[1:])):
            alone()
            return
        bench_pages()
        bench_http(Path(folder))
        bench_submit()
        # In a process and on a database of its own: its bodies stand in nobody's way.
        sys.stdout.flush()
        subprocess.run([sys.executable, "-m", "tests.bench", "answer"], check=True)
        if settings.DATABASES["default"]["ENGINE"].endswith("sqlite3"):
            bench_submit_on_postgresql()
        bench_excel()
        bench_growth()


if __name__ == "__main__":
    main()
