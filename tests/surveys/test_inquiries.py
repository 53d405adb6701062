"""Questions about a survey: between one body and the secretariat, and as FAQ to all without a name."""

from typing import Any

import pytest
from django.core import mail
from django.test import Client

from surveys.models import Faq, Inquiry, Survey, SurveyTarget
from surveys.running.lifecycle import issue_links
from surveys.running.mailing import send_due
from tests import factories
from tests.surveys.test_answering import client, survey, target, url

__all__ = ["client", "survey", "target"]
pytestmark = pytest.mark.django_db


def ask(
    client: Client, target: SurveyTarget, question: str = "いつの数ですか。", who: str = "企画課 中村"
) -> Any:
    return client.post(url(target, "questions/"), {"question": question, "asked_by": who})


def answer(staff_client: Client, text: str, **more: str) -> Any:
    page = f"/admin/surveys/inquiry/{Inquiry.objects.latest('pk').pk}/change/"
    return staff_client.post(page, {"answer": text, **more})


@pytest.fixture
def other(survey: Survey) -> tuple[Client, SurveyTarget]:
    """Another body of the same survey, in its own browser."""
    target = factories.target(survey)
    client = Client()
    (link,) = issue_links([target])
    client.get(f"/answer/open/{link.token}/")
    return client, target


def test_a_question_is_told_answered_and_told_again(
    client: Client, target: SurveyTarget, staff_client: Client, other: tuple[Client, SurveyTarget]
) -> None:
    Survey.objects.update(notify_emails="kakari@pref.example.jp")
    SurveyTarget.objects.filter(pk=target.pk).update(emails="town@example.jp")
    assert ask(client, target)["Location"] == url(target, "questions/")
    send_due()
    assert mail.outbox[0].to == ["kakari@pref.example.jp"]
    assert "いつの数ですか。" in mail.outbox[0].body
    assert "回答していない質問が1件" in staff_client.get("/admin/").content.decode()
    assert answer(staff_client, "4月1日現在です。").status_code == 302
    send_due()
    assert mail.outbox[1].to == ["town@example.jp"]
    assert "4月1日現在" not in mail.outbox[1].body
    assert "http" not in mail.outbox[1].body
    assert "4月1日現在です。" in client.get(url(target, "questions/")).content.decode()
    theirs = other[0].get(url(other[1], "questions/")).content.decode()
    assert "いつの数ですか" not in theirs
    answer(staff_client, "10月1日現在です。")
    send_due()
    assert len(mail.outbox) == 2
    assert "回答していない質問" not in staff_client.get("/admin/").content.decode()


def test_an_faq_is_for_all_and_names_nobody(
    client: Client, target: SurveyTarget, staff_client: Client, other: tuple[Client, SurveyTarget]
) -> None:
    ask(client, target, "試験町では基準日はいつですか。")
    response = answer(staff_client, "4月1日現在です。", _faq="1")
    faq = Faq.objects.get()
    assert response["Location"] == f"/admin/surveys/faq/{faq.pk}/change/"
    page = other[0].get(url(other[1], "questions/")).content.decode()
    assert "基準日" not in page
    edit = f"/admin/surveys/faq/{faq.pk}/change/"
    sent = {"position": "1", "question": faq.question, "answer": faq.answer, "is_shown": "on"}
    refused = staff_client.post(edit, sent)
    assert "質問した団体や人が分かる言葉があります：試験町" in refused.content.decode()
    assert staff_client.post(edit, {**sent, "question": "基準日はいつですか。"}).status_code == 302
    page = other[0].get(url(other[1], "questions/")).content.decode()
    assert "基準日はいつですか。" in page
    assert "訂正" not in page
    staff_client.post(edit, {**sent, "question": "基準日はいつですか。", "answer": "10月1日現在です。"})
    page = other[0].get(url(other[1], "questions/")).content.decode()
    assert "10月1日現在です。" in page
    assert "に訂正" in page
    staff_client.post(edit, {**sent, "question": "基準日はいつですか。", "is_shown": ""})
    assert "基準日" not in other[0].get(url(other[1], "questions/")).content.decode()
    answer(staff_client, "別の回答", _faq="1")
    assert Faq.objects.count() == 1


def test_an_faq_without_an_answer_is_not_shown(
    client: Client, target: SurveyTarget, staff_client: Client
) -> None:
    ask(client, target)
    answer(staff_client, "", _faq="1")
    faq = Faq.objects.get()
    sent = {"position": "1", "question": faq.question, "answer": "", "is_shown": "on"}
    page = staff_client.post(f"/admin/surveys/faq/{faq.pk}/change/", sent)
    assert "回答を入力してください" in page.content.decode()


@pytest.mark.parametrize(("question", "sentence"), [("　", "質問を入力"), ("長" * 2001, "2000文字以内")])
def test_a_slip_is_said_and_kept(client: Client, target: SurveyTarget, question: str, sentence: str) -> None:
    page = ask(client, target, question)
    assert page.status_code == 422
    assert sentence in page.content.decode()
    assert not Inquiry.objects.exists()


def test_a_double_click_asks_once(client: Client, target: SurveyTarget) -> None:
    ask(client, target)
    assert "すでに送っています" in ask(client, target).content.decode()
    assert Inquiry.objects.count() == 1


def test_markup_in_a_question_is_text(client: Client, target: SurveyTarget, staff_client: Client) -> None:
    ask(client, target, "<script>alert(1)</script>")
    assert "<script>alert" not in client.get(url(target, "questions/")).content.decode()
    pk = Inquiry.objects.get().pk
    assert "<script>alert" not in staff_client.get(f"/admin/surveys/inquiry/{pk}/change/").content.decode()


def test_after_closing_the_answers_stay_and_nothing_is_asked(client: Client, target: SurveyTarget) -> None:
    ask(client, target)
    Survey.objects.update(status="closed")
    page = ask(client, target, "もう一つ")
    assert page.status_code == 422
    assert "受付が終わっているため" in page.content.decode()
    assert "いつの数ですか。" in page.content.decode()


def test_the_link_of_another_body_reads_nothing(
    client: Client, target: SurveyTarget, other: tuple[Client, SurveyTarget]
) -> None:
    ask(client, target)
    assert other[0].get(url(target, "questions/")).status_code == 403
    assert ask(other[0], target, "書き込み").status_code == 403
    assert Inquiry.objects.count() == 1
