"""Make a backup of the whole portal while it runs."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from council.backup.encryption import new_key
from council.backup.errors import BackupError
from council.backup.making import make, megabytes


class Command(BaseCommand):
    help = "データベースと登録したファイルの控えを、動かしたまま1つのファイルに作り、開いて確かめます。"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--to", type=Path, help="控えを置くフォルダー（環境変数 BACKUP_DIR の代わり）")
        parser.add_argument("--keep", type=int, help="残す控えの数（環境変数 BACKUP_KEEP の代わり）")
        parser.add_argument(
            "--allow-missing", action="store_true", help="記録にあるのに見つからないファイルがあっても作る"
        )
        parser.add_argument(
            "--new-key", action="store_true", help="暗号化の鍵を新しく作って表示し、控えは作らない"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["new_key"]:
            public, secret = new_key()
            self.stdout.write(
                f"サーバーに設定する公開鍵：\n  BACKUP_RECIPIENT={public}\n\n"
                f"サーバーの外に保管する秘密鍵（これがないと控えを開けません）：\n  {secret}"
            )
            return
        folder = options["to"] or settings.BACKUP_DIR
        if folder is None:
            raise CommandError("控えを置く場所を、環境変数 BACKUP_DIR か --to で指定してください。")
        keep = settings.BACKUP_KEEP if options["keep"] is None else options["keep"]
        try:
            made = make(
                Path(folder),
                keep=keep,
                recipient=settings.BACKUP_RECIPIENT,
                allow_missing=options["allow_missing"],
            )
        except BackupError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"控えを作り、開いて確かめました：{made.path}")
        self.stdout.write(
            f"大きさ {megabytes(made.size)}、ファイル{made.files}件、消した古い控え{made.cleared}件"
        )
        if made.links:
            self.stdout.write(f"ファイルの置き場所にあるリンク{made.links}件は、控えに入れていません。")
        if not settings.BACKUP_RECIPIENT:
            self.stdout.write("暗号化していません。BACKUP_RECIPIENT を設定すると、暗号化します。")
