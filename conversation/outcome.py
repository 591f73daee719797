"""What became of a message, in the contract's words, and why it went to a person."""

from enum import StrEnum


class TurnOutcome(StrEnum):
    """How a turn ended."""

    #: Nothing that could be acted upon.
    UNCLEAR = "unclear"
    #: Something is missing, or a yes.
    ASKED = "asked"
    REGISTERED = "registered"
    CHANGED = "changed"
    WITHDRAWN = "withdrawn"
    #: An interest or a subscription was written down.
    RECORDED = "recorded"
    #: Done, or nothing had to be.
    DONE = "done"
    #: Told from a source, the programme or what is known of the person.
    ANSWERED = "answered"
    #: A person of the office has it.
    HANDED_OVER = "handed_over"
    #: The person, or the bot, said no.
    DECLINED = "declined"
    GREETED = "greeted"


class HandOverReason(StrEnum):
    """Why the office has to look; ``reason_…`` under ``[staff]`` in the locales says it."""

    #: No source answers.
    QUESTION = "question"
    #: The person wants to speak with a person.
    PERSON = "person"
    COMPLAINT = "complaint"
    #: A letter that was not understood.
    UNCLEAR = "unclear"
    #: A letter that only its recipient can read.
    ENCRYPTED = "encrypted"
    #: Several associations in one letter that could not be told apart.
    SEVERAL = "several"
    #: It says different things of several registrations.
    CHANGES = "changes"
    #: It is about nothing of this office.
    OTHER_OFFICE = "other_office"
    #: About somebody else's registration.
    ELSEWHERE = "elsewhere"
    #: Interest in the Patto.
    ADHESION = "adhesion"
    #: The sender's domain disowns the letter.
    TRUST = "trust"
    #: The same letter again, in answer to ours: a machine?
    LOOP = "loop"
    #: Too many letters in a day.
    BRAKE = "brake"
