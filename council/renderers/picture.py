"""What stands for a report where its address is shared: its first figure as a PNG, set by typst."""

import json
from pathlib import Path

from council.renderers.drawings import draw_bodies
from council.renderers.fonts import fonts
from council.report.imprint import Printed
from members.common.text.eras import format_date, format_fiscal_year

TEMPLATE = Path(__file__).with_name("picture.typ")
# What such a picture is shown at; one point of the page is one pixel.
WIDTH, HEIGHT = 1200, 630


def write_picture(printed: Printed) -> bytes:
    """Draw it; raises :class:`~council.renderers.fonts.PdfUnavailable` without typst or a Japanese font."""
    report, imprint = printed.report, printed.imprint
    figure = next(iter(report.figures), None)
    public = f"{format_date(report.published_on)}公開" if report.published_on else ""
    content = {
        "title": report.title,
        "heading": [format_fiscal_year(report.year), report.council],
        # What is made up says so here too, where there is no room for more.
        "notes": [report.notice, figure.provenance_note if figure else ""],
        "figure": figure
        and {
            "name": figure.name,
            "share": figure.percent_text,
            "of_base": figure.of_base_text,
            "drawing": draw_bodies(figure).content,
        },
        "foot": "　".join(filter(None, ["年次報告書", imprint.name, public])),
    }
    inputs = {"report": json.dumps(content, ensure_ascii=False), "font": ",".join(fonts())}
    import typst

    return bytes(typst.compile(TEMPLATE.read_bytes(), format="png", ppi=72.0, sys_inputs=inputs))


def picture_words(printed: Printed) -> str:
    """The same for who does not see it."""
    report = printed.report
    figure = next(iter(report.figures), None)
    return f"{report.title}。{figure.name}は{figure.share_text}" if figure else report.title
