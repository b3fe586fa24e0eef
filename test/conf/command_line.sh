#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The command line of mip6d: the letters of UMIP, the long forms, what goes to
# stdout and what to stderr, and exit statuses that tell the truth.
# shellcheck disable=SC2086 # options are lists of words
set -u
build=$(cd "${top_builddir:-.}" && pwd)
mip6d=$build/src/mip6d
tmp=$(mktemp -d) || exit 99
trap 'rm -rf "$tmp"' EXIT
cd "$tmp" || exit 99
count=0
[ -x "$mip6d" ] || { echo "1..0 # SKIP $mip6d is not built"; exit 0; }

# run STATUS ARGUMENT...: stdout and stderr stay in files
run() {
	wanted=$1
	shift
	"$mip6d" "$@" >out 2>err </dev/null
	status=$?
	[ $status -eq "$wanted" ] || { echo "# mip6d $*: status $status"; return 1; }
}

ok() {
	count=$((count + 1))
	if [ "$1" -eq 0 ]; then
		echo "ok $count - $2"
	else
		echo "not ok $count - $2"
		sed 's/^/# /' out err
	fi
}

echo 'NodeConfig CN; DebugLevel 1;' >cn.conf

for o in -h -\? --help --hel; do
	run 0 $o && grep -q '^Usage: mip6d' out && [ ! -s err ]
	ok $? "$o: help on stdout, status 0"
done
for o in -V --version; do
	run 0 $o && grep -q '^mip6d [0-9]' out && [ ! -s err ]
	ok $? "$o: version on stdout, status 0"
done
for o in "-c cn.conf" "--config-file=cn.conf" "--config-file cn.conf" -ccn.conf; do
	run 0 --check $o && grep -q '^cn.conf: right, for a node of role CN$' out
	ok $? "$o names the configuration"
done
run 1 --check -c no-such.conf && grep -q '^no-such.conf: error:' err
ok $? "-c with a missing file is fatal"
for pair in "-H HA" "--home-agent HA" "-M MN" "--mobile-node MN" "-C CN" \
	"--correspondent-node CN"; do
	set -- $pair
	run 0 --check -c cn.conf "$1" && grep -q "role $2\$" out
	ok $? "$1 overrides NodeConfig"
done
for o in "-d 3" "-d3" "--debug-level=3"; do
	run 0 --show-config -c cn.conf $o && grep -qx 'DebugLevel 3;' out
	ok $? "$o overrides DebugLevel"
done
for o in "-l my.log" "--debug-log=my.log"; do
	run 0 --show-config -c cn.conf $o && grep -qx 'DebugLogFile "my.log";' out
	ok $? "$o overrides DebugLogFile"
done
run 0 --show-config -c cn.conf --vt-service 7777 && grep -qx 'VTService "7777";' out
ok $? "--vt-service overrides VTService"
run 0 --show-config -c cn.conf && grep -qx 'NodeConfig CN;' out && ! grep -q '^Ha\|^Mn' out
ok $? "--show-config prints the options of the role"
run 0 --show-config -c cn.conf -H && grep -q '^HaMaxBindingLife 262140;$' out
ok $? "--show-config prints defaults"

for o in -x --nonsense -c -d "-d x" "-d -1" "-d 9999999999" "-l" "--check=1" "-H -M" surplus; do
	run 1 $o && grep -q '^mip6d: .*see mip6d --help$' err && [ ! -s out ]
	ok $? "$o: said on stderr, status 1"
done
run 1 -l 'a"b' && grep -q '^mip6d: ' err
ok $? "-l with a name that no configuration can hold is refused"

echo "1..$count"
