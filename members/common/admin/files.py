"""Import and export in the admin, in the words of the office."""

from typing import Any

from django import forms
from django.contrib import messages
from django.core.cache import cache
from django.core.exceptions import FieldError, PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from import_export.admin import ImportExportModelAdmin
from import_export.forms import ExportForm, ImportForm
from import_export.tmp_storages import CacheStorage

from members.common.acts import act
from members.common.admin.base import BAD_FILTERS, PortalAdmin
from members.common.files.spreadsheets import CSV, MAX_BYTES, XLSX
from members.common.web.limits import spend

FORMATS = [XLSX, CSV]


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


class FileModelAdmin(PortalAdmin, ImportExportModelAdmin):
    """A model that comes and goes as XLSX or CSV; nothing is half imported."""

    formats = FORMATS
    import_form_class = FileImportForm
    export_form_class = ExportForm
    show_change_form_export = False

    def has_import_permission(self, request: HttpRequest) -> bool:
        return self.has_add_permission(request) and self.has_change_permission(request)

    def has_export_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def process_import(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not self.has_import_permission(request):
            raise PermissionDenied
        name = request.POST.get("import_file_name", "")
        if request.method == "POST" and cache.get(CacheStorage.CACHE_PREFIX + name) is None:
            messages.error(request, "確認した内容はもう残っていません。もう一度ファイルを選んでください。")
            return redirect("..")
        if request.method == "POST":
            act(f"{self.opts.verbose_name}：ファイルからの取り込み")
        return super().process_import(request, *args, **kwargs)

    def export_action(self, request: HttpRequest) -> HttpResponse:
        if request.method == "POST":
            spend(request, "exports")
        return super().export_action(request)

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
