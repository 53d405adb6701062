"""Sections of staff's own: any number beside the eight, with heading, anchor, and a place in every form."""

import pytest
from django.test import Client

from council.models import AnnualReport, ReportSection
from council.publishing.publication import publication
from council.writing.form import copy_from
from members.models import CouncilYear
from tests.council.test_search import found
from tests.publishing import publish

pytestmark = pytest.mark.django_db
URL = "/councils/smart-jichitai/2020/"


def screen() -> str:
    return f"/admin/council/annualreport/{AnnualReport.objects.get(council_year__year=2020).pk}/writing/"


def posted(client: Client, **changes: str) -> dict[str, str]:
    """What the screen would post, as it stands, with some changes."""
    desk = client.get(screen()).context["desk"]
    data = {}
    for form in desk.forms:
        for name in form.fields:
            value = form[name].value()
            if value is True:
                value = "on"
            if value not in (None, False):
                data[form.add_prefix(name)] = str(value)
    return {**data, **changes}


def test_a_section_is_added_written_published_and_removed(fy2020: CouncilYear, staff_client: Client) -> None:
    page = staff_client.post(screen(), posted(staff_client, add="1"), follow=True).content.decode()
    assert "節を加えました" in page
    staff_client.post(screen(), posted(staff_client, add="1"))
    data = posted(staff_client)
    data |= {"free-1-heading": "参考：県の施策", "free-1-body": "独自の文です。", "free-2-heading": ""}
    response = staff_client.post(screen(), data)
    assert response.status_code == 422
    assert "加えた節の見出しを入力してください" in response.content.decode()
    data |= {"free-2-heading": "資料一覧"}
    assert staff_client.post(screen(), data).status_code == 302
    publish(AnnualReport.objects.get())
    report = Client().get(URL).content.decode()
    assert '<h2 id="free-1">' in report
    assert "独自の文です。" in Client().get(f"{URL}report.txt").content.decode()
    assert found(q="独自の文") == [f"{URL}#free-1"]
    done = staff_client.post(screen(), posted(staff_client, remove="free-1"), follow=True).content.decode()
    assert "節「参考：県の施策」を削除しました" in done
    assert not ReportSection.objects.filter(kind="free-1").exists()
    # What was published stays as it was.
    assert "独自の文です。" in Client().get(URL).content.decode()
    staff_client.post(screen(), posted(staff_client, remove="goals"))
    assert ReportSection.objects.filter(kind="goals").exists()


def test_next_year_takes_them_along(fy2020: CouncilYear) -> None:
    before = AnnualReport.objects.get()
    ReportSection.objects.create(report=before, kind="free-1", position=9, heading="参考", body="毎年の文")
    year = CouncilYear.objects.create(council=fy2020.council, year=2021)
    report = AnnualReport.objects.create(council_year=year)
    copy_from(before, report)
    section = report.sections.get(kind="free-1")
    assert (section.heading, section.body, section.position) == ("参考", "毎年の文", 9)


def test_a_section_added_meanwhile_is_left_alone(fy2020: CouncilYear, staff_client: Client) -> None:
    opened = posted(staff_client)
    staff_client.post(screen(), posted(staff_client, add="1"))
    ReportSection.objects.filter(kind="free-1").update(body="ほかの人の文")
    assert staff_client.post(screen(), {**opened, "goals-body": "私の文"}).status_code == 302
    assert ReportSection.objects.get(kind="free-1").body == "ほかの人の文"
    assert ReportSection.objects.get(kind="goals").body == "私の文"


def test_text_for_a_section_removed_meanwhile_is_not_lost(fy2020: CouncilYear, staff_client: Client) -> None:
    staff_client.post(screen(), posted(staff_client, add="1"))
    opened = posted(staff_client)
    staff_client.post(screen(), posted(staff_client, remove="free-1"))
    # Nothing typed there: nothing to lose.
    assert staff_client.post(screen(), opened).status_code == 302
    response = staff_client.post(
        screen(), {**opened, "free-1-body": "一時間かけた文", "goals-body": "私の文"}
    )
    assert response.status_code == 409
    page = response.content.decode()
    assert "ほかの人が削除しました" in page
    assert "一時間かけた文" in page
    assert ReportSection.objects.get(kind="goals").body != "私の文"


def test_a_section_that_another_wrote_in_is_not_removed(fy2020: CouncilYear, staff_client: Client) -> None:
    staff_client.post(screen(), posted(staff_client, add="1"))
    opened = posted(staff_client)
    ReportSection.objects.filter(kind="free-1").update(body="ほかの人の文")
    page = staff_client.post(screen(), {**opened, "remove": "free-1"}, follow=True).content.decode()
    assert "削除していません" in page
    assert ReportSection.objects.get(kind="free-1").body == "ほかの人の文"


def test_the_number_of_a_removed_section_is_not_given_again(
    fy2020: CouncilYear, staff_client: Client
) -> None:
    staff_client.post(screen(), posted(staff_client, add="1"))
    staff_client.post(screen(), posted(staff_client, remove="free-1"))
    staff_client.post(screen(), posted(staff_client, add="1"))
    assert ReportSection.objects.filter(kind__startswith="free-").get().kind == "free-2"


def test_a_link_to_a_section_that_is_not_there_is_found(fy2020: CouncilYear) -> None:
    report = AnnualReport.objects.get()
    ReportSection.objects.create(report=report, kind="free-1", position=9, heading="参考", body="文")
    ReportSection.objects.filter(kind="goals").update(body="[参考](#free-1)と[別](#free-9)")
    texts = [each.text for each in publication.candidate(report).findings]
    assert any("#free-9" in text for text in texts)
    assert not any("「#free-1」" in text for text in texts)
