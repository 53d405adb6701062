"""schema.org in JSON-LD: what a page is about, read by machines and run by none."""

import json
from typing import Any

from django.utils.safestring import SafeString, mark_safe

# What could end the script element it stands in.
UNSAFE = {ord("<"): "\\u003C", ord(">"): "\\u003E", ord("&"): "\\u0026"}


def linked_data(content: dict[str, Any]) -> SafeString:
    """The content of a ``script`` element of type ``application/ld+json``; what is None is left out."""
    known = {name: value for name, value in content.items() if value is not None}
    text = json.dumps({"@context": "https://schema.org", **known}, ensure_ascii=False)
    return mark_safe(text.translate(UNSAFE))  # noqa: S308
