"""Open data: public records only, with stable columns that are explained."""

import csv
import io
import json
import re
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from auditlog.models import LogEntry
from django.db import connection
from django.template.defaultfilters import filesizeformat
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from council.models import AnnualReport
from council.open_data.tables import DATASETS
from council.report.tables import TABLES as REPORT_TABLES
from meetings.models import Meeting
from members.models import CouncilYear
from surveys.models import Survey
from tests import factories
from tests.publishing import publish

pytestmark = pytest.mark.django_db
BASE = "/open-data/smart-jichitai/2020"
REPORT = "/councils/smart-jichitai/2020"
ROWS = {"organizations": 29, "members": 43, "meetings": 3, "agenda": 14, "minutes": 17, "results": 8}


def rows(name: str) -> list[dict[str, str]]:
    content = Client().get(f"{BASE}/{name}.csv").content
    assert content.startswith(b"\xef\xbb\xbf")
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def test_every_table_in_both_forms_says_the_same(fy2020: CouncilYear) -> None:
    for dataset in DATASETS:
        table = rows(dataset.name)
        content = json.loads(Client().get(f"{BASE}/{dataset.name}.json").content)
        assert len(table) == len(content["rows"])
        assert len(table) == ROWS.get(dataset.name, len(table)), dataset.name
        assert list(content["columns"]) == [column.key for column in dataset.columns]
        if table:
            assert list(table[0]) == dataset.headers
    assert {row["団体コード"] for row in rows("members")} >= {"242012", "240001"}
    note = rows("results")[0]["注記"]
    assert "実際の回答ではありません" in note


def test_the_catalogue_explains_and_leads_to_each(fy2020: CouncilYear) -> None:
    page = Client().get("/open-data/").content.decode()
    assert "CC BY 4.0" in page
    catalogue = json.loads(Client().get("/open-data/catalog.jsonld").content)
    tables = [each for each in catalogue["dcat:dataset"] if "/open-data/" in each["dcat:landingPage"]["@id"]]
    assert len(tables) == len(DATASETS)
    for dataset in tables:
        for distribution in dataset["dcat:distribution"]:
            path = distribution["dcat:downloadURL"]["@id"].removeprefix("https://testserver")
            assert path in page
            assert Client().get(path).status_code == 200


def test_what_is_made_up_stands_behind_what_is_real(fy2020: CouncilYear) -> None:
    council = factories.council(slug="made-up", name="（架空）見本の会議", is_fictional=True)
    factories.council_year(council=council, year=2026)
    html = Client().get("/open-data/").content.decode()
    assert html.index(fy2020.council.name) < html.index(council.name)


def test_nothing_unpublished_is_open(fy2020: CouncilYear, staff_client: Client) -> None:
    Meeting.objects.filter(number=1).update(record_status="draft", is_announced=False)
    Survey.objects.update(results_public=False)
    # Staff who are logged in get the same file as everybody.
    for client in (Client(), staff_client):
        content = client.get(f"{BASE}/meetings.csv").content.decode("utf-8-sig")
        assert "第1回" not in content
        assert client.get(f"{BASE}/results.json").json()["rows"] == []
    CouncilYear.objects.update(is_public=False)
    assert Client().get(f"{BASE}/members.csv").status_code == 404
    assert staff_client.get(f"{BASE}/members.csv").status_code == 404
    assert Client().get("/open-data/catalog.jsonld").json()["dcat:dataset"] == []


def test_unchanged_data_is_not_sent_again(fy2020: CouncilYear) -> None:
    first = Client().get(f"{BASE}/members.csv")
    again = Client().get(f"{BASE}/members.csv", headers={"If-None-Match": first["ETag"]})
    assert again.status_code == 304
    factories.membership(fy2020)
    assert Client().get(f"{BASE}/members.csv", headers={"If-None-Match": first["ETag"]}).status_code == 200


@pytest.mark.parametrize("path", ["secrets.csv", "members.exe", "../../admin/"])
def test_no_other_table_is_there(fy2020: CouncilYear, path: str) -> None:
    assert Client().get(f"{BASE}/{path}").status_code == 404


def test_queries_do_not_grow(fy2020: CouncilYear, django_assert_max_num_queries) -> None:  # type: ignore[no-untyped-def]
    for _ in range(10):
        factories.membership(fy2020)
    for dataset in DATASETS:
        # The first time a content is handed out, that time is kept.
        Client().get(f"{BASE}/{dataset.name}.json")
        with django_assert_max_num_queries(18):
            Client().get(f"{BASE}/{dataset.name}.json")


def test_a_table_says_since_when_nothing_changed(fy2020: CouncilYear) -> None:
    url = f"{BASE}/members.csv"
    membership = factories.membership(fy2020)
    LogEntry.objects.update(timestamp=datetime(2026, 4, 1, tzinfo=UTC))
    first = Client().get(url)
    assert first["Last-Modified"] == "Wed, 01 Apr 2026 00:00:00 GMT"
    known = {"If-Modified-Since": first["Last-Modified"]}
    assert Client().get(url, headers=known).status_code == 304
    assert (
        Client().get(url, headers={"If-Modified-Since": "Tue, 31 Mar 2026 00:00:00 GMT"}).status_code == 200
    )
    # An ETag says more than a time.
    assert Client().get(url, headers={**known, "If-None-Match": '"other"'}).status_code == 200
    membership.post = "課長"
    membership.save()
    changed = Client().get(url, headers=known)
    assert changed.status_code == 200
    assert changed["ETag"] != first["ETag"]


def test_a_read_writes_nothing(fy2020: CouncilYear) -> None:
    """With the database locked by somebody who writes, a GET of open data failed."""
    for dataset in DATASETS:
        with CaptureQueriesContext(connection) as queries:
            Client().get(f"{BASE}/{dataset.name}.json")
        assert not [q["sql"] for q in queries if not q["sql"].lstrip("( ").upper().startswith("SELECT")]


def test_pages_tell_machines_what_they_are_about(fy2020: CouncilYear) -> None:
    def about(path: str) -> dict[str, Any]:
        page = Client().get(path).content.decode()
        found = re.search(r'<script type="application/ld\+json">(.*?)</script>', page, re.S)
        assert found
        return dict(json.loads(found[1]))

    catalogue = about("/open-data/")
    assert catalogue["@type"] == "DataCatalog"
    assert len(catalogue["dataset"]) == len(DATASETS)
    Meeting.objects.filter(number=1).update(place="</script><b>")
    meeting = about("/councils/smart-jichitai/2020/meetings/1/")
    assert (meeting["@type"], meeting["startDate"]) == ("Event", "2020-06-17")
    assert meeting["eventAttendanceMode"].endswith("OnlineEventAttendanceMode")
    assert meeting["location"]["name"] == "</script><b>"


def test_a_withdrawn_record_leaves_open_data_at_once_and_comes_back(
    fy2020: CouncilYear, staff_client: Client
) -> None:
    """The report keeps what it told; data that anybody takes along does not give it out any more."""
    publish(AnnualReport.objects.get())
    url = f"{BASE}/minutes.csv"
    first = Client().get(url)
    meeting = Meeting.objects.get(number=1)
    body = meeting.minute_entries.first().body.splitlines()[0]  # type: ignore[union-attr]
    assert body in first.content.decode()
    page = f"/admin/meetings/meeting/{meeting.pk}/publication/"
    done = staff_client.post(page, {"step": "withdraw", "reason": "確認のため"}, follow=True)
    assert "報告書の新しい版も公開してください" in done.content.decode()
    # Times are told to the second; the withdrawal comes later than the publication.
    Meeting.objects.filter(number=1).update(withdrawn_at=timezone.now() + timedelta(hours=1))
    hidden = Client().get(url, headers={"If-Modified-Since": first["Last-Modified"]})
    assert hidden.status_code == 200
    assert body not in hidden.content.decode()
    assert body in Client().get("/councils/smart-jichitai/2020/").content.decode()
    # Undone: what was there is there again, also for who asks by the time alone.
    staff_client.post(page, {"step": "undo"}, follow=True)
    again = Client().get(url, headers={"If-Modified-Since": hidden["Last-Modified"]})
    assert again.status_code == 200
    assert again.content == first.content


def test_each_dataset_says_its_rows_size_and_day(fy2020: CouncilYear) -> None:
    html = Client().get("/open-data/").content.decode()
    for dataset in DATASETS:
        file = Client().get(f"{BASE}/{dataset.name}.csv").content
        count = f'<td class="number">{len(rows(dataset.name))}</td>'
        size = filesizeformat(len(file))
        assert re.search(rf"{dataset.title}<span.*?{count}.*?CSV<span.*?{size}", html, re.DOTALL), (
            dataset.name
        )
        page = Client().get(f"{BASE}/{dataset.name}/").content.decode()
        assert f"<dd>{len(rows(dataset.name))}行</dd>" in page


def test_counts_follow_what_is_public(fy2020: CouncilYear, staff: Any) -> None:
    Client().get("/open-data/")
    meeting = fy2020.meetings.get(number=3)
    meeting.is_announced, meeting.record_status = False, "draft"
    meeting.save()
    html = Client().get("/open-data/").content.decode()
    assert re.search(r'>会議<span.*?<td class="number">2</td>', html, re.DOTALL)


def test_a_catalogue_of_many_years_asks_no_more_once_counted(
    fy2020: CouncilYear, django_assert_max_num_queries: Any
) -> None:
    for year in range(2010, 2020):
        factories.council_year(council=fy2020.council, year=year)
    Client().get("/open-data/")
    with django_assert_max_num_queries(6):
        Client().get("/open-data/")


def test_the_dictionary_has_every_column_of_every_file(fy2020: CouncilYear) -> None:
    publish(AnnualReport.objects.get())
    html = Client().get("/open-data/dictionary/").content.decode()
    for prefix, base, tables in (("", BASE, DATASETS), ("report-", REPORT, REPORT_TABLES)):
        for table in tables:
            path = f"{base}/{table.name}.csv" if not prefix else f"{base}/tables/{table.name}.csv"
            content = Client().get(path).content.decode("utf-8-sig")
            heads = next(csv.reader(io.StringIO(content, newline="")))
            section = html[html.index(f'id="{prefix}{table.name}"') :].partition("</table>")[0]
            told = re.findall(r'<th scope="row">([^<]*)</th>', section)
            # Files of a report name their edition at the end, which is said once.
            assert told == heads[: len(heads) - (3 if prefix else 0)], table.name
            assert all(column.meaning for column in table.columns), table.name


def test_cells_are_of_the_type_that_the_dictionary_says(fy2020: CouncilYear) -> None:
    publish(AnnualReport.objects.get())
    read = {"string": str, "integer": int, "date": date.fromisoformat, "dateTime": datetime.fromisoformat}
    for base, tables in ((BASE, DATASETS), (f"{REPORT}/tables", REPORT_TABLES)):
        for table in tables:
            content = Client().get(f"{base}/{table.name}.csv").content.decode("utf-8-sig")
            for row in csv.DictReader(io.StringIO(content, newline="")):
                for column in table.columns:
                    if value := row[column.label]:
                        read[column.datatype](value)
