"""The last resort of screening: machines whose headers say nothing, by what they say. Italian and English.

A phrase alone proves little: people are on holiday too, and quote machines. So a letter that asks for something, or says who
is coming, is a person's, whatever else is in it; and what stands between quotation marks does not count.
"""

import re
from collections.abc import Callable

from mail.screening import LetterKind, Screening

#: What a person asks of us or tells us; no machine does.
_WISH = re.compile(
    r"\?|\b(?:iscriv\w*|iscrizion\w*|annull\w*|cancell(?:are|ate|i|iamo|armi|arci)\b|disdi\w*|disdett\w*|partecip\w*|vorre\w+|volevo|tenermi|tenerci|spostar\w*|"
    r"venire|veniamo|vengo|viene|verrò|verremo|saremo (?:in )?(?:\d|due|tre|quattro|cinque|sei)|siamo in (?:\d|due|tre|quattro|cinque|sei)|"
    r"mi dite|ci dite|mi può|ci può|posso|possiamo|adesion\w*|aderire|non (?:posso|possiamo)|i (?:want|would like)|we (?:want|would like)|can (?:i|we)|sign (?:me|us) up)",
    re.IGNORECASE,
)
_QUOTED = re.compile(r"[\"«“‘'][^\"»”’']{4,200}[\"»”’']")
_ABSENT = re.compile(
    r"\b(?:questo (?:e|è) un messaggio automatico|(?:la presente|questa) (?:e|è) una (?:risposta|mail|e-mail) automatica|"
    r"(?:messaggio|e-?mail) (?:generat|inviat)[oa] (?:automaticamente|in automatico|dal sistema)|(?:casella|indirizzo) non (?:è )?presidiat[ao]|"
    r"(?:sono|sarò|saro|siamo|saremo|l'ufficio (?:è|e|sarà)|gli uffici (?:sono|saranno)) (?:fuori (?:sede|ufficio)|in ferie|assent[ei] dal|chius[oi] (?:dal|per ferie|fino)|in maternità|in malattia)|"
    r"(?:è|sarà) (?:assente|fuori (?:sede|ufficio)|in ferie)|non è in ufficio|uffici (?:riapriranno|riaprono)|rientrer(?:ò|à|emo|o) (?:in ufficio )?(?:il|lunedì|martedì|mercoledì|giovedì|venerdì)|"
    r"(?:casella|indirizzo)(?: di posta| e-?mail)?[^.]{0,60}non è più (?:attiv|in uso|utilizzat)|"
    r"non rispondere a quest[oa] (?:messaggio|e-?mail)|this is an automat(?:ic|ed)|(?:currently )?out of (?:the )?office|i will be out of|i(?:'m| am) (?:away|on (?:annual )?leave)|"
    r"do not reply to this)",
    re.IGNORECASE,
)
_TICKET = re.compile(
    r"\b(?:(?:abbiamo ricevuto|è stata? (?:ricevut|registrat|pres)\w* (?:in carico )?)[^.]{0,40}(?:richiesta|segnalazione|e-?mail|messaggio)|"
    r"(?:richiesta|segnalazione|e-?mail|messaggio)[^.]{0,60}(?:è stat[ao] (?:ricevut|registrat|pres)|ha il numero|numero di (?:ticket|pratica))|"
    r"(?:ticket|pratica|segnalazione) (?:n\.? ?)?#?\d+|grazie per averci (?:contattat|scritt)|(?:le|vi|ti) risponderemo (?:al più presto|appena|entro)|"
    r"(?:registrat|acquisit|assegnat)[oa] (?:al|con|il) (?:numero di )?protocollo|avvenuta protocollazione|protocollo (?:generale )?n\.? ?\d+)",
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
    r"per (?:cancellart|disiscrivert|non ricevere più|annullare (?:la tua|l['’]) ?iscrizione)[^.\n]{0,80}(?:mailing|newsletter|clicca|link|lista)|"
    r"\bunsubscribe\b[^.\n]{0,60}(?:here|click|link|list)",
    re.IGNORECASE,
)
_FAILED_SUBJECT = re.compile(
    r"^(?:messaggio non (?:consegnato|recapitato)|(?:notifica|avviso) di (?:mancat[oa] (?:recapito|consegna)|stato (?:della )?consegna)|mancat[oa] (?:recapito|consegna)|"
    r"undeliver\w+|delivery (?:status notification|failure|notification)|returned mail|failure notice|mail delivery (?:failed|subsystem|failure)|non recapitabile)\b",
    re.IGNORECASE,
)
_FAILED = re.compile(
    r"\b(?:utente sconosciuto|user unknown|no such user|mailbox (?:full|unavailable|not found)|(?:non (?:è stato possibile|può essere|si è potuto) (?:consegnare|recapitare|consegnat\w+|recapitat\w+))|"
    r"could not be delivered|casella[^\n]{0,90}(?:piena|superato lo spazio|spazio esaurito|over quota|piena)|per essere recapitato il mittente|bloccato dal filtro|destinatari\w* (?:inesistent|sconosciut)\w*)",
    re.IGNORECASE,
)
_AUTO_SUBJECT = re.compile(
    r"^(?:risposta automatica|autorisposta|out of office|automatic reply|auto(?:matic)?[- ]?reply)\b"
    r"|^(?:fuori sede|fuori ufficio|assente|assenza)\s*(?::|$|-|\bre\b|\br\b)",
    re.IGNORECASE,
)
_PERSONAL = re.compile(r"\b(?:vorre\w+|siamo|saremo|veniamo|vengo|posso|possiamo|potete|mi|ci|i|we)\b", re.IGNORECASE)
#: A machine comes to the point.
_FIRST_WORDS = 500


def screen_words(subject: str, words: str, whole: str) -> Screening | None:
    """What a letter without telling headers is by its words; ``None``: a person's.

    ``words``: the sender's own; ``whole``: the body with what stands below it.
    """
    spoken = _QUOTED.sub(" ", " ".join(words.split()))
    if _FAILED_SUBJECT.match(subject) and not _WISH.search(spoken[:_FIRST_WORDS]):
        return Screening(LetterKind.BOUNCE, "subject of a delivery failure")
    if _READ_SUBJECT.match(subject) and _READ.search(whole[:2000]):
        return Screening(LetterKind.READ_RECEIPT, "subject and words of a read receipt")
    if _WISH.search(spoken):
        return Screening(LetterKind.LIST, "an unsubscribe link") if _is_newsletter(spoken, whole) else None
    if _AUTO_SUBJECT.match(subject):
        return Screening(LetterKind.AUTO_REPLY, "subject of an automatic reply")
    first = spoken[:_FIRST_WORDS]
    rules: tuple[tuple[Callable[[str], object], LetterKind, str], ...] = (
        (_FAILED.search, LetterKind.BOUNCE, "the words of a delivery failure"),
        (_ABSENT.search, LetterKind.AUTO_REPLY, "the words of an absence"),
        (_TICKET.search, LetterKind.AUTO_REPLY, "the words of a receipt or ticket"),
    )
    for fires, kind, reason in rules:
        if fires(first):
            return Screening(kind, reason)
    return Screening(LetterKind.LIST, "an unsubscribe link") if _is_newsletter(spoken, whole) else None


def _is_newsletter(spoken: str, whole: str) -> bool:
    """An invitation to unsubscribe, in a text in which nobody speaks of themselves."""
    personal = _PERSONAL.search(spoken) or "?" in spoken
    return not personal and _NEWSLETTER.search(" ".join(whole.split())) is not None
