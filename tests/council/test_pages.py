"""Every public page: what it shows, and that it shows nothing that is not public."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from council.models import AnnualReport, ReportSection
from meetings.models import AgendaItem, Attendance, Material, Meeting, MinuteEntry
from members.common.text.eras import fiscal_year
from members.models import Council, CouncilYear
from surveys.models import Survey
from tests import factories

pytestmark = pytest.mark.django_db

SECRET = "ひみつ"


@pytest.fixture
def year() -> CouncilYear:
    """A public year with one of everything, and a secret word in all that can be hidden."""
    council = factories.council(slug="c", purpose="公開の目的")
    year = factories.council_year(council=council, year=fiscal_year(timezone.localdate()))
    body = factories.organization(code="242012", name="津市")
    factories.membership(year, department=factories.department(organization=body))
    return year


def fill(year: CouncilYear) -> dict[str, Any]:
    """Add records that say the secret word wherever text can be written."""
    meeting = Meeting.objects.create(
        council_year=year,
        number=1,
        held_on=timezone.localdate() + timedelta(days=1),
        place=SECRET,
        status="planned",
    )
    AgendaItem.objects.create(meeting=meeting, title=SECRET)
    MinuteEntry.objects.create(meeting=meeting, kind="report", body=SECRET, speaker_name=SECRET)
    Material.objects.create(meeting=meeting, title=SECRET, is_public=True)
    organization = year.municipalities().get()
    Attendance.objects.create(meeting=meeting, organization=organization, status="absent")
    survey = factories.survey(year, title=SECRET, provenance_note=SECRET)
    choice = factories.question(survey, SECRET, "他", text=SECRET).choices.first()
    assert choice
    indicator = factories.indicator(survey, choice, key="secret", name=SECRET, statement=SECRET)
    report = AnnualReport.objects.create(council_year=year)
    ReportSection.objects.create(
        report=report, kind="goals", position=1, body=f"{SECRET}{{secret}}", heading=SECRET
    )
    return {"meeting": meeting, "survey": survey, "indicator": indicator, "report": report}


PAGES = (
    "/",
    "/councils/c/",
    "/councils/c/{year}/",
    "/councils/c/{year}/meetings/1/",
    "/councils/c/{year}/figures/secret/",
    "/organizations/242012/",
)


def visit(year: CouncilYear, client: Client | None = None) -> dict[str, tuple[int, str]]:
    pages = {}
    for page in PAGES:
        response = (client or Client()).get(page.format(year=year.year))
        pages[page] = (response.status_code, response.content.decode())
    return pages


def test_drafts_show_nowhere(year: CouncilYear) -> None:
    fill(year)
    pages = visit(year)
    for page, (_, html) in pages.items():
        assert SECRET not in html, page
        assert "欠席" not in html, page
    assert pages["/councils/c/{year}/meetings/1/"][0] == 404
    assert pages["/councils/c/{year}/figures/secret/"][0] == 404
    assert pages["/councils/c/{year}/"][0] == 200
    assert "まだ公開されていません" in pages["/councils/c/{year}/"][1]


@pytest.mark.parametrize("hidden", ["year", "council"])
def test_nothing_of_a_hidden_year_shows(year: CouncilYear, hidden: str) -> None:
    records = fill(year)
    Meeting.objects.update(
        is_announced=True, status="held", record_status="published", held_on=timezone.localdate()
    )
    Survey.objects.update(status="closed", results_public=True)
    AnnualReport.objects.update(status="published", published_on=timezone.localdate())
    if hidden == "year":
        CouncilYear.objects.update(is_public=False)
    else:
        Council.objects.update(is_public=False)
    for page, (status, html) in visit(year).items():
        assert SECRET not in html, page
        assert status == (404 if year.label in page or "{year}" in page else status)
    assert records


def test_an_announcement_shows_the_agenda_and_no_record(year: CouncilYear) -> None:
    fill(year)
    Meeting.objects.update(is_announced=True)
    MinuteEntry.objects.update(body="議事の秘密", speaker_name="発言者の秘密")
    pages = visit(year)
    meeting = pages["/councils/c/{year}/meetings/1/"][1]
    assert SECRET in meeting
    assert "会議の後に公開します" in meeting
    assert SECRET in pages["/"][1]
    for html in (html for _, html in pages.values()):
        assert "の秘密" not in html
        assert "欠席" not in html


def test_a_published_report_hides_figures_that_are_not_public(year: CouncilYear) -> None:
    fill(year)
    AnnualReport.objects.update(status="published", published_on=timezone.localdate())
    ReportSection.objects.update(body="割合は{secret}でした。", heading="目標")
    html = visit(year)["/councils/c/{year}/"][1]
    assert "（未公開の数値）" in html
    assert SECRET not in html


def test_staff_see_drafts_marked_as_such(year: CouncilYear, staff_client: Client) -> None:
    fill(year)
    pages = visit(year, staff_client)
    for page in (
        "/councils/c/{year}/",
        "/councils/c/{year}/meetings/1/",
        "/councils/c/{year}/figures/secret/",
    ):
        assert pages[page][0] == 200
        assert "非公開のプレビュー" in pages[page][1], page
    assert "下書き" in pages["/councils/c/{year}/meetings/1/"][1]


def test_a_logged_in_visitor_without_permission_sees_what_the_public_sees(year: CouncilYear) -> None:
    from django.contrib.auth.models import User

    fill(year)
    client = Client()
    client.force_login(User.objects.create_user("someone", is_staff=True))
    assert all(SECRET not in html for _, html in visit(year, client).values())


def test_the_home_page_leads_to_everything(fy2020: CouncilYear) -> None:
    html = Client().get("/").content.decode()
    assert 'href="/councils/smart-jichitai/2020/"' in html
    assert "<strong>86%</strong>" in html
    assert "28市町中24市町" in html
    assert "公開された会議はまだ" not in html


def test_the_home_page_of_an_empty_portal() -> None:
    html = Client().get("/").content.decode()
    assert "公開された年次報告書はまだありません" in html
    assert "公開された検討会議はまだありません" in html


def test_an_organizations_roles_departments_and_meetings(fy2020: CouncilYear) -> None:
    html = Client().get("/organizations/242039/").content.decode()
    for words in ("伊勢市", "情報政策課（副代表：情報政策課参事兼課長）", "第3回会議"):
        assert words in html
    assert "木曾岬町" in Client().get("/organizations/243035/").content.decode()
    # Registered, but not on any roster.
    assert Client().get("/organizations/244414/").status_code == 404


def test_a_meeting_with_agenda_minutes_and_materials(fy2020: CouncilYear) -> None:
    html = Client().get("/councils/smart-jichitai/2020/meetings/1/").content.decode()
    order = [
        html.index(word) for word in ("RPAモデル事業・RPA導入マニュアルについて", "令和元年度の取組内容")
    ]
    assert order == sorted(order)
    for words in (
        "<ol",
        'id="a2020-1-2"',
        'href="#a2020-1-2"',
        "Web会議",
        "RPAモデル事業の発表動画（動画）",
        "伊賀市広聴情報課",
    ):
        assert words in html, words


def test_a_cancelled_meeting_keeps_its_date(year: CouncilYear) -> None:
    fill(year)
    Meeting.objects.update(is_announced=True, status="cancelled")
    html = visit(year)["/councils/c/{year}/meetings/1/"][1]
    assert "中止になりました" in html
    assert "開催予定日" in html


def test_the_roster_is_a_table_that_reads_well_aloud(fy2020: CouncilYear) -> None:
    html = Client().get("/councils/smart-jichitai/2020/").content.decode()
    assert "<caption>市町の検討メンバー</caption>" in html
    assert "<caption>県の検討メンバー</caption>" in html
    assert 'scope="rowgroup" rowspan="4"' in html
    assert '<span aria-hidden="true">◎</span> 代表' in html


@pytest.mark.parametrize(
    "path", ["/councils/none/", "/councils/c/20/", "/councils/c/2020/meetings/x/", "/organizations/1/"]
)
def test_unknown_addresses_get_a_page(path: str) -> None:
    response = Client().get(path)
    assert response.status_code == 404
    assert "ページが見つかりません" in response.content.decode()


def test_nothing_is_loaded_from_elsewhere_or_stands_inline(fy2020: CouncilYear) -> None:
    for path in ("/", "/councils/smart-jichitai/2020/", "/accounts/login/"):
        response = Client().get(path)
        html = response.content.decode()
        policy = response["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert " style=" not in html
        assert "<style" not in html
        assert "<script>" not in html
        assert 'src="http' not in html


def test_healthz() -> None:
    assert Client().get("/healthz").content == b"ok\n"
