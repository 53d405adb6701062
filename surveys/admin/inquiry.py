"""What bodies ask about a survey, and what of it is told to all of them."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone

from members.common.admin.base import PortalAdmin
from members.common.admin.screens import person
from members.common.text.folding import fold
from surveys.models import Faq, Inquiry
from surveys.running.inquiries import note_answer, propose_faq, tell_answered


class AnsweredFilter(admin.SimpleListFilter):
    title = "回答"
    parameter_name = "answered"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("no", "まだ回答していない"), ("yes", "回答した")]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        if self.value() == "no":
            return queryset.unanswered()
        return queryset.exclude(answer="") if self.value() == "yes" else queryset


@admin.register(Inquiry)
class InquiryAdmin(PortalAdmin):
    list_display = ["excerpt", "survey", "target", "asked_at", "answered_at"]
    list_filter = [AnsweredFilter, "target__survey__council_year__council", "target__survey"]
    list_select_related = ["target__organization", "target__survey__council_year__council"]
    search_fields = ["question", "answer", "target__organization__name"]
    fieldsets = [
        ("質問", {"fields": ["survey", "target", "question", "asked_by", "asked_at"]}),
        ("回答", {"fields": ["answer", "answered_by", "answered_at"]}),
    ]
    readonly_fields = [
        "survey", "target", "question", "asked_by", "asked_at", "answered_by", "answered_at"
    ]  # fmt: skip
    change_form_template = "admin/surveys/inquiry.html"

    def has_add_permission(self, request: HttpRequest) -> bool:
        # Only bodies ask.
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Inquiry | None = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: Inquiry, form: Any, change: bool) -> None:
        if "answer" not in form.changed_data:
            super().save_model(request, obj, form, change)
            return
        is_first = obj.answered_at is None
        note_answer(obj, person(request))
        super().save_model(request, obj, form, change)
        if is_first and obj.answer:
            count = tell_answered(obj)
            told = (
                "メールで知らせます。"
                if count
                else "メールアドレスの登録がないため、電話などで知らせてください。"
            )
            messages.info(request, f"{obj.target}に、{told}")

    def response_change(self, request: HttpRequest, obj: Inquiry) -> HttpResponse:
        if "_faq" in request.POST and request.user.has_perm("surveys.add_faq"):
            faq = propose_faq(obj)
            messages.info(
                request,
                "団体名や質問した人が分かる言葉を消してから、「すべての団体に見せる」に印を付けてください。",
            )
            return redirect("admin:surveys_faq_change", faq.pk)
        return super().response_change(request, obj)

    @admin.display(description="質問")
    def excerpt(self, inquiry: Inquiry) -> str:
        return inquiry.question[:60]

    @admin.display(description="アンケート", ordering="target__survey")
    def survey(self, inquiry: Inquiry) -> str:
        return str(inquiry.target.survey)


class FaqForm(forms.ModelForm):
    """Words for all bodies; those that name the one who asked are pointed out."""

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        source = self.instance.source
        if not (cleaned.get("is_shown") and source):
            return cleaned
        body = source.target.organization
        names = {body.name, source.target.name, *source.asked_by.split()}
        for field in ("question", "answer"):
            text = fold(cleaned.get(field) or "")
            found = [name for name in names if len(name) > 1 and fold(name) in text]
            if found:
                self.add_error(field, f"質問した団体や人が分かる言葉があります：{'、'.join(sorted(found))}")
        return cleaned


@admin.register(Faq)
class FaqAdmin(PortalAdmin):
    form = FaqForm
    list_display = ["question", "survey", "is_shown", "shown_at", "corrected_at"]
    list_filter = ["survey__council_year__council", "survey", "is_shown"]
    list_select_related = ["survey__council_year__council"]
    search_fields = ["question", "answer"]
    autocomplete_fields = ["survey"]
    fields = ["survey", "position", "question", "answer", "is_shown", "shown_at", "corrected_at"]
    readonly_fields = ["shown_at", "corrected_at"]

    def get_readonly_fields(self, request: HttpRequest, obj: Faq | None = None) -> list[str]:
        return [*self.readonly_fields, *(["survey"] if obj else [])]

    def save_model(self, request: HttpRequest, obj: Faq, form: Any, change: bool) -> None:
        if obj.is_shown and obj.shown_at is None:
            obj.shown_at = timezone.now()
        elif obj.is_shown and {"question", "answer"} & {*form.changed_data}:
            obj.corrected_at = timezone.now()
        super().save_model(request, obj, form, change)
