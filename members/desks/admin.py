"""Desks as the secretariat keeps them: their links, and what bodies say of their roster entries."""

from typing import Any

from django.contrib import admin, messages
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from members.common.acts import act
from members.common.admin.base import PortalAdmin
from members.desks.rights import may_issue, require_issuer
from members.models import Desk, Organization, RosterReply


class DeskActions:
    """Actions on bodies: issue the link of their desk, or end it."""

    def get_actions(self, request: HttpRequest) -> Any:
        found: Any = super().get_actions(request)  # type: ignore[misc]
        if not may_issue(request.user):
            for name in ("issue_desks", "revoke_desks"):
                found.pop(name, None)
        return found

    @admin.action(
        description="窓口のリンクを発行する（前のリンクは使えなくなります）", permissions=["change"]
    )
    def issue_desks(self, request: HttpRequest, queryset: QuerySet[Organization]) -> HttpResponse:
        """Give each body a fresh link and show it, the only time that it can be read."""
        require_issuer(request)
        rows = []
        with transaction.atomic():
            for organization in queryset.filter(merged_into=None).order_by("code"):
                act("窓口のリンクの発行", about=organization)
                desk, _ = Desk.objects.select_for_update(of=("self",), no_key=True).get_or_create(
                    organization=organization
                )
                token = desk.new_token()
                desk.save()
                rows.append((organization, request.build_absolute_uri(reverse("desk-open", args=[token]))))
        context = {
            **admin.site.each_context(request),
            "opts": Organization._meta,
            "title": "窓口のリンク",
            "rows": rows,
        }
        response = render(request, "admin/members/desk_links.html", context)
        response["Cache-Control"] = "no-store"
        return response

    @admin.action(description="窓口のリンクを無効にする", permissions=["change"])
    def revoke_desks(self, request: HttpRequest, queryset: QuerySet[Organization]) -> None:
        require_issuer(request)
        desks = Desk.objects.filter(organization__in=queryset).exclude(token_hash=None)
        with transaction.atomic():
            for desk in desks:
                act("窓口のリンクの無効化", about=desk)
                desk.revoke_link()
        messages.success(request, f"{len(desks)}団体の窓口のリンクを無効にしました。")


@admin.register(RosterReply)
class RosterReplyAdmin(PortalAdmin):
    """What bodies said; the secretariat ticks what it has put into the roster."""

    list_display = ["organization", "council_year", "is_right", "comment", "replied_at", "is_handled"]
    list_filter = ["is_handled", "is_right", "council_year__council", "council_year__year"]
    list_select_related = ["organization", "council_year__council"]
    list_editable = ["is_handled"]
    search_fields = ["organization__name", "organization__kana"]
    fields = ["organization", "council_year", "is_right", "comment", "replied_at", "is_handled"]
    readonly_fields = ["organization", "council_year", "is_right", "comment", "replied_at"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False
