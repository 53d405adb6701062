"""What must be right, and what should be looked at, in a report's summaries."""

import re

from council.models import ReportSection
from council.numbers.claims import Contradiction, contradictions, doubts
from council.numbers.english import strange_numbers
from council.report.build import Report
from council.writing.languages import BY_KIND
from council.writing.prose import BRACES, RUBY, STRAY_RUBY, without_ruby
from members.common.publication.findings import Finding, warning
from members.common.text.cleaning import said

# No more is stored; a preview of what is refused is checked no further either.
LONGEST = 50_000
WIDE = re.compile(r"[ぁ-んァ-ヶ一-龥（）％、。０-９]")
BLANKS = re.compile(r"(?<=[^\x00-\x7f]) +|[ 　]+(?=[^\x00-\x7f])|　+")


def check_summary(section: ReportSection, built: Report) -> list[Finding]:
    """A summary's numbers and its writing; one without a word says nothing."""
    if not said(section.body):
        return []
    language = BY_KIND[section.kind]
    typed = BRACES.sub("", section.body[:LONGEST])
    if language.has_ruby:
        return [*easy_findings(section.title, typed, built)]
    return [*english_findings(section.title, typed, built)]


def easy_findings(name: str, typed: str, built: Report) -> list[Finding]:
    found = []
    if STRAY_RUBY.search(RUBY.sub("", typed)):
        found.append(
            warning(f"「{name}」のふりがなが読み取れません。「漢字《かんじ》」の形で書いてください。")
        )
    # Written with blanks between the words, as such texts are.
    plain = BLANKS.sub("", without_ruby(typed)).replace("市と町", "市町")
    for each in dict.fromkeys([*contradictions(plain, built), *doubts(plain, built)]):
        found.append(strange(name, each))
    return found


def strange(name: str, each: Contradiction) -> Finding:
    known = "、".join(each.figures)
    return warning(
        f"「{name}」の「{each.sentence}」に手で入力した「{each.number}」は、指標（{known}）と合いません。"
        "正しい数値か確かめ、指標の数値なら{指標}を引用してください。"
    )


def english_findings(name: str, typed: str, built: Report) -> list[Finding]:
    found = [
        warning(
            f"「{name}」の「{sentence}」に手で入力した「{number}」は、この報告書の数値にありません。"
            "正しい数値か確かめ、指標の数値なら{指標}を引用してください。"
        )
        for sentence, number in strange_numbers(typed, built)
    ]
    if wide := WIDE.search(typed):
        around = typed[max(0, wide.start() - 5) :][:15]
        found.append(warning(f"「{name}」の「{around}」に日本語か全角の文字があります。"))
    return found
