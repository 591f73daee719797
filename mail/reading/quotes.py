"""Where somebody else's words begin in a mail.

Lines with ">", attributions, the header blocks that mail programs write.

Prose can look like all of them ("il presidente vi ha scritto ieri."). So an attribution ends with a colon and names a
moment or an address beside its verb; without a verb it needs a day, a time and an address. A header block needs three
headers, a sender and a moment among them.
"""

import re

#: What mail programs write above a letter that is passed on: between dashes, or before a colon.
FORWARDED = (
    "messaggio inoltrato|forwarded message|weitergeleitete nachricht|message (?:transféré|réexpédié)|mensaje "
    "reenviado|mensagem encaminhada|"
    "doorgestuurd bericht|wiadomość przekazana|vidarebefordrat meddelande|пересылаемое сообщение"
)
FORWARD_BEGINS = (
    "inizio (?:del )?messaggio inoltrato|begin forwarded message|anfang der weitergeleiteten nachricht|début "
    "du message (?:réexpédié|transféré)|"
    "inicio del mensaje reenviado"
)
_ORIGINAL = (
    "messaggio originale|original message|ursprüngliche nachricht|originalnachricht|message "
    "d'origine|message original|mensaje original|mensagem original|"
    "oorspronkelijk bericht|opprinnelig melding|oprindelig meddelelse|ursprungligt meddelande|wiadomość "
    "oryginalna|исходное сообщение"
)
_DASH = r"[-\u2010-\u2015]"
#: The last one is Zoho's: "---- On Mon, 18 Jan 2021 09:40:43 +0100 Name <address> wrote ----".
_DASHED = re.compile(
    rf"^\s*{_DASH}{{2,}}\s*(?:{_ORIGINAL}|{FORWARDED})\s*{_DASH}{{2,}}.*$|^\s*(?:{FORWARD_BEGINS})\s*:.*$"
    rf"|^\s*{_DASH}{{2,}}\s?(?=.*\d).{{8,200}}@.{{4,100}}\S\s?{_DASH}{{2,}}\s*$",
    re.IGNORECASE,
)
_VERB = (
    r"(?:(?:ha|hai|hanno) (?:scritto|inviato|risposto)|scrive|scriveva|wrote|writes|sent|said|a écrit|ecrit|"
    r"schrieb|schreef|escribi[óo]|escreveu|napisał(?:\(a\))?|napsal\(?a?\)?|skrev|skrifaði|kirjoitti|írta|"
    r"a scris|написал(?:\(а\))?|пишет|έγραψε|şunu yazdı|yazdı|geschrieben|ha escrit)"
)
_ADDRESS = r"[^\s<>()\[\]:,;\"@]{1,64}@[^\s<>()\[\],;\"@]{1,250}"
#: A day with its year: 18/01/21, 2021-01-18, 18 gen 2021, 18. Januar 2021, January 18, 2021, 18 de enero de 2021.
_DAY = (
    r"(?:\b\d{1,4}[./\-]\d{1,2}[./\-]\d{2,4}\b|\b\d{1,2}(?:st|nd|rd|th|\.|"
    r"º)?[ ./\-](?:de )?[^\W\d_]{3,12}\.?[ ./\-,](?:de )?\s?(?:19|20)\d\d\b|\b[^\W\d_]{3,12}\.? \d{1,2}(?:st|"
    r"nd|rd|th)?,? (?:19|20)\d\d\b|\d{4}年\s?\d{1,2}月\s?\d{1,2}日)"
)
_TIME = r"\b\d{1,2}[:.h]\d{2}\b"
#: What stands before the day: a preposition or an article, and a day of the week.
_OPENER = r"(?:[^\W\d_]{1,4}\s+(?:giorno\s+|data\s+|dniu\s+|dia\s+|día\s+)?)?(?:[^\W\d_]{2,12}[.,]?\s+)?"
_BEGINS = re.compile(
    (
        rf"^[\s*_]*{_OPENER}(?:{_DAY}|{_TIME}.{{0,12}}{_DAY}|\d{{1,2}}\.? [^\W\d_]{{3,12}}\.?,?$)|"
        rf"^\s*[\"'“<]?[^.!?:;]{{0,80}}(?:<\s*|{_ADDRESS}>?)$"
    ),
    re.IGNORECASE,
)
_SAYS = re.compile(rf"^(?=.*(?:{_DAY}|{_TIME}|@)).{{0,300}}\b{_VERB}\b.{{0,80}}[:：]$", re.IGNORECASE)
#: Without a colon, or without a verb, all the rest must be there.
_SAYS_ALL = re.compile(
    rf"^(?=.*{_DAY})(?=.*{_TIME})(?=.*{_ADDRESS}).{{0,300}}(?:\b{_VERB}|{_ADDRESS}[>)\]\"']*\s*[:：])$", re.IGNORECASE
)
_ENDS_WITH_VERB = re.compile(rf"\b{_VERB}$", re.IGNORECASE)
#: Characters of an attribution or of a line between dashes, and of an attribution's verb.
_LONGEST, _LONGEST_VERB = 400, 30
#: An attribution in the middle of a line, where a program has lost the line ends.
_WITHIN = re.compile(
    rf"(?:^|(?<=\s))(?:[^\W\d_]{{1,4}}\s+(?:giorno\s+)?(?:[^\W\d_]{{2,12}}[.,]?\s+)?{_DAY}).{{0,200}}?\b{_VERB}\s*:",
    re.IGNORECASE,
)
#: GroupWise: ">>> Name <address> 18/01/21 09:40 >>>"; what is quoted below has no marks.
_ARROWS = re.compile(r"^>>> .{3,200} >>>\s*$")
_SENDER = frozenset(
    {"da", "from", "von", "de", "mittente", "van", "od", "från", "fra", "lähettäjä", "feladó", "от", "από", "kimden",
        "expéditeur", "remitente", "absender", "remetente", "发件人", "差出人"}
)  # fmt: skip
_MOMENT = frozenset(
    {"inviato", "inviato il", "inviata", "data", "sent", "date", "gesendet", "gesendet am", "datum", "enviado",
        "enviado el", "enviado em", "enviada em", "fecha", "envoyé",
     "envoyé le", "verzonden", "skickat", "sendt", "dato", "wysłano", "wysłane", "odesláno", "lähetetty", "elküldve",
     "dátum", "отправлено", "дата", "ημερομηνία", "gönderildi", "tarih", "发送时间", "日期", "送信日時"}
)  # fmt: skip
_OTHERS = frozenset(
    {"a", "per", "to", "an", "à", "para", "aan", "do", "komu", "til", "till", "kopia", "címzett", "кому", "προς",
        "kime", "destinatario", "destinatari", "cc", "ccn", "bcc", "cci", "kopie", "copie",
     "oggetto", "subject", "betreff", "objet", "asunto", "assunto", "onderwerp", "temat", "předmět", "ämne", "emne",
     "aihe", "tárgy", "тема", "θέμα", "konu", "主题", "件名",
     "rispondi a", "reply-to", "antwort an", "répondre à", "responder a", "priorità", "importanza", "importance",
     "priority", "allegati", "attachments", "organizzazione", "message-id"}
)  # fmt: skip
_HEADERS = _SENDER | _MOMENT | _OTHERS
_LABELLED = re.compile(r"^\s*\*{0,2}([^\W\d_][\w\- ]{0,18}?)\s?:\*{0,2}\s*(.*)$")
#: Webmail that writes its headers in bold leaves no colon in the text.
_BARE = re.compile(r"^\s*([^\W\d_][\w\-]{0,12}(?: (?:il|el|em|le|am))?)(?:\s+(\S.*))?$")
_RULE = re.compile(r"^\s*[_\-=*~—–]{3,}\s*$")
#: Over how many lines an attribution or a list of addresses may be wrapped.
_WRAPPED = 3
#: Lines that a header block has at most, and headers at least.
_BLOCK, _FEWEST = 20, 3


def without_quotes(lines: list[str]) -> tuple[list[str], bool]:
    """The lines that are the sender's own, and whether anything was quoted.

    What stands below a block of ">" is the sender's again; what stands below a header block is not.
    """
    kept: list[str] = []
    quoted = said = False
    at = 0
    while at < len(lines):
        line = lines[at]
        if line.lstrip().startswith(">"):
            quoted, at = True, at + 1
            if _ARROWS.match(line) and said:
                break
            continue
        if (wrapped := _attribution(lines, at)) > 0:
            quoted, at = True, at + wrapped
            if said and not _next_said(lines, at).lstrip().startswith(">"):
                break  # unmarked: all the rest is quoted
            continue
        if (length := _quote_head(lines, at)) > 0:
            quoted, at = True, at + length
            if said:
                break
            continue
        if (within := _WITHIN.search(line)) is not None:
            quoted = True
            kept.append(line[: within.start()].rstrip())
            break
        kept.append(line)
        said = said or bool(line.strip())
        at += 1
    return (_without_rule(kept) if quoted else kept), quoted


def _next_said(lines: list[str], at: int) -> str:
    return next((lines[i] for i in range(at, len(lines)) if lines[i].strip()), "")


def _without_rule(kept: list[str]) -> list[str]:
    """Without the rule that mail programs draw between an answer and what it answers."""
    while kept and (not kept[-1].strip() or _RULE.match(kept[-1])):
        kept.pop()
    return kept


def _attribution(lines: list[str], at: int) -> int:
    """Over how many lines, from ``at``, an attribution goes; 0 when there is none. A wrapped one begins like one."""
    if not lines[at].strip():
        return 0
    if _says(lines[at]):
        return 1 if _BEGINS.match(lines[at]) or _WITHIN.search(lines[at]) is None else 0
    if not _BEGINS.match(lines[at]):
        return 0
    for length in range(2, _WRAPPED + 1):
        piece = [x.strip() for x in lines[at : at + length]]
        if len(piece) < length or not piece[-1] or piece[-1].startswith(">"):
            return 0
        if _says(piece[-1]) and _BEGINS.match(piece[-1]):
            return 0  # an attribution of its own: what stands above it is somebody's words
        if _says(" ".join(piece)) or _says("".join(piece)):
            return length
    return 0


def _says(line: str) -> bool:
    end = line.rstrip(" \t*_")
    if len(line) > _LONGEST or not (end.endswith((":", "：")) or _ENDS_WITH_VERB.search(end[-_LONGEST_VERB:])):
        return False
    return _SAYS.match(end) is not None or _SAYS_ALL.match(end) is not None


def _quote_head(lines: list[str], at: int) -> int:
    """Over how many lines, from ``at``, the head of a quote without marks goes.

    A line between dashes, headers, or both.
    """
    length = 1 if _DASHED.match(lines[at][:_LONGEST]) or _RULE.match(lines[at]) else 0
    block = header_block(lines, at + length)
    return length + block if block or (length and not _RULE.match(lines[at])) else 0


def names_sender(line: str) -> bool:
    """Whether this is the header line that says who wrote."""
    return _label(line, _LABELLED) in _SENDER


def is_header(line: str) -> bool:
    """Whether a mail program may have written this line above what it quotes."""
    return bool(_label(line, _LABELLED))


def header_block(lines: list[str], at: int) -> int:
    """Over how many lines, from ``at``, the headers of a mail go as programs write them above what they quote.

    0: none do.
    """
    return _block(lines, at, _LABELLED) or _block(lines, at, _BARE)


def _block(lines: list[str], at: int, shape: re.Pattern[str]) -> int:
    if at >= len(lines) or not _label(lines[at], shape):
        return 0
    names: list[str] = []
    values: dict[str, str] = {}
    end = loose = 0
    for length, line in enumerate(lines[at : at + _BLOCK], 1):
        name = _label(line, shape)
        if name:
            names.append(name)
            found = shape.match(line)
            values[name] = found[2] or "" if found else ""
            end, loose = length, 0
        elif line.strip() and loose < _WRAPPED and ("@" in line or line.startswith((" ", "\t"))):
            loose += 1
            end = length
            values[names[-1]] += line
        elif line.strip() or loose or len(names) >= _FEWEST or not lines[at + length - 2].strip():
            break
    senders, moments = _SENDER & set(names), _MOMENT & set(names)
    if len(names) < _FEWEST or not senders or not moments:
        return 0
    if shape is _BARE and not ("@" in values[min(senders)] and re.search(_TIME, values[min(moments)])):
        return 0
    return end


def _label(line: str, shape: re.Pattern[str]) -> str:
    """The name of a header that a program may write there, in lower case; empty when this is none."""
    found = shape.match(line[:400])
    name = found[1].strip().lower() if found else ""
    return name if name in _HEADERS else ""
