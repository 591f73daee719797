"""What pages say to browsers besides what every answer does (``bot.serving``).

Nothing from elsewhere, nothing inline, nothing kept.

``form-action 'self'`` also blocks a redirect to elsewhere after a form was sent: such a page answers with a link
instead.
"""

_COMMON = {
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Cache-Control": "no-store",
    "X-Robots-Tag": "noindex",
}
_PICTURES = "default-src 'none'; style-src 'self'; font-src 'self'; img-src 'self'"
_ENDS = "form-action 'self'; frame-ancestors 'none'; base-uri 'none'"

#: The console: one module of our own may run, and it cannot make markup out of words.
CONSOLE = {
    **_COMMON,
    "Content-Security-Policy": (
        f"{_PICTURES}; script-src 'self'; connect-src 'self'; {_ENDS}; require-trusted-types-for 'script'"
    ),
    "Referrer-Policy": "same-origin",
}
#: Pages for everybody: no script at all.
PUBLIC = {
    **_COMMON,
    "Content-Security-Policy": f"{_PICTURES}; {_ENDS}",
    "Referrer-Policy": "same-origin",
}
#: Style sheets, fonts, scripts: named after their content, so they are kept for ever.
ASSET = {
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "public, max-age=31536000, immutable",
}
