"""Handing a section to a colleague: whoever has the answer's link makes and ends such links."""

from typing import Any

from django import forms

from members.common.acts import act
from members.common.forms.page import PageForm
from members.common.text.cleaning import tidy
from members.models import DeskPerson
from surveys.answering.fields import TypedField
from surveys.models import SectionLink, SurveyTarget
from surveys.questionnaire.structure import Page, Questionnaire

# More than any office has departments for one questionnaire.
MOST_LINKS = 60


def sections_to_hand(questionnaire: Questionnaire) -> list[Page]:
    """The sections that can be handed on; a questionnaire of one page is opened by the answer's link."""
    return [page for page in questionnaire.pages if page.items] if len(questionnaire.pages) > 1 else []


class SectionLinkForm(PageForm):
    """Which section goes to whom."""

    section = forms.ChoiceField(
        label="渡す区分", error_messages={"required": "渡す区分を選んでください。"}, widget=forms.RadioSelect
    )
    recipient = TypedField(
        label="渡す相手の課・氏名",
        max_length=100,
        help_text="例: 危機管理課 山本。一覧で見分けるために使い、入力した人の名前の初めの値にもなります。",
        error_messages={"required": "渡す相手を入力してください。"},
    )
    issued_by = TypedField(
        label="依頼する人の課・氏名",
        max_length=100,
        required=False,
        help_text="渡す相手の画面に、問い合わせ先として表示します。",
    )

    def __init__(self, target: SurveyTarget, questionnaire: Questionnaire, data: Any = None) -> None:
        super().__init__(data=data)
        self.target = target
        pages = sections_to_hand(questionnaire)
        self.fields["section"].choices = [(page.code, page.title) for page in pages]  # type: ignore[attr-defined]
        self.lay_out("section", "recipient", "issued_by")

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if self.target.section_links.exclude(token_hash=None).count() >= MOST_LINKS:
            raise forms.ValidationError(
                f"使えるリンクが{MOST_LINKS}件あります。使わないリンクを無効にしてから、作り直してください。"
            )
        return cleaned

    def save(self) -> tuple[SectionLink, str]:
        """Make the link; returns it with its token, the only time that can be read."""
        act("区分のリンクの発行", about=self.target, who=self.target.who(self.target.name))
        maker = self.target.way if isinstance(self.target.way, DeskPerson) else None
        link = SectionLink(target=self.target, made_by=maker, **self.cleaned_data)
        token = link.new_token()
        link.save()
        return link, token


def revoke(link: SectionLink) -> None:
    """End a section's link now; what was saved by it stays."""
    act("区分のリンクの無効化", about=link.target, who=link.target.who(link.target.name))
    link.revoke_link()


def first_writer(link: SectionLink | None, saved_by: str) -> str:
    """Who is proposed as the writer of a page."""
    return tidy(saved_by) or (link.recipient if link else "")
