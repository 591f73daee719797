"""What stands below a person's words: closing, signature, the lines of the mail program, the lawyers' paragraph.

A signature is known by what it looks like: names, addresses, numbers to call. What only stands below a "grazie" may be
the request.
"""

import re

_FORMULA = (
    r"(?:(?:(?:con i |coi )?(?:più )?(?:cordiali|distinti|migliori|cari|affettuosi) saluti|cordialmente|"
    r"cordialità|distintamente|un (?:caro |cordiale )?saluto|saluti(?: cordiali| e grazie)?|a presto|"
    r"in attesa.{0,60}(?:saluti|saluto)|(?:vi |la |ti )?(?:ringrazio|ringraziamo)(?: (?:in anticipo|"
    r"per l'attenzione|e (?:cordiali )?salut\w+))?|(?:molte )?grazie(?: mille| tante| ancora| infinite|"
    r" in anticipo| e (?:cordiali |a presto |buona giornata)?(?:saluti)?| per l'attenzione)?|"
    r"buona (?:giornata|serata)|(?:kind |best |warm |with best )?regards|yours (?:sincerely|faithfully)|"
    r"best wishes|cheers|thanks|many thanks|thank you|(?:mit )?(?:freundlichen?|besten?|herzlichen?|vielen?|"
    r"liebe) grü(?:ß|ss)en?|cordialement|bien (?:à vous|cordialement)|merci|(?:un )?(?:cordial )?saludos?|"
    r"atentamente|atenciosamente|gracias|obrigad[oa]|met vriendelijke groet(?:en)?|pozdrawiam)[^\w?]*)$"
)
_CLOSING = re.compile(rf"^\s*{_FORMULA}", re.IGNORECASE)
#: The last of what is said ends with the formula: "Siamo in tre, grazie".
_CLOSING_WORDS = re.compile(rf"^.{{1,100}}[\s,.;!]{_FORMULA}", re.IGNORECASE)
_GREETING = re.compile(
    (
        r"^\s*(?:buon ?(?:giorno|a ?sera|pomeriggio|dì)|salve|ciao|gentil\w+|egregi\w*|spett\.?\w*|car[oaie]|"
        r"hello|hi|dear|hallo|guten|sehr|bonjour|hola|estimad\w+)\b.{0,40}$"
    ),
    re.IGNORECASE,
)
_DISCLAIMER = re.compile(
    r"(?:ai sensi (?:del|dell'|della).{0,60}(?:196/2003|2016/679|gdpr|privacy)|informativa (?:sulla )?privacy|"
    r"questo messaggio.{0,80}(?:riservat|confidenzial|destinat)|le informazioni contenute (?:in|nella)|"
    r"avviso di riservatezza|this (?:e-?mail|message).{0,80}(?:confidential|intended)|rispetta l'ambiente|"
    r"prima di stampare|please consider the environment|disclaimer|priva? di virus|5 ?(?:x|per) ?1000|"
    r"5 ?per ?mille)",
    re.IGNORECASE,
)
#: A disclaimer is a paragraph, not a remark.
_DISCLAIMER_LENGTH = 120
#: What programs say of themselves, in the languages that Italians' telephones speak.
_SENT_FROM = re.compile(
    r"^\s*(?:-{2,3}\s?)?(?:(?:(?:mail|messaggio|e-?mail) )?(?:inviat|spedit|mandat)[oa] (?:da|dal|dalla|dall'|"
    r"con|tramite|via|mediante|attraverso)\b|(?:(?:this )?(?:e-?mail|message|mail) )?(?:was )?sent (?:from|"
    r"via|with|using|by)\b|envoyée? (?:de|depuis|avec|à partir|via)\b|enviad[oa] (?:desde|do|da|de|a partir|"
    r"con|com|via|através)\b|(?:von .{2,40} gesendet|gesendet (?:von|mit|via|über)\b|diese nachricht wurde )|"
    r"verzonden (?:vanaf|met|via|van)\b|skickat från\b|sendt fra\b|lähetetty\b|wysłan[eo] z\b|отправлено из\b|"
    r"(?:get|scarica|ottieni|download|obtenir|obtén|holen sie sich|téléchargez|obter) outlook\b|"
    r"yahoo mail\b)[^,;?!]{0,60}(?:<?https?://\S{1,200})?\s*$",
    re.IGNORECASE,
)
#: The mark that programs write above a signature (RFC 3676 §4.3), and those that people draw.
_DELIMITER = re.compile(r"^--\s*$")
_DRAWN = re.compile(r"^(?:---+|—+|–+|_{2,}|\*{2,}|={3,}|~{2,})\s*$")
#: What is said below a closing formula and is no signature: a question, a postscript, a wish, a number of people, a
#: day.
_STILL_SPEAKING = re.compile(
    r"\?|^\s*(?:p\.? ?s\b|n\.? ?b\b|post ?scriptum)|\b(?:dimenticav\w*|siamo|saremo|sono|sarò|veniamo|vengo|"
    r"verr\w+|vorre\w+|potete|potreste|può|posso|possiamo|iscriv\w+|annull\w+|disdi\w+|cancell(?:a|o|are|ate|"
    r"atemi|ateci|iamo)|partecip(?:o|a|ano|are|iamo|er\w+)|conferm(?:o|a|are|ate|iamo)|prenot(?:o|are|ate|"
    r"iamo)|persone|posti|(?:luned|marted|mercoled|gioved|venerd)[iì]|sabato|domenica|domani|we are|we will|"
    r"please|i forgot|people|seats)\b",
    re.IGNORECASE,
)
_REACHED_AT = re.compile(
    (
        r"@|\bwww\.|://|\b(?:tel|telefono|cell|cellulare|mob|mobile|fax|pec|e-?mail|mail|web|sito|whatsapp|phone|"
        r"skype|p\.? ?iva|c\.? ?f)\b\.?|\+?\d[\d ./\-]{6,}"
    ),
    re.IGNORECASE,
)
_PLACE = re.compile(
    (
        r"^\W{0,3}(?:via|viale|v\.le|piazza|p\.zza|piazzale|corso|c\.so|"
        r"largo|vicolo|loc(?:alità|\.)?|\d{5})\b"
    ),
    re.IGNORECASE,
)
_ROLE = re.compile(
    r"^\W{0,3}(?:il |la |l'|lo |i |le |per il |per la )?(?:vice)?(?:president|segretari|segreteria|referent|"
    r"responsabil|direttor|direttric|coordinat|tesorier|consiglier|direttiv|capogrupp|dott|prof|avv|ing|geom|"
    r"arch|rag|sig|insegnant|volontari|soci|staff|team|redazion|ufficio|president|secretary|chair|director|"
    r"manager)\w*\b",
    re.IGNORECASE,
)
#: Words that a name may hold in small letters.
_SMALL = frozenset({"di", "de", "del", "della", "dei", "degli", "delle", "dell", "dal", "da", "d", "e", "ed", "la",
    "le", "il", "lo", "l", "i", "gli", "per", "a", "al", "alla", "con", "and", "of", "the", "von", "van", "und",
    "y"})  # fmt: skip
_WORDS = re.compile(r"[^\W\d_]+")
#: A line of a signature has no more words, and this part of them begins with a capital.
_LONGEST_LINE, _CAPITALS = 10, 0.6
_SIGNATURE_LINES = 12


def without_disclaimer(lines: list[str]) -> list[str]:
    """Cut at the first paragraph, below something, that is long and speaks like a lawyer."""
    for i, line in enumerate(lines):
        if not _DISCLAIMER.search(line) or "?" in line or not any(k.strip() for k in lines[:i]):
            continue
        begins, ends = i, i
        while begins and lines[begins - 1].strip():
            begins -= 1
        while ends < len(lines) and lines[ends].strip():
            ends += 1
        long = len(" ".join(lines[i:ends])) >= _DISCLAIMER_LENGTH
        last = not any(x.strip() for x in lines[ends:]) and begins == i
        if long or (last and ends - i == 1 and len(line.split()) > 3 and not _STILL_SPEAKING.search(line)):
            return lines[:i]
    return lines


def without_program_lines(lines: list[str]) -> list[str]:
    """Without what programs say of themselves."""
    return [line for line in lines if not (_SENT_FROM.match(line) and not _STILL_SPEAKING.search(line))]


def split_signature(lines: list[str]) -> tuple[list[str], list[str]]:
    """What is said, and the signature below it.

    Cut at the programs' delimiter, else at the last closing formula (or a drawn line) below which something looks like
    a signature. What speaks again below a signature is said.
    """
    for i, line in enumerate(lines):
        if _DELIMITER.match(line) and any(x.strip() for x in lines[:i]):
            return lines[:i], lines[i + 1 : i + 1 + _SIGNATURE_LINES]
    filled = [i for i, line in enumerate(lines) if line.strip()]
    near_the_end = filled[-(_SIGNATURE_LINES + 1) :]
    for number, i in reversed(list(enumerate(near_the_end))):
        closes = _CLOSING.match(lines[i]) or _DRAWN.match(lines[i])
        if not closes and not _CLOSING_WORDS.match(lines[i]):
            continue
        below = near_the_end[number + 1 :]
        if below and not looks_like_signature(lines[below[0]]):
            continue
        again = next((b for b in below if _STILL_SPEAKING.search(lines[b]) and not _REACHED_AT.search(lines[b])), None)
        after = lines[again:] if again is not None else []
        # Thanks are all that a letter says that has only greeted.
        said = closes and any(line.strip() and not _GREETING.match(line) for line in lines[:i])
        return [*lines[: i if said else i + 1], *after], lines[i + 1 : again]
    return lines, []


def looks_like_signature(line: str) -> bool:
    """Whether a line names somebody, what they are, or where they are reached."""
    if _REACHED_AT.search(line) or _PLACE.match(line):
        return True
    words = _WORDS.findall(line)
    if not words or len(words) > _LONGEST_LINE or _STILL_SPEAKING.search(line) or re.search(r"\d|:\s|[.!]\s*$", line):
        return False
    if _ROLE.match(line):
        return True
    telling = [w for w in words if w not in _SMALL]
    return bool(telling) and sum(w[0].isupper() for w in telling) >= _CAPITALS * len(telling)


def begins_anew(line: str) -> bool:
    """Whether a line is a sentence's beginning, or a greeting, whatever stands above it."""
    first = line.split(maxsplit=1)[0] if line.strip() else ""
    return bool(_GREETING.match(line) or _CLOSING.match(first) or _STILL_SPEAKING.match(first))
