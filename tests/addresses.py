"""Every address of the portal with its parts filled in: for tests that ask all of them."""

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from axes.models import AccessAttempt
from django.contrib.auth.models import User
from django.db import transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from django.utils import timezone

from council.models import AnnualReport, ReportEdition
from meetings.models import Guest, Material, Meeting, RemarkRequest
from members.models import (
    AuditEntry,
    Council,
    CouncilYear,
    Department,
    Desk,
    DeskPerson,
    Membership,
    Organization,
    RosterReply,
)
from surveys.models import (
    Faq,
    Indicator,
    Inquiry,
    Question,
    Scale,
    Submission,
    SurveyTarget,
    Topic,
    WorkbookUpload,
)
from tests import factories
from tests.publishing import publish, store_lightly


def routes(patterns: Any, prefix: str = "") -> Iterator[tuple[str, URLPattern]]:
    for each in patterns:
        route = prefix + str(each.pattern)
        if isinstance(each, URLResolver):
            yield from routes(each.url_patterns, route)
        else:
            yield route, each


def addresses(samples: dict[str, Any]) -> dict[str, str]:
    """Every route of the resolver, and its address with parts filled with what exists."""
    found = {}
    for route, pattern in routes(get_resolver().url_patterns):
        name = str(pattern.name or "")
        path = "/" + re.sub(
            r"<(?:\w+:)?(\w+)>", lambda m, r=route, n=name: part_of(m[1], r, n, samples), route
        )
        found[route] = re.sub(r"\^|\$|\(\?P<\w+>[^)]*\)", "", path).replace("\\", "")
    return found


def part_of(part: str, route: str, name: str, samples: dict[str, Any]) -> str:
    if route.startswith("desk/") and part in samples["at_desk"]:
        return str(samples["at_desk"][part])
    if part in {"object_id", "pk", "target"}:
        for start, model in (
            ("admin/rollover", "members.councilyear"),
            ("admin/reorg", "members.organization"),
        ):
            if route.startswith(start):
                return str(samples["models"][model])
        for model, pk in samples["models"].items():
            if f"admin/{model.replace('.', '/')}/" in route and part != "target":
                return str(pk)
        return str(samples["target"].pk if part == "target" else samples["upload"])
    values = {
        "slug": "smart-jichitai", "year": "2020", "number": "1", "code": "242012", "token": "x" * 43,
        "extension": "json" if "report." in route else "csv", "version": "1", "content_type_id": "1", "app_label": "surveys", "url": "x", "language": "en",
        "anchor": samples["target"].anchor if "answer" in route else samples["remarks"] if "remarks" in route else "m1",
    }  # fmt: skip
    if part == "key":
        return "progressed" if "figures" in route else "after-meeting"
    if part == "code" and "sections" in route:
        return "main"
    if part == "name":
        return "members" if "council" in route or "open-data" in route else "answers.csv"
    return values.get(part, "1")


def told_by_any(client: Client, samples: dict[str, Any], word: str) -> tuple[list[str], int]:
    """Every address that says a word to a visitor, by GET or POST, and how many opened at all."""
    told, opened = [], 0
    for route, path in addresses(samples).items():
        if "logout" in route or "leave" in route:
            continue
        for send in (client.get, client.post):
            with transaction.atomic():
                response = send(path)
                content = b"".join(response) if response.streaming else response.content
                transaction.set_rollback(True)
            assert response.status_code < 500, path
            opened += response.status_code == 200
            if word.encode() in content:
                told.append(f"{send.__name__} {route}")
    return told, opened


@pytest.fixture
def samples(fy2020: CouncilYear, staff: User) -> dict[str, Any]:
    """One of everything, so that no screen is empty."""
    report = AnnualReport.objects.get()
    publish(report)
    store_lightly()
    open_survey = factories.survey(fy2020, title="受付中")
    one = factories.question(open_survey, "はい", "いいえ", key="one")
    factories.question(open_survey, "A", "B", "C", key="many", kind="multiple", is_required=False)
    grid = factories.question(open_survey, "良", "否", key="grid", kind="grid", is_required=False)
    for code in ("t1", "t2"):
        Topic.objects.create(question=grid, code=code, label=f"項目{code}")
    factories.question(open_survey, key="count", kind="number", unit="%", minimum=0, maximum=100)
    factories.question(open_survey, key="day", kind="date", is_required=False)
    factories.question(open_survey, key="note", kind="text", is_required=False)
    target = factories.target(open_survey, organization=Organization.objects.get(code="242012"))
    factories.indicator(open_survey, *one.choices.all())
    draft = factories.survey(fy2020, status="draft", opened_at=None)
    factories.question(draft, "はい", "いいえ")
    meeting = factories.meeting(fy2020, number=90, held_on="2021-03-01")
    remarks = RemarkRequest.objects.create(
        meeting=meeting, organization=target.organization, due_on="2030-01-01"
    )
    today = timezone.localdate()
    invited = Meeting.objects.create(
        council_year=fy2020, number=91, held_on=today + timedelta(days=30), replies_due_on=today
    )
    desk = Desk.objects.create(organization=target.organization)
    at_desk = DeskPerson.objects.create(
        desk=desk, name="窓口太郎", email="taro@city.example.jp", good_until=today
    )
    reply = RosterReply.objects.create(
        council_year=fy2020, organization=target.organization, comment="課名が変わりました。"
    )
    upload = WorkbookUpload.objects.create(survey=open_survey, target=target, file_name="a.xlsx")
    inquiry = Inquiry.objects.create(target=target, question="いつの数ですか。")
    faq = Faq.objects.create(survey=open_survey, question="いつの数ですか。", answer="4月1日です。")
    guest = Guest.objects.first() or Guest.objects.create(council_year=fy2020, name="ゲスト")
    scale = Scale.objects.create(name="尺度")
    chosen = {
        "members.council": Council.objects.get(), "members.councilyear": fy2020,
        "members.organization": target.organization, "members.department": Department.objects.first(),
        "members.membership": Membership.objects.first(), "meetings.meeting": meeting, "meetings.guest": guest,
        "surveys.survey": open_survey, "surveys.question": one, "surveys.scale": scale,
        "surveys.surveytarget": target, "surveys.submission": Submission.objects.first(),
        "surveys.indicator": Indicator.objects.first(), "council.annualreport": report,
        "council.evaluationgrade": report.grade, "auth.user": staff, "members.auditentry": AuditEntry.objects.first(),
        "surveys.inquiry": inquiry, "surveys.faq": faq, "members.rosterreply": reply, "members.deskperson": at_desk, "council.lockout": AccessAttempt.objects.create(username="x", failures_since_start=7),
    }  # fmt: skip
    assert ReportEdition.objects.exists()
    assert Material.objects.exists()
    assert Meeting.objects.exists()
    assert Question.objects.exists()
    return {
        "models": {name: row.pk for name, row in chosen.items() if row},
        "draft": draft,
        "target": SurveyTarget.objects.select_related("survey").get(pk=target.pk),
        "remarks": remarks.anchor,
        "upload": upload.pk,
        "desk": desk,
        "at_desk": {
            "anchor": desk.anchor,
            "target": target.anchor,
            "remarks": remarks.anchor,
            "meeting": invited.pk,
            "year": fy2020.pk,
            "material": "m1",
        },
    }
