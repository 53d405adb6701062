"""The year's roster and the bodies behind it, as the secretariat keeps them."""

import re
from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from members.common.admin.base import PortalAdmin, PortalFormSet, PortalTabularInline
from members.common.admin.files import FileModelAdmin
from members.common.files.word_style import StoredFileInput, check_word_style
from members.common.forms.seen import SeenForm
from members.common.publication.rights import PublishingSwitches
from members.common.remit import is_shared_elsewhere, is_within, remit_of, within
from members.common.text.eras import fiscal_year
from members.common.web.step_up import confirm_identity
from members.desks import admin as desk_admin
from members.desks import people_admin
from members.desks.admin import DeskActions
from members.models import (
    Council,
    CouncilYear,
    Department,
    Membership,
    Organization,
    OrganizationAlias,
)
from members.sheets.resources import DepartmentResource, MembershipResource, OrganizationResource
from members.trail import admin as trail_admin

# Django looks for screens in this module only.
__all__ = ["desk_admin", "people_admin", "trail_admin"]


class AliasInline(PortalTabularInline):
    model = OrganizationAlias
    extra = 0


def sees_address(user: Any, department: Department | None) -> bool:
    """Whether a department's address, which is not public, is somebody's to see: it is on their roster."""
    own = remit_of(user)
    if own is None or department is None:
        return own is None
    return department.memberships.filter(council_year__council__in=own).exists()


class DepartmentInline(PortalTabularInline):
    model = Department
    extra = 1
    show_change_link = True

    def get_exclude(self, request: HttpRequest, obj: Any = None) -> Any:
        # All of a body's departments stand here, whichever roster they are on.
        return [] if remit_of(request.user) is None else ["email"]


class RenameForm(forms.ModelForm):
    """A rename asks from when: the rosters of earlier years keep the name they were printed with."""

    renamed_from = forms.IntegerField(
        label="この名称にする年度",
        required=False,
        min_value=1950,
        max_value=2100,
        help_text="名称を変えるときに入力します（西暦。例: 2021）。前の年度の名簿には前の名称が残ります。"
        "誤字の訂正ですべての年度を変えるときは、最も古い年度を入力します。",
    )

    # Who changes it; each request's form is a class of its own.
    user: Any = None

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        for name in {"merged_into", "organization"} & set(self.changed_data):
            self.keep_from_others(name, cleaned.get(name))
        year = cleaned.get("renamed_from")
        if "name" in self.changed_data and self.instance.pk and self.instance.stands_in_rosters and not year:
            self.add_error(
                "renamed_from", "検討メンバーに載っている名称です。何年度から変えるかを入力してください。"
            )
        self.instance.renamed_from = year
        return cleaned

    def keep_from_others(self, name: str, body: Organization | None) -> None:
        """Nobody changes what the public reads of a body that other councils' people take care of."""
        if body and self.instance.pk and is_shared_elsewhere(self.user, body):
            self.add_error(
                name, "担当していない検討会議にも参加している団体です。全体を担当する職員に頼んでください。"
            )


def form_of(form: type[forms.ModelForm], request: HttpRequest) -> type[forms.ModelForm]:
    """A request's own form, which knows who changes the record."""
    return type(form.__name__, (form,), {"user": request.user})


def ask_about_address(request: HttpRequest, form: forms.ModelForm) -> None:
    """Links to answers are mailed to a department's address: whoever sets one is asked who they are.

    So is who takes a department with its address to another body.
    """
    if {"email", "organization"} & set(form.changed_data) and form.instance.email:
        confirm_identity(request)


def ask_about_member(request: HttpRequest, form: forms.ModelForm) -> None:
    """Who is on a roster gets the links of its surveys at the department's address."""
    department = form.cleaned_data.get("department") if "department" in form.changed_data else None
    if department and department.email:
        confirm_identity(request)


@admin.register(Organization)
class OrganizationAdmin(PublishingSwitches, DeskActions, FileModelAdmin):
    form = RenameForm
    # A merged body's public page leads to who carries it on, at once.
    publishing_model = CouncilYear
    publishing_fields = ("merged_into", "merged_on")
    resource_classes = [OrganizationResource]
    list_display = ["code", "name", "kana", "kind", "district"]
    list_display_links = ["code", "name"]
    list_filter = ["kind", "district"]
    search_fields = ["name", "kana", "code", "aliases__name"]
    autocomplete_fields = ["merged_into"]
    inlines = [AliasInline, DepartmentInline]
    actions = ["issue_desks", "revoke_desks"]

    def get_form(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        return form_of(super().get_form(request, *args, **kwargs), request)

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:
        for row in formset.forms:
            ask_about_address(request, row)
        super().save_formset(request, form, formset, change)


@admin.register(Department)
class DepartmentAdmin(FileModelAdmin):
    form = RenameForm
    resource_classes = [DepartmentResource]
    list_display = ["organization", "name"]
    list_display_links = ["name"]
    list_filter = ["organization__kind", "organization"]
    list_select_related = ["organization"]
    search_fields = ["name", "organization__name", "organization__kana", "organization__aliases__name"]
    autocomplete_fields = ["organization"]

    def get_form(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        return form_of(super().get_form(request, *args, **kwargs), request)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Department]:
        return super().get_queryset(request).select_related("organization")

    def get_exclude(self, request: HttpRequest, obj: Department | None = None) -> Any:
        return [] if sees_address(request.user, obj) else ["email"]

    def save_model(self, request: HttpRequest, obj: Department, form: Any, change: bool) -> None:
        ask_about_address(request, form)
        super().save_model(request, obj, form, change)


class CouncilForm(forms.ModelForm):
    class Meta:
        widgets: ClassVar = {"word_style": StoredFileInput}

    def clean_word_style(self) -> Any:
        upload = self.cleaned_data["word_style"]
        if upload and "word_style" in self.changed_data:
            check_word_style(upload)
        return upload


@admin.register(Council)
class CouncilAdmin(PublishingSwitches, PortalAdmin):
    form = CouncilForm
    publishing_fields = ("is_public",)
    list_display = ["name", "slug", "established_year", "closed_year", "is_public"]
    list_filter = ["is_public"]
    search_fields = ["name", "slug"]
    autocomplete_fields = ["successor"]
    fieldsets = [
        ("検討会議", {"fields": ["name", "slug", "purpose"]}),
        ("期間", {"fields": [("established_year", "closed_year"), "successor", "successor_note"]}),
        ("公開", {"fields": ["notice", "contact", "is_fictional", "is_public"]}),
        ("会議記録", {"fields": ["word_style"]}),
    ]

    def has_add_permission(self, request: HttpRequest) -> bool:
        # It would be nobody's whom it is not given to: made by who takes care of all.
        return super().has_add_permission(request) and remit_of(request.user) is None

    def get_fieldsets(self, request: HttpRequest, obj: Council | None = None) -> Any:
        fieldsets = super().get_fieldsets(request, obj)
        if obj is None or obj.successor is None or is_within(request.user, obj.successor):
            return fieldsets
        # What somebody else has named stays as it is, unseen.
        return [
            (title, {"fields": [name for name in parts["fields"] if name != "successor"]})
            for title, parts in fieldsets
        ]


class RosterFormSet(PortalFormSet):
    """One chair a year, also among the rows of one form."""

    def clean(self) -> None:
        super().clean()
        # The rows that stand and the ones to be added are two formsets of one page.
        chairs = [
            name
            for name, value in self.data.items()
            if re.fullmatch(r"memberships(-2)?-[0-9]+-role", name)
            and value == Membership.Role.CHAIR
            and not self.data.get(name.replace("-role", "-DELETE"))
        ]
        if len(chairs) > 1:
            raise ValidationError("代表は1年度に1つです。ほかの担当課の役割を選び直してください。")

    def save(self, commit: bool = True) -> Any:
        # At no moment may the database see two chairs: the new one is saved after the old one.
        count = self.initial_form_count()
        staying = [form for form in self.forms[:count] if form not in self.deleted_forms]
        chairs = [form for form in staying if form.cleaned_data.get("role") == Membership.Role.CHAIR]
        self.forms[:count] = sorted(self.forms[:count], key=lambda form: form in chairs)
        return super().save(commit)


class RosterInline(PortalTabularInline):
    """The departments on the roster; drawn without a query for each."""

    model = Membership
    formset = RosterFormSet
    extra = 0
    fields = ["member", "role", "post", "organization_name", "department_name", "is_to_check"]
    readonly_fields = ["member"]
    verbose_name_plural = "検討メンバー（代表は1つ）"

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Membership]:
        rows: Any = super().get_queryset(request)
        return rows.in_roster_order()

    @admin.display(description="担当課")
    def member(self, membership: Membership) -> str:
        return str(membership.department)


class NewMemberInline(PortalTabularInline):
    """Departments to be added to the roster."""

    model = Membership
    formset = RosterFormSet
    extra = 1
    fields = ["department", "role", "post"]
    autocomplete_fields = ["department"]
    verbose_name_plural = "検討メンバーの追加（名簿のファイルは「検討メンバー」の画面から取り込めます）"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Membership]:
        return super().get_queryset(request).none()


class CouncilYearForm(SeenForm):
    """A year with its roster; a page opened before somebody else's change is not saved over it."""

    relations = {
        "memberships": ("department", "role", "post", "organization_name", "department_name", "is_to_check")
    }


@admin.register(CouncilYear)
class CouncilYearAdmin(PublishingSwitches, PortalAdmin):
    form = CouncilYearForm
    publishing_fields = ("is_public",)
    list_display = ["council", "label", "member_count", "is_public"]
    list_display_links = ["label"]
    list_filter = ["council", "year", "is_public"]
    list_select_related = ["council"]
    search_fields = ["council__name", "year"]
    # Said again: rows that are counted lose the order of their model.
    ordering = ["-year", "council"]
    autocomplete_fields = ["council"]
    inlines = [RosterInline, NewMemberInline]

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """The year that it is, of the council that somebody takes care of where that is one."""
        councils = within(request.user, Council.objects.all())[:2]
        known = {"council": councils[0].pk} if len(councils) == 1 else {}
        return {
            "year": fiscal_year(timezone.localdate()),
            **known,
            **super().get_changeform_initial_data(request),
        }

    def get_fields(self, request: HttpRequest, obj: CouncilYear | None = None) -> Any:
        fields = ["council", "year", "is_public"]
        return [*fields, "seen"] if obj and self.has_change_permission(request, obj) else fields

    def get_queryset(self, request: HttpRequest) -> QuerySet[CouncilYear]:
        return super().get_queryset(request).annotate(members=Count("memberships"))

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:
        for row in formset.forms:
            ask_about_member(request, row)
        super().save_formset(request, form, formset, change)

    @admin.display(description="年度", ordering="year")
    def label(self, year: CouncilYear) -> str:
        return year.label

    @admin.display(description="担当課の数", ordering="members")
    def member_count(self, year: Any) -> int:
        return year.members


@admin.register(Membership)
class MembershipAdmin(FileModelAdmin):
    resource_classes = [MembershipResource]
    list_display = ["council_year", "organization", "member", "role", "post"]
    list_display_links = ["member"]
    list_filter = ["council_year__council", "council_year__year", "role"]
    list_select_related = ["council_year__council", "department__organization"]
    search_fields = ["department__name", "department__organization__name", "post"]
    autocomplete_fields = ["council_year", "department"]

    def process_import(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if self.has_import_permission(request):
            # A roster from a file brings any number of addresses.
            confirm_identity(request)
        return super().process_import(request, *args, **kwargs)

    def save_model(self, request: HttpRequest, obj: Membership, form: Any, change: bool) -> None:
        ask_about_member(request, form)
        super().save_model(request, obj, form, change)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Membership]:
        queryset = super().get_queryset(request)
        return queryset.select_related("council_year__council", "department__organization")

    @admin.display(description="団体", ordering="department__organization__code")
    def organization(self, membership: Membership) -> str:
        return membership.organization_name or membership.department.organization.name

    @admin.display(description="担当課", ordering="department__name")
    def member(self, membership: Membership) -> str:
        return membership.department_name or membership.department.name
