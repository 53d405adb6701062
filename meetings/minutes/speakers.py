"""Who speaks in a pasted text: 【津市】, （伊勢市）, 津市情報政策課：, ○会長（山本君）.

A name that could be several is nobody's: it stays as it was written, and staff choose.
"""

import re
from collections import defaultdict
from collections.abc import Mapping

from members.common.text.folding import fold

# What a name in front of a text ends with where it is somebody: bodies, sections, posts, people.
SOMEBODY = re.compile(
    r"(?:[市町村区県府道都課室局部係班]|センター|事務組合|広域連合|事務局|会長|委員長?|座長|議長|代表|司会|講師"
    r"|ベンダー|業者|オブザーバー|[長補佐]|主[幹査任事]|参事|一同|代理|教授|先生|[氏様社]|さん|君|株式会社|[(]株[)].{0,20})$"
)
NOBODY = re.compile(
    r"^(?:資料|参考|別紙|別添|様式|図|表|議題|議案|議事|報告|協議|事項|第|注|※|開会|閉会|休憩|日時|日程|場所|会場"
    r"|出席|欠席|配付|次回|次第|期限|担当|旧|以下|例|補足|意見|要望|質疑|決定|結論|宿題|対応|要旨|チャット)"
)
CHAIRS = re.compile(r"^(?:副?会長|副?座長|副?議長|委員長|司会|進行|副?代表)")
HOSTS = re.compile(r"^(?:事務局|県|講師|ベンダー|業者)|県[^市町村]{0,20}[課室局部]$")
# 「会　長」, 「事 務 局」: spread over the column.
SPREAD = re.compile(r"^(?:事 務 局|副? ?会 長|副? ?座 長|議 長|委 員(?: 長)?|[A-Z] 委 員)(?= )")
# Somebody in the words of a chat log.
CHAT = re.compile(
    r"^[0-9]{1,2}:[0-9]{2}(?::[0-9]{2})? (?:開始 )?(?P<name>[^:]{1,40}?)"
    r"(?: から [^:]{1,40}?)? ?: ?(?P<rest>\S.*)$"
)
BESIDE = re.compile(r"[(][^()]{0,40}[)]")
BETWEEN = re.compile(r"[、,・及と]+|及び|ならびに|並びに")
_SIGNS = re.compile(r"[\s・、。()【】「」]")


def key_of(name: str) -> str:
    """A name as it is compared: signs and width tell nobody apart."""
    return _SIGNS.sub("", fold(name))


class People:
    """The year's departments and guests, found by the names a record uses for them.

    ``speakers`` maps form keys to names: of a department 「津市 情報政策課」, of a guest its name.
    """

    def __init__(self, speakers: Mapping[str, str]) -> None:
        found: dict[str, set[str]] = defaultdict(set)
        self.bodies: set[str] = set()
        for key, name in speakers.items():
            body, _, section = name.partition(" ")
            found[key_of(name)].add(key)
            if key.startswith("d") and section:
                self.bodies.add(key_of(body))
                # A body of one section is that section; a section's name alone, whose it is.
                found[key_of(body)].add(key)
                found[key_of(section)].add(key)
        self.keys = {name: next(iter(keys)) for name, keys in found.items() if len(keys) == 1}

    def find(self, written: str) -> str:
        """The form key of a written name; empty where it is unknown, or could be several."""
        whole = self.keys.get(key_of(written))
        return whole or self.keys.get(key_of(BESIDE.sub("", written)), "")

    def is_somebody(self, written: str) -> bool:
        """Whether what stands before a text names who says it."""
        name = written.strip()
        if not name or NOBODY.match(name):
            return False
        if self.find(name) or key_of(name) in self.bodies:
            return True
        parts = [part for part in BETWEEN.split(BESIDE.sub("", name)) if part.strip()]
        return bool(parts) and all(self._is_one(part.strip()) for part in parts)

    def _is_one(self, part: str) -> bool:
        # 「四日市市 ICT戦略課 水谷」: a person behind the section.
        words = part.split()
        if self.find(part) or f"{key_of(part)}市" in self.bodies or f"{key_of(part)}町" in self.bodies:
            return True
        return len(part) <= 30 and any(SOMEBODY.search(word) for word in [part, *words[:2]])
