"""The guides: pages without data of any council, the same for everybody."""

from dataclasses import dataclass

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe


@dataclass(frozen=True, slots=True)
class Guide:
    """One guide: its address, its name and for whom it is."""

    slug: str
    title: str
    audience: str


GUIDES = (
    Guide("secretariat", "事務局の1年", "名簿、会議、アンケート、年次報告書を受け持つ都道府県の職員"),
    Guide("municipality", "市町の回答", "アンケート、出欠、発言内容の確認に答える市町村の職員"),
    Guide("readers", "公開ページの読み方", "会議の記録と年次報告書を読む方"),
)
BY_SLUG = {guide.slug: guide for guide in GUIDES}


@require_safe
def guides(request: HttpRequest) -> HttpResponse:
    """List the guides."""
    return render(request, "guide/index.html", {"guides": GUIDES})


@require_safe
def guide(request: HttpRequest, slug: str) -> HttpResponse:
    """Show one guide."""
    found = BY_SLUG.get(slug)
    if found is None:
        raise Http404
    return render(request, f"guide/{found.slug}.html", {"guide": found, "guides": GUIDES})
