// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The file behind os/store.h: opened, judged, read, written. Private to os/.
 */
#ifndef OS_STORE_FILE_H
#define OS_STORE_FILE_H

#include <lmdb.h>

#include "core/store_table.h"

#define STORE_FORMAT 1

struct store_file {
	MDB_env *env;
	MDB_dbi records;
	int lock_fd; /* holds the lock */
	bool read_only;
	size_t map_bytes;
	size_t most_bytes;
};

/* Clocks at a commit. */
struct store_clock {
	char boot_id[37];
	uint64_t offset_us;
	uint64_t store_us;
	uint64_t wall_us;
};

enum store_state {
	STORE_GOOD,
	STORE_DAMAGED,
	STORE_NEWER, /* written by a newer program */
};

/* Locks the file, making it when there is none, and judges it; a child process does
 * the reading, because what is damaged can end a process. 0 or -errno; -EBUSY when
 * somebody else has the lock. */
int store_file_lock(struct store_file *f, const char *path, enum store_state *state);
/* Opens what was found good. `sync`: commits are on disk when they return. */
int store_file_open(struct store_file *f, const char *path, bool sync);
/* Closed or not. */
void store_file_close(struct store_file *f);

/* True when the file is no longer where it was: somebody removed it, or its folder, or put
 * another in its place. */
bool store_file_is_gone(const struct store_file *f, const char *path);
/* Makes it anew, its folder too, with all that was committed. 0 or -errno; then the old one
 * is used on. */
int store_file_make_again(struct store_file *f, const char *path, bool sync);

/* Writes all of `batch`, and `clock`, or nothing. 0 or -errno. */
int store_file_commit(struct store_file *f, struct store_table *batch,
		      const struct store_clock *clock);
/* As store_each(). */
int store_file_each(struct store_file *f, enum store_kind kind, store_each_fn *fn, void *ctx);
/* That of the last commit; -ENOENT when there is none. */
int store_file_clock(struct store_file *f, struct store_clock *clock);

#endif
