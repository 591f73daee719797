"""Italian: the bot answers in it."""

from datetime import date, time

from conversation.languages.protocol import Cues

code = "it"
weekdays = ("lunedì", "martedì", "mercoledì", "giovedì", "venerdì", "sabato", "domenica")
months = (
    "gennaio", "febbraio", "marzo", "aprile", "maggio", "giugno", "luglio", "agosto", "settembre",
    "ottobre", "novembre", "dicembre",
)  # fmt: skip
function_words = frozenset(
    [
        "il",
        "va",
        "bene",
        "lo",
        "la",
        "i",
        "gli",
        "le",
        "un",
        "una",
        "di",
        "a",
        "da",
        "in",
        "con",
        "su",
        "per",
        "tra",
        "fra",
        "e",
        "o",
        "ma",
        "che",
        "non",
        "si",
        "mi",
        "ti",
        "ci",
        "vi",
        "sono",
        "siamo",
        "ha",
        "hanno",
        "vorrei",
        "vorremmo",
        "come",
        "quando",
        "dove",
        "chi",
        "cosa",
        "quale",
        "quali",
        "perche",
        "anche",
        "del",
        "della",
        "dei",
        "delle",
        "al",
        "alla",
        "ai",
        "alle",
        "dal",
        "nel",
        "nella",
        "questo",
        "questa",
        "buongiorno",
        "grazie",
        "ciao",
        "salve",
        "voglio",
        "posso",
        "possiamo",
        "ho",
        "abbiamo",
        "saremo",
        "veniamo",
        "l",
        "d",
        "de",
        "se",
        "ne",
        "quanto",
        "quanti",
        "quante",
        "quanta",
        "quel",
        "quella",
        "quelli",
        "stato",
        "stata",
        "stati",
        "puo",
        "possono",
        "deve",
        "piu",
        "ancora",
        "gia",
        "tutti",
        "tutto",
        "noi",
        "io",
        "lei",
        "lui",
        "loro",
        "mio",
        "mia",
        "nostra",
        "nostro",
        "vostro",
        "vostra",
        "cui",
        "anno",
        "citta",
        "incontro",
        "incontri",
        "dall",
        "dell",
        "all",
        "nell",
        "sull",
        "c",
        "nelle",
        "negli",
        "nei",
        "sul",
        "sulla",
        "allo",
        "essere",
        "fare",
        "fa",
        "due",
        "tre",
        "persone",
        "iscrivere",
        "iscrizione",
        "partecipare",
        "mamma",
    ]
)
letters = frozenset("")
weekday_names = {
    "lunedi": 0, "martedi": 1, "mercoledi": 2, "giovedi": 3, "venerdi": 4, "sabato": 5, "domenica": 6,
    "lun": 0, "mart": 1, "merc": 2, "gio": 3, "giov": 3, "giove": 3, "ven": 4, "vene": 4, "sab": 5,
}  # fmt: skip
month_names = {
    "gennaio": 1, "febbraio": 2, "marzo": 3, "aprile": 4, "maggio": 5, "giugno": 6, "luglio": 7,
    "agosto": 8, "settembre": 9, "ottobre": 10, "novembre": 11, "dicembre": 12, "gen": 1, "genn": 1,
    "feb": 2, "febb": 2, "apr": 4, "mag": 5, "giu": 6, "lug": 7, "ago": 8, "set": 9, "sett": 9, "ott":
    10, "nov": 11, "dic": 12,
}  # fmt: skip
number_words = {
    "uno": 1, "un": 1, "una": 1, "due": 2, "tre": 3, "quattro": 4, "cinque": 5, "sei": 6, "sette": 7,
    "otto": 8, "nove": 9, "dieci": 10, "undici": 11, "dodici": 12, "tredici": 13, "quattordici": 14,
    "quindici": 15, "sedici": 16, "diciassette": 17, "diciotto": 18, "diciannove": 19, "venti": 20,
    "ventuno": 21, "ventidue": 22, "ventitre": 23, "ventiquattro": 24, "venticinque": 25, "ventisei":
    26, "ventisette": 27, "ventotto": 28, "ventinove": 29, "trenta": 30, "trentuno": 31,
}  # fmt: skip
yes = frozenset(
    [
        "accetto",
        "acconsento",
        "accordo",
        "assolutamente",
        "bene",
        "benissimo",
        "certamente",
        "certo",
        "confermato",
        "confermiamo",
        "confermo",
        "corretto",
        "daccordo",
        "esatto",
        "fallo",
        "giusto",
        "iscrivici",
        "iscrivimi",
        "mandami",
        "ottimo",
        "perfetto",
        "procedi",
        "procediamo",
        "si",
        "sicuro",
        "sii",
        "sisi",
        "va",
        "vai",
        "volentieri",
    ]
)
no = frozenset(
    [
        "annulla",
        "annullate",
        "basta",
        "errato",
        "lascia",
        "lasciamo",
        "lasciate",
        "macche",
        "mai",
        "neanche",
        "nemmeno",
        "niente",
        "no",
        "non",
        "nono",
        "nulla",
        "rifiuto",
        "sbagliato",
        "stop",
    ]
)
denials = frozenset(["mai", "neanche", "nemmeno", "niente", "non", "nulla"])
no_refusals = frozenset(["problema", "problemi", "si", "sisi"])
agreeing = frozenset(
    [
        "accetto",
        "acconsento",
        "accordo",
        "adesso",
        "bene",
        "confermare",
        "confermiamo",
        "confermo",
        "corretto",
        "daccordo",
        "esatto",
        "fare",
        "farlo",
        "fatelo",
        "giusto",
        "importa",
        "interessa",
        "iscrivermi",
        "iscrivetemi",
        "mandare",
        "ora",
        "procedere",
        "procedete",
        "serve",
        "va",
        "vogliamo",
        "voglio",
    ]
)
fillers = frozenset(
    ["a", "che", "cosi", "d", "di", "e", "grazie", "il", "la", "lo", "me", "mille", "per", "prego", "pure", "tutto"]
)
erasing = frozenset(
    [
        "cancella",
        "cancellami",
        "cancellare",
        "cancellate",
        "cancellateci",
        "cancellateli",
        "cancellatemi",
        "cancellazione",
        "dati",
        "dei",
        "elimina",
        "eliminate",
        "eliminazione",
        "i",
        "miei",
        "nostri",
        "tutti",
    ]
)
cues = Cues(
    adds=r"anche|aggiung\w*|inoltre|in piu|un altr[oa]|un'altr[oa]",
    confirms=(
        r"conferm\w*|ci sar(?:o|emo)|ci (?:vediamo|siamo)|a (?:lun|mart|mercol|giov|vener)edi|sar(?:o|"
        r"emo) present\w+|non manch\w+"
    ),
    gives_up=r"lascia(?:mo)? (?:stare|perdere)|lasciate (?:stare|perdere)|non (?:mi |ci )?interessa piu|no grazie",
    shifts=r"spost|trasfer|pass(?:o|a|iamo|ate|ateci|atemi) (?:a|al)\b",
    meetings=r"incontr|appuntament|riunion|invece|anzi|spost|cambi",
    asks_about=r"come (?:si|posso|possiamo|faccio|facciamo)\b|e'? stat[oa] (?:annullat|disdett|cancellat|rinviat)",
    contrasts=r"ma|pero|invece|mentre|sol[oa]|soltanto|resta\w*|riman\w*",
    corrects=(
        r"cambi\w*|corregg\w*|sbagliat\w*|errat\w*|giust[oa]|corrett[oa]|invece di|al posto mio|al mio posto|"
        r"non mi chiamo|in realta|si chiama|mi chiamo"
    ),
    everything=r"promemoria|nulla|niente|nient'altro",
    counts=r"in |siamo |forse |saremo ",
)


def speak_day(day: date) -> str:
    """``giovedì 21 gennaio``: without the year."""
    return f"{weekdays[day.weekday()]} {day.day} {months[day.month - 1]}"


def speak_hour(hour: time) -> str:
    """``ore 17.30``."""
    return f"ore {hour:%H.%M}"
