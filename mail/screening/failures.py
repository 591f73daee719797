"""How a machine says that mail was not delivered: by its subject, or in its first words. Italian and English."""

import re

from mail.refusals import Refusal, judge_refusal

_SUBJECT = re.compile(
    r"^(?:messaggio non (?:consegnato|recapitato)|(?:notifica|avviso) di (?:mancat[oa] (?:recapito|consegna)|"
    r"stato (?:della )?consegna)|mancat[oa] (?:recapito|consegna)|(?:e-?mail |message |mail )?undeliver\w+|"
    r"(?:message )?delivery (?:status notification|failure|notification|report|problem|error|reports? about)|"
    r"(?:message|mail|e-?mail) (?:delivery )?(?:status|error|failed|failure|problem|could not)|"
    r"returned (?:e-?)?mail|failure (?:notice|delivery)|failed (?:mail|delivery|message)|"
    r"mail delivery (?:failed|subsystem|failure|problem|error|status)|mail (?:system )?error|(?:warning|"
    r"notice): (?:could not send|mail delivery|message)|non-?deliver\w+|nondeliverable|non recapitabile|"
    r"bounced mail|unable to deliver|could ?n[o']t (?:send|deliver))\b",
    re.IGNORECASE,
)
_PLAIN = re.compile(
    r"\b(?:utente sconosciuto|user unknown|no such user|mailbox (?:full|unavailable|not found)|"
    r"(?:non (?:è stato possibile|può essere|si è potuto) (?:consegnare|recapitare|consegnat\w+|"
    r"recapitat\w+))|(?:could|can) ?not be delivered|(?:was|were|has) not (?:been )?delivered|undelivered|"
    r"undeliverable|delivery (?:has )?failed|casella[^\n]{0,90}(?:piena|superato lo spazio|spazio esaurito|"
    r"over quota)|per essere recapitato il mittente|bloccato dal filtro|destinatari\w* (?:inesistent|"
    r"sconosciut)\w*)",
    re.IGNORECASE,
)
_LOOSE = re.compile(
    r"\b(?:(?:could|can|was|were|has|have)(?: ?not|n't)(?: been| be)? (?:delivered|sent|forwarded)|(?:wasn't|"
    r"was not|unable|not able|failed) to (?:deliver|send)|"
    r"permanent (?:fatal )?errors?|fatal errors?|returned to (?:sender|you)|over ?quota)",
    re.IGNORECASE,
)


def failed_subject(subject: str) -> bool:
    """Whether this is the subject of a delivery failure."""
    return _SUBJECT.match(subject) is not None


def plainly_failed(text: str) -> bool:
    """Whether ``text`` says in so many words that a mail was not delivered."""
    return _PLAIN.search(text) is not None


def failed_words(text: str) -> bool:
    """The same, more loosely, or why: no such user, blocked, full. From somebody who carries mail that is enough."""
    return plainly_failed(text) or _LOOSE.search(text) is not None or judge_refusal(text) is not Refusal.OTHER
