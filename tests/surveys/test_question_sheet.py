"""A questionnaire from a sheet in its writer's own words: shown first, then put in place of the old one."""

import io
import re
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from openpyxl import Workbook, load_workbook

from council.accounts.roles import EDITOR
from surveys.models import Indicator, Question, Survey
from surveys.questionnaire.wording import (
    Asked,
    choice_lines,
    heading_of,
    number_of,
    read_condition,
    read_kind,
)
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("written", "kind"),
    [
        ("1つ選ぶ", "single"), ("○は一つ", "single"), ("ラジオボタン", "single"), ("択一", "single"),
        ("単一選択", "single"), ("選択", "single"), ("はい・いいえ", "single"), ("有・無", "single"),
        ("○はいくつでも", "multiple"), ("複数回答", "multiple"), ("複数選ぶ", "multiple"),
        ("チェックボックス", "multiple"),
        ("数字", "number"), ("数値", "number"), ("年月日", "date"), ("日付", "date"), ("記述", "text"),
        ("自由回答（長文）", "text"), ("短文", "line"), ("表形式", "grid"), ("single", "single"),
    ],
)  # fmt: skip
def test_kinds_in_an_offices_words(written: str, kind: str) -> None:
    assert read_kind(written).kind == kind


def test_a_kind_that_is_none_or_guessed_is_said() -> None:
    with pytest.raises(ValidationError, match="「形式」おまかせ：「1つ選ぶ」"):
        read_kind("おまかせ")
    assert "「1つ選ぶ」と読みました" in read_kind("選択").note
    assert read_kind("有・無").choices == ["有", "無"]


@pytest.mark.parametrize(
    ("cell", "choices"),
    [
        ("1.はい 2.いいえ", ["はい", "いいえ"]),
        ("① 年1回　② 年2回　③ その他", ["年1回", "年2回", "その他"]),
        ("・広報紙\n・SNS\n", ["広報紙", "SNS"]),
        ("子ども・若者\n外国人", ["子ども・若者", "外国人"]),
        ("1,000千円未満\n1,000千円以上", ["1,000千円未満", "1,000千円以上"]),
        ("2023\n2024", ["2023", "2024"]),
        ("ア　実施した\nイ　していない", ["実施した", "していない"]),
        ("1.5か月以内\n3か月以内", ["1.5か月以内", "3か月以内"]),
        ("１．はい\n２．いいえ", ["はい", "いいえ"]),
        ("総務課・企画課", ["総務課・企画課"]),
    ],
)
def test_choices_of_a_cell(cell: str, choices: list[str]) -> None:
    assert choice_lines(cell) == choices


EARLIER = [
    Asked("q1", "指定", "1", [("c1", "はい"), ("c2", "いいえ")]),
    Asked("q2", "状況", "2", [("c1", "策定済み"), ("c2", "策定中"), ("c3", "未策定")]),
    Asked("q3", "物資", "3", [("c1", "食料"), ("c2", "毛布"), ("c3", "その他")]),
    Asked("q4", "人数", "4", [("c1", "0"), ("c2", "1"), ("c3", "2")]),
    Asked("q5", "か所数", "5", []),
]


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("問1=はい", ["q1=c1"]), ("問１で「いいえ」と答えた方", ["q1=c2"]),
        ("Q2が1または2", ["q2=c1", "q2=c2"]),
        ("問2＝未策定 の場合のみ", ["q2=c3"]), ("問３で「その他」を選択した場合", ["q3=c3"]),
        ("問3：食料、毛布", ["q3=c1", "q3=c2"]), ("問4=1", ["q4=c2"]), ("q1=c2", ["q1=c2"]),
    ],
)  # fmt: skip
def test_conditions_as_people_write_them(written: str, expected: list[str]) -> None:
    assert [f"{key}={code}" for key, code in read_condition(written, EARLIER)] == expected


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ("問2が「未策定」以外", "どれかの選択肢を選んだ団体"),
        ("問5が5以上", "選択肢がないため"),
        ("問1=はい かつ 問2=策定済み", "どれかの選択肢を選んだ団体"),
        ("問9=はい", "問9はこの行より前にありません"),
        ("問1=たぶん", "選択肢は「はい」「いいえ」です"),
        ("指定している町", "「問3=はい」のように"),
    ],
)
def test_a_condition_that_cannot_be_is_never_dropped(written: str, words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        read_condition(written, EARLIER)


def test_headings_and_numbers_in_other_words() -> None:
    assert [heading_of(name) for name in ("設問\n（質問文）", "種類", "大項目", "条件", "No.", "備考")] == [
        "設問文", "形式", "区分", "尋ねる条件", "番号", "備考"
    ]  # fmt: skip
    numbers = ("問１", "Q2", "⑥", "問　4．", "1-2", "3.0", "附問", "2025-01-02 00:00:00")
    assert [number_of(text) for text in numbers] == ["1", "2", "6", "4", "1-2", "3", "", "1-2"]


@pytest.fixture
def survey() -> Survey:
    return factories.survey(factories.council_year(), status="draft", opened_at=None)


def url(survey: Survey, page: str = "import/") -> str:
    return f"/admin/surveys/survey/{survey.pk}/{page}"


def sheet(*rows: list[Any]) -> SimpleUploadedFile:
    book, out = Workbook(), io.BytesIO()
    page: Any = book.active
    for row in rows:
        page.append(row)
    book.save(out)
    return SimpleUploadedFile("設問.xlsx", out.getvalue())


HEAD = ["大項目", "番号", "設問", "種類", "選択肢", "必須", "条件"]
ROWS = [
    ["体制", "問1", "計画の有無", "はい・いいえ", "", "○", ""],
    ["体制", "問2", "改定年", "数値", "", "", "問1=はい"],
    ["実績", "問3", "訓練の有無", "はい・いいえ", "", "○", ""],
    ["実績", "問4", "参加者数", "数字", "", "", "問3で「はい」と答えた市町"],
    ["実績", "問5", "課題", "○はいくつでも", "人手\nその他（　　）", "", ""],
]


def read(client: Client, survey: Survey, *rows: list[Any]) -> str:
    return client.post(url(survey), {"file": sheet(HEAD, *rows)}).content.decode()


def confirm(client: Client, survey: Survey, page: str) -> Any:
    payload = re.search(r'<textarea name="confirmed" hidden>(.*?)</textarea>', page, re.S)
    assert payload, re.findall(r"<li>(.*?)</li>", page)
    return client.post(url(survey), {"confirmed": payload[1]})


def made(survey: Survey) -> list[tuple[str, str, list[str]]]:
    questions = Question.objects.filter(survey=survey).in_order()
    return [
        (
            each.key,
            each.text,
            [f"{on.choice.question.text}={on.choice.label}" for on in each.conditions.all()],
        )
        for each in questions
    ]


def test_a_sheet_without_a_code_becomes_a_questionnaire(staff_client: Client, survey: Survey) -> None:
    page = read(staff_client, survey, *ROWS)
    assert not survey.questions.exists()
    for words in (
        "問3（訓練の有無）が「はい」のとき",
        "いくつでも選ぶ",
        "その他［内容も書く］",
        "すべての団体",
    ):
        assert words in page
    for word in ("single", "multiple", "number"):
        assert f">{word}<" not in page
    assert confirm(staff_client, survey, page).status_code == 302
    assert made(survey) == [
        ("q1", "計画の有無", []),
        ("q2", "改定年", ["計画の有無=はい"]),
        ("q3", "訓練の有無", []),
        ("q4", "参加者数", ["訓練の有無=はい"]),
        ("q5", "課題", []),
    ]
    assert [section.title for section in survey.sections.order_by("position")] == ["体制", "実績"]


def test_a_changed_sheet_replaces_and_says_what_goes(staff_client: Client, survey: Survey) -> None:
    confirm(staff_client, survey, read(staff_client, survey, *ROWS))
    kept = survey.questions.get(text="課題")
    again = read(staff_client, survey, *ROWS)
    assert again.count("<td>変更なし</td>") == 5
    # One question removed with what hung on it, one moved to the front, one changed.
    rows = [
        ["体制", 1, "課題", "複数選択", "人手\n財源", "", ""],
        ROWS[0],
        ["体制", 3, *ROWS[1][2:6], "問1=人手"],
    ]
    refused = read(
        staff_client, survey, rows[0], ["体制", 2, *ROWS[0][2:]], ["体制", 3, *ROWS[1][2:6], "問1=はい"]
    )
    assert "4行目：「尋ねる条件」問1=はい：設問「課題」の選択肢は「人手」「財源」です" in refused
    page = read(staff_client, survey, rows[0], ["体制", 2, *ROWS[0][2:]], rows[2])
    assert "次の設問はファイルにないため、なくなります" in page
    assert "<li>訓練の有無</li>" in page
    assert confirm(staff_client, survey, page).status_code == 302
    assert [(key, text) for key, text, _ in made(survey)] == [
        ("q5", "課題"),
        ("q1", "計画の有無"),
        ("q2", "改定年"),
    ]
    kept.refresh_from_db()
    assert [(part.code, part.label) for part in kept.choices.order_by("position")] == [
        ("c1", "人手"),
        ("c3", "財源"),
    ]
    assert [section.title for section in survey.sections.all()] == ["体制"]


def test_what_an_indicator_counts_stays_or_nothing_is_taken(staff_client: Client, survey: Survey) -> None:
    confirm(staff_client, survey, read(staff_client, survey, *ROWS))
    yes = survey.questions.get(text="計画の有無").choices.get(label="はい")
    indicator = Indicator.objects.create(
        survey=survey,
        council_year=survey.council_year,
        key="planned",
        name="計画の割合",
        statement="計画がある",
    )
    yes.counted_by.create(indicator=indicator)
    moved = read(staff_client, survey, *ROWS[2:4], ROWS[0])
    assert confirm(staff_client, survey, moved).status_code == 302
    assert yes.counted_by.get().indicator == indicator
    gone = read(staff_client, survey, ROWS[2])
    response = confirm(staff_client, survey, gone)
    assert response.status_code == 422
    assert "指標「計画の割合」で使っているため" in response.content.decode()
    assert survey.questions.count() == 3


def test_a_confirmation_puts_in_place_only_what_it_showed(staff_client: Client, survey: Survey) -> None:
    page = read(staff_client, survey, *ROWS)
    assert confirm(staff_client, survey, page).status_code == 302
    # A second click does nothing more, and says no more than the first.
    assert confirm(staff_client, survey, page).status_code == 302
    assert survey.questions.count() == 5
    page = read(staff_client, survey, *ROWS[:1])
    survey.questions.filter(key="q1").update(text="計画の有無（改）")
    assert "確認した後に設問が変わった" in confirm(staff_client, survey, page).content.decode()
    assert survey.questions.count() == 5


def test_once_answers_are_in_nothing_is_replaced(staff_client: Client, survey: Survey) -> None:
    page = read(staff_client, survey, *ROWS)
    target = factories.target(survey)
    target.drafts.create(section="main", values={"q-a": "書いた"})
    response = confirm(staff_client, survey, page)
    assert response.status_code == 422
    assert "回答が入り始めたため" in response.content.decode()
    assert 'name="file"' not in staff_client.get(url(survey)).content.decode()
    assert not survey.questions.exists()


def test_the_order_of_the_sheet_is_the_order_of_asking(staff_client: Client, survey: Survey) -> None:
    # A section is written once; whose questions stand apart would be asked elsewhere.
    rows = [["体制", *ROWS[0][1:]], ["", *ROWS[1][1:]], ["実績", *ROWS[2][1:]], ["", *ROWS[3][1:]]]
    assert confirm(staff_client, survey, read(staff_client, survey, *rows)).status_code == 302
    sections = [each.section and each.section.title for each in Question.objects.in_order()]
    assert sections == ["体制", "体制", "実績", "実績"]
    assert [text for _, text, _ in made(survey)] == ["計画の有無", "改定年", "訓練の有無", "参加者数"]
    apart = read(staff_client, survey, ROWS[0], ROWS[2], ["体制", *ROWS[1][1:]])
    assert "4行目：区分「体制」の設問が離れています" in apart
    assert 'name="confirmed"' not in apart


def test_choices_in_the_rows_below_are_the_questions_own(staff_client: Client, survey: Survey) -> None:
    below = [["", "", "", "", choice, "", ""] for choice in ("策定中", "未策定")]
    page = read(staff_client, survey, ["", 1, "状況", "単一選択", "策定済み", "○", ""], *below)
    confirm(staff_client, survey, page)
    labels = survey.questions.get().choices.order_by("position").values_list("label", flat=True)
    assert list(labels) == ["策定済み", "策定中", "未策定"]


def test_what_is_not_read_or_waits_for_another_row_is_said(staff_client: Client, survey: Survey) -> None:
    head, rows = (
        [*HEAD, "制限"],
        [["", 1, "状況", "おまかせ", "", "", "", "200字"], ["", 2, "理由", "記述", "", "", "問1=はい", ""]],
    )
    page = staff_client.post(url(survey), {"file": sheet(head, *rows)}).content.decode()
    assert "取り込まない列：制限" in page
    assert "3行目：「尋ねる条件」問1=はい：問1の行を先に直してください" in page
    wrong = staff_client.post(url(survey), {"file": sheet(["質 問", "回答欄"], ["a", "b"])}).content.decode()
    assert "読み取った見出し：「設問文」「回答欄」" in wrong
    limits = sheet(["設問文", "形式", "最小", "最大"], ["人数", "数値", 100, 10])
    assert (
        "2行目：「最大」10は、下限の100より小さい"
        in staff_client.post(url(survey), {"file": limits}).content.decode()
    )


def test_a_row_that_takes_anothers_place_says_whose(staff_client: Client, survey: Survey) -> None:
    factories.question(survey, "はい", "いいえ", key="q2", text="交通の状況")
    head = ["識別名", "設問文", "形式", "選択肢"]
    page = staff_client.post(
        url(survey), {"file": sheet(head, ["q2", "別の問い", "択一", "a\nb"])}
    ).content.decode()
    assert "（前の文：交通の状況）" in page


def test_two_rows_with_one_number_are_named_both(staff_client: Client, survey: Survey) -> None:
    page = read(staff_client, survey, ROWS[0], ["", "問１", "窓口の名称", "自由記述", "", "", ""])
    assert "2行目と3行目の番号がどちらも「問1」です" in page
    assert 'name="confirmed"' not in page


def test_hostile_words_stay_words(staff_client: Client, survey: Survey) -> None:
    text = "<script>alert(1)</script>"
    page = read(staff_client, survey, ["", 1, text, "自由記述", "", "", ""])
    assert text not in page
    confirm(staff_client, survey, page)
    assert survey.questions.get().text == text


def test_an_editor_shows_nothing_more_by_a_sheet() -> None:
    survey = factories.survey(factories.council_year(), status="draft", opened_at=None)
    factories.question(survey, "はい", "いいえ", key="a", text="問い", disclosure="staff")
    Survey.objects.update(status="closed", results_public=True)
    editor = User.objects.create_user("tanto", password="x", is_staff=True)
    editor.groups.set(Group.objects.filter(name=EDITOR.name))
    client = Client()
    client.force_login(editor)
    head = ["設問文", "形式", "選択肢", "開示範囲", "補足"]
    file = sheet(head, ["問い", "1つ選ぶ", "はい\nいいえ", "公開（集計）", "直した"])
    page = client.post(url(survey), {"file": file}).content.decode()
    assert confirm(client, survey, page).status_code == 302
    question = survey.questions.get()
    assert (question.disclosure, question.help) == ("staff", "直した")


def test_the_empty_sheet_is_filled_in_and_read(staff_client: Client, survey: Survey) -> None:
    content = staff_client.get(url(survey, "questions.xlsx")).content
    book = load_workbook(io.BytesIO(content))
    page = book.worksheets[0]
    assert [cell.value for cell in page[1]][:3] == ["区分", "設問文", "形式"]
    assert {rule.type for rule in page.data_validations.dataValidation} == {"list"}
    example = [[cell.value for cell in row] for row in book["記入例"].iter_rows()]
    for number, row in enumerate(example[1:4], start=2):
        for column, value in enumerate(row, start=1):
            page.cell(number, column).value = value
    out = io.BytesIO()
    book.save(out)
    file = SimpleUploadedFile("設問.xlsx", out.getvalue())
    shown = staff_client.post(url(survey), {"file": file}).content.decode()
    assert "読み取った設問（3問）" in shown
    assert "0以上、単位：件" in shown
    assert confirm(staff_client, survey, shown).status_code == 302
    kinds = survey.questions.order_by("position").values_list("kind", flat=True)
    assert list(kinds) == ["single", "number", "text"]


def test_a_table_below_a_title_and_behind_a_cover(staff_client: Client, survey: Survey) -> None:
    book, out = Workbook(), io.BytesIO()
    cover: Any = book.active
    cover.title = "表紙"
    cover.append(["調査の趣旨"])
    page: Any = book.create_sheet("設問")
    for row in (["令和8年度 調査票（案）"], [], HEAD, *ROWS):
        page.append(row)
    page.row_dimensions[5].hidden = True
    book.save(out)
    sent = staff_client.post(url(survey), {"file": SimpleUploadedFile("設問.xlsx", out.getvalue())})
    text = sent.content.decode()
    assert "シート「設問」を読み取りました" in text
    assert "表示されていない行が1行あります" in text
    assert confirm(staff_client, survey, text).status_code == 302
    assert survey.questions.count() == len(ROWS)


@pytest.mark.parametrize(
    ("written", "disclosure"), [("公開", "public"), ("公開（集計）", "public"), ("構成員", "members")]
)
def test_who_sees_a_question_in_the_words_of_the_screen(
    staff_client: Client, survey: Survey, written: str, disclosure: str
) -> None:
    page = staff_client.post(
        url(survey), {"file": sheet(["設問文", "形式", "開示範囲"], ["問い", "自由記述", written])}
    ).content.decode()
    assert confirm(staff_client, survey, page).status_code == 302
    assert survey.questions.get().disclosure == disclosure
