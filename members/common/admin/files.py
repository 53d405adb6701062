"""Import and export in the admin, in the words of the office."""

from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.admin.models import LogEntry
from django.core.cache import cache
from django.core.exceptions import FieldError, PermissionDenied, ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import path
from import_export.admin import ImportExportModelAdmin
from import_export.forms import ConfirmImportForm, ExportForm, ImportForm
from import_export.tmp_storages import CacheStorage

from members.common.acts import act
from members.common.admin.base import BAD_FILTERS, PortalAdmin
from members.common.files.spreadsheets import CSV, MAX_BYTES, XLSX, attachment
from members.common.files.templates import Column, template
from members.common.files.turns import one_at_a_time
from members.common.text.cleaning import cell_text
from members.common.text.numbers import whole_number
from members.common.web.limits import spend

FORMATS = [XLSX, CSV]
# Of so many rows with the same fault each is named.
SOME = 5
# Each row is looked up and checked: so many take half a minute.
MOST_ROWS = 3000


class FileImportForm(ImportForm):
    """Asks for the file only: its name tells the format."""

    field_order = ["resource", "import_file"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["import_file"].help_text = (
            "Excel（.xlsx）かCSV（.csv、UTF-8またはShift_JIS）。5MBまで。"
            "送信すると、登録する前に内容と誤りを行ごとに表示します。"
        )
        self.fields["format"].required = False
        self.fields["format"].widget = forms.HiddenInput()

    @property
    def media(self) -> forms.Media:
        return forms.Media()

    def clean_import_file(self) -> Any:
        upload = self.cleaned_data["import_file"]
        if upload.size > MAX_BYTES:
            raise ValidationError("5MBを超えています。表だけを新しいファイルに貼り付けてください。")
        if self._format_index(upload.name) is None:
            raise ValidationError("Excel（.xlsx）かCSV（.csv）のファイルを選んでください。")
        return upload

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if upload := cleaned.get("import_file"):
            cleaned["format"] = str(self._format_index(upload.name))
        return cleaned

    def _format_index(self, name: str) -> int | None:
        extension = name.rpartition(".")[2].lower()
        extensions = [file_format().get_extension() for file_format in FORMATS]
        return extensions.index(extension) if extension in extensions else None


class ChosenRowsForm(ConfirmImportForm):
    """Which rows are taken, and what each of them would have done when it was looked at."""

    rows = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # Drawn as boxes beside the rows themselves.
        self.tickets = self.data.getlist("row") if self.is_bound else []
        if "with_additions" in self.data:
            # All rows that would register something new beside, by one button.
            self.tickets = [*self.tickets, *self.data.getlist("addition")]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        tickets = dict(ticket.split(":", 1) for ticket in self.tickets if ":" in ticket)
        self.chosen = {number: seen for text, seen in tickets.items() if (number := whole_number(text))}
        return cleaned


class ChangedMeanwhileError(Exception):
    """A confirmed import would do something else than its preview showed."""


class FileModelAdmin(PortalAdmin, ImportExportModelAdmin):
    """A model that comes and goes as XLSX or CSV; nothing is half imported, nothing unseen."""

    formats = FORMATS
    import_form_class = FileImportForm
    confirm_form_class = ChosenRowsForm
    export_form_class = ExportForm
    show_change_form_export = False

    def get_urls(self) -> list[Any]:
        meta = self.model._meta
        name = f"{meta.app_label}_{meta.model_name}_template"
        return [
            path("template.xlsx", self.admin_site.admin_view(self.template_view), name=name),
            *super().get_urls(),
        ]

    def get_import_formats(self) -> list[Any]:
        """Each format looks for the headings of this model's table, below titles and on any sheet."""
        knows = staticmethod(self.resource_classes[0].knows)
        return [type(each.__name__, (each,), {"known": knows, "most": MOST_ROWS}) for each in self.formats]

    def template_view(self, request: HttpRequest) -> HttpResponse:
        """Hand out the sheet to fill in: dropdowns, an example, and the codes as they stand today."""
        if not self.has_import_permission(request):
            raise PermissionDenied
        resource = self.resource_classes[0]
        lists = resource.lists(request.user)
        fields = [resource.fields[name] for name in resource._meta.fields]
        columns = [
            Column(
                field.column_name,
                resource.advice.get(field.column_name, ""),
                lists.get(field.column_name, []),
            )
            for field in fields
        ]
        name = f"{resource._meta.name}の取り込み用紙.xlsx"
        return attachment(template(columns, resource.example), XLSX.content_type, name)

    def has_import_permission(self, request: HttpRequest) -> bool:
        return self.has_add_permission(request) and self.has_change_permission(request)

    def has_export_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def process_import(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not self.has_import_permission(request):
            raise PermissionDenied
        name = request.POST.get("import_file_name", "")
        formats = {str(number) for number in range(len(self.formats))}
        if (
            request.POST.get("resource", "") not in {"", "0"}
            or request.POST.get("format", "0") not in formats
        ):
            messages.error(request, "確認の画面から送り直してください。何も取り込んでいません。")
            return redirect("..")
        if request.method == "POST" and cache.get(CacheStorage.CACHE_PREFIX + name) is None:
            messages.error(request, "確認した内容はもう残っていません。もう一度ファイルを選んでください。")
            return redirect("..")
        if request.method == "POST":
            act(f"{self.opts.verbose_name}：ファイルからの取り込み")
        try:
            with one_at_a_time("import"), transaction.atomic():
                return super().process_import(request, *args, **kwargs)
        except ValidationError as error:
            messages.error(request, error.messages[0])
            return redirect("..")
        except ChangedMeanwhileError:
            messages.error(
                request,
                "確認した後に登録内容が変わったため、何も取り込んでいません。"
                "もう一度ファイルを選び、違いを確かめてください。",
            )
            return redirect("..")

    def import_action(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        if request.method != "POST":
            return self.drawn_import(request, **kwargs)
        try:
            # Reading many rows takes long: two at once would hold all workers.
            with one_at_a_time("import"):
                return self.drawn_import(request, **kwargs)
        except ValidationError as error:
            messages.error(request, error.messages[0])
            return redirect(request.path)

    def drawn_import(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """The screen with the form, or with what a file would do."""
        response: Any = super().import_action(request, **kwargs)
        if context := getattr(response, "context_data", None):
            context["title"] = f"{self.opts.verbose_name}をファイルから取り込む"
            if result := context.get("result"):
                context |= counted(result.rows)
                context["faults"] = faults_of(result.invalid_rows)
                if result.has_validation_errors() and not result.has_errors() and context["changes"]:
                    # What is right can be taken; what is wrong waits for another file.
                    context["confirm_form"] = self.create_confirm_form(request, import_form=context["form"])
        return response

    def get_import_data_kwargs(self, **kwargs: Any) -> dict[str, Any]:
        form, request = kwargs.get("form"), kwargs["request"]
        found: dict[str, Any] = super().get_import_data_kwargs(**kwargs)
        # In a preview all rows are read; what it would register is rolled back with it.
        found["adds_departments"] = request.user.has_perm("members.add_department")
        found["chosen"] = set(form.chosen) if isinstance(form, ChosenRowsForm) else None
        return found

    def process_dataset(self, dataset: Any, form: Any, request: HttpRequest, **kwargs: Any) -> Any:
        result = super().process_dataset(dataset, form, request, **kwargs)
        done = {row.number: row.ticket.partition(":")[2] for row in result.rows if row.number in form.chosen}
        if result.has_errors() or result.has_validation_errors() or done != form.chosen:
            raise ChangedMeanwhileError
        return result

    def process_result(self, result: Any, request: HttpRequest) -> HttpResponse:
        if not any(row.is_change for row in result.rows):
            messages.warning(request, "取り込む行が選ばれていません。何も変えていません。")
            return redirect("..")
        return super().process_result(result, request)

    def add_success_message(self, result: Any, request: HttpRequest) -> None:
        totals = result.totals
        messages.success(
            request,
            f"{self.opts.verbose_name}を取り込みました（追加{totals['new']}件、変更{totals['update']}件）。",
        )

    def _create_log_entry(self, user_pk: Any, rows: Any, import_type: str, action_flag: int) -> None:
        if rows:
            LogEntry.objects.log_actions(
                user_pk, rows, action_flag, change_message="ファイルから取り込みました。"
            )

    def export_action(self, request: HttpRequest) -> HttpResponse:
        if request.method == "POST":
            spend(request, "exports")
        response: Any = super().export_action(request)
        if getattr(response, "context_data", None):
            response.context_data["title"] = f"{self.opts.verbose_name}をファイルに書き出す"
        return response

    def get_export_queryset(self, request: HttpRequest) -> Any:
        try:
            return super().get_export_queryset(request)
        except (FieldError, *BAD_FILTERS):
            # A filter in the address that there is not: everything is exported, as the list would show.
            request.GET = QueryDict()
            return super().get_export_queryset(request)

    def add_data_read_fail_error_to_form(self, form: forms.Form, e: Exception) -> None:
        if isinstance(e, ValidationError):
            form.add_error("import_file", e)
        else:
            form.add_error(
                "import_file",
                "ファイルを読めません。Excelで開き、.xlsx形式で保存し直してください。",
            )


@dataclass(slots=True)
class Fault:
    """One thing that is wrong, in all rows in which it is."""

    column: str
    text: str
    rows: list[int]
    cells: list[str]

    @property
    def places(self) -> str:
        """「2行目」, 「2、5行目」, or for many 「2〜41行目のうち40行」."""
        if len(self.rows) > SOME:
            return f"{self.rows[0]}〜{self.rows[-1]}行目のうち{len(self.rows)}行"
        return f"{'、'.join(map(str, self.rows))}行目"


def faults_of(invalid: list[Any]) -> list[Fault]:
    """What is wrong with rows, each thing once."""
    found: dict[tuple[str, str], Fault] = {}
    for row in invalid:
        named = [(column, " ".join(errors)) for column, errors in row.field_specific_errors.items()]
        if row.non_field_specific_errors:
            named.append(("行全体", " ".join(map(str, row.non_field_specific_errors))))
        for column, text in named:
            fault = found.setdefault((column, text), Fault(column, text, [], [*map(cell_text, row.values)]))
            fault.rows.append(row.number + 1)
    return list(found.values())


def counted(rows: list[Any]) -> dict[str, Any]:
    """The rows of a preview by what they would do."""
    return {
        "changes": [row for row in rows if row.is_change],
        "additions": [row for row in rows if row.is_change and row.adds],
        "unchanged": [row for row in rows if row.is_unchanged],
        "passed_over": [row for row in rows if row.is_passed_over],
    }
