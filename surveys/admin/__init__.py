"""Questionnaires as the secretariat runs them: draft, open, watch, close, publish."""

from surveys.admin import indicator, inquiry, question, submission, survey, target

__all__ = ["indicator", "inquiry", "question", "submission", "survey", "target"]
