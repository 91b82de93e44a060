"""A report as a PDF of two pages.

By ReportLab, which draws the same on every system, needs nothing that pip does not bring, and
carries a font that may be put into the file.
"""

from __future__ import annotations

import unicodedata
from functools import cache
from io import BytesIO
from xml.sax.saxutils import escape

from reportlab.graphics.shapes import Drawing, Line, Rect, String
from reportlab.lib.colors import HexColor
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import (
    Flowable,
    KeepInFrame,
    PageBreak,
    Paragraph,
    SimpleDocTemplate,
    Spacer,
    TableStyle,
)
from reportlab.platypus import Table as PrintedTable

from server.language import _, locale
from server.report.facts import Report
from server.report.parts import Chart, Heading, Lines, Part, Table, Text
from server.report.sheets import sheets

__all__ = ["report_pdf"]

MARGIN = 15 * mm
"""White at each edge: what printers cannot reach, and room for two holes."""
WIDTH = A4[0] - 2 * MARGIN
HEIGHT = A4[1] - 2 * MARGIN - 8 * mm
"""Of what a page holds, above its number."""

PLAIN, BOLD = "Vera", "VeraBd"
"""Bitstream Vera, which ReportLab carries; its licence lets it be embedded."""

BODY, SMALL = 9.0, 7.5
"""Points: the size of a journal's text and of its notes."""

MOST_FOOT_CHARS = 60
"""Letters of the foot at the most, beside the number of the page."""

CHART_HEIGHT, LABELS_HEIGHT = 34 * mm, 5 * mm

INK, QUIET, LINE = HexColor("#1c2126"), HexColor("#545b63"), HexColor("#c9c5bc")
BAR, PALE_BAR, BAND = HexColor("#3f6f8c"), HexColor("#b9cbd6"), HexColor("#e4e4e0")
"""As on the pages, and to be told apart in print without colour."""

TEXT = ParagraphStyle("text", fontName=PLAIN, fontSize=BODY, leading=12, textColor=INK)
NOTE = ParagraphStyle("note", TEXT, fontSize=SMALL, leading=10, textColor=QUIET)
CELL = ParagraphStyle("cell", TEXT, fontSize=8, leading=10)
HEAD_CELL = ParagraphStyle("head-cell", CELL, textColor=QUIET)
LINE_OF_LIST = ParagraphStyle("line", TEXT, leftIndent=9, bulletIndent=0)
TITLE = ParagraphStyle("title", TEXT, fontName=BOLD, fontSize=14, leading=18)
HEADING = ParagraphStyle("heading", TEXT, fontName=BOLD, fontSize=10.5, leading=14, spaceBefore=4)


def report_pdf(report: Report) -> bytes:
    """Print a report on two pages of A4; what would not fit is drawn smaller."""
    _fonts()
    title = _(
        "%(first)s to %(last)s. %(title)s",
        first=report.first,
        last=report.last,
        title=report.title,
    )
    story: list[Flowable] = []
    for number, sheet in enumerate(sheets(report)):
        drawn = [each for part in sheet for each in _drawn(part, is_first=part is sheet[0])]
        if number == 0:
            drawn[0] = Paragraph(_marked_up(sheet[0].text), TITLE)  # type: ignore[union-attr]
        else:
            story.append(PageBreak())
        story.append(KeepInFrame(WIDTH, HEIGHT, drawn, mode="shrink"))
    file = BytesIO()
    document = SimpleDocTemplate(
        file,
        pagesize=A4,
        leftMargin=MARGIN - 6,  # A frame pads its content by 6 points.
        rightMargin=MARGIN - 6,
        topMargin=MARGIN - 6,
        bottomMargin=MARGIN - 6,
        title=title,
        author=f"crampwatch {report.version}",
        lang=locale().language,
        # The same report is the same file: no time of making, no random name.
        invariant=1,
    )

    def foot(canvas: Canvas, page: SimpleDocTemplate) -> None:
        canvas.setFont(PLAIN, SMALL)
        canvas.setFillColor(QUIET)
        canvas.drawString(MARGIN, MARGIN - 4 * mm, _printable(title[:MOST_FOOT_CHARS]))
        canvas.drawRightString(
            A4[0] - MARGIN, MARGIN - 4 * mm, _("Page %(page)s of 2", page=page.page)
        )

    document.build(story, onFirstPage=foot, onLaterPages=foot)
    return file.getvalue()


def _drawn(part: Part, *, is_first: bool) -> list[Flowable]:
    match part:
        case Heading(text):
            above = [] if is_first else [Spacer(0, 5)]
            return [*above, Paragraph(_marked_up(text), HEADING), Spacer(0, 2)]
        case Text(text, is_note):
            return [Paragraph(_marked_up(text), NOTE if is_note else TEXT), Spacer(0, 3)]
        case Lines(lines):
            return [
                Paragraph(_marked_up(line), LINE_OF_LIST, bulletText="\N{EN DASH}")
                for line in lines
            ]
        case Table():
            return [_table(part), Spacer(0, 3)]
        case Chart():
            return [_chart(part), Spacer(0, 2)]


def _table(table: Table) -> Flowable:
    cells = [[Paragraph(_marked_up(each), HEAD_CELL) for each in table.head]]
    cells += [[Paragraph(_marked_up(each), CELL) for each in row] for row in table.rows]
    columns = len(table.head)
    first = 0.24 if columns > 2 else 0.2
    widths = [first * WIDTH] + [(1 - first) * WIDTH / (columns - 1)] * (columns - 1)
    rules = TableStyle(
        [
            ("LINEBELOW", (0, 0), (-1, -1), 0.4, LINE),
            ("TOPPADDING", (0, 0), (-1, -1), 1.5),
            ("BOTTOMPADDING", (0, 0), (-1, -1), 2.5),
            ("LEFTPADDING", (0, 0), (-1, -1), 0),
            ("VALIGN", (0, 0), (-1, -1), "TOP"),
        ]
    )
    return PrintedTable(cells, widths, style=rules, repeatRows=1, hAlign="LEFT")


def _chart(chart: Chart) -> Flowable:
    drawing = Drawing(WIDTH, CHART_HEIGHT)
    # Above the bars there is room for a number.
    room = CHART_HEIGHT - LABELS_HEIGHT - BODY
    if chart.band is not None:
        low, high = (LABELS_HEIGHT + share * room for share in chart.band)
        drawing.add(Rect(0, low, WIDTH, max(high - low, 1), fillColor=BAND, strokeColor=None))
    width = WIDTH / len(chart.bars)
    size = min(SMALL, width * 0.55)
    for place, bar in enumerate(chart.bars):
        middle, height = (place + 0.5) * width, bar.height * room
        drawing.add(
            Rect(
                middle - 0.35 * width,
                LABELS_HEIGHT,
                0.7 * width,
                height,
                fillColor=PALE_BAR if bar.pale else BAR,
                strokeColor=None,
            )
        )
        written = ((bar.number, LABELS_HEIGHT + height + 2, size), (bar.label, 4, SMALL - 0.5))
        for text, y, points in written:
            drawing.add(
                String(
                    middle,
                    y,
                    text,
                    fontName=PLAIN,
                    fontSize=points,
                    textAnchor="middle",
                    fillColor=INK,
                )
            )
    drawing.add(Line(0, LABELS_HEIGHT, WIDTH, LABELS_HEIGHT, strokeColor=QUIET, strokeWidth=0.6))
    return drawing


def _marked_up(text: str) -> str:
    return escape(_printable(text))


def _printable(text: str) -> str:
    """Write what the font has no letter for without its accents, and else as a question mark."""
    known = _fonts()
    return "".join(each if ord(each) in known else _nearest(each, known) for each in text)


def _nearest(letter: str, known: frozenset[int]) -> str:
    bare = unicodedata.normalize("NFKD", letter)[0]
    return bare if ord(bare) in known else "?"


@cache
def _fonts() -> frozenset[int]:
    """Load the fonts, and give the letters that they have."""
    plain = TTFont(PLAIN, f"{PLAIN}.ttf")
    for each in (plain, TTFont(BOLD, f"{BOLD}.ttf")):
        pdfmetrics.registerFont(each)
    return frozenset(plain.face.charToGlyph)
