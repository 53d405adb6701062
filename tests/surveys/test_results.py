"""Tallies of every question, what the public may see of them, and the files."""

import csv
import io
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from openpyxl import load_workbook

from members.models import CouncilYear, Organization
from surveys.answering.drafts import load_draft
from surveys.answering.submitting import submit
from surveys.models import (
    AggregateCount,
    Condition,
    Question,
    Survey,
    SurveyTarget,
    Topic,
)
from surveys.results.answer_files import answer_table, definition_table, organization_table
from surveys.results.disclosure import MEMBERS, PUBLIC, STAFF, disclosed_results
from surveys.results.indicator_tallies import tally_indicators
from surveys.results.question_tallies import NumberTally
from surveys.running.lifecycle import issue_links
from tests import factories

pytestmark = pytest.mark.django_db


def answer(survey: Survey, kind: str = "town", **values: Any) -> SurveyTarget:
    """A body that handed in these answers."""
    target = factories.target(survey, organization=factories.organization(kind=kind))
    found = SurveyTarget.objects.for_answering().get(pk=target.pk)
    content = {f"q-{name.replace('__', '.')}": value for name, value in values.items()}
    submit(load_draft(found), {**content, "respondent_name": "秘密の人"}, channel="web")
    return found


@pytest.fixture
def year() -> CouncilYear:
    return factories.council_year()


@pytest.fixture
def survey(year: CouncilYear) -> Survey:
    return factories.survey(year, key="yearly")


def test_shares_are_of_the_base_and_non_answers_are_told(survey: Survey) -> None:
    factories.question(survey, "はい", "いいえ", key="one")
    for code in ("c1", "c1", "c2"):
        answer(survey, one=code)
    answer(survey)
    factories.target(survey)
    factories.target(survey, in_base=False, exclusion_reason="県")
    tally = disclosed_results(survey, STAFF).questions[0].topics[0].tally
    assert [(choice.count, choice.percent) for choice in tally.choices] == [(2, 40), (1, 20)]
    assert (tally.base, tally.answered, tally.not_asked, tally.unanswered) == (5, 3, 0, 2)


def test_who_was_not_asked_is_told_apart(survey: Survey) -> None:
    first = factories.question(survey, "はい", "いいえ", key="first")
    why = factories.question(survey, "A", "B", key="why")
    Condition.objects.create(question=why, choice=first.choices.get(code="c2"))
    answer(survey, first="c1")
    answer(survey, first="c2", why="c1")
    answer(survey, first="c2")
    factories.target(survey)
    tally = disclosed_results(survey, STAFF).questions[1].topics[0].tally
    assert (tally.base, tally.answered, tally.not_asked, tally.unanswered) == (4, 1, 1, 2)
    assert "「いいえ」" in tally.rule


def test_numbers_are_summed_up_and_their_ends_stay_with_staff(survey: Survey) -> None:
    factories.question(survey, key="n", kind="number", decimals=1)
    for number in ("1.5", "2", "10"):
        answer(survey, n=number)
    shown = disclosed_results(survey, STAFF).questions[0].topics[0]
    numbers = shown.tally.numbers
    assert numbers
    assert (numbers.total, numbers.mean, numbers.middle) == (
        Decimal("13.5"),
        Decimal("4.50"),
        Decimal("2.00"),
    )
    assert (numbers.least, numbers.most) == (Decimal("1.5"), Decimal("10.0"))
    # Three answers are too few to show.
    public = disclosed_results(survey, PUBLIC).questions[0].topics[0].tally
    assert (public.numbers, public.is_withheld, public.answered) == (None, True, 3)
    for _ in range(2):
        answer(survey, n="1")
    # The least, the most and the middle one are one body's own number.
    assert disclosed_results(survey, PUBLIC).questions[0].topics[0].tally.numbers == NumberTally(
        Decimal("15.5"), Decimal("3.10"), None, None, None
    )


def test_grids_stack_to_a_hundred(survey: Survey) -> None:
    grid = factories.question(survey, "進んだ", "変わらない", "戻った", key="g", kind="grid")
    Topic.objects.create(question=grid, code="t", label="項目")
    for code in ("c1", "c2", "c3") * 2:
        answer(survey, g__t=code)
    for _ in range(2):
        factories.target(survey)
    segments = disclosed_results(survey, PUBLIC).questions[0].topics[0].segments
    assert round(sum(segment.width for segment in segments), 1) == 100
    assert segments[1].start == pytest.approx(segments[0].width, abs=0.01)
    # The same base as in the table: who did not answer is a segment.
    assert [(each.label, each.count, each.width) for each in segments][1:] == [
        ("変わらない", 2, 25.0),
        ("戻った", 2, 25.0),
        ("無回答・未提出", 2, 25.0),
    ]


def test_last_times_share_stands_beside(survey: Survey, year: CouncilYear) -> None:
    earlier = factories.survey(
        factories.council_year(council=year.council, year=year.year - 1), key="yearly", status="closed"
    )
    factories.question(earlier, "はい", "いいえ", key="one")
    factories.question(survey, "はい", "いいえ", key="one")
    for _ in range(5):
        answer(earlier, one="c1")
        answer(survey, one="c2")
    assert disclosed_results(survey, STAFF).questions[0].topics[0].before == {"c1": 100, "c2": 0}
    # The public sees it once the earlier results are public too.
    assert disclosed_results(survey, PUBLIC).questions[0].topics[0].before == {}
    Survey.objects.filter(pk=earlier.pk).update(results_public=True)
    assert disclosed_results(survey, PUBLIC).questions[0].topics[0].before == {"c1": 100, "c2": 0}


def publish(survey: Survey) -> str:
    Survey.objects.filter(pk=survey.pk).update(status="closed", results_public=True)
    return survey.get_absolute_url()


def test_only_what_is_disclosed_is_public(survey: Survey) -> None:
    for level in ("staff", "members", "public"):
        factories.question(survey, "はい", "いいえ", key=level, text=f"設問{level}", disclosure=level)
    factories.question(survey, key="free", kind="text", text="設問free", disclosure="public")
    target = answer(survey, staff="c1", members="c1", public="c1", free="秘密の記述")
    path = survey.get_absolute_url()
    assert Client().get(path).status_code == 404
    assert Client().get(f"{path}tally.csv").status_code == 404
    publish(survey)
    for page in (
        Client().get(path).content.decode(),
        Client().get(f"{path}tally.csv").content.decode("utf-8-sig"),
    ):
        assert "設問public" in page
        assert "設問free" in page
        for secret in ("設問staff", "設問members", "秘密の記述", "秘密の人", target.organization.name):
            assert secret not in page
    shared = [question.text for question in disclosed_results(survey, MEMBERS).questions]
    assert shared == ["設問members", "設問public", "設問free"]


def test_members_see_shared_results_by_their_link(survey: Survey) -> None:
    factories.question(survey, "はい", "いいえ", key="m", text="構成員の設問", disclosure="members")
    factories.question(survey, "はい", "いいえ", key="s", text="事務局の設問", disclosure="staff")
    target = answer(survey, m="c1", s="c1")
    (link,) = issue_links([target])
    client = Client()
    client.get(f"/answer/open/{link.token}/")
    path = f"/answer/{target.anchor}/results/"
    assert client.get(path).status_code == 302
    Survey.objects.update(status="closed", results_shared=True)
    page = client.get(path).content.decode()
    assert "構成員の設問" in page
    assert "事務局の設問" not in page
    assert Client().get(path).status_code == 403


def test_an_indicator_of_a_guarded_question_is_not_public(survey: Survey) -> None:
    question = factories.question(survey, "はい", "いいえ", disclosure="staff")
    indicator = factories.indicator(survey, question.choices.first())
    publish(survey)
    year = survey.council_year
    path = f"/councils/{year.council.slug}/{year.year}/figures/{indicator.key}/"
    assert Client().get(path).status_code == 404
    Question.objects.update(disclosure="public")
    assert Client().get(path).status_code == 200


def test_queries_do_not_grow(survey: Survey, django_assert_max_num_queries) -> None:  # type: ignore[no-untyped-def]
    questions = [factories.question(survey, "はい", "いいえ", key=f"k{number}") for number in range(6)]
    for question in questions[1:]:
        Condition.objects.create(question=question, choice=questions[0].choices.get(code="c1"))
    for _ in range(4):
        answer(survey, **{f"k{number}": "c1" for number in range(6)})
    with django_assert_max_num_queries(10):
        disclosed_results(survey, STAFF)


def rows(dataset: Any) -> list[dict[str, Any]]:
    return list(dataset.dict)


def test_files_of_answers(survey: Survey, staff_client: Client) -> None:
    many = factories.question(survey, "A", "その他", key="many", kind="multiple", text="=設問")
    many.choices.filter(code="c2").update(asks_text=True, label="=その他")
    factories.question(survey, key="n", kind="number")
    factories.question(survey, key="note", kind="text")
    target = answer(survey, **{"many": ["c1", "c2"], "many~c2": "@mention", "n": "-5", "note": "=1+1"})
    factories.target(survey)

    assert [(row["設問"], row["選択肢"], row["記述"], row["数値"]) for row in rows(answer_table(survey))] == [
        ("many", "c1", "", ""),
        ("many", "c2", "@mention", ""),
        ("n", "", "", -5),
        ("note", "", "=1+1", ""),
    ]
    coded, missing = rows(organization_table(survey, labelled=False))
    assert (coded["many=c1"], coded["many=c2"], coded["many~c2"], coded["n"]) == (1, 1, "@mention", -5)
    assert missing["状態"] == "未着手"
    labelled, _ = rows(organization_table(survey, labelled=True))
    assert labelled["many=c1"] == "○"
    assert {row["列"] for row in rows(definition_table(survey))} == {"many", "many~c2", "n", "note"}

    base = f"/admin/surveys/survey/{survey.pk}/export/"
    book = load_workbook(io.BytesIO(staff_client.get(f"{base}answers.xlsx").content))
    assert book.sheetnames == ["設問定義", "回答（1行1件）", "団体別（コード）", "団体別（表示）"]
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    assert not [cell for cell in cells if cell.data_type == "f"]
    assert "=1+1" in {cell.value for cell in cells}
    content = staff_client.get(f"{base}answers.csv").content
    assert content.startswith(b"\xef\xbb\xbf")
    lines = list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))
    assert "'=1+1" in [cell for line in lines for cell in line]
    assert "-5" in [cell for line in lines for cell in line]
    assert target.organization.code in content.decode("utf-8-sig")
    assert staff_client.get(f"{base}other.csv").status_code == 404
    assert Client().get(f"{base}answers.csv").status_code == 302


def test_staff_read_and_search_what_was_written(survey: Survey, staff_client: Client) -> None:
    factories.question(survey, key="note", kind="text", text="ご意見")
    answer(survey, note="ｱﾝｹｰﾄを短くしてほしい")
    answer(survey, note="特になし")
    path = f"/admin/surveys/survey/{survey.pk}/texts/"
    assert "ご意見（2件）" in staff_client.get(path).content.decode()
    found = staff_client.get(path, {"q": "アンケート"}).content.decode()
    assert "ご意見（1件）" in found
    assert "特になし" not in found


def aggregate(year: CouncilYear, counts: dict[str, int]) -> Survey:
    survey = Survey(
        council_year=year,
        key="past",
        title="過去の調査",
        is_aggregate=True,
        aggregate_source="令和元年度報告書 3ページ",
        aggregate_base=28,
        aggregate_answered=28,
    )
    survey.full_clean()
    survey.save()
    question = factories.question(survey, "進んだ", "進まなかった", key="k")
    for code, count in counts.items():
        row = AggregateCount(question=question, choice=question.choices.get(code=code), count=count)
        row.full_clean()
        row.save()
    return survey


def test_a_survey_of_counts_makes_the_same_figure(year: CouncilYear) -> None:
    survey = aggregate(year, {"c1": 24})
    indicator = factories.indicator(survey, survey.questions.get().choices.get(code="c1"))
    (tally,) = tally_indicators([indicator])
    assert tally.share_text == "86%（28市町中24市町）"
    path = f"/councils/{year.council.slug}/{year.year}/figures/{indicator.key}/"
    publish(survey)
    for page in (
        Client().get(path).content.decode(),
        Client().get(survey.get_absolute_url()).content.decode(),
    ):
        assert "令和元年度報告書 3ページ" in page
        assert "団体ごとの回答はなく" in page


def test_counts_need_a_source_and_fit_their_base(year: CouncilYear, staff_client: Client) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Survey.objects.create(council_year=year, key="x", title="x", is_aggregate=True, aggregate_base=28)
    survey = aggregate(year, {"c1": 20})
    question = survey.questions.get()
    data: dict[str, Any] = {
        "position": 1,
        "key": "k",
        "kind": "single",
        "text": question.text,
        "disclosure": "public",
        "decimals": 0,
        "aggregate_counts-0-id": question.aggregate_counts.get().pk,
        "aggregate_counts-0-question": question.pk,
        "aggregate_counts-0-choice": question.choices.get(code="c1").pk,
        "aggregate_counts-0-count": 20,
        "aggregate_counts-1-choice": question.choices.get(code="c2").pk,
        "aggregate_counts-1-count": 9,
    }
    for prefix, total, initial in (
        ("choices", 0, 0),
        ("topics", 0, 0),
        ("conditions", 0, 0),
        ("aggregate_counts", 2, 1),
    ):
        data |= {f"{prefix}-TOTAL_FORMS": total, f"{prefix}-INITIAL_FORMS": initial}
    path = f"/admin/surveys/question/{question.pk}/change/"
    page = staff_client.post(path, data).content.decode()
    assert "回答した団体の数（28）を超えています" in page
    assert staff_client.post(path, {**data, "aggregate_counts-1-count": 8}).status_code == 302


def test_a_survey_of_counts_is_never_opened(year: CouncilYear, staff_client: Client) -> None:
    survey = aggregate(year, {})
    page = staff_client.get(f"/admin/surveys/survey/{survey.pk}/open/").content.decode()
    assert "受付をしません" in page


def test_a_body_is_counted_by_its_kind_when_it_was_asked(survey: Survey) -> None:
    factories.question(survey, "はい", "いいえ", key="one")
    town, _ = answer(survey, "town", one="c1"), answer(survey, "city", one="c1")
    SurveyTarget.objects.filter(pk=town.pk).update(kind_at_opening="town")
    Organization.objects.filter(pk=town.organization_id).update(kind="city")
    kinds = [group.kind for group in disclosed_results(survey, STAFF).questions[0].topics[0].tally.groups]
    assert kinds == ["city", "town"]


def test_counts_that_cannot_be_added_make_no_figure(year: CouncilYear, staff_client: Client) -> None:
    survey = aggregate(year, {"c1": 20})
    other = factories.question(survey, "はい", "いいえ", key="other", kind="multiple")
    data: dict[str, Any] = {
        "survey": survey.pk,
        "key": "sum",
        "name": "足した指標",
        "statement": "意味",
        "unit": "市町",
        "counted_choices-TOTAL_FORMS": 2,
        "counted_choices-INITIAL_FORMS": 0,
        "counted_choices-0-choice": survey.questions.get(key="k").choices.get(code="c1").pk,
        "counted_choices-1-choice": other.choices.get(code="c1").pk,
    }
    page = staff_client.post("/admin/surveys/indicator/add/", data).content.decode()
    assert "足し合わせられない" in page
    assert not survey.indicators.exists()


def test_what_a_source_does_not_tell_is_unknown(year: CouncilYear) -> None:
    survey = aggregate(year, {})
    Survey.objects.filter(pk=survey.pk).update(aggregate_answered=None)
    many = factories.question(survey, "A", "B", key="many", kind="multiple")
    AggregateCount.objects.create(question=many, choice=many.choices.get(code="c1"), count=20)
    publish(survey)
    tally = disclosed_results(Survey.objects.get(pk=survey.pk), PUBLIC).questions[1].topics[0].tally
    assert (tally.choices[0].count, tally.answered, tally.unanswered) == (20, None, None)
    assert "不明" in Client().get(survey.get_absolute_url()).content.decode()
