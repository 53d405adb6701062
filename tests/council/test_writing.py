"""Writing a report: together, guarded, beside what it will look like."""

import re
from html import unescape
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from council.accounts.roles import EDITOR, MANAGER
from council.models import AnnualReport, EvaluationGrade, ReportDraft, ReportSection
from members.models import CouncilYear
from tests import factories

pytestmark = pytest.mark.django_db


def the_report() -> AnnualReport:
    return AnnualReport.objects.get(council_year__year=2020)


def screen(name: str = "writing") -> str:
    return f"/admin/council/annualreport/{the_report().pk}/{name}/"


def form_of(html: str) -> dict[str, Any]:
    """What a browser would post of the writing form as it stands."""
    form = html.split('id="writing-form"')[1].split("</form>")[0]
    data: dict[str, Any] = {}
    for tag in re.findall(r"<input[^>]*>", form):
        field = dict(re.findall(r'(\w+)="([^"]*)"', tag))
        if "name" not in field or (field.get("type") == "checkbox" and "checked" not in tag):
            continue
        data[field["name"]] = field.get("value", "on" if field.get("type") == "checkbox" else "")
    for name, text in re.findall(r'<textarea name="([^"]+)"[^>]*>\r?\n?(.*?)</textarea>', form, re.S):
        data[name] = re.sub(r"\r?\n", "\r\n", unescape(text))
    for name, options in re.findall(r'<select name="([^"]+)"[^>]*>(.*?)</select>', form, re.S):
        chosen = re.search(r'value="([^"]*)" selected', options)
        data[name] = chosen[1] if chosen else ""
    return data


def open_form(client: Client) -> dict[str, Any]:
    return form_of(client.get(screen()).content.decode())


def body(kind: str) -> str:
    return ReportSection.objects.get(report=the_report(), kind=kind).body


def text(response: Any) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))


@pytest.fixture
def other(db: None) -> Client:
    user = User.objects.create_user("other", is_staff=True)
    user.groups.set(Group.objects.filter(name__in=[EDITOR.name, MANAGER.name]))
    client = Client()
    client.force_login(user)
    return client


def test_the_sections_stand_in_order_with_what_is_computed(staff_client: Client, fy2020: CouncilYear) -> None:
    html = staff_client.get(screen()).content.decode()
    kinds = re.findall(r'data-kind="([\w-]+)"', html)
    assert kinds == [*ReportSection.Kind.values, *ReportSection.Summary.values]
    assert "86%（28市町中24市町）" in html
    assert "{progressed.count}" in html
    assert "津市" in html
    assert f"/admin/members/councilyear/{fy2020.pk}/change/" in html
    assert html.count("の議事概要を直す</a>") == 3


def test_nothing_typed_changes_nothing(staff_client: Client, fy2020: CouncilYear) -> None:
    before = list(ReportSection.objects.values())
    response = staff_client.post(screen(), open_form(staff_client), follow=True)
    assert "変わったところはありません" in text(response)
    assert list(ReportSection.objects.values()) == before


def test_text_title_order_and_grade_are_saved_together(staff_client: Client, fy2020: CouncilYear) -> None:
    grade = EvaluationGrade.objects.create(council_year=fy2020, label="十分", sentence="発揮されました。")
    data = open_form(staff_client)
    data |= {"goals-body": "新しい目標", "goals-heading": "目標", "report-grade": grade.pk}
    data |= {"members-position": "1", "goals-position": "2"}
    del data["next_steps-is_included"]
    assert staff_client.post(screen(), data).status_code == 302
    html = staff_client.get("/councils/smart-jichitai/2020/?draft").content.decode()
    headings = re.findall(r'<h2 id="(\w+)"><span class="section-number">(\d)\.</span> (.*?)</h2>', html)
    assert headings[:2] == [("members", "1", "検討メンバー"), ("goals", "2", "目標")]
    assert "next_steps" not in {kind for kind, _, _ in headings}
    assert "発揮されました。" in html


def test_a_grade_of_another_year_is_refused(staff_client: Client, fy2020: CouncilYear) -> None:
    year = factories.council_year(council=fy2020.council, year=2019)
    foreign = EvaluationGrade.objects.create(council_year=year, label="十分", sentence="文")
    response = staff_client.post(screen(), open_form(staff_client) | {"report-grade": foreign.pk})
    assert response.status_code == 422
    assert the_report().grade != foreign


def test_an_unknown_token_saves_nothing_and_says_what_there_is(
    staff_client: Client, fy2020: CouncilYear
) -> None:
    data = open_form(staff_client) | {"goals-body": "新しい", "outcomes-body": "{progresed}でした。"}
    response = staff_client.post(screen(), data)
    assert response.status_code == 422
    assert "{progresed} という指標はありません" in text(response)
    assert "新しい" in response.content.decode()
    assert body("goals") != "新しい"


def test_two_people_on_different_sections_lose_nothing(
    staff_client: Client, other: Client, fy2020: CouncilYear
) -> None:
    mine, theirs = open_form(staff_client), open_form(other)
    other.post(screen(), theirs | {"situation-body": "相手の文"})
    assert staff_client.post(screen(), mine | {"goals-body": "私の文"}).status_code == 302
    assert (body("goals"), body("situation")) == ("私の文", "相手の文")


def test_two_people_on_one_section_see_both_texts(
    staff_client: Client, other: Client, fy2020: CouncilYear
) -> None:
    mine, theirs = open_form(staff_client), open_form(other)
    other.post(screen(), theirs | {"goals-body": "相手の文", "situation-body": "相手の現状"})
    response = staff_client.post(screen(), mine | {"goals-body": "私の文", "outcomes-body": "私の成果"})
    assert response.status_code == 409
    html = response.content.decode()
    assert "<pre>相手の文</pre>" in html
    again = form_of(html)
    assert (again["goals-body"], again["situation-body"]) == ("私の文", "相手の現状")
    assert body("goals") == "相手の文"
    # Having seen both, saving again is a decision.
    assert staff_client.post(screen(), again).status_code == 302
    assert (body("goals"), body("situation"), body("outcomes")) == ("私の文", "相手の現状", "私の成果")


def test_the_same_change_twice_is_no_conflict(
    staff_client: Client, other: Client, fy2020: CouncilYear
) -> None:
    mine, theirs = open_form(staff_client), open_form(other)
    other.post(screen(), theirs | {"goals-body": "同じ文"})
    assert staff_client.post(screen(), mine | {"goals-body": "同じ文"}).status_code == 302


def test_two_people_on_the_grade(staff_client: Client, other: Client, fy2020: CouncilYear) -> None:
    grades = [
        EvaluationGrade.objects.create(council_year=fy2020, label=label, sentence="文") for label in "甲乙"
    ]
    mine, theirs = open_form(staff_client), open_form(other)
    other.post(screen(), theirs | {"report-grade": grades[0].pk})
    response = staff_client.post(screen(), mine | {"report-grade": grades[1].pk})
    assert response.status_code == 409
    assert the_report().grade == grades[0]
    assert staff_client.post(screen(), form_of(response.content.decode())).status_code == 302
    assert the_report().grade == grades[1]


def test_what_is_typed_is_kept_for_its_writer_alone(
    staff_client: Client, other: Client, fy2020: CouncilYear
) -> None:
    data = open_form(staff_client) | {"goals-body": "まだ途中の文"}
    assert "saved_at" in staff_client.post(screen("autosave"), data).json()
    assert body("goals") != "まだ途中の文"
    assert "保存していない入力が残っています" not in text(other.get(screen()))
    assert "保存していない入力が残っています" in text(staff_client.get(screen()))
    restored = form_of(staff_client.get(f"{screen()}?restore").content.decode())
    assert restored["goals-body"] == "まだ途中の文"
    assert staff_client.post(screen(), restored).status_code == 302
    assert body("goals") == "まだ途中の文"
    assert not ReportDraft.objects.exists()


def test_a_draft_from_before_somebody_elses_save_overwrites_nothing(
    staff_client: Client, other: Client, fy2020: CouncilYear
) -> None:
    staff_client.post(screen("autosave"), open_form(staff_client) | {"goals-body": "古い途中の文"})
    other.post(screen(), open_form(other) | {"goals-body": "相手の文", "situation-body": "相手の現状"})
    html = staff_client.get(f"{screen()}?restore").content.decode()
    assert "<pre>相手の文</pre>" in html
    assert form_of(html)["situation-body"] == "相手の現状"


def test_a_draft_can_be_thrown_away(staff_client: Client, fy2020: CouncilYear) -> None:
    staff_client.post(screen("autosave"), open_form(staff_client))
    staff_client.post(screen("autosave"), {"discard": ""})
    assert not ReportDraft.objects.exists()


def test_the_preview_without_javascript_keeps_nothing(staff_client: Client, fy2020: CouncilYear) -> None:
    data = open_form(staff_client) | {"goals-body": "- **{progressed.percent}**\r\n- 二", "preview": "1"}
    html = staff_client.post(screen(), data).content.decode()
    assert "<strong>86%</strong></a></li><li>二</li>" in html
    assert "**" not in body("goals")


def test_the_preview_of_one_section_tells_what_is_wrong(staff_client: Client, fy2020: CouncilYear) -> None:
    answer = staff_client.post(
        screen("preview"), {"kind": "outcomes", "body": "**84%**が<b>進んだ</b>{x}"}
    ).json()
    assert answer["html"] == "<p><strong>84%</strong>が進んだ（未公開の数値）</p>"
    assert any("84%" in finding for finding in answer["findings"])
    assert any("{x}" in finding for finding in answer["findings"])
    assert staff_client.post(screen("preview"), {"kind": "nothing"}).status_code == 404


def test_only_those_who_may_change_a_report_write_it(staff_client: Client, fy2020: CouncilYear) -> None:
    reader = User.objects.create_user("reader", is_staff=True)
    client = Client()
    client.force_login(reader)
    for name in ("writing", "preview", "autosave", "copy"):
        assert client.post(screen(name)).status_code == 403
        assert Client().post(screen(name)).status_code == 302


def next_year(year: CouncilYear) -> AnnualReport:
    later = factories.council_year(council=year.council, year=2021)
    return AnnualReport.objects.create(council_year=later)


def test_a_new_report_has_eight_sections_and_last_years_grades(
    staff_client: Client, fy2020: CouncilYear
) -> None:
    later = factories.council_year(council=fy2020.council, year=2021)
    response = staff_client.post("/admin/council/annualreport/add/", {"council_year": later.pk})
    report = AnnualReport.objects.get(council_year=later)
    assert response["Location"].endswith(f"/{report.pk}/writing/")
    kinds = [*ReportSection.Kind.values, *ReportSection.Summary.values]
    assert [section.kind for section in report.sections.all()] == kinds
    assert list(later.grades.values_list("label", flat=True)) == ["概ね発揮"]
    assert report.grade is None


def test_last_years_text_is_copied_and_marked_until_it_is_changed(
    staff_client: Client, fy2020: CouncilYear
) -> None:
    ReportSection.objects.filter(kind="situation").update(heading="昨年の見出し")
    later = factories.council_year(council=fy2020.council, year=2021)
    staff_client.post("/admin/council/annualreport/add/", {"council_year": later.pk})
    report = AnnualReport.objects.get(council_year=later)
    report.sections.filter(kind="goals").update(body="もう書いた目標")
    base = f"/admin/council/annualreport/{report.pk}/"
    assert "空の節に令和2（2020）年度の本文を写す" in text(staff_client.get(f"{base}writing/"))
    staff_client.post(f"{base}copy/")
    copied = {section.kind: section for section in report.sections.all()}
    assert copied["goals"].body == "もう書いた目標"
    assert copied["situation"].heading == "昨年の見出し"
    html = staff_client.get(f"{base}writing/").content.decode()
    assert html.count("前の年度のまま") == 6
    # A figure of last year does not stop work on another section; the checklist names it.
    assert "登録されていない指標" in html
    data = form_of(html) | {"situation-body": "今年の現状"}
    assert staff_client.post(f"{base}writing/", data).status_code == 302
    assert staff_client.get(f"{base}writing/").content.decode().count("前の年度のまま") == 5


def test_queries_do_not_grow_with_meetings_and_bodies(staff_client: Client, fy2020: CouncilYear) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            staff_client.get(screen())
        return len(captured)

    queries()
    before = queries()
    for number in range(4, 12):
        factories.meeting(fy2020, number=number, held_on=fy2020.date_range[0], record_status="published")
    for _ in range(30):
        factories.membership(fy2020)
    assert queries() == before
