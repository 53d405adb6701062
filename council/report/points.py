"""A report in three sentences, computed from what it holds: nothing in them is typed."""

from dataclasses import dataclass

from council.report.build import Report

MOST_FIGURES = 2


@dataclass(frozen=True, slots=True)
class Point:
    """One sentence; ``figure`` names the figure that it quotes, ``anchor`` the chapter that it is from."""

    before: str
    words: str
    after: str
    figure: str = ""
    anchor: str = ""

    @property
    def text(self) -> str:
        return self.before + self.words + self.after


def points(report: Report) -> tuple[Point, ...]:
    """What a reader in a hurry takes away: the first figures with their base, and how often was met."""
    found = [
        Point(f"「{figure.name}」は", figure.share_text, "です。", figure=figure.key)
        for figure in report.figures[:MOST_FIGURES]
    ]
    held = [meeting for meeting in report.meetings if not meeting.is_cancelled]
    if held:
        published = sum(bool(meeting.minutes) for meeting in held)
        told = f"開き、うち{published}回の議事概要を公開しています。" if published else "開きました。"
        has_chapter = any(section.kind == "meetings" for section in report.sections)
        anchor = "meetings" if has_chapter else ""
        found.append(Point("この年度は、会議を", f"{len(held)}回", told, anchor=anchor))
    return tuple(found)
