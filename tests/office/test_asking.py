"""What a question asks: without greetings, who one is, signature, names and addresses, whatever it came in."""

import pytest

from office.asking import gist, without_names


@pytest.mark.parametrize(
    ("question", "asked"),
    [
        (
            "Parcheggio\n\nBuongiorno, c'è un posto riservato ai camper vicino alla sala?\nMarta Verdi",
            ["C'è un posto riservato ai camper vicino alla sala?"],
        ),
        ("Ciao, quanto costa il parcheggio per i pullman?", ["Quanto costa il parcheggio per i pullman?"]),
        ("ciao Marta quanto costa il parcheggio", ["Quanto costa il parcheggio"]),
        ("Buongiorno Quanto costa il parcheggio?", ["Quanto costa il parcheggio?"]),
        ("Buongiorno, posso portare il cane? Grazie, Marta", ["Posso portare il cane?"]),
        ("Salve! Siamo una scuola: possiamo venire con 30 ragazzi?", ["Possiamo venire con 30 ragazzi?"]),
        ("Siamo in 10, serve la prenotazione?", ["Serve la prenotazione?"]),
        ("Buoni pasto: si accettano?", ["Buoni pasto: si accettano?"]),
        ("Sono Marta Verdi, c'è un parcheggio?", ["C'è un parcheggio?"]),
        ("Sono previsti sconti, e come si chiedono?", ["Sono previsti sconti, e come si chiedono?"]),
        (
            "Buongiorno, sono la Ada Prova. Dove posso lasciare la bicicletta? Grazie, Ada\nada@posta.example",
            ["Dove posso lasciare la bicicletta?"],
        ),
        (
            "Gentile ufficio del Comune,\nmi chiamo Marta Verdi e vorrei sapere se c'è posto.\n\nSaluti\nMarta Verdi",
            ["Vorrei sapere se c'è posto."],
        ),
        ("Gentile ufficio vorrei sapere quanto costa", ["Vorrei sapere quanto costa"]),
        ("Richiesta\n\nBuongiorno,\nvorrei portare il camper, grazie.\nmarta verdi", ["Vorrei portare il camper"]),
        ("posso portare il cane", ["Posso portare il cane"]),
        ("Parcheggio\n\nQuanto costa?", ["Parcheggio, quanto costa?"]),
        ("Hello, I am John Smith. Can I park there? Thanks, John", ["Can I park there?"]),
        (
            "Posso venire con Luigi Bianchi e mia figlia Marta? Mi chiamate al 333 1234567?",
            ["Posso venire con … e mia figlia …?", "Mi chiamate al …?"],
        ),
        ("Vado con la Esempio, quanto costa entrare?", ["Vado con la …, quanto costa entrare?"]),
        ("Mi scrive a ada@posta.example quanto costa?", ["Mi scrive a … quanto costa?"]),
        ("Mia figlia può venire con Mia Rossi?", ["Mia figlia può venire con …?"]),
        ("Grazie a chi è nata la rete", ["Grazie a chi è nata la rete"]),
        ("Siamo in tanti, nella rete?", ["Siamo in tanti, nella rete?"]),
        ("Sono una docente e mi serve il testo del Patto", ["Mi serve il testo del Patto"]),
        ("Sono una docente che cerca il testo del Patto", ["Sono una docente che cerca il testo del Patto"]),
        ("06 941851 di chi è, e il 21/01/2021 chi viene?", ["… di chi è, e il 21/01/2021 chi viene?"]),
        ("sono un cittadino, posso venire?", ["Sono un cittadino, posso venire?"]),
        ("Buongiorno\nMarta Verdi", []),
        ("Marta Verdi", []),
        ("Buonasera a tutti, grazie", []),
    ],
)
def test_what_is_taught_is_what_was_asked(question: str, asked: list[str]) -> None:
    assert without_names(question, "Anna Esempio") == asked


def test_what_only_greets_is_compared_as_it_is() -> None:
    assert gist("Buongiorno\nMarta Verdi") == "Buongiorno\nMarta Verdi"
    assert gist("Buongiorno,\nvorrei portare il camper. Serve un permesso.\nMarta") == (
        "Vorrei portare il camper. Serve un permesso."
    )
