"""Many hand in at once, the server is killed, two mail runs overlap: nothing is lost or doubled.

Real processes on a database of their own: a SQLite file, or on PostgreSQL a
database that is made for the test.
"""

import os
import re
import signal
import socket
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.cookiejar import CookieJar
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller

from tests.own_portal import Portal, own_portal

SUBMITTERS = 64

PREPARE = f"""
import json
from surveys.running.lifecycle import issue_links
from tests import factories
survey = factories.survey(factories.council_year())
factories.question(survey, "はい", "いいえ", key="one")
factories.question(survey, key="note", kind="text")
targets = [factories.target(survey, emails=f"m{{n}}@example.jp") for n in range({SUBMITTERS})]
print(json.dumps([link.token for link in issue_links(targets)]))
"""

REPORT = """
import json
from surveys.models import Submission
from members.common.merging import digest

rows = []
for submission in Submission.objects.prefetch_related("answers", "revisions"):
    revisions = list(submission.revisions.all())
    whole = len(submission.answers.all()) == 2 and len(revisions) == 1
    whole = whole and revisions[0].content_hash == submission.content_hash == digest(revisions[0].content)
    rows.append([submission.answers.get(question__key="note").text if whole else "", whole])
print(json.dumps(rows))
"""

QUEUE = """
from django.contrib.auth.models import User
from surveys.running.mailing import queue_mailing
from surveys.models import Survey
survey = Survey.objects.get()
chosen = set(survey.targets.values_list("pk", flat=True))
user = User.objects.create(username="u")
queue_mailing(survey, "invitation", "件名", "{リンク}", chosen, user)
"""


@pytest.fixture
def portal(tmp_path: Path) -> Iterator[Portal]:
    with own_portal(tmp_path) as portal:
        yield portal


class Municipality:
    """A browser without JavaScript that answers and hands in."""

    def __init__(self, portal: Portal, token: str, number: int) -> None:
        self.base = f"http://127.0.0.1:{portal.port}"
        self.token, self.number = token, number
        self.opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))

    def get(self, url: str) -> tuple[str, str]:
        with self.opener.open(url, timeout=60) as response:
            return response.url, response.read().decode()

    def post(self, url: str, page: str, **data: str) -> tuple[str, str]:
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
        assert token
        body = urllib.parse.urlencode({**data, "csrfmiddlewaretoken": token[1]}).encode()
        request = urllib.request.Request(url, body, headers={"Referer": url})
        with self.opener.open(request, timeout=60) as response:
            return response.url, response.read().decode()

    def submit(self) -> bool:
        """Answer and hand in with a double click; returns whether the portal acknowledged it."""
        try:
            home, _ = self.get(f"{self.base}/answer/open/{self.token}/")
            url = f"{home}sections/main/"
            _, page = self.get(url)
            answer = {"q-one": "c1", "q-note": f"回答{self.number}"}
            respondent = {"respondent_department": "総務課", "respondent_name": "試験"}
            check, page = self.post(url, page, **answer, **respondent)
            state = re.search(r'name="state" value="([^"]+)"', page)
            assert state, check
            for _ in range(2):
                receipt, _ = self.post(check, page, state=state[1])
            return receipt.endswith("/receipt/")
        except (urllib.error.URLError, OSError, ConnectionError):
            return False


def test_64_at_once_lose_nothing_and_double_nothing(portal: Portal) -> None:
    tokens = portal.shell(PREPARE)
    portal.serve()
    bodies = [Municipality(portal, token, number) for number, token in enumerate(tokens)]
    with ThreadPoolExecutor(max_workers=SUBMITTERS) as pool:
        acknowledged = list(pool.map(Municipality.submit, bodies))
    assert all(acknowledged)
    rows = portal.shell(REPORT)
    assert sorted(rows) == sorted([f"回答{number}", True] for number in range(SUBMITTERS))
    # Nobody's entry is lost, and none has two before it.
    assert "変わったものはありません" in portal.run("verify_audit")


def test_a_killed_server_leaves_every_acknowledged_answer_and_no_half_one(portal: Portal) -> None:
    tokens = portal.shell(PREPARE)
    portal.serve()
    bodies = [Municipality(portal, token, number) for number, token in enumerate(tokens)]
    with ThreadPoolExecutor(max_workers=16) as pool:
        running = [pool.submit(body.submit) for body in bodies]
        while sum(future.done() for future in running) < SUBMITTERS // 4:
            time.sleep(0.01)
        portal.kill()
        acknowledged = {f"回答{number}" for number, future in enumerate(running) if future.result()}
    assert 0 < len(acknowledged) < SUBMITTERS
    rows = portal.shell(REPORT)
    assert all(whole for _, whole in rows)
    assert acknowledged <= {text for text, _ in rows}
    # The portal opens again, and whoever was cut off hands in then.
    portal.serve()
    with ThreadPoolExecutor(max_workers=8) as pool:
        left = [body for body in bodies if f"回答{body.number}" not in {text for text, _ in rows}]
        assert all(pool.map(Municipality.submit, left))
    assert len(portal.shell(REPORT)) == SUBMITTERS
    assert "変わったものはありません" in portal.run("verify_audit")


class Postbox:
    """Counts what arrives for each address."""

    def __init__(self) -> None:
        self.arrived: list[str] = []

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        self.arrived += envelope.rcpt_tos
        return "250 OK"


def test_two_mail_runs_at_once_send_each_mail_once(portal: Portal) -> None:
    portal.shell(PREPARE)
    portal.run("shell", "-v", "0", "-c", QUEUE)
    box = Postbox()
    controller = Controller(box, hostname="127.0.0.1", port=portal.port)
    controller.start()
    try:
        runs = [
            portal.start_command("send_mails", EMAIL_HOST="127.0.0.1", EMAIL_PORT=str(portal.port))
            for _ in range(3)
        ]
        for run in runs:
            _, errors = run.communicate()
            assert run.returncode == 0, errors
    finally:
        controller.stop()
    assert sorted(box.arrived) == sorted(f"m{number}@example.jp" for number in range(SUBMITTERS))


def test_half_sent_posts_and_a_killed_worker_stop_nobody(portal: Portal) -> None:
    """With the production command two half-sent posts stopped the portal, and one dead worker ended it."""
    portal.serve()
    base = f"http://127.0.0.1:{portal.port}"

    def answers_within(seconds: float) -> bool:
        try:
            return urllib.request.urlopen(f"{base}/healthz", timeout=seconds).status == 200
        except OSError:
            return False

    half = b"POST /search/ HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 100000\r\n\r\nq=a"
    slow = []
    for _ in range(50):
        connection = socket.create_connection(("127.0.0.1", portal.port))
        connection.sendall(half)
        slow.append(connection)
    time.sleep(0.5)
    assert all(answers_within(1) for _ in range(20))
    for connection in slow:
        connection.close()
    assert portal.server
    children = Path(f"/proc/{portal.server.pid}/task/{portal.server.pid}/children").read_text().split()
    # A worker holds the socket; the resource tracker of multiprocessing does not.
    workers = [child for child in children if "tracker" not in Path(f"/proc/{child}/cmdline").read_text()]
    assert len(workers) == 2
    os.kill(int(workers[0]), signal.SIGKILL)
    time.sleep(6)
    assert portal.server.poll() is None
    assert all(answers_within(5) for _ in range(20))
