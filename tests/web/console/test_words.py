"""What several pages say in the same words."""

import pytest

from conversation.channel import CHANNELS
from tests.handlers.test_another_channel import SMS
from web.console.words import channels, say_by, say_channel


def test_a_channel_that_is_added_is_said_everywhere(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(CHANNELS, SMS.value, SMS)
    assert channels() == [("email", "e-mail"), ("telegram", "Telegram"), ("voice", "a voce"), ("sms", "SMS")]
    assert ("sms", "SMS") in channels(written=True)
    assert "voice" not in dict(channels(written=True))
    assert (say_channel("sms"), say_by("sms"), say_channel("")) == ("SMS", "per SMS", "—")
