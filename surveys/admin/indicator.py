"""Named figures and the choices they count."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import ForeignKey, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from members.common.admin.base import PortalAdmin, PortalFormSet, PortalTabularInline
from members.common.admin.screens import changed_id
from members.common.forms.proposed import ProposedKeyForm
from surveys.models import Choice, CountedChoice, Indicator, Question


class CountedChoiceField(forms.ModelChoiceField):
    """A choice as staff find it among those of all questions."""

    def label_from_instance(self, obj: Any) -> str:
        survey = obj.question.survey
        return f"{obj.label}｜{obj.question.text}｜{survey.title}（{survey.council_year.label}）"


class CountedChoiceFormSet(PortalFormSet):
    """Counted choices must be choices of the indicator's survey."""

    def clean(self) -> None:
        super().clean()
        for form in self.forms:
            choice = form.cleaned_data.get("choice") if hasattr(form, "cleaned_data") else None
            if choice and choice.question.survey_id != self.instance.survey_id:
                form.add_error("choice", "指標と同じアンケートの選択肢を選んでください。")
        self._check_aggregate()

    def _check_aggregate(self) -> None:
        """Counts of several questions, or of several choices of one organization, cannot be added up."""
        if not (self.instance.survey_id and self.instance.survey.is_aggregate):
            return
        rows = [form.cleaned_data for form in self.forms if hasattr(form, "cleaned_data")]
        questions = {row["choice"].question for row in rows if row.get("choice") and not row.get("DELETE")}
        if len(questions) > 1 or any(question.kind != Question.Kind.SINGLE for question in questions):
            raise forms.ValidationError(
                "集計値だけの調査では、「1つ選ぶ」設問1つの選択肢だけを数えられます（足し合わせられないため）。"
            )


class CountedChoiceInline(PortalTabularInline):
    model = CountedChoice
    formset = CountedChoiceFormSet
    extra = 2
    verbose_name_plural = "数える選択肢（このうち1つ以上を選んだ団体を数えます）"

    def formfield_for_foreignkey(
        self, db_field: ForeignKey, request: HttpRequest, **kwargs: Any
    ) -> forms.ModelChoiceField | None:
        if db_field.name == "choice":
            kwargs["queryset"] = Choice.objects.select_related("question__survey__council_year__council")
            indicator = changed_id(request)
            if indicator:
                kwargs["queryset"] = kwargs["queryset"].filter(question__survey__indicators=indicator)
            kwargs["form_class"] = CountedChoiceField
        return super().formfield_for_foreignkey(db_field, request, **kwargs)


class IndicatorForm(ProposedKeyForm):
    """A figure; its key is one of the whole year's."""

    key_head = "figure"

    def siblings(self, cleaned: dict[str, Any]) -> QuerySet:
        survey = cleaned.get("survey")
        year = survey.council_year_id if survey else self.instance.council_year_id
        return Indicator.objects.filter(council_year=year)


@admin.register(Indicator)
class IndicatorAdmin(PortalAdmin):
    form = IndicatorForm
    list_display = ["name", "key", "survey", "page"]
    list_filter = ["council_year__council", "council_year__year"]
    list_select_related = ["survey__council_year__council", "council_year__council"]
    search_fields = ["name", "key"]
    autocomplete_fields = ["survey"]
    inlines = [CountedChoiceInline]
    fields = ["survey", "key", "name", "statement", "unit", "position"]

    def get_readonly_fields(self, request: HttpRequest, obj: Indicator | None = None) -> list[str]:
        # Reports quote the key, and the figure's address holds it.
        return ["survey", "key"] if obj else []

    def has_delete_permission(self, request: HttpRequest, obj: Indicator | None = None) -> bool:
        if obj is not None and obj.survey.results_public:
            return False
        return super().has_delete_permission(request, obj)

    @admin.display(description="指標のページ")
    def page(self, indicator: Indicator) -> SafeString:
        year = indicator.council_year
        url = reverse("figure", args=[year.council.slug, year.year, indicator.key])
        return format_html('<a href="{}">表示</a>', url)
