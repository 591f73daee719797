"""The table of the console: each address, who may open it, and the function that answers.

A page is a line here, a module and a template. Modules are loaded when their page is first asked for.
"""

import re
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Any

from starlette.routing import Route, compile_path

from db.operators import Role

if TYPE_CHECKING:
    from web.console.world import World

#: The lowest role that may: _L sees numbers without names, _O does the daily work, _R decides and lets people in.
#: _ANYONE: who is not in.
_L, _O, _R = Role.READER, Role.OPERATOR, Role.MANAGER
_ANYONE = None
ROOT = "/console"


@dataclass(frozen=True, slots=True)
class Page:
    """``path`` under ``/console``; ``answers``: module and function in ``web.console``.

    ``fresh``: the password is asked again.

    ``quiet``: asked by a script by itself, so it keeps nobody's session alive.
    """

    method: str
    path: str
    role: Role | None
    answers: str
    fresh: bool = False
    quiet: bool = False

    def load(self) -> Any:
        """The function."""
        module, _, name = self.answers.partition(":")
        return getattr(import_module(f"web.console.{module}"), name)


PAGES = [
    # Entering
    Page("GET", "/entra", _ANYONE, "entering:show"),
    Page("POST", "/entra", _ANYONE, "entering:enter"),
    Page("GET", "/entra/comune", _ANYONE, "oidc:start"),
    Page("GET", "/entra/comune/ritorno", _ANYONE, "oidc:come_back"),
    Page("POST", "/entra/ospite", _ANYONE, "entering:enter_as_guest"),
    Page("GET", "/primo-accesso/{token}", _ANYONE, "entering:show_link"),
    Page("POST", "/primo-accesso/{token}", _ANYONE, "entering:accept_link"),
    Page("GET", "/password-dimenticata", _ANYONE, "entering:show_forgotten"),
    Page("POST", "/password-dimenticata", _ANYONE, "entering:send_forgotten"),
    Page("POST", "/esci", _L, "entering:leave"),
    Page("GET", "/rientro", _L, "entering:show_back"),
    # Every page
    Page("GET", "/segnali.json", _L, "frame:signs", quiet=True),
    Page("POST", "/conferma", _L, "entering:again"),
    Page("GET", "/tasti", _L, "profile:keys"),
    Page("GET", "/cerca", _O, "finding:show"),
    # What needs me
    Page("GET", "/", _L, "today:show"),
    Page("GET", "/rilascia", _R, "held:show"),
    Page("POST", "/rilascia", _R, "held:release"),
    # Questions and letters that wait for a person
    Page("GET", "/domande", _O, "questions:show"),
    Page("GET", "/domande/risposte", _O, "answered:show"),
    Page("GET", "/domande/{question:int}", _O, "questions:show_one"),
    Page("POST", "/domande/{question:int}", _O, "questions:send"),
    Page("POST", "/domande/{question:int}/ritira", _O, "questions:take_back"),
    Page("GET", "/domande/{question:int}/correggi", _O, "correcting:show"),
    Page("POST", "/domande/{question:int}/correggi", _O, "correcting:send"),
    Page("POST", "/domande/{question:int}/chiudi", _O, "questions:end"),
    Page("POST", "/domande/{question:int}/passa", _O, "questions:hand_on"),
    Page("GET", "/posta", _O, "letters:show"),
    Page("GET", "/posta/{letter:int}", _O, "letters:show_one"),
    Page("POST", "/posta/{letter:int}", _O, "letters:send"),
    Page("POST", "/posta/{letter:int}/ritira", _O, "letters:take_back"),
    Page("POST", "/posta/{letter:int}/riprova", _O, "letters:again"),
    Page("POST", "/posta/{letter:int}/togli", _O, "letters:away"),
    # Meetings
    Page("GET", "/incontri", _O, "meetings:show"),
    Page("GET", "/incontri/nuovo", _O, "meetings:show_new"),
    Page("POST", "/incontri/nuovo", _O, "meetings:add"),
    Page("GET", "/incontri/importa", _O, "programme_file:show"),
    Page("POST", "/incontri/importa", _O, "programme_file:load"),
    Page("GET", "/incontri/{meeting:int}", _O, "meetings:show_one"),
    Page("POST", "/incontri/{meeting:int}", _O, "meetings:save"),
    Page("GET", "/incontri/{meeting:int}/sposta", _O, "moving:show_move"),
    Page("POST", "/incontri/{meeting:int}/sposta", _O, "moving:move"),
    Page("GET", "/incontri/{meeting:int}/annulla", _O, "moving:show_cancel"),
    Page("POST", "/incontri/{meeting:int}/annulla", _O, "moving:cancel"),
    Page("POST", "/incontri/{meeting:int}/riattiva", _O, "moving:revive"),
    Page("POST", "/incontri/{meeting:int}/conferma", _O, "moving:accept"),
    Page("GET", "/incontri/{meeting:int}/ritira", _O, "moving:show_take_back"),
    Page("POST", "/incontri/{meeting:int}/ritira", _O, "moving:take_back"),
    Page("POST", "/incontri/{meeting:int}/correzione", _O, "moving:put_back"),
    # People
    Page("GET", "/iscritti", _O, "registered:show"),
    Page("GET", "/iscritti/nuovo", _O, "registered:show_new"),
    Page("POST", "/iscritti/nuovo", _O, "registered:add"),
    Page("GET", "/incontri/{meeting:int}/iscritti", _O, "registered:show_at"),
    Page("POST", "/incontri/{meeting:int}/presenze", _O, "registered:attend"),
    Page("GET", "/persone/{person:int}", _O, "person:show"),
    Page("POST", "/persone/{person:int}/recapiti", _O, "person:add_address"),
    Page("POST", "/persone/{person:int}/telefono", _O, "person:write_phone"),
    Page("POST", "/persone/{person:int}/iscrizioni", _O, "person:register"),
    Page("POST", "/persone/{person:int}/nota", _O, "person:write_note"),
    Page("GET", "/persone/{person:int}/unisci", _O, "person:show_join"),
    Page("POST", "/persone/{person:int}/unisci", _O, "person:join_with", fresh=True),
    Page("POST", "/iscrizioni/{registration:int}/posti", _O, "person:set_seats"),
    Page("GET", "/iscrizioni/{registration:int}/ritira", _O, "person:show_end"),
    Page("POST", "/iscrizioni/{registration:int}/ritira", _O, "person:end_seats"),
    Page("POST", "/iscrizioni/{registration:int}/collegamento", _O, "person:resend"),
    # What goes out
    Page("GET", "/uscita", _O, "outgoing:show"),
    Page("GET", "/uscita/partiti", _O, "sent:show"),
    Page("GET", "/uscita/in-dubbio", _O, "outgoing:show_doubtful"),
    Page("POST", "/uscita/in-dubbio", _O, "outgoing:all_again"),
    Page("POST", "/uscita/visti", _O, "outgoing:all_seen"),
    Page("GET", "/uscita/{message:int}/ferma", _O, "outgoing:show_stop"),
    Page("POST", "/uscita/{message:int}/ferma", _O, "outgoing:stop"),
    Page("POST", "/uscita/{message:int}/riprendi", _O, "outgoing:go_on"),
    Page("POST", "/uscita/{message:int}/rimanda", _O, "outgoing:again"),
    Page("POST", "/uscita/{message:int}/visto", _O, "outgoing:seen"),
    # The Patto
    Page("GET", "/patto", _L, "pact:show"),
    Page("GET", "/patto/associazioni", _O, "pact_organisations:show"),
    Page("GET", "/patto/associazioni/nuova", _O, "pact_organisations:show_new"),
    Page("POST", "/patto/associazioni/nuova", _O, "pact_organisations:add"),
    Page("GET", "/patto/associazioni/{organisation:int}", _O, "pact_organisations:show_one"),
    Page("POST", "/patto/associazioni/{organisation:int}", _O, "pact_organisations:save"),
    Page("POST", "/patto/associazioni/{organisation:int}/togli", _O, "pact_organisations:remove"),
    Page("GET", "/patto/{person:int}", _O, "pact:show_one"),
    Page("POST", "/patto/{person:int}", _O, "pact:save"),
    # One message for many
    Page("GET", "/avvisi", _O, "broadcasts:show"),
    Page("GET", "/avvisi/nuovo", _O, "broadcasts:show_new"),
    Page("POST", "/avvisi/nuovo", _O, "broadcasts:add"),
    Page("GET", "/avvisi/{number:int}", _O, "broadcasts:show_one"),
    Page("POST", "/avvisi/{number:int}", _O, "broadcasts:save"),
    Page("GET", "/avvisi/{number:int}/cambia", _O, "broadcasts:edit"),
    Page("POST", "/avvisi/{number:int}/prova", _O, "broadcast_steps:try_it"),
    Page("POST", "/avvisi/{number:int}/manda", _O, "broadcast_steps:send"),
    Page("POST", "/avvisi/{number:int}/approva", _R, "broadcast_steps:approve_it"),
    Page("POST", "/avvisi/{number:int}/pausa", _O, "broadcast_steps:hold"),
    Page("POST", "/avvisi/{number:int}/riprendi", _O, "broadcast_steps:go_on"),
    Page("POST", "/avvisi/{number:int}/ritira", _O, "broadcast_steps:take_back"),
    Page("GET", "/avvisi/{number:int}/ferma", _O, "broadcasts:show_end"),
    Page("POST", "/avvisi/{number:int}/ferma", _O, "broadcast_steps:end"),
    # One's own data
    Page("GET", "/privacy", _O, "privacy:show"),
    Page("POST", "/privacy", _O, "privacy:look_up"),
    Page("GET", "/privacy/{person:int}", _O, "privacy:show_one"),
    Page("POST", "/privacy/copia", _O, "privacy:copy"),
    Page("POST", "/privacy/collegamenti", _R, "privacy:end_links"),
    Page("POST", "/privacy/cancella", _R, "privacy:erase", fresh=True),
    # My own access
    Page("GET", "/profilo", _L, "profile:show"),
    Page("POST", "/profilo", _L, "profile:save"),
    Page("POST", "/profilo/password", _L, "profile:change_password"),
    Page("GET", "/profilo/codice", _L, "profile:show_totp", fresh=True),
    Page("POST", "/profilo/codice", _L, "profile:turn_on_totp", fresh=True),
    Page("POST", "/profilo/codice/togli", _L, "profile:turn_off_totp", fresh=True),
    Page("POST", "/profilo/accessi/{session:int}/chiudi", _L, "profile:close_session"),
    # Who works here
    Page("GET", "/operatori", _R, "operators:show"),
    Page("POST", "/operatori", _R, "operators:invite", fresh=True),
    Page("POST", "/operatori/{operator:int}/ruolo", _R, "operators:set_role", fresh=True),
    Page("POST", "/operatori/{operator:int}/collegamento", _R, "operators:reset", fresh=True),
    Page("POST", "/operatori/{operator:int}/accessi/chiudi", _R, "operators:put_out"),
    Page("POST", "/operatori/{operator:int}/togli", _R, "operators:remove", fresh=True),
    # What the bot knows
    Page("GET", "/voci", _O, "teaching:show"),
    Page("GET", "/voci/documenti", _O, "document_facts:show"),
    Page("GET", "/voci/documenti/{fact}", _O, "document_facts:show_one"),
    Page("GET", "/voci/nuova", _O, "teaching:begin"),
    Page("POST", "/voci/nuova", _O, "teaching:add"),
    Page("GET", "/voci/{number:int}", _O, "teaching:one"),
    Page("POST", "/voci/{number:int}", _O, "teaching:save"),
    Page("GET", "/voci/{number:int}/cambia", _O, "teaching:edit"),
    Page("POST", "/voci/{number:int}/prova", _O, "teaching:trial"),
    Page("POST", "/voci/{number:int}/pubblica", _R, "teaching:tell"),
    Page("POST", "/voci/{number:int}/ritira", _O, "teaching:take_back"),
    # Who did what
    Page("GET", "/registro", _R, "log:show"),
    # How it is set
    Page("GET", "/impostazioni", _R, "settings:show"),
    Page("POST", "/impostazioni", _R, "settings:try_now"),
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class MenuEntry:
    """A line of the menu.

    ``sign``: the number beside it (``db.reports.signs_of``), for who may work on it (``counts``).
    """

    title: str
    path: str
    role: Role
    sign: str = ""
    counts: Role = _O


MENU = [
    MenuEntry("Oggi", "/", _L),
    MenuEntry("Domande", "/domande", _O, "questions"),
    MenuEntry("Incontri", "/incontri", _O),
    MenuEntry("Iscritti", "/iscritti", _O),
    MenuEntry("Avvisi", "/avvisi", _O, "broadcasts", _R),
    MenuEntry("In uscita", "/uscita", _O, "outgoing"),
    MenuEntry("Posta da vedere", "/posta", _O, "letters"),
    MenuEntry("Patto", "/patto", _L, "pact"),
    MenuEntry("Che cosa sa", "/voci", _O, "drafts", _R),
    MenuEntry("Privacy", "/privacy", _O, "privacy"),
    MenuEntry("Registro", "/registro", _R),
    MenuEntry("Chi lavora qui", "/operatori", _R),
    MenuEntry("Impostazioni", "/impostazioni", _R),
]


@cache
def _opened() -> list[re.Pattern[str]]:
    return [compile_path(ROOT + page.path)[0] for page in PAGES if page.method == "GET"]


def can_be_opened(path: str) -> bool:
    """Whether there is a page at ``path``, which stands in an address bar as it is."""
    return any(pattern.fullmatch(path) for pattern in _opened())


def console_routes(world: "World") -> list[Route]:
    """All of them, guarded."""
    from web.console.frame import environment
    from web.console.guard import guarded, missing

    environment().globals["town"] = world.library.town  # one town a process: docs/decisions/0026-one-town-a-process.md

    by_path: dict[str, list[Page]] = {}
    for page in PAGES:
        by_path.setdefault(page.path, []).append(page)
    routes = [
        Route(ROOT + path, guarded(world, pages), methods=[page.method for page in pages])
        for path, pages in by_path.items()
    ]
    return [*routes, Route(ROOT, guarded(world, by_path["/"])), Route(ROOT + "/{rest:path}", missing)]
