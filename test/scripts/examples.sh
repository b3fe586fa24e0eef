#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The example configurations are right, say what the manual knows, and come back
# the same when the program shows and reads them again.
# shellcheck source=test/scripts/tap.sh
. "${top_srcdir:-.}/test/scripts/tap.sh"
mip6d=${top_builddir:-.}/src/mip6d

same_again() {
	"$mip6d" -c "$1" --show-config >"$scratch/once.conf" && [ -s "$scratch/once.conf" ] &&
		"$mip6d" -c "$scratch/once.conf" --show-config >"$scratch/twice.conf" &&
		diff "$scratch/once.conf" "$scratch/twice.conf"
}

# silent FILE: right, without a word of warning.
silent() {
	"$mip6d" -c "$1" --check >"$scratch/check" 2>"$scratch/warnings" || return 1
	[ ! -s "$scratch/warnings" ] && return 0
	cat "$scratch/warnings"
	return 1
}

for file in "$src"/conf/*.conf; do
	name=$(basename "$file")
	ok "$name is right" silent "$file"
	ok "$name is shown as what it says" same_again "$file"
	sed 's/NodeConfig/NodConfig/' "$file" >"$scratch/wrong.conf"
	ok "a mistake in $name is found" fails NodConfig "$mip6d" -c "$scratch/wrong.conf" --check
done
done_testing
