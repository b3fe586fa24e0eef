#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Runs every fuzz target once over its corpus, test/fuzz/corpus/NAME, and says in
# TAP how that went. A target without a corpus, or a corpus without a target, is
# a failure.
here=${top_srcdir:-.}/test/fuzz
built=${top_builddir:-.}/test/fuzz
targets=$(cd "$here" && ls fuzz_*.c | sed 's/^fuzz_//; s/\.c$//')
corpora=$(ls "$here/corpus")
names=$(printf '%s\n' $targets $corpora | sort -u)
echo "1..$(printf '%s\n' $names | wc -l)"
n=0
status=0
for name in $names; do
	n=$((n + 1))
	if out=$("$built/fuzz_$name" "$here/corpus/$name"/* 2>&1); then
		echo "ok $n - corpus of fuzz_$name ($(ls "$here/corpus/$name" | wc -l) inputs)"
	else
		echo "not ok $n - corpus of fuzz_$name"
		printf '%s\n' "$out" | tail -n 40 | sed 's/^/# /'
		status=1
	fi
done
exit $status
