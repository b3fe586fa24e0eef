#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The commands of the README are commands, and its configurations are right. (They are run
# in the lab: test/lab/test_readme.py.)
exec "${PYTHON3:-python3}" "${top_srcdir:-.}/test/lab/readme.py" "${top_srcdir:-.}" \
	"${top_builddir:-.}"
