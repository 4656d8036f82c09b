"""The search for rules: what holds between the columns of a table, found in its rows.

    equal        a = b, in all rows or in a share; b = a + 8 hours
    order        high >= low
    arithmetic   total = net + vat, net = qty * price, c = a - b + d
    line         vat = round(net * 0.1, 2), min(round(pay * 0.05, 2), 1500)
    calendar     nights = checkout - checkin, age(born, day), weekday(day) fixes label, clocks of two zones
    fixes        code fixes name
    together     if cancelled = false then fee = 0
    within       if place = abroad then total = net * 1.2; if month = 2 then day <= 29

A rule is kept that luck would break: were the columns that it binds shuffled, it would be expected to break
in at least 30 rows, and it broke in none. What follows from other rules is not told (`implied`).
"""

from __future__ import annotations

from sampan.rules.search.found import found

__all__ = ["found"]
