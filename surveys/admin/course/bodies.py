"""The bodies of a survey, many at once: extension, exclusion, addresses."""

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from members.common.admin.screens import numbers, person, posted
from members.common.forms.fields import moment_field
from members.common.text.eras import format_time
from members.common.web.step_up import confirm_identity
from surveys.admin.screens import SurveyScreens
from surveys.models import AnswerStatus, Survey, SurveyTarget
from surveys.running import bodies
from surveys.running.mailing import addresses_of


class BodiesForm(forms.Form):
    """What is to be done with the bodies that are ticked."""

    until = moment_field("新しい締切", required=False)
    reason = forms.CharField(
        label="理由", required=False, max_length=200, widget=forms.TextInput(attrs={"class": "vTextField"})
    )
    knows = forms.BooleanField(label="回答があっても除く", required=False)
    addresses = forms.CharField(
        label="メールアドレスの貼り付け",
        required=False,
        max_length=200_000,
        widget=forms.Textarea(attrs={"rows": 6, "cols": 80}),
        help_text="1行に1団体ずつ、団体コードか団体名、空白、メールアドレス（いくつでも）。Excelの列をそのまま貼り付けられます。"
        "書いた団体の今のアドレスは置き換わります。",
    )


class BodiesScreens(SurveyScreens):
    def get_urls(self) -> list[Any]:
        return [self.screen("<int:pk>/bodies/", self.bodies_view, "bodies"), *super().get_urls()]

    def bodies_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Tick bodies and say what is to be done; all of it happens, or nothing."""
        survey = self.survey_for(request, pk, "change_surveytarget")
        form = BodiesForm(posted(request))
        chosen = set(numbers(request.POST.getlist("target")))
        if form.is_bound and form.is_valid():
            try:
                done = self.carry_out(request, survey, form.cleaned_data, chosen)
            except ValidationError as error:
                form.add_error(None, error)
            else:
                messages.success(request, done)
                return redirect("admin:surveys_survey_bodies", pk)
        targets = list(
            SurveyTarget.objects.for_answering()
            .with_status()
            .filter(survey=survey)
            .order_by("organization__code")
        )
        addresses = addresses_of(survey, targets)
        rows = [
            (each, AnswerStatus(each.status).label, addresses[each.pk], each.pk in chosen) for each in targets
        ]
        return self.page(
            request,
            "bodies.html",
            "締切・対象・宛先をまとめて変える",
            survey,
            status=422 if form.errors else 200,
            form=form,
            rows=rows,
        )

    def carry_out(self, request: HttpRequest, survey: Survey, asked: dict[str, Any], chosen: set[int]) -> str:
        """Do what was asked for; returns the sentence that says so. Raises ``ValidationError``."""
        by, reason = person(request), asked["reason"].strip()
        match request.POST.get("do"):
            case "extend":
                if asked["until"] is None:
                    raise ValidationError("新しい締切の日付と時刻を入力してください。")
                count = bodies.extend(survey, chosen, asked["until"], reason, by=by)
                return f"{count}団体の締切を{format_time(asked['until'])}に延ばしました。"
            case "exclude":
                count = bodies.exclude(survey, chosen, reason, by=by, knows=asked["knows"])
                return f"{count}団体を対象から除きました。"
            case "include":
                return f"{bodies.include(survey, chosen, by=by)}団体を対象に戻しました。"
            case "addresses":
                # Mails take a link to the answer there.
                confirm_identity(request)
                return (
                    f"{bodies.set_addresses(survey, asked['addresses'])}団体のメールアドレスを登録しました。"
                )
            case _:
                raise ValidationError("操作を選び直してください。")
