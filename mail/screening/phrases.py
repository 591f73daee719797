"""The last resort of screening: who wrote a letter, by what it says. Italian and English.

A phrase alone proves little: people are on holiday too, and quote machines. So a letter that asks for something, or
says who is coming, is a person's, whatever else is in it; what is quoted, or stands between quotation marks, does not
count. And a letter whose headers speak for a machine is still a person's when somebody plainly speaks in it.
"""

import re
from collections.abc import Callable
from dataclasses import replace

from mail.reading.quotes import is_header, without_quotes
from mail.screening.failures import failed_subject, plainly_failed
from mail.screening.judgement import Evidence, LetterKind, Screening
from mail.screening.speech import speaks, spoken

#: What a person asks of us or tells us; few machines do.
_WISH = re.compile(
    r"\?|\b(?:iscriv\w*|iscrizion\w*|annull\w*|cancell(?:are|ate|i|iamo|armi|arci)\b|disdi\w*|disdett\w*|"
    r"partecip\w*|vorre\w+|volevo|tenermi|tenerci|spostar\w*|venire|veniamo|vengo|viene|verrò|verremo|"
    r"saremo (?:in )?(?:\d|due|tre|quattro|cinque|sei)|siamo in (?:\d|due|tre|quattro|cinque|sei)|mi dite|"
    r"ci dite|mi può|ci può|posso|possiamo|adesion\w*|aderire|non (?:posso|possiamo)|i (?:want|would like)|"
    r"we (?:want|would like)|can (?:i|we)|sign (?:me|us) up)",
    re.IGNORECASE,
)
_ADVERB = (
    r"(?:attualmente|ora|adesso|oggi|purtroppo|momentaneamente|temporaneamente|al momento|in questo momento|"
    r"in questi giorni|ancora|di nuovo|già|anche)"
)
_ABSENT = re.compile(
    r"\b(?:questo (?:e|è) un messaggio automatico|(?:la presente|questa) (?:e|è) una (?:risposta|mail|"
    r"e-mail) automatica|(?:messaggio|e-?mail) (?:generat|inviat)[oa] (?:automaticamente|in automatico|"
    r"dal sistema)|(?:casella|indirizzo) non (?:è )?presidiat[ao]|"
    rf"(?:sono|sarò|saro|siamo|saremo|l'ufficio (?:è|e|sarà)|gli uffici (?:sono|"
    rf"saranno))(?: {_ADVERB}){{0,2}} (?:fuori (?:sede|ufficio)|in (?:ferie|vacanza|congedo|permesso)|"
    rf"assent[ei](?: dal| fino| per)|chius[oi] (?:dal|per ferie|fino)|in maternità|in malattia)|"
    rf"{_ADVERB},? (?:sono|siamo) (?:assent[ei]|via)\b|(?:è|sarà)(?: {_ADVERB}){{0,2}} (?:assente|"
    rf"fuori (?:sede|ufficio)|in ferie)|non (?:è|sono|sarò) in ufficio|uffici (?:riapriranno|riaprono)|"
    rf"rientrer(?:ò|à|emo|o) (?:in ufficio )?(?:il|lunedì|martedì|mercoledì|giovedì|venerdì)|"
    r"(?:casella|indirizzo)(?: di posta| e-?mail)?[^.]{0,60}non è più (?:attiv|in uso|utilizzat)|"
    r"non rispondere a quest[oa] (?:messaggio|e-?mail)|this is an automat(?:ic|ed)|"
    r"(?:currently )?out of (?:the )?office|i will be out of|i(?:['’]m| am| will be)(?: \w+){0,2} (?:away|"
    r"on (?:\w+ )?(?:leave|vacation|holiday))|do not reply to this)",
    re.IGNORECASE,
)
_TICKET = re.compile(
    r"\b(?:(?:abbiamo ricevuto|è stata? (?:ricevut|registrat|pres)\w* (?:in carico )?)[^.]{0,40}(?:richiesta|"
    r"segnalazione|e-?mail|messaggio)|(?:richiesta|segnalazione|e-?mail|"
    r"messaggio)[^.]{0,60}(?:è stat[ao] (?:ricevut|registrat|pres)|ha il numero|numero di (?:ticket|pratica))|"
    r"(?:ticket|pratica|segnalazione) (?:n\.? ?)?#?\d+|grazie per averci (?:contattat|scritt)|(?:le|vi|"
    r"ti) risponderemo (?:al più presto|appena|entro)|(?:registrat|acquisit|assegnat)[oa] (?:al|con|"
    r"il) (?:numero di )?protocollo|avvenuta protocollazione|protocollo (?:generale )?n\.? ?\d+)",
    re.IGNORECASE,
)
_READ_SUBJECT = re.compile(
    r"^(?:letto|non letto|conferma di lettura|read|not read|ricevuta di lettura)\s*:", re.IGNORECASE
)
_READ = re.compile(
    r"(?:\bè|\be') stat[oa] (?:letto|letta|visualizzat|eliminat|apert)|\bwas (?:read|displayed|deleted)", re.IGNORECASE
)
_NEWSLETTER = re.compile(
    r"(?:clicca(?:re)?|click)\s+(?:qui|here|sul|su questo)[^.\n]{0,60}(?:disiscri|cancell|rimuov|unsubscribe)|"
    r"per (?:cancellart|disiscrivert|non ricevere più|annullare (?:la tua|"
    r"l['’]) ?iscrizione)[^.\n]{0,80}(?:mailing|newsletter|clicca|link|lista)|"
    r"\bunsubscribe\b[^.\n]{0,60}(?:here|click|link|list)",
    re.IGNORECASE,
)
#: Where the headers already speak of a list, less will do.
_LIST_FOOTER = re.compile(
    r"\b(?:unsubscribe|disiscri\w+|cancella(?:ti|rti|re)? (?:la tua )?(?:iscrizione|dalla)|"
    r"annulla(?:re)? (?:la tua |l['’] ?)iscrizione|gestisci (?:le |la )?(?:tue )?(?:preferenz|iscrizion)\w+|"
    r"manage (?:your )?(?:preferences|subscription)|(?:view|visualizza|leggi)[^.\n]{0,30}(?:browser|online)|"
    r"(?:vuoi|desideri) più ricevere|hai ricevuto questa (?:e-?mail|comunicazione|newsletter) perché|"
    r"you(?:['’]re| are)? receiv(?:ed|ing) this|mailing list|newsletter)\b",
    re.IGNORECASE,
)
_AUTO_SUBJECT = re.compile(
    r"^(?:risposta automatica|autorisposta|out of office|automatic reply|auto(?:matic)?[- ]?reply)\b"
    r"|^(?:fuori sede|fuori ufficio|assente|assenza)\s*(?::|$|-|\bre\b|\br\b)",
    re.IGNORECASE,
)
_PERSONAL = re.compile(r"\b(?:vorre\w+|siamo|saremo|veniamo|vengo|posso|possiamo|potete|mi|ci|i|we)\b", re.IGNORECASE)
#: Exchange takes a letter back for its sender, or tells of an invitation passed on.
_RECALL = re.compile(
    (
        r"\b(?:desidera (?:richiamare|ritirare) il messaggio|would like to recall the message|"
        r"ha richiamato il messaggio|(?:messaggio|message)[^.]{0,200}\b(?:è stato richiamato|was recalled))"
    ),
    re.IGNORECASE,
)
_PASSED_ON = re.compile(
    (
        r"\b(?:ha inoltrato (?:la (?:convocazione|richiesta)|l['’]invito)[^.]{0,30}riunione|(?:la|"
        r"your) (?:riunione|meeting)[^.]{0,30}(?:è stata inoltrata|was forwarded)|"
        r"has forwarded your meeting request)"
    ),
    re.IGNORECASE,
)
#: A reaction: a sign without letters, then who reacted (Outlook, Gmail in plain text), and our own words below.
_REACTION = re.compile(
    (
        r"^\W{0,12}(?:[\w.'’\- ]{1,80} )?(?:ha reagito (?:al tuo|al suo|al vostro|a un) messaggio|"
        r"ha reagito tramite gmail|reacted (?:to your message|via gmail)|hat auf ihre nachricht reagiert|"
        r"a réagi à votre message)\b"
    ),
    re.IGNORECASE,
)
#: The mailbox's guardian asks whether a person wrote (challenge and response).
_CHALLENGE = re.compile(
    r"\b(?:(?:address|sender)[^.]{0,40}added to[^.]{0,40}(?:allowed|approved|white ?list)|"
    r"verify that you are (?:a |an )?(?:real|human|person|live)|requires? (?:that you verify|"
    r"(?:sender )?verification)|"
    r"(?:verific|conferm|dimostr)\w+ (?:di|che) (?:non )?(?:essere|è|sia|sei) un(?:['’]| )?(?:robot|persona|"
    r"umano|a persona|essere umano)|in attesa di (?:conferma|verifica) del mittente|"
    r"(?:mittenti?|indirizz[oi])[^.]{0,40}(?:lista dei mittenti|mittenti (?:autorizzati|approvati|"
    r"consentiti))|not a spam source|(?:account|mailbox) is protected by)",
    re.IGNORECASE,
)
#: A machine comes to the point.
_FIRST_WORDS = 500
#: Words of a letter that came through a list and may still be somebody's question.
_FEW_WORDS = 80


def weigh(screening: Screening, subject: str, own: str, body: str) -> Screening:
    """The judgement of headers and words together. ``own``: the sender's words; ``body``: the whole text.

    Who plainly speaks is a person, whatever the headers say, and is then left to one; what only hints at a machine is
    silent only when the words are a machine's too.
    """
    if screening.evidence is Evidence.PROOF:
        return screening
    if screening.evidence is not Evidence.NONE and speaks(own):
        return replace(screening, kind=LetterKind.HUMAN, for_person=not screening.to_us)
    judged = screen_words(subject, own, body, listed=screening.kind is LetterKind.LIST)
    if judged is None:
        asks = screening.evidence is Evidence.SIGN and "?" in own and screening.kind is not LetterKind.SPAM
        return replace(screening, for_person=asks or screening.evidence is Evidence.HINT)
    if screening.evidence is Evidence.NONE:
        return judged
    reason = f"{screening.reason}; {judged.reason}"
    if screening.evidence is Evidence.SIGN:  # sign and words agree: only what is for a person whoever wrote it is shown
        return Screening(screening.kind, reason, for_person=judged.for_person and judged.kind is LetterKind.ROBOT)
    return Screening(judged.kind, reason, for_person=judged.for_person)


def screen_words(subject: str, words: str, body: str, *, listed: bool = False) -> Screening | None:
    """What a letter without telling headers is by its words; ``None``: a person's.

    ``words``: the sender's own; ``body``: the whole text. ``listed``: the headers speak of a list.
    """
    said = spoken(_before_headers(words))
    first = said[:_FIRST_WORDS]
    signs: tuple[tuple[Callable[[str], object], str, bool], ...] = (
        (_REACTION.match, "the words of a reaction", False),
        (_PASSED_ON.search, "the words of an invitation passed on", False),
        (_RECALL.search, "the words of a recall", True),
        (_CHALLENGE.search, "the words of a challenge to the sender", True),
    )
    for fires, reason, for_person in signs:
        if fires(" ".join(words.split())[:_FIRST_WORDS]):
            return Screening(LetterKind.ROBOT, reason, for_person=for_person)
    if failed_subject(subject) and not _WISH.search(first):
        return Screening(LetterKind.BOUNCE, "subject of a delivery failure")
    if _READ_SUBJECT.match(subject) and _says(_READ, body[:2000]):
        return Screening(LetterKind.READ_RECEIPT, "subject and words of a read receipt")
    if listed and _says(_LIST_FOOTER, body) and (len(said.split()) > _FEW_WORDS or not _WISH.search(said)):
        return Screening(LetterKind.LIST, "a list's headers and its footer")
    if _WISH.search(said):
        if _is_newsletter(said, body):
            return Screening(LetterKind.LIST, "an unsubscribe link")
        absent = _AUTO_SUBJECT.match(subject) or _ABSENT.search(first) or _TICKET.search(first)
        if (
            absent and not speaks(words) and "?" not in said
        ):  # "non posso leggere la posta", "per iscrizioni scrivere a…"
            return Screening(LetterKind.AUTO_REPLY, "the words of an absence or ticket, and of a wish", for_person=True)
        return None
    if _AUTO_SUBJECT.match(subject):
        return Screening(LetterKind.AUTO_REPLY, "subject of an automatic reply")
    rules: tuple[tuple[Callable[[str], object], LetterKind, str], ...] = (
        (plainly_failed, LetterKind.BOUNCE, "the words of a delivery failure"),
        (_ABSENT.search, LetterKind.AUTO_REPLY, "the words of an absence"),
        (_TICKET.search, LetterKind.AUTO_REPLY, "the words of a receipt or ticket"),
    )
    for fires, kind, reason in rules:
        if fires(first):
            return Screening(kind, reason)
    return Screening(LetterKind.LIST, "an unsubscribe link") if _is_newsletter(said, body) else None


def _before_headers(words: str) -> str:
    """What stands before the headers of a mail that was copied into the words."""
    lines = words.split("\n")
    heads = [is_header(line) for line in lines]
    return "\n".join(lines[: next((i for i in range(1, len(lines) - 1) if heads[i] and heads[i + 1]), len(lines))])


def _is_newsletter(said: str, body: str) -> bool:
    """An invitation to unsubscribe, in a text in which nobody speaks of themselves."""
    personal = _PERSONAL.search(said) or "?" in said
    return not personal and _says(_NEWSLETTER, body)


def _says(pattern: re.Pattern[str], body: str) -> bool:
    """Whether this stands in the body and not only in what it quotes: below the signature, in a footer, too."""
    if pattern.search(" ".join(body.split())) is None:
        return False
    return pattern.search(" ".join(" ".join(without_quotes(body.split("\n"))[0]).split())) is not None
