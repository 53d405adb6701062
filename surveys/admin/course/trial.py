"""試行: let somebody answer for a try, and throw it all away before the survey opens."""

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from members.common.admin.screens import person, posted
from members.common.web.step_up import confirm_identity
from members.models import Organization
from surveys.admin.screens import SurveyScreens
from surveys.admin.target import show_links
from surveys.models import Survey
from surveys.running.trial import end_trial, reasons_not_to_try, start_trial, trial_counts


class TrialForm(forms.Form):
    """Who tries it."""

    organizations = forms.ModelMultipleChoiceField(
        Organization.objects.none(),
        label="試す団体",
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "試す団体を1つ以上選んでください。"},
    )

    def __init__(self, survey: Survey, data: Any = None) -> None:
        super().__init__(data)
        roster = survey.council_year.municipalities().values("pk")
        field: Any = self.fields["organizations"]
        wanted = Q(pk__in=roster) | Q(kind=Organization.Kind.PREFECTURE)
        field.queryset = Organization.objects.filter(wanted).order_by("code")
        # The office tries it first, where it takes part.
        prefectures = field.queryset.filter(kind=Organization.Kind.PREFECTURE)
        field.initial = list(
            prefectures.filter(departments__memberships__council_year=survey.council_year)[:1]
        )


class TrialScreens(SurveyScreens):
    def get_urls(self) -> list[Any]:
        return [self.screen("<int:pk>/trial/", self.trial_view, "trial"), *super().get_urls()]

    def trial_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Start a trial and show its links once, or end it."""
        survey = self.survey_for(request, pk, "change_surveytarget")
        if request.method == "POST" and "end" in request.POST:
            return self.end_trial(request, survey)
        if survey.status == Survey.Status.TRIAL:
            counts = trial_counts(survey)
            return self.page(request, "trial.html", "試行を終える", survey, counts=counts)
        form = TrialForm(survey, posted(request))
        reasons = reasons_not_to_try(survey)
        if form.is_bound and form.is_valid():
            confirm_identity(request)
            chosen = [body.pk for body in form.cleaned_data["organizations"]]
            try:
                links = start_trial(survey, chosen, by=person(request))
            except ValidationError as error:
                form.add_error(None, error)
            else:
                survey.refresh_from_db()
                return show_links(self, request, survey, links)
        status = 422 if form.errors else 200
        return self.page(request, "trial.html", "試行する", survey, status=status, form=form, reasons=reasons)

    def end_trial(self, request: HttpRequest, survey: Survey) -> HttpResponse:
        try:
            counts = end_trial(survey, by=person(request))
        except ValidationError as error:
            messages.error(request, " ".join(error.messages))
        else:
            messages.success(
                request,
                f"試行を終え、提出{counts.submitted}団体、入力中{counts.begun}団体の内容を消しました。",
            )
        return redirect("admin:surveys_survey_change", survey.pk)
