"""Times of day as offices write them: 13:30, 午後1時30分, 3時半."""

import re
from datetime import time

CLOCK = re.compile(
    r"(?P<half>午前|午後|AM|PM|am|pm)? ?(?<![0-9])(?P<hour>[0-9]{1,2}) ?"
    r"(?:時(?!間) ?(?:(?P<minute>[0-9]{1,2}) ?分|(?P<half_past>半))?|: ?(?P<minute2>[0-9]{2})(?![0-9]))"
)


def find_clocks(text: str) -> list[time]:
    """Each time of day in a text; 午後 holds for the times behind it too."""
    found: list[time] = []
    afternoon = False
    for match in CLOCK.finditer(text):
        half = (match["half"] or "").lower()
        afternoon = half in {"午後", "pm"} if half else afternoon
        clock = read_clock(match, afternoon)
        if clock is not None:
            found.append(clock)
    return found


def find_times(text: str) -> tuple[time | None, time | None]:
    """Find when something begins and ends: 13:30~15:00, 午後1時30分から3時まで."""
    found = find_clocks(text)
    start = found[0] if found else None
    end = found[1] if len(found) > 1 and found[1] > found[0] else None
    return start, end


def read_clock(match: re.Match[str], afternoon: bool) -> time | None:
    """The time of day that is written; None where there is none such, as 25時."""
    hour = int(match["hour"])
    minute = int(match["minute"] or match["minute2"] or (30 if match["half_past"] else 0))
    if afternoon and hour < 12:
        hour += 12
    return time(hour, minute) if hour < 24 and minute < 60 else None
