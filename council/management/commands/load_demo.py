"""Load the demo data and say where to click and how to log in."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from council import demo
from council.publishing.files import make_missing


class Command(BaseCommand):
    help = "Load FY2020 and a fictional council year, unless they are there; print how to log in."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--address", default=settings.PORTAL_ADDRESS, help="the portal's address")

    def handle(self, *args: Any, address: str, **options: Any) -> None:
        if not settings.LOCAL:
            raise CommandError("デモのデータは DEMO=1 のときだけ読み込めます。")
        loaded = demo.load(timezone.localdate())
        make_missing()
        access = demo.access()
        password = access.password or "（画面で変更済みのパスワード）"
        answer = (
            f"{address}/answer/open/{access.token}/" if access.token else "（受付中のアンケートはありません）"
        )
        desk = f"{address}/desk/open/{access.desk}/" if access.desk else "（架空の団体がありません）"
        self.stdout.write(
            f"""
{"デモのデータを読み込みました。" if loaded else "前回のデータをそのまま使います。"}

  公開ページ      {address}/
  年次報告書      {address}/councils/smart-jichitai/2020/
  職員用の画面    {address}/admin/
                  ユーザー名 {access.user}  パスワード {password}
  回答用リンク    {answer}
  団体の窓口      {desk}

止めるときは Ctrl+C を押します。
"""
        )
