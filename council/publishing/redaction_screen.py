"""The screen 「版の墨消し」: find words that should not be public, look at each place, take them out."""

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect

from council.editions.redaction import elsewhere, places, redact, squeezed
from council.editions.stored import report_of_edition
from council.models import ReportEdition
from council.publishing.tasks import draw_files
from council.search.engine import Filters, search
from members.common.admin.screens import ScreenAdmin, person
from members.common.publication.rights import may_publish, require_publisher
from members.common.remit import within


class RedactionForm(forms.Form):
    """What is to be taken out, and what the public is told of it."""

    words = forms.CharField(
        label="墨消しする言葉",
        max_length=200,
        help_text="全角と半角、髙と高のような字体、空白の有無の違いは、同じ言葉として探します。読みがなは別に探してください。",
        widget=forms.TextInput(attrs={"class": "vLargeTextField", "autocomplete": "off"}),
        error_messages={"required": "墨消しする言葉を入力してください。"},
    )
    reason = forms.CharField(
        label="墨消しの理由",
        max_length=300,
        required=False,
        help_text="公開します。墨消しする言葉は書かないでください（例: 個人の氏名を誤って掲載したため）。",
        widget=forms.TextInput(attrs={"class": "vLargeTextField"}),
    )
    seen = forms.CharField(widget=forms.HiddenInput, required=False)

    def clean_words(self) -> str:
        if not squeezed(self.cleaned_data["words"]):
            raise ValidationError(self.fields["words"].error_messages["required"])
        return str(self.cleaned_data["words"])


class RedactionScreen(ScreenAdmin):
    """Adds the screen to the report's admin; whoever publishes uses it."""

    def get_urls(self) -> list[Any]:
        return [
            self.screen("<int:pk>/editions/<int:number>/redaction/", self.redaction_view, "redaction"),
            *super().get_urls(),
        ]

    def redaction_view(self, request: HttpRequest, pk: int, number: int) -> HttpResponse:
        """Show every place of the words, and take out those that are ticked."""
        editions = ReportEdition.objects.select_related("report__council_year__council")
        edition = get_object_or_404(within(request.user, editions), report=pk, number=number)
        if not (self.has_change_permission(request) and may_publish(request.user, edition.report)):
            raise PermissionDenied
        # An edition that fails its check is shown to nobody.
        report_of_edition(edition)
        form = RedactionForm(request.POST if request.method == "POST" else None)
        chosen = set(request.POST.getlist("place"))
        if request.method == "POST" and form.is_valid() and "redact" in request.POST:
            require_publisher(request, edition.report)
            data = form.cleaned_data
            try:
                redact(
                    edition.pk,
                    person(request),
                    words=data["words"],
                    chosen=chosen,
                    seen=data["seen"],
                    reason=data["reason"],
                )
            except ValidationError as error:
                form.add_error(None, error)
                edition.refresh_from_db()
            else:
                draw_files.enqueue()
                messages.success(
                    request, f"第{number}版を墨消ししました。検索にも反映し、ファイルは作り直しています。"
                )
                return redirect("admin:council_annualreport_publication", pk)
        words = form.cleaned_data.get("words", "") if form.is_bound else ""
        context = {
            "report": edition.report,
            "edition": edition,
            "form": form,
            "words": words,
            "places": [(place, place.key in chosen) for place in places(edition.content, words)],
            "elsewhere": elsewhere(edition, words) if words else [],
            "found": search(f'"{words}"', Filters()) if words else [],
            "is_in_reason": bool(words) and squeezed(words) in squeezed(edition.reason),
        }
        return self.draw(
            request,
            "admin/council/redaction.html",
            "版の墨消し",
            422 if form.is_bound and form.errors else 200,
            **context,
        )
