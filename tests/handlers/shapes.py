"""Letters in the shapes that public bug reports of shared mailboxes tell of: who wrote them, and who only seems to."""

from email.message import EmailMessage
from email.policy import SMTP

from tests.support.rehearsal import OFFICE

REQUEST = "Siamo la Polisportiva Le Querce, iscriviamo tre persone all'incontro di giovedì 21 gennaio.\nSara Bini"
WHO = "sara.bini@posta.example"
COPY = (
    f"From: Lucca Learning City <{OFFICE}>\nTo: rina@posta.example\nSubject: Promemoria: incontro Cultura\n"
    "Message-ID: <k3f9a2b7c1d4.0123456789abcdef01234567@comune.lucca.example>\n\nBuongiorno, la aspettiamo.\n"
)


def letter(body: str = REQUEST, *, sender: str = f"Sara Bini <{WHO}>", **headers: str) -> bytes:
    """A letter with its headers exactly as given, however wrong they are."""
    fields = {"From": sender, "To": OFFICE, "Subject": "Richiesta", "Message-ID": "<1@posta.example>"} | {
        name.replace("_", "-"): value for name, value in headers.items()
    }
    head = "".join(f"{name}: {value}\r\n" for name, value in fields.items() if value)
    return f"{head}MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n{body}\r\n".encode()


def calendar(method: str, *lines: str, body: str = "", subject: str = "Riunione") -> bytes:
    """A mail of a calendar program."""
    event = "\r\n".join(
        [
            "BEGIN:VCALENDAR",
            "VERSION:2.0",
            f"METHOD:{method}",
            "BEGIN:VEVENT",
            *lines,
            "END:VEVENT",
            "END:VCALENDAR",
            "",
        ]
    )
    message = EmailMessage(policy=SMTP)
    message["From"], message["To"], message["Subject"] = f"Sara Bini <{WHO}>", OFFICE, subject
    message.set_content(body)
    message.add_alternative(event, subtype="calendar", params={"method": method})
    return message.as_bytes()


def careless(sender: str, address: str = WHO) -> tuple[bytes, str]:
    return letter(sender=sender), address


#: Answered at the one address that is there.
ANSWERED = {
    "plain": careless(f"Sara Bini <{WHO}>"),
    "at in the name": careless(f"Info @ Le Querce <{WHO}>"),
    "comma": careless(f"Bini, Sara <{WHO}>"),
    "semicolon": careless(f"Polisportiva; sezione nuoto <{WHO}>"),
    "brackets": careless(f"Sara [ASD] <{WHO}>"),
    "open parenthesis": careless(f"Polisportiva Le Querce (ASD <{WHO}>"),
    "open quote": careless(f'Polisportiva "Le Querce <{WHO}>'),
    "the same twice": careless(f"{WHO} <{WHO}>"),
    "other capitals": careless(f"Sara.Bini@posta.example <{WHO}>"),
    "doubled brackets": careless(f"Sara <<{WHO}>>"),
    "mailto": careless(f"Sara <mailto:{WHO}>"),
    "encoded whole": careless("=?UTF-8?Q?Sara_Bini_=3Csara=2Ebini=40posta=2Eexample=3E?="),
    "quoted local part": careless('Mario Rossi <"mario..rossi"@posta.example>', '"mario..rossi"@posta.example'),
    "dot at the end": careless("Mario Rossi <mario.rossi.@posta.example>", '"mario.rossi."@posta.example'),
    "no brackets": careless(WHO),
    "no end": careless(f"Sara Bini <{WHO}"),
    "strange Message-ID": (letter(Message_ID="<1\u00e8@posta.example>"), WHO),
    "a copy to a crowd": (letter(Cc=", ".join(f"p{n}@posta.example" for n in range(90))), WHO),
    "mentions an unsubscribe link": (
        letter(
            f"{REQUEST}\n\nIl giorno lun 11 gen 2021 alle 09:00 Altri <a@b.example> ha scritto:\n> clicca "
            f"qui per disiscriverti"
        ),
        WHO,
    ),
}

#: No automatic answer, but somebody has written.
LEFT_TO_A_PERSON = {
    "two mailboxes": letter(sender="one@posta.example <two@altra.example>"),
    "two senders": letter(sender=f"Sara <{WHO}>, Laura <laura@posta.example>"),
    "no address": letter(sender="Sara Bini"),
    "no sender": letter(sender=""),
    "space in the address": letter(sender="Sara <sara bini@posta.example>"),
    "List-Unsubscribe": letter(List_Unsubscribe="<https://crm.example/u/1>"),
    "Google group": letter(
        Precedence="list", Mailing_list="list info@lequerce.example", List_ID="<info.lequerce.example>"
    ),
    "a question through a list": letter("A che ora comincia giovedì?", List_Id="<info.lequerce.example>"),
    "a few words through a list": letter("Va bene così, ditelo voi agli altri.", List_Id="<info.lequerce.example>"),
    "Precedence": letter(Precedence="bulk"),
    "suppresses answers": letter(X_Auto_Response_Suppress="OOF, AutoReply"),
    "suppresses answers, few words": letter("Va bene, ditelo anche agli altri soci.", X_Auto_Response_Suppress="All"),
    "bounces+ in Return-Path": letter(Return_Path="<bounces+1234-ab12-x=comune.lucca.example@em77.lequerce.example>"),
    "no-reply in Sender": letter(Sender="noreply@piattaforma.example"),
    "postmaster": letter(sender="Coro Le Rondini <postmaster@lerondini.example>"),
    "postmaster, few words": letter("Va bene, ditelo agli altri.", sender="postmaster@lerondini.example"),
    "a ticket program sends it": letter(Auto_Submitted="auto-generated"),
    "no-reply in From": letter(sender="Modulo <noreply@modulo.example>"),
    "a form for somebody": letter("Messaggio dal sito", sender="noreply@modulo.example", Reply_To=WHO),
    "null sender": letter(Return_Path="<>"),
    "taken for spam": letter(X_Spam_Flag="YES"),
    "news with a copy to a crowd": letter(
        "Gentili tutti, ecco le novità della nostra associazione.",
        Cc=", ".join(f"p{n}@posta.example" for n in range(90)),
    ),
    "a form in our own name": letter(sender=f"Sito <{OFFICE}>"),
    "a form in our own name, for somebody": letter("Messaggio dal sito", sender=OFFICE, Reply_To=WHO),
    "copy of a talk": letter(
        "Ciao Laura, allora giovedì veniamo in tre, passo io a prenderti alle cinque. Un bacio, Sara",
        To="Laura Conti <laura@posta.example>",
        Cc=OFFICE,
    ),
    "to a crowd": letter(To=", ".join([OFFICE, *(f"p{n}@posta.example" for n in range(90))])),
    "recall": letter(
        'Bini Sara desidera richiamare il messaggio "Iscrizione incontro del 21 gennaio".',
        Subject="Richiamo: Iscrizione incontro del 21 gennaio",
    ),
    "challenge": letter(
        "The message you sent requires that you verify that you are a real live human being and not a spam source.",
        Subject="Your email requires verification verify#1hJk34Pq",
    ),
    "challenge with a link": letter(
        (
            "This account is protected by Bluebottle.  Please click on the\nfollowing link to have your address "
            "added to the recipient's allowed\nlist.\n\nhttp://x.example/1"
        ),
        Subject="RE: Promemoria",
    ),
    "absence that may be a wish": letter(
        "Sono fuori sede fino al 30 gennaio, annullare la prenotazione.", Subject="Re: Promemoria"
    ),
    "absence of who cannot read": letter("Sono fuori ufficio e non posso leggere la posta.", Subject="Re: Promemoria"),
    "receipt that speaks of registering": letter(
        "La sua richiesta di iscrizione è stata presa in carico.", Subject="Re: domanda"
    ),
    "their invitation": calendar(
        "REQUEST",
        f"ORGANIZER:mailto:{WHO}",
        "SUMMARY:Consiglio direttivo",
        "UID:0400",
        body="Riunione del consiglio giovedì 21 gennaio, veniamo in due.",
    ),
    "their cancellation": calendar(
        "CANCEL",
        f"ORGANIZER:mailto:{WHO}",
        "SUMMARY:Consiglio direttivo",
        "UID:0400",
        subject="Annullato: Consiglio direttivo di giovedì 21 gennaio",
    ),
    "another hour proposed": calendar(
        "COUNTER", "UID:x@comune.lucca.example", f"ATTENDEE;PARTSTAT=TENTATIVE:mailto:{WHO}"
    ),
}

#: Nobody wrote these.
MACHINES = {
    "a copy of what the office sent": letter("Vi aspettiamo giovedì.", sender=OFFICE, To=WHO),
    "our own mail": letter(sender=OFFICE, X_Luccabot="1"),
    "vacation that cannot read": letter(
        "Sono fuori ufficio e non posso leggere la posta.", Auto_Submitted="auto-replied"
    ),
    "vacation": letter("Sono in ferie fino al 30.", Auto_Submitted="auto-replied"),
    "vacation that suppresses answers": letter(
        "Sono attualmente fuori sede fino al 30.", X_Auto_Response_Suppress="All"
    ),
    "newsletter": letter(
        "Novità di gennaio: iscriviti al nostro corso, partecipa anche tu!\n" * 20 + "Annulla l'iscrizione",
        List_Id="<n.example>",
    ),
    "newsletter of a no-reply": letter("Le offerte del mese.", sender="Offerte <no-reply@negozio.example>"),
    "bounce in plain text": letter(
        f"<rina@posta.example>: user unknown\n\n{COPY}", sender="MAILER DAEMON <>", Subject="Undeliverable mail"
    ),
    "bounce that auto-replies": letter(
        f"550 5.1.1 <rina@posta.example>... User unknown\n\n{COPY}",
        sender="Mail System <mailer-daemon@posta.example>",
        Auto_Submitted="auto-replied",
        Subject="Returned mail: User unknown",
    ),
    "bounce of a no-reply": letter(
        f"Your message could not be delivered.\n\n{COPY}", sender="no-reply@posta.example", Subject="Undelivered"
    ),
    "bounce of a postmaster": letter(
        f"No such user here.\n\n{COPY}", sender="Postmaster <post_master@posta.example>", Subject="Delivery failure"
    ),
    "bounce in bulk": letter(
        f"User unknown\n\n{COPY}",
        sender="Mail Delivery System <x@posta.example>",
        Precedence="bulk",
        Subject="Returned mail",
    ),
    "Gmail reaction": calendar("X", body="👍").replace(b"text/calendar", b"text/vnd.google.email-reaction+json"),
    "Outlook reaction": letter(
        (
            "👍\nSara Bini ha reagito al tuo messaggio:\n\nBuongiorno, giovedì 21 gennaio c'è l'incontro. Siete "
            "iscritti in 3 persone."
        ),
        Subject="Re: Promemoria",
    ),
    "invitation passed on": letter(
        (
            "La riunione è stata inoltrata\n\nBini Sara ha inoltrato la convocazione di riunione ad altri "
            "destinatari.\n\nOra riunione\ngiovedì 21 gennaio 2021 17.30-19.00\n"
        ),
        Subject="Notifica di inoltro riunione: Lucca Learning City: associazioni sportive",
    ),
    "accepted": calendar("REPLY", "UID:incontro-2@comune.lucca.example", f"ATTENDEE;PARTSTAT=ACCEPTED:mailto:{WHO}"),
    "absence with an adverb": letter(
        "Sono attualmente fuori sede fino al 30 del mese. Per urgenze contattare lo studio.", Subject="Re: Promemoria"
    ),
    "absence in English": letter("I am currently away on annual leave until 30 January.", Subject="Re: Promemoria"),
}
