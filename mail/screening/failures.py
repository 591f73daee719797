"""How a machine says that mail was not delivered: by its subject, or in its first words. Italian and English."""

import re

from mail.refusals import Refusal, judge_refusal

_SUBJECT = re.compile(
    r"^(?:messaggio non (?:consegnato|recapitato)|(?:notifica|avviso) di (?:mancat[oa] (?:recapito|consegna)|stato (?:della )?consegna)|mancat[oa] (?:recapito|consegna)|"
    r"(?:e-?mail |message |mail )?undeliver\w+|(?:message )?delivery (?:status notification|failure|notification|report|problem|error|reports? about)|(?:message|mail|e-?mail) (?:delivery )?(?:status|error|failed|failure|problem|could not)|"
    r"returned (?:e-?)?mail|failure (?:notice|delivery)|failed (?:mail|delivery|message)|mail delivery (?:failed|subsystem|failure|problem|error|status)|mail (?:system )?error|(?:warning|notice): (?:could not send|mail delivery|message)|"
    r"non-?deliver\w+|nondeliverable|non recapitabile|bounced mail|unable to deliver|could ?n[o']t (?:send|deliver))\b",
    re.IGNORECASE,
)
_PLAIN = re.compile(
    r"\b(?:utente sconosciuto|user unknown|no such user|mailbox (?:full|unavailable|not found)|(?:non (?:è stato possibile|può essere|si è potuto) (?:consegnare|recapitare|consegnat\w+|recapitat\w+))|"
    r"(?:could|can) ?not be delivered|(?:was|were|has) not (?:been )?delivered|undelivered|undeliverable|delivery (?:has )?failed|casella[^\n]{0,90}(?:piena|superato lo spazio|spazio esaurito|over quota)|"
    r"per essere recapitato il mittente|bloccato dal filtro|destinatari\w* (?:inesistent|sconosciut)\w*)",
    re.IGNORECASE,
)
_LOOSE = re.compile(
    r"\b(?:(?:could|can|was|were|has|have)(?: ?not|n't)(?: been| be)? (?:delivered|sent|forwarded)|(?:wasn't|was not|unable|not able|failed) to (?:deliver|send)|"
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
