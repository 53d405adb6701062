"""Open what is due, queue the day's reminders, send what waits in the outbox; run it every few minutes."""

from typing import Any

from django.core.management.base import BaseCommand

from surveys.running.mailing import send_due
from surveys.running.reminders import queue_reminders
from surveys.running.scheduled import open_scheduled


class Command(BaseCommand):
    help = "送信待ちのメールを送ります。cronから数分ごとに実行してください。"

    def handle(self, *args: Any, **options: Any) -> None:
        if opened := open_scheduled():
            self.stdout.write(f"受付の開始 {opened}件")
        if reminded := queue_reminders():
            self.stdout.write(f"督促 {reminded}通を登録")
        sent, failed = send_due()
        if sent or failed:
            self.stdout.write(f"送信 {sent}通、失敗 {failed}通")
