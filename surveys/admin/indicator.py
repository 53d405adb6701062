"""Named figures and the choices they count."""

from collections.abc import Iterator
from itertools import groupby
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import F, ForeignKey, QuerySet
from django.forms.models import ModelChoiceIterator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from members.common.admin.base import PortalAdmin, PortalFormSet, PortalTabularInline
from members.common.admin.screens import changed_id
from members.common.forms.proposed import ProposedKeyForm
from members.common.remit import within
from members.common.text.numbers import whole_number
from surveys.models import Choice, CountedChoice, Indicator, Question, Survey


class ChoicesByQuestion(ModelChoiceIterator):
    """A survey's choices below their questions, in the order in which they are asked."""

    def __iter__(self) -> Iterator[Any]:
        yield ("", "---------")
        for question, choices in groupby(self.queryset, lambda choice: choice.question):
            yield question.text, [self.choice(choice) for choice in choices]


class CountedChoiceField(forms.ModelChoiceField):
    iterator = ChoicesByQuestion

    def label_from_instance(self, obj: Any) -> str:
        return str(obj.label)


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


def survey_of(request: HttpRequest) -> Survey | None:
    """The survey of the figure whose form this is, or the one that was chosen for a new one."""
    if (indicator := changed_id(request)) is not None:
        return Survey.objects.filter(indicators=indicator).first()
    chosen = whole_number(request.POST.get("survey") or request.GET.get("survey"))
    return within(request.user, Survey.objects.filter(pk=chosen)).first() if chosen else None


def choices_of(survey: Survey | None) -> QuerySet[Choice]:
    choices = Choice.objects.filter(question__survey=survey).select_related("question")
    return choices.order_by(
        F("question__section__position").asc(nulls_first=True),
        "question__section",
        "question__position",
        "question",
        "position",
        "pk",
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
            kwargs["queryset"] = choices_of(survey_of(request))
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
    fieldsets = [
        (None, {"fields": ["survey", "name", "statement", "unit", "position"]}),
        ("識別名（空欄なら自動で付けます）", {"classes": ["collapse"], "fields": ["key"]}),
    ]

    def get_inlines(self, request: HttpRequest, obj: Indicator | None) -> list[Any]:
        # What is counted is chosen among the choices of one survey: that is said first.
        is_new_without = (
            obj is None and request.method == "POST" and "counted_choices-TOTAL_FORMS" not in request.POST
        )
        return self.inlines if survey_of(request) and not is_new_without else []

    def response_add(
        self, request: HttpRequest, obj: Indicator, post_url_continue: Any = None
    ) -> HttpResponse:
        if "_addanother" in request.POST or obj.counted_choices.exists():
            return super().response_add(request, obj, post_url_continue)
        messages.success(request, f"指標「{obj.name}」を登録しました。次に、数える選択肢を選んでください。")
        return redirect("admin:surveys_indicator_change", obj.pk)

    def get_readonly_fields(self, request: HttpRequest, obj: Indicator | None = None) -> list[str]:
        # Reports quote the key, and the figure's address holds it.
        return ["survey", "key"] if obj else []

    def lock(self, object_id: int) -> None:
        # Whether it may go is a question of its survey's results.
        surveys = Survey.objects.select_for_update(of=("self",), no_key=True)
        surveys.filter(indicators=object_id).first()
        super().lock(object_id)

    def has_delete_permission(self, request: HttpRequest, obj: Indicator | None = None) -> bool:
        if obj is not None and obj.survey.results_public:
            return False
        return super().has_delete_permission(request, obj)

    @admin.display(description="指標のページ")
    def page(self, indicator: Indicator) -> SafeString:
        year = indicator.council_year
        url = reverse("figure", args=[year.council.slug, year.year, indicator.key])
        return format_html('<a href="{}">表示</a>', url)
