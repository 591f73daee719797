"""Pictures to be read with a telephone, as SVG in the page: no inline style, no other file."""

from itertools import groupby

from markupsafe import Markup

_SVG = Markup(
    '<svg xmlns="http://www.w3.org/2000/svg" class="qr" viewBox="0 0 {side} {side}"><title>{title}</title>'
    '<path fill="#fff" d="M0 0h{side}v{side}H0z"/><path d="{path}"/></svg>'
)


def as_svg(text: str, title: str) -> Markup:
    """The QR code of ``text``. Colours are attributes; the quiet zone is part of it (ISO/IEC 18004)."""
    from qrcode.constants import ERROR_CORRECT_M
    from qrcode.main import QRCode

    code = QRCode(error_correction=ERROR_CORRECT_M)
    code.add_data(text)
    rows: list[list[bool]] = code.get_matrix()
    return _SVG.format(side=len(rows), title=title, path="".join(map(_row, range(len(rows)), rows)))


def _row(y: int, modules: list[bool]) -> str:
    """The dark modules of a row as rectangles, those side by side as one (SVG path data)."""
    path, x = [], 0
    for dark, run in groupby(modules):
        length = len([*run])
        if dark:
            path.append(f"M{x} {y}h{length}v1h-{length}z")
        x += length
    return "".join(path)
