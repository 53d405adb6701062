"""What the checklist says of a record before it is published."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Finding:
    """One point of the checklist; an error blocks, a warning wants a tick."""

    is_error: bool
    text: str


def error(text: str) -> Finding:
    return Finding(True, text)


def warning(text: str) -> Finding:
    return Finding(False, text)


def errors_of(findings: Iterable[Finding]) -> list[str]:
    return [finding.text for finding in findings if finding.is_error]


def warnings_of(findings: Iterable[Finding]) -> list[str]:
    return [finding.text for finding in findings if not finding.is_error]
