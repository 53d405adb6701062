"""A year that becomes the next: what is taken over, what is marked, and what never is."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.test import Client

from council.accounts.roles import AUDITOR, EDITOR, READER, SYSTEM
from council.models import AnnualReport, EvaluationGrade, ReportSection
from council.rollover.carry import Choice, carry_over
from council.rollover.plan import Plan, plan_for
from council.rollover.shifts import shifted, year_words
from members.models import Council, CouncilYear, Membership, Organization, Remit
from surveys.models import CountedChoice, Indicator, Question, Submission, Survey, SurveyTarget
from tests import factories
from tests.security.test_accounts import somebody

pytestmark = pytest.mark.django_db


@pytest.fixture
def source(fy2020: CouncilYear) -> CouncilYear:
    Council.objects.update(closed_year=None)
    return CouncilYear.objects.select_related("council").get(pk=fy2020.pk)


def everything(plan: Plan, **values: Any) -> Choice:
    return Choice(
        **{
            "seen": plan.state,
            "members": frozenset(row.pk for row in plan.members),
            "surveys": frozenset(row.pk for row in plan.surveys),
            "with_grades": True,
            "with_sections": True,
            **values,
        }
    )


def carry(source: CouncilYear, year: int = 2021, **values: Any) -> tuple[CouncilYear, list[str]]:
    return carry_over(source, year, everything(plan_for(source, year), **values))


# --- Words that name a year ---


@pytest.mark.parametrize(
    ("text", "word", "later"),
    [
        ("令和7年度現況調査", "令和7年度", "令和8年度"),
        ("令和７年度", "令和７年度", "令和８年度"),
        ("令和9年度", "令和9年度", "令和10年度"),
        ("令和7（2025）年度", "令和7（2025）年度", "令和8（2026）年度"),
        ("R7年度", "R7年度", "R8年度"),
        ("２０２５年度", "２０２５年度", "２０２６年度"),
        ("平成31年度", "平成31年度", "平成32年度"),
        ("令和７年5月30日までに", "令和７年", ""),
        ("令和3年法律第35号", "令和3年", ""),
        ("令和元年度から", "令和元年度", ""),
    ],
)
def test_a_fiscal_year_moves_and_all_else_is_only_marked(text: str, word: str, later: str) -> None:
    (found,) = year_words([("説明文", text)])
    assert (found.word, found.suggestion, found.places) == (word, later, ("説明文",))


def test_words_are_moved_once_and_only_those_that_are_chosen() -> None:
    text = "令和6年度末と令和7年度、令和8年度の予定。次年度。令和3年法律"
    words = {each.word: each.suggestion for each in year_words([("", text)]) if each.suggestion}
    assert shifted(text, words) == "令和7年度末と令和8年度、令和9年度の予定。次年度。令和3年法律"
    assert shifted(text, {"令和7年度": "令和8年度"}).startswith("令和6年度末と令和8年度、令和8年度")


# --- The whole of it ---


def test_a_year_becomes_the_next_without_what_belongs_to_it_alone(source: CouncilYear) -> None:
    target, done = carry(source)
    assert done == ["検討メンバー43課", "自己評価の区分1件", "アンケート2件", "報告書の節の構成"]
    assert (target.year, target.is_public) == (2021, False)
    assert target.memberships.count() == source.memberships.count()
    assert not target.meetings.exists()
    for survey in target.surveys.all():
        assert (survey.status, survey.closes_at, survey.opened_at) == ("draft", None, None)
        assert not survey.results_public
        assert not survey.results_shared
    assert not SurveyTarget.objects.filter(survey__council_year=target).exists()
    assert not Submission.objects.filter(target__survey__council_year=target).exists()
    report = AnnualReport.objects.get(council_year=target)
    old = AnnualReport.objects.get(council_year=source)
    assert report.status == AnnualReport.Status.DRAFT
    assert list(report.sections.values_list("kind", "heading")) == list(
        old.sections.values_list("kind", "heading")
    )
    assert not report.sections.exclude(body="").exists()
    labels = EvaluationGrade.objects.filter(council_year=target).values_list("label", flat=True)
    assert set(labels) == set(
        EvaluationGrade.objects.filter(council_year=source).values_list("label", flat=True)
    )


def test_figures_count_the_choices_of_the_new_questionnaire(source: CouncilYear) -> None:
    target, _ = carry(source)
    figures = Indicator.objects.filter(council_year=target)
    assert set(figures.values_list("key", flat=True)) == set(source.indicators.values_list("key", flat=True))
    for counted in CountedChoice.objects.filter(indicator__in=figures):
        assert counted.choice.question.survey.council_year == target


def test_heads_of_department_are_marked_until_somebody_has_looked(
    source: CouncilYear, staff_client: Client
) -> None:
    chair = Membership.objects.get(council_year=source, role="chair")
    target, _ = carry(source)
    marked = target.memberships.filter(is_to_check=True)
    assert marked.filter(department=chair.department, role="chair").exists()
    assert set(marked.values_list("department", flat=True)) >= set(
        source.memberships.exclude(post="").values_list("department", flat=True)
    )
    assert not source.memberships.filter(is_to_check=True).exists()
    page = staff_client.get("/admin/").content.decode()
    assert f"確かめていない検討メンバーが{marked.count()}課あります" in page
    form = staff_client.get(f"/admin/members/councilyear/{target.pk}/change/").content.decode()
    assert "要確認" in form


def test_what_is_there_stays_and_twice_is_once(source: CouncilYear) -> None:
    own = factories.council_year(council=source.council, year=2021)
    first = source.memberships.filter(role="member").order_by("pk").first()
    assert first
    Membership.objects.create(council_year=own, department=first.department, role="chair", post="新しい職")
    grade = EvaluationGrade.objects.filter(council_year=source).first()
    assert grade
    EvaluationGrade.objects.create(council_year=own, label=grade.label, sentence="別の文", position=1)
    target, _ = carry(source)
    assert target == own
    kept = own.memberships.get(department=first.department)
    assert (kept.post, kept.role, kept.is_to_check) == ("新しい職", "chair", False)
    # One chair a year: the old one comes as a member.
    assert own.memberships.filter(role="chair").count() == 1
    assert own.grades.get(label=grade.label).sentence == "別の文"
    counts = [own.memberships.count(), own.surveys.count(), own.grades.count(), ReportSection.objects.count()]
    _, done = carry(source)
    assert done == []
    assert counts == [
        own.memberships.count(), own.surveys.count(), own.grades.count(), ReportSection.objects.count()
    ]  # fmt: skip


def test_a_merged_municipality_is_not_taken_over(source: CouncilYear) -> None:
    town, city = Organization.objects.get(name="朝日町"), Organization.objects.get(name="四日市市")
    Organization.objects.filter(pk=town.pk).update(merged_into=city, merged_on="2021-04-01")
    plan = plan_for(source, 2021)
    (row,) = [row for row in plan.members if row.label.startswith("朝日町")]
    assert not row.is_proposed
    assert "四日市市へ合併したため" in row.note
    target, _ = carry(source)
    assert not target.memberships.filter(department__organization=town).exists()
    # A merger that is still to come changes nothing yet.
    Organization.objects.filter(pk=town.pk).update(merged_on="2022-10-01")
    assert all(row.is_offered for row in plan_for(source, 2021).members)


def test_titles_and_words_are_put_where_they_were_ticked(source: CouncilYear) -> None:
    survey = source.surveys.get(key="after-meeting")
    Survey.objects.filter(pk=survey.pk).update(title="令和2年度の調査", introduction="令和2年度末の状況")
    question = survey.questions.order_by("pk").first()
    assert question
    Question.objects.filter(pk=question.pk).update(text="令和2年度に何をしましたか", help="令和2年法律")
    row = next(row for row in plan_for(source, 2021).surveys if row.pk == survey.pk)
    assert row.new_title == "令和3年度の調査"
    assert [(each.word, each.suggestion) for each in row.words] == [
        ("令和2年度", "令和3年度"),
        ("令和2年", ""),
    ]
    target, _ = carry(
        source, words={survey.pk: {"令和2年度": "令和3年度"}}, titles={survey.pk: "名付けた調査"}
    )
    copy = target.surveys.get(key=survey.key)
    assert (copy.title, copy.introduction) == ("名付けた調査", "令和3年度末の状況")
    moved = copy.questions.get(key=question.key)
    assert (moved.text, moved.help) == ("令和3年度に何をしましたか", "令和2年法律")
    survey.refresh_from_db()
    assert survey.introduction == "令和2年度末の状況"


def test_what_changed_since_the_preview_is_looked_at_again(source: CouncilYear) -> None:
    choice = everything(plan_for(source, 2021))
    Membership.objects.filter(council_year=source, role="member").first().delete()  # type: ignore[union-attr]
    with pytest.raises(ValidationError, match="確かめた後に"):
        carry_over(source, 2021, choice)
    assert not CouncilYear.objects.filter(council=source.council, year=2021).exists()


def test_nothing_is_half_taken_over(source: CouncilYear) -> None:
    with pytest.raises(ValidationError):
        carry(source, titles={row.pk: "長" * 101 for row in plan_for(source, 2021).surveys})
    assert not CouncilYear.objects.filter(council=source.council, year=2021).exists()


# --- The screen ---


def address(source: CouncilYear) -> str:
    return f"/admin/rollover/{source.pk}/"


def test_the_screen_shows_and_does_it(source: CouncilYear, staff_client: Client) -> None:
    page = staff_client.get(address(source))
    assert page.status_code == 200
    text = page.content.decode()
    assert "令和3（2021）年度を新しく作ります（非公開）" in text
    assert "4月の異動で職名が変わっていないか確かめます" in text
    plan = page.context["plan"]
    data = {
        "seen": plan.state,
        "year": "2021",
        "members": [row.pk for row in plan.members[:3]],
        "surveys": [plan.surveys[0].pk],
        "grades": "on",
    }
    answer = staff_client.post(address(source), data, follow=True)
    assert "令和3（2021）年度に検討メンバー3課" in answer.content.decode()
    target = CouncilYear.objects.get(council=source.council, year=2021)
    assert (target.memberships.count(), target.surveys.count()) == (3, 1)
    assert not AnnualReport.objects.filter(council_year=target).exists()
    again = staff_client.post(address(source), data)
    assert again.status_code == 422
    assert "確かめた後に" in again.content.decode()


@pytest.mark.parametrize("year", ["2020", "2019", "x", "9" * 30, "2031", ""])
def test_an_odd_year_is_said(source: CouncilYear, staff_client: Client, year: str) -> None:
    answer = staff_client.get(address(source), {"year": year})
    assert answer.status_code in {200, 422}
    posted = staff_client.post(address(source), {"year": year, "seen": "x"})
    assert posted.status_code == 422
    assert CouncilYear.objects.count() == 1


def test_a_closed_council_has_no_next_year(fy2020: CouncilYear, staff_client: Client) -> None:
    plan = plan_for(fy2020, 2021)
    answer = staff_client.post(address(fy2020), {"year": "2021", "seen": plan.state})
    assert answer.status_code == 422
    assert "終了年度（2020）以前の年度にしてください" in answer.content.decode()


@pytest.mark.parametrize("role", [READER, AUDITOR, SYSTEM])
def test_who_does_not_edit_does_not_hand_on(source: CouncilYear, role: Any) -> None:
    client = Client()
    client.force_login(somebody("somebody", role))
    assert client.get(address(source)).status_code == 403


def test_nobody_hands_on_another_councils_year(source: CouncilYear) -> None:
    user: User = somebody("tanto", EDITOR)
    Remit.objects.create(user=user).councils.set([factories.council()])
    client = Client()
    client.force_login(user)
    assert client.get(address(source)).status_code == 404
    assert client.post(address(source), {"seen": plan_for(source, 2021).state}).status_code == 404
    assert CouncilYear.objects.filter(year=2021).count() == 0
