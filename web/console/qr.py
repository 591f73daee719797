"""Pictures to be read with a telephone, as SVG in the page: no inline style, no other file."""

import io

from markupsafe import Markup


def as_svg(text: str, title: str) -> Markup:
    """The QR code of ``text``. Its colours are attributes, and a white edge is part of it."""
    import segno

    target = io.BytesIO()
    made = segno.make(text, error="m", micro=False)
    made.save(
        target,
        kind="svg",
        xmldecl=False,
        svgns=True,
        svgclass="qr",
        lineclass=None,
        omitsize=True,
        light="#fff",
        title=title,
    )
    return Markup(target.getvalue().decode())  # noqa: S704 - segno's own markup; the title is escaped by it
