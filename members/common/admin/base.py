"""What every screen of our admin shares: an ordinary slip gets a sentence, never a 500.

All model admins and inlines of the portal derive from these (a test holds it), so that a
class of slips is mended in one place.
"""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin import helpers
from django.contrib.admin.exceptions import DisallowedModelAdminLookup
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.widgets import AdminDateWidget, AdminSplitDateTime, AutocompleteSelect
from django.core.exceptions import FieldDoesNotExist, FieldError, SuspiciousOperation, ValidationError
from django.db import DataError, IntegrityError, models, transaction
from django.db.models import QuerySet
from django.forms.models import BaseInlineFormSet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from members.common.acts import act, current_act
from members.common.admin import filters  # noqa: F401
from members.common.admin.names import name_controls, name_widget
from members.common.admin.seen import SeenAdmin
from members.common.audit import note_act
from members.common.forms.fields import WrittenDateField
from members.common.forms.proposed import share_taken
from members.common.remit import is_shared_elsewhere, is_within, within
from members.common.text.numbers import whole_number

# More words, or longer ones, are a paste beside the box; each word is a condition of the query.
SEARCH_WORDS, SEARCH_LENGTH = 10, 200
# What the database says of rows that clash, and of numbers that no column holds.
CLASHES = (IntegrityError, DataError, OverflowError)
# How a filter names a record, without a word of what it says.
BY_KEY = {"exact", "in", "isnull", "id", "pk"}
# Addresses too: a list that answers 「begins with a」 spells them out.
UNREADABLE = {
    *("password", "token_hash", "secret", "signature", "private_signature"),
    *("email", "emails", "notify_emails"),
}
# What a list says of an address that asks for what there is not, or for what is nobody's to ask.
# Up to here a box lists all there are, which also works without a script; beyond it is searched.
FEW = 500
BAD_FILTERS = (IncorrectLookupParameters, DisallowedModelAdminLookup)
CLASH = (
    "保存していません。同じ値の行が2つあるか、ほかの行やほかの人の変更とぶつかる値があります。"
    "値を入れ替えるときは、片方を別の値にして一度保存してください。"
)


def leads_elsewhere(model: Any, parts: list[str]) -> bool:
    """Whether a lookup asks for a column of another record, which may be nobody's to read."""
    try:
        field = model._meta.get_field(parts[0])
    except FieldDoesNotExist:
        return False
    if not field.is_relation:
        return False
    return not field.concrete or (len(parts) > 1 and parts[1] not in BY_KEY)


class WrittenDateTimeField(forms.SplitDateTimeField):
    """A day as offices write it, and a time."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.pop("input_date_formats", None)
        super().__init__(**kwargs)
        self.fields = (WrittenDateField(required=False), self.fields[1])
        for widget, part in zip(getattr(self.widget, "widgets", []), ("日付", "時刻"), strict=False):
            widget.attrs["aria-label"] = f"{self.label}（{part}）"


class PortalFormSet(BaseInlineFormSet):
    """Rows of a part: as many as were really sent, no two the same."""

    def _construct_form(self, i: int, **kwargs: Any) -> Any:
        form = super()._construct_form(i, **kwargs)  # type: ignore[misc]
        share_taken(self, form)
        return form

    def add_fields(self, form: Any, index: int | None) -> None:
        super().add_fields(form, index)
        name_controls(form, index)

    def total_form_count(self) -> int:
        if not self.is_bound:
            return super().total_form_count()
        head = f"{self.prefix}-"
        sent = {name[len(head) :].partition("-")[0] for name in self.data if name.startswith(head)}
        numbers = [int(number) for number in sent if number.isdecimal() and len(number) < 6]
        return min(super().total_form_count(), max(numbers, default=-1) + 1)

    def get_unique_error_message(self, unique_check: Any) -> str:
        """The sentence of the constraint that two rows of this form would break."""
        wanted = {*unique_check, self.fk.name}
        for constraint in self.model._meta.constraints:
            if (
                isinstance(constraint, models.UniqueConstraint)
                and {*constraint.fields, self.fk.name} == wanted
            ):
                return str(constraint.violation_error_message)
        return super().get_unique_error_message(unique_check)


class NumberedAutocomplete(AutocompleteSelect):
    """Shows again what was posted, also where that is no id at all."""

    def optgroups(self, name: str, value: Any, attr: Any = None) -> Any:
        return super().optgroups(name, [each for each in value if whole_number(str(each)) is not None], attr)


class PortalFields:
    """How the fields of our records are asked for, on a screen of their own or in a row of another's."""

    admin_site: Any
    get_autocomplete_fields: Any

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if "widget" not in kwargs and db_field.name in self.get_autocomplete_fields(request):
            is_short = self.lists_all(db_field.related_model)
            kwargs["widget"] = forms.Select() if is_short else NumberedAutocomplete(db_field, self.admin_site)
            if is_short:
                related = self.admin_site.get_model_admin(db_field.related_model)
                kwargs["queryset"] = related.named_rows(request)
        field = super().formfield_for_foreignkey(db_field, request, **kwargs)  # type: ignore[misc]
        if field is not None and isinstance(field.widget, AutocompleteSelect):
            name_widget(field.widget, str(field.label))
        if field is not None and field.queryset is not None:
            # Nothing is hung on, or moved to, what somebody takes no care of.
            field.queryset = within(request.user, field.queryset)
        return field

    def lists_all(self, model: Any) -> bool:
        """Whether a box lists every row of a model; a row of a form would repeat them each time."""
        return False

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        field = super().formfield_for_manytomany(db_field, request, **kwargs)  # type: ignore[misc]
        if field is not None and field.queryset is not None:
            field.queryset = within(request.user, field.queryset)
        return field


class PortalTabularInline(PortalFields, admin.TabularInline):
    formset = PortalFormSet
    template = "admin/rows.html"


class PortalStackedInline(PortalFields, admin.StackedInline):
    formset = PortalFormSet


class PortalAdmin(SeenAdmin, PortalFields, admin.ModelAdmin):
    """A model's screens in the admin."""

    formfield_overrides = {
        models.DateField: {"form_class": WrittenDateField, "widget": AdminDateWidget},
        models.DateTimeField: {"form_class": WrittenDateTimeField, "widget": AdminSplitDateTime},
    }

    def lists_all(self, model: Any) -> bool:
        return len(model._default_manager.values("pk")[: FEW + 1]) <= FEW

    def named_rows(self, request: HttpRequest) -> QuerySet:
        """The rows of this model with all that their names are made of, to choose one of them."""
        rows = self.model._default_manager.order_by(*self.get_ordering(request) or self.model._meta.ordering)
        related = self.list_select_related
        return rows.select_related(*related) if isinstance(related, list | tuple) and related else rows

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: Any = None,
    ) -> HttpResponse:
        # By its own address: a form that waited for a password is drawn below another one.
        form_url = form_url or request.get_full_path()
        try:
            with transaction.atomic():
                self.before_change(request, object_id)
                return super().changeform_view(request, object_id, form_url, extra_context)
        except CLASHES:
            if request.method != "POST":
                raise
        # Nothing was saved. The same form again, with all that was typed and what is wrong.
        vars(request)["portal_clash"] = True
        for name in request.FILES:
            for file in request.FILES.getlist(name):
                file.seek(0)
        with transaction.atomic():
            return super().changeform_view(request, object_id, form_url, extra_context)

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        rows: QuerySet = within(request.user, super().get_queryset(request))
        return rows

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_view_permission(request, obj) and self.is_theirs(request, obj)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_change_permission(request, obj) and self.is_theirs(request, obj, to_change=True)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_delete_permission(request, obj) and self.is_theirs(request, obj, to_change=True)

    def is_theirs(self, request: HttpRequest, obj: Any, *, to_change: bool = False) -> bool:
        """Whether a record is of who asks; what councils share is changed by who takes care of them all."""
        if obj is None:
            return True
        return is_within(request.user, obj) and not (to_change and is_shared_elsewhere(request.user, obj))

    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        act(f"{obj._meta.verbose_name}の追加", about=obj, is_general=True)
        return super().log_addition(request, obj, message)

    def log_change(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        if isinstance(message, str):
            # What an action did, in words: it may have changed no row that is logged.
            act(f"{obj._meta.verbose_name}：{message.removesuffix('。')}", about=obj, is_general=True)
            if current_act().written_in is None:
                note_act(obj, None, {"操作": message})
        else:
            act(f"{obj._meta.verbose_name}の変更", about=obj, is_general=True)
        return super().log_change(request, obj, message)

    def log_deletions(self, request: HttpRequest, queryset: Any) -> Any:
        for obj in queryset:
            act(f"{obj._meta.verbose_name}の削除", about=obj)
        return super().log_deletions(request, queryset)

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        form = super().get_form(request, obj, change, **kwargs)
        if not getattr(request, "portal_clash", False):
            return form

        class ClashingForm(form):  # type: ignore[misc, valid-type]
            def clean(self) -> Any:
                super().clean()
                raise ValidationError(CLASH)

        return ClashingForm

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet, search_term: str
    ) -> tuple[QuerySet, bool]:
        words = search_term[:SEARCH_LENGTH].split()[:SEARCH_WORDS]
        return super().get_search_results(request, queryset, " ".join(words))

    def lookup_allowed(self, lookup: str, value: str, request: Any = None) -> bool:
        """No list is narrowed by what nobody may read, letter by letter, nor by a pattern."""
        parts = lookup.split("__")
        if parts[-1] in {"regex", "iregex"} or UNREADABLE.intersection(parts):
            return False
        if leads_elsewhere(self.model, parts) and not self.is_listed_filter(request, lookup):
            return False
        return super().lookup_allowed(lookup, value, request)

    def is_listed_filter(self, request: Any, lookup: str) -> bool:
        """Whether a lookup is what one of the list's own filters writes into the address."""
        listed = [each for each in self.get_list_filter(request) if isinstance(each, str)]
        return any(
            lookup == each
            or (lookup.startswith(f"{each}__") and {*lookup[len(each) + 2 :].split("__")} <= BY_KEY)
            for each in listed
        )

    def response_action(self, request: HttpRequest, queryset: QuerySet) -> Any:
        if request.POST.get("action") != "delete_selected":
            return super().response_action(request, queryset)
        # Whether each may go is asked under its lock, as on a screen of its own.
        with transaction.atomic():
            every = request.POST.get("select_across") == "1"
            chosen = queryset if every else queryset.filter(pk__in=self.chosen_ids(request))
            for pk in chosen.order_by("pk").values_list("pk", flat=True):
                self.lock(pk)
            return super().response_action(request, queryset)

    def chosen_ids(self, request: HttpRequest) -> list[int]:
        found = map(whole_number, request.POST.getlist(helpers.ACTION_CHECKBOX_NAME))
        return [pk for pk in found if pk is not None]

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        try:
            return super().changelist_view(request, extra_context)
        except (FieldError, *BAD_FILTERS, ValidationError, *CLASHES):
            return self.unknown_filter(request)

    def unknown_filter(self, request: HttpRequest) -> HttpResponse:
        """Say that the address asks for what there is not, and show the whole list."""
        if not request.GET:
            raise SuspiciousOperation("the list itself cannot be read")
        messages.warning(request, "アドレスにある絞り込みの条件を読み取れないため、すべてを表示します。")
        meta = self.model._meta
        return redirect(f"admin:{meta.app_label}_{meta.model_name}_changelist")
