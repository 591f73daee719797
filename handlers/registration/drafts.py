"""What a message says about a registration that is being put together."""

from conversation.open_questions import Draft
from conversation.understanding import cues
from handlers.registration import questions
from handlers.turn import Turn, clean, name_from


async def prefill(turn: Turn, draft: Draft) -> None:
    """What is known of a person who registered before is proposed, not asked again."""
    if turn.person is None:
        return
    draft.name = turn.person.name
    if await turn.registrations():
        draft.organisation, draft.supposed = turn.person.organisation, True


async def talked_about(turn: Turn) -> list[int]:
    """The one coming meeting that was just talked about and is not theirs yet: "quand'è il prossimo?", "iscrivimi"."""
    held = {m.id for _, m in await turn.active_registrations()}
    return [m.id for m in turn.upcoming if m.id == turn.dialogue.last_meeting and m.id not in held]


def merge(turn: Turn, draft: Draft) -> bool:
    """Put what this message says into the draft; whether it said anything."""
    heard, before = turn.heard, (list(draft.meetings), draft.organisation, draft.name, draft.participants)
    choice, before_it = heard.meeting, dict[str, int]()
    if choice.chosen and not (choice.weak and draft.meetings) and questions.may_speak_of_meetings(turn):
        adds = draft.meetings and cues.says_more(turn.incoming.text)
        kept = [m for m in draft.meetings if m not in choice.excluded] if adds else []
        before_it = {str(m): draft.people_at(m) for m in kept if draft.participants is not None}
        draft.meetings = [*kept, *(m for m in choice.chosen if m not in kept)]
        draft.choices = []
    elif choice.excluded:
        draft.meetings = [m for m in draft.meetings if m not in choice.excluded]
    if heard.details.organisation is not None:
        draft.organisation, draft.supposed = clean(heard.details.organisation), False
    draft.adds = draft.adds or cues.says_more(turn.incoming.text)
    if heard.details.contact:
        draft.name = name_from(heard.details.contact)
    if heard.counts:
        draft.counts = {str(meeting): number for meeting, number in heard.counts}
        draft.participants, draft.large_ok = max(draft.counts.values()), False
    elif heard.details.participants is not None:
        number = heard.details.participants
        # "Anche venerdì, in tre": those who come on Thursday are as many as they were.
        draft.counts = {str(m): before_it.get(str(m), number) for m in draft.meetings} if before_it else {}
        draft.participants, draft.large_ok = max([number, *draft.counts.values()]), False
    elif heard.details.more is not None:
        draft.participants, draft.counts = max(1, (draft.participants or 1) + heard.details.more), {}
    return before != (draft.meetings, draft.organisation, draft.name, draft.participants)
