"""What calendar programs send back to an invitation."""

import re
from email import policy
from email.message import EmailMessage

from tests.support.rehearsal import OFFICE, calendars_of


def answer_to(invitation: EmailMessage, said: str, *, as_file: bool = False) -> bytes:
    """What a calendar program sends back (RFC 5546 §3.2.3)."""
    found = re.search(r"UID:(\S+)", calendars_of(invitation)[0])
    assert found is not None
    uid = found[1]
    calendar = (
        f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//x//IT\r\nMETHOD:REPLY\r\nBEGIN:VEVENT\r\nUID:{uid}\r\nDTSTAMP:20210115T090000Z\r\n"
        f"ATTENDEE;PARTSTAT={said}:mailto:segreteria@lequerce.example\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
    )
    message = EmailMessage(policy=policy.SMTP)
    message["From"], message["To"] = "segreteria@lequerce.example", OFFICE
    message["Subject"] = f"{said}: incontro"
    if as_file:  # as some programs do: no METHOD in the header, a type of their own
        message.set_content("")
        message.add_attachment(calendar.encode(), maintype="application", subtype="ics", filename="invite.ics")
    else:
        message.set_content(calendar, subtype="calendar", params={"method": "REPLY"})
    return message.as_bytes()
