"""The audit trail: one readable entry for each act, in a chain that shows whatever was done to it."""

import ast
import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from auditlog.models import LogEntry
from auditlog.registry import auditlog
from axes.signals import user_locked_out
from django.contrib.auth.models import Group, User
from django.core.management import CommandError, call_command
from django.db import transaction
from django.test import Client
from django.utils import timezone
from openpyxl import load_workbook

from council.accounts.roles import AUDITOR, EDITOR
from members.common.acts import act, begin_act
from members.common.audit import note_act
from members.models import AuditEntry, Organization
from members.trail.chain import faults, seal_pending
from surveys.models import SurveyTarget
from tests import factories
from tests.surveys.test_answering import FULL, client, seen, submit, survey, target, url

__all__ = ["client", "survey", "target"]
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def fresh() -> Iterator[None]:
    """What the fixtures of a test wrote is no part of the act that it looks at."""
    begin_act()
    yield
    begin_act()


@pytest.fixture
def auditor() -> Client:
    user = User.objects.create_user("kansa", password="a-long-password", is_staff=True, last_name="監査")
    user.groups.set(Group.objects.filter(name=AUDITOR.name))
    client = Client()
    client.force_login(user)
    return client


def chained() -> list[AuditEntry]:
    """All entries in their chain, as after a commit."""
    seal_pending()
    return list(AuditEntry.objects.in_order())


def found() -> str:
    seal_pending()
    return "\n".join(faults())


def write(name: str) -> Organization:
    begin_act()
    organization = factories.organization(name=name)
    seal_pending()
    return organization


# --- One entry for each act ---


def test_handing_in_is_one_entry_with_who_and_what(client: Client, target: SurveyTarget) -> None:
    before = AuditEntry.objects.count()
    client.post(url(target, "sections/main/"), {**FULL, "leave": "1"})
    assert AuditEntry.objects.count() == before
    submit(client, target)
    (entry,) = AuditEntry.objects.order_by("pk")[before:]
    assert (entry.title, entry.about) == ("回答の提出", "試験町")
    assert entry.who == "試験町（回答用リンク、総務課 試験 花子）"
    assert entry.address == "127.0.0.1"
    assert LogEntry.objects.filter(cid=entry.uid).count() > 5
    # Again without a change: a second click is no second act.
    submit(client, target)
    assert AuditEntry.objects.count() == before + 1
    client.post(url(target, "sections/main/"), {**FULL, "q-note": "別", "seen": seen(client, target)})
    submit(client, target)
    assert AuditEntry.objects.latest("pk").title == "回答の再提出"


def test_many_records_in_one_click_are_an_entry_each(db: None) -> None:
    one, two = factories.organization(), factories.organization()
    begin_act()
    for body in (one, two):
        act("公開", about=body, reason=f"{body}の理由")
        note_act(body, None, {"手続き": "公開"})
    entries = AuditEntry.objects.order_by("-pk")[:2]
    assert {(entry.about, entry.reason) for entry in entries} == {
        (str(body), f"{body}の理由") for body in (one, two)
    }


def test_records_deleted_in_bulk_stay_readable(staff_client: Client) -> None:
    year = factories.council_year()
    meetings = [factories.meeting(year) for _ in range(3)]
    for meeting in meetings:
        meeting.agenda_items.create(title="議題", position=1)
    names = {str(meeting) for meeting in meetings}
    data = {
        "action": "delete_selected",
        "_selected_action": [meeting.pk for meeting in meetings],
        "post": "yes",
    }
    staff_client.post("/admin/meetings/meeting/", data)
    assert not year.meetings.exists()
    gone = LogEntry.objects.filter(action=LogEntry.Action.DELETE)
    assert names <= set(gone.values_list("object_repr", flat=True))
    assert gone.filter(content_type__model="agendaitem").count() == 3
    assert AuditEntry.objects.filter(title__endswith="の削除").exists()


def test_what_was_rolled_back_is_not_told(db: None) -> None:
    before = len(chained())
    begin_act()
    with transaction.atomic():
        act("公開")
        factories.organization(name="戻される町")
        transaction.set_rollback(True)
    # The same request goes on: what it then does has an entry of its own.
    factories.organization(name="残る町")
    assert len(chained()) == before + 1
    assert "戻される町" not in {row.object_repr for row in LogEntry.objects.all()}
    assert found() == ""


def test_a_change_without_its_entry_is_no_change(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*args: Any, **kwargs: Any) -> None:
        raise OSError("disk full")

    begin_act()
    monkeypatch.setattr(AuditEntry.objects, "bulk_create", refuse)
    with pytest.raises(OSError, match="disk full"), transaction.atomic():
        factories.organization(name="記録できない町")
    assert not Organization.objects.filter(name="記録できない町").exists()


def test_roles_passwords_and_lockouts_are_told(staff: User, rf: Any) -> None:
    begin_act()
    staff.groups.add(Group.objects.get(name=AUDITOR.name))
    (entry,) = AuditEntry.objects.order_by("-pk")[:1]
    assert AUDITOR.name in str(LogEntry.objects.get(cid=entry.uid).changes)
    for _ in range(3):
        request = rf.post("/")
        user_locked_out.send("axes", request=request, username=staff.username, ip_address="192.0.2.7")
        user_locked_out.send("axes", request=request, username="nobody", ip_address="192.0.2.7")
    told = AuditEntry.objects.filter(title="ログインの失敗が続いたための一時停止")
    assert [entry.about for entry in told] == [staff.username]


def test_a_deleted_account_leaves_its_entries_whole(staff: User, staff_client: Client) -> None:
    staff.last_name, staff.first_name = "三重", "花子"
    staff.save()
    body = factories.organization()
    data = {"key": "a", "name": "尺度", "choices-TOTAL_FORMS": 0, "choices-INITIAL_FORMS": 0}
    staff_client.post("/admin/surveys/scale/add/", data)
    entry = AuditEntry.objects.latest("pk")
    assert entry.who == "三重 花子（jimukyoku）", body
    assert found() == ""
    staff.delete()
    entry.refresh_from_db()
    assert entry.who == "三重 花子（jimukyoku）"
    assert found() == ""


# Bulk writes pass the library by. Each such place says itself what it did, or needs no entry.
UNLOGGED = {
    "council/backends.py": "the cache, which is no record",
    "council/doctor/readiness.py": "how long this connection waits",
    "council/doctor/work.py": "asks what time the database has",
    "members/common/models/prepared.py": "reads with a statement of its own",
    "members/trail/": "the trail itself",
    "surveys/models/version.py": "by what processes know that they may keep what they read",
    "surveys/questionnaire/kept.py": "the same",
    "members/common/text/folding.py": "a column derived from others",
    "members/common/models/autosave.py": "typing that is nobody else's to read",
    "council/backup/": "a copy of everything, the trail among it, and that copy put back",
    "council/demo.py": "made-up data",
    "council/publishing/files.py": "drawings of editions, which are no records",
    "council/accounts/admin.py": "factors and lockouts: the act is noted beside them",
    "council/numbers/lifting.py": "row by row, with signals",
    "council/writing/form.py": "row by row, with signals, and drafts",
    "meetings/models/meeting.py": "noted as one act",
    "meetings/record/": "waiting proposals, each deleted with a signal",
    "meetings/remarks/lifecycle.py": "noted as one act",
    "meetings/minutes/editor.py": "row by row, and drafts",
    "surveys/admin/course/status_board.py": "noted as one act",
    "surveys/running/mailing.py": "a claim, which the mail's own save tells of",
    "surveys/answering/": "row by row, with signals",
    "surveys/models/target.py": "hashes of links, which are never logged",
}
BULK = {"update", "bulk_create", "bulk_update", "_update", "raw", "execute"}


def test_no_bulk_write_passes_the_trail_by_unseen() -> None:
    root = Path(__file__).resolve().parents[2]
    unknown = []
    for app in ("council", "surveys", "meetings", "members"):
        for path in (root / app).rglob("*.py"):
            name = str(path.relative_to(root))
            if "migrations" in name or name.startswith(tuple(UNLOGGED)):
                continue
            for node in ast.walk(ast.parse(path.read_text())):
                if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
                    continue
                # ``dict.update`` takes a mapping, a queryset's takes only names.
                is_mapping = node.func.attr == "update" and (node.args or not node.keywords)
                if node.func.attr in BULK and not is_mapping:
                    unknown.append(f"{name}:{node.lineno} {ast.unparse(node)[:80]}")
    assert unknown == []


# --- The chain ---


def test_the_chain_holds_and_shows_every_change() -> None:
    for name in ("甲町", "乙町", "丙町"):
        write(name)
    assert found() == ""
    second = chained()[-2]
    AuditEntry.objects.filter(pk=second.pk).update(who="別人")
    assert f"第{second.number}号「{second}」" in found()
    assert "日時、実行者、操作などが、記録したときと違います" in found()
    AuditEntry.objects.filter(pk=second.pk).update(who=second.who)
    change = LogEntry.objects.filter(cid=second.uid).earliest("pk")
    LogEntry.objects.filter(pk=change.pk).update(object_repr="丁町")
    assert "変更の明細が、記録したときと違います" in found()
    LogEntry.objects.filter(pk=change.pk).update(object_repr=change.object_repr)
    assert found() == ""
    change.delete()
    assert "（1行 → 0行）" in found()


def test_a_lost_entry_and_a_lost_row_are_found() -> None:
    for name in ("甲町", "乙町", "丙町"):
        write(name)
    second = chained()[-2]
    second.delete()
    assert "のあいだの記録がありません" in found()
    assert "どの記録にも属さない変更の明細が1行" in found()
    AuditEntry.objects.filter(number__lt=second.number).delete()
    assert "これより前の記録がなく、整理した記録もありません" in found()


def test_hashes_that_were_computed_anew_do_not_fit_the_signature() -> None:
    from members.common.merging import digest
    from members.trail.chain import statement

    write("甲町")
    (*_, last) = chained()
    last.title = "別の操作"
    last.chain_hash = digest(statement(last))
    last.save()
    assert "署名がこのポータルの鍵と合いません" in found()


def test_a_cut_tail_is_found_by_what_was_noted_elsewhere(capsys: pytest.CaptureFixture[str]) -> None:
    write("甲町")
    write("乙町")
    call_command("verify_audit")
    noted = capsys.readouterr().out.splitlines()[-1]
    call_command("verify_audit", against=noted)
    (*_, last) = chained()
    LogEntry.objects.filter(cid=last.uid).delete()
    last.delete()
    call_command("verify_audit")
    with pytest.raises(CommandError, match="末尾の記録が削除されています"):
        call_command("verify_audit", against=noted)


def test_old_entries_are_cleared_and_the_chain_goes_on(capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("古い町", "古い村", "新しい町"):
        write(name)
    *_, one, two, three = chained()
    then = timezone.now() - timedelta(days=366 * 6)
    AuditEntry.objects.exclude(pk=three.pk).update(at=then, number=None)
    AuditEntry.objects.filter(pk=three.pk).update(number=None)
    assert found() == ""
    with pytest.raises(CommandError, match="根拠"):
        call_command("clear_audit", years=5, reason=" ", yes=True)
    for years in (0, -1):
        with pytest.raises(CommandError, match="1年以上"):
            call_command("clear_audit", years=years, reason="x", yes=True)
    call_command("clear_audit", years=5, reason="文書管理規程による5年保存")
    assert "--yes" in capsys.readouterr().out
    assert AuditEntry.objects.filter(pk=one.pk).exists()
    begin_act()
    call_command("clear_audit", years=5, reason="文書管理規程による5年保存", yes=True)
    assert "件削除しました" in capsys.readouterr().out
    kept = chained()
    assert [entry.title for entry in kept][-1] == "監査記録の整理"
    assert kept[-1].reason == "文書管理規程による5年保存"
    assert not AuditEntry.objects.filter(pk__in=[one.pk, two.pk]).exists()
    assert not LogEntry.objects.filter(object_repr="古い町").exists()
    assert found() == ""
    # Once more there is nothing to clear, and a second clearing later goes on from the first.
    begin_act()
    call_command("clear_audit", years=5, reason="同じ", yes=True)
    assert len(chained()) == len(kept)
    # Somebody who then takes more away than that is found.
    kept[0].delete()
    assert "整理した記録もありません" in found()


# --- Reading ---


def test_who_audits_reads_and_changes_nothing(auditor: Client, staff: User) -> None:
    write("甲町")
    entry = chained()[-1]
    listed = auditor.get("/admin/members/auditentry/").content.decode()
    assert "団体の追加" in listed
    page = auditor.get(f"/admin/members/auditentry/{entry.pk}/change/").content.decode()
    assert "甲町" in page
    assert "団体コード" in page
    for address in (f"{entry.pk}/change/", f"{entry.pk}/delete/", "add/"):
        assert auditor.post(f"/admin/members/auditentry/{address}", {"title": "x"}).status_code == 403
    above = Client()
    above.force_login(User.objects.create_superuser("root", "r@example.jp", "a-long-password"))
    for address in (f"{entry.pk}/change/", f"{entry.pk}/delete/", "add/"):
        assert above.post(f"/admin/members/auditentry/{address}", {"title": "x"}).status_code == 403
    assert found() == ""


def test_answers_are_withheld_from_who_may_not_read_them(
    auditor: Client, client: Client, target: SurveyTarget, staff_client: Client
) -> None:
    client.post(url(target, "sections/main/"), FULL | {"q-note": "ここだけの話"})
    submit(client, target)
    entry = AuditEntry.objects.get(title="回答の提出")
    address = f"/admin/members/auditentry/{entry.pk}/change/"
    page = auditor.get(address).content.decode()
    assert "ここだけの話" not in page
    assert "回答" in page
    file = b"".join(auditor.get("/admin/members/auditentry/export.xlsx"))
    cells = [str(row) for row in load_workbook(BytesIO(file)).active.iter_rows(values_only=True)]
    assert any("回答の提出" in row for row in cells)
    assert not any("ここだけの話" in row for row in cells)
    both = User.objects.create_user("both", password="a-long-password", is_staff=True)
    both.groups.set(Group.objects.filter(name__in=[AUDITOR.name, EDITOR.name]))
    reader = Client()
    reader.force_login(both)
    assert "ここだけの話" in reader.get(address).content.decode()


def test_the_trail_leaves_as_a_workbook_and_that_is_told(auditor: Client) -> None:
    write("甲町")
    write("乙町")
    response = auditor.get("/admin/members/auditentry/export.xlsx?q=甲町")
    rows = list(load_workbook(BytesIO(b"".join(response))).active.iter_rows(values_only=True))
    assert rows[0][:6] == ("番号", "日時", "実行者", "場所", "操作", "対象")
    assert [row[5] for row in rows[1:]] == ["甲町"]
    assert rows[1][-2] == AuditEntry.objects.get(about="甲町").chain_hash
    entry = AuditEntry.objects.latest("pk")
    assert (entry.title, entry.who) == ("閲覧・書き出し：監査記録（1件）", "監査（kansa）")
    assert found() == ""


@pytest.mark.parametrize("query", ["restore=1", "at__date__gte=x", "title__regex=a"])
def test_a_file_of_a_filter_there_is_not_leads_to_the_list(auditor: Client, query: str) -> None:
    answer = auditor.get(f"/admin/members/auditentry/export.xlsx?{query}")
    assert answer.status_code in {302, 400}
    if answer.status_code == 302:
        assert answer["Location"] == "/admin/members/auditentry/"


def test_the_list_is_narrowed_by_day_person_and_act(auditor: Client) -> None:
    one, two = write("甲町"), write("乙町")
    early = datetime(2026, 6, 4, 0, 30, tzinfo=ZoneInfo("Asia/Tokyo"))
    AuditEntry.objects.filter(about=str(one)).update(at=early)
    days = "at__date__gte=2026-06-04&at__date__lte=2026-06-10&who__icontains=&title__icontains="
    listed = auditor.get(f"/admin/members/auditentry/?{days}").content.decode()
    assert str(one) in listed
    assert str(two) not in listed
    assert 'value="2026-06-10"' in listed
    file = load_workbook(BytesIO(b"".join(auditor.get(f"/admin/members/auditentry/export.xlsx?{days}"))))
    assert [row[5] for row in file.active.iter_rows(min_row=2, values_only=True)] == [str(one)]
    assert auditor.get("/admin/members/auditentry/?at__date__gte=x").status_code == 302


def test_every_field_that_a_reader_may_meet_has_a_japanese_name() -> None:
    english = [
        f"{model._meta.label}.{field.name}"
        for model in auditlog.get_models()
        for field in model._meta.fields
        if field.name in auditlog.get_model_fields(model)["include_fields"]
        or field.name not in auditlog.get_model_fields(model)["exclude_fields"]
        if str(field.verbose_name).isascii() and not field.primary_key
    ]
    # A view of the login counter's rows; nobody writes it.
    assert [name for name in english if not name.startswith("council.Lockout")] == []


def test_a_link_issued_anew_is_told_with_its_reason_and_without_itself(
    staff_client: Client, target: SurveyTarget
) -> None:
    data = {"action": "reissue_links", "_selected_action": [target.pk], "reason": "宛先の誤り"}
    page = staff_client.post("/admin/surveys/surveytarget/", data).content.decode()
    (token,) = set(re.findall(r"/answer/open/([\w-]+)/", page))
    entry = AuditEntry.objects.latest("pk")
    assert (entry.title, entry.about, entry.reason) == ("回答用リンクの再発行", "試験町", "宛先の誤り")
    assert token not in str(list(LogEntry.objects.values())) + str(list(AuditEntry.objects.values()))


def test_the_list_takes_a_constant_number_of_queries(
    auditor: Client, django_assert_max_num_queries: Any
) -> None:
    for number in range(12):
        write(f"第{number}の町")
    for address in ("/admin/members/auditentry/", f"/admin/members/auditentry/{chained()[-1].pk}/change/"):
        with django_assert_max_num_queries(14):
            assert auditor.get(address).status_code == 200


def test_a_body_sees_the_history_of_its_own_answer(client: Client, target: SurveyTarget) -> None:
    client.post(url(target, "sections/main/"), FULL)
    submit(client, target)
    client.post(url(target, "sections/main/"), {**FULL, "q-one": "c2", "seen": seen(client, target)})
    submit(client, target)
    page = client.get(url(target, "receipt/")).content.decode()
    assert "提出の履歴" in page
    assert "始めていますか：はい → いいえ" in page


def test_a_row_is_told_without_what_hangs_on_it(staff_client: Client) -> None:
    """No relation by its name in the code, and no 「None」 for what was not there before."""
    year = factories.council_year()
    factories.membership(year)
    factories.target(factories.survey(year), kind_at_opening="city")
    pages = [
        staff_client.get(f"/admin/members/auditentry/{entry.pk}/change/").content.decode()
        for entry in AuditEntry.objects.all()
    ]
    told = "".join(pages)
    assert pages
    for word in (".None", "memberships", "minute_entries", "section_links", "「None」", "「city」"):
        assert word not in told, word
