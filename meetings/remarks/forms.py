"""The form in which an organization looks over its remarks."""

from typing import Any

from crispy_forms.layout import Fieldset
from django import forms

from meetings.models import MinuteEntry, Remark, RemarkRequest
from members.common.forms.page import PageForm
from members.common.text.cleaning import unix_lines

CONFIRM, PROPOSE = "confirm", "propose"


class RemarksForm(PageForm):
    """For each entry: it is right, or how it should read instead."""

    def __init__(self, request: RemarkRequest, *, data: Any = None) -> None:
        super().__init__(data=data)
        self.request = request
        self.entries: dict[str, MinuteEntry] = {entry.anchor: entry for entry in request.entries()}
        self.made = {remark.entry_id: remark for remark in request.remarks.all()}
        parts = []
        for number, (anchor, entry) in enumerate(self.entries.items(), start=1):
            remark = self.made.get(entry.pk)
            self._add_fields(anchor, entry, remark)
            parts.append(
                Fieldset(
                    f"{number}. {entry.get_kind_display()}（{entry.speaker}）",
                    f"{anchor}.seen",
                    f"{anchor}.answer",
                    f"{anchor}.proposal",
                    f"{anchor}.comment",
                )
            )
        self.lay_out(*parts)

    def _add_fields(self, anchor: str, entry: MinuteEntry, remark: Remark | None) -> None:
        """Ask for one entry what it should be, with the answer given before; a decided one is only shown."""
        is_decided = bool(remark and remark.decided_at)
        decided = remark.get_state_display() if remark and is_decided else ""
        self.fields[f"{anchor}.answer"] = forms.ChoiceField(
            label=f"「{entry.body}」",
            choices=[(CONFIRM, "このままでよい"), (PROPOSE, "訂正を申し出る")],
            widget=forms.RadioSelect,
            initial=(PROPOSE if remark.proposal else CONFIRM) if remark else None,
            disabled=is_decided,
            help_text="　".join(filter(None, [entry.heading, entry.speaker, entry.assignment, decided])),
            error_messages={"required": "どちらかを選んでください。"},
        )
        self.fields[f"{anchor}.proposal"] = forms.CharField(
            label="訂正案",
            required=False,
            max_length=20_000,
            initial=remark.proposal if remark and remark.proposal else entry.body,
            widget=forms.Textarea(attrs={"rows": 4}),
            disabled=is_decided,
            help_text="訂正を申し出るときは、正しい文に書き直してください。",
        )
        self.fields[f"{anchor}.comment"] = forms.CharField(
            label="理由など",
            required=False,
            max_length=500,
            initial=remark.comment if remark else "",
            disabled=is_decided,
        )
        self.fields[f"{anchor}.seen"] = forms.CharField(
            widget=forms.HiddenInput, initial=entry.fingerprint, required=False
        )

    def error_label(self, name: str) -> str:
        return super().error_label(name)[:40]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        for anchor, entry in self.entries.items():
            remark = self.made.get(entry.pk)
            if remark and remark.decided_at:
                # Shown only; the text has changed to what was accepted.
                if self.dropped(anchor):
                    self.add_error(
                        f"{anchor}.answer",
                        f"画面を開いた後に事務局が処理しました（{remark.get_state_display()}）。"
                        "この項目への今の入力は受け付けていません。直したいときは事務局に連絡してください。",
                    )
                continue
            if cleaned.get(f"{anchor}.seen") != entry.fingerprint:
                self.add_error(
                    f"{anchor}.answer",
                    "画面を開いた後に事務局が文を直しました。今の文を確かめて選んでください。",
                )
                # Shown again, the page has the present text before the reader.
                posted: Any = self.data
                shown = posted.copy()
                shown[f"{anchor}.seen"] = entry.fingerprint
                self.data = shown
            proposal = unix_lines(cleaned.get(f"{anchor}.proposal") or "").strip()
            cleaned[f"{anchor}.proposal"] = proposal
            if cleaned.get(f"{anchor}.answer") == PROPOSE and proposal in {"", entry.body}:
                self.add_error(
                    f"{anchor}.proposal", "訂正案が今の文と同じか空です。正しい文に書き直してください。"
                )
        return cleaned

    def dropped(self, anchor: str) -> list[str]:
        """What was sent of an entry that was decided since its page was opened; one of now sends nothing."""
        remark = self.made.get(self.entries[anchor].pk)
        chosen = self.data.get(f"{anchor}.answer")
        if not (remark and remark.decided_at and chosen):
            return []
        typed = [
            unix_lines(self.data.get(f"{anchor}.{part}") or "").strip() for part in ("proposal", "comment")
        ]
        before = [remark.proposal or remark.original, remark.comment]
        if chosen == (PROPOSE if remark.proposal else CONFIRM) and typed == before:
            return []
        return [text for text in typed if text] or [chosen]

    def save(self) -> None:
        """Keep what was said of each entry that is not decided yet; the caller holds the lock."""
        for anchor, entry in self.entries.items():
            remark = self.made.get(entry.pk) or Remark(request=self.request, entry=entry)
            if remark.decided_at:
                continue
            proposes = self.cleaned_data[f"{anchor}.answer"] == PROPOSE
            remark.original, remark.seen = entry.body, entry.fingerprint
            remark.proposal = self.cleaned_data[f"{anchor}.proposal"] if proposes else ""
            remark.comment = self.cleaned_data[f"{anchor}.comment"]
            remark.state = Remark.State.PENDING if proposes else Remark.State.CONFIRMED
            remark.save()
