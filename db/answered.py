"""The questions that the office has answered, as the console lists them."""

from sqlalchemy import String, cast, func, select

from db.lists import Listing, equal
from db.models import audit, hand_overs, people
from db.questions import ANSWER_WAITS, ANSWERING, QuestionState

__all__ = ["ANSWERED", "QuestionState"]

#: Who answered it last, as the audit trail names them; ``at`` is what that has an index for.
_BY = (
    select(audit.c.staff_name)
    .where(
        audit.c.at == hand_overs.c.answered_at,
        audit.c.subject == "question:" + cast(hand_overs.c.id, String),
        audit.c.action.in_(ANSWERING),
    )
    .order_by(audit.c.id.desc())
    .limit(1)
    .correlate(hand_overs)
    .scalar_subquery()
)

#: One row for each question that reached the office.
ANSWERED = Listing(
    hand_overs,
    hand_overs.outerjoin(people, people.c.id == hand_overs.c.person_id),
    {
        "id": hand_overs.c.id,
        "answered_at": hand_overs.c.answered_at,
        "question": hand_overs.c.question,
        "person_id": hand_overs.c.person_id,
        "name": func.coalesce(people.c.name, ""),
        "channel": hand_overs.c.channel,
        "waits": ANSWER_WAITS,
        "by": func.coalesce(_BY, ""),
    },
    key="id",
    order="-answered_at",
    searched={hand_overs.c.question: hand_overs.c.id, people.c.name: hand_overs.c.person_id},
    conditions={"stato": equal(hand_overs.c.state)},
)
