"""Publish the annual reports whose scheduled moment has come; run every few minutes by cron."""

from typing import Any

from django.core.management.base import BaseCommand

from council.publishing.files import make_missing
from council.publishing.publication import publication
from surveys.results.editions import keep_first_editions


class Command(BaseCommand):
    help = "公開を予約した年次報告書を、その日時になったら公開します。"

    def handle(self, *args: Any, **options: Any) -> None:
        keep_first_editions()
        for line in publication.publish_due():
            self.stdout.write(line)
        # No reader waits for it here, and there may be no worker.
        make_missing()
