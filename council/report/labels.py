"""What each part of a report is called in Japanese, and by what people know one row from another.

The difference of two editions reads these; a test fails for a field without a label.
"""

from collections.abc import Callable
from typing import Any

from council.report.build import (
    AgendaLine,
    AttendanceLine,
    LiftedWording,
    MeetingRecord,
    Minute,
    Report,
    Roster,
    RosterDepartment,
    RosterOrganization,
    Section,
    Summary,
)
from council.report.counts import CountRow, CountTable, FigureDetail
from council.report.trends import Trend, TrendPoint
from council.writing.languages import BY_SLUG
from council.writing.prose import Paragraph, Segment
from surveys.results.indicator_tallies import Tally
from surveys.results.snapshots import LeftOut

LABELS: dict[type, dict[str, str]] = {
    Report: {
        "council": "検討会議の名称",
        "slug": "アドレスの識別名",
        "notice": "お知らせ",
        "contact": "問い合わせ先",
        "year": "年度",
        "title": "題名",
        "published_on": "公開日",
        "is_published": "公開したか",
        "grade": "自己評価",
        "grade_sentence": "自己評価の文",
        "sections": "本文",
        "roster": "検討メンバー",
        "meetings": "会議",
        "figures": "指標",
        "details": "集計表",
        "results": "調査の結果",
        "trends": "年度ごとの推移",
        "lifted": "指標と異なる数値",
        "summaries": "要約",
    },
    Summary: {"language": "言語", "heading": "題名", "paragraphs": "文"},
    Section: {"kind": "節の種類", "number": "番号", "heading": "見出し", "paragraphs": "文"},
    Paragraph: {"segments": "文", "marker": "箇条書きの記号", "level": "箇条書きの深さ"},
    Segment: {"text": "文字", "figure": "引用する指標", "style": "強調", "href": "リンク先", "ruby": "よみ"},
    Roster: {
        "municipalities": "市町村",
        "prefectures": "都道府県",
        "others": "その他の団体",
        "unit": "数える単位",
    },
    RosterOrganization: {
        "code": "団体コード",
        "name": "団体名",
        "departments": "担当課",
        "kana": "よみ",
        "kind": "種別",
    },
    RosterDepartment: {"name": "担当課名", "role": "役割", "mark": "役割の印", "post": "職名"},
    MeetingRecord: {
        "number": "回",
        "label": "名称",
        "held_on": "開催日",
        "mode": "開催方法",
        "status": "状態",
        "is_cancelled": "中止か",
        "agenda": "次第",
        "minutes": "議事概要",
        "attended": "出席した団体の数",
        "invited": "出欠を記録した団体の数",
        "attendances": "出席状況",
    },
    AttendanceLine: {"code": "団体コード", "name": "団体名", "status": "出欠"},
    AgendaLine: {"label": "番号", "title": "議題", "kind": "種類", "level": "字下げ"},
    Minute: {"anchor": "固定ID", "kind": "種類", "body": "内容", "speaker": "発言者"},
    Tally: {
        "key": "識別名",
        "name": "指標名",
        "statement": "意味",
        "unit": "単位",
        "survey": "アンケート",
        "provenance_note": "データについての注記",
        "count": "数",
        "answered": "回答数",
        "base": "母数",
        "as_of": "集計の時点",
        "source": "集計値の出所",
        "survey_key": "アンケートの識別名",
    },
    FigureDetail: {"key": "指標の識別名", "tables": "表", "left_out": "母数から除いた団体"},
    LeftOut: {"name": "団体", "reason": "除いた理由"},
    CountTable: {
        "survey": "アンケート",
        "key": "設問の識別名",
        "kind": "設問の形式",
        "question": "設問文",
        "topic": "項目",
        "rows": "選択肢",
        "base": "母数",
        "answered": "回答",
        "not_asked": "対象外",
        "unanswered": "無回答・未提出",
    },
    LiftedWording: {"wording": "文", "reason": "理由"},
    Trend: {"key": "指標の識別名", "points": "年度", "breaks": "前の年度と比べるときの注意"},
    TrendPoint: {
        "year": "年度",
        "percent_text": "割合",
        "of_base_text": "数と母数",
        "percent": "割合（%）",
        "edition": "版",
        "breaks": "前の値と比べるときの注意",
    },
    CountRow: {"label": "文言", "count": "数", "percent": "割合", "is_counted": "指標で数えるか"},
}

# What people call one row of a list; rows of the same name are told apart by their order.
NAMES: dict[type, Callable[[Any], str]] = {
    Section: lambda row: row.heading,
    Summary: lambda row: BY_SLUG[row.language].name if row.language in BY_SLUG else row.language,
    RosterOrganization: lambda row: row.name,
    RosterDepartment: lambda row: row.name,
    MeetingRecord: lambda row: row.label,
    AttendanceLine: lambda row: row.name,
    AgendaLine: lambda row: f"{row.label} {row.title}".strip(),
    Minute: lambda row: f"【{row.kind}】",
    Tally: lambda row: row.name,
    FigureDetail: lambda row: row.key,
    LeftOut: lambda row: row.name,
    CountTable: lambda row: f"{row.question}（{row.topic}）" if row.topic else row.question,
    CountRow: lambda row: row.label,
    Trend: lambda row: row.key,
    TrendPoint: lambda row: f"{row.year}年度",
    LiftedWording: lambda row: row.wording,
}

# What a row is known by from one edition to the next, so that a new name is a change and not another row.
KEYS: dict[type, Callable[[Any], Any]] = {
    Section: lambda row: row.kind,
    Summary: lambda row: row.language,
    RosterOrganization: lambda row: row.code,
    RosterDepartment: lambda row: row.name,
    MeetingRecord: lambda row: row.number,
    AttendanceLine: lambda row: row.code,
    AgendaLine: lambda row: row.title,
    Minute: lambda row: row.anchor,
    Tally: lambda row: row.key,
    FigureDetail: lambda row: row.key,
    LeftOut: lambda row: row.name,
    CountTable: lambda row: (row.survey, row.key, row.topic),
    Trend: lambda row: row.key,
    TrendPoint: lambda row: row.year,
    LiftedWording: lambda row: row.wording,
    CountRow: lambda row: row.label,
}
