"""Marks that say yes or no in a Japanese office: the one list for every file that is read."""

from members.common.text.cleaning import half_width

# In Japan ○ and レ点 choose, and × rejects: an x is a ×, not the tick of other countries.
YES_MARKS = frozenset("○〇◯⭕●◉◎■☑✅✓✔レﾚㇾ✔vo1")
NO_MARKS = frozenset("×✕✖✗✘☓╳❌⨯Ⅹⅹx□☐-‐‑–—―−ー")
YES_WORDS = frozenset(
    ("丸", "まる", "マル", "レ点", "はい", "有", "有り", "あり", "該当", "必須", "yes", "true")
)
NO_WORDS = frozenset(
    ("ばつ", "バツ", "いいえ", "無", "無し", "なし", "非該当", "該当なし", "該当せず", "任意", "no", "false")
)
# What our own sheets and messages say.
YES_EXAMPLES, NO_EXAMPLES = "○ ◎ ● レ ✓ ☑ 丸", "× － なし"


def read_mark(text: str) -> bool | None:
    """True for a yes mark, False for a no mark; None for what a careful officer would ask about."""
    mark = half_width(text).strip().removeprefix("'").strip().casefold()
    if mark in YES_MARKS or mark in YES_WORDS:
        return True
    if mark in NO_MARKS or mark in NO_WORDS:
        return False
    return None
