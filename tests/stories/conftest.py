"""Stories have no patience for the learning: it is done before the first of them."""

import pytest

from conversation.understanding.classifier import IntentClassifier


@pytest.fixture(scope="session", autouse=True)
def _learnt(classifier: IntentClassifier) -> None:
    """Also where a story starts the bot as processes of its own."""
