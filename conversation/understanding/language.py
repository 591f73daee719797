"""Which language a short text is written in: by its function words. Italian unless something else is evident."""

from conversation.words import tokens

_FUNCTION_WORDS = {
    "en": ["the", "is", "are", "was", "were", "what", "when", "where", "who", "how", "why", "which", "you", "your", "we", "our", "us", "i", "my", "me", "it", "this", "that", "these", "to", "of", "and", "or", "with", "for", "from", "at", "on", "would", "like", "want", "can", "could", "please", "thanks", "thank", "hello", "hi", "yes", "register", "sign", "up", "meeting", "does", "do", "did", "not", "have", "has", "be", "an", "by", "will", "there", "about", "join", "pact", "city", "cities"],
    "fr": ["je", "vous", "nous", "le", "les", "des", "une", "est", "sont", "pour", "avec", "dans", "voudrais", "bonjour", "merci", "reunion", "inscrire", "et", "mon", "notre", "du", "au", "quand", "oui"],
    "de": ["ich", "wir", "sie", "der", "die", "das", "und", "ist", "sind", "mochte", "fur", "mit", "bitte", "danke", "guten", "tag", "anmelden", "treffen", "ein", "eine", "nicht", "zum", "am", "wann"],
    "es": ["yo", "nosotros", "el", "los", "las", "una", "es", "son", "para", "con", "quiero", "hola", "gracias", "reunion", "inscribirme", "y", "mi", "nuestro", "cuando", "por", "favor", "al", "del", "en", "jueves"],
    "ro": ["eu", "noi", "vreau", "sa", "la", "intalnire", "pentru", "si", "este", "sunt", "buna", "ziua", "multumesc", "inscriu", "ma", "cu", "o", "un"],
    "sq": ["une", "ne", "dua", "te", "takim", "per", "dhe", "eshte", "jane", "pershendetje", "faleminderit", "regjistrohem", "me", "nje", "ju", "lutem"],
    "it": ["il", "lo", "la", "i", "gli", "le", "un", "una", "di", "a", "da", "in", "con", "su", "per", "tra", "fra", "e", "o", "ma", "che", "non", "si", "mi", "ti", "ci", "vi", "sono", "siamo", "e", "ha", "hanno", "vorrei", "vorremmo", "come", "quando", "dove", "chi", "cosa", "quale", "quali", "perche", "anche", "del", "della", "dei", "delle", "al", "alla", "ai", "alle", "dal", "nel", "nella", "questo", "questa", "buongiorno", "grazie", "ciao", "salve", "voglio", "posso", "possiamo", "ho", "abbiamo", "saremo", "veniamo"],
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
_ENOUGH = 2
_SURE = 3


def detect_language(text: str, *, known: str = "") -> str:
    """The language of ``text`` as an ISO 639-1 code; ``known``: what was spoken before, kept unless three words differ."""
    words = [w for w in tokens(text) if w not in _LOANWORDS]
    score = {lang: sum(w in vocabulary for w in words) for lang, vocabulary in _SETS.items()}
    best = max(score, key=lambda lang: (score[lang], lang == "it"))
    prior = known[:2] if known else ""
    if prior in score and score[best] - score[prior] < (_SURE if prior != best else 0):
        return prior if score[best] < _SURE or score[prior] >= score[best] - 1 else best
    if best != "it" and score[best] - score["it"] < min(_ENOUGH, max(1, len(words) // 2)):
        return prior or "it"
    return best


_SETS = {lang: frozenset(words) for lang, words in _FUNCTION_WORDS.items()}
