"""What a fourteenth attack found: bodies public by a roster as typed, results slipped in beside a report."""

import pytest
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.test import Client

from council.models import AnnualReport
from council.publishing.publication import publication
from meetings.models import Meeting
from meetings.record.snapshot import keep_revision
from members.models import CouncilYear, Membership, Organization
from surveys.models import Survey
from surveys.results.editions import publish_results
from tests import factories
from tests.publishing import publish

pytestmark = pytest.mark.django_db
URL = "/councils/smart-jichitai/2020/"
TYPED = "職員が書いた名前"
ROSTER_ADDRESSES = (URL, "/open-data/smart-jichitai/2020/members.csv", f"/search/?q={TYPED}", "/sitemap.xml")


@pytest.fixture
def report(fy2020: CouncilYear) -> AnnualReport:
    report = AnnualReport.objects.get()
    publish(report)
    return report


def page(address: str) -> str:
    return Client().get(address).content.decode()


def typed_body(year: CouncilYear) -> Organization:
    body = factories.organization(name=TYPED, kind="town")
    factories.membership(year, department=factories.department(organization=body, name="秘密の課"))
    return body


def is_named(body: Organization) -> bool:
    """Whether the public finds a body: by the filter of the search, a hit, the sitemap, its own page."""
    hits = page(f"/search/?q={body.name}").split("<main", 1)[1].count(body.name)
    asked = 2  # the words that were searched for, in their field and in the heading
    address = body.get_absolute_url()
    return hits > asked or address in page("/sitemap.xml") or Client().get(address).status_code == 200


def test_a_body_that_only_the_live_roster_names_is_not_public(report: AnnualReport) -> None:
    body = typed_body(report.council_year)
    assert not is_named(body)
    publication.withdraw(report, None, "誤りのため")
    assert not is_named(body)


def test_a_body_of_an_edition_stays_public_where_it_is_struck_off(report: AnnualReport) -> None:
    body = Organization.objects.get(name="四日市市")
    Membership.objects.filter(department__organization=body).delete()
    assert is_named(body)
    assert body.get_absolute_url() in page("/sitemap.xml")


def test_a_withdrawal_shows_no_roster_that_nobody_approved(report: AnnualReport) -> None:
    typed_body(report.council_year)
    publication.withdraw(report, None, "誤りのため")
    for address in ROSTER_ADDRESSES[:2]:
        assert "秘密の課" not in page(address), address
    assert "公開し直すまで表示しません" in page(URL)


def test_a_year_without_a_report_shows_its_bodies_as_they_stand() -> None:
    body = typed_body(factories.council_year(year=2026))
    assert is_named(body)


def test_results_published_while_a_report_was_withdrawn_stop_its_return(
    report: AnnualReport, staff: User
) -> None:
    publication.withdraw(report, staff, "確かめるため")
    survey = Survey.objects.filter(council_year=report.council_year, results_public=True).first()
    assert survey
    question = survey.questions.order_by("position").first()
    assert question
    type(question).objects.filter(pk=question.pk).update(text="一人で書いた設問文")
    publish_results(survey, by=staff, reason="一人で")
    with pytest.raises(ValidationError, match="新しい版として公開してください"):
        publication.restore(report, staff)


def test_a_withdrawal_that_was_a_slip_is_taken_back(report: AnnualReport, staff: User) -> None:
    publication.withdraw(report, staff, "誤りのため")
    publication.restore(report, staff)
    assert Client().get(URL).status_code == 200


def test_a_feed_tells_no_moment_of_work_on_a_record(fy2020: CouncilYear, staff: User) -> None:
    feed = "/councils/smart-jichitai/records.atom"
    before = page(feed)
    meeting = Meeting.objects.with_public_record().order_by("number").first()
    assert meeting
    keep_revision(meeting, staff, publish=True)
    assert page(feed) == before


def test_a_merger_may_be_taken_back_and_is_kept_by_no_cache(fy2020: CouncilYear) -> None:
    tsu, other = Organization.objects.get(name="津市"), Organization.objects.get(name="四日市市")
    Organization.objects.filter(pk=tsu.pk).update(merged_into=other)
    assert Client().get(tsu.get_absolute_url()).status_code == 302


def test_a_year_zero_is_no_year_to_hand_on_to(fy2020: CouncilYear, staff_client: Client) -> None:
    response = staff_client.post(f"/admin/rollover/{fy2020.pk}/", {"year": "0"})
    assert response.status_code in {200, 422}
    assert "引き継ぎ先は" in response.content.decode()
    assert CouncilYear.objects.filter(council=fy2020.council).count() == 1
