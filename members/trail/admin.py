"""The audit trail as the office reads it: a line for each act, its changes behind it, and a file."""

from collections.abc import Iterator
from typing import Any

from auditlog.models import LogEntry
from django.contrib import admin, messages
from django.core.exceptions import FieldError, PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone

from members.common.admin.base import BAD_FILTERS
from members.common.admin.screens import ScreenAdmin, person
from members.common.audit import note_access
from members.common.files.spreadsheets import XLSX, attachment
from members.common.files.tables import Table, columns
from members.common.remit import within
from members.common.text.eras import format_time
from members.common.text.numbers import whole_number
from members.common.web.limits import spend
from members.common.web.step_up import confirm_identity
from members.models import AuditEntry
from members.trail.words import read_changes

PER_PAGE = 100
MOST_EXPORTED = 20_000
# What fits into one cell of Excel.
CELL = 30_000
BATCH = 500
# What an auditor asks: when, who, what, about what.
NARROWING = (
    ("at__date__gte", "この日から", "date"),
    ("at__date__lte", "この日まで", "date"),
    ("who__icontains", "実行者", "text"),
    ("title__icontains", "操作", "text"),
    ("about__icontains", "対象", "text"),
)


@admin.register(AuditEntry)
class AuditEntryAdmin(ScreenAdmin):
    list_display = ["at", "who", "title", "about", "reason", "changes_count", "place", "number"]
    list_display_links = ["title"]
    search_fields = ["title", "about", "who", "reason", "address__startswith", "request_id"]
    search_help_text = "操作、対象、実行者、理由の言葉、IPアドレス、要求の番号で探せます。"
    date_hierarchy = "at"
    list_per_page = 100
    show_full_result_count = False

    def get_urls(self) -> list[Any]:
        return [self.screen("export.xlsx", self.export_view, "export"), *super().get_urls()]

    @admin.display(description="場所", ordering="address")
    def place(self, entry: AuditEntry) -> str:
        return place_of(entry)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """One act: its head, and what changed, in the words of the screens."""
        if request.method not in {"GET", "HEAD"} or not self.has_view_permission(request):
            raise PermissionDenied
        entry = within(request.user, AuditEntry.objects.filter(pk=whole_number(object_id) or 0)).first()
        if entry is None:
            raise Http404
        rows = LogEntry.objects.filter(cid=entry.uid).select_related("content_type").order_by("pk")
        page = Paginator(rows, PER_PAGE).get_page(request.GET.get("p"))
        return self.draw(
            request,
            "admin/members/audit_entry.html",
            str(entry),
            entry=entry,
            place=place_of(entry),
            page=page,
            changes=read_changes(page.object_list, request.user),
        )

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        given = request.GET
        # Each narrows the list by what Django's admin takes as a filter anyway.
        narrowing = [(name, label, kind, given.get(name, "")) for name, label, kind in NARROWING]
        address = f"{reverse('admin:members_auditentry_export')}?{request.GET.urlencode()}"
        return super().changelist_view(
            request, {**(extra_context or {}), "export_address": address, "narrowing": narrowing}
        )

    def get_queryset(self, request: HttpRequest) -> QuerySet[AuditEntry]:
        # An empty box of the form above the list asks for nothing.
        if any(request.GET.get(name) == "" for name, _, _ in NARROWING):
            given = request.GET.copy()
            for name, _, _ in NARROWING:
                if given.get(name) == "":
                    del given[name]
            request.GET = QueryDict(given.urlencode())
        return super().get_queryset(request)

    def chosen(self, request: HttpRequest) -> Any:
        """The entries of the list as it is filtered."""
        return self.get_changelist_instance(request).get_queryset(request)

    def export_view(self, request: HttpRequest) -> HttpResponse:
        """The entries of the list as it is filtered, as a workbook; that it was made is an entry itself."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        confirm_identity(request)
        spend(request, "exports")
        try:
            entries = self.chosen(request)
        except (FieldError, *BAD_FILTERS, ValidationError):
            # A file of all would not be what was asked for.
            return self.unknown_filter(request)
        count = entries.count()
        if count > MOST_EXPORTED:
            messages.error(
                request,
                f"{count:,}件あります。書き出せるのは{MOST_EXPORTED:,}件までです。期間か言葉で絞ってください。",
            )
            return redirect("admin:members_auditentry_changelist")
        file = XLSX().export_data(TRAIL.fill((entries, request.user)))
        note_access(person(request), person(request), f"書き出し：監査記録（{count}件）")
        name = f"監査記録_{timezone.localdate():%Y%m%d}.xlsx"
        return attachment(file, XLSX.content_type, name)


def place_of(entry: AuditEntry) -> str:
    """From where: a command runs on the server itself."""
    return entry.address or ("サーバー" if entry.who.startswith("システム") else "-")


def entry_rows(source: tuple[Any, Any]) -> Iterator[list[Any]]:
    entries, reader = source
    batch: list[AuditEntry] = []
    for entry in entries.iterator(BATCH):
        batch.append(entry)
        if len(batch) == BATCH:
            yield from rows_of(batch, reader)
            batch = []
    yield from rows_of(batch, reader)


def rows_of(batch: list[AuditEntry], reader: Any) -> Iterator[list[Any]]:
    rows = LogEntry.objects.filter(cid__in=[entry.uid for entry in batch]).select_related("content_type")
    told: dict[str, list[str]] = {}
    found = list(rows.order_by("pk"))
    for row, change in zip(found, read_changes(found, reader), strict=True):
        told.setdefault(row.cid or "", []).append(str(change))
    for entry in batch:
        changes = "\n".join(told.get(entry.uid, []))
        yield [
            entry.number,
            format_time(entry.at),
            entry.who,
            place_of(entry),
            entry.title,
            entry.about,
            entry.reason,
            changes if len(changes) <= CELL else f"{changes[:CELL]}…（以下略。画面で確かめてください）",
            entry.changes_count,
            entry.request_id,
            entry.chain_hash,
            entry.previous_hash,
        ]


TRAIL: Table[tuple[Any, Any]] = Table(
    "audit",
    "監査記録",
    columns(
        *("番号", "日時", "実行者", "場所", "操作", "対象", "理由", "変更", "変更の行数", "要求の番号"),
        *("ハッシュ値", "前の記録のハッシュ値"),
    ),
    entry_rows,
)
