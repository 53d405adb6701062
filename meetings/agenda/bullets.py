"""What stands before an item of a 次第: numbers, letters and marks, and what style each is of."""

import re

from meetings.agenda.pasted.lines import CIRCLED, Line

KANJI = "一二三四五六七八九十"
_NUMBER = rf"(?:[0-9]{{1,3}}|[{KANJI}]{{1,3}})"
# What ends a number: a dot, a blank, or the word itself where it cannot be read otherwise.
_END = r"(?:[.、:,)] ?| )"
_BILL = "議案|報告|諮問|承認|認定|協議|陳情|請願|同意|選任|議題|審議|意見"
ROMAN = "I{1,3}|IV|VI{0,3}|IX|X|V"
# The more telling ones first. NFKC has been applied to all but ①.
BULLETS = (
    ("circled", re.compile(rf"^([{CIRCLED}])[ .、．:：]*")),
    (
        "item",
        re.compile(rf"^((?:{_BILL}) ?第 ?{_NUMBER} ?号|第 ?{_NUMBER} ?号 ?(?:{_BILL}))(?:[ .、:]|$)"),
    ),
    (
        "named",
        re.compile(
            rf"^((?:議題|議事|議案|(?:報告|協議|審議|説明)(?:事項)?|諮問|承認|認定|案件|事項|事例|テーマ)"
            rf" ?\(? ?(?:第 ?)?{_NUMBER}"
            rf"(?: ?[-の] ?[0-9]{{1,2}})? ?\)? ?号?)(?:[ .、:]+|(?=[^\s0-9~-]))"
        ),
    ),
    ("part", re.compile(rf"^(第 ?{_NUMBER} ?(?:部(?!会)|章|編|セッション))(?:[ .、:]+|(?=\S)|$)")),
    ("ordinal", re.compile(rf"^((?:日程 ?)?第 ?{_NUMBER}(?:号|項)?)(?:[ .、:]+)(?!回)")),
    ("bracketed", re.compile(rf"^(\( ?(?:[0-9]{{1,2}}|[{KANJI}]{{1,3}}) ?\))[ .、:]*")),
    ("kana bracketed", re.compile(r"^(\( ?[ア-ン] ?\))[ .、:]*")),
    ("roman bracketed", re.compile(r"^(\( ?(?:i{1,3}|iv|vi{0,3}|ix|x|v) ?\))[ .、:]*")),
    ("letter bracketed", re.compile(r"^(\( ?[a-zA-Z] ?\))[ .、:]*")),
    ("half", re.compile(r"^([0-9]{1,2}\))[ .、:]*")),
    ("letter half", re.compile(r"^([a-zA-Z]\))[ .、:]*")),
    ("kana half", re.compile(r"^([ア-ン]\))[ .、:]*")),
    ("deep number", re.compile(r"^([0-9]{1,2}[-.][0-9]{1,2})(?:[.、:] ?| )(?=[^\s0-9])")),
    ("number", re.compile(r"^([0-9]{1,2})(?: ?[.、:,] ?(?=[^\s0-9])| (?=\S))")),
    ("kanji", re.compile(rf"^([{KANJI}]{{1,3}})(?:[.、:] ?| )")),
    ("roman", re.compile(rf"^({ROMAN})(?:[.、:] ?| )")),
    ("letter", re.compile(r"^([A-Z])(?:[.、:] ?| )(?=\S)")),
    ("small letter", re.compile(r"^([a-z])(?:[.、:] ?| )(?=\S)")),
    ("kana", re.compile(r"^([ア-ン])(?:[.、:] ?| )(?=\S)")),
    ("boxed", re.compile(rf"^(【 ?(?:議題|議事|議案|報告|協議|審議)? ?{_NUMBER} ?】) ?")),
    ("dot", re.compile(r"^([・•●○◯〇◎◇◆■□▪▫▲△▼▽★☆►▶‣⇒→＊*-])(?!(?<=[○◯〇●])[○◯〇●]) ?(?=\S)")),
)
# Doubled ones are read off a line one after the other, as in 「・①」.
DEPTH = 3
COUNTS = {"number", "kanji", "bracketed", "circled"}
# Styles whose number stays in the title: 「議案第１号　規約の改正」, 「第１部　全体会」.
NAMES = {"item", "part"}


def split_bullet(line: Line) -> tuple[str, str, Line]:
    """Take the bullets off a line: their style, what is printed of them, and the rest.

    The first number that says something is the label; a mark alone is none.
    """
    style, label = "", ""
    for _ in range(DEPTH):
        found = match_bullet(line)
        if found is None:
            break
        name, match = found
        if name in NAMES:
            # The number of a bill, and of a part, belongs to its name.
            return style or name, label, line
        said = line.part(*match.span(1)).stored
        if name == "dot":
            style = style or f"dot {match[1]}"
        elif label and name == "named" and style in COUNTS and match[0].endswith(" "):
            # 「３　議題１　…」 counts twice.
            label = f"{label}　{said}"
        elif label:
            # A second number is the item's own: 「報告1 2025年問題」 has one only.
            break
        else:
            style, label = style or name, said
        line = line.after(match.end())
    return style, label, line


def match_bullet(line: Line) -> tuple[str, re.Match[str]] | None:
    """The first style that a line begins with, where something follows; else None."""
    for name, pattern in BULLETS:
        match = pattern.match(line.text)
        if match and (line.text[match.end() :].strip() or name == "part"):
            return name, match
    return None


def has_bullet(line: Line) -> bool:
    return match_bullet(line) is not None
