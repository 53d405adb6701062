"""Meetings as the secretariat works on them, before, during and after."""

from meetings.admin import guest, meeting

__all__ = ["guest", "meeting"]
