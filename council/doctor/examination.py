"""Everything that is looked at, in the order of what stands on what."""

from collections.abc import Callable, Iterator

from django.db import DatabaseError

from council.doctor import configuration, services, work
from council.doctor.findings import Finding, State, bad

Check = Callable[[], Iterator[Finding]]

CHECKS: list[tuple[str, Check]] = [
    ("動作の種類", configuration.mode),
    ("実行した利用者", configuration.runner),
    ("設定の検査", configuration.checks),
    ("秘密鍵", configuration.secret_key),
    ("ホスト名", configuration.hosts),
    ("プロキシ", configuration.proxy),
    ("差出人", configuration.sender),
    ("データベース", services.database),
    ("表の形", services.migrations),
    ("キャッシュ", services.shared_cache),
    ("ファイルの置き場所", services.files_folder),
    ("ディスク", services.disk),
    ("メールサーバー", services.mail_server),
    ("PDFのフォント", services.report_fonts),
    ("画面の部品", services.static_files),
    ("裏で動く処理", work.tasks),
    ("予約", work.schedules),
    ("メールの送信", work.mails),
    ("登録したファイル", work.missing_files),
    ("控え", work.backups),
    ("時計", work.clock),
]


def examine(checks: list[tuple[str, Check]] = CHECKS) -> Iterator[Finding]:
    """Look at everything; a check that cannot be made is a finding, and the next ones go on."""
    for subject, check in checks:
        try:
            yield from list(check())
        except DatabaseError as error:
            text = f"データベースを読めないため、点検できません（{type(error).__name__}）。"
            yield bad(subject, text, "先に「データベース」と「表の形」を直してください。")
        except Exception as error:  # whatever is broken, the rest is still worth knowing
            text = f"点検できませんでした（{type(error).__name__}）。"
            yield bad(subject, text, "この行を保守の担当者に伝えてください。")


def worst(findings: list[Finding]) -> State:
    """How bad it is as a whole; what could not be told is no fault."""
    return max([State.GOOD, *(each.state for each in findings)])
