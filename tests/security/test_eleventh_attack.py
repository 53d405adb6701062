"""What somebody who had only the page and the running portal found the eleventh time; each had succeeded."""

import time

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client

from council.editions.redaction import places, redact
from council.models import AnnualReport
from council.publishing.publication import publication
from council.writing.prose import parse
from meetings.models import Attendance, Meeting
from meetings.record.publication import RecordPublication
from members.models import Council, CouncilYear, Department, Membership, Organization, Remit
from surveys.models import Question, Survey
from surveys.results.editions import publish_results, renewals
from tests import factories
from tests.council.test_writing import open_form, screen
from tests.publishing import publish

pytestmark = pytest.mark.django_db
URL = "/councils/smart-jichitai/2020/"
WORD = "情報メディア課"
FACES = (URL, "/open-data/smart-jichitai/2020/members.csv", f"/search/?q={WORD}")


@pytest.fixture
def report(fy2020: CouncilYear) -> AnnualReport:
    found = Membership.objects.filter(council_year=fy2020, department__organization__code="242012").first()
    assert found
    Department.objects.filter(pk=found.department_id).update(name=WORD)
    Membership.objects.filter(pk=found.pk).update(department_name=WORD)
    report = AnnualReport.objects.get()
    publish(report)
    return report


def take_out(report: AnnualReport, by: User) -> None:
    edition = report.editions.get()
    redact(
        edition.pk,
        by,
        words=WORD,
        reason="誤って掲載したため",
        chosen={place.key for place in places(edition.content, WORD)},
        seen=edition.state_hash,
    )


def page(address: str) -> str:
    return Client().get(address).content.decode()


def test_what_was_taken_out_does_not_come_back_with_a_withdrawal(report: AnnualReport, staff: User) -> None:
    assert all(WORD in page(address) for address in FACES)
    take_out(report, staff)
    publication.withdraw(report, staff, "誤りのため")
    for address in (*FACES[:2], "/organizations/242012/"):
        assert WORD not in page(address), address
    assert "0件見つかりました" in page(FACES[2])
    assert "公開し直すまで表示しません" in page(URL)


def test_a_body_s_page_says_what_was_published(report: AnnualReport, staff: User) -> None:
    address = "/organizations/242012/"
    assert WORD in page(address)
    Membership.objects.filter(department_name=WORD).update(department_name="まだ公開していない課")
    assert WORD in page(address)
    assert "まだ公開していない課" not in page(address)
    take_out(report, staff)
    assert WORD not in page(address)
    Membership.objects.filter(department__organization__code="242012").delete()
    assert "墨消し" in page(address)


def test_prose_far_too_long_costs_no_more_than_the_longest() -> None:
    for text in ("- a\n" * 380_000, "1. a\n\n" * 100_000):
        began = time.process_time()
        parse(text, {})
        assert time.process_time() - began < 5


def test_a_report_too_long_in_all_is_refused_undrawn(report: AnnualReport, staff_client: Client) -> None:
    data = open_form(staff_client)
    data |= {name: "**あ** " * 8_000 for name in data if name.endswith("-body")}
    began = time.process_time()
    response = staff_client.post(screen(), data | {"preview": "1"})
    assert "15万文字、4,000行まで" in response.content.decode()
    assert time.process_time() - began < 5


def limited_to(own: Council) -> Client:
    """Somebody who edits for one council alone."""
    user = User.objects.create_user("limited", password="x", is_staff=True)
    user.groups.set(Group.objects.filter(name__in=["事務局担当", "事務局責任者"]))
    Remit.objects.create(user=user).councils.add(own)
    client = Client()
    client.force_login(user)
    return client


def test_nobody_hangs_their_body_onto_another_council_s(fy2020: CouncilYear) -> None:
    own = Council.objects.create(slug="own", name="架空の会議", established_year=2020)
    year = CouncilYear.objects.create(council=own, year=2020)
    body = factories.organization(name="試験市")
    department = Department.objects.create(organization=body, name="試験課")
    Membership.objects.create(council_year=year, department=department)
    tsu = Organization.objects.get(code="242012")
    client = limited_to(own)
    for address, name in (
        (f"/admin/members/department/{department.pk}/change/", "organization"),
        (f"/admin/members/organization/{body.pk}/change/", "merged_into"),
    ):
        form = client.get(address).context["adminform"].form
        data = {key: form[key].value() or "" for key in form.fields} | {
            name: tsu.pk,
            "merged_on": "2021-01-01",
        }
        prefixes = client.get(address).context["inline_admin_formsets"]
        for inline in prefixes:
            data |= {
                f"{inline.formset.prefix}-TOTAL_FORMS": 0,
                f"{inline.formset.prefix}-INITIAL_FORMS": 0,
            }
        assert "全体を担当する職員" in client.post(address, data).content.decode(), address
    department.refresh_from_db()
    body.refresh_from_db()
    assert (department.organization, body.merged_into) == (body, None)


def test_results_go_out_as_they_were_seen(staff: User, staff_client: Client) -> None:
    survey = factories.survey(factories.council_year(), status=Survey.Status.CLOSED, results_public=True)
    question = factories.question(survey, "はい", "いいえ", key="q1", disclosure="public")
    publish_results(survey, by=staff)
    Question.objects.filter(pk=question.pk).update(text="直した文")
    seen = renewals([survey])[0].state
    Question.objects.filter(pk=question.pk).update(text="すり替えた文")
    address = f"/admin/surveys/survey/{survey.pk}/results/"
    response = staff_client.post(address, {"reason": "直したため", "seen": seen})
    assert "画面を開いた後に" in response.content.decode()
    assert survey.editions.count() == 1
    now = renewals([survey])[0].state
    staff_client.post(address, {"reason": "直したため", "seen": now})
    assert survey.editions.count() == 2


def test_a_record_is_published_with_the_names_that_were_seen(fy2020: CouncilYear) -> None:
    meeting = Meeting.objects.order_by("number")[0]
    Attendance.objects.create(
        meeting=meeting, organization=Organization.objects.get(code="242012"), status="present"
    )
    engine = RecordPublication()
    before = engine.candidate(meeting).state
    Organization.objects.filter(code="242012").update(name="すり替え市")
    assert engine.candidate(meeting).state != before
