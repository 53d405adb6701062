"""Write the whole public site as static files with relative links."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from council.editions.verification import all_faults
from council.site.static_export import export


class Command(BaseCommand):
    help = "公開ページのすべてを、相対リンクの静的ファイルとして書き出します。"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("out", type=Path, help="書き出すフォルダー")

    def handle(self, *args: Any, **options: Any) -> None:
        _, faults = all_faults()
        if faults:
            raise CommandError("検査に通らない版があるため、何も書き出しませんでした：\n" + "\n".join(faults))
        done = export(options["out"])
        self.stdout.write(
            f"書き出し {len(done.written)}件、変更なし {done.unchanged}件、削除 {len(done.removed)}件"
        )
        if done.broken:
            raise CommandError("行き先のないリンクがあります：\n" + "\n".join(done.broken[:50]))
