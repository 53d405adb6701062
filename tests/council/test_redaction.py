"""A name that should not have been published goes for good, in the open, and the chain still holds."""

import json
import subprocess
import sys
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from auditlog.models import LogEntry
from django.core.management import CommandError, call_command
from django.test import Client
from docx import Document

from council.editions.redaction import MARK, places, redact
from council.editions.verification import all_faults, public_list
from council.editions.verification_views import script
from council.models import AnnualReport, ReportEdition
from council.publishing.files import make_missing
from council.publishing.publication import publication
from members.common.merging import digest
from members.models import AuditEntry, CouncilYear
from tests.publishing import publish

pytestmark = pytest.mark.django_db
URL = "/councils/smart-jichitai/2020/"
NAME = "髙橋 太郎"
TEXT = f"住民の{NAME}さんから意見がありました。高橋太郎さんの意見は森林環境税にも及びました。"
REASON = "個人の氏名を誤って掲載したため"


@pytest.fixture
def report(fy2020: CouncilYear) -> AnnualReport:
    report = AnnualReport.objects.get()
    report.sections.filter(kind="goals").update(body=TEXT)
    publish(report)
    report.sections.filter(kind="goals").update(body="直した目標です。")
    publish(report, kind="correction", reason="誤りのため")
    return report


@pytest.fixture
def edition(report: AnnualReport) -> ReportEdition:
    return report.editions.get(number=1)


def screen(edition: ReportEdition) -> str:
    return f"/admin/council/annualreport/{edition.report_id}/editions/{edition.number}/redaction/"


def post(client: Client, edition: ReportEdition, words: str, step: str = "redact", **values: Any) -> Any:
    found = [place.key for place in places(edition.content, words)]
    data = {"words": words, "reason": REASON, "seen": edition.state_hash, "place": found, step: "1"}
    return client.post(screen(edition), data | values)


def test_the_places_are_shown_before_anything_goes(staff_client: Client, edition: ReportEdition) -> None:
    for words in ("高橋太郎", "髙橋　太郎"):
        assert "（2か所）" in post(staff_client, edition, words, "find").content.decode()
    page = post(staff_client, edition, "高橋 太郎", "find").content.decode()
    assert "本文「取組目標」" in page
    assert "<mark>髙橋 太郎</mark>さんから" in page
    edition.refresh_from_db()
    assert edition.redactions == []


def test_the_words_are_gone_from_every_face(staff_client: Client, edition: ReportEdition) -> None:
    pinned = f"{URL}editions/1/"
    assert NAME in Client().get(pinned).content.decode()
    assert post(staff_client, edition, NAME).status_code == 302
    for path in ("", "report.json", "report.txt", "tables/figures.csv"):
        text = Client().get(pinned + path).content.decode()
        assert "橋" not in text, path
    page = Client().get(pinned).content.decode()
    assert MARK in page
    assert REASON in page
    assert "森林環境税" in page
    assert Client().get(f"{pinned}report.docx").status_code == 503
    make_missing()
    word = Document(BytesIO(Client().get(f"{pinned}report.docx").content))
    assert "橋" not in "\n".join(paragraph.text for paragraph in word.paragraphs)
    history = Client().get(f"{URL}editions/").content.decode()
    assert "橋" not in history
    assert f"墨消し：2か所（{REASON}）" in history


def test_the_edition_in_force_is_found_by_the_words_no_more(
    staff_client: Client, report: AnnualReport
) -> None:
    report.sections.filter(kind="goals").update(body=TEXT)
    publish(report, kind="correction", reason="戻したため")
    newest = report.editions.get(number=3)
    found = "「取組目標」"
    assert found in Client().get("/search/", {"q": "森林環境税 高橋太郎"}).content.decode()
    post(staff_client, newest, "高橋太郎")
    assert found not in Client().get("/search/", {"q": "森林環境税 高橋太郎"}).content.decode()
    assert found in Client().get("/search/", {"q": "森林環境税"}).content.decode()


def test_the_chain_holds_and_the_original_hash_stays(staff_client: Client, edition: ReportEdition) -> None:
    before = (edition.content_hash, edition.chain_hash, edition.signature)
    following = edition.report.editions.get(number=2)
    post(staff_client, edition, NAME)
    edition.refresh_from_db()
    assert (edition.content_hash, edition.chain_hash, edition.signature) == before
    assert edition.report.editions.get(number=2).previous_hash == following.previous_hash
    assert all_faults()[1] == []
    stated = next(each for each in public_list() if "redaction" in each)["redaction"]["statement"]
    assert stated["content_hash"] == digest(edition.content) != edition.content_hash
    # One more byte in the database, or another reason, is a forgery.
    edition.redactions[0]["reason"] = "別の理由"
    edition.save()
    assert "墨消しの記録が署名と合いません。" in all_faults()[1][0]
    assert Client().get(f"{URL}editions/1/").status_code == 503
    edition.content["title"] = "別の題"
    edition.shown_hash = digest(edition.content)
    edition.save()
    assert all_faults()[1]


def test_nobody_can_try_names_against_the_hash(staff_client: Client, edition: ReportEdition) -> None:
    """Who knows all the rest, and the very words, does not come to the hash of what was published."""
    assert len(edition.content["nonce"]) == 32
    whole = dict(edition.content)
    post(staff_client, edition, NAME)
    data = json.loads(Client().get(f"{URL}editions/1/report.json").content)
    assert "nonce" not in data["report"]
    del whole["nonce"]
    assert digest(whole) != data["content_hash"]


def test_a_rewritten_edition_cannot_pass_as_redacted(edition: ReportEdition) -> None:
    edition.content["title"] = "書き換えた題"
    edition.shown_hash = digest(edition.content)
    edition.redactions = [{"at": "2026-01-01T00:00:00.000000Z", "reason": "偽り", "places": 1}]
    edition.redaction_signature = edition.signature
    edition.save()
    assert Client().get(f"{URL}editions/1/").status_code == 503


def test_anybody_checks_the_file_of_a_redacted_edition(
    staff_client: Client, edition: ReportEdition, tmp_path: Path
) -> None:
    post(staff_client, edition, NAME)
    content = Client().get(f"{URL}editions/1/report.json").content
    (tmp_path / "verify_edition.py").write_text(script())

    def verify(data: bytes) -> str:
        (tmp_path / "report.json").write_bytes(data)
        command = [sys.executable, str(tmp_path / "verify_edition.py"), str(tmp_path / "report.json")]
        return subprocess.run(command, capture_output=True, text=True, check=False).stdout

    assert verify(content).startswith("OK")
    assert "（墨消しあり）" in verify(content)
    data = json.loads(content)
    data["report"]["title"] = "別の題"
    assert verify(json.dumps(data).encode()).startswith("NG")


@pytest.mark.parametrize("reason", ["", "　　", "高橋太郎の氏名のため", "髙橋太郎 のため"])
def test_a_reason_is_wanted_that_does_not_say_it_again(
    staff_client: Client, edition: ReportEdition, reason: str
) -> None:
    response = post(staff_client, edition, "高橋太郎", reason=reason)
    assert response.status_code == 422
    assert "理由" in response.content.decode()
    edition.refresh_from_db()
    assert edition.redactions == []


def test_only_what_is_chosen_goes(staff_client: Client, edition: ReportEdition) -> None:
    found = places(edition.content, "森")
    assert [place.after[:3] for place in found] == ["林環境"]
    assert "場所を1つ以上" in post(staff_client, edition, "森", place=[]).content.decode()
    found = places(edition.content, "意見")
    post(staff_client, edition, "意見", place=[found[0].key])
    edition.refresh_from_db()
    assert len(places(edition.content, "意見")) == len(found) - 1
    assert edition.redactions[0]["places"] == 1


def test_two_at_once_lose_nothing(staff_client: Client, edition: ReportEdition) -> None:
    stale = ReportEdition.objects.get(pk=edition.pk)
    post(staff_client, edition, NAME)
    response = post(staff_client, stale, "森林")
    assert response.status_code == 422
    assert "別の職員が" in response.content.decode()
    edition.refresh_from_db()
    assert len(edition.redactions) == 1
    assert post(staff_client, edition, "森林").status_code == 302
    edition.refresh_from_db()
    assert len(edition.redactions) == 2
    assert not places(edition.content, NAME)


def test_other_editions_that_hold_the_words_are_named(staff_client: Client, report: AnnualReport) -> None:
    report.sections.filter(kind="goals").update(body=TEXT)
    publish(report, kind="correction", reason="戻したため")
    page = post(staff_client, report.editions.get(number=3), NAME, "find").content.decode()
    assert "ほかの版にもあります" in page
    assert "第1版</a>（2か所）" in page
    assert "公開サイトのほかの場所" in page


def test_withdrawing_and_showing_again_brings_nothing_back(
    staff_client: Client, report: AnnualReport, staff: Any, edition: ReportEdition
) -> None:
    publication.withdraw(report, staff, "確かめるため")
    assert post(staff_client, edition, NAME).status_code == 302
    report.refresh_from_db()
    publication.restore(report, staff)
    assert NAME not in Client().get(f"{URL}editions/1/").content.decode()


def test_the_act_is_told_and_the_words_are_not(
    staff_client: Client, staff: Any, edition: ReportEdition
) -> None:
    known = set(LogEntry.objects.values_list("pk", flat=True))
    post(staff_client, edition, NAME)
    entry = AuditEntry.objects.get(title="年次報告書：版の墨消し")
    assert (entry.reason, entry.who) == (REASON, staff.username)
    told = str(list(LogEntry.objects.exclude(pk__in=known).values()))
    assert NAME not in told
    assert "2か所" in told
    assert "本文「取組目標」" in told


def test_a_lost_key_signs_again_only_what_the_list_vouches_for(
    staff_client: Client, edition: ReportEdition, tmp_path: Path, settings: Any
) -> None:
    before = tmp_path / "before.json"
    before.write_text(json.dumps({"editions": public_list()}))
    post(staff_client, edition, NAME)
    after = tmp_path / "after.json"
    after.write_text(json.dumps({"editions": public_list()}))
    settings.EDITION_KEY, settings.SECRET_KEY = "another-key", "another-secret"
    assert all_faults()[1]
    with pytest.raises(CommandError, match="墨消しが控えと違います"):
        call_command("verify_editions", against=before, sign_again=True)
    call_command("verify_editions", against=after, sign_again=True)
    assert all_faults()[1] == []


def test_what_was_taken_out_does_not_come_back_unseen(
    staff_client: Client, report: AnnualReport, edition: ReportEdition
) -> None:
    sentence = "以前の版で墨消しした言葉が入っています"
    post(staff_client, edition, NAME)
    screen = f"/admin/council/annualreport/{report.pk}/publication/"
    assert sentence not in staff_client.get(screen).content.decode()
    report.sections.filter(kind="situation").update(body="高橋\u3000太郎さんの意見。")
    assert f"本文「現状および課題」に、{sentence}" in staff_client.get(screen).content.decode()
    assert NAME not in str(list(ReportEdition.objects.filter(number=1).values()))


def test_only_who_publishes_redacts(edition: ReportEdition, staff: Any, staff_client: Client) -> None:
    staff.groups.remove(staff.groups.get(name="事務局責任者"))
    assert staff_client.get(screen(edition)).status_code == 403
    assert post(staff_client, edition, NAME).status_code == 403
    edition.refresh_from_db()
    assert edition.redactions == []


def test_nothing_is_redacted_in_an_edition_that_fails_its_check(
    staff_client: Client, edition: ReportEdition, staff: Any
) -> None:
    edition.content["title"] = "書き換えた題"
    edition.save()
    assert staff_client.get(screen(edition)).status_code == 503
    with pytest.raises(Exception, match="ハッシュ値と合いません"):
        redact(edition.pk, staff, words=NAME, chosen=set(), seen=edition.state_hash, reason=REASON)
