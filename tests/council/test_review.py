"""What a hostile, hurried or unlucky hand could do, and cannot."""

import re
from datetime import timedelta
from typing import Any

import pytest
from auditlog.models import LogEntry
from django.contrib.auth.models import Permission, User
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from council.models import AnnualReport
from council.report.counts import load_tables
from members.models import CouncilYear, Organization
from surveys.answering.drafts import load_draft
from surveys.answering.submitting import record, submit
from surveys.models import Answer, Choice, Question, Submission, Survey, SurveyTarget, Topic
from surveys.results.indicator_tallies import tally_indicators
from surveys.results.snapshots import staff_snapshots
from surveys.running.lifecycle import issue_links, open_survey
from tests import factories
from tests.members.test_files import confirm
from tests.pages import seen

pytestmark = pytest.mark.django_db


def staff_with(*permissions: str) -> Client:
    user = User.objects.create_user("limited", is_staff=True)
    for permission in permissions:
        app, code = permission.split(".")
        user.user_permissions.add(Permission.objects.get(content_type__app_label=app, codename=code))
    client = Client()
    client.force_login(user)
    return client


@pytest.mark.parametrize(
    ("permissions", "may_import", "may_export"),
    [
        ((), False, False),
        (("members.view_organization",), False, True),
        (("members.add_organization", "members.change_organization"), True, True),
    ],
)
def test_files_need_the_permissions_of_the_register(
    permissions: tuple[str, ...], may_import: bool, may_export: bool
) -> None:
    client = staff_with(*permissions)
    csv = "団体コード,団体名,ふりがな,種別\n242012,津市,つし,市\n".encode()
    response = client.post(
        "/admin/members/organization/import/",
        {"import_file": SimpleUploadedFile("a.csv", csv), "resource": "0"},
    )
    assert response.status_code == (200 if may_import else 403)
    export = client.post("/admin/members/organization/export/", {"format": "1", "resource": "0"})
    assert export.status_code == (200 if may_export else 403)
    assert not Organization.objects.exists()


def test_an_import_confirmed_twice_says_so(staff_client: Client) -> None:
    csv = "団体コード,団体名,ふりがな,種別\n242012,津市,つし,市\n".encode()
    data = {"import_file": SimpleUploadedFile("a.csv", csv), "resource": "0"}
    response = staff_client.post("/admin/members/organization/import/", data)
    for words in ("団体を取り込みました（追加1件", "もう一度ファイルを選んでください"):
        assert words in confirm(staff_client, response, "organization").content.decode()
    assert Organization.objects.count() == 1


def test_a_report_is_previewed_with_the_permissions_of_each_record() -> None:
    year = factories.council_year()
    survey = factories.survey(year)
    factories.indicator(survey, key="f", name="ひみつの指標")
    AnnualReport.objects.create(council_year=year)
    page = staff_with("council.view_annualreport").get(year.get_absolute_url()).content.decode()
    assert "非公開のプレビュー" in page
    assert "ひみつの指標" not in page


def test_opening_a_survey_needs_the_permission_to_hand_out_links() -> None:
    survey = factories.survey(factories.council_year(), status="draft")
    client = staff_with("surveys.change_survey")
    assert client.post(f"/admin/surveys/survey/{survey.pk}/open/").status_code == 403


@pytest.fixture
def answered() -> Submission:
    year = factories.council_year()
    survey = factories.survey(year)
    question = factories.question(survey, "はい", "いいえ", key="one")
    organization = factories.membership(year).department.organization
    submission = factories.submitted(
        factories.target(survey, organization=organization), question.choices.get(code="c1")
    )
    factories.indicator(survey, question.choices.get(code="c1"))
    return submission


def correction(submission: Submission, choice: Choice, shown: str) -> dict[str, Any]:
    answer = submission.answers.get()
    return {
        "respondent_department": "総務課",
        "respondent_name": "職員",
        "seen": shown,
        "reason": "電話で確認",
        "revisions-TOTAL_FORMS": 0,
        "revisions-INITIAL_FORMS": 0,
        "answers-TOTAL_FORMS": 1,
        "answers-INITIAL_FORMS": 1,
        "answers-0-id": answer.pk,
        "answers-0-submission": submission.pk,
        "answers-0-choice": choice.pk,
    }


def test_a_correction_does_not_overwrite_what_came_in_meanwhile(
    staff_client: Client, answered: Submission
) -> None:
    other = Choice.objects.get(code="c2")
    url = f"/admin/surveys/submission/{answered.pk}/change/"
    opened = seen(staff_client, url)
    Submission.objects.update(respondent_name="新しい回答者")
    page = staff_client.post(url, correction(answered, other, opened)).content.decode()
    assert "ほかの人が「新しい回答者」に変えました" in page
    answered.refresh_from_db()
    assert answered.respondent_name == "新しい回答者"
    assert answered.answers.get().choice != other
    # Shown again with both values, saving is a decision.
    (decided,) = re.findall(r'name="seen" value="([^"]*)"', page)
    record(answered, {"q-one": "c1"})
    page = staff_client.post(url, correction(answered, other, decided)).content.decode()
    assert "この画面を開いた後に、回答が提出されました" in page
    again = correction(answered, other, seen(staff_client, url))
    assert staff_client.post(url, again).status_code == 302
    assert answered.answers.get().choice == other
    # Both states are kept, and the municipality sees why its answer changed.
    assert [(r.content["q-one"], r.note) for r in answered.revisions.order_by("number")] == [
        ("c1", ""),
        ("c2", "電話で確認"),
    ]


def test_a_choice_of_another_question_is_refused(staff_client: Client, answered: Submission) -> None:
    foreign = factories.question(answered.target.survey, "A", "B").choices.first()
    assert foreign
    url = f"/admin/surveys/submission/{answered.pk}/change/"
    assert staff_client.post(url, correction(answered, foreign, seen(staff_client, url))).status_code == 200
    assert answered.answers.get().choice != foreign


def test_an_answer_stays_with_its_survey_and_body(staff_client: Client, answered: Submission) -> None:
    target = answered.target
    elsewhere = factories.survey(target.survey.council_year)
    data = {"survey": elsewhere.pk, "organization": factories.organization().pk, "in_base": "on"}
    response = staff_client.post(f"/admin/surveys/surveytarget/{target.pk}/change/", data)
    assert response.status_code == 302
    target.refresh_from_db()
    assert target.survey != elsewhere
    # And even if it moved, it would count for no figure of the other survey.
    SurveyTarget.objects.update(survey=elsewhere)
    indicator = answered.answers.get().choice.counted_by.get().indicator  # type: ignore[union-attr]
    tally = tally_indicators([indicator])[0]
    assert (tally.count, tally.base) == (0, 0)


def test_structure_is_locked_once_an_answer_is_in(staff_client: Client, answered: Submission) -> None:
    question = Question.objects.get(key="one")
    survey = question.survey
    question.text = "言い直した設問"
    question.full_clean()
    for name, value in (("key", "two"), ("kind", "multiple"), ("is_required", False)):
        changed = Question.objects.get(pk=question.pk)
        setattr(changed, name, value)
        with pytest.raises(ValidationError, match="文言の訂正だけ"):
            changed.full_clean()
    for part in (
        Question(survey=survey, key="new", kind="text", text="新しい設問"),
        Choice(question=question, code="c9", label="新しい選択肢"),
        Topic(question=question, code="t9", label="新しい項目"),
    ):
        with pytest.raises(ValidationError, match="追加できません"):
            part.full_clean()
    page = staff_client.get(f"/admin/surveys/question/{question.pk}/change/").content.decode()
    assert "choices-3-code" not in page
    assert "DELETE" not in page


def test_the_prefecture_is_in_no_base() -> None:
    survey = factories.survey(factories.council_year())
    prefecture = factories.organization(kind="prefecture")
    with pytest.raises(ValidationError, match="県は割合の母数に含めません"):
        SurveyTarget(survey=survey, organization=prefecture).full_clean()
    with pytest.raises(ValidationError, match="検討メンバーにない団体"):
        SurveyTarget(survey=survey, organization=factories.organization()).full_clean()
    SurveyTarget(
        survey=survey, organization=prefecture, in_base=False, exclusion_reason="県のため"
    ).full_clean()


def test_an_indicator_keeps_the_key_that_reports_quote(staff_client: Client, answered: Submission) -> None:
    indicator = answered.answers.get().choice.counted_by.get().indicator  # type: ignore[union-attr]
    page = staff_client.get(f"/admin/surveys/indicator/{indicator.pk}/change/").content.decode()
    assert 'name="key"' not in page
    indicator.key = "renamed"
    with pytest.raises(ValidationError, match="変えられません"):
        indicator.full_clean()
    assert staff_client.get("/admin/surveys/indicator/add/").status_code == 200
    assert staff_client.post("/admin/surveys/indicator/add/", {"key": "x"}).status_code == 200


def test_leftover_topics_do_not_bend_the_table(answered: Submission) -> None:
    question = Question.objects.get(key="one")
    Topic.objects.create(question=question, code="t1", label="残った項目")
    survey = answered.target.survey
    ((detail,), _) = load_tables(survey.council_year, staff_snapshots([survey]))
    (row,) = detail.tables
    assert (row.topic, row.rows[0].count, row.unanswered) == ("", 1, 0)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"closes_at_0": "", "closes_at_1": ""}, "受付中のアンケートには締切が必要です"),
        ({"results_public": "on"}, "受付を終了してから公開"),
        ({"closes_at_0": "2001-01-01", "closes_at_1": "00:00"}, "締切は受付を開始した日時より後"),
    ],
)
def test_an_open_surveys_form_refuses_with_a_sentence(
    staff_client: Client, change: dict[str, str], words: str
) -> None:
    survey = factories.survey(factories.council_year())
    assert survey.closes_at
    data = {
        "council_year": survey.council_year.pk,
        "key": survey.key,
        "title": survey.title,
        "closes_at_0": f"{survey.closes_at:%Y-%m-%d}",
        "closes_at_1": f"{survey.closes_at:%H:%M}",
        "files-TOTAL_FORMS": 0,
        "files-INITIAL_FORMS": 0,
        "questions-TOTAL_FORMS": 0,
        "questions-INITIAL_FORMS": 0,
        **change,
    }
    response = staff_client.post(f"/admin/surveys/survey/{survey.pk}/change/", data)
    assert response.status_code == 200
    assert words in response.content.decode()


def test_two_chairs_in_one_form_are_refused(staff_client: Client) -> None:
    year = factories.council_year()
    row = factories.membership(year)
    data = {
        "council": year.council.pk,
        "year": year.year,
        "memberships-TOTAL_FORMS": 1,
        "memberships-INITIAL_FORMS": 1,
        "memberships-0-id": row.pk,
        "memberships-0-council_year": year.pk,
        "memberships-0-role": "chair",
        "memberships-2-TOTAL_FORMS": 1,
        "memberships-2-INITIAL_FORMS": 0,
        "memberships-2-0-department": factories.department().pk,
        "memberships-2-0-role": "chair",
    }
    response = staff_client.post(f"/admin/members/councilyear/{year.pk}/change/", data)
    assert "代表は1年度に1つです" in response.content.decode()
    data["memberships-0-role"] = "vice_chair"
    path = f"/admin/members/councilyear/{year.pk}/change/"
    response = staff_client.post(path, {**data, "seen": seen(staff_client, path)})
    assert response.status_code == 302
    assert {m.role for m in year.memberships.all()} == {"chair", "vice_chair"}


@pytest.mark.parametrize(
    "path",
    [
        "/organizations/%00/",
        "/?q=%00",
        "/councils/c/2020/meetings/99999999999999999999/",
        "/councils/c/9999/",
        "/admin/meetings/meeting/add/?council_year=abc",
        "/admin/members/councilyear/add/?year=30000",
    ],
)
def test_odd_addresses_are_no_crash(staff_client: Client, path: str) -> None:
    assert staff_client.get(path).status_code < 500


def test_a_cookie_with_a_nul_byte_is_refused() -> None:
    client = Client()
    client.cookies["sessionid"] = "\000aaaa"
    assert client.get("/").status_code == 400


def test_a_year_out_of_range_is_refused_with_a_sentence(staff_client: Client) -> None:
    year = factories.council_year()
    data = {"council": year.council.pk, "year": 30000}
    for prefix in ("memberships", "memberships-2"):
        data |= {f"{prefix}-TOTAL_FORMS": 0, f"{prefix}-INITIAL_FORMS": 0}
    response = staff_client.post(f"/admin/members/councilyear/{year.pk}/change/", data)
    assert "2100以下の西暦" in response.content.decode()


def test_keys_with_hyphens_do_not_collide() -> None:
    survey = factories.survey(factories.council_year())
    grid = factories.question(survey, "はい", "いいえ", key="a", kind="grid")
    Topic.objects.create(question=grid, code="b", label="項目")
    factories.question(survey, "はい", "いいえ", key="a-b")
    target = factories.target(survey)
    (link,) = issue_links([target])
    client = Client()
    client.get(f"/answer/open/{link.token}/")
    page = client.get(f"/answer/{target.anchor}/sections/main/").content.decode()
    assert 'name="q-a.b"' in page
    assert 'name="q-a-b"' in page


def test_a_link_ends_some_weeks_after_the_deadline(answered: Submission) -> None:
    (link,) = issue_links([answered.target])
    client = Client()
    Survey.objects.update(closes_at=timezone.now() - timedelta(days=29), opened_at=None)
    assert client.get(f"/answer/open/{link.token}/", follow=True).status_code == 200
    Survey.objects.update(closes_at=timezone.now() - timedelta(days=31))
    assert client.get(f"/answer/{answered.target.anchor}/receipt/").status_code == 403
    assert client.get(f"/answer/open/{link.token}/").status_code == 404


def test_a_revoked_link_stays_dead(staff_client: Client) -> None:
    year = factories.council_year()
    factories.membership(year)
    survey = factories.survey(year, status="draft", opened_at=None)
    factories.question(survey, "はい", "いいえ")
    (link,) = open_survey(survey)
    data = {"action": "revoke_links", "_selected_action": [link.target.pk]}
    staff_client.post("/admin/surveys/surveytarget/", data)
    assert Client().get(f"/answer/open/{link.token}/").status_code == 404
    Survey.objects.update(status="closed")
    assert open_survey(survey) == []


def test_what_was_typed_too_late_can_be_copied(answered: Submission) -> None:
    target = factories.target(answered.target.survey)
    (link,) = issue_links([target])
    client = Client()
    client.get(f"/answer/open/{link.token}/")
    Survey.objects.update(status="closed")
    data = {"q-one": "c2", "respondent_name": "試験"}
    page = client.post(f"/answer/{target.anchor}/sections/main/", data).content.decode()
    assert "保存できなかった入力" in page
    assert "いいえ" in page


def test_the_audit_trail_tells_what_an_answer_became() -> None:
    survey = factories.survey(factories.council_year())
    factories.question(survey, "はい", "いいえ", key="one")
    target = factories.target(survey)
    for code in ("c1", "c1", "c2"):
        work = load_draft(SurveyTarget.objects.for_answering().get(pk=target.pk))
        content = {"q-one": code, "respondent_department": "課", "respondent_name": "名"}
        submit(work, content, channel="web")
    entries = LogEntry.objects.filter(content_type__model="answer").order_by("pk")
    # Made, left alone, then replaced.
    assert [entry.get_action_display() for entry in entries] == ["作成", "削除", "作成"]
    assert Answer.objects.get().choice.code == "c2"  # type: ignore[union-attr]


def test_a_conflict_over_the_respondent_shows_too() -> None:
    survey = factories.survey(factories.council_year())
    factories.question(survey, "はい", "いいえ", key="one")
    target = factories.target(survey)
    (link,) = issue_links([target])
    client = Client()
    client.get(f"/answer/open/{link.token}/")
    data = {"q-one": "c1", "respondent_department": "総務課", "respondent_name": "先"}
    client.post(f"/answer/{target.anchor}/sections/main/", data)
    page = client.post(
        f"/answer/{target.anchor}/sections/main/", {**data, "respondent_name": "後"}
    ).content.decode()
    assert "先に保存された回答（総務課 先、" in page


@pytest.mark.parametrize("path", ["members/councilyear", "surveys/submission"])
def test_forms_do_not_query_per_row(
    staff_client: Client,
    fy2020: CouncilYear,
    path: str,
    django_assert_max_num_queries,  # type: ignore[no-untyped-def]
) -> None:
    model = {"members/councilyear": CouncilYear, "surveys/submission": Submission}[path]
    record = model.objects.order_by("pk").first()  # type: ignore[attr-defined]
    with django_assert_max_num_queries(28):
        page = staff_client.get(f"/admin/{path}/{record.pk}/change/").content.decode()
    assert re.search("情報政策課|検討は進みましたか", page)


def test_the_reports_page_names_whom_to_ask(fy2020: CouncilYear) -> None:
    fy2020.council.contact = "三重県の担当課"
    fy2020.council.save()
    assert "三重県の担当課" in Client().get(fy2020.get_absolute_url()).content.decode()
