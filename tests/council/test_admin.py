"""The secretariat's screens: prefilled, guarded, and logged."""

import re
from datetime import timedelta
from typing import Any

import pytest
from auditlog.models import LogEntry
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from meetings.models import AgendaItem, Meeting
from members.common.text.eras import fiscal_year
from members.models import CouncilYear
from surveys.models import SurveyTarget
from tests import factories
from tests.pages import seen

pytestmark = pytest.mark.django_db


@pytest.fixture
def year() -> CouncilYear:
    year = factories.council_year(year=fiscal_year(timezone.localdate()))
    factories.membership(year)
    return year


def management(**counts: int) -> dict[str, Any]:
    data: dict[str, Any] = {}
    for prefix, count in counts.items():
        data |= {f"{prefix}-TOTAL_FORMS": count, f"{prefix}-INITIAL_FORMS": 0}
    return data


def errors(response: Any) -> str:
    found = re.findall(r'class="errorlist[^>]*>(.*?)</ul>', response.content.decode(), re.S)
    return re.sub(r"<[^>]+>", " ", " ".join(found))


def test_every_screen_opens_in_japanese(staff_client: Client, fy2020: CouncilYear) -> None:
    index = staff_client.get("/admin/").content.decode()
    links = set(re.findall(r'href="(/admin/[a-z]+/[a-z]+/(?:add/)?)"', index))
    assert len(links) > 20
    for link in links:
        assert staff_client.get(link).status_code == 200, link
    headings = re.findall(r"<caption>\s*(.*?)\s*</caption>", index, re.S)
    order = [re.sub(r"<[^>]+>", "", heading).strip() for heading in headings]
    assert order[:5] == ["年度の準備", "会議", "アンケート", "年次報告書", "台帳"]


@pytest.mark.parametrize(
    ("path", "most"),
    [
        ("members/membership", 15),
        ("members/department", 15),
        ("meetings/meeting", 15),
        ("surveys/survey", 15),
        ("surveys/surveytarget", 17),
        ("surveys/submission", 18),
        ("surveys/indicator", 15),
        ("council/annualreport", 15),
    ],
)
def test_lists_take_a_constant_number_of_queries(
    staff_client: Client,
    fy2020: CouncilYear,
    path: str,
    most: int,
    django_assert_max_num_queries,  # type: ignore[no-untyped-def]
) -> None:
    with django_assert_max_num_queries(most):
        assert staff_client.get(f"/admin/{path}/").status_code == 200


def test_a_new_meeting_is_prefilled(staff_client: Client, year: CouncilYear) -> None:
    factories.meeting(year, number=1, held_on=year.date_range[0])
    html = staff_client.get("/admin/meetings/meeting/add/").content.decode()
    assert re.search(r'name="number" value="2"', html)
    assert str(year) in html

    data = {
        "council_year": year.pk,
        "number": 2,
        "held_on": year.date_range[0],
        "status": "held",
        **management(agenda_items=3, materials=0),
        "agenda_items-0-title": "一つ目",
        "agenda_items-1-title": "二つ目",
        "agenda_items-2-title": "割り込み",
        "agenda_items-2-position": "1",
    }
    response = staff_client.post("/admin/meetings/meeting/add/", data)
    assert response.status_code == 302, errors(response)
    meeting = Meeting.objects.get(number=2)
    assert [item.title for item in meeting.agenda_items.all()] == ["一つ目", "割り込み", "二つ目"]
    assert meeting.attendances.count() == 1
    edit = staff_client.get(f"/admin/meetings/meeting/{meeting.pk}/record/").content.decode()
    assert "一つ目" in edit


def test_the_agenda_of_another_meeting_is_not_offered(staff_client: Client, year: CouncilYear) -> None:
    first, second = (factories.meeting(year, held_on=year.date_range[0]) for _ in range(2))
    AgendaItem.objects.create(meeting=first, title="よその議題")
    html = staff_client.get(f"/admin/meetings/meeting/{second.pk}/record/").content.decode()
    assert "よその議題" not in html


def test_a_public_meeting_cannot_be_deleted(staff_client: Client, year: CouncilYear) -> None:
    public = factories.meeting(year, held_on=year.date_range[0], is_announced=True)
    draft = factories.meeting(year, held_on=year.date_range[0])
    assert (
        staff_client.post(f"/admin/meetings/meeting/{public.pk}/delete/", {"post": "yes"}).status_code == 403
    )
    data = {"action": "delete_selected", "_selected_action": [public.pk], "post": "yes"}
    staff_client.post("/admin/meetings/meeting/", data)
    staff_client.post(f"/admin/meetings/meeting/{draft.pk}/delete/", {"post": "yes"})
    assert list(Meeting.objects.all()) == [public]


def test_a_survey_is_opened_and_its_links_shown_once(staff_client: Client, year: CouncilYear) -> None:
    survey = factories.survey(year, status="draft", opened_at=None)
    factories.question(survey, "はい", "いいえ")
    url = f"/admin/surveys/survey/{survey.pk}/open/"
    assert "1市町を回答対象にします" in staff_client.get(url).content.decode()
    assert not SurveyTarget.objects.exists()

    html = staff_client.post(url).content.decode()
    (link,) = re.findall(r"http://testserver(/answer/open/[^<]+)<", html)
    assert Client().get(link).status_code == 302
    token = link.split("/")[3]
    for page in (f"/admin/surveys/survey/{survey.pk}/change/", "/admin/surveys/surveytarget/", "/admin/"):
        assert token not in staff_client.get(page).content.decode()
    # F5 on the page of links opens nothing again.
    again = staff_client.post(url, follow=True).content.decode()
    assert "すでに受付中" in again
    assert SurveyTarget.objects.count() == 1

    staff_client.post(f"/admin/surveys/survey/{survey.pk}/close/")
    survey.refresh_from_db()
    assert survey.status == "closed"


def test_a_survey_that_is_not_ready_says_what_is_missing(staff_client: Client, year: CouncilYear) -> None:
    survey = factories.survey(year, status="draft", closes_at=None, opened_at=None)
    html = staff_client.get(f"/admin/surveys/survey/{survey.pk}/open/").content.decode()
    assert "設問がありません" in html
    assert "締切が入力されていません" in html
    assert 'value="受付を開始する"' not in html


def test_a_lost_link_is_issued_anew(staff_client: Client, year: CouncilYear) -> None:
    target = factories.target(factories.survey(year))
    data = {"action": "reissue_links", "_selected_action": [target.pk]}
    html = staff_client.post("/admin/surveys/surveytarget/", data).content.decode()
    (link,) = re.findall(r"http://testserver(/answer/open/[^<]+)<", html)
    assert Client().get(link).status_code == 302


def test_opening_needs_permission(year: CouncilYear) -> None:
    survey = factories.survey(year, status="draft")
    client = Client()
    url = f"/admin/surveys/survey/{survey.pk}/open/"
    assert client.post(url).status_code == 302
    client.force_login(User.objects.create_user("someone", is_staff=True))
    assert client.post(url).status_code == 403
    assert not SurveyTarget.objects.exists()


def test_who_changed_what_is_logged(staff_client: Client, staff: User, year: CouncilYear) -> None:
    meeting = factories.meeting(year, held_on=year.date_range[0])
    data = {
        "council_year": year.pk,
        "number": meeting.number,
        "held_on": year.date_range[0] + timedelta(days=0),
        "place": "第1会議室",
        "status": "held",
        **management(agenda_items=0, materials=0, attendances=0),
    }
    path = f"/admin/meetings/meeting/{meeting.pk}/change/"
    response = staff_client.post(path, {**data, "seen": seen(staff_client, path)})
    assert response.status_code == 302, errors(response)
    entry = LogEntry.objects.get_for_object(meeting).first()
    assert entry is not None
    assert entry.actor == staff
    assert entry.changes["place"] == ["", "第1会議室"]


def test_no_hash_of_a_link_is_logged(year: CouncilYear) -> None:
    target = factories.target(factories.survey(year))
    target.new_token()
    target.save()
    assert target.token_hash
    assert not any("token_hash" in str(entry.changes) for entry in LogEntry.objects.all())


def test_a_number_beyond_every_column_is_bad_input(db: None) -> None:
    root = User.objects.create_superuser("root", password="a-long-password")
    client = Client()
    client.force_login(root)
    data = {"username": "root", "groups": ["-1180591620717411303424"]}
    response = client.post(f"/admin/auth/user/{root.pk}/change/", data)
    assert response.status_code in {200, 400}
