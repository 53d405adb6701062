"""Check that the audit trail is what was written; run it from cron and keep its last line elsewhere."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from members.models import AuditEntry
from members.trail.chain import faults, seal_pending


class Command(BaseCommand):
    help = "監査記録のつながりと署名を確かめます。最後の番号とハッシュ値は、ポータルの外に控えてください。"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--against",
            metavar="番号:ハッシュ値",
            help="以前に控えた値。その番号の記録が今も同じかも確かめます（末尾の削除は、これで見つかります）",
        )

    def handle(self, *args: Any, against: str | None, **options: Any) -> None:
        found = list(faults())
        if against:
            found += beside(against)
        if found:
            raise CommandError("\n".join(found))
        seal_pending()
        last = AuditEntry.objects.in_order().last()
        if last is None:
            self.stdout.write("監査記録はまだありません。")
            return
        self.stdout.write(
            f"{AuditEntry.objects.count()}件の監査記録を確かめました。変わったものはありません。"
        )
        self.stdout.write(f"{last.number}:{last.chain_hash}")


def beside(noted: str) -> list[str]:
    """What does not fit with a number and hash that somebody noted elsewhere."""
    number, _, chain_hash = noted.strip().partition(":")
    if not number.isdecimal() or not chain_hash:
        return ["--against には「番号:ハッシュ値」の形で、以前に表示された値を指定してください。"]
    entry = AuditEntry.objects.in_order().filter(number=number).first()
    if entry is None:
        first = AuditEntry.objects.in_order().first()
        if first and (first.number or 0) > int(number):
            return [f"控えた第{number}号は、保存期間を過ぎて整理されています。新しい控えを使ってください。"]
        return [f"控えた第{number}号がありません。末尾の記録が削除されています。"]
    return [] if entry.chain_hash == chain_hash else [f"第{number}号が、控えたハッシュ値と違います。"]
