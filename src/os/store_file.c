// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The file of the store: one LMDB database, used by os/store.c.
 *
 * Its keys are a byte for the kind and the key; its values eight bytes of SHA-1 over
 * key and value, and the value. The kind 0 has two records: "f", the format ("MIP6" and
 * a number; this record is the same in every format), and "c", the clocks at the last
 * commit.
 *
 * LMDB trusts its file: pages that are damaged or missing can end the process that reads
 * them. So a child process reads everything first, and opens it for writing; only when
 * that ends well is the file taken. One process uses the file at a time (a lock on it),
 * so LMDB's own locks are not needed, nor its second file.
 */
#include "os/store_file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/crypto.h"

#define SUM_LEN	       8
#define MAP_FIRST      (16U << 20)
#define JUDGE_LIMIT_S  30
#define MAGIC	       "MIP6"
#define CLOCK_LEN      (36 + 3 * 8)
#define FLAGS	       (MDB_NOSUBDIR | MDB_NOLOCK | MDB_NOTLS)

static const uint8_t format_key[] = { STORE_INTERNAL, 'f' };
static const uint8_t clock_key[] = { STORE_INTERNAL, 'c' };

/* LMDB's own codes are negative, those of the system positive. */
static int error_of(int err)
{
	if (err == MDB_MAP_FULL)
		return -ENOSPC;
	return err > 0 ? -err : err < 0 ? -EIO : 0;
}

/* --- records ---------------------------------------------------------------- */

static int sum(const MDB_val *key, const void *value, size_t len, uint8_t out[SHA1_LEN])
{
	const struct crypto_part parts[] = { { key->mv_data, key->mv_size }, { value, len } };

	return crypto_sha1(parts, 2, out);
}

static bool record_ok(const MDB_val *key, const MDB_val *v)
{
	uint8_t want[SHA1_LEN];

	return key->mv_size && v->mv_size >= SUM_LEN &&
	       sum(key, (const uint8_t *)v->mv_data + SUM_LEN, v->mv_size - SUM_LEN, want) == 0 &&
	       memcmp(want, v->mv_data, SUM_LEN) == 0;
}

/* MDB's structure has no const. */
static MDB_val val(const void *data, size_t len)
{
	MDB_val v = { .mv_size = len };

	memcpy(&v.mv_data, &data, sizeof(data));
	return v;
}

static int put(MDB_txn *txn, MDB_dbi dbi, const void *full_key, size_t full_len,
	       const void *value, size_t len)
{
	MDB_val k = val(full_key, full_len);
	uint8_t bytes[SHA1_LEN + STORE_VALUE_MAX];
	MDB_val v = val(bytes, SUM_LEN + len);

	if (sum(&k, value, len, bytes))
		return EIO;
	memcpy(bytes + SUM_LEN, value, len);
	return mdb_put(txn, dbi, &k, &v, 0);
}

/* A record of the kind 0, into a reader. 0 or LMDB's error. */
static int get(MDB_txn *txn, MDB_dbi dbi, const uint8_t full_key[2], struct reader *r)
{
	MDB_val k = val(full_key, 2);
	MDB_val v;
	int err = mdb_get(txn, dbi, &k, &v);

	if (err)
		return err;
	if (!record_ok(&k, &v))
		return MDB_CORRUPTED;
	reader_init(r, (const uint8_t *)v.mv_data + SUM_LEN, v.mv_size - SUM_LEN);
	return 0;
}

static int put_format(MDB_txn *txn, MDB_dbi dbi)
{
	uint8_t bytes[8];
	struct writer w;

	writer_init(&w, bytes, sizeof(bytes));
	write_bytes(&w, MAGIC, 4);
	write_u32(&w, STORE_FORMAT);
	return put(txn, dbi, format_key, sizeof(format_key), bytes, sizeof(bytes));
}

static int put_clock(MDB_txn *txn, MDB_dbi dbi, const struct store_clock *c)
{
	uint8_t bytes[CLOCK_LEN];
	struct writer w;

	writer_init(&w, bytes, sizeof(bytes));
	write_bytes(&w, c->boot_id, 36);
	write_u64(&w, c->offset_us);
	write_u64(&w, c->store_us);
	write_u64(&w, c->wall_us);
	return put(txn, dbi, clock_key, sizeof(clock_key), bytes, sizeof(bytes));
}

/* --- judging, in a child ------------------------------------------------------- */

static enum store_state judge_format(MDB_txn *txn, MDB_dbi dbi)
{
	struct reader r;
	uint8_t magic[4];
	uint32_t format;
	int err = get(txn, dbi, format_key, &r);

	if (err == MDB_NOTFOUND) {
		MDB_stat st;

		/* Just made, and never written to. */
		return mdb_stat(txn, dbi, &st) || st.ms_entries ? STORE_DAMAGED : STORE_GOOD;
	}
	if (err)
		return STORE_DAMAGED;
	read_bytes(&r, magic, sizeof(magic));
	format = read_u32(&r);
	if (r.bad || memcmp(magic, MAGIC, sizeof(magic)) != 0 || format == 0)
		return STORE_DAMAGED;
	return format > STORE_FORMAT ? STORE_NEWER : STORE_GOOD;
}

static enum store_state judge_records(MDB_txn *txn, MDB_dbi dbi)
{
	MDB_cursor *cursor;
	MDB_stat st;
	MDB_val k;
	MDB_val v;
	size_t n = 0;
	int err;

	if (mdb_stat(txn, dbi, &st) || mdb_cursor_open(txn, dbi, &cursor))
		return STORE_DAMAGED;
	while ((err = mdb_cursor_get(cursor, &k, &v, MDB_NEXT)) == 0) {
		n++;
		if (!record_ok(&k, &v))
			break;
	}
	mdb_cursor_close(cursor);
	return err == MDB_NOTFOUND && n == st.ms_entries ? STORE_GOOD : STORE_DAMAGED;
}

/* The pages that are free, as LMDB lists them (its database 0): for each commit their
 * count, and their numbers, descending. What is in there is written over sooner or later. */
static bool is_free_list(const MDB_val *v, size_t last_page)
{
	size_t count, page, before = SIZE_MAX;
	const uint8_t *at = v->mv_data;

	if (v->mv_size < sizeof(count))
		return false;
	memcpy(&count, at, sizeof(count));
	if (count > v->mv_size / sizeof(page) - 1)
		return false;
	for (size_t i = 1; i <= count; i++) {
		memcpy(&page, at + i * sizeof(page), sizeof(page));
		if (page < 2 || page > last_page || page >= before)
			return false;
		before = page;
	}
	return true;
}

static enum store_state judge_free_pages(MDB_env *env, size_t last_page)
{
	MDB_cursor *cursor;
	MDB_txn *txn;
	MDB_val k;
	MDB_val v;
	int err;

	/* It is shown to those who only read. */
	if (mdb_txn_begin(env, NULL, MDB_RDONLY, &txn) || mdb_cursor_open(txn, 0, &cursor))
		return STORE_DAMAGED;
	while ((err = mdb_cursor_get(cursor, &k, &v, MDB_NEXT)) == 0) {
		if (!is_free_list(&v, last_page))
			break;
	}
	mdb_cursor_close(cursor);
	mdb_txn_abort(txn);
	return err == MDB_NOTFOUND ? STORE_GOOD : STORE_DAMAGED;
}

static enum store_state judge_file(MDB_env *env, const char *path, bool read_only)
{
	unsigned int flags = read_only ? MDB_RDONLY : 0;
	enum store_state state = STORE_DAMAGED;
	MDB_envinfo info;
	struct stat st;
	MDB_stat pages;
	MDB_txn *txn;
	MDB_dbi dbi;

	if (mdb_env_open(env, path, FLAGS | flags, 0600))
		return STORE_DAMAGED;
	/* Cut off: what is read beyond the end would be a signal, or zeros. */
	if (mdb_env_info(env, &info) || mdb_env_stat(env, &pages) || stat(path, &st) < 0 ||
	    (uint64_t)st.st_size < ((uint64_t)info.me_last_pgno + 1) * pages.ms_psize)
		return STORE_DAMAGED;
	if (judge_free_pages(env, info.me_last_pgno) != STORE_GOOD ||
	    mdb_txn_begin(env, NULL, flags, &txn))
		return STORE_DAMAGED;
	if (mdb_dbi_open(txn, NULL, 0, &dbi) == 0)
		state = judge_format(txn, dbi);
	if (state == STORE_GOOD)
		state = judge_records(txn, dbi);
	/* The list of free pages, as far as writing reads it. */
	if (state == STORE_GOOD && !read_only && put_format(txn, dbi))
		state = STORE_DAMAGED;
	mdb_txn_abort(txn);
	return state;
}

static enum store_state judge(const char *path, bool read_only)
{
	const struct rlimit none = { 0, 0 };
	int null = open("/dev/null", O_WRONLY | O_CLOEXEC);
	enum store_state state = STORE_DAMAGED;
	MDB_env *env;

	/* LMDB's last words, and a core file, are of no use. */
	if (null >= 0)
		(void)dup2(null, STDERR_FILENO);
	(void)setrlimit(RLIMIT_CORE, &none);
	signal(SIGSEGV, SIG_DFL);
	signal(SIGBUS, SIG_DFL);
	signal(SIGABRT, SIG_DFL);
	signal(SIGALRM, SIG_DFL);
	alarm(JUDGE_LIMIT_S);
	if (mdb_env_create(&env))
		_exit(STORE_DAMAGED);
	state = judge_file(env, path, read_only);
	_exit(state);
}

static int judge_in_child(const char *path, bool read_only, enum store_state *state)
{
	pid_t pid = fork();
	int status;

	if (pid < 0)
		return -errno;
	if (pid == 0)
		judge(path, read_only);
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return -errno;
	*state = STORE_DAMAGED;
	if (WIFEXITED(status) && WEXITSTATUS(status) == STORE_GOOD)
		*state = STORE_GOOD;
	if (WIFEXITED(status) && WEXITSTATUS(status) == STORE_NEWER)
		*state = STORE_NEWER;
	return 0;
}

int store_file_lock(struct store_file *f, const char *path, enum store_state *state)
{
	struct stat st;
	int err;

	f->read_only = false;
	f->lock_fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (f->lock_fd < 0 && (errno == EROFS || errno == EACCES)) {
		err = -errno;
		f->lock_fd = open(path, O_RDONLY | O_CLOEXEC);
		f->read_only = true;
		if (f->lock_fd < 0)
			return err;
	}
	if (f->lock_fd < 0)
		return -errno;
	if (flock(f->lock_fd, LOCK_EX | LOCK_NB) < 0)
		return errno == EWOULDBLOCK ? -EBUSY : -errno;
	if (fstat(f->lock_fd, &st) < 0)
		return -errno;
	*state = STORE_GOOD;
	if (!S_ISREG(st.st_mode))
		return -EINVAL;
	return st.st_size ? judge_in_child(path, f->read_only, state) : 0;
}

/* --- opening ------------------------------------------------------------------- */

int store_file_open(struct store_file *f, const char *path, bool sync)
{
	unsigned int flags = (f->read_only ? MDB_RDONLY : 0) | (sync ? 0 : MDB_NOSYNC);
	struct stat st;
	MDB_txn *txn;
	mdb_filehandle_t fd;
	int err = mdb_env_create(&f->env);

	if (err)
		return error_of(err);
	f->map_bytes = f->most_bytes < MAP_FIRST ? f->most_bytes : MAP_FIRST;
	if (stat(path, &st) == 0)
		while (f->map_bytes < 2 * (size_t)st.st_size && f->map_bytes < f->most_bytes)
			f->map_bytes *= 2;
	err = mdb_env_set_mapsize(f->env, f->map_bytes);
	if (!err)
		err = mdb_env_open(f->env, path, FLAGS | flags, 0600);
	/* no program that this one runs is to have it */
	if (!err)
		err = mdb_env_get_fd(f->env, &fd);
	if (!err && fcntl(fd, F_SETFD, FD_CLOEXEC) < 0)
		err = errno;
	if (!err)
		err = mdb_txn_begin(f->env, NULL, MDB_RDONLY, &txn);
	if (err)
		return error_of(err);
	err = mdb_dbi_open(txn, NULL, 0, &f->records);
	if (!err)
		err = mdb_txn_commit(txn);
	else
		mdb_txn_abort(txn);
	return error_of(err);
}

void store_file_close(struct store_file *f)
{
	if (f->env)
		mdb_env_close(f->env);
	if (f->lock_fd >= 0)
		close(f->lock_fd);
	f->env = NULL;
	f->lock_fd = -1;
}

/* --- when it is gone --------------------------------------------------------------- */

bool store_file_is_gone(const struct store_file *f, const char *path)
{
	struct stat ours, there;

	if (f->read_only || fstat(f->lock_fd, &ours) < 0)
		return false;
	return stat(path, &there) < 0 ||
	       there.st_ino != ours.st_ino || there.st_dev != ours.st_dev;
}

static int make_folder(const char *path)
{
	char folder[PATH_MAX];
	const char *slash = strrchr(path, '/');
	size_t len = slash ? (size_t)(slash - path) : 0;

	if (!len || len >= sizeof(folder))
		return 0;
	memcpy(folder, path, len);
	folder[len] = '\0';
	return mkdir(folder, 0750) < 0 && errno != EEXIST ? -errno : 0;
}

int store_file_make_again(struct store_file *f, const char *path, bool sync)
{
	struct store_file again = { .lock_fd = -1, .most_bytes = f->most_bytes };
	enum store_state state;
	int err = make_folder(path);

	/* What is there in its place is not ours: the copy refuses to write over it. */
	if (!err)
		err = error_of(mdb_env_copy(f->env, path));
	if (!err)
		err = store_file_lock(&again, path, &state);
	if (!err)
		err = state == STORE_GOOD ? store_file_open(&again, path, sync) : -EIO;
	if (err) {
		store_file_close(&again);
		return err;
	}
	store_file_close(f);
	*f = again;
	return 0;
}

/* --- writing and reading ---------------------------------------------------------- */

struct writing {
	MDB_txn *txn;
	MDB_dbi dbi;
	int err; /* LMDB's */
};

static int write_record(const void *full_key, size_t full_len, const void *value, size_t len,
			void *ctx)
{
	struct writing *w = ctx;
	MDB_val k = val(full_key, full_len);

	if (value)
		w->err = put(w->txn, w->dbi, full_key, full_len, value, len);
	else
		w->err = mdb_del(w->txn, w->dbi, &k, NULL);
	if (w->err == MDB_NOTFOUND)
		w->err = 0;
	return w->err;
}

static int commit_once(struct store_file *f, struct store_table *batch,
		       const struct store_clock *clock)
{
	struct writing w = { .dbi = f->records };

	w.err = mdb_txn_begin(f->env, NULL, 0, &w.txn);
	if (w.err)
		return w.err;
	if (store_table_each(batch, write_record, &w) == 0)
		w.err = put_format(w.txn, w.dbi);
	if (!w.err)
		w.err = put_clock(w.txn, w.dbi, clock);
	if (!w.err)
		return mdb_txn_commit(w.txn);
	mdb_txn_abort(w.txn);
	return w.err;
}

int store_file_commit(struct store_file *f, struct store_table *batch,
		      const struct store_clock *clock)
{
	int err;

	if (f->read_only)
		return -EROFS;
	err = commit_once(f, batch, clock);
	while (err == MDB_MAP_FULL && f->map_bytes < f->most_bytes) {
		f->map_bytes *= 2;
		err = mdb_env_set_mapsize(f->env, f->map_bytes);
		if (!err)
			err = commit_once(f, batch, clock);
	}
	return error_of(err);
}

int store_file_each(struct store_file *f, enum store_kind kind, store_each_fn *fn, void *ctx)
{
	const uint8_t first = (uint8_t)kind;
	MDB_val k = val(&first, 1);
	MDB_cursor *cursor;
	MDB_val v;
	MDB_txn *txn;
	int stop = 0;
	int err = mdb_txn_begin(f->env, NULL, MDB_RDONLY, &txn);

	if (err)
		return error_of(err);
	err = mdb_cursor_open(txn, f->records, &cursor);
	if (err) {
		mdb_txn_abort(txn);
		return error_of(err);
	}
	for (err = mdb_cursor_get(cursor, &k, &v, MDB_SET_RANGE); !err && !stop;
	     err = stop ? 0 : mdb_cursor_get(cursor, &k, &v, MDB_NEXT)) {
		const uint8_t *key = k.mv_data;

		if (!k.mv_size || key[0] != first)
			break;
		if (!record_ok(&k, &v))
			stop = -EIO;
		else
			stop = fn(key + 1, k.mv_size - 1, (const uint8_t *)v.mv_data + SUM_LEN,
				  v.mv_size - SUM_LEN, ctx);
	}
	mdb_cursor_close(cursor);
	mdb_txn_abort(txn);
	return stop ? stop : err == MDB_NOTFOUND ? 0 : error_of(err);
}

int store_file_clock(struct store_file *f, struct store_clock *clock)
{
	struct reader r;
	MDB_txn *txn;
	int err = mdb_txn_begin(f->env, NULL, MDB_RDONLY, &txn);

	if (err)
		return error_of(err);
	memset(clock, 0, sizeof(*clock));
	err = get(txn, f->records, clock_key, &r);
	if (!err) {
		read_bytes(&r, clock->boot_id, 36);
		clock->offset_us = read_u64(&r);
		clock->store_us = read_u64(&r);
		clock->wall_us = read_u64(&r);
		err = r.bad ? MDB_CORRUPTED : 0;
	}
	mdb_txn_abort(txn);
	return err == MDB_NOTFOUND ? -ENOENT : error_of(err);
}
