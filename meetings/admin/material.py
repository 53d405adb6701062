"""Materials under a meeting's form: upload, link or title; a replaced file is a new version."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Max
from django.http import HttpRequest

from meetings.admin.attendance import PUBLIC_CHANGE
from meetings.materials.files import CheckedFile, check_file
from meetings.models import AgendaItem, Material, MaterialVersion, Meeting
from members.common.admin.base import PortalFormSet, PortalStackedInline
from members.common.publication.rights import may_publish


class MaterialForm(forms.ModelForm):
    """A material with its file."""

    upload = forms.FileField(label="ファイル", required=False)
    note = forms.CharField(label="差し替えの理由", max_length=200, required=False)
    checked: CheckedFile | None = None

    class Meta:
        model = Material
        fields = [
            "position",
            "label",
            "title",
            "kind",
            "provider",
            "url",
            "agenda_items",
            "is_public",
            "for_members",
        ]

    def clean_upload(self) -> Any:
        upload = self.cleaned_data["upload"]
        if upload:
            self.checked = check_file(upload)
        return upload

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        latest = self.instance.versions.first() if self.instance.pk else None
        if cleaned.get("url") and (cleaned.get("upload") or latest):
            self.add_error("url", "ファイルとアドレスは、どちらか一方だけを登録してください。")
        if latest and cleaned.get("upload") and not cleaned.get("note"):
            self.add_error(
                "note", f"「{latest.name}」を差し替える理由を入力してください。公開ページに表示します。"
            )
        return cleaned

    def save_version(self, user: Any) -> None:
        """Keep the uploaded file as the material's next version."""
        if not self.checked:
            return
        last = self.instance.versions.aggregate(last=Max("number"))["last"]
        MaterialVersion.objects.create(
            material=self.instance,
            number=(last or 0) + 1,
            file=self.cleaned_data["upload"],
            name=self.checked.name,
            content_type=self.checked.content_type,
            size=self.checked.size,
            sha256=self.checked.sha256,
            note=self.cleaned_data["note"] if last else "",
            added_by=user,
        )


class MaterialFormSet(PortalFormSet):
    """Of a public record, what a material is called and where it leads changes with a reason."""

    TOLD = frozenset({"label", "title", "kind", "provider", "url"})

    def clean(self) -> None:
        super().clean()
        if not (self.instance.pk and self.instance.was_public) or self.data.get("reason", "").strip():
            return
        for form in self.forms:
            was_shown = form.initial.get("is_public") and form.instance.pk
            goes = form in self.deleted_forms or self.TOLD & {*form.changed_data}
            # A replaced file has a reason of its own.
            if was_shown and goes and not form.cleaned_data.get("note"):
                raise forms.ValidationError(PUBLIC_CHANGE)


class MaterialInline(PortalStackedInline):
    model = Material
    form = MaterialForm
    formset = MaterialFormSet
    # One empty row: without a script none could be added.
    extra = 1
    fields = [
        ("position", "label", "kind"),
        "title",
        ("upload", "current", "note"),
        ("url", "provider"),
        ("agenda_items", "is_public", "for_members"),
    ]
    readonly_fields = ["current"]

    def get_readonly_fields(self, request: HttpRequest, obj: Meeting | None = None) -> list[str]:
        # Of a meeting that the public sees, this switch takes a file to the public.
        is_seen = obj is not None and (obj.is_announced or obj.has_public_record)
        # Of a correction that is approved, what its author could change.
        author = getattr(request, "proposed_by", None) or request.user
        is_guarded = is_seen and not may_publish(author, Meeting)
        return [*self.readonly_fields, *(["is_public"] if is_guarded else [])]

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).prefetch_related("versions", "agenda_items")

    def get_formset(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> Any:
        formset = super().get_formset(request, obj, **kwargs)
        field: Any = formset.form.base_fields["agenda_items"]
        # Listed once for all rows, and only this meeting's.
        items = AgendaItem.objects.filter(meeting=obj) if obj else AgendaItem.objects.none()
        field.queryset = items
        field.choices = [(item.pk, str(item)) for item in items]
        field.widget.can_add_related = False
        field.help_text = ""
        return formset

    @admin.display(description="今のファイル")
    def current(self, material: Material) -> str:
        latest = next(iter(material.versions.all()), None) if material.pk else None
        return f"{latest.name}（{latest.type_and_size}、第{latest.number}版）" if latest else "-"
