"""What several pages say in the same words."""

import pytest

from conversation.channel import CHANNELS
from db.forecast import Kind
from office.kinds import say_kind, say_kinds, say_messages
from tests.handlers.test_another_channel import SMS
from web.console.words import channels, say_by, say_channel


def test_a_channel_that_is_added_is_said_everywhere(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(CHANNELS, SMS.value, SMS)
    assert channels() == [("email", "e-mail"), ("telegram", "Telegram"), ("voice", "a voce"), ("sms", "SMS")]
    assert ("sms", "SMS") in channels(written=True)
    assert "voice" not in dict(channels(written=True))
    assert (say_channel("sms"), say_by("sms"), say_channel("")) == ("SMS", "per SMS", "—")


def test_what_the_program_what_the_office_writes_and_what_it_is_told_have_words_of_their_own() -> None:
    said = {kind: say_kind(kind.value) for kind in (Kind.NOTICE, Kind.BROADCAST, Kind.STAFF)}
    assert [words.split()[0] for words in said.values()] == ["aggiornamento", "avviso", "segnalazione"]
    assert [say_messages(0), say_messages(1), say_messages(2)] == ["0 messaggi", "1 messaggio", "2 messaggi"]
    assert [say_kinds("notice", 1), say_kinds("broadcast", 2)] == ["1 aggiornamento di un incontro", "2 avvisi"]
