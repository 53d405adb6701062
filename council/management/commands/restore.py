"""Put a backup into an empty system, or only look whether it could be."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from council.backup.errors import BackupError
from council.backup.restoring import restore, verify


class Command(BaseCommand):
    help = "控えを、空のデータベースとファイルの置き場所に戻し、控えたときと同じかを確かめます。"
    # It may be a system whose tables are not there yet.
    requires_migrations_checks = False

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help="控えのファイル")
        parser.add_argument("--identity", type=Path, help="秘密鍵のファイル（暗号化した控えのとき）")
        parser.add_argument(
            "--check", action="store_true", help="何も戻さず、控えが壊れていないかだけを確かめる"
        )

        parser.add_argument(
            "--other-key", action="store_true", help="控えたときの SECRET_KEY が失われていても戻す"
        )

    def handle(
        self, *args: Any, file: Path, identity: Path | None, check: bool, other_key: bool, **options: Any
    ) -> None:
        try:
            manifest = verify(file, identity) if check else restore(file, identity, other_key=other_key)
        except BackupError as error:
            raise CommandError(str(error)) from error
        except OSError as error:
            raise CommandError(
                f"{error.filename or file} を読み書きできません（{error.strerror}）。"
            ) from error
        rows, files = sum(manifest["counts"].values()), len(manifest["members"]) - 1
        told = f"{manifest['made_at']}の控え（{rows:,}行、ファイル{files:,}件）"
        if check:
            self.stdout.write(f"{told}は壊れていません。何も戻していません。")
            return
        self.stdout.write(
            f"{told}を戻しました。行の数、版のハッシュ値、監査記録の最後は、控えたときと同じです。"
        )
        if manifest["missing"]:
            self.stdout.write(f"控えたときから見つからないファイルが{manifest['missing']}件あります。")
        self.stdout.write(
            "続けて、manage.py verify_editions と manage.py verify_audit で、内容まで確かめてください。"
            "ログインは、すべてやり直しになります。"
        )
