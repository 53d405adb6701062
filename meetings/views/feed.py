"""The Atom feed of published meeting records."""

from datetime import datetime
from typing import Any

from django.contrib.syndication.views import Feed
from django.db.models import Max, Q
from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.feedgenerator import Atom1Feed

from meetings.models import Meeting
from members.common.web.addresses import public_address
from members.models import Council

# What else is kept of a record's history is kept while staff work on it: its moment is not for the public.
IS_CORRECTION = Q(revisions__is_public=True) & ~Q(revisions__reason="")


class RecordFeed(Feed):
    """A council's published records, the latest first; a correction brings one up again."""

    feed_type = Atom1Feed

    def get_object(self, request: HttpRequest, slug: str) -> Council:
        return get_object_or_404(Council.objects.public(), slug=slug)

    def title(self, council: Council) -> str:
        return f"{council.name} 会議記録"

    def link(self, council: Council) -> str:
        return public_address(council.get_absolute_url())

    def feed_url(self, council: Council) -> str:
        return public_address(reverse("council-feed", args=[council.slug]))

    def item_link(self, item: Meeting) -> str:
        return public_address(item.get_absolute_url())

    def items(self, council: Council) -> Any:
        return (
            Meeting.objects.with_public_record()
            .filter(council_year__council=council)
            .select_related("council_year__council")
            .annotate(changed_at=Max("revisions__saved_at", filter=IS_CORRECTION))
            .order_by("-record_published_at", "-pk")[:50]
        )

    def item_title(self, item: Any) -> str:
        return str(item)

    def item_description(self, item: Meeting) -> str:
        return "会議記録を訂正しました。" if item.record_status == "corrected" else "会議記録を公開しました。"

    def item_pubdate(self, item: Meeting) -> datetime | None:
        return item.record_published_at

    def item_updateddate(self, item: Any) -> datetime | None:
        return item.changed_at or item.record_published_at
