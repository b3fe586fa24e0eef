// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The store of core/store.h in a file (LMDB).
 */
#ifndef OS_STORE_H
#define OS_STORE_H

#include "base/loop.h"
#include "core/store.h"

struct counters;

/* What a commit is proof against. */
enum os_store_durability {
	OS_STORE_DAEMON, /* the daemon's crash: what was committed is with the kernel */
	OS_STORE_MACHINE, /* the machine's, too: it is on disk; a thread waits for that */
};

struct os_store_options {
	const char *path; /* of the file; its folder exists; copied */
	enum os_store_durability durability;
	uint64_t most_bytes; /* how long the file may become; 0: 1 GB */
	struct counters *counters; /* outlive the store; NULL: none */
};

/* Opens or makes the file. One that is damaged is renamed (".damaged-" and the time are
 * put behind its name) and the store begins empty; one that cannot be written is read.
 * It commits at the end of each turn, so it is opened after the port, whose turn may end
 * with records to write. It may take some tenths of a second, and forks. NULL: the log
 * says why, and errno: EPROTONOSUPPORT when a newer program wrote it, EBUSY when another
 * process has it open. */
struct store *os_store_open(struct loop *l, const struct os_store_options *o);
/* Commits and closes. NULL is fine. */
void os_store_close(struct store *s);

#endif
