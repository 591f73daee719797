"""The copy of somebody's data, all that ``db.personal_data.export_person`` gives: as JSON, and in words as plain text.

Pure; the words stand under ``[copy]`` in ``knowledge/locales``. What has none there is said as it is stored.
"""

import json
from collections.abc import Iterator, Mapping
from datetime import date, datetime, time
from typing import Any

from conversation.times import speak_day, speak_hour, to_local
from conversation.wording import Voice

#: Fields whose value is one of few, each with a word of its own.
_CODED = frozenset(
    ("action", "changed", "channel", "from", "how", "kind", "language", "source", "state", "status", "unheard", "why")
)
#: What a channel is called, wherever one is named.
_CHANNELS = frozenset(("channel", "source"))


def as_json(data: Mapping[str, Any]) -> str:
    """For other programs."""
    return json.dumps(data, ensure_ascii=False, indent=1, default=str) + "\n"


def readable(voice: Voice, data: Mapping[str, Any]) -> str:
    """The whole of it, in the language of ``voice``: a heading for each part, a line for each thing that is kept.

    What is kept as a list or has parts of its own stands below; of those an empty field is left out.
    """
    plain = {name: value for name, value in data.items() if not isinstance(value, list | dict)}
    parts = {name: value for name, value in data.items() if name not in plain}
    head = [voice.say("copy.title"), voice.say("copy.made", when=_moment(voice, voice.now))]
    about = [f"{_label(voice, name)}: {_say(voice, name, value)}" for name, value in plain.items()]
    return "\n\n".join(["\n".join(head), *(["\n".join(about)] if about else []), *_parts(voice, parts)]) + "\n"


def _parts(voice: Voice, parts: Mapping[str, Any]) -> Iterator[str]:
    """Each list, or thing with parts, below its heading."""
    for name, value in parts.items():
        items = value if isinstance(value, list) else [value]
        said = ["\n".join(_lines(voice, item)) for item in items] or [voice.say("copy.nothing")]
        yield "\n\n".join([_label(voice, name).upper(), *said])


def _lines(voice: Voice, item: Mapping[str, Any]) -> list[str]:
    """A thing that is kept; below it what belongs to it, further in."""
    lines = []
    for name, value in item.items():
        if isinstance(value, list) and value and isinstance(value[0], dict):
            lines.append(f"{_label(voice, name)}:")
            lines += [_further_in(line) for each in value for line in _lines(voice, each)]
        elif not _is_empty(value):
            lines.append(f"{_label(voice, name)}: {_further_in(_say(voice, name, value)).lstrip()}")
    return lines


def _further_in(text: str) -> str:
    return "\n".join(f"  {line}".rstrip() for line in text.split("\n"))


def _is_empty(value: object) -> bool:
    return value is None or value in ("", [], {})


def _label(voice: Voice, name: str) -> str:
    return _word(voice, "label", name)


def _small(label: str) -> str:
    """Within a line."""
    return label[:1].lower() + label[1:]


def _word(voice: Voice, room: str, name: str) -> str:
    """What is so called in the data, in words; as it is where there are none."""
    key = f"copy.{room}.{name}"
    return voice.say(key) if key in voice.library.texts["it"] else name


def _say(voice: Voice, name: str, value: Any) -> str:
    """The value of a field in words."""
    match value:
        case None | "":
            return voice.say("copy.missing")
        case bool():
            return voice.say("copy.yes" if value else "copy.no")
        case datetime():
            return _moment(voice, value)
        case date():
            return _day(voice, value)
        case list():
            return ", ".join(_say(voice, name, one) for one in value)
        case dict():
            said = ((field, one) for field, one in value.items() if not _is_empty(one))
            return "; ".join(f"{_small(_label(voice, field))}: {_say(voice, field, one)}" for field, one in said)
        case str():
            return _say_text(voice, name, value)
        case _:
            return str(value)


def _say_text(voice: Voice, name: str, value: str) -> str:
    """A code, a day or an hour as JSON has it, or simply words."""
    if name in _CODED:
        return _word(voice, "channel" if name in _CHANNELS else name, value)
    if name == "day":
        return _day(voice, date.fromisoformat(value))
    if name == "hour":
        return speak_hour(time.fromisoformat(value), voice.language)
    if name == "sector":
        return voice.name_sector(value)
    kind, _, number = value.partition(":")
    return f"{_word(voice, 'about', kind)} {number}" if name == "about" else value


def _day(voice: Voice, day: date) -> str:
    return f"{speak_day(day, voice.language)} {day.year}"


def _moment(voice: Voice, at: datetime) -> str:
    """A day and an hour by the town's clocks."""
    local = to_local(at)
    return f"{_day(voice, local.date())}, {speak_hour(local.time(), voice.language)}"
