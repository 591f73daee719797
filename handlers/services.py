"""What every turn is answered with."""

from dataclasses import dataclass

from conversation.links import Links
from conversation.office import Office
from conversation.understanding.classifier import IntentClassifier
from knowledge.library import Library


@dataclass(frozen=True, slots=True)
class Services:
    """What every turn is answered with."""

    classifier: IntentClassifier
    office: Office
    links: Links | None = None

    @property
    def library(self) -> Library:
        """The texts and facts."""
        return self.classifier.library
