"""Questionnaires as the secretariat runs them: draft, open, watch, close, publish."""

from surveys.admin import indicator, submission, survey, target

__all__ = ["indicator", "submission", "survey", "target"]
