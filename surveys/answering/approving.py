"""The body's own approval, a step before submitting where the survey asks for it.

It is of the answer as it stood: what is typed after it must be looked at again.
"""

from datetime import date
from typing import Any

from django import forms
from django.utils import timezone

from members.common.acts import act
from members.common.audit import note_act
from members.common.forms.fields import WrittenDateField
from members.common.forms.page import PageForm
from members.common.merging import digest
from surveys.answering.drafts import AnswerDraft
from surveys.answering.fields import TypedField
from surveys.answering.returned import open_return
from surveys.models import Approval, SubmissionRevision


def approval_of(draft: AnswerDraft) -> Approval | None:
    """The approval of the answer as it stands; None where there is none, or it was of another state."""
    found = Approval.objects.filter(target=draft.target).first()
    return found if found and found.fingerprint == approved_state(draft) else None


def approved_state(draft: AnswerDraft) -> str:
    """What somebody agrees to: the answer, what it was asked, what is attached, replies to a return."""
    returned = open_return(draft.target)
    replies = [[comment.pk, comment.reply] for comment in returned.comments.all()] if returned else []
    return digest([draft.state, draft.questionnaire.wording, replies])


def approval_problem(draft: AnswerDraft) -> str:
    """Why an answer waits for its approval; empty where it does not."""
    if not draft.target.survey.asks_approval or approval_of(draft):
        return ""
    if Approval.objects.filter(target=draft.target).exists():
        return "確認の後に、回答の内容か設問の文言が変わりました。もう一度、庁内の確認を受けてください。"
    return "提出の前に、庁内の確認を受けてください。"


def is_of_the_respondent(approval: Approval | None, respondent: str) -> bool:
    """Whether somebody approved what they answered themselves: allowed in a small office, and said."""
    name = "".join((respondent or "").split())
    return bool(approval and name and name in "".join(approval.approver.split()))


class ApprovalForm(PageForm):
    """Who has looked at the answer, and when."""

    approver = TypedField(
        label="確認した人の職・氏名",
        max_length=100,
        help_text="例: 企画課長 佐藤 次郎。受付票に載ります。公開はしません。",
        error_messages={"required": "確認した人の職・氏名を入力してください。"},
    )
    approved_on = WrittenDateField(
        label="確認した日",
        help_text="例: 2026-11-23、令和8年11月23日",
        widget=forms.TextInput(attrs={"autocomplete": "off", "class": "date"}),
        error_messages={"required": "確認した日を入力してください。"},
    )

    def __init__(self, draft: AnswerDraft, data: Any = None) -> None:
        super().__init__(data=data, initial={"approved_on": timezone.localdate().isoformat()})
        self.draft = draft
        self.lay_out("approver", "approved_on")

    def clean_approved_on(self) -> date:
        day: date = self.cleaned_data["approved_on"]
        opened = self.draft.target.survey.opened_at
        if day > timezone.localdate():
            raise forms.ValidationError("今日より先の日は、確認した日にできません。")
        if opened and day < timezone.localdate(opened):
            raise forms.ValidationError("アンケートの受付が始まる前の日です。確認した日を入力してください。")
        return day

    def save(self) -> Approval:
        target = self.draft.target
        act("庁内の確認の記録", about=target, who=target.who(target.name))
        values = {**self.cleaned_data, "fingerprint": approved_state(self.draft)}
        approval, _ = Approval.objects.update_or_create(target=target, defaults=values)
        # Who it was is the body's own until it is handed in.
        note_act(target, None, {"操作": "庁内の確認を記録しました"})
        return approval


def take_approval(draft: AnswerDraft, revision: SubmissionRevision) -> None:
    """Put the approval that was given into the revision that it was given for; the next needs its own."""
    approval = Approval.objects.filter(target=draft.target).first()
    if approval is None:
        return
    if revision.channel == "web" and draft.target.survey.asks_approval:
        revision.approver, revision.approved_on = approval.approver, approval.approved_on
        revision.save(update_fields=["approver", "approved_on"])
    approval.delete()
