"""What an examination of the installation finds."""

from dataclasses import dataclass
from enum import IntEnum


class State(IntEnum):
    """How it stands; also the command's exit code, which is that of the worst finding."""

    GOOD = 0
    # What cannot be told from here is neither good nor bad.
    UNKNOWN = -1
    LOOK = 1
    BAD = 2

    @property
    def word(self) -> str:
        return {State.GOOD: "正常", State.UNKNOWN: "未確認", State.LOOK: "注意", State.BAD: "異常"}[self]


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at. No text of it carries a secret: it is pasted into mails."""

    subject: str
    state: State
    text: str
    # What to do about it; empty where nothing is to be done.
    remedy: str = ""


def good(subject: str, text: str) -> Finding:
    return Finding(subject, State.GOOD, text)


def unknown(subject: str, text: str, remedy: str) -> Finding:
    return Finding(subject, State.UNKNOWN, text, remedy)


def look(subject: str, text: str, remedy: str) -> Finding:
    return Finding(subject, State.LOOK, text, remedy)


def bad(subject: str, text: str, remedy: str) -> Finding:
    return Finding(subject, State.BAD, text, remedy)
