"""An invented town with its folder.

Few facts, another zone, other holidays, nothing of the town that the program brings along.
"""

from pathlib import Path

_FILES = {
    "town.toml": """
name = "Borgo Prova"
service = "Borgo che impara"
short = "Borgo"
office = "Comune di Borgo Prova"
sender = "Borgo che impara"
mailbox = "incontri@comune.borgo.example"
platform = "Jitsi"
zone = "Atlantic/Azores"
languages = ["it"]
no_names = ["=borgo prova"]
pact.it = "Patto del Borgo"

[holidays]
country = "PT"

[sandbox]
start = 2021-03-01T09:00:00
bot = "borgo_prova_bot"
staff = "ufficio@comune.borgo.example"
first_name = "Bea"
last_name = "Prova"
says = ["Che cos'è l'orto comune?"]
mailboxes = [
  { address = "orti@posta.example", name = "Gli Ortolani", writes = "Veniamo in due all'incontro degli orti." },
]
""",
    "sources.toml": """
[delibera]
title = "Delibera dell'orto comune"
title_en = "Resolution on the common garden"
date = "1 febbraio 2021"
date_en = "1 February 2021"
""",
    "facts/orti.toml": """
[[fact]]
id = "orti.cosa"
title.it = "L'orto comune"
questions.it = ["che cos'è l'orto comune?", "che cos'è l'orto?", "cos'è l'orto comune", "mi spiegate l'orto comune?"]
answer.it = "L'orto comune è un terreno che il Borgo affida a chi lo coltiva."
sources = [{ document = "delibera", paragraph = 1, rests_on = ["orto comune"] }]
""",
    "sectors.toml": 'orti = ["orti", "orto", "ortolani"]\nbande = ["bande", "banda"]\n',
    "handover.toml": 'bus = ["a che ora passa l\'autobus?", "dove si prende la corriera?"]\n',
    "programme.toml": """
[sectors]
orti = { it = "orti e giardini" }
bande = { it = "bande musicali" }

[[meetings]]
sector = "orti"
day = 2021-03-10
hour = 17:30
link = "https://jitsi.example/orti"

[[meetings]]
sector = "bande"
day = 2021-03-12
hour = 18:00
link = "https://jitsi.example/bande"
""",
}


def write_town(folder: Path) -> Path:
    """Write the town into ``folder``, which is made, and give it back."""
    for name, text in _FILES.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    return folder
