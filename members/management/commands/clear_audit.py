"""Clear away the audit trail's entries that are older than the office has to keep them."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from members.trail.chain import faults
from members.trail.retention import clear_before, older_than


class Command(BaseCommand):
    help = "保存年限を過ぎた監査記録を削除します。削除したことも監査記録に残ります。"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--years", type=int, required=True, help="保存年限（年度末から数えた年数）")
        parser.add_argument("--yes", action="store_true", help="件数を確かめたうえで、実際に削除します")
        parser.add_argument("--reason", required=True, help="根拠（例: 文書管理規程による5年保存）")

    def handle(self, *args: Any, years: int, reason: str, yes: bool, **options: Any) -> None:
        if years < 1:
            raise CommandError("保存年限は1年以上にしてください。")
        if not reason.strip():
            raise CommandError("根拠を入力してください。")
        if found := list(faults()):
            raise CommandError("監査記録に合わないところがあるため、整理しません。\n" + "\n".join(found))
        today = timezone.localtime()
        # Records are kept for whole fiscal years, counted from the April after they were made.
        begun = today.year if today.month >= 4 else today.year - 1
        limit = today.replace(year=begun - years, month=4, day=1, hour=0, minute=0, second=0, microsecond=0)
        told = f"{limit:%Y年%-m月%-d日}より前の監査記録"
        if not yes:
            count = older_than(limit).count()
            self.stdout.write(f"{told}は{count}件です。削除するには、--yes を付けて実行してください。")
            return
        self.stdout.write(f"{told}を{clear_before(limit, reason)}件削除しました。")
