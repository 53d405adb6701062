"""Smaller things of the answering pages: numbers, order, names carried on, what applies to whom."""

import re

import pytest
from django.test import Client

from members.common.text.cleaning import grouped
from surveys.models import Choice, Condition, Question, Section, Survey, SurveyTarget
from tests import factories
from tests.surveys.test_answering import FULL, client, submit, survey, target, url

__all__ = ["client", "survey", "target"]
pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("1234567", "1,234,567"), ("-1234.50", "-1,234.50"), ("999", "999"), ("0", "0"), ("0012", "12"),
        ("1,23,4", "1,23,4"), ("△300", "△300"), ("1e3", "1e3"), ("", ""), ("-", "-"), ("1.", "1."),
        ("９９９９", "９９９９"), ("9999999999999", "9,999,999,999,999"),
    ],
)  # fmt: skip
def test_thousands(text: str, shown: str) -> None:
    assert grouped(text) == shown


def test_a_year_has_no_thousands(client: Client, target: SurveyTarget) -> None:
    Question.objects.filter(key="count").update(unit="年", decimals=0)
    client.post(url(target, "sections/main/"), {**FULL, "q-count": "2026"})
    assert "2026年" in client.get(url(target, "check/")).content.decode()
    Question.objects.filter(key="count").update(unit="人")
    assert "2,026人" in client.get(url(target, "check/")).content.decode()


def test_questions_are_numbered_through_all_sections(
    client: Client, survey: Survey, target: SurveyTarget
) -> None:
    second = Section.objects.create(survey=survey, code="second", title="第2部")
    Question.objects.filter(key="count").update(section=second)
    page = client.get(url(target, "sections/second/")).content.decode()
    assert re.findall(r"問(\d+)</span>", page) == ["5"]
    sheet = client.get(url(target, "print/")).content.decode()
    assert re.findall(r"問(\d+)</span>", sheet) == ["1", "2", "3", "4", "5"]


def test_what_is_wrong_is_listed_in_the_order_of_the_questions(
    client: Client, survey: Survey, target: SurveyTarget
) -> None:
    note = Question.objects.get(key="note")
    note.is_required = True
    note.save()
    Condition.objects.create(question=note, choice=Choice.objects.get(question__key="one", code="c1"))
    client.post(url(target, "sections/main/"), {**FULL, "q-note": "", "q-count": "abc", "q-grid.t2": ""})
    page = submit(client, target).content.decode()
    assert re.findall(r"\?check#field-([^\"]+)", page) == ["q-grid.t2", "q-note", "q-count"]


def test_a_name_is_carried_on_to_the_next_section(
    client: Client, survey: Survey, target: SurveyTarget
) -> None:
    for code in ("a", "b"):
        section = Section.objects.create(survey=survey, code=code, title=f"第{code}部")
        factories.question(survey, key=f"more-{code}", kind="line", section=section)
    client.post(url(target, "sections/a/"), {"q-more-a": "x", "saved_by": "企画課　中村", "leave": "1"})
    page = client.get(url(target, "sections/b/")).content.decode()
    assert 'value="企画課　中村"' in page
    client.post(url(target, "sections/b/"), {"q-more-b": "x", "saved_by": "加藤", "leave": "1"})
    # At the end it is proposed as the respondent's, who is asked for the same.
    page = client.get(url(target, "sections/respondent/")).content.decode()
    assert 'value="加藤"' in page
    client.post(url(target, "sections/a/"), {"q-more-a": "x", "saved_by": "総務課 佐藤", "leave": "1"})
    page = client.get(url(target, "sections/respondent/")).content.decode()
    assert 'value="総務課"' in page
    assert 'value="佐藤"' in page
    data = {"respondent_department": "財政課", "respondent_name": "中村", "leave": "1"}
    client.post(url(target, "sections/respondent/"), data)
    page = client.get(url(target, "sections/respondent/")).content.decode()
    assert 'value="財政課"' in page
    assert 'value="総務課"' not in page
    # What stands at a section is not rewritten by who goes on elsewhere.
    assert 'value="企画課　中村"' in client.get(url(target, "sections/a/")).content.decode()


def test_the_script_is_told_what_opens_a_question(client: Client, target: SurveyTarget) -> None:
    choice = Choice.objects.get(question__key="one", code="c2")
    Condition.objects.create(question=Question.objects.get(key="note"), choice=choice)
    Condition.objects.create(question=Question.objects.get(key="grid"), choice=choice)
    page = client.get(url(target, "sections/main/")).content.decode()
    assert page.count('data-applies-if="q-one=c2"') == 2
    assert "を選んだ場合だけ回答してください" in page
    # So is it of what a choice asks to be written.
    Choice.objects.filter(question__key="many", code="c3").update(asks_text=True)
    page = client.get(url(target, "sections/main/")).content.decode()
    written = re.findall(r'id="field-(q-[\w-]+~[\w-]+)" class="field" data-applies-if="([^"]+)"', page)
    assert written
    assert all(name.replace("~", "=") == tick for name, tick in written)


def test_a_chain_of_what_does_not_apply_is_not_unfinished(client: Client, target: SurveyTarget) -> None:
    many = Question.objects.get(key="many")
    note = Question.objects.get(key="note")
    Question.objects.filter(pk__in=[many.pk, note.pk]).update(is_required=True)
    Condition.objects.create(question=many, choice=Choice.objects.get(question__key="one", code="c1"))
    Condition.objects.create(question=note, choice=many.choices.get(code="c3"))
    client.post(url(target, "sections/main/"), FULL)
    seen = client.get(url(target, "sections/main/")).context["form"].initial["seen"]
    client.post(url(target, "sections/main/"), {**FULL, "q-one": "c2", "seen": seen})
    assert submit(client, target).status_code == 302


def test_the_minutes_it_takes_are_said_where_known(client: Client, target: SurveyTarget) -> None:
    assert "時間の目安" not in client.get(url(target)).content.decode()
    Survey.objects.update(minutes=15)
    assert "約15分" in client.get(url(target)).content.decode()


def test_who_leaves_the_desktop_is_proposed_to_nobody(
    client: Client, survey: Survey, target: SurveyTarget
) -> None:
    section = Section.objects.create(survey=survey, code="a", title="第a部")
    factories.question(survey, key="more", kind="line", section=section)
    client.post(url(target, "sections/a/"), {"q-more": "x", "saved_by": "中村", "leave": "1"})
    assert client.cookies["writer"].value
    client.post(url(target, "leave/"))
    assert client.cookies["writer"].value == ""
