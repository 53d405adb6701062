"""Mails to those asked: written by staff, queued in the outbox, sent by a command under cron.

A mail is claimed in the database before it goes to the mail server, so that two
runs never send it twice. A run that dies between the two leaves it marked as being
sent: nobody can know whether it went out, so staff decide. Each mail carries a
link of its own, made as it is sent; only the link's hash is kept.
"""

import logging
import re
import smtplib
from datetime import timedelta
from secrets import token_urlsafe

from django.conf import settings
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.core.mail import EmailMessage, get_connection
from django.db import DatabaseError, transaction
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from members.common.access import LinkEndedError, hash_token
from members.common.acts import act
from members.common.remit import remit_of
from members.common.text.eras import format_time
from members.models import Desk, Membership
from surveys.answering.access import lock
from surveys.answering.drafts import submission_of
from surveys.models import AnswerReturn, Mailing, OutgoingMail, Survey, SurveyEvent, SurveyTarget
from surveys.running.lifecycle import note_event

logger = logging.getLogger(__name__)

PLACES = ("{団体名}", "{アンケート名}", "{締切}", "{状況}", "{リンク}", "{窓口リンク}")
PLACE = re.compile("|".join(map(re.escape, PLACES)))
DESK_LINK = "{窓口リンク}"
# Whoever sets an address could have the mail, and with it the answers of other councils.
DESK_OF_ALL = (
    "窓口は検討会議をまたいで使うため、"
    "{窓口リンク} を入れたメールは、すべての検討会議を担当する人が送ります。"
)
MAX_ATTEMPTS = 6
FIRST_WAIT = timedelta(minutes=5)
# After this a mail still marked as being sent belongs to a run that died.
LOST_AFTER = timedelta(minutes=30)
SUBJECTS = {
    Mailing.Kind.INVITATION: "【回答のお願い】{アンケート名}",
    Mailing.Kind.REMINDER: "【回答期限のお知らせ】{アンケート名}",
    Mailing.Kind.RETURN: "【確認のお願い】{アンケート名}の回答について",
}
BODIES = {
    Mailing.Kind.INVITATION: (
        "{団体名} ご担当者様\n\n「{アンケート名}」への回答をお願いします。\n"
        "次のリンクを開き、画面の案内に沿って入力してください。\n\n{リンク}\n\n締切：{締切}\n\n"
        "複数の課で分担するときは、このリンクを庁内で共有してください。庁外へは転送しないでください。"
    ),
    Mailing.Kind.REMINDER: (
        "{団体名} ご担当者様\n\n「{アンケート名}」への回答が{状況}。\n"
        "締切までに次のリンクから提出してください。途中まで入力した内容は保存されています。\n\n{リンク}\n\n締切：{締切}\n\n"
        "行き違いで提出済みの場合はご容赦ください。"
    ),
    Mailing.Kind.RETURN: (
        "{団体名} ご担当者様\n\n「{アンケート名}」の回答について、確かめていただきたい点があります。\n"
        "次のリンクを開き、事務局のコメントを確かめ、直すか返事を書いて、もう一度提出してください。\n\n{リンク}\n\n"
        "期限：{締切}\n\n再提出までは、前に提出した回答を有効なものとして扱います。"
    ),
}


def fill_in(text: str, target: SurveyTarget, link: str, desk_link: str = "") -> str:
    """Put a body's own words into a text."""
    deadline = target.deadline
    until = format_time(deadline) if deadline else "未定"
    words = (target.name, target.survey.title, until, state_words(target), link, desk_link)
    # At once: a place that a title or a name holds is only words there, whatever may be put into it.
    found = dict(zip(PLACES, words, strict=True))
    return PLACE.sub(lambda place: found[place[0]], text)


def state_words(target: SurveyTarget) -> str:
    """How an answer stands that is waited for, as a reminder says it."""
    return "差し戻した後、まだ再提出されていません" if submission_of(target) else "まだ提出されていません"


def addresses_of(survey: Survey, targets: list[SurveyTarget]) -> dict[int, list[str]]:
    """Where each target's mail goes: its own addresses, or those of its departments in the roster.

    An address stands once however often it is written.
    """
    by_organization: dict[int, list[str]] = {}
    members = Membership.objects.filter(council_year=survey.council_year_id).exclude(department__email="")
    for organization, email in members.in_roster_order().values_list(
        "department__organization", "department__email"
    ):
        by_organization.setdefault(organization, []).append(email)
    found = {}
    for target in targets:
        wanted = target.emails.split() or by_organization.get(target.organization_id, [])
        found[target.pk] = each_once(wanted)
    return found


def each_once(addresses: list[str]) -> list[str]:
    """Each address once, however it is written."""
    return list({address.casefold(): address for address in addresses}.values())


def to_be_mailed(survey: Survey, kind: str) -> list[SurveyTarget]:
    """Those a mailing goes to: all asked, or for a reminder those who have not handed in."""
    targets = SurveyTarget.objects.for_answering().filter(survey=survey, link_revoked_at=None).asked()
    if kind == Mailing.Kind.REMINDER:
        targets = targets.filter(Q(submission=None) | Q(returns__in=AnswerReturn.objects.open()))
    if survey.status == Survey.Status.TRIAL:
        # Nobody is asked for a try by mail.
        return []
    return [target for target in targets.order_by("organization__code") if target.is_accepting]


@transaction.atomic
def queue_mailing(survey: Survey, kind: str, subject: str, body: str, chosen: set[int], by: User) -> Mailing:
    """Put a text to the chosen targets into the outbox. Raises ``ValidationError``."""
    Survey.objects.select_for_update(of=("self",), no_key=True).get(pk=survey.pk)
    targets = [target for target in to_be_mailed(survey, kind) if target.pk in chosen]
    if "{リンク}" not in body and DESK_LINK not in body:
        raise ValidationError(
            {
                "body": "本文に {リンク} を入れてください。団体ごとの回答用リンクに置き換わります。"
                "{窓口リンク} は、その団体へのお願いがすべて並ぶ窓口のリンクに置き換わります。"
            }
        )
    if "{リンク}" in subject or DESK_LINK in subject:
        raise ValidationError(
            {"subject": "件名にリンクは入れられません。{リンク} と {窓口リンク} は本文に入れてください。"}
        )
    if DESK_LINK in body and remit_of(by) is not None:
        raise ValidationError({"body": DESK_OF_ALL})
    waiting = OutgoingMail.objects.filter(target__in=targets, state=OutgoingMail.State.QUEUED)
    if waiting.filter(mailing__kind=kind).exists():
        raise ValidationError("同じ種類のメールがまだ送信待ちです。送り終わってから登録してください。")
    mailing = Mailing.objects.create(survey=survey, kind=kind, subject=subject, body=body, created_by=by)
    count = fill_outbox(mailing, targets)
    note_event(survey, SurveyEvent.Kind.MAILED, by, f"{mailing.get_kind_display()} {count}通")
    return mailing


def fill_outbox(mailing: Mailing, targets: list[SurveyTarget]) -> int:
    """Queue a mailing to each address of its targets; returns how many mails.

    Raises ``ValidationError`` where nobody has an address.
    """
    addresses = addresses_of(mailing.survey, targets)
    if not any(addresses.values()):
        raise ValidationError("送れる宛先がありません。回答対象か担当課にメールアドレスを登録してください。")
    for target in targets:
        for address in addresses[target.pk]:
            OutgoingMail.objects.create(mailing=mailing, target=target, address=address)
    return mailing.mails.count()


def send_due(limit: int = 500) -> tuple[int, int]:
    """Send what is due; returns how many went out and how many did not.

    Safe to run twice at the same time, and to kill.
    """
    give_up_lost()
    sent = failed = 0
    for pk in list(OutgoingMail.objects.due().values_list("pk", flat=True)[:limit]):
        try:
            outcome = send_one(pk)
        except (DatabaseError, LinkEndedError):
            # It was thrown away with its trial, or cannot be written now: the others go on.
            logger.exception("mail %s was not sent", pk)
            continue
        sent += outcome is True
        failed += outcome is False
    return sent, failed


def give_up_lost() -> None:
    """Say of mails whose run died that nobody knows."""
    OutgoingMail.objects.filter(
        state=OutgoingMail.State.SENDING, claimed_at__lt=timezone.now() - LOST_AFTER
    ).update(
        state=OutgoingMail.State.FAILED,
        last_error="送信の途中で処理が止まりました。届いているか相手に確かめてから、送り直してください。",
    )


def send_one(pk: int) -> bool | None:
    """Claim and send one mail; None where another run has it or it is not needed any more."""
    token = token_urlsafe(32)
    act("メールの送信")
    with transaction.atomic():
        mail = claim(pk, token)
    if mail is None:
        return None
    try:
        message_for(mail, token).send()
    except (smtplib.SMTPRecipientsRefused, smtplib.SMTPDataError, smtplib.SMTPSenderRefused) as error:
        codes = [code for code, _ in error.recipients.values()] if hasattr(error, "recipients") else []
        code = min(codes) if codes else getattr(error, "smtp_code", 550)
        return put_back(mail, str(error), is_final=code >= 500)
    except (smtplib.SMTPException, OSError, ValueError) as error:
        return put_back(mail, str(error), is_final=isinstance(error, ValueError))
    mail.state, mail.sent_at, mail.last_error = OutgoingMail.State.SENT, timezone.now(), ""
    # Not the link: it may have been re-issued or revoked while the mail was on its way.
    with transaction.atomic():
        mail.save(update_fields=["state", "sent_at", "last_error"])
    return True


def claim(pk: int, token: str) -> OutgoingMail | None:
    """Take one mail out of the queue; the update in the database decides who has it."""
    taken = OutgoingMail.objects.filter(pk=pk, state=OutgoingMail.State.QUEUED).update(
        state=OutgoingMail.State.SENDING, claimed_at=timezone.now()
    )
    if not taken:
        return None
    mail = OutgoingMail.objects.select_related("mailing").get(pk=pk)
    mail.target = target = lock(mail.target)
    if reason := reason_to_skip(mail, target):
        mail.state, mail.last_error = OutgoingMail.State.SKIPPED, reason
        mail.save()
        return None
    mail.attempts += 1
    is_linked = Mailing.Kind(mail.mailing.kind).carries_link
    mail.token_hash = hash_token(token) if is_linked else None
    mail.save()
    if is_linked and target.token_hash is None:
        # The cookie is tied to a link of the target's own; nobody needs to know this one.
        target.token_hash, target.link_issued_at = hash_token(token_urlsafe(32)), timezone.now()
        target.save(update_fields=target.LINK_FIELDS)
    return mail


def reason_to_skip(mail: OutgoingMail, target: SurveyTarget) -> str:
    """Why a mail that was queued is not needed any more; empty where it is."""
    if not Mailing.Kind(mail.mailing.kind).carries_link:
        return ""
    is_returned = AnswerReturn.objects.open().filter(target=target).exists()
    if mail.mailing.kind == Mailing.Kind.RETURN and not is_returned:
        return "送る前に再提出されたか、差し戻しが取り消されました。"
    if mail.mailing.kind == Mailing.Kind.REMINDER and submission_of(target) is not None and not is_returned:
        return "送る前に提出されました。"
    if not target.is_accepting:
        return "送る前に受付が終わりました。"
    return "送る前に回答用リンクが無効にされました。" if target.link_revoked_at else ""


def put_back(mail: OutgoingMail, reason: str, *, is_final: bool) -> bool:
    """Try again later, ever later, or give up."""
    mail.last_error = reason[:300]
    mail.token_hash = None
    if is_final or mail.attempts >= MAX_ATTEMPTS:
        mail.state = OutgoingMail.State.FAILED
    else:
        mail.state = OutgoingMail.State.QUEUED
        mail.next_try_at = timezone.now() + FIRST_WAIT * 2 ** (mail.attempts - 1)
    mail.save()
    return False


def link_lines(token: str, page: str = "answer-open") -> list[str]:
    """A link as it stands in a mail, under each of the portal's names."""
    path = reverse(page, args=[token])
    lines = [settings.PORTAL_ADDRESS.rstrip("/") + path]
    if settings.LGWAN_ADDRESS:
        lines.append(f"（LGWANから）{settings.LGWAN_ADDRESS.rstrip('/')}{path}")
    return lines


def desk_lines(mail: OutgoingMail) -> str:
    """The link to the body's desk, where the text has a place for it; made for this mail alone."""
    if DESK_LINK not in mail.mailing.body:
        return ""
    with transaction.atomic():
        desk, _ = Desk.objects.get_or_create(organization=mail.target.organization)
        desk = Desk.objects.select_for_update(of=("self",), no_key=True).get(pk=desk.pk)
        if desk.link_revoked_at is not None:
            return "（窓口のリンクは無効にされています。事務局に問い合わせてください。）"
        return "\n".join(link_lines(desk.mailed_token(), "desk-open"))


def message_for(mail: OutgoingMail, token: str) -> EmailMessage:
    """The mail as it goes out."""
    subject, body = mail.mailing.subject, mail.mailing.body
    if Mailing.Kind(mail.mailing.kind).carries_link:
        subject = fill_in(subject, mail.target, "")
        body = fill_in(body, mail.target, "\n".join(link_lines(token)), desk_lines(mail))
    host = settings.PORTAL_ADDRESS.split("//")[-1].split("/")[0].split(":")[0]
    return EmailMessage(
        subject=" ".join(subject.split()),
        body=body,
        to=[mail.address],
        # The same for every attempt, so that a receiver can tell a repetition.
        headers={"Message-ID": f"<outgoing-{mail.pk}@{host}>", "Auto-Submitted": "auto-generated"},
        connection=get_connection(),
    )
