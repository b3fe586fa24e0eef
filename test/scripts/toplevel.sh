#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What lies at the top of the source tree. Only a git checkout can tell what
# belongs to it; a build in place leaves its files beside them.
# shellcheck source=test/scripts/tap.sh
. "${top_srcdir:-.}/test/scripts/tap.sh"

wanted="COPYING Makefile.am README conf configure.ac libmissing man scripts src test"

top_is_as_agreed() {
	git -C "$src" ls-files >"$scratch/files" || return 1
	found=$(cut -d/ -f1 "$scratch/files" | grep -v '^\.' | LC_ALL=C sort -u | tr '\n' ' ')
	[ "$found" = "$wanted " ] && return 0
	echo "wanted: $wanted"
	echo "found:  $found"
	return 1
}

nothing_generated() {
	git -C "$src" ls-files >"$scratch/files" || return 1
	! grep -E '(^|/)(configure|Makefile\.in|aclocal\.m4|config\.h(\.in)?|.*\.(o|a|pyc|log|trs|gcda|gcno))$' \
		"$scratch/files"
}

# A tree inside another one's checkout (an unpacked tarball) is none.
if [ -e "$src/.git" ] && git -C "$src" rev-parse >/dev/null 2>&1; then
	ok "the top level is as agreed" top_is_as_agreed
	ok "nothing generated is kept" nothing_generated
else
	skip "the top level is as agreed" "not a git checkout"
	skip "nothing generated is kept" "not a git checkout"
fi
done_testing
