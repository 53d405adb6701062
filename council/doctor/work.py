"""Whether what should be done without anybody's hand is done: tasks, mails, schedules; and files, clock."""

from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.db import connection
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from council.backup.retention import own_backups
from council.doctor.findings import Finding, bad, good, look, unknown
from council.models import AnnualReport
from meetings.models import Meeting
from members.common.files.stored import named_files
from members.models import AuditEntry
from surveys.models import OutgoingMail, Survey

# Cron comes every few minutes, and a busy worker has its turn soon.
LATE, STUCK = timedelta(minutes=30), timedelta(hours=2)


def moment(when: datetime) -> str:
    return f"{timezone.localtime(when):%Y-%m-%d %H:%M}"


def tasks() -> Iterator[Finding]:
    """Whether a worker, or cron in its place, takes what waits; an empty queue tells nothing of it."""
    now = timezone.now()
    rows = DBTaskResult.objects.all()
    waiting = rows.ready().filter(enqueued_at__lt=now - LATE)
    stuck = rows.running().filter(started_at__lt=now - STUCK)
    last = rows.exclude(finished_at=None).order_by("-finished_at").first()
    if oldest := waiting.order_by("enqueued_at").first():
        yield bad(
            "裏で動く処理",
            f"{moment(oldest.enqueued_at)}からの処理を含む{waiting.count()}件が待ったままです。",
            "manage.py db_worker が動いているか確かめ、止まっていれば起動してください。",
        )
    elif last and last.finished_at > now - timedelta(days=1):
        yield good("裏で動く処理", f"{moment(last.finished_at)}に処理を終えています。")
    else:
        yield unknown(
            "裏で動く処理",
            "待っている処理も、この1日に終えた処理もありません。",
            "manage.py db_worker（またはcron）が動いているか、サーバーで確かめてください。",
        )
    if longest := stuck.order_by("started_at").first():
        yield look(
            "裏で動く処理",
            f"{moment(longest.started_at)}に始めた処理が終わっていません。",
            "途中で止まったと思われるときは、manage.py db_worker を再起動してください。",
        )


def schedules() -> Iterator[Finding]:
    """Whether what was scheduled took place; the commands that cron runs do it."""
    due = timezone.now() - LATE
    late = [
        ("会議記録の公開", "publish_scheduled", Meeting.objects.filter(publish_at__lt=due).count()),
        ("年次報告書の公開", "publish_reports", AnnualReport.objects.filter(publish_at__lt=due).count()),
        (
            "アンケートの受付開始",
            "send_mails",
            Survey.objects.filter(status=Survey.Status.DRAFT, opens_at__lt=due).count(),
        ),
    ]
    for what, command, count in late:
        if count:
            yield bad(
                "予約",
                f"{what}の予約が{count}件、時刻を過ぎても行われていません。",
                f"cronかsystemdのタイマーで manage.py {command} が数分ごとに動いているか確かめてください。",
            )
    if not any(count for _, _, count in late):
        yield good("予約", "時刻を過ぎたままの予約はありません。")


def mails() -> Iterator[Finding]:
    """Whether mails go out; the address of nobody is told."""
    now = timezone.now()
    mails = OutgoingMail.objects.all()
    waiting = mails.filter(state=OutgoingMail.State.QUEUED, next_try_at__lt=now - LATE).count()
    failed = mails.filter(state=OutgoingMail.State.FAILED, claimed_at__gt=now - timedelta(days=7)).count()
    if waiting:
        yield bad(
            "メールの送信",
            f"{waiting}通が、送る時刻を過ぎて30分以上たっても送られていません。",
            "cronかsystemdのタイマーで manage.py send_mails が数分ごとに動いているか確かめてください。",
        )
    if failed:
        yield look(
            "メールの送信",
            f"この7日間に{failed}通を送れませんでした。",
            "アンケートの「回答状況」の画面で、送れなかった宛先と理由を確かめてください。",
        )
    if not waiting and not failed:
        yield good("メールの送信", "送れずに残っているメールはありません。")


def missing_files() -> Iterator[Finding]:
    """Whether each file that the records name is there; a file's own name may be nobody's to know."""
    gone: Counter[str] = Counter()
    total = 0
    for model, field, name in named_files():
        total += 1
        if not field.storage.exists(name):
            gone[str(model._meta.verbose_name)] += 1
    if gone:
        kinds = "、".join(f"{kind}{count}件" for kind, count in gone.items())
        yield bad(
            "登録したファイル",
            f"{total}件のうち{gone.total()}件が見つかりません（{kinds}）。",
            "FILES_DIR が正しいか確かめ、控えから戻してください。",
        )
    else:
        yield good("登録したファイル", f"{total}件がすべてあります。")


def backups() -> Iterator[Finding]:
    """Whether there is a backup of the last two days where backups are put."""
    if not settings.BACKUP_DIR:
        yield look(
            "控え",
            "控えを置く場所が設定されていません。",
            "環境変数 BACKUP_DIR を設定し、manage.py backup を毎日動かしてください。"
            "ほかの方法で控えを取っているときは、そのままで構いません。",
        )
        return
    remedy = "manage.py backup を動かし、出た文のとおりに直してください。毎日動くようにも設定してください。"
    try:
        found = own_backups(Path(settings.BACKUP_DIR))
    except OSError:
        yield bad("控え", "控えを置く場所（BACKUP_DIR）を読めません。", "場所と権限を確かめてください。")
        return
    made = [at for at, _ in found if at <= timezone.now() + timedelta(minutes=5)]
    if not made:
        yield bad("控え", "控えが1つもありません。", remedy)
    elif made[-1] < timezone.now() - timedelta(days=2):
        yield bad("控え", f"最後の控えは{moment(made[-1])}です（{len(made)}個）。", remedy)
    else:
        yield good("控え", f"最後の控えは{moment(made[-1])}です（{len(made)}個）。")


def database_clock() -> datetime:
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        return cursor.fetchone()[0]


def clock() -> Iterator[Finding]:
    """Whether this server's clock is behind what was already written down."""
    latest = AuditEntry.objects.order_by("-pk").first()
    now = timezone.now()
    if latest and latest.at > now + timedelta(minutes=5):
        yield bad(
            "時計",
            f"サーバーの時計（{moment(now)}）が、最後の操作の記録（{moment(latest.at)}）より遅れています。",
            "サーバーの時計を合わせてください（timedatectl set-ntp true）。",
        )
    elif connection.vendor == "postgresql" and abs(database_clock() - now) > timedelta(minutes=1):
        yield bad(
            "時計",
            f"このサーバーの時計（{moment(now)}）と、データベースのサーバーの時計が1分以上違います。締切と多要素認証に影響します。",
            "両方のサーバーの時計を合わせてください（timedatectl set-ntp true）。",
        )
    else:
        yield good("時計", f"サーバーの時計は {moment(now)} です。お手元の時計と比べてください。")
