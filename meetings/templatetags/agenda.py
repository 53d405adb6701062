"""The ``numbered`` and ``time_words`` filters: an agenda as the record prints it."""

from typing import Any

from django import template

from meetings.agenda.printing import number_agenda, time_words

register = template.Library()
register.filter("numbered", number_agenda)


@register.filter("when")
def when(item: Any) -> str:
    """When an item begins and how long it takes, in words."""
    return time_words(item.start_time, item.minutes)
