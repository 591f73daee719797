"""Letters as mail programs show them: what matters stands large, what can be opened is a button."""

import re

from tests.support.rehearsal import Rehearsal, html_of


async def test_a_confirmation_and_a_reminder_show_the_day_large_and_the_way_in(rehearsal: Rehearsal) -> None:
    club = rehearsal.association()
    confirmed = await club.writes("Siamo la Polisportiva Le Querce, veniamo in due giovedì 21.", vouched=True)
    await rehearsal.goes_to("2021-01-20T12:00")
    reminded = club.mails[-1]
    assert reminded is not confirmed.last
    for mail in (confirmed.last, reminded):
        html = html_of(mail)
        assert re.search(r'class="day"[^>]*>Giovedì 21 gennaio<', html)
        assert re.search(r'class="press" href="https://zoom\.example/j/sport"', html)


async def test_a_question_that_waits_for_a_yes_has_its_button(rehearsal: Rehearsal) -> None:
    club = rehearsal.association()
    await club.writes("Siamo la Polisportiva Le Querce, veniamo in due giovedì 21.")
    asked = await club.writes("Vogliamo disdire l'iscrizione", subject="disdetta")
    pages = re.findall(r'class="press" href="([^"]+)"', html_of(asked.last))
    assert len(pages) == 1
    assert pages[0] in asked.text  # readers of plain text have it too
