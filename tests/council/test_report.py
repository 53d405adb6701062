"""The annual report: the facts of FY2020, computed from the records."""

import re

import pytest
from django.test import Client

from council.models import AnnualReport
from council.report.build import Report, build_report
from members.models import CouncilYear, Department, Membership, Organization
from surveys.models import Answer, Choice, Submission, Survey, SurveyTarget
from tests import factories
from tests.pages import seen

pytestmark = pytest.mark.django_db

URL = "/councils/smart-jichitai/2020/"


def build() -> Report:
    return build_report(AnnualReport.objects.select_related("council_year__council", "grade").get())


def text(html: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", html))


def test_the_facts_of_fy2020(fy2020: CouncilYear) -> None:
    report = build()
    assert [section.heading for section in report.sections] == [
        "取組目標",
        "検討メンバー",
        "現状および課題",
        "開催実績",
        "検討状況",
        "取組成果",
        "今後の方針",
        "取組に対する自己評価",
    ]
    assert (len(report.roster.municipalities), report.roster.department_count) == (28, 41)
    assert [len(row.departments) for row in report.roster.prefectures] == [2]
    assert [meeting.held_on.isoformat() for meeting in report.meetings] == [
        "2020-06-17",
        "2020-08-20",
        "2021-02-05",
    ]
    assert [len(meeting.agenda) for meeting in report.meetings] == [5, 5, 4]
    assert [figure.share_text for figure in report.figures] == ["86%（28市町中24市町）"] * 2
    assert report.grade_sentence == "目標に対する取組成果が概ね発揮されました。"
    assert "多気町" not in {row.name for row in report.roster.municipalities}


def test_the_page_quotes_each_figure_with_its_base_and_links_it(fy2020: CouncilYear) -> None:
    html = Client().get(URL).content.decode()
    for key, section in (("progressed", "outcomes"), ("deepened", "self_evaluation")):
        start = html.index(f'<h2 id="{section}">')
        part = html[start : html.find("<h2 id=", start + 1)]
        assert f'href="{URL}figures/{key}/">86%（28市町中24市町）</a>' in part
    page = text(html)
    assert "令和3（2021）年2月5日" in page
    assert "◎ 代表" in page
    assert "○ 副代表" in page
    assert "実際の回答ではありません" in page


def test_one_changed_answer_moves_report_and_figure_page(fy2020: CouncilYear, staff_client: Client) -> None:
    counted = Choice.objects.get(question__key="progressed", code="some")
    other = Choice.objects.get(question__key="progressed", code="none")
    submission = Submission.objects.filter(answers__choice=counted).first()
    assert submission
    rows = submission.answers.all()
    data = {
        "respondent_department": "総務課",
        "respondent_name": "",
        "seen": seen(staff_client, f"/admin/surveys/submission/{submission.pk}/change/"),
        "reason": "電話で確認",
        "revisions-TOTAL_FORMS": 0,
        "revisions-INITIAL_FORMS": 0,
        "answers-TOTAL_FORMS": len(rows),
        "answers-INITIAL_FORMS": len(rows),
    }
    for index, row in enumerate(rows):
        data[f"answers-{index}-id"] = row.pk
        data[f"answers-{index}-submission"] = submission.pk
        data[f"answers-{index}-choice"] = other.pk if row.choice == counted else row.choice_id
    response = staff_client.post(f"/admin/surveys/submission/{submission.pk}/change/", data)
    assert response.status_code == 302, text(response.content.decode())

    public = Client()
    assert "82%（28市町中23市町）" in text(public.get(URL).content.decode())
    figure = text(public.get(f"{URL}figures/progressed/").content.decode())
    assert "82% （28市町中23市町）" in figure
    assert "86% （28市町中24市町）" in text(public.get(f"{URL}figures/deepened/").content.decode())


def test_the_figure_page_says_what_is_counted(fy2020: CouncilYear) -> None:
    page = text(Client().get(f"{URL}figures/progressed/").content.decode())
    for words in (
        "検討が進んだ市町の割合",
        "テレワークシステム、電子申請、RPA・AIの検討は進みましたか。",
        "かなり進んだ 9 32% 数える",
        "進まなかった 1 4% 数えない",
        "28市町中28市町（未提出 0市町）",
        "都道府県と、広域連合などの団体は、母数にも数にも入りません",
        "四捨五入",
        "現在の回答から計算しました",
        "実際の回答ではありません",
        "「会議後アンケート」",
    ):
        assert words in page, words
    # No municipality stands beside a made-up answer.
    assert not [name for name in Organization.objects.values_list("name", flat=True) if name in page]


def grow(year: CouncilYear, bodies: int) -> None:
    """Add municipalities, each on the roster and with an answer."""
    organizations = Organization.objects.bulk_create(
        Organization(code=factories.code(n), name=f"第{n}町", kana="まち", kind="town") for n in range(bodies)
    )
    departments = Department.objects.bulk_create(
        Department(organization=organization, name="総務課") for organization in organizations
    )
    Membership.objects.bulk_create(Membership(council_year=year, department=row) for row in departments)
    survey = Survey.objects.get(key="after-meeting")
    targets = SurveyTarget.objects.bulk_create(
        SurveyTarget(survey=survey, organization=organization) for organization in organizations
    )
    submissions = Submission.objects.bulk_create(
        Submission(target=target, submitted_at="2021-02-12T10:00:00+09:00") for target in targets
    )
    choice = Choice.objects.get(question__key="progressed", code="much")
    Answer.objects.bulk_create(
        Answer(submission=submission, question=choice.question, choice=choice) for submission in submissions
    )


@pytest.mark.parametrize("bodies", [0, 1713])
def test_queries_do_not_grow_with_bodies(
    fy2020: CouncilYear,
    bodies: int,
    django_assert_max_num_queries,  # type: ignore[no-untyped-def]
) -> None:
    grow(fy2020, bodies)
    with django_assert_max_num_queries(25):
        page = Client().get(URL).content.decode()
    assert f"{28 + bodies}市町中{24 + bodies}市町" in page
    for path, most in ((f"{URL}figures/progressed/", 20), ("/", 25), (f"{URL}meetings/1/", 12)):
        with django_assert_max_num_queries(most):
            assert Client().get(path).status_code == 200
