"""The course of a survey in the secretariat's hands: made, opened, watched, closed, opened again."""

import io
import re
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from openpyxl import load_workbook

from members.common.files.spreadsheets import XLSX
from members.models import CouncilYear, Membership, Organization
from surveys.models import (
    AnswerStatus,
    Choice,
    Condition,
    CountedChoice,
    DraftSection,
    Indicator,
    Question,
    Section,
    Submission,
    Survey,
    SurveyEvent,
    SurveyTarget,
    Topic,
)
from surveys.questionnaire.copying import copy_survey
from surveys.questionnaire.structure import load_questionnaire
from surveys.questionnaire.table import HEADERS
from surveys.running.days_off import day_off, days_off_near
from surveys.running.lifecycle import open_survey
from surveys.running.status_board import build_board
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def year() -> CouncilYear:
    year = factories.council_year()
    for name in ("あ町", "い町"):
        body = factories.organization(name=name)
        factories.membership(year, department=factories.department(organization=body, name="総務課"))
    return year


@pytest.fixture
def survey(year: CouncilYear) -> Survey:
    survey = factories.survey(year, status="draft", opened_at=None)
    factories.question(survey, "はい", "いいえ", key="one", text="始めていますか")
    return survey


def url(survey: Survey, screen: str) -> str:
    return f"/admin/surveys/survey/{survey.pk}/{screen}/"


def test_opening_keeps_names_and_leaves_out_with_a_reason(
    staff_client: Client, survey: Survey, year: CouncilYear
) -> None:
    left_out = Organization.objects.get(name="い町")
    prefecture = factories.organization(name="試験県", kind="prefecture")
    data = {f"excluded-{left_out.pk}": "合併のため", "others": [prefecture.pk]}
    page = staff_client.post(url(survey, "open"), data).content.decode()
    assert "母数に含めない理由を入力" in page
    assert not SurveyTarget.objects.exists()
    page = staff_client.post(url(survey, "open"), {**data, "others_reason": "県のため"}).content.decode()
    assert page.count("/answer/open/") == 2
    targets = {target.name: target for target in SurveyTarget.objects.all()}
    assert targets["い町"].is_excluded
    assert not targets["い町"].in_base
    assert targets["試験県"].exclusion_reason == "県のため"
    assert targets["あ町"].departments_at_opening == "総務課"
    Organization.objects.filter(name="あ町").update(name="新町")
    assert SurveyTarget.objects.get(pk=targets["あ町"].pk).name == "あ町"
    assert SurveyEvent.objects.filter(kind="excluded", note="い町：合併のため").exists()


def test_links_leave_as_a_workbook(staff_client: Client, survey: Survey, settings: Any) -> None:
    settings.LGWAN_ADDRESS = "https://portal.lgwan.example"
    page = staff_client.post(url(survey, "open")).content.decode()
    tokens = re.search(r'<textarea name="tokens" hidden>(.*?)</textarea>', page, re.S)
    assert tokens
    response = staff_client.post(
        f"/admin/surveys/survey/{survey.pk}/links.xlsx", {"tokens": tokens[1] + "\nforged"}
    )
    sheet = load_workbook(io.BytesIO(response.content)).active
    assert sheet is not None
    table = [[cell.value for cell in row] for row in sheet.iter_rows()]
    assert table[0][-1] == "回答用リンク（LGWAN）"
    assert [row[1] for row in table[1:]] == ["あ町", "い町"]
    path = str(table[1][4]).removeprefix("http://testserver")
    assert Client().get(path).status_code == 302
    assert str(table[1][5]).startswith("https://portal.lgwan.example/answer/open/")


def test_reopening_asks_for_a_reason_and_keeps_answers(staff_client: Client, survey: Survey) -> None:
    open_survey(survey)
    target = SurveyTarget.objects.first()
    assert target
    factories.submitted(target)
    staff_client.post(url(survey, "close"))
    assert "再開する理由を入力" in staff_client.post(url(survey, "reopen")).content.decode()
    later = timezone.localtime(timezone.now() + timedelta(days=3))
    data = {"closes_at_0": f"{later:%Y-%m-%d}", "closes_at_1": "17:00", "reason": "2市町が未提出のため"}
    page = staff_client.post(url(survey, "reopen"), data, follow=True).content.decode()
    assert "2市町が未提出のため" in page
    survey.refresh_from_db()
    assert survey.is_accepting
    assert Submission.objects.count() == 1
    past = {**data, "closes_at_0": "2020-01-01"}
    Survey.objects.update(status="closed")
    assert "先の日時" in staff_client.post(url(survey, "reopen"), past).content.decode()


def test_an_extension_has_a_reason_and_is_on_record(staff_client: Client, survey: Survey) -> None:
    open_survey(survey)
    target = SurveyTarget.objects.earliest("pk")
    later = timezone.localtime(timezone.now() + timedelta(days=9))
    path = f"/admin/surveys/surveytarget/{target.pk}/change/"
    data = {"in_base": "on", "extended_to_0": f"{later:%Y-%m-%d}", "extended_to_1": "17:00:00"}
    assert "理由を入力してください" in staff_client.post(path, data).content.decode()
    assert staff_client.post(path, {**data, "extension_reason": "災害対応"}).status_code == 302
    target.refresh_from_db()
    assert target.deadline == target.extended_to
    assert "災害対応" in staff_client.get(url(survey, "board")).content.decode()
    early = timezone.localtime(survey.closes_at - timedelta(hours=1))  # type: ignore[operator]
    data = {"in_base": "on", "extended_to_0": f"{early:%Y-%m-%d}", "extended_to_1": f"{early:%H:%M:%S}"}
    assert "全体の締切より後" in staff_client.post(path, {**data, "extension_reason": "x"}).content.decode()


def test_the_board_tells_where_everybody_stands(staff_client: Client, survey: Survey) -> None:
    choice = Choice.objects.get(code="c1")
    factories.indicator(survey, choice, name="始めた割合")
    open_survey(survey)
    one, two = SurveyTarget.objects.order_by("pk")
    factories.submitted(one, choice)
    DraftSection.objects.create(target=two, section="main", values={"q-one": "c1"}, saved_by="税務課")
    page = staff_client.get(url(survey, "board")).content.decode()
    assert "対象2団体中1団体が提出" in page
    assert "税務課" in page
    text = re.sub(r"<[^>]+>", " ", page)
    assert re.search(r"始めた割合\s+50%（2市町中1市町）\s+50%（2市町中1市町）\s+100%（2市町中2市町）", text)
    only = staff_client.get(url(survey, "board"), {"status": "missing"}).content.decode()
    assert "団体ごとの状況（1団体）" in only


def test_the_board_of_1741_bodies_takes_the_same_queries(
    survey: Survey,
    staff_client: Client,
    django_assert_num_queries,  # type: ignore[no-untyped-def]
) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    open_survey(survey)
    staff_client.get(url(survey, "board"))
    with CaptureQueriesContext(
        connection,
    ) as few:
        staff_client.get(url(survey, "board"))
    bodies = Organization.objects.bulk_create(
        Organization(code=factories.code(5000 + n), name=f"第{n}", kana="まち", kind="town")
        for n in range(1741)
    )
    targets = SurveyTarget.objects.bulk_create(
        SurveyTarget(survey=survey, organization=body) for body in bodies
    )
    Submission.objects.bulk_create(
        Submission(target=target, submitted_at=timezone.now()) for target in targets[:900]
    )
    DraftSection.objects.bulk_create(
        DraftSection(target=target, section="main", values={}) for target in targets[800:1200]
    )
    with django_assert_num_queries(len(few)):
        page = staff_client.get(url(survey, "board")).content.decode()
    assert "対象1743団体中900団体が提出" in page
    assert build_board(survey).counts[AnswerStatus.CHANGING] == 100


@pytest.mark.parametrize(
    ("day", "reason"),
    [
        (date(2026, 11, 23), "勤労感謝の日"),
        (date(2026, 11, 21), "土曜日"),
        (date(2026, 12, 30), "年末年始の休み"),
        (date(2026, 11, 25), ""),
    ],
)
def test_days_off_are_known(day: date, reason: str) -> None:
    assert day_off(day) == reason


def test_a_deadline_on_or_after_a_day_off_is_said() -> None:
    moment = timezone.make_aware(timezone.datetime(2026, 11, 24, 17))
    assert "翌日" in days_off_near(moment)
    assert "勤労感謝の日" in days_off_near(moment - timedelta(days=1))
    assert days_off_near(moment + timedelta(days=2)) == ""


def correction(question: Question, **values: Any) -> dict[str, Any]:
    data: dict[str, Any] = {
        "position": question.position,
        "key": question.key,
        "kind": question.kind,
        "text": question.text,
        "is_required": "on",
        "disclosure": question.disclosure,
        "decimals": 0,
    }
    choices = list(question.choices.all())
    for prefix, total in (("choices", len(choices)), ("topics", 0), ("conditions", 0)):
        data |= {f"{prefix}-TOTAL_FORMS": total, f"{prefix}-INITIAL_FORMS": total}
    for index, choice in enumerate(choices):
        head = f"choices-{index}-"
        data |= {
            f"{head}id": choice.pk,
            f"{head}question": question.pk,
            f"{head}position": choice.position,
            f"{head}code": choice.code,
            f"{head}label": choice.label,
        }
    return {**data, **values}


@pytest.mark.parametrize("change", [{"text": "始めましたか"}, {"choices-0-label": "はい（訂正）"}])
def test_a_correction_shows_what_it_touches_first(
    staff_client: Client, survey: Survey, change: dict[str, Any]
) -> None:
    question = Question.objects.get()
    factories.indicator(survey, question.choices.get(code="c1"), name="始めた割合")
    open_survey(survey)
    factories.submitted(SurveyTarget.objects.first(), question.choices.get(code="c1"))  # type: ignore[arg-type]
    path = f"/admin/surveys/question/{question.pk}/change/"
    page = staff_client.post(path, correction(question, **change)).content.decode()
    assert "文言を変えるとすでに回答した団体の画面も変わります" in page
    assert "1団体が回答済みか入力中" in page
    assert "指標「始めた割合」" in page
    question.refresh_from_db()
    assert question.text == "始めていますか"
    response = staff_client.post(path, correction(question, **change, knows="on"))
    assert response.status_code == 302
    assert SurveyEvent.objects.filter(kind="wording", note__contains="→").exists()
    # Structure stays locked, tick or not.
    code = correction(Question.objects.get(), **{"choices-0-code": "other"}, knows="on")
    assert staff_client.post(path, code).status_code == 200
    assert Choice.objects.filter(code="c1").exists()


@pytest.fixture
def rich(survey: Survey) -> Survey:
    """A survey with every kind of part."""
    section = Section.objects.create(survey=survey, code="more", title="くわしく")
    many = factories.question(survey, "A", "その他", "特にない", key="many", kind="multiple", section=section)
    many.choices.filter(code="c2").update(asks_text=True)
    many.choices.filter(code="c3").update(is_exclusive=True)
    grid = factories.question(survey, "進んだ", "変わらない", key="grid", kind="grid", section=section)
    Topic.objects.create(question=grid, code="t1", label="項目")
    factories.question(survey, key="n", kind="number", minimum=0, maximum=100, unit="人", section=section)
    one = Question.objects.get(key="one")
    Condition.objects.create(question=many, choice=one.choices.get(code="c2"))
    factories.indicator(survey, one.choices.get(code="c1"), key="started")
    return survey


def test_a_copy_has_everything_but_the_answers(rich: Survey, year: CouncilYear, staff_client: Client) -> None:
    following = factories.council_year(council=year.council, year=year.year + 1)
    factories.submitted(factories.target(rich))
    data = {"council_year": following.pk, "key": rich.key, "title": "次の年"}
    staff_client.post(url(rich, "copy"), data)
    copy = Survey.objects.get(council_year=following)
    assert load_questionnaire(copy).items[1].rule == load_questionnaire(rich).items[1].rule
    assert not copy.targets.exists()
    assert copy.status == "draft"
    indicator = Indicator.objects.get(survey=copy)
    assert indicator.key == "started"
    assert CountedChoice.objects.get(indicator=indicator).choice.question.survey == copy
    assert "同じ識別名" in staff_client.post(url(rich, "copy"), data).content.decode()


def test_last_years_answer_is_shown_and_taken_over(rich: Survey, year: CouncilYear) -> None:
    from surveys.answering.drafts import load_draft
    from surveys.answering.submitting import submit
    from surveys.running.lifecycle import issue_links

    body = Organization.objects.get(name="あ町")
    last = factories.target(rich, organization=body)
    content = {"q-one": "c2", "q-many": ["c2"], "q-many~c2": "独自の取組", "q-n": "12"}
    submit(load_draft(SurveyTarget.objects.for_answering().get(pk=last.pk)), content, channel="web")
    following = factories.council_year(council=year.council, year=year.year + 1)
    copy = copy_survey(rich, following, rich.key, rich.title)
    Survey.objects.filter(pk=copy.pk).update(
        status="open", opened_at=timezone.now(), closes_at=timezone.now() + timedelta(days=1)
    )
    target = factories.target(Survey.objects.get(pk=copy.pk), organization=body)
    other = factories.target(
        Survey.objects.get(pk=copy.pk), organization=Organization.objects.get(name="い町")
    )
    client = Client()
    for found in (target, other):
        (link,) = issue_links([found])
        client.get(f"/answer/open/{link.token}/")
    path = f"/answer/{target.anchor}/sections/"
    page = client.get(f"{path}main/").content.decode()
    assert f"前回（{year.label}）の回答：</span>いいえ" in page
    response = client.post(f"{path}main/", {"take": "q-one"})
    assert response["Location"].endswith("#field-q-one")
    assert DraftSection.objects.get(section="main").values == {"q-one": "c2"}
    client.post(f"{path}more/", {"take": "q-many", "q-n": "15"})
    assert DraftSection.objects.get(section="more").values == {
        "q-many": ["c2"],
        "q-many~c2": "独自の取組",
        "q-n": "15",
    }
    # Another body's answers are not shown.
    assert "前回" not in client.get(f"/answer/{other.anchor}/sections/main/").content.decode()


def sheet(*rows: dict[str, Any]) -> SimpleUploadedFile:
    import tablib

    table = tablib.Dataset(headers=HEADERS)
    for row in rows:
        table.append([row.get(header, "") for header in HEADERS])
    return SimpleUploadedFile("設問.xlsx", XLSX().export_data(table))


def test_a_questionnaire_goes_out_and_comes_in_again(
    rich: Survey, year: CouncilYear, staff_client: Client
) -> None:
    content = staff_client.get(f"/admin/surveys/survey/{rich.pk}/questions.xlsx").content
    empty = factories.survey(year, status="draft", opened_at=None)
    page = staff_client.post(
        url(empty, "import"), {"file": SimpleUploadedFile("q.xlsx", content)}
    ).content.decode()
    assert "読み取った設問（4問）" in page
    assert not empty.questions.exists()
    payload = re.search(r'<textarea name="confirmed" hidden>(.*?)</textarea>', page, re.S)
    assert payload
    staff_client.post(url(empty, "import"), {"confirmed": payload[1]})
    before, after = load_questionnaire(rich), load_questionnaire(empty)
    assert [item.rule for item in before.items] == [item.rule for item in after.items]
    assert [page.title for page in before.pages] == [page.title for page in after.pages]
    written = staff_client.get(f"/admin/surveys/survey/{empty.pk}/questions.xlsx").content
    cells = [
        [[cell.value for cell in row] for row in load_workbook(io.BytesIO(each)).active.iter_rows()]  # type: ignore[union-attr]
        for each in (content, written)
    ]
    assert cells[0] == cells[1]
    # Not over questions that were not shown, and not with another survey's confirmation.
    empty.questions.filter(key="one").update(text="直した問い")
    again = staff_client.post(url(empty, "import"), {"confirmed": payload[1]}).content.decode()
    assert "確認した後に設問が変わった" in again
    assert (
        "ほかのアンケート"
        in staff_client.post(url(rich, "import"), {"confirmed": payload[1]}).content.decode()
    )


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ({"識別名": "Ａ", "設問文": "文", "形式": "自由記述"}, "2行目：「識別名」半角の英小文字"),
        ({"識別名": "a", "設問文": "", "形式": "自由記述"}, "「設問文」を入力"),
        ({"識別名": "a", "設問文": "文", "形式": "えらぶ"}, "「形式」えらぶ：「1つ選ぶ」"),
        ({"識別名": "a", "設問文": "文", "形式": "数値", "最小": "零"}, "「最小」零：数で入力"),
        ({"識別名": "a", "設問文": "文", "形式": "1つ選ぶ", "選択肢": "x=あ\nx=い"}, "同じ識別名が2つ"),
        ({"識別名": "a", "設問文": "文", "形式": "自由記述", "尋ねる条件": "b=c1"}, "「尋ねる条件」b=c1"),
        ({"設問文": "文", "形式": "自由記述", "尋ねる条件": "問9=はい"}, "問9はこの行より前にありません"),
        ({"設問文": "文", "形式": "1つ選ぶ"}, "「選択肢」がありません"),
        ({"設問文": "文", "形式": "1つ選ぶ", "選択肢": "あ\nい\nあ"}, "「あ」が2回あります"),
        ({"設問文": "文", "形式": "表形式", "選択肢": "あ\nい"}, "「項目」がありません"),
        ({"識別名": "a", "設問文": "文", "形式": "自由記述", "必須": "たぶん"}, "「必須」たぶん"),
    ],
)
def test_a_bad_row_is_said_with_row_and_column(
    survey: Survey, year: CouncilYear, staff_client: Client, row: dict[str, Any], words: str
) -> None:
    empty = factories.survey(year, status="draft", opened_at=None)
    page = staff_client.post(url(empty, "import"), {"file": sheet(row)}).content.decode()
    assert words in page
    assert 'name="confirmed"' not in page
    assert not empty.questions.exists()


def test_the_preview_checks_and_keeps_nothing(rich: Survey, staff_client: Client) -> None:
    assert "くわしく" in staff_client.get(url(rich, "preview")).content.decode()
    page = staff_client.post(url(rich, "preview"), {"q-one": "c2"}).content.decode()
    assert "1つ以上選んでください" in page
    assert not DraftSection.objects.exists()


def test_a_new_member_of_the_roster_is_asked_too(survey: Survey, year: CouncilYear) -> None:
    open_survey(survey)
    Membership.objects.create(council_year=year, department=factories.department())
    Survey.objects.update(status="closed")
    assert len(open_survey(Survey.objects.get(pk=survey.pk))) == 1
    assert SurveyTarget.objects.count() == 3


def test_a_zero_in_an_imported_questionnaire_is_a_number(year: CouncilYear, staff_client: Client) -> None:
    empty = factories.survey(year, status="draft", opened_at=None)
    row = {
        "識別名": "a",
        "設問文": "文",
        "形式": "数値",
        "最小": 0,
        "最大": 0.5,
        "小数の桁数": 1,
        "単位": "%",
    }
    page = staff_client.post(url(empty, "import"), {"file": sheet(row)}).content.decode()
    payload = re.search(r'<textarea name="confirmed" hidden>(.*?)</textarea>', page, re.S)
    assert payload
    staff_client.post(url(empty, "import"), {"confirmed": payload[1]})
    question = empty.questions.get()
    assert (question.minimum, question.maximum) == (0, Decimal("0.5"))
    # And a bound of per cent is said in a message that per cent signs do not break.
    page = staff_client.post(url(empty, "preview"), {"q-a": "-5"}).content.decode()
    assert "0%以上で入力してください" in page
