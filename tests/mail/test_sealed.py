"""Letters signed as a whole, and letters that cannot be read here."""

from conversation.message import Event, Incoming
from mail.reading.body import Body
from mail.reading.message import read_letter
from mail.reading.words import own_words
from tests.mail.test_reading import MAILS, OURS, raw

SIGNED = (MAILS / "smime_signed.eml").read_bytes()


def incoming(data: bytes) -> Incoming:
    letter = read_letter(data, ours=OURS)
    assert letter.incoming is not None
    return letter.incoming


def test_what_is_only_signed_is_read() -> None:
    said = incoming(SIGNED)
    assert said.event is Event.WORDS
    assert "iscriviamo tre persone all'incontro di giovedì 21 gennaio" in said.text


def test_what_was_changed_after_signing_or_is_encrypted_is_for_a_person() -> None:
    changed = SIGNED.replace(b"dHJlIHBlcnNvbmUg", b"c2VpIHBlcnNvbmUg")  # six people
    assert changed != SIGNED
    enveloped = raw("", Subject="Iscrizione giovedì 21").replace(
        b"text/plain", b"application/pkcs7-mime; smime-type=enveloped-data"
    )
    inline = raw(
        "-----BEGIN PGP MESSAGE-----\n\nhQEMA0000000000000AQf/\n=abcd\n-----END PGP MESSAGE-----",
        Subject="Iscrizione giovedì 21",
    )
    for data in (changed, enveloped, inline, (MAILS / "pgp_mime.eml").read_bytes()):
        assert incoming(data).event is Event.ENCRYPTED


def test_a_key_or_a_signature_beside_the_words_is_no_seal() -> None:
    said = incoming(
        raw("Veniamo in tre")
        .replace(b"text/plain", b'multipart/signed; boundary="b"')
        .replace(
            b"Veniamo in tre",
            (
                b"--b\r\nContent-Type: text/plain\r\n\r\nVeniamo in tre\r\n--b\r\nContent-Type: "
                b"application/pkcs7-signature; name=smime.p7s\r\n\r\nx\r\n--b--"
            ),
        )
    )
    assert said.event is Event.WORDS
    assert "Veniamo in tre" in said.text


def test_the_armour_around_a_signed_text_is_no_word() -> None:
    text = (
        "-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\nVeniamo in tre\n- - uno\n-----BEGIN PGP "
        "SIGNATURE-----\n\niQEzBAEBCAAdFiEEgio26\n=gio2\n"
        "-----END PGP SIGNATURE-----\n"
    )
    assert own_words(Body(text)).own == "Veniamo in tre\n- uno"
    key = "-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nmQINBF\n\n=gio26\n-----END PGP PUBLIC KEY BLOCK-----\n"
    assert own_words(Body(f"Veniamo in tre\n\n{key}")).own == "Veniamo in tre"
