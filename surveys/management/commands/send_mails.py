"""Send the mails that wait in the outbox; run it from cron every few minutes."""

from typing import Any

from django.core.management.base import BaseCommand

from surveys.running.mailing import send_due


class Command(BaseCommand):
    help = "送信待ちのメールを送ります。cronから数分ごとに実行してください。"

    def handle(self, *args: Any, **options: Any) -> None:
        sent, failed = send_due()
        if sent or failed:
            self.stdout.write(f"送信 {sent}通、失敗 {failed}通")
