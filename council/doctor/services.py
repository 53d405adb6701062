"""What the portal stands on: database, cache, files, disk, mail server, fonts, static files."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings
from django.contrib.sessions.models import Session
from django.contrib.staticfiles.finders import get_finders
from django.contrib.staticfiles.storage import ManifestStaticFilesStorage, staticfiles_storage
from django.core.cache import cache
from django.core.mail import get_connection
from django.db import DatabaseError, connection, transaction
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone
from django.utils.crypto import get_random_string

from council.backup.restoring import UNFINISHED
from council.doctor.findings import Finding, bad, good, look
from council.renderers.fonts import PdfUnavailable, fonts

GIGABYTE = 1024**3
SMTP = "django.core.mail.backends.smtp.EmailBackend"


def database() -> Iterator[Finding]:
    """Whether the database takes a row; it is taken back at once."""
    try:
        with transaction.atomic():
            Session.objects.create(session_key=get_random_string(32), expire_date=timezone.now())
            transaction.set_rollback(True)
    except DatabaseError as error:
        yield bad(
            "データベース",
            f"データベースに書き込めません（{type(error).__name__}）。",
            "DATABASE_URL、データベースの起動、ディスクの空き、"
            "表の作成（manage.py migrate）を確かめてください。",
        )
    else:
        yield good("データベース", f"{connection.vendor}に書き込めます。")


def migrations() -> Iterator[Finding]:
    """Whether the tables are those of this version."""
    executor = MigrationExecutor(connection)
    newer = set(executor.loader.applied_migrations) - set(executor.loader.disk_migrations)
    # Of others' apps, a release may take old migrations away.
    ours = {"council", "surveys", "meetings", "members"}
    if ahead := sorted(f"{app}.{name}" for app, name in newer if app in ours):
        yield bad(
            "表の形",
            f"データベースの方が新しい版です（この版が知らない変更が{len(ahead)}件）。",
            "migrate は実行せず、プログラムを新しい版に戻してください。",
        )
        return
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if plan:
        yield bad(
            "表の形",
            f"この版に合わせていない変更が{len(plan)}件あります。",
            "manage.py migrate を実行してください。",
        )
    else:
        yield good("表の形", "この版に合っています。")


def shared_cache() -> Iterator[Finding]:
    """Whether what all servers share can be written and read."""
    word = get_random_string(12)
    remedy = "manage.py createcachetable を実行してください。"
    try:
        with transaction.atomic():
            cache.set("doctor", word, 60)
        is_kept = cache.get("doctor") == word
    except DatabaseError:
        is_kept = False
    if is_kept:
        yield good("キャッシュ", "書き込んで読み出せます。")
    else:
        yield bad("キャッシュ", "キャッシュの表に書き込めません。", remedy)


def files_folder() -> Iterator[Finding]:
    """Whether uploaded files can be kept."""
    folder = Path(settings.MEDIA_ROOT)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if (folder / UNFINISHED).exists():
            yield bad(
                "ファイルの置き場所",
                "控えを戻す作業が途中で止まっています。",
                "データベースを空にして、もう一度 manage.py restore を実行してください。",
            )
            return
        with tempfile.TemporaryFile(dir=folder) as probe:
            probe.write(b"doctor")
    except OSError as error:
        yield bad(
            "ファイルの置き場所",
            f"{folder} に書き込めません（{error.strerror}）。",
            "FILES_DIR と、そのフォルダーの所有者と権限を確かめてください。",
        )
    else:
        yield good("ファイルの置き場所", f"{folder} に書き込めます。")


def disk() -> Iterator[Finding]:
    """How much room is left where files and the SQLite database lie."""
    for folder in dict.fromkeys([Path(settings.MEDIA_ROOT), Path(settings.VAR_DIR)]):
        if not folder.exists():
            continue
        remedy = "不要なファイルを消すか、ディスクを広げてください。一杯になると、回答を受け付けられません。"
        usage, inodes = shutil.disk_usage(folder), os.statvfs(folder)
        if inodes.f_files and not inodes.f_favail:
            yield bad("ディスク", f"{folder} に新しいファイルを作れません（iノードの不足）。", remedy)
            continue
        share = 100 * usage.free // usage.total
        text = f"{folder} の空きは{usage.free / GIGABYTE:.1f}GBです（全体の{share}%）。"
        if usage.free < GIGABYTE or usage.free < usage.total / 50:
            yield bad("ディスク", text, remedy)
        elif usage.free < 5 * GIGABYTE:
            yield look("ディスク", text, remedy)
        else:
            yield good("ディスク", text)


def mail_server() -> Iterator[Finding]:
    """Whether the mail server can be reached; nothing is sent."""
    server = f"{settings.EMAIL_HOST}:{settings.EMAIL_PORT}"
    if settings.EMAIL_BACKEND != SMTP:
        yield (look if settings.LOCAL else bad)(
            "メールサーバー",
            "メールを外へ送らない設定です（EMAIL_BACKEND）。",
            "EMAIL_BACKEND の指定を消し、EMAIL_HOST を設定してください。",
        )
        return
    try:
        # Behind a firewall that swallows packets nobody waits for long.
        mail = get_connection(timeout=10)
        mail.open()
        mail.close()
    except OSError as error:
        yield (look if settings.LOCAL else bad)(
            "メールサーバー",
            f"{server} につながりません（{type(error).__name__}）。",
            "EMAIL_HOST、EMAIL_PORT、EMAIL_USE_TLS、利用者名とパスワードを確かめてください。"
            "送れなかったメールは残り、つながれば送られます。",
        )
    else:
        yield good("メールサーバー", f"{server} につながります。")


def report_fonts() -> Iterator[Finding]:
    """Whether the report can be set as PDF, asked by the very means that sets it."""
    try:
        names = fonts()
    except PdfUnavailable as error:
        yield look(
            "PDFのフォント",
            str(error),
            "Debianなら apt install fonts-noto-cjk、部品は requirements.txt のとおりに入れてください。",
        )
    else:
        yield good("PDFのフォント", f"{names[0]} を使います。")


def static_files() -> Iterator[Finding]:
    """Whether the styles and scripts of this version have been collected."""
    if not isinstance(staticfiles_storage, ManifestStaticFilesStorage):
        yield good("画面の部品", "集めずに使う設定です。")
        return
    wanted = {name for finder in get_finders() for name, _ in finder.list([])}
    missing = sorted(wanted - set(staticfiles_storage.hashed_files))
    gone = [
        each for each in staticfiles_storage.hashed_files.values() if not staticfiles_storage.exists(each)
    ]
    if missing or gone:
        yield bad(
            "画面の部品",
            f"集めていない部品が{len(missing) + len(gone)}件あります（例: {[*missing, *gone][0]}）。",
            "manage.py collectstatic --no-input を実行して、ポータルを再起動してください。",
        )
    else:
        yield good("画面の部品", f"{len(wanted)}件がそろっています。")
