"""Questionnaires as the secretariat runs them: draft, open, watch, close, publish."""

from surveys.admin import indicator, question, submission, survey, target

__all__ = ["indicator", "question", "submission", "survey", "target"]
