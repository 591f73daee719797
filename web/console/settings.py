"""Impostazioni: how the bot is set, and whether anything is wrong. Nothing is changed from here."""

from starlette.responses import Response

from conversation.times import to_local
from office.installation import CheckOutcome, Finding, run_checks
from web.console.visit import Visit

#: Seconds that a check may keep the page waiting.
_PATIENCE = 5.0
#: Public holidays that are named.
_HOLIDAYS = 6


async def show(visit: Visit) -> Response:
    """What is known without asking a server."""
    near = [check for check in visit.world.installation.checks if not check.far]
    return await _show(visit, await run_checks(near, seconds=_PATIENCE), tried=False)


async def try_now(visit: Visit) -> Response:
    """All checks, the servers asked."""
    return await _show(visit, await run_checks(visit.world.installation.checks, seconds=_PATIENCE), tried=True)


async def _show(visit: Visit, findings: list[Finding], *, tried: bool) -> Response:
    world = visit.world
    if (fault := _hidden_callers(visit)) is not None:
        findings = [found for found in findings if found.name != fault.name] + [fault]
    return await visit.show(
        "settings.html",
        title="Impostazioni",
        findings=findings,
        tried=tried,
        faults=sum(found.mark is CheckOutcome.FAULT for found in findings),
        advice=sum(found.mark is CheckOutcome.ADVICE for found in findings),
        groups=world.installation.groups,
        office=world.office,
        holidays=world.office.holidays_from(to_local(visit.times.now).date(), _HOLIDAYS),
    )


def _hidden_callers(visit: Visit) -> Finding | None:
    """A proxy said whom this request comes from and was not believed: everybody passes for one network."""
    said = visit.request.headers.get("x-forwarded-for", "")
    client = visit.request.client
    if not said or client is None or client.host in [part.strip() for part in said.split(",")]:
        return None
    text = (
        f"chi entra passa da {client.host}, di cui il bot non si fida. Così tutti sembrano la stessa rete. "
        f"Va messo in FORWARDED_ALLOW_IPS"
    )
    return Finding("proxy", CheckOutcome.FAULT, text)
