"""Typed numbers against a labelled corpus, written by people who had not seen the checklist."""

import csv
import re
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.test import Client

from council.models import LiftedNumber, ReportSection
from council.numbers.claims import Contradiction, contradictions, doubts
from council.publishing.publication import publication
from council.report.build import Report
from members.common.publication.findings import errors_of, warnings_of
from members.models import CouncilYear
from surveys.results.indicator_tallies import Tally
from tests.council.test_editions import the_report
from tests.council.whole_report import whole_report
from tests.publishing import publish

FOLDER = Path(__file__).with_name("numbers")
# What the figures of each corpus are: name, how many of 28.
FIGURES = {
    "first": (("自治体DXが進んだ市町の割合", 24), ("取組状況の情報が役に立った市町の割合", 27)),
    "second": (("自治体DXが進んだ市町の割合", 24), ("取組状況の情報が役に立った市町の割合", 27)),
    "third": (("検討が進んだ市町の割合", 24), ("知識が深まった市町の割合", 26)),
}


def report_with(figures: tuple[tuple[str, int], ...], base: int = 28) -> Report:
    moment = datetime(2021, 3, 1, tzinfo=UTC)
    tallies = tuple(
        Tally(f"figure-{place}", name, name, "市町", "調査", "", count, base, base, moment)
        for place, (name, count) in enumerate(figures)
    )
    return replace(
        whole_report(), council="スマート自治体推進検討会議", year=2020, figures=tallies, details=()
    )


def corpus(name: str) -> list[dict[str, str]]:
    with (FOLDER / f"{name}.tsv").open(encoding="utf-8") as file:
        return list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))


def test_precision_and_recall(capsys: pytest.CaptureFixture[str]) -> None:
    right, wrong, missed, size = 0, [], [], 0
    for path in sorted(FOLDER.glob("*.tsv")):
        report = report_with(FIGURES[path.stem])
        for row in corpus(path.stem):
            size += 1
            found = bool(contradictions(row["sentence"].replace("\\n", "\n"), report))
            expected = row["label"] == "contradiction"
            right += found and expected
            wrong += [row["id"]] if found and not expected else []
            missed += [row["id"]] if expected and not found else []
    precision, recall = right / (right + len(wrong)), right / (right + len(missed))
    with capsys.disabled():
        print(f"\ntyped numbers: {size} sentences, precision {precision:.3f}, recall {recall:.3f}")  # noqa: T201
    assert size >= 150
    assert precision >= 0.95, wrong
    assert recall >= 0.95, missed


PLAIN = report_with((("検討が進んだ市町の割合", 24), ("知識が深まった市町の割合", 24)))


@pytest.mark.parametrize(
    "number",
    [
        "84%",
        "８４％",
        "84パーセント",
        "八割四分",
        "八十四％",
        "半数",
        "3分の2",
        "25市町",
        "25の市町",
        "25自治体",
        "二十五市町",
        "28市町中25",
        "25／28",
        "全市町",
        "24市町中28市町",
        "23市町",
        "およそ7割",
    ],
)
def test_each_way_of_writing_it_wrong(number: str) -> None:
    assert contradictions(f"検討が進んだのは{number}でした。", PLAIN)


@pytest.mark.parametrize(
    "number",
    [
        "86%",
        "85.7%",
        "約9割",
        "八割六分",
        "24市町",
        "二十四の市町",
        "28市町中24",
        "24／28",
        "過半数",
        "8割以上",
        "7分の6",
        "4分の3以上",
        "9割弱",
        "85%程度",
        "80%台",
    ],
)
def test_what_is_true_passes(number: str) -> None:
    assert contradictions(f"検討が進んだのは{number}でした。", PLAIN) == []


@pytest.mark.parametrize(
    "sentence",
    [
        "予算の20%を充て、検討が進んだ",
        "令和2年度に検討が進んだ",
        "第3回で検討が進んだ",
        "全国1,741市町村で検討が進んだ",
        "3市町村合併で検討が進んだ",
        "29市町のうち28市町が出席し、検討が進んだ",
        "検討が進まなかった4市町",
        "スマート自治体推進検討会議は84%の出席率で進んだ",
        "前年度の79%から検討が進んだ",
    ],
)
def test_other_numbers_are_left_alone(sentence: str) -> None:
    assert contradictions(sentence, PLAIN) == []


def test_numbers_that_name_no_figure_are_worth_a_look() -> None:
    assert [each.number for each in doubts("割合は84%でした。25市町が答えました。", PLAIN)] == [
        "84%",
        "25市町",
    ]
    assert doubts("割合は86%でした。24市町が答え、28市町が参加しました。回答率は100%。", PLAIN) == []


@pytest.mark.django_db
def test_a_contradiction_blocks_until_this_very_wording_is_let_stand(
    fy2020: CouncilYear, staff_client: Client
) -> None:
    wording = "検討が進んだ市町は25市町でした"
    ReportSection.objects.filter(kind="outcomes").update(body=f"{wording}。")
    path = f"/admin/council/annualreport/{the_report().pk}/publication/"
    with pytest.raises(ValidationError, match="25市町"):
        publish(the_report())

    def post(reason: str, step: str = "lift") -> str:
        key = re.search(r'name="key" value="(\w+)"', staff_client.get(path).content.decode())
        data = {"step": step, "seen": "x", "key": key[1] if key else "", "reason": reason}
        return staff_client.post(path, data, follow=True).content.decode()

    assert "公開する理由を入力してください" in post(" ")
    assert "認めました" in post("追加の聞き取りで1市町を加えたため")
    findings = publication.candidate(the_report()).findings
    assert errors_of(findings) == []
    assert any("追加の聞き取り" in text for text in warnings_of(findings))
    edition = publish(the_report())
    assert edition.content["lifted"] == [{"wording": wording, "reason": "追加の聞き取りで1市町を加えたため"}]
    assert (
        "追加の聞き取りで1市町を加えたため" in Client().get("/councils/smart-jichitai/2020/").content.decode()
    )
    # What was let stand can be put back; and it was let stand beside this figure only.
    assert "認めないことに戻しました" in post("", "put-back")
    assert errors_of(publication.candidate(the_report()).findings)
    assert "認めました" in post("追加の聞き取りで1市町を加えたため")
    assert errors_of(publication.candidate(the_report()).findings) == []
    LiftedNumber.objects.update(key=Contradiction(wording, "25市町", ("別の値",)).key)
    assert errors_of(publication.candidate(the_report()).findings)
    # Another wording is checked anew.
    ReportSection.objects.filter(kind="outcomes").update(body="検討が進んだ市町は26市町でした。")
    with pytest.raises(ValidationError, match="26市町"):
        publish(the_report(), kind="update", reason="更新")


@pytest.mark.django_db
def test_a_wording_that_is_gone_is_not_let_stand(fy2020: CouncilYear, staff_client: Client) -> None:
    path = f"/admin/council/annualreport/{the_report().pk}/publication/"
    data: dict[str, Any] = {"step": "lift", "seen": "x", "key": "0" * 64, "reason": "理由"}
    assert "その文か指標は、今は違います" in staff_client.post(path, data).content.decode()


def test_a_sentence_is_shown_as_it_was_written() -> None:
    (found,) = contradictions("検討が進んだ市町は２５\n市町（㈱含む）でした。", PLAIN)
    assert found.sentence == "検討が進んだ市町は２５市町（㈱含む）でした"


@pytest.mark.parametrize("digits", ["1" * 5000, "百" * 300, "〇" * 5000, "二十百" * 20])
def test_a_run_of_digits_is_no_fault(digits: str) -> None:
    for text in (
        f"検討が進んだ{digits}市町のうち84%が進んだ。",
        f"{digits}市町を除く全市町で検討が進んだ。",
        f"検討が進んだ市町は{digits}市町でした。",
        f"検討が進んだ市町は{digits}%でした。",
    ):
        contradictions(text, PLAIN)
        doubts(text, PLAIN)
