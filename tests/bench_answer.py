"""What a whole answer costs beside a plain Django form of the same fields, in one process."""

import re
import statistics
import time
from collections.abc import Callable
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.template import engines
from django.test import Client
from django.urls import clear_url_caches, path

PLAIN = "/bench-plain/"


def cpu(call: Callable[[], object]) -> float:
    """Milliseconds of processor time, which other work on the machine does not lengthen."""
    start = time.process_time()
    call()
    return (time.process_time() - start) * 1000


def whole_answer(client: Client, token: str, values: dict[str, Any]) -> Callable[[], None]:
    """Link, overview, each page with its save, check, handing in, receipt: as a browser without scripts."""

    def run() -> None:
        client.cookies.clear()
        home = client.get(f"/answer/open/{token}/")["Location"]
        overview = client.get(home).content.decode()
        pages = list(dict.fromkeys(re.findall(rf'{home}sections/[^/"]+/', overview)))
        for page in pages:
            shown = client.get(page).content.decode()
            asked = set(re.findall(r'name="([^"]+)"', shown))
            typed = {name: value for name, value in values.items() if name in asked}
            saved = client.post(page, {**typed, "seen": hidden(shown, "seen"), "saved_by": "総務課 見本"})
            if saved.status_code != 302:
                raise RuntimeError(f"{page}: {saved.status_code}")
        check = client.get(f"{home}check/").content.decode()
        done = client.post(f"{home}check/", {"state": hidden(check, "state"), "receipt_to": ""})
        if done.status_code != 302:
            raise RuntimeError(f"check: {done.status_code}")
        client.get(done["Location"])

    return run


def hidden(page: str, name: str) -> str:
    """What a page's hidden field holds."""
    found = re.search(rf'<input type="hidden" name="{name}" value="([^"]*)"', page)
    if found is None:
        raise RuntimeError(f"no {name} on the page")
    return found[1]


def plain_form(answer: forms.Form) -> None:
    """A view with a form of the same fields drawn by ``as_div``, valid or not, below the same middleware."""
    from council import urls

    fields = {name: field for name, field in answer.fields.items() if name != "seen"}
    made = type("PlainForm", (forms.Form,), {})
    made.base_fields = fields  # type: ignore[attr-defined]
    template = engines["django"].from_string(
        '<form method="post">{% csrf_token %}{{ form.as_div }}<button>送る</button></form>'
    )

    def view(request: HttpRequest) -> HttpResponse:
        form = made(request.POST or None)
        if request.method == "POST" and form.is_valid():
            return HttpResponse("ok")
        return HttpResponse(template.render({"form": form}, request))

    urls.urlpatterns.append(path(PLAIN.strip("/") + "/", view))
    clear_url_caches()


def twelve_questions() -> tuple[list[str], dict[str, Any]]:
    """A survey of twelve questions of the usual kinds, and tokens of bodies that have not answered."""
    from surveys.running.lifecycle import issue_links
    from tests import factories

    survey = factories.survey(factories.council_year())
    values: dict[str, Any] = {"respondent_department": "総務課", "respondent_name": "見本 花子"}
    labels = ("実施している", "実施を予定している", "検討している", "予定はない", "その他")
    for number in range(12):
        kind = ("single", "multiple", "single", "number", "text", "single")[number % 6]
        choices = labels if kind in {"single", "multiple"} else ()
        factories.question(survey, *choices, key=f"q{number}", kind=kind, text=f"問いの{number}番目です。")
        values[f"q-q{number}"] = {"single": "c1", "multiple": ["c1", "c2"], "number": "12", "text": "記述"}[
            kind
        ]
    targets = [factories.target(survey) for _ in range(80)]
    return [link.token for link in issue_links(targets)], values


def bench_answer() -> dict[str, float]:
    """Median milliseconds of both, in turn."""
    tokens, values = twelve_questions()
    from surveys.answering.drafts import load_draft
    from surveys.models import SurveyTarget

    last = SurveyTarget.objects.for_answering().order_by("-pk")[0]
    plain_form(load_draft(last).form())
    client = Client()

    def plain() -> None:
        client.get(PLAIN)
        client.post(PLAIN, values)

    waiting = iter(tokens[:-1])

    def answers() -> None:
        whole_answer(client, next(waiting), values)()

    for _ in range(3):
        answers()
        plain()
    rows = [(cpu(plain), cpu(answers)) for _ in range(40)]
    return {
        "plain_form_shown_and_posted": statistics.median(row[0] for row in rows),
        "whole_answer_in_seven_requests": statistics.median(row[1] for row in rows),
    }
