"""What a fifteenth attack found: a slow summary, an answer thanked for and lost, names parted by readings."""

import copy
import time
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.test import Client

from council.editions.redaction import places, redact, redacted_in, without
from council.editions.stored import report_of_edition
from council.models import AnnualReport
from council.publishing.publication import next_edition
from council.publishing.summaries import check_summary
from meetings.models import Meeting, Remark
from meetings.remarks.lifecycle import decide
from members.common.snapshot import serialize
from members.models import CouncilYear
from surveys.models import Mailing
from surveys.running.mailing import queue_mailing
from tests import factories
from tests.council.test_summaries import write
from tests.meetings.test_remarks import FROZEN, answer, links, meeting, tsu
from tests.publishing import publish

__all__ = ["links", "meeting", "tsu"]
pytestmark = pytest.mark.django_db


@pytest.fixture
def report(fy2020: CouncilYear) -> AnnualReport:
    return AnnualReport.objects.get()


# --- What is read is bounded ---


@pytest.mark.parametrize("word", ["a", "漢", "1", "10,", "a@", "a.", "three ", "漢《", "《", "|漢"])
@pytest.mark.parametrize("kind", ["summary-en", "summary-easy"])
def test_one_long_run_in_a_summary_holds_nobody(report: AnnualReport, kind: str, word: str) -> None:
    built = next_edition(report).report
    section = report.sections.get(kind=kind)
    section.body = word * (200_000 // len(word))
    began = time.process_time()
    check_summary(section, built)
    assert time.process_time() - began < 4


# --- A remark that was decided while a body wrote ---


@pytest.mark.parametrize("is_accepted", [True, False])
def test_what_is_sent_after_the_decision_is_not_thanked_for(
    tsu: tuple[Client, str], meeting: Meeting, staff: User, is_accepted: bool
) -> None:
    client, url = tsu
    client.post(url, answer(meeting, "propose", "はじめの案"))
    sent = answer(meeting, "propose", "よりよい案", "数字を直した")
    remark = Remark.objects.get()
    decide(remark, staff, accept=is_accepted, seen=remark.fingerprint)
    response = client.post(url, sent)
    page = response.content.decode()
    assert response.status_code == 422
    assert "事務局が処理しました" in page
    assert "よりよい案" in page
    assert "数字を直した" in page
    assert "受け付けました。" not in page
    remark.refresh_from_db()
    assert remark.proposal == "はじめの案"
    # The page as it is now sends nothing of what is decided.
    assert client.post(url, {}).status_code == 302


def test_the_same_sent_again_is_what_is_there(tsu: tuple[Client, str], meeting: Meeting, staff: User) -> None:
    client, url = tsu
    sent = answer(meeting, "propose", "はじめの案")
    client.post(url, sent)
    remark = Remark.objects.get()
    decide(remark, staff, accept=False, seen=remark.fingerprint)
    assert client.post(url, sent).status_code == 302
    assert meeting.minute_entries.filter(body=FROZEN).exists()


# --- Mails ---


@pytest.mark.parametrize("place", ["{リンク}", "{窓口リンク}"])
def test_no_link_stands_in_a_subject(place: str, staff: User) -> None:
    target = factories.target(factories.survey(factories.council_year()))
    with pytest.raises(ValidationError, match="件名にリンクは入れられません"):
        queue_mailing(
            target.survey, Mailing.Kind.INVITATION, f"お願い {place}", "{リンク}", {target.pk}, by=staff
        )


def test_a_subject_is_one_line(staff_client: Client) -> None:
    target = factories.target(factories.survey(factories.council_year()))
    path = f"/admin/surveys/survey/{target.survey_id}/mail/invitation/"
    sent = {"subject": "お願い\r\nBcc: evil@example.jp", "body": "{リンク}", "target": [target.pk]}
    staff_client.post(path, {**sent, "preview": "1"})
    page: Any = staff_client.post(path, {**sent, "send": "1"})
    assert page.status_code in {200, 302, 422}
    assert not Mailing.objects.filter(subject__contains="\n").exists()


# --- Readings part no name ---


def test_a_name_with_its_readings_is_found_and_goes(report: AnnualReport) -> None:
    write(
        report,
        "summary-easy",
        "山田《やまだ》太郎《たろう》さんが　話《はな》しました。",
        "山田《やまだ》さんの　話《はなし》",
    )
    publish(report)
    edition = report.editions.get()
    assert report_of_edition(edition).summaries[0].heading == "山田さんの　話"
    found = places(edition.content, "山田太郎")
    assert [place.words for place in found] == ["山田", "太郎"]
    content = without(copy.deepcopy(edition.content), found)
    (paragraph,) = content["summaries"][0]["paragraphs"]
    assert "".join(each["text"] for each in paragraph["segments"]).startswith("［墨消し］［墨消し］さんが")
    assert not [
        each["ruby"] for each in paragraph["segments"] if each["text"] == "［墨消し］" and each["ruby"]
    ]


def test_one_that_comes_back_in_bold_or_with_readings_is_warned_of(report: AnnualReport, staff: User) -> None:
    write(report, "summary-easy", "山田太郎さんが　話《はな》しました。")
    publish(report)
    edition = report.editions.get()
    chosen = {place.key for place in places(edition.content, "山田太郎")}
    redact(
        edition.pk, staff, words="山田太郎", chosen=chosen, seen=edition.state_hash, reason="誤って載せたため"
    )
    for again in ("山田《やまだ》太郎《たろう》さん", "山田**太郎**さん"):
        write(report, "summary-easy", again)
        assert redacted_in(report, serialize(next_edition(report).report)) == ["やさしい日本語の要約"]
