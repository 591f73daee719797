"""Which language a short text is written in: by its function words. Italian unless something else is evident."""

from itertools import chain

from conversation.words import tokens

_FUNCTION_WORDS = {
    "en": ["the", "is", "are", "was", "were", "what", "when", "where", "who", "how", "why", "which", "you", "your", "we", "our", "us", "i", "my", "me", "it", "this", "that", "these", "to", "of", "and", "or", "with", "for", "from", "at", "on", "would", "like", "want", "can", "could", "please", "thanks", "thank", "hello", "hi", "yes", "register", "sign", "up", "meeting", "does", "do", "did", "not", "have", "has", "be", "an", "by", "will", "there", "about", "join", "pact", "city", "cities", "human", "person", "real", "am", "talking"],
    "fr": ["je", "vous", "nous", "le", "les", "des", "une", "est", "sont", "pour", "avec", "dans", "voudrais", "bonjour", "merci", "reunion", "inscrire", "et", "mon", "notre", "du", "au", "quand", "oui", "qui", "que", "quoi", "qu", "c", "l", "d", "j", "m", "n", "s", "t", "en", "ou", "a", "quelle", "quel", "quels", "quelles", "comment", "combien", "pourquoi", "sur", "par", "ce", "cette", "ces", "il", "elle", "on", "se", "ne", "pas", "plus", "deux", "trois", "faut", "ont", "ete", "etre", "avez", "avons", "sommes", "serons", "moi", "svp", "plait", "inscrivez", "voudrions", "souhaite", "souhaitons", "rencontre", "association", "ville", "villes", "annee", "reseau", "signe", "depuis", "aux", "un", "si", "tres", "bonsoir", "etes", "tu", "suis", "parle", "vraie", "repond"],
    "de": ["ich", "wir", "sie", "der", "die", "das", "und", "ist", "sind", "mochte", "fur", "mit", "bitte", "danke", "guten", "tag", "anmelden", "treffen", "ein", "eine", "nicht", "zum", "am", "wann", "wer", "was", "wie", "wo", "welche", "welcher", "welchem", "welchen", "warum", "wieviel", "viele", "an", "auf", "zu", "im", "in", "den", "dem", "des", "von", "vom", "bei", "ob", "kann", "konnen", "konnten", "wird", "wurde", "wurden", "hat", "haben", "gibt", "es", "alle", "jahre", "jahr", "stadt", "stadte", "uber", "mich", "mir", "uns", "unser", "unsere", "verein", "hallo", "nein", "ja", "kommen", "mochten", "als", "auch", "noch", "nach", "aus", "einen", "einer", "einem", "meine", "mein", "leute", "personen", "donnerstag", "dienstag", "freitag", "du", "bist", "mensch", "spreche", "rede", "echte", "hier"],
    "es": ["yo", "nosotros", "el", "los", "las", "una", "es", "son", "para", "con", "quiero", "hola", "gracias", "reunion", "inscribirme", "y", "mi", "nuestro", "cuando", "por", "favor", "al", "del", "en", "jueves", "quien", "quienes", "que", "cual", "cuales", "como", "donde", "cuanto", "cuanta", "cuantos", "cuantas", "porque", "la", "lo", "un", "unos", "de", "o", "se", "me", "nos", "su", "sus", "este", "esta", "fue", "fueron", "hay", "estan", "somos", "ser", "tiene", "ademas", "sobre", "ciudades", "ciudad", "personas", "pueden", "puedo", "gustaria", "encuentro", "buenas", "buenos", "dias", "tardes", "si", "a", "quisiera", "queremos", "apuntarme", "apuntarnos", "inscribir", "inscribirnos", "martes", "viernes", "eres", "usted", "estoy", "hablando", "hablo", "soy"],
    "ro": ["eu", "noi", "vreau", "sa", "la", "intalnire", "pentru", "si", "este", "sunt", "buna", "ziua", "multumesc", "inscriu", "ma", "cu", "o", "un", "ce", "care", "cine", "cand", "unde", "cum", "cat", "cata", "cati", "cate", "din", "in", "de", "pe", "nu", "am", "are", "avem", "suntem", "fost", "fac", "face", "sau", "despre", "orase", "oras", "tari", "an", "ani", "doamna", "rog", "vrem", "dori", "particip", "intalnirea", "intalnirile", "persoane", "doua", "noastra", "nostru", "asociatia", "mai", "ar", "as", "fi", "prin", "intre", "numele", "numesc", "esti", "sunteti", "vorbesc", "om", "imi", "persoana"],
    "sq": ["une", "ne", "dua", "te", "takim", "per", "dhe", "eshte", "jane", "pershendetje", "faleminderit", "regjistrohem", "me", "nje", "ju", "lutem", "kush", "kur", "ku", "cili", "cilat", "cila", "sa", "si", "cfare", "pse", "nga", "e", "i", "jam", "jemi", "u", "do", "doja", "duam", "qe", "kjo", "ky", "dy", "tre", "persona", "vete", "apo", "pjese", "qytet", "qytete", "qytetet", "qyteteve", "takimi", "takimin", "takimet", "shoqata", "kontakt", "kontaktin", "mund", "ka", "kane", "shume", "mire", "dita", "regjistrim", "regjistroni", "lutemi", "je", "ti", "jeni", "flas", "njeri", "po"],
    "it": ["il", "va", "bene", "lo", "la", "i", "gli", "le", "un", "una", "di", "a", "da", "in", "con", "su", "per", "tra", "fra", "e", "o", "ma", "che", "non", "si", "mi", "ti", "ci", "vi", "sono", "siamo", "ha", "hanno", "vorrei", "vorremmo", "come", "quando", "dove", "chi", "cosa", "quale", "quali", "perche", "anche", "del", "della", "dei", "delle", "al", "alla", "ai", "alle", "dal", "nel", "nella", "questo", "questa", "buongiorno", "grazie", "ciao", "salve", "voglio", "posso", "possiamo", "ho", "abbiamo", "saremo", "veniamo", "l", "d", "de", "se", "ne", "quanto", "quanti", "quante", "quanta", "quel", "quella", "quelli", "stato", "stata", "stati", "puo", "possono", "deve", "piu", "ancora", "gia", "tutti", "tutto", "noi", "io", "lei", "lui", "loro", "mio", "mia", "nostra", "nostro", "vostro", "vostra", "cui", "anno", "citta", "incontro", "incontri", "dall", "dell", "all", "nell", "sull", "c", "nelle", "negli", "nei", "sul", "sulla", "allo", "essere", "fare", "fa", "due", "tre", "persone", "iscrivere", "iscrizione", "partecipare", "mamma"],
}  # fmt: skip
_LOANWORDS = {
    "learning",
    "city",
    "cities",
    "zoom",
    "lifelong",
    "meet",
    "meeting",
    "link",
    "unesco",
    "global",
    "network",
    "newsletter",
    "email",
    "mail",
    "online",
    "club",
    "ok",
}
#: Letters that one of these languages has and Italian has not, worth a word each.
_LETTERS = {"de": {*"äöüß"}, "es": {*"ñ¿¡óíú"}, "ro": {*"ășțâîşţ"}, "sq": {*"ë"}, "fr": {*"êœçûôë"}}
_ENOUGH = 2
_SURE = 3


def detect_language(text: str, *, known: str = "") -> str:
    """The language of ``text`` as an ISO 639-1 code; ``known``: what was spoken before, kept unless three words differ."""
    words = [w for w in tokens(text) if w not in _LOANWORDS]
    score = dict.fromkeys(_FUNCTION_WORDS, 0)
    for lang in chain.from_iterable(_SPOKEN_IN.get(word, ()) for word in words):
        score[lang] += 1
    written = {*text.lower()}
    for lang, letters in _LETTERS.items():
        score[lang] += len(written & letters)
    best = max(score, key=lambda lang: (score[lang], lang == "it"))
    prior = known[:2] if known else ""
    if prior in score and score[best] - score[prior] < (_SURE if prior != best else 0):
        return prior if score[best] < _SURE or score[prior] >= score[best] - 1 else best
    if best != "it" and score[best] - score["it"] < min(_ENOUGH, max(1, len(words) // 2)):
        return prior or "it"
    return best


def _by_word() -> dict[str, list[str]]:
    """The languages that have each word."""
    found: dict[str, list[str]] = {}
    for language, words in _FUNCTION_WORDS.items():
        for word in {*words}:
            found.setdefault(word, []).append(language)
    return found


_SPOKEN_IN = _by_word()
