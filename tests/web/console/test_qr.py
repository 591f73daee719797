"""The picture of the second factor: what a telephone reads is what was meant."""

import re

from qrcode.constants import ERROR_CORRECT_M
from qrcode.main import QRCode

from web.console.qr import as_svg

_TEXT = "otpauth://totp/Prova:paola%40comune.example?secret=ABCDEFGHIJKLMNOP&issuer=Prova"


def test_the_path_covers_the_dark_modules_and_no_others() -> None:
    code = QRCode(error_correction=ERROR_CORRECT_M)
    code.add_data(_TEXT)
    dark = {(x, y) for y, row in enumerate(code.get_matrix()) for x, is_dark in enumerate(row) if is_dark}
    path = re.findall(r"M(\d+) (\d+)h(\d+)v1h-\3z", as_svg(_TEXT, ""))
    drawn = [(int(x) + n, int(y)) for x, y, length in path for n in range(int(length))]
    assert sorted(drawn) == sorted(dark)


def test_a_white_edge_of_four_modules_belongs_to_it() -> None:
    svg = as_svg(_TEXT, "")
    side = int(re.findall(r'viewBox="0 0 (\d+) ', svg)[0])
    places = [(int(x), int(y)) for x, y in re.findall(r"M(\d+) (\d+)h\d+v1", svg)]
    assert {min(x for x, _ in places), min(y for _, y in places)} == {4}
    assert max(y for _, y in places) == side - 5
    assert f'<path fill="#fff" d="M0 0h{side}v{side}H0z"/>' in svg


def test_its_title_is_text() -> None:
    assert "<title>Nome &lt;b&gt;</title>" in as_svg(_TEXT, "Nome <b>")
