"""差し戻し: back with comments, answered, handed in again; what was handed in counts all the while."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core import mail
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from surveys.models import (
    AnswerReturn,
    AnswerStatus,
    Choice,
    Condition,
    OutgoingMail,
    Question,
    ReturnComment,
    Submission,
    Survey,
    SurveyEvent,
    SurveyTarget,
)
from surveys.running.mailing import send_due, to_be_mailed
from surveys.running.reminders import queue_reminders
from surveys.running.status_board import build_board
from tests import factories
from tests.surveys.test_answering import FULL, client, submit, survey, target, url

__all__ = ["client", "survey", "target"]
pytestmark = pytest.mark.django_db


@pytest.fixture
def submitted(client: Client, target: SurveyTarget) -> Submission:
    client.post(url(target, "sections/main/"), FULL)
    submit(client, target)
    SurveyTarget.objects.update(emails="kikaku@example.lg.jp")
    return Submission.objects.get()


def screen(target: SurveyTarget) -> str:
    return f"/admin/surveys/survey/{target.survey_id}/return/{target.pk}/"


def moment(at: datetime) -> dict[str, str]:
    local = timezone.localtime(at)
    return {"due_at_0": f"{local:%Y-%m-%d}", "due_at_1": f"{local:%H:%M}"}


def give_back(staff_client: Client, target: SurveyTarget, **values: Any) -> Any:
    due = moment(timezone.now() + timedelta(days=7))
    comment = {f"comment-{Question.objects.get(key='count').pk}": "桁を確かめてください。"}
    return staff_client.post(screen(target), {"revision": "1", **due, **comment, **values})


def status(target: SurveyTarget) -> str:
    return SurveyTarget.objects.with_status().get(pk=target.pk).status


def reply(client: Client, target: SurveyTarget, text: str = "このとおりです。") -> Any:
    comment = ReturnComment.objects.latest("pk")
    return client.post(url(target, "return/"), {f"reply-{comment.pk}": text})


def change(client: Client, target: SurveyTarget, **values: str) -> None:
    seen = client.get(url(target, "sections/main/")).context["form"].initial["seen"]
    shown = {**FULL, "q-count": "1234.5", "seen": seen}
    client.post(url(target, "sections/main/"), {**shown, **values, "leave": "1"})


def test_a_return_is_answered_and_handed_in_again(
    client: Client, staff_client: Client, target: SurveyTarget, submitted: Submission
) -> None:
    page = staff_client.get(screen(target)).content.decode()
    assert "1,234.5" in page
    assert give_back(staff_client, target, message="全体を見直してください。").status_code == 302
    assert status(target) == AnswerStatus.RETURNED
    assert (
        "差し戻し中" in staff_client.get(f"/admin/surveys/survey/{target.survey_id}/board/").content.decode()
    )
    overview = client.get(url(target)).content.decode()
    assert "事務局から差し戻されています" in overview
    assert "全体を見直してください。" in overview
    assert "桁を確かめてください。" in client.get(url(target, "sections/main/")).content.decode()
    assert submit(client, target).status_code == 422
    assert reply(client, target)["Location"] == url(target)
    assert submit(client, target)["Location"] == url(target, "receipt/")
    assert status(target) == AnswerStatus.SUBMITTED
    assert Submission.objects.get().revision == 2
    receipt = client.get(url(target, "receipt/")).content.decode()
    assert "このとおりです。" in receipt
    assert "再提出済み" in receipt
    # A second click, or F5.
    assert submit(client, target)["Location"] == url(target, "receipt/")
    assert Submission.objects.get().revision == 2


def test_another_answer_is_an_answer_to_the_comment(
    client: Client, staff_client: Client, target: SurveyTarget, submitted: Submission
) -> None:
    give_back(staff_client, target)
    change(client, target, **{"q-count": "12345"})
    assert submit(client, target).status_code == 302
    assert Submission.objects.get().answers.get(question__key="count").number == 12345


def test_what_was_handed_in_counts_until_it_is_again(
    client: Client, staff_client: Client, target: SurveyTarget, submitted: Submission
) -> None:
    question = Question.objects.get(key="one")
    factories.indicator(target.survey, question.choices.get(code="c1"))
    before = build_board(target.survey)
    give_back(staff_client, target)
    change(client, target, **{"q-one": "c2"})
    after = build_board(target.survey)
    assert (after.submitted, after.missing) == (before.submitted, before.missing) == (1, 0)
    assert after.outlooks[0].now.count == 1
    assert (after.outlooks[0].worst, after.outlooks[0].best, after.changing) == (0, 1, 1)


def test_a_comment_on_what_does_not_apply_any_more_is_settled(
    client: Client, staff_client: Client, target: SurveyTarget, submitted: Submission
) -> None:
    count = Question.objects.get(key="count")
    Condition.objects.create(question=count, choice=Choice.objects.get(question__key="one", code="c1"))
    give_back(staff_client, target)
    change(client, target, **{"q-one": "c2"})
    assert "回答不要になりました" in client.get(url(target, "return/")).content.decode()
    assert submit(client, target).status_code == 302


def test_after_the_deadline_a_return_gives_that_body_time(
    client: Client, staff_client: Client, target: SurveyTarget, submitted: Submission
) -> None:
    now = timezone.now()
    Survey.objects.update(opened_at=now - timedelta(days=9), closes_at=now - timedelta(days=1))
    other = factories.target(target.survey)
    assert client.get(url(target, "sections/main/")).status_code == 403
    give_back(staff_client, target)
    found = SurveyTarget.objects.get(pk=target.pk)
    assert found.is_accepting
    assert found.extension_reason == "差し戻しのため"
    assert not SurveyTarget.objects.get(pk=other.pk).is_accepting
    assert client.get(url(target, "sections/main/")).status_code == 200
    assert (
        "差し戻し中" in staff_client.get(f"/admin/surveys/survey/{target.survey_id}/close/").content.decode()
    )


@pytest.mark.parametrize("due", [timedelta(days=-1), timedelta(hours=1)])
def test_the_time_is_ahead_and_not_before_the_bodys_own(
    staff_client: Client, target: SurveyTarget, submitted: Submission, due: timedelta
) -> None:
    page = give_back(staff_client, target, **moment(timezone.now() + due))
    assert page.status_code == 422
    assert "再提出の期限は" in page.content.decode()
    assert "桁を確かめてください。" in page.content.decode()
    assert not AnswerReturn.objects.exists()


def test_who_was_faster_is_told(
    client: Client, staff_client: Client, target: SurveyTarget, submitted: Submission
) -> None:
    page = client.get(url(target, "check/"))
    change(client, target, **{"q-count": "9"})
    state = client.get(url(target, "check/")).context["state"]
    submit(client, target)
    assert "提出し直しました" in give_back(staff_client, target, revision="1").content.decode()
    assert not AnswerReturn.objects.exists()
    change(client, target, **{"q-count": "8"})
    state = client.get(url(target, "check/")).context["state"]
    give_back(staff_client, target, revision="2")
    page = client.post(url(target, "check/"), {"state": state})
    assert page.status_code == 409
    assert "差し戻しました" in page.content.decode()
    assert 'value="8"' in client.get(url(target, "sections/main/")).content.decode()


def test_nothing_is_returned_twice_or_without_a_word(
    staff_client: Client, target: SurveyTarget, submitted: Submission
) -> None:
    empty = give_back(staff_client, target, **{f"comment-{Question.objects.get(key='count').pk}": " "})
    assert "コメントか、全体への連絡" in empty.content.decode()
    give_back(staff_client, target)
    give_back(staff_client, target)
    assert AnswerReturn.objects.count() == 1


@pytest.mark.parametrize("state", ["draft", "excluded", "closed"])
def test_what_cannot_be_returned_is_said(
    staff_client: Client, target: SurveyTarget, submitted: Submission, state: str
) -> None:
    if state == "draft":
        target = factories.target(target.survey)
    elif state == "excluded":
        SurveyTarget.objects.update(is_excluded=True, in_base=False, exclusion_reason="対象外")
    else:
        Survey.objects.update(status="closed")
    page = staff_client.post(screen(target), {"revision": "1", "message": "x"}, follow=True)
    assert any(word in page.content.decode() for word in ("まだ提出されていない", "除いた団体", "受付を再開"))
    assert not AnswerReturn.objects.exists()


def test_a_mistake_is_withdrawn(
    client: Client, staff_client: Client, target: SurveyTarget, submitted: Submission
) -> None:
    give_back(staff_client, target)
    change(client, target, **{"q-count": "9"})
    staff_client.post(screen(target), {"take_back": "1"})
    assert status(target) == AnswerStatus.CHANGING
    assert client.get(url(target, "return/"))["Location"] == url(target)
    send_due()
    assert mail.outbox == []
    assert OutgoingMail.objects.get().state == OutgoingMail.State.SKIPPED
    notes = list(SurveyEvent.objects.filter(kind="returned").values_list("note", flat=True))
    assert notes == ["試験町：取り消し", "試験町：1か所"]


def test_the_body_is_mailed_and_reminded_in_fitting_words(
    staff_client: Client, target: SurveyTarget, submitted: Submission, monkeypatch: pytest.MonkeyPatch
) -> None:
    give_back(staff_client, target)
    send_due()
    assert "確かめていただきたい点" in mail.outbox[0].body
    assert "/answer/open/" in mail.outbox[0].body
    Survey.objects.update(reminds=True)
    morning = timezone.localtime().replace(hour=9)
    # Days ahead, so that the hour at which this runs says nothing.
    last = morning + timedelta(days=3)
    SurveyTarget.objects.update(extended_to=last.replace(hour=23, minute=50))
    monkeypatch.setattr("surveys.running.reminders.timezone.localtime", lambda at=None: at or morning)
    assert [found.pk for found in to_be_mailed(target.survey, "reminder")] == [target.pk]
    Survey.objects.update(closes_at=last.replace(hour=23, minute=40))
    assert queue_reminders() == 1
    send_due()
    assert "差し戻した後、まだ再提出されていません" in mail.outbox[1].body


def test_a_body_without_an_address_is_said(
    staff_client: Client, target: SurveyTarget, submitted: Submission
) -> None:
    SurveyTarget.objects.update(emails="")
    give_back(staff_client, target)
    page = staff_client.get(f"/admin/surveys/survey/{target.survey_id}/board/").content.decode()
    assert "電話などで知らせてください" in page
    assert AnswerReturn.objects.exists()


def test_a_reply_too_long_is_kept_on_the_page(
    client: Client, staff_client: Client, target: SurveyTarget, submitted: Submission
) -> None:
    give_back(staff_client, target)
    page = reply(client, target, "長" * 1001)
    assert page.status_code == 422
    assert "1000文字以内" in page.content.decode()
    assert "長" * 1001 in page.content.decode()


def test_two_open_returns_of_one_answer_cannot_be(submitted: Submission, target: SurveyTarget) -> None:
    values = {"target": target, "revision": 1, "due_at": timezone.now()}
    AnswerReturn.objects.create(**values)
    with pytest.raises(IntegrityError), transaction.atomic():
        AnswerReturn.objects.create(**values)


def test_staff_see_every_return_and_its_replies(
    client: Client, staff_client: Client, target: SurveyTarget, submitted: Submission
) -> None:
    for number in (1, 2):
        give_back(staff_client, target, revision=str(number))
        reply(client, target, f"返事{number}")
        submit(client, target)
    page = staff_client.get(f"/admin/surveys/submission/{submitted.pk}/change/").content.decode()
    assert "返事：返事1" in page
    assert "返事：返事2" in page
    board = staff_client.get(f"/admin/surveys/survey/{target.survey_id}/board/").content.decode()
    assert "差し戻し2回の後に再提出" in board
