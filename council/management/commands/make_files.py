"""Make the files of published editions that are missing; run by cron where no worker runs, and beside one."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from council.publishing.files import NO_ROOM, check_stored, make_missing


class Command(BaseCommand):
    help = "公開した版のPDF、Word、Excelのうち、まだないものを作ります。"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--check", action="store_true", help="保存してあるファイルを1つずつ調べ、違うものは作り直す"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["check"]:
            try:
                self.stdout.write(f"なくなったか変わっていたファイル：{check_stored()}件")
            except OSError as error:
                raise CommandError(NO_ROOM) from error
        made = make_missing()
        self.stdout.write(f"作ったファイル：{made.done}件")
        if made.failed:
            raise CommandError(f"作れなかったファイル：{made.failed}件。理由は「公開と版」の画面にあります。")
