"""Minutes as offices write them: who spoke, what was asked and answered, decided and left to do."""

from datetime import date

import pytest

from meetings.minutes.reading import EntryProposal, read_minutes
from meetings.minutes.tasks import Days

SPEAKERS = {
    "d1": "津市 情報政策課", "d2": "津市 市民課", "d3": "伊勢市 情報戦略局", "d4": "明和町 総務課",
    "d5": "みほん県 デジタル課", "d6": "四日市市 ICT戦略課", "d7": "松阪市 市民課", "g1": "みほん大学",
}  # fmt: skip
DAYS = Days(date(2020, 11, 27), date(2021, 2, 18))


def read(text: str) -> list[EntryProposal]:
    return read_minutes(text, {"a1": "更改について"}, SPEAKERS, DAYS).entries


@pytest.mark.parametrize(
    ("line", "speaker", "name", "body"),
    [
        ("【明和町】厳しい。", "d4", "", "厳しい。"),
        ("（伊勢市）：採れない。", "d3", "", "採れない。"),
        ("情報戦略局：採れない。", "d3", "", "採れない。"),
        ("津市情報政策課：進める。", "d1", "", "進める。"),
        # A body of two sections, or a section that two bodies have, is nobody's for certain.
        ("【津市】進める。", "", "津市", "進める。"),
        ("市民課：進める。", "", "市民課", "進める。"),
        ("○伊勢市（藤田君）　進める。", "d3", "", "進める。"),
        ("○会長（山本君）　開会する。", "", "会長（山本君）", "開会する。"),
        ("会　長　開会する。", "", "会長", "開会する。"),
        ("事務局\t承知した。", "", "事務局", "承知した。"),
        ("・明和町、伊勢市　同意見。", "", "明和町、伊勢市", "同意見。"),
        ("伊勢市 情報戦略局　採れない。", "d3", "", "採れない。"),
        ("伊勢市 情報戦略局 採れない。", "", "", "伊勢市 情報戦略局 採れない。"),
        ("進めてほしい。（明和町）", "d4", "", "進めてほしい。"),
        (
            "明和町から、進めてほしいとの要望があった。",
            "d4",
            "",
            "明和町から、進めてほしいとの要望があった。",
        ),
        ("14:03:11 開始 明和町 : 聞こえます", "d4", "", "聞こえます"),
        # No speakers: papers, times, words in brackets.
        ("・【資料１】の３頁を見た。", "", "", "【資料１】の３頁を見た。"),
        ("・10時：集合した。", "", "", "10時：集合した。"),
        ("・既存の申請書（旧様式）", "", "", "既存の申請書（旧様式）"),
    ],
)
def test_who_speaks(line: str, speaker: str, name: str, body: str) -> None:
    (entry,) = read(line)
    assert (entry.speaker, entry.speaker_name, entry.body) == (speaker, name, body)


@pytest.mark.parametrize(
    ("line", "kind", "body"),
    [
        ("Ｑ．様式は統一か。", "question", "様式は統一か。"),
        ("Q2. A4判か。", "question", "A4判か。"),
        ("問　問題となるのは何か", "question", "問題となるのは何か"),
        ("Ａ：統一とする。", "answer", "統一とする。"),
        ("→後日送付する。", "answer", "後日送付する。"),
        ("○決定　支援を行う。", "decision", "支援を行う。"),
        ("（決定）見直す。", "decision", "見直す。"),
        ("宿題：一覧を送る。", "follow_up", "一覧を送る。"),
        ("・次回までに一覧を確認する。", "follow_up", "次回までに一覧を確認する。"),
        ("・流れ図を５／２８までに県へ送付", "follow_up", "流れ図を５／２８までに県へ送付"),
        ("・５月までに各市町から回答があった。", "discussion", "５月までに各市町から回答があった。"),
        ("改訂部数は５，０００部とする。（決定）", "decision", "改訂部数は５，０００部とする。（決定）"),
        # Words that only begin alike.
        ("・Q&A集を作った。", "discussion", "Q&A集を作った。"),
        ("・答申では増強が前提だった。", "discussion", "答申では増強が前提だった。"),
        ("・問合せが多い。", "discussion", "問合せが多い。"),
        ("・A4判に収まる。", "discussion", "A4判に収まる。"),
    ],
)
def test_what_is_said(line: str, kind: str, body: str) -> None:
    (entry,) = read(line)
    assert (entry.kind, entry.body) == (kind, body)


@pytest.mark.parametrize(
    ("line", "body", "owner", "due_on"),
    [
        ("宿題：一覧を送る。　担当：事務局　期限：12月5日", "一覧を送る。", "事務局", "2020-12-05"),
        ("宿題：再見積を取る（みほん県、２月末）", "再見積を取る", "みほん県", "2021-02-28"),
        ("宿題：希望を出す（各市町→県、1/15）", "希望を出す", "各市町", "2021-01-15"),
        (
            "宿題：明和町は一覧を３月５日までに出す。",
            "明和町は一覧を３月５日までに出す。",
            "明和町",
            "2021-03-05",
        ),
        ("宿題：配布する　担当：事務局　期限：年度内", "配布する", "事務局", "2021-03-31"),
        ("次回までに各市町は一覧を確認する。", "次回までに各市町は一覧を確認する。", "各市町", "2021-02-18"),
        # No day, an earlier one, or one that there is not: the words stay, staff say.
        ("宿題：確かめる　担当：事務局／期限：速やかに", "確かめる　期限：速やかに", "事務局", ""),
        ("宿題：確かめる　期限：11月5日", "確かめる　期限：11月5日", "", ""),
        ("宿題：確かめる　期限：2月30日", "確かめる　期限：2月30日", "", ""),
    ],
)
def test_what_is_to_be_done(line: str, body: str, owner: str, due_on: str) -> None:
    (entry,) = read(line)
    assert (entry.body.replace("／", "　"), entry.owner, entry.due_on) == (body, owner, due_on)


TEXT = """第３回部会　議事要旨
日時：令和２年11月27日
（１）更改について
（説明：みほん県デジタル課）
案を説明した。
問：負担は。／答：人口割とする。
○伊勢市（藤田君）　残りはどこでしょうか。
　実績も知りたい。
○事務局　二町です。
　　　（「異議なし」と呼ぶ者あり）
決定事項
・均等割を２割とする
・人口割を８割とする
今後の対応：
　① 内訳の送付（みほん県、2月末）
　② 案の修正　担当：同上　期限：次回
議題２　その他
【明和町】特になし。
15:10 閉会
"""


def test_a_whole_text() -> None:
    reading = read_minutes(TEXT, {"a1": "更改について"}, SPEAKERS, DAYS)
    assert [
        (each.kind, each.speaker or each.speaker_name, each.body[:8], each.agenda_item)
        for each in reading.entries
    ] == [
        ("report", "d5", "案を説明した。", "a1"),
        ("question", "", "負担は。", "a1"),
        ("answer", "", "人口割とする。", "a1"),
        ("question", "d3", "残りはどこでしょ", "a1"),
        ("answer", "事務局", "二町です。\n（「", "a1"),
        ("decision", "", "均等割を２割とす", "a1"),
        ("decision", "", "人口割を８割とす", "a1"),
        ("follow_up", "", "内訳の送付", "a1"),
        ("follow_up", "", "案の修正", "a1"),
        ("discussion", "d4", "特になし。", ""),
    ]
    assert [each.owner for each in reading.entries[-3:]] == ["みほん県", "みほん県", ""]
    assert reading.entries[-2].due_on == "2021-02-18"
    # What is no entry is told, not lost.
    for words in ("第３回部会　議事要旨", "日時：令和２年11月27日", "議題２　その他", "15:10 閉会"):
        assert words in reading.passed_over


TABLE = """No.\t発言者\t内容\t対応
1\t明和町\t欄が足りない。\t修正する（みほん県、２月末）
2\t四日市市
伊勢市\t同左。\t要検討
- 1 -
No.\t発言者\t内容\t対応
3\t〃\t１　単価が古い。
２　欄が必須だ。\t修正済み。
4\t　\t聞こえません\t―
決定\t\t画面を決めた
"""


def test_a_table_of_remarks() -> None:
    assert [
        (each.kind, each.speaker or each.speaker_name, each.body, each.owner) for each in read(TABLE)
    ] == [
        ("discussion", "d4", "欄が足りない。", ""),
        ("follow_up", "", "修正する", "みほん県"),
        ("discussion", "四日市市、伊勢市", "同左。", ""),
        ("follow_up", "", "要検討", ""),
        ("discussion", "四日市市、伊勢市", "１　単価が古い。　２　欄が必須だ。", ""),
        ("answer", "", "修正済み。", ""),
        ("discussion", "", "聞こえません", ""),
        ("decision", "", "画面を決めた", ""),
    ]


@pytest.mark.parametrize(
    "line", ["決定事項：なし（議題５）", "特になし", "＜チャットより＞", "（以下、省略）"]
)
def test_what_says_that_there_is_nothing_is_no_entry(line: str) -> None:
    reading = read_minutes(f"・報告した\n{line}", {}, SPEAKERS, DAYS)
    assert len(reading.entries) == 1
    assert reading.passed_over == [line]


def test_a_message_to_one_person_is_no_part_of_a_record() -> None:
    text = "14:06:40 開始 事務局(岡) から 明和町 (プライベート) : 個別に答えます"
    reading = read_minutes(text, {}, SPEAKERS, DAYS)
    assert not reading.entries
    assert len(reading.passed_over) == 1


@pytest.mark.parametrize("marks", [("（質問）", "（回答）"), ("【問】", "【答】"), ("[Q1]", "[A1]:")])
def test_question_and_answer_in_brackets(marks: tuple[str, str]) -> None:
    asked, answered = read(f"{marks[0]}予算はいくらか。\n{marks[1]}100万円である。")
    assert [(each.kind, each.body) for each in (asked, answered)] == [
        ("question", "予算はいくらか。"),
        ("answer", "100万円である。"),
    ]


@pytest.mark.parametrize(
    "line",
    [
        "宿題：案を作る【担当：津市】【期限：令和3年1月15日】",
        "■ 宿題：案を作る（担当：津市、期限：令和3年1月15日）",
        "宿題：案を作る（担当 津市、令和3年1月15日まで）",
    ],
)
def test_owner_and_day_in_whatever_brackets(line: str) -> None:
    (entry,) = read(line)
    assert (entry.kind, entry.body, entry.owner, entry.due_on) == (
        "follow_up",
        "案を作る",
        "津市",
        "2021-01-15",
    )
