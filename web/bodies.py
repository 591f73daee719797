"""What comes with a request, never more of it than is wanted."""

from starlette.requests import ClientDisconnect, Request


async def read_body(request: Request, most: int) -> bytes | None:
    """The body; ``None`` when it is longer than ``most`` bytes, as it says itself or as it comes, or when it broke off.

    How long it may take is the server's to say (``bot.serving``).
    """
    length = request.headers.get("Content-Length", "")
    if length.isdecimal() and int(length) > most:
        return None
    body = bytearray()
    try:
        async for chunk in request.stream():
            body += chunk
            if len(body) > most:
                return None
    except ClientDisconnect:
        return None
    return bytes(body)
