"""Editions: frozen as published, corrected with a reason, served as the same bytes."""

import gzip
import json
import re
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from auditlog.models import LogEntry
from django.contrib.auth.models import Group, User
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone

from council.accounts.roles import EDITOR, MANAGER
from council.editions.differences import differences
from council.editions.stored import latest_edition, report_of_edition
from council.models import AnnualReport, ReportEdition, ReportSection
from council.publishing.checklist import check_report
from council.publishing.files import make_missing
from council.publishing.publication import next_edition, publication
from council.publishing.views import about
from council.report.build import Report, build_report
from meetings.models import Meeting
from members.common.merging import digest
from members.common.publication.findings import errors_of
from members.common.publication.seal import seal
from members.common.snapshot import deserialize, serialize
from members.common.text.eras import format_date
from members.models import CouncilYear, Membership
from surveys.models import Answer, Choice
from tests import factories
from tests.publishing import printed, publish, schedule, seen_of

pytestmark = pytest.mark.django_db
URL = "/councils/smart-jichitai/2020/"


def the_report() -> AnnualReport:
    return AnnualReport.objects.select_related("council_year__council", "grade").get()


def put_out(**values: Any) -> ReportEdition:
    report = the_report()
    return publish(report, **values)


@pytest.fixture
def published(fy2020: CouncilYear) -> ReportEdition:
    return put_out()


def text(client: Client, path: str = URL) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", client.get(path).content.decode()))


def change_an_answer() -> None:
    """One municipality less for the first figure: 23 of 28."""
    answer = Answer.objects.filter(choice__question__key="progressed", choice__code="some").first()
    assert answer
    answer.choice = Choice.objects.get(question__key="progressed", code="none")
    answer.save()


def test_what_staff_write_after_publication_is_found_nowhere(published: ReportEdition) -> None:
    change_an_answer()
    goals = ReportSection.objects.get(kind="goals")
    goals.body, goals.heading = "まだ公開していない文です。", "新しい見出し"
    goals.save()
    assert "0件見つかりました" in text(Client(), "/search/?q=まだ公開していない")
    assert "0件見つかりました" in text(Client(), "/search/?q=新しい見出し")
    assert "1件見つかりました" in text(Client(), "/search/?q=差し迫った課題&record=report")
    assert "86%" in text(Client(), "/")
    assert "82%" not in text(Client(), "/")

    put_out(kind="update", reason="直したため。", small_change_reason="誤りの訂正")
    assert "1件見つかりました" in text(Client(), "/search/?q=まだ公開していない")
    assert "1件見つかりました" in text(Client(), "/search/?q=新しい見出し")
    assert "82%" in text(Client(), "/")


def test_a_section_left_out_is_not_published(published: ReportEdition) -> None:
    ReportSection.objects.filter(kind="situation").update(is_included=False)
    put_out(kind="update", reason="節を載せないことにしたため。")
    assert "現状および課題" not in text(Client())
    assert "0件見つかりました" in text(Client(), "/search/?q=人口の減少&record=report")


def test_a_frozen_report_comes_back_as_it_was(fy2020: CouncilYear) -> None:
    report = build_report(the_report())
    assert deserialize(Report, serialize(report)) == report
    assert digest(serialize(deserialize(Report, serialize(report)))) == digest(serialize(report))


def test_a_change_after_publication_moves_nothing_public(
    published: ReportEdition, staff_client: Client
) -> None:
    change_an_answer()
    Membership.objects.filter(department__organization__name="津市").delete()
    public = text(Client())
    assert "86%（28市町中24市町）" in public
    assert "82%" not in public
    assert "津市" in public
    assert "86%" in text(Client(), f"{URL}figures/progressed/")
    # Staff see what differs, and the draft as it stands.
    screen = staff_client.get(f"/admin/council/annualreport/{the_report().pk}/publication/").content.decode()
    assert "公開版と異なる点" in screen
    # One body's change alone is held back, and staff are told why and how to publish it all the same.
    assert "1団体が変わっています" in screen
    assert "82%（28市町中23市町）" not in screen
    assert "82%" in text(staff_client, f"{URL}?draft")
    assert "82%" not in text(Client(), f"{URL}?draft")


def test_a_correction_has_a_reason_and_both_editions_stay(published: ReportEdition) -> None:
    first = text(Client())
    change_an_answer()
    with pytest.raises(ValidationError, match="理由を入力"):
        put_out()
    with pytest.raises(ValidationError, match="同じ内容"):
        put_out(kind="correction", reason="1市町の回答を訂正したため")
    edition = put_out(
        kind="correction", reason="1市町の回答を訂正したため", small_change_reason="入力の誤りの訂正"
    )
    assert edition.number == 2
    now = text(Client())
    assert "82%（28市町中23市町）" in now
    assert "第2版" in now
    assert "1市町の回答を訂正したため" in now
    old = text(Client(), f"{URL}editions/1/")
    assert "旧版（第1版）です" in old
    assert "86%（28市町中24市町）" in old
    assert "86%" in text(Client(), f"{URL}editions/1/figures/progressed/")
    listing = text(Client(), f"{URL}editions/")
    assert "正誤：1市町の回答を訂正したため" in listing
    assert "86%（28市町中24市町）" in listing
    assert "82%（28市町中23市町）" in listing
    assert "86%" in first


def test_the_same_content_is_not_published_twice(published: ReportEdition) -> None:
    with pytest.raises(ValidationError, match="同じ内容"):
        put_out(kind="update", reason="もう一度")


def test_differences_are_said_place_by_place(published: ReportEdition) -> None:
    before = report_of_edition(published)
    section = before.sections[0]
    changed = replace(before, sections=(replace(section, paragraphs=()), *before.sections[1:]))
    (difference,) = differences(before, changed)
    assert difference.place == "本文 › 取組目標 › 文"
    assert difference.before
    assert difference.after == ""
    assert differences(before, before) == []


def test_nothing_changes_between_looking_and_publishing(fy2020: CouncilYear) -> None:
    report = the_report()
    seen = seen_of(report)
    change_an_answer()
    with pytest.raises(ValidationError, match="内容か注意点が変わりました"):
        publish(report, seen=seen)
    assert not ReportEdition.objects.exists()


@pytest.mark.parametrize(
    ("kind", "body", "is_error", "words"),
    [
        ("goals", "", False, "「取組目標」の本文が空です"),
        ("outcomes", "割合は84%でした。", False, "「84%」は、この年度の指標"),
        ("outcomes", "25市町が答えました。", False, "「25市町」"),
        ("outcomes", "割合は８６％、24市町でした。", None, ""),
        ("outcomes", "{nothing}", True, "{nothing}は、登録されていない指標"),
        ("self_evaluation", "", True, "判断理由がありません"),
    ],
)
def test_the_checklist(fy2020: CouncilYear, kind: str, body: str, is_error: bool | None, words: str) -> None:
    ReportSection.objects.filter(kind=kind).update(body=body)
    report = the_report()
    findings = check_report(report, build_report(report))
    ours = [finding for finding in findings if words and words in finding.text]
    if is_error is None:
        assert not [finding for finding in findings if "手で入力" in finding.text]
        return
    assert [finding.is_error for finding in ours] == [is_error]
    if is_error:
        with pytest.raises(ValidationError):
            put_out()
    else:
        with pytest.raises(ValidationError, match="注意が残っています"):
            put_out(confirmed=False)


def test_hidden_results_and_open_surveys_block(fy2020: CouncilYear) -> None:
    fy2020.surveys.filter(key="after-meeting").update(results_public=False)  # type: ignore[attr-defined]
    with pytest.raises(ValidationError, match="集計結果が公開されていません"):
        put_out()


def test_a_second_person_publishes_where_the_office_wants_it(
    fy2020: CouncilYear, staff: User, staff_client: Client, settings: Any
) -> None:
    settings.APPROVAL_BY_SECOND_PERSON = True
    boss = User.objects.create_user("boss", is_staff=True)
    boss.groups.set(Group.objects.filter(name__in=[EDITOR.name, MANAGER.name]))
    AnnualReport.objects.update(status="draft")
    path = f"/admin/council/annualreport/{the_report().pk}/publication/"
    data = {"seen": seen_of(the_report()), "warnings_known": "on", "moment_0": "", "moment_1": ""}
    assert "公開の依頼がありません" in staff_client.post(path, {**data, "publish": "1"}).content.decode()
    staff_client.post(path, {**data, "request": "1"})
    assert "別の職員が公開" in staff_client.post(path, {**data, "publish": "1"}).content.decode()
    other = Client()
    other.force_login(boss)
    other.post(path, {**data, "publish": "1"})
    assert latest_edition(the_report()).published_by == boss  # type: ignore[union-attr]


def test_publication_at_its_moment_unless_something_changed(fy2020: CouncilYear, staff: User) -> None:
    AnnualReport.objects.update(status="draft")
    report = the_report()
    later = timezone.now() + timedelta(hours=1)
    schedule(report, later, staff)
    assert list(publication.publish_due()) == []
    AnnualReport.objects.update(publish_at=timezone.now())
    call_command("publish_reports")
    assert ReportEdition.objects.count() == 1
    # An answer alone is held back, and with it there is nothing to publish.
    change_an_answer()
    with pytest.raises(ValidationError, match="同じ内容"):
        schedule(report, later, staff, kind="update", reason="更新")
    ReportSection.objects.filter(kind="goals").update(body="予約する文")
    schedule(report, later, staff, kind="update", reason="更新")
    ReportSection.objects.filter(kind="goals").update(body="予約の後に変えた文")
    AnnualReport.objects.update(publish_at=timezone.now())
    assert "取りやめました" in next(publication.publish_due())
    assert ReportEdition.objects.count() == 1


def test_a_withdrawn_report_is_gone_with_its_editions(published: ReportEdition, staff_client: Client) -> None:
    path = f"/admin/council/annualreport/{the_report().pk}/publication/"
    page = staff_client.post(path, {"step": "withdraw", "seen": "x", "reason": " "}).content.decode()
    assert "取り下げる理由を入力してください" in page
    # Neither a stray Enter nor an unknown button publishes or withdraws.
    assert "操作を選び直してください" in staff_client.post(path, {"seen": "x"}).content.decode()
    before = Client().get(URL).content
    staff_client.post(path, {"step": "withdraw", "seen": "x", "reason": "数値に誤りがあったため"})
    note = "取り下げました（" + format_date(timezone.localdate()) + "・数値に誤りがあったため）"
    assert note in text(Client())
    for address in (
        "editions/",
        "editions/1/",
        "editions/1/figures/progressed/",
        "report.json",
        "report.pdf",
    ):
        response = Client().get(f"{URL}{address}")
        assert (response.status_code, note in response.content.decode()) == (410, True), address
    for address in ("tables/members.csv", "figures/progressed.csv"):
        assert Client().get(f"{URL}{address}").status_code == 410
    assert "年次報告書の本文" not in text(Client())
    assert ReportEdition.objects.exists()
    staff_client.post(path, {"undo": "1", "seen": "x"})
    assert Client().get(URL).content == before
    log = LogEntry.objects.filter(changes__has_key="withdrawal_reason")
    assert "数値に誤りがあったため" in str(log.last().changes)  # type: ignore[union-attr]


def test_the_owner_of_a_cancelled_schedule_is_told(
    published: ReportEdition, staff: User, mailoutbox: list[Any], django_capture_on_commit_callbacks: Any
) -> None:
    staff.email = "owner@example.lg.jp"
    staff.save()
    ReportSection.objects.filter(kind="goals").update(body="予約する文")
    report = the_report()
    schedule(report, timezone.now() + timedelta(hours=1), staff, kind="update", reason="更新")
    ReportSection.objects.filter(kind="goals").update(body="予約の後に変えた文")
    AnnualReport.objects.update(publish_at=timezone.now())
    with django_capture_on_commit_callbacks(execute=True):
        list(publication.publish_due())
    assert mailoutbox[0].to == ["owner@example.lg.jp"]
    assert "内容か注意点が変わりました" in the_report().schedule_note


def test_hashes_are_verified(published: ReportEdition) -> None:
    call_command("verify_editions")
    content = {**published.content, "title": "書き換えた題"}
    ReportEdition.objects.filter(pk=published.pk).update(content=content)
    with pytest.raises(CommandError, match="ハッシュ値と合いません"):
        call_command("verify_editions")


def test_search_engines_read_the_report(published: ReportEdition) -> None:
    page = Client().get(URL).content.decode()
    script = re.search(r'<script type="application/ld\+json">(.*?)</script>', page)
    assert script
    assert json.loads(script[1])["name"] == report_of_edition(published).title


def test_a_title_cannot_break_out_of_the_data_block(published: ReportEdition) -> None:
    odd = replace(report_of_edition(published), title="</script><script>alert(1)</script>")
    assert "<" not in about(odd, printed(odd).imprint)


def test_the_page_is_one_query_and_the_same_bytes(
    published: ReportEdition,
    django_assert_num_queries,  # type: ignore[no-untyped-def]
) -> None:
    first = Client().get(URL)
    with django_assert_num_queries(1):
        second = Client().get(URL)
    assert first.content == second.content
    assert second["Cache-Control"] == "public, max-age=0, must-revalidate"
    with django_assert_num_queries(1):
        again = Client().get(URL, headers={"If-None-Match": second["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    gzipped = Client().get(URL, headers={"Accept-Encoding": "gzip"})
    assert gzipped["Content-Encoding"] == "gzip"
    assert gzip.decompress(gzipped.content) == first.content
    assert "Accept-Encoding" in gzipped["Vary"]
    # A newer edition is there at once, and the old tag holds no more.
    change_an_answer()
    put_out(kind="correction", reason="訂正", small_change_reason="誤りの訂正")
    fresh = Client().get(URL, headers={"If-None-Match": second["ETag"]})
    assert fresh.status_code == 200
    assert fresh["ETag"] != second["ETag"]


def test_a_withdrawn_report_can_be_shown_again(published: ReportEdition) -> None:
    AnnualReport.objects.update(status="draft")
    assert put_out(kind="update", reason="公開を再開するため").number == 2


def test_a_cancelled_schedule_publishes_nothing(published: ReportEdition, staff: User) -> None:
    ReportSection.objects.filter(kind="goals").update(body="予約する文")
    report = the_report()
    later = timezone.now() + timedelta(hours=1)
    with pytest.raises(ValidationError, match="種類"):
        schedule(report, later, staff, reason="理由")
    schedule(report, later, staff, kind="update", reason="理由")
    AnnualReport.objects.update(publish_at=None)
    assert list(publication.publish_due()) == []


@pytest.mark.parametrize("prose", ["{progressed", "｛progressed｝でした", "progressed}", "{pro\ngressed}"])
def test_what_is_almost_a_token_blocks(fy2020: CouncilYear, prose: str) -> None:
    ReportSection.objects.filter(kind="goals").update(body=f"目標は{prose}。")
    found = check_report(the_report(), build_report(the_report()))
    assert [finding.text for finding in found if finding.is_error]


@pytest.mark.parametrize("hide", ["council", "year", "results", "question", "few"])
def test_a_figure_that_would_not_be_drawn_blocks_with_its_switch(
    fy2020: CouncilYear, settings: Any, hide: str
) -> None:
    survey = fy2020.surveys.get(key="after-meeting")  # type: ignore[attr-defined]
    match hide:
        case "council":
            type(fy2020.council).objects.update(is_public=False)
        case "year":
            CouncilYear.objects.update(is_public=False)
        case "results":
            survey.results_public = False
            survey.save()
        case "question":
            survey.questions.filter(key="progressed").update(disclosure="staff")
        case _:
            settings.SMALL_GROUP_MINIMUM = 50
    report = the_report()
    words = {
        "council": "検討会議が公開されていません", "year": "年度が公開されていません",
        "results": "集計結果が公開されていません", "question": "開示範囲が「公開」ではありません",
        "few": "回答が少ないため",
    }  # fmt: skip
    found = errors_of(check_report(report, next_edition(report).report))
    assert any("{progressed}" in text and words[hide] in text for text in found)
    with pytest.raises(ValidationError, match="公開ページでは数値になりません"):
        put_out()


@pytest.mark.parametrize(
    ("href", "is_broken"),
    [
        ("/councils/smart-jichitai/2020/meetings/1/", False),
        ("/councils/smart-jichitai/2020/meetings/1/#minutes", False),
        ("/councils/smart-jichitai/2020/meetings/1/#m-nothing", True),
        ("meetings/2/", False),
        ("#members", False),
        ("#nothing", True),
        ("figures/progressed/", False),
        ("report.pdf", False),
        ("report.exe", True),
        ("/open-data/smart-jichitai/2020/members.csv", False),
        ("/councils/smart-jichitai/2020/meetings/9/", True),
        ("/councils/smart-jichitai/2020/meetings/3/", True),
        ("/admin/", True),
        ("/nowhere", True),
        ("https://www.pref.mie.lg.jp/a", False),
        ("https://localhost-typo", True),
        ("mailto:a@example.jp", False),
        ("mailto:nobody", True),
    ],
)
def test_a_link_that_the_public_cannot_open_blocks(fy2020: CouncilYear, href: str, is_broken: bool) -> None:
    """The third meeting is not public here."""
    Meeting.objects.filter(number=3).update(record_status="draft", is_announced=False)
    ReportSection.objects.filter(kind="goals").update(body=f"[ここ]({href})を見る。")
    found = check_report(the_report(), build_report(the_report()))
    told = [finding for finding in found if "公開ページで開けません" in finding.text]
    assert [finding.is_error for finding in told] == ([True] if is_broken else [])


def test_a_roster_that_differs_from_the_base_blocks(fy2020: CouncilYear) -> None:
    Membership.objects.filter(department__organization__name="津市").delete()
    late = factories.organization(name="新川市", kind="city")
    factories.membership(fy2020, department=factories.department(organization=late))
    found = check_report(the_report(), build_report(the_report()))
    told = [finding.text for finding in found if finding.is_error]
    assert any("新川市は検討メンバーですが、回答対象ではありません" in text for text in told)
    assert any("津市は母数に入っていますが、検討メンバーにありません" in text for text in told)
    with pytest.raises(ValidationError, match="新川市"):
        put_out()


def test_nobody_is_asked_to_publish_what_is_public_already(published: ReportEdition, staff: User) -> None:
    with pytest.raises(ValidationError, match="同じ内容"):
        publication.ask(the_report(), staff, seen=seen_of(the_report()))
    with pytest.raises(ValidationError, match="同じ内容"):
        schedule(the_report(), timezone.now() + timedelta(hours=1), staff, kind="update", reason="更新")


def test_an_old_edition_is_closed_in_itself(published: ReportEdition) -> None:
    """Page, figures, tables and files of the first edition still say what it said."""
    ReportSection.objects.filter(kind="goals").update(body="新しい目標です。")
    put_out(kind="update", reason="書き直したため")
    make_missing()
    old = Client().get(f"{URL}editions/1/").content.decode()
    own = set(re.findall(rf'href="({URL}(?:report\.|tables/|figures/|editions/\d+/[^"]+)[^"]*)"', old))
    assert f"{URL}editions/1/report.pdf" in own
    assert f"{URL}editions/1/figures/progressed/" in own
    assert all(link.startswith(f"{URL}editions/1/") for link in own)
    for link in own:
        response = Client().get(link)
        assert response.status_code == 200, link
    for path in ("", "figures/progressed/", "report.txt", "tables/about.csv", "tables/figures.csv"):
        content = Client().get(f"{URL}editions/1/{path}").content.decode()
        assert "旧版" in content, path
        assert "新しい目標です。" not in content
        assert "旧版" not in Client().get(URL + path).content.decode()
    data = json.loads(Client().get(f"{URL}editions/1/report.json").content)
    assert (data["edition"], data["superseded_by"]) == (1, 2)
    assert Client().get(f"{URL}editions/9/report.txt").status_code == 404
    assert Client().get(f"{URL}editions/9/figures/progressed.csv").status_code == 404


def test_an_edition_from_before_a_release_is_no_other_one(fy2020: CouncilYear) -> None:
    """What the form of reports has gained since is not told as a change, nor lost from open data."""
    meeting = Meeting.objects.get(number=1)
    meeting.prefill_attendance()
    meeting.attendances.update(status="present")
    edition = put_out()
    content = json.loads(json.dumps(edition.content))
    for name in ("trends", "lifted"):
        content.pop(name)
    for side in ("municipalities", "prefectures"):
        for row in content["roster"][side]:
            row.pop("kana"), row.pop("kind")
    content["roster"].pop("others"), content["roster"].pop("unit")
    for each in content["meetings"]:
        each.pop("attendances")
    edition.content, edition.content_hash = content, ""
    seal(edition).save()
    with pytest.raises(ValidationError, match="同じ内容"):
        put_out(kind="update", reason="更新")
    data = "/open-data/smart-jichitai/2020/"
    rows = Client().get(f"{data}organizations.json").json()["rows"]
    assert rows[0]["kana"] == "つし"
    assert rows[0]["kind"] == "市"
    attendance = Client().get(f"{data}attendance.json").json()["rows"]
    assert len(attendance) == 29
    assert {row["edition"] for row in attendance} == {""}
    assert "年次報告書 第1版の後に" not in Client().get(f"{URL}meetings/1/").content.decode()
    ReportSection.objects.filter(kind="goals").update(body="新しい目標です。")
    put_out(kind="update", reason="更新")
    assert "よみ" not in text(Client(), f"{URL}editions/")
