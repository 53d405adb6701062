"""What the tests of who may do what share with those of the records."""

from tests.meetings.conftest import meeting

__all__ = ["meeting"]
