"""Opening a survey, closing it, and opening it again with a reason."""

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone

from members.common.admin.screens import person, posted
from members.common.forms.fields import moment_field
from members.common.text.eras import format_time
from members.common.web.step_up import confirm_identity
from members.models import Organization
from surveys.admin.screens import SurveyScreens
from surveys.admin.target import show_links
from surveys.models import AnswerStatus, Survey, SurveyTarget
from surveys.running.days_off import day_off, days_off_near
from surveys.running.lifecycle import close_survey, open_survey, reasons_not_to_open, reopen_survey
from surveys.running.scheduled import cancel_opening, schedule_opening


class OpeningForm(forms.Form):
    """Whom a survey asks: the roster's municipalities, but for those left out, and others."""

    def __init__(self, survey: Survey, data: Any = None) -> None:
        super().__init__(data)
        known = set(survey.targets.values_list("organization", flat=True))
        roster = survey.council_year.municipalities()
        self.municipalities = [each for each in roster if each.pk not in known]
        self.others = list(Organization.objects.exclude(pk__in=known | {each.pk for each in roster}))
        self.fields["others"] = forms.ModelMultipleChoiceField(
            Organization.objects.filter(pk__in=[each.pk for each in self.others]),
            required=False,
            widget=forms.CheckboxSelectMultiple,
            label="検討メンバーの市区町村のほかに尋ねる団体",
        )
        self.fields["others_reason"] = forms.CharField(
            required=False,
            max_length=200,
            label="母数に含めない理由",
            help_text="指標のページに公開されます（例: 県は母数に含めないため）。",
            widget=forms.TextInput(attrs={"class": "vTextField"}),
        )
        self.fields["opens_at"] = moment_field("受付を開始する日時", required=False)
        self.fields["invites"] = forms.BooleanField(
            required=False, label="開始と同時に、回答のお願いのメールを送る（決まった文で送ります）"
        )
        for each in self.municipalities:
            self.fields[f"excluded-{each.pk}"] = forms.CharField(
                required=False,
                max_length=200,
                label=each.name,
                widget=forms.TextInput(attrs={"size": 40}),
            )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("others") and not cleaned.get("others_reason"):
            self.add_error(
                "others_reason", "ほかの団体にも尋ねるときは、母数に含めない理由を入力してください。"
            )
        return cleaned

    def exclusion_fields(self) -> list[Any]:
        return [self[f"excluded-{each.pk}"] for each in self.municipalities]

    @property
    def excluded(self) -> dict[int, str]:
        reasons = {each.pk: self.cleaned_data[f"excluded-{each.pk}"].strip() for each in self.municipalities}
        return {pk: reason for pk, reason in reasons.items() if reason}

    @property
    def added(self) -> dict[int, str]:
        return {each.pk: self.cleaned_data["others_reason"] for each in self.cleaned_data["others"]}


class ReopeningForm(forms.Form):
    """Until when, and why, a closed survey takes answers again."""

    closes_at = moment_field("新しい締切")
    reason = forms.CharField(
        label="再開する理由",
        max_length=200,
        help_text="経過に記録します。",
        widget=forms.TextInput(attrs={"class": "vTextField"}),
        error_messages={"required": "再開する理由を入力してください。"},
    )


def still_waited_for(survey: Survey) -> list[tuple[SurveyTarget, str]]:
    """Those that were promised more time and would lose it by closing now, in words."""
    targets = survey.targets.asked().with_status().select_related("organization", "survey")
    found = []
    for target in targets.order_by("organization__code"):
        status = AnswerStatus(target.status)
        if not (target.is_accepting and (status.is_missing or status == AnswerStatus.RETURNED)):
            continue
        if target.extended_to or status == AnswerStatus.RETURNED:
            found.append((target, str(status.label)))
    return found


class LifecycleScreens(SurveyScreens):
    def get_urls(self) -> list[Any]:
        return [
            self.screen("<int:pk>/open/", self.open_view, "open"),
            self.screen("<int:pk>/close/", self.close_view, "close"),
            self.screen("<int:pk>/reopen/", self.reopen_view, "reopen"),
            *super().get_urls(),
        ]

    def open_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Say what opening does or what is missing; on confirmation open and show the links once."""
        # Opening makes targets and shows their links, so it asks for that permission too.
        survey = self.survey_for(request, pk, "change_surveytarget")
        form = OpeningForm(survey, posted(request))
        reasons = reasons_not_to_open(survey)
        if request.method == "POST" and "cancel" in request.POST:
            return self.cancel_opening(request, survey)
        if request.method == "POST" and "later" in request.POST and form.is_valid():
            return self.open_later(request, survey, form, reasons)
        if request.method == "POST" and form.is_valid():
            # It shows links that open answers.
            confirm_identity(request)
            try:
                links = open_survey(survey, by=person(request), excluded=form.excluded, added=form.added)
            except ValidationError as error:
                messages.error(request, " ".join(error.messages))
                return redirect("admin:surveys_survey_change", pk)
            survey.refresh_from_db()
            self.log_change(request, survey, "受付を開始しました。")
            return show_links(self, request, survey, links)
        return self.opening_page(request, survey, form, reasons)

    def opening_page(
        self, request: HttpRequest, survey: Survey, form: OpeningForm, reasons: list[str]
    ) -> HttpResponse:
        return self.page(
            request,
            "open.html",
            "受付の開始",
            survey,
            status=422 if form.errors else 200,
            form=form,
            reasons=reasons,
            days_off=days_off_near(survey.closes_at),
            municipalities=survey.council_year.municipalities().count(),
            known=survey.targets.count(),
        )

    def open_later(
        self, request: HttpRequest, survey: Survey, form: OpeningForm, reasons: list[str]
    ) -> HttpResponse:
        """Set the moment at which the survey opens by itself."""
        opens_at = form.cleaned_data["opens_at"]
        if opens_at is None:
            form.add_error("opens_at", "受付を開始する日時を入力してください。")
            return self.opening_page(request, survey, form, reasons)
        if form.cleaned_data["invites"]:
            # The mails hold links that open answers.
            confirm_identity(request)
        whom = {"excluded": form.excluded, "added": form.added}
        try:
            invites = form.cleaned_data["invites"]
            schedule_opening(survey, opens_at, invites=invites, by=person(request), **whom)
        except ValidationError as error:
            form.add_error(None, error)
            return self.opening_page(request, survey, form, reasons)
        messages.success(request, f"{format_time(opens_at)}に受付を始めるように予約しました。")
        if warning := day_off(timezone.localtime(opens_at).date()):
            messages.warning(request, f"受付を始める日は閉庁日です（{warning}）。")
        return redirect("admin:surveys_survey_change", survey.pk)

    def cancel_opening(self, request: HttpRequest, survey: Survey) -> HttpResponse:
        try:
            cancel_opening(survey, by=person(request))
        except ValidationError as error:
            messages.error(request, " ".join(error.messages))
        else:
            messages.success(request, "受付の開始の予約を取り消しました。")
        return redirect("admin:surveys_survey_change", survey.pk)

    def close_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Ask before closing, then stop taking answers."""
        survey = self.survey_for(request, pk, "change_surveytarget")
        if request.method == "POST":
            try:
                close_survey(survey, by=person(request))
            except ValidationError as error:
                messages.error(request, " ".join(error.messages))
            else:
                self.log_change(request, survey, "受付を終了しました。")
                messages.success(request, f"「{survey.title}」の受付を終了しました。")
            return redirect("admin:surveys_survey_change", pk)
        missing = survey.targets.asked().filter(submission=None)
        return self.page(
            request,
            "close.html",
            "受付の終了",
            survey,
            missing=missing.count(),
            drafts=missing.filter(drafts__isnull=False).distinct().count(),
            waiting=still_waited_for(survey),
        )

    def reopen_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Take answers again: all answers and links stay as they are."""
        survey = self.survey_for(request, pk, "change_surveytarget")
        form = ReopeningForm(posted(request))
        if request.method == "POST" and form.is_valid():
            closes_at, reason = form.cleaned_data["closes_at"], form.cleaned_data["reason"]
            try:
                reopen_survey(survey, closes_at, reason, by=person(request))
            except ValidationError as error:
                form.add_error(None, error)
            else:
                self.log_change(request, survey, f"受付を再開しました。理由：{reason}")
                messages.success(request, f"「{survey.title}」の受付を再開しました。")
                return redirect("admin:surveys_survey_board", pk)
        return self.page(request, "reopen.html", "受付の再開", survey, form=form)
