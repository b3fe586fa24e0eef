#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Configuration files through mip6d --check and --show-config.
#
#   good/NAME.conf  exit status 0, and on stderr what good/NAME.expected says
#                   (nothing where there is no such file); what --show-config
#                   prints reads back to the same
#   bad/NAME.conf   exit status 1, and on stderr exactly bad/NAME.expected
#   conf/*.conf     the examples that are installed: as the good ones, no warning
#
# With UPDATE=yes in the environment the .expected files are written anew, for a
# person to read the difference.
set -u
src=$(cd "${top_srcdir:-$(dirname "$0")/../..}" && pwd)
build=$(cd "${top_builddir:-.}" && pwd)
mip6d=$build/src/mip6d
tmp=$(mktemp -d) || exit 99
trap 'rm -rf "$tmp"' EXIT
count=0

# ok STATUS NAME, with the file $tmp/why told when it failed
ok() {
	count=$((count + 1))
	if [ "$1" -eq 0 ]; then
		echo "ok $count - $2"
	else
		echo "not ok $count - $2"
		[ -s "$tmp/why" ] && sed 's/^/# /' "$tmp/why"
	fi
	: >"$tmp/why"
}

# check FILE STATUS: runs it, compares status and stderr
check() {
	expected=${1%.conf}.expected
	"$mip6d" --check -c "$1" >"$tmp/out" 2>"$tmp/err" </dev/null
	status=$?
	[ "${UPDATE:-no}" = yes ] && if [ -s "$tmp/err" ]; then
		cp "$tmp/err" "$expected"
	else
		rm -f "$expected"
	fi
	[ -e "$expected" ] || expected=/dev/null
	diff -u "$expected" "$tmp/err" >"$tmp/why" 2>&1 || return 1
	echo "exit status $status, not $2" >"$tmp/why"
	[ "$status" -eq "$2" ]
}

# show FILE: what --show-config prints is right, and prints the same again
show() {
	"$mip6d" --show-config -c "$1" >"$tmp/first.conf" 2>/dev/null </dev/null &&
		"$mip6d" --show-config -c "$tmp/first.conf" >"$tmp/second.conf" 2>"$tmp/why" &&
		diff -u "$tmp/first.conf" "$tmp/second.conf" >"$tmp/why"
}

[ -x "$mip6d" ] || { echo "1..0 # SKIP $mip6d is not built"; exit 0; }

cd "$src/test/conf/good" || exit 99
for f in *.conf; do
	check "$f" 0
	ok $? "good file $f is accepted"
	show "$f"
	ok $? "good file $f: --show-config reads back"
done

cd "$src/conf" || exit 99
for f in *.conf; do
	check "$f" 0
	ok $? "example $f is accepted without a word"
	show "$f"
	ok $? "example $f: --show-config reads back"
done

cd "$src/test/conf/bad" || exit 99
for f in *.conf; do
	check "$f" 1
	ok $? "bad file $f: status and messages"
	"$mip6d" --show-config -c "$f" >"$tmp/out" 2>/dev/null
	[ $? -eq 1 ] && [ ! -s "$tmp/out" ]
	ok $? "bad file $f is not used"
done

cd "$tmp" || exit 99
"$mip6d" --check -c no-such.conf >/dev/null 2>"$tmp/why"
[ $? -eq 1 ] && grep -q '^no-such.conf: error: No such file or directory$' "$tmp/why"
ok $? "a missing file is an error, and is named"

# Root reads everything, so root tries it as somebody else, where that can be.
mkdir locked && echo 'DebugLevel 1;' >locked/a.conf && chmod 0 locked/a.conf
echo 'include "locked/*.conf"' >reads.conf
chmod 755 . locked
somebody=
[ "$(id -u)" -ne 0 ] || somebody='setpriv --reuid=65534 --regid=65534 --clear-groups'
# shellcheck disable=SC2086 # a list of words
if $somebody "$mip6d" --version >/dev/null 2>&1; then
	$somebody "$mip6d" --check -c reads.conf >/dev/null 2>"$tmp/why"
	[ $? -eq 1 ] && grep -q '^reads.conf:1:9: error: cannot read locked/a.conf:' "$tmp/why"
	ok $? "an unreadable include is an error"
else
	count=$((count + 1))
	echo "ok $count - an unreadable include is an error # SKIP root reads everything"
fi

# UMIP looked for includes in the working directory only
mkdir -p etc work/parts && echo 'NodeConfig HA;' >work/parts/role.conf
echo 'include "parts/role.conf"' >etc/main.conf
(cd work && "$mip6d" --check -c ../etc/main.conf 2>/dev/null) | grep -q 'role HA'
ok $? "an include is looked for beside its file, then in the working directory"

mkfifo fifo.conf
{ echo 'NodeConfig HA;' >fifo.conf; } &
"$mip6d" --check -c fifo.conf 2>/dev/null | grep -q 'role HA'
ok $? "a configuration can come through a pipe"
wait

{ yes '# a comment of some length, to fill a pipe more than once' | head -n 20000
	echo 'NodeConfig MN;'; } | "$mip6d" --check -c /dev/stdin 2>/dev/null | grep -q 'role MN'
ok $? "a long configuration can come through a pipe"

mkdir many && i=0
while [ "$i" -le 1000 ]; do
	: >"many/$i.conf"
	i=$((i + 1))
done
echo 'include "many/*.conf"' >includes-many.conf
"$mip6d" --check -c includes-many.conf >/dev/null 2>"$tmp/why"
[ $? -eq 1 ] && grep -q '^includes-many.conf:1:9: error: more than 1000 files' "$tmp/why"
ok $? "more than 1000 files are an error"

echo 'include "fifo*.conf"' >includes-fifo.conf
"$mip6d" --check -c includes-fifo.conf >/dev/null 2>"$tmp/why"
[ $? -eq 1 ] && grep -q 'fifo.conf is not a regular file' "$tmp/why"
ok $? "an include of a pipe does not block, it is an error"

head -c 17000000 /dev/zero | tr '\0' '\n' >large.conf
"$mip6d" --check -c large.conf >/dev/null 2>"$tmp/why"
[ $? -eq 1 ] && grep -q 'at most 16 MiB' "$tmp/why"
ok $? "a file above the limit is an error"

echo "1..$count"
