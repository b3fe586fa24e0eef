#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The rooms of src/: the program itself keeps their order, and the checker does
# see each kind of offence (it is run on small trees made here).
# shellcheck source=test/scripts/tap.sh
. "${top_srcdir:-.}/test/scripts/tap.sh"
check=$src/scripts/check-rooms

# tree FILE LINE...: a fresh tree in which FILE consists of the lines.
tree() {
	rm -rf "$scratch/src"
	mkdir -p "$scratch/src/$(dirname "$1")"
	tree_file=$scratch/src/$1
	shift
	printf '%s\n' "$@" >"$tree_file"
}

# bad NAME TEXT FILE LINE...: the checker refuses that tree and says TEXT.
bad() {
	bad_name=$1 bad_text=$2
	shift 2
	tree "$@"
	ok "$bad_name" fails "$bad_text" "$PYTHON3" "$check" "$scratch/src"
}

# good NAME FILE LINE...
good() {
	good_name=$1
	shift
	tree "$@"
	ok "$good_name" says " 0 offences" "$PYTHON3" "$check" "$scratch/src"
}

PYTHON3=${PYTHON3:-python3}
ok "the program keeps the order of rooms" says " 0 offences" "$PYTHON3" "$check" "$src/src"

good "downwards is allowed" ha/a.c '#include "core/mip6.h"' '#include "base/log.h"'
good "the own room is allowed" wire/a.c '#include "wire/mh.h"'
good "the loop may know libevent" base/loop.c '#include <event2/event.h>'
good "a comment is no include" wire/a.c '/*' '#include "core/mip6.h"' '*/' '#include <stdint.h>'
good "what bison writes is not ours" conf/gram.y '#include "conf/conf.h"'

bad "upwards: core to ha" 'core/a.c:2: "ha/ha.h"' core/a.c '' '#include "ha/ha.h"'
bad "upwards: base to wire" '"wire/mh.h": base includes no other room' base/a.c '#include "wire/mh.h"'
bad "upwards in a header" 'wire/a.h:1: "core/mip6.h"' wire/a.h '#include "core/mip6.h"'
bad "upwards in a grammar" 'conf/gram.y:1: "core/mip6.h"' conf/gram.y '#include "core/mip6.h"'
bad "sideways: ha to mn" '"mn/mn.h": ha includes' ha/a.c '#include "mn/mn.h"'
bad "sideways: role to os" '"os/os.h": mn includes' mn/a.c '#include "os/os.h"'
bad "sideways: conf to wire" '"wire/mh.h": conf includes base, not wire' conf/a.c '#include "wire/mh.h"'
bad "the console knows no packets" '"wire/mh.h": console includes' console/a.c '#include "wire/mh.h"'
bad "spaces do not hide an include" '"mn/mn.h"' ha/a.c '  #  include   "mn/mn.h"'
bad "nor does a computed name" 'include of HEADER' ha/a.c '#define HEADER "mn/mn.h"' '#include HEADER'
bad "libevent outside the loop" 'event2/event.h is for base/loop.c' base/timer.c '#include <event2/event.h>'
bad "OpenSSL outside crypto" 'openssl/evp.h is for base/crypto.c' core/a.c '#include <openssl/evp.h>'
bad "netlink in core" 'linux/netlink.h is for os' core/a.c '#include <linux/netlink.h>'
bad "netlink in the daemon" 'libmnl/libmnl.h is for os' daemon/a.c '#include <libmnl/libmnl.h>'
bad "sockets in wire" 'sys/socket.h is for' wire/a.c '#include <sys/socket.h>'
bad "sockets in a role" 'sys/socket.h is for' cn/a.c '#include <sys/socket.h>'
bad "files in core" 'fcntl.h is for' core/a.c '#include <fcntl.h>'
bad "the clock in core" 'base/clock.h is for' core/a.c '#include "base/clock.h"'
bad "wall clock in a role" 'time.h is for' ha/a.c '#include <time.h>'
bad "the log in wire" 'base/log.h is not in the list' wire/a.c '#include "base/log.h"'
bad "allocation in wire" 'stdlib.h is not in the list' wire/a.c '#include <stdlib.h>'
bad "threads outside the store" 'pthread.h is for os/store.c' daemon/a.c '#include <pthread.h>'
bad "a name without a room" '"bcache.h" does not name a room' core/a.c '#include "bcache.h"'
bad "a file outside the rooms" 'not in a room' a.c 'int a;'
bad "a room that no one knows" 'not in a room' attic/a.c 'int a;'
rm -rf "$scratch/src"
mkdir "$scratch/src"
ok "an empty tree is no success" fails "no source found" "$PYTHON3" "$check" "$scratch/src"
done_testing
