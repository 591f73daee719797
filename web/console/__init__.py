"""The office's console: pages for people who work there, under ``/console``.

A page of the console
---------------------
1. **A line in** ``routes.PAGES``: method, path, the lowest role that may, ``"module:function"``. ``fresh=True`` asks
   for the password again. A line in ``routes.MENU`` when it belongs there.
2. **A module here** with functions ``async def show(visit: Visit) -> Response``. A page contains no rule: it reads with
   ``async with visit.look() as tx`` (functions of ``db``), writes with ``async with visit.begin() as tx`` through
   ``office``, and answers with ``await visit.show("page.html", title="Domande", …)`` or, after a form, ``await
   visit.redirect("/console/domande", "Risposta pronta.", undo="/console/…", until=…)``. Not there: ``raise
   HTTPException(404)``. Many people's names: ``visit.require_fresh()``. Functions of ``office`` take ``visit.by``
   (whose name the audit trail keeps) or ``visit.desk``.
3. **A template** in ``templates/``: ``{% extends "base.html" %}``, its text in ``{% block main %}``. Macros:
   ``form.html`` (``field``, ``words``, ``choice``, ``tick``, ``submit``), ``list.html``, ``charts.html`` (``bars``,
   ``columns``, ``meter``, ``funnel``). No ``style=``, no ``on…=``, no ``<script>``: the policy blocks them and
   ``tests/web/console`` looks for them. Filters: ``number``, ``day``, ``moment``, ``at(now)`` (a moment in a sentence),
   ``ago(real_now)``. Looks: the classes of ``static/console.css``; a new one goes there.
4. **A list** is a ``Listing`` in ``db/lists.py`` and a ``ListPage`` in the module, shown by ``lists.show_list``
   (search, filters, order, pages, CSV, XLSX, print): see ``log.py``.
5. **A number in the menu** is counted in ``db/reports.py`` (``signs_of``) and named in ``routes.MENU``.
6. **Tests**: ``tests/web/console``: ``desk.entered(Role.OPERATOR)`` gives a client that is in, ``looking.fine(client,
   "/console/…")`` looks with axe at 1280 and 360 px. Every route is tried for every role without anybody writing a test
   for it.

Who comes in is decided by ``guard``; what the answers say to browsers by ``web.headers``.
"""
