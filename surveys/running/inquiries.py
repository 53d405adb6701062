"""Questions between a body and the secretariat: asked on the survey's page, answered in the admin."""

from typing import Any

from django import forms
from django.conf import settings
from django.contrib.auth.models import User
from django.urls import reverse
from django.utils import timezone

from members.common.acts import act
from members.common.forms.page import PageForm
from surveys.answering.fields import TypedField
from surveys.models import Faq, Inquiry, Mailing, Survey, SurveyTarget
from surveys.running.mailing import addresses_of
from surveys.running.receipts import queue_one, tell_staff

# More open questions of one body are a loop, or a slip.
MOST_OPEN = 30
QUESTION_LIMIT = 2000


class InquiryForm(PageForm):
    """A body's question to the secretariat."""

    question = TypedField(
        label="質問",
        max_length=QUESTION_LIMIT,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text="事務局だけが読みます。ほかの団体にも役立つときは、団体名が分からない形で「よくある質問」に載せることがあります。",
        error_messages={
            "required": "質問を入力してください。",
            "max_length": f"{QUESTION_LIMIT}文字以内で入力してください（今は%(show_value)d文字）。",
        },
    )
    asked_by = TypedField(
        label="質問する人の課・氏名",
        max_length=100,
        required=False,
        help_text="電話などで確かめるために使います。",
    )

    def __init__(self, target: SurveyTarget, data: Any = None) -> None:
        super().__init__(data=data)
        self.target = target
        self.lay_out("question", "asked_by")

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        waiting = self.target.inquiries.unanswered()
        if waiting.count() >= MOST_OPEN:
            raise forms.ValidationError(
                "回答を待っている質問が多すぎます。急ぐときは事務局に電話してください。"
            )
        if waiting.filter(question=cleaned.get("question", "")).exists():
            raise forms.ValidationError("同じ質問をすでに送っています。事務局の回答を待ってください。")
        return cleaned

    def save(self) -> Inquiry:
        """Keep the question and tell the secretariat; the caller holds the target's lock."""
        target = self.target
        act("アンケートについての質問", about=target, who=target.who(target.name))
        inquiry = Inquiry.objects.create(target=target, **self.cleaned_data)
        path = reverse("admin:surveys_inquiry_change", args=[inquiry.pk])
        text = (
            f"{target.name}から「{target.survey.title}」について質問がありました。\n\n{inquiry.question}\n\n"
            f"質問した人：{inquiry.asked_by or '-'}\n\n"
            f"回答する画面：{settings.PORTAL_ADDRESS.rstrip('/')}{path}\n"
        )
        tell_staff(target, f"【質問】{target.name}：{target.survey.title}", text)
        return inquiry


def closed_sentence(target: SurveyTarget) -> str:
    """Where to turn when no question is taken any more."""
    contact = " ".join(target.survey.council_year.council.contact.split())
    where = f"（{contact}）" if contact else ""
    return f"受付が終わっているため、質問を送れません。事務局に連絡してください{where}。"


def takes_inquiries(target: SurveyTarget) -> bool:
    """Whether a body can ask now: while the survey runs, also after its own deadline."""
    return not target.is_excluded and target.survey.status in {Survey.Status.OPEN, Survey.Status.TRIAL}


def tell_answered(inquiry: Inquiry) -> int:
    """Mail the body that its question was answered, without the answer and without a link."""
    target = inquiry.target
    addresses = addresses_of(target.survey, [target])[target.pk]
    text = (
        f"{target.name} ご担当者様\n\n「{target.survey.title}」についての質問に、事務局が回答しました。\n"
        "回答用リンクを開き、「質問とよくある質問」から確かめてください。\n"
    )
    queue_one(target, Mailing.Kind.ANSWERED, f"【質問への回答】{target.survey.title}", text, addresses)
    return len(addresses)


def note_answer(inquiry: Inquiry, by: User) -> None:
    """Who answers, and when; an answer taken back leaves the question open."""
    is_answered = bool(inquiry.answer)
    inquiry.answered_by = by if is_answered else None
    inquiry.answered_at = timezone.now() if is_answered else None


def propose_faq(inquiry: Inquiry) -> Faq:
    """The FAQ made from a question: a draft that nobody sees, to be put into words that name nobody."""
    survey = inquiry.target.survey
    faq, _ = Faq.objects.get_or_create(
        source=inquiry,
        defaults={
            "survey": survey,
            "position": survey.faqs.count() + 1,
            "question": inquiry.question[:1000],
            "answer": inquiry.answer,
        },
    )
    return faq
