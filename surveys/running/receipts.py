"""What goes out when an answer comes in: a receipt to who answered, a notice to the secretariat.

A receipt holds neither answers nor a link: a slip in its address must not open anything.
"""

from datetime import timedelta
from typing import Any

from django import forms
from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from members.common.forms.page import PageForm
from members.common.text.cleaning import tidy
from members.common.text.eras import format_time
from surveys.models import Mailing, OutgoingMail, Submission, SubmissionRevision, Survey, SurveyTarget
from surveys.running.mailing import each_once

MOST_RECEIPTS = 5


class ReceiptForm(PageForm):
    """Where a receipt goes, if one is wanted."""

    receipt_to = forms.EmailField(
        label="受付のお知らせを送るメールアドレス",
        required=False,
        help_text="受付番号と提出日時を送ります。回答の内容とリンクは載せません。庁内の共用アドレスでもかまいません。",
        error_messages={
            "invalid": "メールアドレスとして使えません（例: kikaku@city.example.lg.jp）。確かめてください。"
        },
        widget=forms.EmailInput(attrs={"autocomplete": "email", "inputmode": "email"}),
    )

    def __init__(self, submission: Submission | None, data: Any = None) -> None:
        initial = {"receipt_to": submission.receipt_to if submission else ""}
        super().__init__(data=data, initial=initial)
        self.lay_out("receipt_to")

    def clean_receipt_to(self) -> str:
        return tidy(self.cleaned_data["receipt_to"])


def tell_submitted(submission: Submission, receipt_to: str) -> None:
    """Queue what an answer that was just handed in by its body calls for.

    The answer keeps where its receipt goes, so that the page promises none that is not sent.
    """
    revision = submission.revisions.get(number=submission.revision)
    receipt_to = "" if is_flooded(submission.target) else receipt_to
    submission.receipt_to = receipt_to
    submission.save(update_fields=["receipt_to"])
    if receipt_to:
        queue_one(submission.target, Mailing.Kind.RECEIPT, *receipt(submission, revision), [receipt_to])
    tell_staff(submission.target, *notice(submission, revision))


def is_flooded(target: SurveyTarget) -> bool:
    """Whether a body has had its receipts of an hour: the portal carries nobody's letters."""
    since = timezone.now() - timedelta(hours=1)
    sent = OutgoingMail.objects.filter(target=target, mailing__kind=Mailing.Kind.RECEIPT)
    return sent.filter(mailing__created_at__gt=since).count() >= MOST_RECEIPTS


def tell_staff(target: SurveyTarget, subject: str, body: str) -> None:
    """Queue a notice to the addresses that the survey names."""
    queue_one(target, Mailing.Kind.NOTICE, subject, body, target.survey.notify_emails.split())


def queue_one(target: SurveyTarget, kind: str, subject: str, body: str, addresses: list[str]) -> None:
    """Queue a text of one body to some addresses; an address stands once."""
    if not addresses:
        return
    trial = "【試行】" if target.survey.status == Survey.Status.TRIAL else ""
    subject = f"{trial}{subject}"[:200]
    mailing = Mailing.objects.create(survey=target.survey, kind=kind, subject=subject, body=body)
    for address in each_once(addresses):
        OutgoingMail.objects.create(mailing=mailing, target=target, address=address)


def facts(submission: Submission, revision: SubmissionRevision) -> list[str]:
    """What identifies a submission, line by line: not its hash, of which short answers can be guessed."""
    target = submission.target
    return [
        f"アンケート：{target.survey.title}",
        f"団体：{target.name}",
        f"受付番号：{target.receipt_number}（第{revision.number}回の提出）",
        f"提出日時：{format_time(revision.submitted_at)}",
    ]


def receipt(submission: Submission, revision: SubmissionRevision) -> tuple[str, str]:
    """Subject and text of the receipt."""
    again = "前の提出に代わるものとして、" if revision.number > 1 else ""
    subject = f"【受付】{submission.target.survey.title}（第{revision.number}回の提出）"
    text = (
        f"{again}次の回答を受け付けました。ご協力ありがとうございました。\n\n"
        + "\n".join(facts(submission, revision))
        + "\n\n回答の内容は、回答用リンクを開いて「受付票を見る」から確かめられます。\n"
        "このメールにリンクは載せていません。\n"
        "心当たりがないときは、事務局に連絡してください。\n"
    )
    return subject, text


def notice(submission: Submission, revision: SubmissionRevision) -> tuple[str, str]:
    """Subject and text of what the secretariat is told."""
    survey = submission.target.survey
    what = "再提出" if revision.number > 1 else "提出"
    asked = survey.targets.asked()
    done = asked.submitted().count()
    subject = f"【{what}】{submission.target.name}：{survey.title}（{done}/{asked.count()}団体）"
    who = f"\n回答者：{submission.respondent or '-'}"
    text = "\n".join(facts(submission, revision)) + f"{who}\n\n回答の状況：{board_address(survey)}\n"
    return subject, text


def board_address(survey: Survey) -> str:
    return settings.PORTAL_ADDRESS.rstrip("/") + reverse("admin:surveys_survey_board", args=[survey.pk])
