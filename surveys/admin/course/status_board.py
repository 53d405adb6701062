"""Watching a survey: the status board, mails and reminders."""

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone

from members.common.acts import act
from members.common.admin.screens import numbers, person
from members.common.audit import note_access, note_act
from members.common.files.spreadsheets import XLSX, attachment
from members.common.text.cleaning import on_one_line
from members.common.web.step_up import confirm_identity
from surveys.admin.screens import SurveyScreens
from surveys.admin.target import links_table
from surveys.models import Mailing, OutgoingMail
from surveys.running.base import find_gap
from surveys.running.days_off import days_off_near
from surveys.running.mailing import (
    BODIES,
    PLACES,
    SUBJECTS,
    addresses_of,
    fill_in,
    queue_mailing,
    to_be_mailed,
)
from surveys.running.reminders import planned_days
from surveys.running.status_board import build_board

# In the address of the board: all those whose answer is waited for.
MISSING = "missing"


class MailingForm(forms.Form):
    """A text to those asked; places such as {団体名} are filled in for each."""

    subject = forms.CharField(
        label="件名", max_length=200, widget=forms.TextInput(attrs={"class": "vLargeTextField"})
    )
    body = forms.CharField(
        label="本文", max_length=10_000, widget=forms.Textarea(attrs={"rows": 16, "cols": 80})
    )

    def clean_subject(self) -> str:
        """A subject is one line: what breaks it belongs into no header."""
        return on_one_line(self.cleaned_data["subject"])


class BoardScreens(SurveyScreens):
    def get_urls(self) -> list[Any]:
        return [
            self.screen("<int:pk>/board/", self.board_view, "board"),
            self.screen("<int:pk>/mail/invitation/", self.invitation_view, "mail_invitation"),
            self.screen("<int:pk>/mail/reminder/", self.reminder_view, "mail_reminder"),
            self.screen("<int:pk>/mails/", self.mails_view, "mails"),
            self.screen("<int:pk>/links.xlsx", self.links_view, "links_xlsx"),
            *super().get_urls(),
        ]

    def board_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Show where every body stands."""
        survey = self.survey_for(request, pk)
        board = build_board(survey)
        wanted = request.GET.get("status", "")
        rows = [
            row
            for row in board.rows
            if not wanted or row.status == wanted or (wanted == MISSING and row.status.is_missing)
        ]
        return self.page(
            request,
            "board.html",
            "回答の状況",
            survey,
            board=board,
            rows=rows,
            wanted=wanted,
            gap=find_gap(survey),
            now=timezone.now(),
            days_off=days_off_near(survey.closes_at),
            reminded_on=planned_days(survey),
            events=survey.events.select_related("by"),
            uploads=survey.workbook_uploads.filter(state="pending").exclude(uploaded_by=None).count(),
        )

    def invitation_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        return self.mail_view(request, pk, Mailing.Kind.INVITATION)

    def reminder_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        return self.mail_view(request, pk, Mailing.Kind.REMINDER)

    def mail_view(self, request: HttpRequest, pk: int, kind: Mailing.Kind) -> HttpResponse:
        """Write a mail, look at it as one body gets it, and put it into the outbox."""
        survey = self.survey_for(request, pk, "add_mailing", "change_surveytarget")
        targets = to_be_mailed(survey, kind)
        addresses = addresses_of(survey, targets)
        form = MailingForm(request.POST or {"subject": SUBJECTS[kind], "body": BODIES[kind]})
        chosen = {target.pk for target in targets if addresses[target.pk]}
        if request.method == "POST":
            chosen = set(numbers(request.POST.getlist("target")))
        if request.method == "POST" and "send" in request.POST and form.is_valid():
            # Each mail holds a link that opens an answer.
            confirm_identity(request)
            try:
                mailing = queue_mailing(survey, kind, **form.cleaned_data, chosen=chosen, by=person(request))
            except ValidationError as error:
                form.add_error(None, error)
            else:
                messages.success(request, f"{mailing.mails.count()}通を送信待ちに登録しました。")
                return redirect("admin:surveys_survey_mails", pk)
        rows = [(target, addresses[target.pk], target.pk in chosen) for target in targets]
        return self.page(
            request,
            "mail.html",
            "回答のお願いを送る" if kind == Mailing.Kind.INVITATION else "督促を送る",
            survey,
            form=form,
            rows=rows,
            places="　".join(PLACES),
            example=self.example(form, [target for target, _, ticked in rows if ticked]),
            history=survey.mailings.filter(kind=kind).select_related("created_by"),
        )

    def example(self, form: MailingForm, targets: list[Any]) -> tuple[str, str, str] | None:
        """The mail as the first of those chosen would get it."""
        if not (targets and form.is_valid()):
            return None
        link = "（ここに、この団体だけの回答用リンクが入ります）"
        desk_link = "（ここに、この団体の窓口のリンクが入ります）"
        texts = (
            fill_in(form.cleaned_data[name], targets[0], link, desk_link) for name in ("subject", "body")
        )
        subject, body = texts
        return targets[0].name, subject, body

    def mails_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Show every mail of the survey and what became of it; send failed ones again on request."""
        survey = self.survey_for(request, pk, "view_outgoingmail")
        mails = OutgoingMail.objects.filter(mailing__survey=survey)
        if request.method == "POST":
            self.survey_for(request, pk, "add_mailing", "change_surveytarget")
            confirm_identity(request)
            chosen = numbers(request.POST.getlist("mail"))
            again = mails.filter(pk__in=chosen, state=OutgoingMail.State.FAILED)
            count = again.update(
                state=OutgoingMail.State.QUEUED, attempts=0, next_try_at=timezone.now(), last_error=""
            )
            act("メールの再送", about=survey)
            note_act(survey, person(request), {"再送": f"{count}通"})
            messages.success(request, f"{count}通をもう一度送信待ちにしました。")
            return redirect("admin:surveys_survey_mails", pk)
        rows = mails.select_related("mailing", "target__organization").order_by("-mailing", "pk")
        return self.page(request, "mails.html", "送信メール", survey, mails=rows)

    def links_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Hand out the links that were just shown as a workbook, for the office's own mailing."""
        survey = self.survey_for(request, pk, "change_surveytarget")
        note_access(survey, person(request), "書き出し：回答用リンク")
        table = links_table(request, survey, request.POST.get("tokens", "").split())
        return attachment(XLSX().export_data(table), XLSX.content_type, f"回答用リンク_{survey.title}.xlsx")
