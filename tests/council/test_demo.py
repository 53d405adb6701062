"""The demo data: complete, made up only where it says so, and never loaded twice."""

import json
from datetime import date, datetime, time
from io import StringIO
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone

from council import demo
from council.models import AnnualReport
from council.report.build import build_report
from meetings.models import Meeting
from members.models import CouncilYear, Organization
from surveys.models import Survey

pytestmark = pytest.mark.django_db


def dump() -> list[dict]:
    out = StringIO()
    call_command(
        "dumpdata",
        "members",
        "meetings",
        "surveys",
        "council",
        exclude=["council.lockout", "members.auditentry", "surveys.questionnaireversion"],
        stdout=out,
    )
    return json.loads(out.getvalue())


def test_loading_the_fixtures_twice_changes_nothing(fy2020: CouncilYear) -> None:
    before = dump()
    assert len(before) == 301
    call_command("loaddata", *demo.FIXTURES, verbosity=0)
    assert dump() == before


def test_loading_the_demo_twice_keeps_what_staff_changed() -> None:
    assert demo.load(timezone.localdate())
    Organization.objects.filter(code="242012").update(kana="つ市")
    before = dump()
    assert not demo.load(timezone.localdate())
    assert dump() == before


@pytest.mark.parametrize("today", [date(2026, 4, 1), date(2026, 11, 23), date(2027, 3, 31)])
def test_the_fictional_year_is_valid_on_any_day(today: date, monkeypatch: pytest.MonkeyPatch) -> None:
    noon = timezone.make_aware(datetime.combine(today, time(12, 0)))
    monkeypatch.setattr(timezone, "now", lambda: noon)
    year = demo.build_fictional_year(today)
    assert year.year == 2026
    for meeting in Meeting.objects.all():
        first, last = year.date_range
        assert first <= meeting.held_on <= last
    assert {m.status for m in Meeting.objects.all()} == {"held", "planned"}
    assert all(code.startswith("99") for code in Organization.objects.values_list("code", flat=True))


def test_the_fictional_year_tries_every_role() -> None:
    year = demo.build_fictional_year(timezone.localdate())
    survey = Survey.objects.accepting().get()
    assert {q.kind for q in survey.questions.all()} == {"single", "multiple", "grid", "text", "number"}
    assert survey.targets.count() == 5
    report = build_report(AnnualReport.objects.get(), User.objects.create_superuser("root"))
    assert report.figures[0].share_text == "20%（5市町村中1市町村）"
    page = Client().get(year.get_absolute_url()).content.decode()
    assert "架空の例です" in page


def test_the_command_tells_how_to_log_in_and_tells_the_same_again(settings: Any, tmp_path: object) -> None:
    settings.LOCAL, settings.VAR_DIR = True, tmp_path

    def run() -> str:
        out = StringIO()
        call_command("load_demo", address="http://127.0.0.1:9999", stdout=out)
        return out.getvalue()

    first, second = run(), run()
    assert "http://127.0.0.1:9999/admin/" in first
    assert first.replace("デモのデータを読み込みました。", "前回のデータをそのまま使います。") == second
    link = first.split("回答用リンク")[1].split()[0].removeprefix("http://127.0.0.1:9999")
    assert Client().get(link).status_code == 302
    password = first.split("パスワード ")[1].split()[0]
    assert Client().login(request=_request(), username=demo.STAFF, password=password)


def _request() -> object:
    from django.test import RequestFactory

    return RequestFactory().post("/admin/login/")


def test_the_demo_stays_out_of_production(settings: Any) -> None:
    settings.LOCAL = False
    with pytest.raises(CommandError, match="DEMO=1"):
        call_command("load_demo")
