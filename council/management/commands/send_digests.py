"""Mail to each person of staff what is due; run by cron on mornings, any number of times."""

from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from council.work.digest import send_digests


class Command(BaseCommand):
    help = "「いま、すること」を、開庁日に1人1通、メールで知らせます。"

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(f"{send_digests(timezone.localdate())}通を送りました。")
