# SPDX-License-Identifier: GPL-2.0-or-later
"""Scenarios for `scripts/lab run`: a file each.

The first line of its docstring says what happens. TOPOLOGY holds arguments of Internet, which the
command line can change. run(net) takes the steps; an assertion that fails ends it.
"""
