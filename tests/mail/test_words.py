"""Mail programs' shapes, and exactly the person's own words in each.

What is quoted, signed or added by a program is nobody's.
"""

from pathlib import Path

import pytest

from mail.reading.body import Body
from mail.reading.markup import read_html
from mail.reading.message import read_letter
from mail.reading.words import own_words
from tests.mail.test_reading import OURS, answered, raw

SHAPES = Path(__file__).parent.parent / "mails" / "shapes"
PIOPPO = "Quello di venerdì, siamo in due. Circolo Il Pioppo"
PIOPPO_2 = "Veniamo venerdì, siamo in due. Circolo Il Pioppo"
NOCE = "Venerdì 22, siamo in due. Circolo Il Noce"
THREE = "Veniamo in tre, Circolo Il Noce"
#: File → what its sender says; a subject of one's own stands above it.
EXPECTED = {
    "words-right-above-attribution-lost.a1-noblank-marked": PIOPPO,
    "words-right-above-attribution-lost.a4-noblank-four-lines": (
        "Buongiorno,\nsiamo il Circolo Il Pioppo.\nQuello di venerdì.\nSiamo in due."
    ),
    "words-right-above-attribution-lost.a8-html-div-blockquote": PIOPPO,
    "words-right-above-attribution-lost.html-thunderbird-br": PIOPPO,
    "words-right-above-attribution-lost.plain-yahoo": PIOPPO,
    "quote-shapes.gmx-quote": PIOPPO,
    "quote-shapes.gmx-html": PIOPPO,
    "quote-shapes.fairemail": PIOPPO_2,
    "quote-shapes.aruba-html": PIOPPO_2,
    "quote-shapes.outlook-es": PIOPPO_2,
    "body-parts.apple-html-pdf-html": (
        "Richiesta\n\nBuongiorno, allego lo statuto.\nSiamo la Polisportiva Le Querce e iscriviamo tre "
        "persone all'incontro di giovedì 21 gennaio."
        "\nGrazie, Sara Bini"
    ),
    "wrapped-names.flowed": (
        "Richiesta\n\nBuongiorno, siamo la Polisportiva Le Querce e vorremmo iscrivere all'incontro di "
        "giovedì 21 gennaio tre persone.\nSara Bini"
    ),
    "wrapped-names.w-contact": (
        "Richiesta\n\nSiamo la Polisportiva Le Querce, giovedì 21 gennaio veniamo in tre. Referente Sara Bini."
    ),
    "wrapped-names.w-org": (
        "Richiesta\n\nBuongiorno, con la presente vi scriviamo a nome della Polisportiva Le Querce per "
        "iscrivere all'incontro di giovedì 21 gennaio tre persone."
    ),
    "wrapped-names.w-org2": (
        "Richiesta\n\nScriviamo per l'associazione culturale Amici del Teatro di Lucca: veniamo in tre "
        "venerdì 22 gennaio."
    ),
    "wrapped-names.w-org3": "Richiesta\n\nScriviamo per il Coro Le Rondini: veniamo in tre venerdì 22 gennaio.",
    "wrapped-names.w-org4": "Richiesta\n\nSiamo la Banda Musicale Giuseppe Verdi, veniamo in tre venerdì 22 gennaio.",
    "answered-bounce-broken-boundary.human": "Veniamo in tre giovedì 21, Circolo Il Noce.",
    "quotes-without-marks.a-iso-date-no-verb": NOCE,
    "quotes-without-marks.c-time-first": NOCE,
    "quotes-without-marks.e-no-colon": NOCE,
    "quotes-without-marks.g-outlook-wrapped-from": NOCE,
    "quotes-without-marks.i-bold-wrapped": NOCE,
    "quotes-without-marks.k-english-sent": NOCE,
    "italian-sent-from.a": "Siamo in due venerdì 22, Circolo Il Noce",
    "thanks-read-as-our-own-subject.cancelled": "Grazie mille",
    "thanks-read-as-our-own-subject.reminder": "Grazie!",
    "line-above-attribution-swallowed.cancel": "Purtroppo non possiamo più venire, cancellateci",
    "line-above-attribution-swallowed.plain": THREE,
    "line-above-attribution-swallowed.yahoo": "Non possiamo venire, disdite la nostra iscrizione.",
    "request-below-the-thanks.a": (
        "Incontri\n\nBuongiorno,\ngrazie.\nConfermo la presenza per tre persone, Circolo Il Noce, giovedì 21 sport."
    ),
    "request-below-the-thanks.c": (
        "Incontri\n\nGentili,\ngrazie.\nTre posti per il Circolo Il Noce giovedì 21 sport\nRina"
    ),
    "italian-one-line-and-libero.libero": THREE,
    "multipart-that-has-no-parts.folded_boundary": THREE,
    "forward-with-a-wrapped-address.a": "Hello world!",
    "html-says-what-is-quoted.gmail_signature": "Veniamo in tre",
}


@pytest.mark.parametrize("name", EXPECTED)
def test_a_letter_of_each_shape(name: str) -> None:
    letter = read_letter((SHAPES / f"{name}.eml").read_bytes(), ours=OURS)
    assert letter.incoming is not None
    assert letter.incoming.text == EXPECTED[name]


def test_no_shape_is_forgotten() -> None:
    assert {path.stem for path in SHAPES.glob("*.eml")} == set(EXPECTED)


OURS_BELOW = "Gli incontri sono:\n- giovedì 21 gennaio, sport, 101 persone\n\nVi aspettiamo!"
#: What programs write above an unmarked quote, with nothing between it and the words.
HEADS = {
    "gmail it": "Il giorno lun 18 gen 2021 alle ore 09:40 Ufficio <u@comune.example> ha scritto:",
    "gmail wrapped": (
        "Il giorno lun 18 gen 2021 alle ore 09:40 Ufficio Learning City <\nufficio@comune.example> ha scritto:"
    ),
    "gmail en": "On Mon, Jan 18, 2021 at 9:40 AM Office <u@comune.example> wrote:",
    "gmail en wrapped": "On Mon, Jan 18, 2021 at 9:40 AM\nOffice <u@comune.example> wrote:",
    "gmail de": "Am Mo., 18. Jan. 2021 um 09:40 Uhr schrieb Ufficio <u@comune.example>:",
    "gmail fr": "Le lun. 18 janv. 2021 à 09:40, Ufficio <u@comune.example> a écrit :",
    "gmail es": "El lun, 18 ene 2021 a las 9:40, Ufficio (<u@comune.example>) escribió:",
    "gmail pt": "Ufficio <u@comune.example> escreveu no dia segunda, 18/01/2021 à(s) 09:40:",
    "gmail pl": "pon., 18 sty 2021 o 09:40 Ufficio <u@comune.example> napisał(a):",
    "gmail nl": "Op ma 18 jan. 2021 om 09:40 schreef Ufficio <u@comune.example>:",
    "gmail ro": "În lun., 18 ian. 2021 la 09:40, Ufficio <u@comune.example> a scris:",
    "gmail sv": "Den mån 18 jan. 2021 kl 09:40 skrev Ufficio <u@comune.example>:",
    "apple it": "Il giorno 18 gen 2021, alle ore 09:40, Ufficio <u@comune.example> ha scritto:",
    "apple it without address": "Il giorno 18 gen 2021, alle ore 09:40, Ufficio ha scritto:",
    "apple old": "Il giorno 18/gen/2021, alle ore 09:40, Ufficio ha scritto:",
    "gmail wrapped in the day": "Il giorno lun 18 gen\n2021 alle ore 09:40 Ufficio <u@comune.example> ha scritto:",
    "gmail this year": "Il lun 18 gen, 09:40 Ufficio <u@comune.example> ha scritto:",
    "gmail ja": "2021年1月18日(月) 9:40 Ufficio <u@comune.example>:",
    "outlook mac with a link": "Il 18/01/2021, 09:40, Ufficio <u@comune.example<mailto:u@comune.example>> ha scritto:",
    "webmail": "In data 18 gennaio 2021 09:40:43 CET, Ufficio Learning City\n<u@comune.example> scrive:",
    "roundcube": "Il 2021-01-18 09:40 u@comune.example ha scritto:",
    "thunderbird it": "Il 18/01/2021 09:40, Ufficio ha scritto:",
    "yahoo it": "Il lunedì 18 gennaio 2021, 09:40:00 CET, Ufficio <u@comune.example> ha scritto:",
    "outlook mac": 'On 18/01/2021, 09:40, "Ufficio" <u@comune.example> wrote:',
    "fairemail": "18 gennaio 2021 09:40:00 CET, Ufficio <u@comune.example>:",
    "iso": "2021-01-18 9:40 GMT+01:00 Ufficio <u@comune.example>:",
    "yandex": '18.01.2021, 09:40, "Ufficio" <u@comune.example>:',
    "zoho": "---- On Mon, 18 Jan 2021 09:40:43 +0100 Ufficio <u@comune.example> wrote ----",
    "groupwise": '>>> "Ufficio" <u@comune.example> 18/01/21 09:40 >>>',
    "proton": (
        "‐‐‐‐‐‐‐ Original Message ‐‐‐‐‐‐‐\nOn Monday, January 18th, 2021 at 9:40 AM, Ufficio <u@comune.example> wrote:"
    ),
    "outlook it": (
        "Da: Ufficio <u@comune.example>\nInviato: lunedì 18 gennaio 2021 09:40\nA: Rina "
        "<r@posta.example>\nOggetto: Incontri"
    ),
    "outlook it with a rule": (
        "________________________________\nDa: Ufficio <u@comune.example>\nInviato: lunedì 18 gennaio 2021 "
        "09:40\nA: Rina <r@posta.example>\nOggetto: Incontri"
    ),
    "outlook de": (
        "Von: Ufficio <u@comune.example>\nGesendet: Montag, 18. Januar 2021 09:40\nAn: Rina "
        "<r@posta.example>\nBetreff: Incontri"
    ),
    "outlook fr": (
        "De : Ufficio <u@comune.example>\nEnvoyé : lundi 18 janvier 2021 09:40\nÀ : Rina "
        "<r@posta.example>\nObjet : Incontri"
    ),
    "outlook es": (
        "De: Ufficio <u@comune.example>\nEnviado el: lunes, 18 de enero de 2021 9:40\nPara: "
        "r@posta.example\nAsunto: Incontri"
    ),
    "outlook pt": (
        "De: Ufficio <u@comune.example>\nEnviada em: segunda-feira, 18 de janeiro de 2021 09:40\nPara: "
        "r@posta.example\nAssunto: Incontri"
    ),
    "outlook nl": (
        "Van: Ufficio <u@comune.example>\nVerzonden: maandag 18 januari 2021 09:40\nAan: "
        "r@posta.example\nOnderwerp: Incontri"
    ),
    "outlook pl": (
        "Od: Ufficio <u@comune.example>\nWysłano: poniedziałek, 18 stycznia 2021 09:40\nDo: "
        "r@posta.example\nTemat: Incontri"
    ),
    "outlook sv": (
        "Från: Ufficio <u@comune.example>\nSkickat: den 18 januari 2021 09:40\nTill: r@posta.example\nÄmne: Incontri"
    ),
    "outlook cs": (
        "Od: Ufficio <u@comune.example>\nOdesláno: pondělí 18. ledna 2021 9:40\nKomu: "
        "r@posta.example\nPředmět: Incontri"
    ),
    "outlook ru": (
        "От: Ufficio <u@comune.example>\nОтправлено: 18 января 2021 г. 9:40\nКому: r@posta.example\nТема: Incontri"
    ),
    "outlook original": (
        "-----Messaggio originale-----\nDa: Ufficio\nInviato: lunedì 18 gennaio 2021 09:40\nA: Rina\nOggetto: Incontri"
    ),
    "outlook mobile": (
        "Ottieni Outlook per iOS<https://aka.ms/o0ukef>\n________________________________\nFrom: Ufficio "
        "<u@comune.example>\nSent: Monday, January 18, 2021 9:40:00 AM\nTo: Rina <r@posta.example>\nSubject: "
        "Incontri"
    ),
    "gmx": (
        'Gesendet: Montag, 18. Januar 2021 um 09:40 Uhr\nVon: "Ufficio" <u@comune.example>\nAn: '
        "r@posta.example\nBetreff: Incontri"
    ),
    "notes": "Da:\tUfficio <u@comune.example>\nPer:\tr@posta.example\nData:\t18/01/2021 09:40\nOggetto:\tIncontri",
    "subject first": (
        "Oggetto: Incontri\nData: Mon, 18 Jan 2021 09:40:00 +0100\nMittente: Ufficio <u@comune.example>\nA: "
        "r@posta.example"
    ),
    "webmail without colons": (
        'Da "Ufficio" u@comune.example\nA r@posta.example\nCc\nData Mon, 18 Jan 2021 09:40:00 +0100\nOggetto Incontri'
    ),
    "bold": (
        "*Da:* Ufficio [mailto:\nu@comune.example]\n*Inviato:* lunedì 18 gennaio 2021 09:40\n*A:* "
        "r@posta.example\n*Oggetto:* Incontri"
    ),
    "many addressees": (
        "Da: Ufficio <u@comune.example>\nInviato: lunedì 18 gennaio 2021 09:40\nA: Rina <r@posta.example>; "
        "Ugo <u@posta.example>;\n Lia <l@posta.example>; Ivo\n <i@posta.example>\nOggetto: Incontri"
    ),
    "a line for each header": (
        "Da: Ufficio <u@comune.example>\n\nInviato: lunedì 18 gennaio 2021 09:40\n\nA: "
        "r@posta.example\n\nOggetto: Incontri"
    ),
}
WORDS = (
    "Siamo in due.",
    "Veniamo in 3, Circolo Il Noce",
    "Il 22 gennaio non possiamo venire",
    "Sì",
    "Ci vediamo il 22/01/2021 alle 17:00",
)


@pytest.mark.parametrize("between", ["\n", "\n\n"], ids=["right above", "apart"])
@pytest.mark.parametrize("head", HEADS)
def test_what_stands_above_a_quote_without_marks(head: str, between: str) -> None:
    for said in WORDS:
        words = own_words(Body(f"{said}{between}{HEADS[head]}\n\n{OURS_BELOW}"))
        assert words.own == said
        assert words.quoted


@pytest.mark.parametrize("head", [h for h in HEADS if h.startswith(("gmail", "apple", "yahoo", "thunderbird"))])
def test_what_stands_below_a_quote_with_marks(head: str) -> None:
    marked = "".join(f"> {line}\n" for line in OURS_BELOW.split("\n"))
    assert own_words(Body(f"{HEADS[head]}\n{marked}\nSiamo in due.")).own == "Siamo in due."


@pytest.mark.parametrize(
    "said",
    [
        "Il presidente vi ha scritto il 18 gennaio 2021 alle 9:40.",
        "Vi abbiamo scritto ieri: potete dirci quanti posti ci sono?",
        "Buongiorno,\nil presidente ha scritto 2 volte:\nsiamo in tre",
        "Scrivete a segreteria@noce.example, grazie",
        "Ecco chi viene:\nAnna Bini\nUgo Neri",
        "Associazione: Circolo Il Noce\nPersone: 3\nData: 21 gennaio\nReferente: Anna Bini",
        "Nome: Anna\nA: presto\nData: 21/01/2021",
        "La data scelta è giovedì 21 gennaio 2021 alle 18:00, scrivete a u@noce.example se cambia.",
        "Programma per noi:\n- 21 gennaio 2021 alle 18:00 sport\n- 22 gennaio 2021 alle 17:00 cultura",
        "---\nSiamo in tre giovedì 21\n---\nCircolo Il Noce, referente da decidere, 3 persone",
    ],
)
def test_what_only_looks_like_a_quote(said: str) -> None:
    words = own_words(Body(said))
    assert words.own == said.strip()
    assert not words.quoted


def test_a_whole_letter_on_one_line() -> None:
    line = (
        f"{THREE} Il giorno lun 18 gen 2021 alle ore 09:40 Ufficio <u@comune.example> ha scritto: > Gli "
        f"incontri > sono due"
    )
    assert own_words(Body(line)).own == THREE
    on = f"{THREE} On Mon, Jan 18, 2021 at 9:40 AM Office <u@comune.example> wrote:\n\n{OURS_BELOW}"
    assert own_words(Body(on)).own == THREE


@pytest.mark.parametrize(
    "line",
    [
        "Inviato da iPhone",
        "Inviato dal mio telefono Galaxy",
        "Inviato con Tuta",
        "Inviata da Libero Mail per Android",
        "Inviato tramite la mia app di posta",
        "-- Inviato da Libero Mail",
        "--\nInviato da Libero Mail",
        "Sent from my iPhone",
        "Sent via BlackBerry",
        "Sent with Proton Mail secure email.",
        "Get Outlook for Android<https://aka.ms/AAb9ysg>",
        "Ottieni Outlook per iOS",
        "Envoyé depuis mon téléphone Orange",
        "Enviado desde mi iPhone",
        "Enviado do meu iPhone",
        "Gesendet von Outlook für Android",
        "Von meinem iPhone gesendet",
        "Diese Nachricht wurde von meinem Android-Gerät mit GMX Mail gesendet.",
        "Verzonden vanaf mijn iPhone",
        "Skickat från min iPhone",
    ],
)
def test_what_a_program_says_of_itself(line: str) -> None:
    for text in (
        f"Siamo in due\n\n{line}",
        f"Siamo in due\n\n{line}\n\nOn 18/01/2021, 09:40, U <u@x.example> wrote:\n> ciao",
    ):
        assert own_words(Body(text)).own == "Siamo in due"


SAID_BELOW_THE_THANKS = (
    "Confermo la presenza per tre persone, Circolo Il Noce, giovedì 21 sport.",
    "Tre posti per il Circolo Il Noce giovedì 21 sport",
    "Nome: Rina Moriconi\nPersone: 3",
    "Saremo in quattro",
    "Potete iscriverci a venerdì?",
    "siamo il Circolo Il Noce, in tre",
    "Per noi vanno bene 2 posti",
    "PS: veniamo anche venerdì",
    "L'associazione che rappresento è il Circolo Il Noce e porterebbe cinque soci",
)


@pytest.mark.parametrize("request_below", SAID_BELOW_THE_THANKS)
@pytest.mark.parametrize("thanks", ["grazie.", "Grazie mille!", "Cordiali saluti", "Thanks,"])
@pytest.mark.parametrize("above", ["Buongiorno,\n", "Siamo interessati agli incontri.\n"])
def test_a_request_below_the_thanks_is_no_signature(above: str, thanks: str, request_below: str) -> None:
    assert request_below in own_words(Body(f"{above}{thanks}\n{request_below}")).own


@pytest.mark.parametrize(
    "signature",
    [
        "Rina Moriconi",
        "Rina",
        "Rina Moriconi\nPresidente del Circolo Il Noce\ntel. 0583 123456",
        "la segreteria\nPolisportiva Le Querce ASD\nVia della Chiesa 12, 55100 Lucca\nwww.querce.example",
        "Il Presidente\nDott. Ugo Neri",
        "Ugo Neri\n+39 333 1234567\nugo@noce.example",
    ],
)
@pytest.mark.parametrize(
    "thanks", ["Grazie", "Cordiali saluti,", "Un saluto", "Mit freundlichen Grüßen", "Best regards", "---"]
)
def test_a_signature_is_known_by_what_it_looks_like(thanks: str, signature: str) -> None:
    words = own_words(Body(f"Siamo in tre giovedì 21.\n\n{thanks}\n{signature}"))
    assert (words.own, words.signature) == ("Siamo in tre giovedì 21.", signature)


def test_what_is_said_below_the_signature_is_said() -> None:
    words = own_words(Body("Siamo in tre.\n\nSaluti\nRina Moriconi\nCircolo Il Noce\n\nP.S. veniamo anche venerdì"))
    assert words.own == "Siamo in tre.\n\nP.S. veniamo anche venerdì"
    assert words.signature == "Rina Moriconi\nCircolo Il Noce"


@pytest.mark.parametrize(
    "thanks", ["Grazie", "Grazie mille!", "Grazie 🙏", "ok grazie", "Perfetto, grazie", "Thanks", "Cordiali saluti"]
)
def test_thanks_are_all_that_is_said(thanks: str) -> None:
    for signed in ("", "\nRina Moriconi"):
        letter = read_letter(raw(f"{thanks}{signed}\n\n> ciao", Subject="Re: Annullato: sport"), ours=OURS)
        assert answered(letter).text == thanks


@pytest.mark.parametrize("prefix", ["Re", "R", "RE", "Rif", "AW", "SV", "Re[2]", "Odp"])
def test_an_answer_never_falls_back_to_its_subject(prefix: str) -> None:
    for body in ("", "> solo il vostro testo\n"):
        assert answered(read_letter(raw(body, Subject=f"{prefix}: Annullato: sport"), ours=OURS)).text == ""
    assert (
        answered(read_letter(raw("", Subject="Iscrizione di tre persone"), ours=OURS)).text
        == "Iscrizione di tre persone"
    )


BANNERS = (
    "[EXTERNAL]",
    "[ESTERNO] ",
    "ATTENZIONE: mail esterna",
    (
        "ATTENZIONE: questa e-mail proviene dall'esterno dell'organizzazione. Non aprire allegati o link se non "
        "si riconosce\nil mittente."
    ),
    (
        "CAUTION: This email originated from outside of the organization. Do not click links or open attachments "
        "unless you\nrecognize the sender and know the content is safe.\n"
    ),
    "Non si ricevono spesso messaggi di posta elettronica da rina@posta.example. Informazioni sul perché è importante",
    "You don't often get email from rina@posta.example. Learn why this is important",
    "Achtung: Diese E-Mail stammt von einem externen Absender.\n",
)


@pytest.mark.parametrize("banner", BANNERS)
def test_a_gateways_banner_is_nobodys_words(banner: str) -> None:
    said = "Buongiorno, siamo in tre giovedì 21"
    assert own_words(Body(f"{banner}\n{said}")).own == said
    letter = read_letter(raw(f"{banner}\n{said}", Subject="[EXTERNAL] Incontri"), ours=OURS)
    assert answered(letter).text == f"Incontri\n\n{said}"


def test_who_writes_of_strangers_is_no_gateway() -> None:
    for said in ("Attenzione: siamo in tre e non in due", "Questa mail è per iscriverci in tre, anche soci esterni?"):
        assert own_words(Body(f"{said}\nCircolo Il Noce")).own.startswith(said)


@pytest.mark.parametrize(
    ("text", "joined"),
    [
        ("Veniamo in tre per la Pro Loco di\nLucca", "Veniamo in tre per la Pro Loco di Lucca"),
        (
            "vorremmo iscrivere la nostra associazione\nall'incontro",
            "vorremmo iscrivere la nostra associazione all'incontro",
        ),
        ("Nome: Anna Bini\nPersone: 3", "Nome: Anna Bini\nPersone: 3"),
        ("Siamo il Circolo Il Noce\nReferente: Anna Bini", "Siamo il Circolo Il Noce\nReferente: Anna Bini"),
        ("Siamo il Circolo Il Noce\nVeniamo in tre", "Siamo il Circolo Il Noce\nVeniamo in tre"),
        ("Siamo in tre giovedì\nCircolo Il Noce", "Siamo in tre giovedì\nCircolo Il Noce"),
        ("sport\nasd tau\nlia neri\n2", "sport\nasd tau\nlia neri\n2"),
        ("Veniamo:\n- Anna Bini\n- Ugo Neri", "Veniamo:\n- Anna Bini\n- Ugo Neri"),
        ("Siamo in tre\n\ngrazie a tutti voi", "Siamo in tre\n\ngrazie a tutti voi"),
        (
            "Veniamo in tre, Circolo Il Noce\nGrazie, a presto da tutti noi",
            "Veniamo in tre, Circolo Il Noce\nGrazie, a presto da tutti noi",
        ),
    ],
)
def test_only_what_a_program_broke_is_joined(text: str, joined: str) -> None:
    assert own_words(Body(text)).own == joined


PAGES = {
    "gmail": (
        '<div dir="ltr">Sì</div><br><div class="gmail_quote"><div class="gmail_attr">Il giorno lun X ha '
        'scritto:<br></div><blockquote class="gmail_quote">testo</blockquote></div>'
    ),
    "gmail between the lines": (
        '<div dir="ltr"><div class="gmail_quote"><div class="gmail_attr">X ha '
        "scritto:</div><blockquote>testo</blockquote><div>Sì</div><blockquote>altro</blockquote></div></div>"
    ),
    "outlook on the web": (
        '<div>Sì</div><div id="appendonsend"></div><hr><div id="divRplyFwdMsg"><b>Da:</b> '
        "X<br><b>Inviato:</b> ieri</div><div>testo</div>"
    ),
    "copied twice": '<div>Sì</div><div id="x_x_divRplyFwdMsg"><b>Da:</b> X</div><div>testo</div>',
    "outlook's signature": '<div>Sì</div><div id="Signature"><p>Rina</p></div><div id="appendonsend"></div>testo',
    "yahoo": (
        '<div>Sì</div><div id="ydp1yahoo_quoted_2" class="yahoo_quoted"><div>Il X ha '
        "scritto:</div><div>testo</div></div>"
    ),
    "spark": (
        '<div name="messageBodySection">Sì</div><div name="messageSignatureSection">Rina</div><div '
        'name="messageReplySection">Il X scrive:<blockquote>testo</blockquote></div>'
    ),
    "proton": (
        '<div>Sì</div><div class="protonmail_signature_block"><div>Sent with Proton</div></div><div '
        'class="protonmail_quote">On X wrote:<br><blockquote '
        'class="protonmail_quote">testo</blockquote></div>'
    ),
    "mozilla": (
        '<p>Sì</p><div class="moz-signature">-- <br>Rina</div><div class="moz-cite-prefix">Il X ha '
        'scritto:</div><blockquote type="cite">testo</blockquote>'
    ),
    "gmx": '<div>Sì</div><div name="quote"><b>Von:</b> X<br>testo</div>',
    "android": '<div>Sì</div><div class="mail_android_quote"><blockquote>testo</blockquote></div>',
    "an indented paragraph": '<blockquote style="margin:0 0 0 40px;border:none;padding:0"><div>Sì</div></blockquote>',
    "hidden": '<div style="display:none">testo</div><div>Sì</div><style>p{testo}</style><script>testo</script>',
}


@pytest.mark.parametrize("program", PAGES)
def test_pages_say_what_is_quoted(program: str) -> None:
    page = read_html(PAGES[program])
    assert own_words(Body(page.text, page.signature)).own.strip() == "Sì"


def test_a_page_is_read_in_lines() -> None:
    assert (
        read_html("<p>Uno\n due</p><p>tre<br>quattro</p><ul><li>a<li>b</ul>").text
        == "Uno due\n\ntre\nquattro\n\n- a\n- b"
    )
    assert (
        read_html("<table><tr><td>Nome:</td><td>Anna</td></tr><tr><td>Persone:</td><td>3</td></tr></table>").text
        == "Nome: Anna\nPersone: 3"
    )
    assert read_html("<pre>a\n  b</pre>c").text == "a\n  b\n\nc"


def test_what_is_too_deep_keeps_its_words() -> None:
    assert "siamo in tre" in read_html("<div>" * 5000 + "siamo in tre").text
    assert read_html("<div>" * 300 + "siamo in tre" + "</div>" * 300).text == "siamo in tre"


def test_utf_7_is_read() -> None:
    data = (
        b"From: a@x.example\r\nSubject: Re: x\r\nContent-Type: text/plain; charset=utf-7\r\n\r\nVenerd+AOw- "
        b"siamo in tre\r\n"
    )
    assert answered(read_letter(data, ours=OURS)).text == "Venerdì siamo in tre"
