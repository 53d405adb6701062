"""Publish the meeting records whose scheduled moment has come; run every few minutes by cron."""

from typing import Any

from django.core.management.base import BaseCommand

from meetings.record.publication import publication


class Command(BaseCommand):
    help = "Make records public whose scheduled moment has come."

    def handle(self, *args: Any, **options: Any) -> None:
        for message in publication.publish_due():
            self.stdout.write(message)
