"""The admin's lists on a phone: each cell of a row with the head of its column."""

import re
from collections.abc import Iterable
from typing import Any

from django import template
from django.utils.html import conditional_escape, strip_tags
from django.utils.safestring import SafeString, mark_safe
from django.utils.text import capfirst

register = template.Library()


@register.filter
def with_heads(cells: Iterable[str], headers: list[dict[str, Any]]) -> list[SafeString]:
    """A row's cells as Django drew them, each naming its column; the tick before a row has none."""
    heads = [str(capfirst(strip_tags(str(header["text"])))).strip() for header in headers]
    return [
        # What Django drew stays as it is; only the column's name, escaped, is added.
        mark_safe(  # noqa: S308
            re.sub(r"^<(t[dh])", rf'<\1 data-label="{escaped(head)}"', str(cell), count=1)
            if head and "action-checkbox" not in cell
            else str(cell)
        )
        for cell, head in zip(cells, heads, strict=True)
    ]


def escaped(text: str) -> str:
    """For an attribute, and for a replacement in a pattern."""
    return str(conditional_escape(text)).replace("\\", r"\\")
