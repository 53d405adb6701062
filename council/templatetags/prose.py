"""The ``prose`` tag: a section's prose as HTML, its figures linked to their pages."""

from collections.abc import Iterable

from django import template
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe

from council.writing.prose import Paragraph, Segment
from meetings.minutes.markup import BULLET

register = template.Library()


@register.simple_tag
def prose(paragraphs: Iterable[Paragraph], base: str) -> SafeString:
    """Paragraphs, and lists in lists, as they were written; ``base`` is the report's address."""
    html: list[str] = []
    lists: list[str] = []

    def close(depth: int) -> None:
        while len(lists) > depth:
            html.append(f"</li></{lists.pop()}>")

    for paragraph in paragraphs:
        words = "".join(segment_html(segment, base) for segment in paragraph.segments)
        if not paragraph.marker:
            close(paragraph.level)
            html.append(f"<p>{words}</p>")
            continue
        kind = "ul" if paragraph.marker == BULLET else "ol"
        close(paragraph.level)
        if len(lists) == paragraph.level and lists[-1] != kind:
            close(paragraph.level - 1)
        if len(lists) == paragraph.level:
            html.append("</li><li>")
        while len(lists) < paragraph.level:
            lists.append(kind)
            html.append(f"<{kind}><li>")
        html.append(words)
    close(0)
    return mark_safe("".join(html))  # noqa: S308 (every text was escaped by segment_html)


def segment_html(segment: Segment, base: str) -> str:
    words: str = mark_safe(conditional_escape(segment.text).replace("\n", "<br>"))  # noqa: S308
    if segment.ruby:
        # Who cannot show it, and a copy of the text, has it in brackets.
        words = format_html("<ruby>{}<rp>（</rp><rt>{}</rt><rp>）</rp></ruby>", words, segment.ruby)
    if segment.style:
        words = format_html("<{0}>{1}</{0}>", segment.style, words)
    if segment.figure:
        return format_html('<a class="quoted" href="{}figures/{}/">{}</a>', base, segment.figure, words)
    return format_html('<a href="{}">{}</a>', segment.href, words) if segment.href else words
