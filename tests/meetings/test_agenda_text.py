"""Real-looking 次第, each pasted from somewhere else, and what must be read from it."""

from datetime import date, time

import pytest

from meetings.agenda.reading import read_agenda
from members.common.text.clocks import find_times
from members.common.text.eras import find_date

ITEMS = ["RPAモデル事業について", "電子申請の取組状況について", "今後の進め方について"]
FROM_WORD = """令和2年度　第1回スマート自治体推進検討会議　次第

日　時：令和2年6月17日（水）　13時30分～15時00分
場　所：三重県庁　講堂（Web会議併用）

１　開会
２　議題
　（１）RPAモデル事業について
　（２）電子申請の取組状況について
　（３）今後の進め方について
３　その他
４　閉会
"""
PASTES = {
    "circled numbers": "① RPAモデル事業について\n② 電子申請の取組状況について\n③ 今後の進め方について",
    "circled without a blank": "①RPAモデル事業について\r\n②電子申請の取組状況について\r\n③今後の進め方について",
    "full-width numbers and tabs": "１．\tRPAモデル事業について\n２．\t電子申請の取組状況について\n３．\t今後の進め方について",
    "brackets": "(1) RPAモデル事業について\n(2)電子申請の取組状況について\n（３）今後の進め方について",
    "named": "議題1　RPAモデル事業について\n議題2　電子申請の取組状況について\n議題３：今後の進め方について",
    "named with ordinals": "議題（１）RPAモデル事業について\n議題（２）電子申請の取組状況について\n議題（３）今後の進め方について",
    "ordinals": "第1　RPAモデル事業について\n第2　電子申請の取組状況について\n第3　今後の進め方について",
    "kanji": "一　RPAモデル事業について\n二　電子申請の取組状況について\n三　今後の進め方について",
    "doubled bullets": "・① RPAモデル事業について\n・② 電子申請の取組状況について\n・・今後の進め方について",
    "bullets of a mail": "■RPAモデル事業について\n◆ 電子申請の取組状況について\n● 今後の進め方について",
    "cells of a sheet": "1\tRPAモデル事業について\t\n2\t電子申請の取組状況について\t\n3\t今後の進め方について\t",
    "a page break in between": (
        "1. RPAモデル事業について\n- 1 -\n\f2. 電子申請の取組状況について\n1/2ページ\n3. 今後の進め方について"
    ),
    "a wrapped line": "1. RPAモデル\n事業について\n2. 電子申請の取組状況について\n3. 今後の進め方について",
    "no bullets at all": "RPAモデル事業について\n電子申請の取組状況について\n今後の進め方について",
    "half brackets": "1) RPAモデル事業について\n2) 電子申請の取組状況について\n3) 今後の進め方について",
    "zero-width marks": "\ufeff1. RPAモデル事業について\u200b\n2. 電子申請の取組状況について\n3. 今後の進め方について",
    "nested in a frame": FROM_WORD,
}


@pytest.mark.parametrize("text", PASTES.values(), ids=PASTES.keys())
def test_items_are_read_whatever_they_look_like(text: str) -> None:
    proposal = read_agenda(text, 2020)
    # 「その他」 is an item where it stands as one.
    assert [item for item in proposal.items if item != "その他"] == ITEMS
    assert proposal.problems == []


def test_the_lines_above_the_items_are_read() -> None:
    proposal = read_agenda(FROM_WORD, 2020)
    assert proposal.number == 1
    assert proposal.held_on == date(2020, 6, 17)
    assert (proposal.start_time, proposal.end_time) == (time(13, 30), time(15, 0))
    assert proposal.place == "三重県庁　講堂"
    assert proposal.mode == "hybrid"


def test_numbers_inside_an_item_stay() -> None:
    text = "1 2025年問題について\n2 第1回会議結果等について\n3 5Gの活用について"
    assert read_agenda(text, 2020).items == [
        "2025年問題について",
        "第1回会議結果等について",
        "5Gの活用について",
    ]


def test_the_real_agendas_survive() -> None:
    titles = [
        "第1回スマート自治体推進検討会議結果等について",
        "Web会議の導入状況について",
        "テレワークシステムに関する意見交換",
        "令和2年度に県が市町と連携して実施する取組について",
        "AI・RPAに関する取組状況について",
    ]
    text = "\n".join(f"{mark}{title}" for mark, title in zip("①②③④⑤", titles, strict=True))
    assert read_agenda(text, 2020).items == titles


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("令和2年6月17日（水）", date(2020, 6, 17)),
        ("令和元年12月1日", date(2019, 12, 1)),
        ("R2.6.17", date(2020, 6, 17)),
        ("2020/6/17", date(2020, 6, 17)),
        ("2020年6月17日", date(2020, 6, 17)),
        ("6月17日（水）", date(2020, 6, 17)),
        ("2月5日", date(2021, 2, 5)),
        ("2/5", date(2021, 2, 5)),
        ("13月45日", None),
        ("日程は調整中", None),
    ],
)
def test_days(text: str, day: date | None) -> None:
    assert find_date(text, 2020) == day


@pytest.mark.parametrize(
    ("text", "times"),
    [
        ("13:30~15:00", (time(13, 30), time(15, 0))),
        ("午後1時30分から3時まで", (time(13, 30), time(15, 0))),
        ("10時から", (time(10, 0), None)),
        ("午前9時半~午前11時", (time(9, 30), time(11, 0))),
        ("終日", (None, None)),
    ],
)
def test_times(text: str, times: tuple[time | None, time | None]) -> None:
    assert find_times(text) == times


@pytest.mark.parametrize("text", ["", " \n　\n", "\x00\x00"])
def test_an_empty_paste_says_so(text: str) -> None:
    assert read_agenda(text, 2020).problems


def test_a_huge_paste_is_refused_at_once() -> None:
    proposal = read_agenda("①議題\n" * 40_000, 2020)
    assert "長すぎます（160,000文字）" in proposal.problems[0]
    assert proposal.items == []


def test_a_day_that_cannot_be_read_is_said() -> None:
    proposal = read_agenda("日時：未定\n1. 議題一について", 2020)
    assert proposal.held_on is None
    assert "開催日を読み取れませんでした" in proposal.problems[0]


def test_a_number_beside_the_day_is_the_meetings() -> None:
    found = read_agenda("第25回　令和9年3月11日（木）14時から\n１ 開会\n２ 閉会", 2026)
    assert (found.number, found.held_on, found.start_time) == (25, date(2027, 3, 11), time(14))
