"""The small subset of Markdown that minutes and reports are written in."""

import markdown
import nh3
from django.utils.safestring import SafeString, mark_safe

TAGS = {"p", "br", "strong", "em", "ul", "ol", "li", "a"}


def render(text: str) -> SafeString:
    """Turn a text into HTML: paragraphs, line breaks, lists, emphasis and links, nothing else.

    What is not in the subset, raw HTML included, loses its tags and keeps its words.
    """
    html = markdown.markdown(text, extensions=["nl2br", "sane_lists"], output_format="html")
    clean = nh3.clean(html, tags=TAGS, attributes={"a": {"href"}}, url_schemes={"http", "https", "mailto"})
    return mark_safe(clean)  # noqa: S308 (cleaned just above)
