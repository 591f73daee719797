"""Letters meant for another office of the town hall: a person reads them, and nobody is registered."""

import pytest

from tests.support.rehearsal import Rehearsal

_DRIVEWAY = (
    "Buongiorno,\nsono Anna Ferri. Vorrei sapere a che punto è la mia pratica per il passo carrabile "
    "di via dei Tigli 12, presentata a novembre. Grazie\nAnna Ferri"
)
_CARD = (
    "Buongiorno, avrei giovedì 21 gennaio l'appuntamento per rifare la carta d'identità mia e di mio marito "
    "(siamo in due).\nMe lo potete spostare ai primi di febbraio? Grazie, Marta Esempio"
)
_COURSE = (
    "Buonasera, vorrei iscrivermi al corso di ginnastica per anziani del centro civico che comincia venerdì 22 "
    "gennaio: siamo in due, io e la mia vicina. C'è ancora posto? Quanto si paga?\nDina Esempio"
)
_ACCESS = (
    "Con la presente esercito il diritto di accesso previsto dal GDPR e chiedo di sapere quali dati avete su di me e "
    "da dove li avete presi, entro trenta giorni. Avv. Carla Esempio"
)
_OFF_THE_LIST = (
    "Per cortesia toglietemi dalla vostra lista, ricevo ogni cosa doppia perché c'è già l'indirizzo del G.S. Salice. "
    "Non mandatemi più comunicazioni a questo indirizzo.\nE. Esempio"
)


@pytest.mark.parametrize("words", [_DRIVEWAY, _CARD, _COURSE])
async def test_it_is_passed_on_as_it_is_and_registers_nobody(words: str, rehearsal: Rehearsal) -> None:
    someone = rehearsal.association("qualcuno@posta.example", "Qualcuno")
    answer = await someone.writes(words, subject="richiesta", vouched=True)
    assert await rehearsal.registered() == []
    assert "riguardi un altro ufficio" in answer.text
    assert "l'ho passato così com'è a una persona" in answer.text


async def test_whoever_meant_a_meeting_after_all_says_the_day(rehearsal: Rehearsal) -> None:
    someone = rehearsal.association("qualcuno@posta.example", "Qualcuno")
    await someone.writes(_COURSE, subject="corso", vouched=True)
    await someone.writes("Intendevamo l'incontro di venerdì 22 gennaio, siamo in due", vouched=True)
    assert [(r[0], r[2]) for r in await rehearsal.registered()] == [("musei_cultura", 2)]


async def test_a_registration_among_other_things_is_one(rehearsal: Rehearsal) -> None:
    club = rehearsal.association("info@trefonti.example", "ASD Tre Fonti")
    await club.writes(
        "Buongiorno, per il lampione rotto davanti al campo riscriveremo all'ufficio strade.\n"
        "Intanto iscriveteci all'incontro delle associazioni sportive di giovedì 21 gennaio: siamo in tre.\n"
        "ASD Tre Fonti",
        subject="Iscrizione incontro sport",
        vouched=True,
    )
    assert [(r[0], r[2]) for r in await rehearsal.registered()] == [("sport", 3)]


async def test_what_is_kept_of_somebody_is_ours_in_the_words_of_the_law_too(rehearsal: Rehearsal) -> None:
    club = rehearsal.association("info@salice.example", "G.S. Salice")
    await club.writes("Vorremmo ricevere gli avvisi sui nuovi incontri.", vouched=True)
    assert await rehearsal.rows("SELECT updates FROM people") == [(True,)]
    copy = await club.writes(_ACCESS, subject="richiesta", vouched=True)
    assert "Contatto: email info@salice.example" in copy.text
    await club.writes(_OFF_THE_LIST, subject="lista", vouched=True)
    assert await rehearsal.rows("SELECT updates FROM people") == [(False,)]
    stranger = rehearsal.association("qualcuno@posta.example", "Qualcuno")
    assert "riguardi un altro ufficio" in (await stranger.writes(_ACCESS, subject="richiesta", vouched=True)).text
