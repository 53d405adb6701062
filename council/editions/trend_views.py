"""A council's years side by side: its figures and who took part, as page and as data."""

from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from council.editions.trends import Comparison, compare_years
from council.publishing.response_cache import CachedResponse, serve
from members.common.files.spreadsheets import CSV
from members.common.files.tables import Column, Table
from members.models import Council

SERIES: Table[Comparison] = Table(
    "series",
    "指標の年度ごとの推移",
    (
        Column("識別名", "指標の識別名。年度が変わっても同じ", "indicator"),
        Column("指標", "指標の名称（最新の年度）", "name"),
        Column("年度", "会計年度（西暦）", "year", datatype="integer"),
        Column("割合", "母数に占める割合（%）。算出できなければ空", "percent", datatype="integer"),
        Column("数と母数", "母数と数", "of_base"),
        Column("版", "値を読んだ、その年度の年次報告書の版", "edition"),
        Column("注意", "前の値と比べるときの注意", "breaks"),
    ),
    lambda comparison: (
        [
            row.key,
            row.name,
            point.year,
            point.percent,
            point.of_base_text,
            f"第{point.edition}版",
            "、".join(point.breaks),
        ]
        for row in comparison.series
        for point in row.points
    ),
    "年度をまたいで同じ識別名の指標の値。公開中の版から",
)


def find_council(slug: str) -> Council:
    found: Council = get_object_or_404(Council.objects.public(), slug=slug)
    return found


@require_safe
def council_years(request: HttpRequest, slug: str) -> HttpResponse:
    """Every public year of a council on one page."""
    council = find_council(slug)
    return render(request, "council_years.html", {"council": council, "comparison": compare_years(slug)})


@require_safe
def series(request: HttpRequest, slug: str, extension: str) -> HttpResponse:
    """A council's figures over its years as data."""
    council, comparison = find_council(slug), compare_years(slug)
    name = f"{slug}_series.{extension}"
    if extension == "csv":
        return serve(
            request, CachedResponse(CSV().export_data(SERIES.fill(comparison)), CSV.content_type, name)
        )
    if extension != "json":
        raise Http404
    head: dict[str, Any] = {"council": council.name, "dataset": SERIES.title}
    content = SERIES.as_json(comparison, **head, license=settings.OPEN_DATA_LICENSE)
    return serve(request, CachedResponse(content, "application/json", name))
