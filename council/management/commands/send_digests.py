"""Mail staff what is due, and in March people of desks; run by cron on mornings, any number of times."""

from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from council.desk.reminders import send_term_notices
from council.work.digest import send_digests


class Command(BaseCommand):
    help = "「いま、すること」を、開庁日に1人1通、メールで知らせます。"

    def handle(self, *args: Any, **options: Any) -> None:
        today = timezone.localdate()
        self.stdout.write(f"{send_digests(today)}通を送りました。")
        if told := send_term_notices(today):
            self.stdout.write(f"窓口の利用期限のお知らせ {told}通を送りました。")
