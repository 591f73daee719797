"""What sentences mean: days, meetings, people; and what must never be guessed."""

from datetime import date, datetime, time

import pytest

from conversation.dialogue import Dialogue
from conversation.language import detect_language
from conversation.open_questions import Asks, Draft, Registering
from conversation.times import to_utc
from conversation.understanding import details, headcount, organisations, understand
from conversation.understanding.classifier import IntentClassifier
from conversation.understanding.dates import find_days
from conversation.understanding.details import Details
from conversation.understanding.headcount import bare_number
from conversation.understanding.meetings import Doubt, choose_meeting
from conversation.understanding.names import bare_name
from conversation.understanding.programme import sample_meetings
from conversation.understanding.proper_names import NameFinder
from conversation.understanding.yes_no import ERASING, read_yes_no
from handlers.wishes import choose_intent
from knowledge.library import load_library

NOW = to_utc(date(2021, 1, 15), time(9))
FRIDAY = date(2021, 1, 15)
FINDER = NameFinder(load_library())


def find_details(words: str, signature: str = "") -> Details:
    return details.find_details(words, signature, finder=FINDER)


def find_headcount(words: str) -> tuple[int | None, int | None]:
    return headcount.find_headcount(words, FINDER.find(words))


def find_organisation(words: str) -> str | None:
    return organisations.find_organisation(words, FINDER.find(words))


@pytest.mark.parametrize(
    ("words", "excludes"),
    [
        ("la settimana prossima no?", False),
        ("è giovedì, no?", False),
        ("ci vediamo giovedì no ?", False),
        ("giovedì no", True),
        ("la settimana prossima no, semmai dopo", True),
    ],
)
def test_a_no_that_only_asks_for_a_yes_excludes_nothing(words: str, *, excludes: bool) -> None:
    assert any(mention.negated for mention in find_days(words, FRIDAY)) is excludes


def chosen(words: str, now: datetime = NOW) -> set[str]:
    meetings = sample_meetings()
    found = choose_meeting(words, meetings, now, load_library().sectors)
    return {m.sector for m in meetings if m.id in found.chosen}


@pytest.mark.parametrize(
    ("words", "sectors"),
    [
        ("vorrei iscrivermi a sport e musei", {"sport", "musei_cultura"}),
        (
            "vorrei seguire due incontri, quello sulla parità di genere e quello sui patti",
            {"politiche_genere", "patti_cittadinanza"},
        ),
        ("siamo un'associazione di sport e cultura", set()),
        ("incontri: 19 e 22 gennaio", {"politiche_genere", "musei_cultura"}),
        (
            "iscrivetemi a tutti gli incontri tranne quello sullo sport",
            {"politiche_genere", "musei_cultura", "patti_cittadinanza"},
        ),
        ("veniamo tutti e due giovedì", {"sport"}),
        ("genere + il resto, due persone a entrambi", set()),
        ("ci vediamo giovedì", {"sport"}),
        ("venerdi 22", {"musei_cultura"}),
        ("il diciannove", {"politiche_genere"}),
        ("siamo una bocciofila", {"sport"}),
        ("quello dei patti di cittadinanza", {"patti_cittadinanza"}),
        ("il 21 e il 22 gennaio", {"sport", "musei_cultura"}),
        ("non giovedì, venerdì", {"musei_cultura"}),
        ("l'ultimo incontro", {"patti_cittadinanza"}),
        ("on Thursday 21st", {"sport"}),
        ("parteciperemo in 21 all'incontro del 22", {"musei_cultura"}),
        ("il mio numero è 333 1221122, incontro sport", {"sport"}),
    ],
)
def test_the_meeting_that_is_meant(words: str, sectors: set[str]) -> None:
    assert chosen(words) == sectors


@pytest.mark.parametrize(
    ("words", "doubt"),
    [
        ("giovedì 22", Doubt.CONTRADICTION),
        ("martedì", Doubt.AMBIGUOUS),
        ("il 28 gennaio", Doubt.NO_SUCH_DAY),
        ("quello delle scuole", Doubt.PAST),
        ("il 14 gennaio", Doubt.PAST),
        ("l'incontro dello sport di venerdì", Doubt.CONTRADICTION),
    ],
)
def test_a_doubt_is_a_doubt(words: str, doubt: Doubt) -> None:
    found = choose_meeting(words, sample_meetings(), NOW, load_library().sectors)
    assert found.chosen == ()
    assert found.doubt is doubt


def test_a_past_meeting_is_never_chosen() -> None:
    after = to_utc(date(2021, 1, 23), time(9))
    for words in ("giovedì 21", "quello dello sport", "il 22", "tutti gli incontri", "il primo"):
        assert chosen(words, after) <= {"patti_cittadinanza"}, words


def test_what_is_no_day() -> None:
    for words in (
        "siamo in due",
        "ho 22 anni",
        "alle ore 17",
        "tel. 0583 442111",
        "in 3",
        "via Fillungo 12",
        "sei persone",
    ):
        assert find_days(words, FRIDAY) == [], words


@pytest.mark.parametrize(
    ("words", "number"),
    [
        ("veniamo in tre", 3),
        ("saremo in 4", 4),
        ("5 persone", 5),
        ("io e mia moglie", 2),
        ("vengo da solo", 1),
        ("Parteciperanno la presidente Maria Bianchi e il segretario Luca Neri.", 2),
        ("Parteciperanno:\n- Maria Bianchi\n- Luca Neri\n- Ugo Tei", 3),
        ("siamo un gruppo di amici", None),
        ("siamo un milione", None),
        ("vengo con mia figlia", 2),
        ("ci vediamo giovedì 21", None),
        ("vengo con due colleghi", 3),
        ("siamo in tre, anzi quattro", 4),
        ("saremo in tre o quattro", 4),
        ("vengo con mia moglie e i due figli", 4),
        ("io e altre due persone", 3),
        ("io, Marco e Lucia veniamo", 3),
        ("parteciperemo io, Francesca Lippi, e la dott.ssa Ilaria Mori", 2),
        ("la nostra scuola parteciperà con 2 insegnanti", 2),
        ("parteciperà la presidente con due collaboratori", 3),
        ("saremo tre mamme e un papà", 4),
        ("siamo in due: io e il segretario", 2),
        ("giovedì 21, anzi 28", None),
        ("per quella riunione ci saranno 2 dirigenti e un'allenatrice", 3),
        ("Partecipanti previsti: 2", 2),
        ("sarà collegata la sola vicepresidente", 1),
        ("nous serons deux", 2),
        ("Partecipanti: Piero Grassi, Ugo Bini, Lia Sodi", 3),
        ("fondata nel 1987", None),
    ],
)
def test_how_many_come(words: str, number: int | None) -> None:
    assert find_headcount(words)[0] == number


def test_one_more_is_added() -> None:
    assert find_headcount("saremo due in più") == (None, 2)
    assert find_headcount("aggiungi una persona") == (None, 1)
    assert find_headcount("aggiungi anche mia moglie") == (None, 1)
    assert find_headcount("uno di noi non viene più") == (None, -1)
    assert find_headcount("possiamo portare altre due persone?") == (None, 2)
    assert find_headcount("Ada Meucci non può venire") == (None, -1)
    assert find_headcount("l'associazione non può partecipare") == (None, None)


def test_a_bare_number() -> None:
    assert bare_number("3") == 3
    assert bare_number("siamo 4") == 4
    assert bare_number("preferisco martedì 19") is None
    assert bare_number("-3") == 0
    assert bare_number("3/4") == 4
    assert bare_number("in tre, anzi quattro") == 4


@pytest.mark.parametrize(
    ("words", "name"),
    [
        ("siamo la Polisportiva Le Querce, veniamo in tre", "Polisportiva Le Querce"),
        ("con la presente l'A.S.D. Lucchese Atletica chiede di partecipare", "A.S.D. Lucchese Atletica"),
        ('siamo il Circolo Culturale "La Torre" APS e saremmo lieti', 'Circolo Culturale "La Torre" APS'),
        ("scrivo a nome dell'Associazione Luna Nuova. Partecipano Carla e Ugo", "Associazione Luna Nuova"),
        ("il Museo della Cattedrale desidera iscrivere due persone", "Museo della Cattedrale"),
        ("vengo come privato cittadino", ""),
        ("vorrei venire giovedì", None),
        ("Prof. Rita Neri, Liceo Prova: vorrei iscrivermi con due studentesse", "Liceo Prova"),
        ("Michele Tei di Trekking Querce, mi piacerebbe esserci", "Trekking Querce"),
        ("sono don Andrea Tei della Parrocchia di San Prova: verrei giovedì", "Parrocchia di San Prova"),
        ("L'associazione culturale Cantiere Prova si iscrive", "associazione culturale Cantiere Prova"),
        ("l'associazione si chiama Lume", "Lume"),
        ("siamo in 3 dell'US Lucchese giovedì", "US Lucchese"),
        ("Polisportiva 2000 Lucca, in 3, giovedì", "Polisportiva 2000 Lucca"),
        ("vengo con mio figlio.\nMarta Lari, ASD Danza Prova", "ASD Danza Prova"),
        ("CENTRO DONNA LA QUERCIA - INCONTRO 19/01 - 3 OPERATRICI", "CENTRO DONNA LA QUERCIA"),
        ("Associazione: Lume e Tango\nPersone: 2\nNome: Lia Neri", "Lume e Tango"),
        ("sport, asd Tau, Lia Neri, 2 persone", "asd Tau"),
        ("Ente: nessuno\nPersone: 1", ""),
        ("siamo quattro amici, non siamo una società, però giovedì veniamo", ""),
        ("dove si trova Palazzo Orsetti?", None),
    ],
)
def test_the_association(words: str, name: str | None) -> None:
    assert find_details(words).organisation == name


@pytest.mark.parametrize(
    ("words", "name"),
    [
        ("io e il mio collega Bruno Tei veniamo. Grazie, Elena Prova", "Elena Prova"),
        ("Nome: Lia\nCognome: Neri\nEnte: Prova\nPersone: 2", "Lia Neri"),
        ("sport, asd Tau, Lia Neri, 2 persone", "Lia Neri"),
        ("mi chiamo Marco Bianchi della ASD Prova", "Marco Bianchi"),
        ("Sono la referente.\nReferente: Francesca Del Carlo", "Francesca Del Carlo"),
        ("mi chiamo Lucia", "Lucia"),
        ("Il sottoscritto Ugo Tei chiede", "Ugo Tei"),
    ],
)
def test_the_contact(words: str, name: str) -> None:
    assert find_details(words).contact == name


def test_the_signature_gives_what_the_text_does_not() -> None:
    found = find_details("vorremmo partecipare", "Marta Prova\nASD Le Querce\ncell. 333 4567890")
    assert (found.contact, found.organisation) == ("Marta Prova", "ASD Le Querce")


@pytest.mark.parametrize(
    ("words", "answer"),
    [
        ("sì", True),
        ("ok grazie", True),
        ("Sì, iscrivimi", True),
        ("👍", True),
        ("certo che no", False),
        ("non va bene", False),
        ("non confermo", False),
        ("no", False),
        ("giovedì", None),
        ("sì ma siamo in quattro persone", None),
        ("non so ancora quanti siamo", None),
        ("non so", None),
        ("no, non so", None),
        ("non ho la mail", None),
        ("non ho capito", None),
        ("no problem", None),
        ("sì no", None),
        ("👍 ma siamo in 4", None),
        ("ok?", None),
        ("fine", None),
        ("niente male", None),
        ("direi di no", False),
        ("no, lascia stare", False),
        ("no, siamo in 4", False),
        ("non adesso", False),
        ("👎", False),
        ("that's fine", True),
    ],
)
def test_yes_and_no(words: str, answer: object) -> None:
    assert read_yes_no(words) is answer


@pytest.mark.parametrize(
    ("words", "answer"),
    [
        ("sì", True),
        ("Confermo", True),
        ("Sì, confermo la cancellazione", True),
        ("Sì, confermo la cancellazione di tutti i miei dati, grazie", True),
        ("Yes, delete all my data", True),
        ("cancellate tutti i miei dati", None),
        ("non confermo la cancellazione", False),
        ("sì, cancellate l'iscrizione", None),
        ("sì, ma tenete i dati", None),
        ("sì, cancellate i dati?", None),
    ],
)
def test_a_yes_to_being_erased_may_say_to_what(words: str, answer: object) -> None:
    assert read_yes_no(words, ERASING) is answer


@pytest.mark.parametrize(
    ("words", "language"),
    [
        ("vorrei iscrivermi all'incontro", "it"),
        ("I would like to join the meeting", "en"),
        ("learning city", "it"),
        ("Bonjour, je voudrais m'inscrire à la réunion", "fr"),
    ],
)
def test_the_language(words: str, language: str) -> None:
    assert detect_language(words) == language


@pytest.mark.parametrize(
    ("words", "intent"),
    [
        ("purtroppo giovedì 21 non potremo essere presenti, Polisportiva Le Querce", "cancel"),
        ("non riusciamo a venire giovedì 21, ASD Le Mura", "cancel"),
        ("disiscrivimi dalla newsletter", "newsletter_off"),
        ("cosa fate dei miei dati?", "privacy_info"),
        ("cancellate i miei dati", "privacy_erase"),
        ("iscrivimi a un incontro", "register"),
    ],
)
def test_what_is_wanted(words: str, intent: str, classifier: IntentClassifier) -> None:
    heard = understand(words, Dialogue(), classifier, NOW, meetings=sample_meetings())
    assert choose_intent(heard) == intent


def test_evidence_is_left(classifier: IntentClassifier) -> None:
    heard = understand(
        "siamo la Polisportiva Le Querce, veniamo in tre giovedì",
        Dialogue(),
        classifier,
        NOW,
        meetings=sample_meetings(),
    )
    assert any(e.startswith("giorno: giovedi") for e in heard.evidence)
    assert "associazione: dal testo" in heard.evidence


@pytest.mark.parametrize("words", ["cancella quella dei musei", "cancella l'iscrizione di giovedì"])
def test_erasing_a_registration_is_not_erasing_a_person(words: str, classifier: IntentClassifier) -> None:
    heard = understand(words, Dialogue(), classifier, NOW, meetings=sample_meetings())
    assert choose_intent(heard) == "cancel"


def test_asking_not_to_cancel_cancels_nothing(classifier: IntentClassifier) -> None:
    words = "non disdire la mia iscrizione, mi raccomando"
    heard = understand(words, Dialogue(), classifier, NOW, meetings=sample_meetings())
    assert choose_intent(heard) != "cancel"


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("saremo uno in meno", (None, -1)),
        ("togliete due persone", (None, -2)),
        ("saremo in due in più", (None, 2)),
        ("il Museo Prova viene con sei operatori", (6, None)),
    ],
)
def test_more_and_fewer_people(words: str, found: tuple[int | None, int | None]) -> None:
    assert find_headcount(words) == found


@pytest.mark.parametrize(
    ("words", "name"),
    [
        ("Podistica Le Lepri, giovedì, in due", "Podistica Le Lepri"),
        ("segnate Vento di Sasso APS per il 26", "Vento di Sasso APS"),
        ('la società "Arcieri del Ponte" viene giovedì', "Arcieri del Ponte"),
        ("ISCRIVETE IL CIRCOLO LE RANE AL 22", "CIRCOLO LE RANE"),
        ("noi della bocciofila tre platani si viene giovedì", "bocciofila tre platani"),
        ("iscrivete Marta Prova per giovedì", None),
    ],
)
def test_associations_by_kind_form_quotes_and_place(words: str, name: str | None) -> None:
    assert find_organisation(words) == name


def test_a_signature_may_begin_with_the_office() -> None:
    assert find_details("vorremmo partecipare", "Il direttore\nMario Prova\nVia Prova 3").contact == "Mario Prova"
    assert find_details("vorremmo partecipare", "Il Presidente Ugo Tei").contact == "Ugo Tei"


def test_two_associations_in_one_letter_are_noticed() -> None:
    both = "iscrivo la ASD Tau con due persone e il Circolo Lume con tre persone a giovedì"
    assert find_details(both).several
    assert not find_details("siamo la ASD Tau, due persone, del Circolo Lume").several


@pytest.mark.parametrize(
    ("words", "name"),
    [("sono Lia Neri", "Lia Neri"), ("lia neri", "lia neri"), ("sono il presidente", ""), ("Teatro del Giglio", "")],
)
def test_a_bare_name(words: str, name: str) -> None:
    assert bare_name(words) == name


def test_who_has_not_decided_neither_registers_nor_withdraws(classifier: IntentClassifier) -> None:
    heard = understand(
        "non ho ancora deciso se partecipare giovedì 21", Dialogue(), classifier, NOW, meetings=sample_meetings()
    )
    assert choose_intent(heard) not in {"register", "cancel"}


def test_a_question_beside_a_wish_is_understood_by_itself(classifier: IntentClassifier) -> None:
    words = "iscriveteci a giovedì, siamo la ASD Tau in due. Chi ha firmato il Patto?"
    heard = understand(words, Dialogue(), classifier, NOW, meetings=sample_meetings())
    assert choose_intent(heard) == "register"
    assert [asked.facts[0].label for asked in heard.besides] == ["patto.partner"]
    polite = understand(
        "potete iscriverci a giovedì? siamo la ASD Tau in due", Dialogue(), classifier, NOW, meetings=sample_meetings()
    )
    assert not polite.besides


def test_giving_up_one_day_for_another_is_a_registration(classifier: IntentClassifier) -> None:
    words = "Giovedì non possiamo venire; ci iscriviamo invece a venerdì in due. ASD Marlia"
    heard = understand(words, Dialogue(), classifier, NOW, meetings=sample_meetings())
    assert choose_intent(heard) == "register"


def test_opening_hours_below_a_letter_are_no_meeting(classifier: IntentClassifier) -> None:
    words = "Confermiamo 2 persone per giovedì.\n\nPaolo Verdi\nSede aperta martedì e venerdì dalle 15 alle 18"
    heard = understand(words, Dialogue(), classifier, NOW, meetings=sample_meetings())
    assert heard.meeting.doubt is None
    assert len(heard.meeting.chosen) == 1


def test_what_staff_wrote_word_for_word_is_sure(classifier: IntentClassifier) -> None:
    assert classifier.rank("Quante persone vivono nelle learning city?")[0].label == "rete.popolazione"
    assert classifier.rank("Buongiorno, quante persone vivono nelle learning city?")[0].score > 0.9


def test_each_thing_that_is_asked_for_is_a_request_of_its_own(classifier: IntentClassifier) -> None:
    words = (
        "Vorrei iscrivere a giovedì 21 la Polisportiva Le Querce con due persone e il Circolo Lume con tre "
        "persone. Chi ha firmato il Patto?"
    )
    heard = understand(words, Dialogue(), classifier, NOW, meetings=sample_meetings())
    first, second, question = heard.requests
    assert (first.act, first.organisation, first.people) == ("register", "Polisportiva Le Querce", 2)
    assert (second.act, second.organisation, second.people) == ("register", "Circolo Lume", 3)
    assert first.meetings == second.meetings
    assert (question.act, question.answer) == ("question", "patto.partner")


@pytest.mark.parametrize(
    ("words", "sectors"),
    [
        (
            "Segnatemi per lo sport il 21, per i musei il 22 e per i patti il 26. Lia Berti",
            ["sport", "musei_cultura", "patti_cittadinanza"],
        ),
        (
            (
                "Anmeldung 21. Januar: wir möchten am Donnerstag, den 21. Januar, teilnehmen, zwei Personen. "
                "Sportverein Auen"
            ),
            ["sport"],
        ),
        ("Siamo il collettivo Lume. Martedì! Martedì prossimo ci siamo di sicuro, in cinque", ["politiche_genere"]),
    ],
)
def test_a_day_is_read_with_what_says_the_same(classifier: IntentClassifier, words: str, sectors: list[str]) -> None:
    now, meetings = to_utc(date(2021, 1, 13), time(9)), sample_meetings()
    heard = understand(words, Dialogue(), classifier, now, meetings=meetings)
    assert [m.sector for m in meetings if m.id in heard.meeting.chosen] == sectors


@pytest.mark.parametrize(
    ("words", "people"),
    [
        (
            (
                "Per giovedì 21 si iscrive la Polisportiva Ardea. Parteciperanno il presidente, il direttore "
                "tecnico e la segretaria."
            ),
            3,
        ),
        ("ASD Ardea per giovedì 21: ci saremo io, Giulia, Samuele e don Piero.", 4),
        (
            (
                "La Fondazione Arco parteciperà il 22 con il Presidente, dott. Ugo Lari, e la Responsabile Area "
                "Cultura, dott.ssa Ines Poli."
            ),
            2,
        ),
        ("ASD Ardea. Giovedì saremo il presidente Nardi, il responsabile dei mezzi e il sottoscritto.", 3),
    ],
)
def test_people_in_one_list_all_come(classifier: IntentClassifier, words: str, people: int) -> None:
    reading = classifier.reader.read(words, "", "", sample_meetings(), NOW)
    assert [count.people for count in reading.counts] == [people]


@pytest.mark.parametrize(
    "words",
    [
        (
            "My wife and I still cannot pronounce Serchio, but we should like to listen in on the museums on the "
            "22nd, there are two of us."
        ),
        (
            "All'incontro di martedì 26 parteciperà per la Fondazione Balbi la dott.ssa Moscardini. Il "
            "sottoscritto non parteciperà."
        ),
        (
            "Il 19 ci saremo: non so se siamo proprio politiche di genere, ma credo di sì. Io e una collega. "
            "Sportello Lume"
        ),
    ],
)
def test_a_no_that_refuses_no_meeting_withdraws_nothing(classifier: IntentClassifier, words: str) -> None:
    heard = understand(words, Dialogue(), classifier, NOW, meetings=sample_meetings())
    assert choose_intent(heard) == "register"


def test_where_it_is_asked_how_many_people_told_of_are_counted(classifier: IntentClassifier) -> None:
    asked = Dialogue(open=Registering(Asks.PARTICIPANTS, Draft()))
    heard = understand("il direttore e la segretaria", asked, classifier, NOW, meetings=sample_meetings())
    assert heard.details.participants == 2


def test_a_second_question_may_point_back_to_what_the_first_is_about(classifier: IntentClassifier) -> None:
    words = "Quando è stata fondata l'associazione delle Città Educative, e quando vi è entrata Torino?"
    heard = understand(words, Dialogue(), classifier, NOW, meetings=sample_meetings())
    assert [q.facts[0].label for q in heard.questions] == ["iaec.fondazione", "iaec.torino"]
