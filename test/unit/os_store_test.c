// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The store in a file (os/store.h): what survives, files that are damaged, cut off,
 * of a newer format, that cannot be written or have no room, and the two kinds of
 * durability. Each test works in a folder of its own.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>
#include <lmdb.h>

#include "base/clock.h"
#include "base/crypto.h"
#include "base/log.h"
#include "os/store.h"
#include "random.h"

struct place {
	char dir[64];
	char path[96];
	struct loop *loop;
	struct store *store;
	enum os_store_durability durability;
	uint64_t most_bytes;
};

static char last_line[LOG_LINE_MAX];

static void keep_line(enum log_subsystem s, enum log_level level, const char *line, void *ctx)
{
	(void)s;
	(void)level;
	(void)ctx;
	snprintf(last_line, sizeof(last_line), "%s", line);
}

static int setup(void **state)
{
	struct place *p = calloc(1, sizeof(*p));

	assert_non_null(p);
	strcpy(p->dir, "/tmp/os_store_test.XXXXXX");
	assert_non_null(mkdtemp(p->dir));
	snprintf(p->path, sizeof(p->path), "%s/state", p->dir);
	log_open(LOGT_NONE, "test", NULL);
	log_set_tap(keep_line, NULL);
	*state = p;
	return 0;
}

static void begin(struct place *p)
{
	const struct os_store_options o = { .path = p->path,
					    .durability = p->durability,
					    .most_bytes = p->most_bytes };

	p->loop = loop_new();
	assert_non_null(p->loop);
	p->store = os_store_open(p->loop, &o);
}

static void end(struct place *p)
{
	os_store_close(p->store);
	loop_free(p->loop);
	p->store = NULL;
	p->loop = NULL;
}

static void end_and_begin(struct place *p)
{
	end(p);
	begin(p);
	assert_non_null(p->store);
}

/* How many names in the folder contain the text. */
static int names_with(const struct place *p, const char *text)
{
	DIR *d = opendir(p->dir);
	struct dirent *e;
	int n = 0;

	assert_non_null(d);
	while ((e = readdir(d)))
		n += e->d_name[0] != '.' && strstr(e->d_name, text) != NULL;
	closedir(d);
	return n;
}

static int teardown(void **state)
{
	struct place *p = *state;
	char command[96];

	if (p->loop)
		end(p);
	snprintf(command, sizeof(command), "rm -rf %s", p->dir);
	log_set_tap(NULL, NULL);
	assert_int_equal(system(command), 0);
	free(p);
	return 0;
}

struct told {
	int times;
	int error;
};

static void tell(void *ctx, int error)
{
	struct told *t = ctx;

	t->times++;
	t->error = error;
}

static int count_one(const void *key, size_t key_len, const void *value, size_t len, void *ctx)
{
	uint32_t n;

	assert_int_equal(key_len, sizeof(n));
	memcpy(&n, key, sizeof(n));
	assert_int_equal(len, n % 200);
	if (len)
		assert_int_equal(*(const uint8_t *)value, n & 0xff);
	++*(int *)ctx;
	return 0;
}

static int count(struct place *p)
{
	int n = 0;

	assert_int_equal(store_each(p->store, STORE_HA_BINDING, count_one, &n), 0);
	return n;
}

static void put(struct place *p, uint32_t n)
{
	uint8_t value[200];

	memset(value, (int)(n & 0xff), sizeof(value));
	assert_int_equal(store_put(p->store, STORE_HA_BINDING, &n, sizeof(n), value, n % 200), 0);
}

static void put_many(struct place *p, uint32_t first, uint32_t end_)
{
	uint32_t n;

	for (n = first; n < end_; n++)
		put(p, n);
}

/* Turns of the loop until the waiter is told. */
static int commit(struct place *p)
{
	struct store_waiter w = { 0 };
	struct told t = { 0 };
	int i;

	store_wait(p->store, &w, tell, &t);
	for (i = 0; i < 100 && !t.times; i++)
		assert_int_equal(loop_turn(p->loop, 20000), 0);
	assert_int_equal(t.times, 1);
	return t.error;
}

static void test_records_survive(void **state)
{
	struct place *p = *state;
	uint32_t n = 5;

	begin(p);
	assert_non_null(p->store);
	put_many(p, 0, 1000);
	assert_int_equal(count(p), 0);
	assert_int_equal(commit(p), 0);
	assert_int_equal(count(p), 1000);
	end_and_begin(p);
	assert_int_equal(count(p), 1000);
	assert_int_equal(store_delete(p->store, STORE_HA_BINDING, &n, sizeof(n)), 0);
	put(p, 2000); /* committed by closing */
	end_and_begin(p);
	assert_int_equal(count(p), 1000);
	assert_int_equal(names_with(p, ""), 1);
}

static void test_on_disk(void **state)
{
	struct place *p = *state;

	p->durability = OS_STORE_MACHINE;
	test_records_survive(state);
	put_many(p, 3000, 3100);
	assert_int_equal(commit(p), 0);
	/* What comes while the worker writes is in the next commit. */
	put(p, 4000);
	loop_turn(p->loop, 0);
	put(p, 4001);
	assert_int_equal(commit(p), 0);
	end_and_begin(p);
	assert_int_equal(count(p), 1102);
}

/* The process is killed at any moment: each batch is there as a whole or not at all,
 * and all that was acknowledged is there. */
static void test_killed_at_any_moment(void **state)
{
	struct place *p = *state;
	int round;
	uint32_t have = 0;

	for (round = 0; round < 15; round++) {
		int pipes[2];
		pid_t pid;
		uint32_t acknowledged = have;

		p->durability = round % 2 ? OS_STORE_MACHINE : OS_STORE_DAEMON;
		assert_int_equal(pipe(pipes), 0);
		pid = fork();
		if (pid == 0) {
			begin(p);
			for (;; have += 10) {
				put_many(p, have, have + 10);
				if (commit(p) || write(pipes[1], &(uint32_t){ have + 10 }, 4) != 4)
					_exit(1);
			}
		}
		close(pipes[1]);
		usleep((useconds_t)(30000 + round * 1700));
		kill(pid, SIGKILL);
		waitpid(pid, NULL, 0);
		while (read(pipes[0], &acknowledged, 4) == 4)
			;
		close(pipes[0]);
		begin(p);
		assert_non_null(p->store);
		have = (uint32_t)count(p);
		assert_int_equal(have % 10, 0);
		assert_true(have >= acknowledged);
		end(p);
	}
	assert_true(have > 0);
	assert_int_equal(names_with(p, "damaged"), 0);
}

static void make_file(struct place *p)
{
	begin(p);
	put_many(p, 0, 2000);
	assert_int_equal(commit(p), 0);
	end(p);
}

/* Empty or complete, and in use: anything but the end of the process. LMDB keeps the
 * heads of the last two commits; junk in the younger can make it believe the older,
 * which here is the empty one. */
static void check_after_damage(struct place *p)
{
	int n;

	begin(p);
	assert_non_null(p->store);
	n = count(p);
	if (names_with(p, "damaged"))
		assert_int_equal(n, 0);
	else
		assert_true(n == 2000 || n == 0);
	put_many(p, 0, 2000);
	assert_int_equal(commit(p), 0);
	assert_int_equal(count(p), 2000);
	end(p);
}

static void restore(struct place *p)
{
	char command[512];

	snprintf(command, sizeof(command), "rm -f %s.damaged-*; cp %s/good %s", p->path, p->dir,
		 p->path);
	assert_int_equal(system(command), 0);
}

static void keep_good(struct place *p)
{
	char command[512];

	snprintf(command, sizeof(command), "cp %s %s/good", p->path, p->dir);
	assert_int_equal(system(command), 0);
}

static void test_cut_off(void **state)
{
	struct place *p = *state;
	struct stat st;
	off_t at;
	int aside = 0;

	make_file(p);
	keep_good(p);
	assert_int_equal(stat(p->path, &st), 0);
	for (at = 1; at < st.st_size; at += 37777) {
		restore(p);
		assert_int_equal(truncate(p->path, at), 0);
		check_after_damage(p);
		aside += names_with(p, "damaged");
	}
	assert_true(aside > 5);
	assert_non_null(strstr(last_line, "damaged"));
}

static void test_bytes_changed(void **state)
{
	struct place *p = *state;
	struct random r;
	struct stat st;
	int aside = 0;
	int i;

	make_file(p);
	keep_good(p);
	assert_int_equal(stat(p->path, &st), 0);
	random_start(&r);
	for (i = 0; i < 60; i++) {
		uint8_t junk[64];
		size_t len = 1 + random_below(&r, sizeof(junk));
		off_t at = (off_t)random_below(&r, (size_t)st.st_size);
		size_t b;
		int fd;

		for (b = 0; b < len; b++)
			junk[b] = (uint8_t)random_u64(&r);
		restore(p);
		fd = open(p->path, O_WRONLY);
		if (i % 3 == 0)
			at = (off_t)random_below(&r, 8192); /* the head */
		assert_int_equal(pwrite(fd, junk, len, at), len);
		close(fd);
		check_after_damage(p);
		aside += names_with(p, "damaged");
	}
	assert_true(aside > 10);
}

static void test_no_database(void **state)
{
	struct place *p = *state;
	FILE *f = fopen(p->path, "w");

	assert_non_null(f);
	fputs("# this is a configuration\n", f);
	fclose(f);
	begin(p);
	assert_non_null(p->store);
	assert_int_equal(names_with(p, "damaged"), 1);
	assert_int_equal(count(p), 0);
}

/* What another format's program would write. */
static void write_format(struct place *p, uint32_t format)
{
	uint8_t key[2] = { 0, 'f' };
	uint8_t bytes[SHA1_LEN + 8];
	uint8_t text[8] = { 'M', 'I', 'P', '6', 0, 0, 0, (uint8_t)format };
	const struct crypto_part parts[] = { { key, 2 }, { text, 8 } };
	MDB_val k = { 2, key };
	MDB_val v = { 16, bytes };
	MDB_env *env;
	MDB_txn *txn;
	MDB_dbi dbi;

	assert_int_equal(crypto_sha1(parts, 2, bytes), 0);
	memcpy(bytes + 8, text, 8);
	assert_int_equal(mdb_env_create(&env), 0);
	assert_int_equal(mdb_env_open(env, p->path, MDB_NOSUBDIR | MDB_NOLOCK, 0600), 0);
	assert_int_equal(mdb_txn_begin(env, NULL, 0, &txn), 0);
	assert_int_equal(mdb_dbi_open(txn, NULL, 0, &dbi), 0);
	assert_int_equal(mdb_put(txn, dbi, &k, &v, 0), 0);
	/* Records of that format need not look like ours. */
	k.mv_data = bytes;
	assert_int_equal(mdb_put(txn, dbi, &k, &k, 0), 0);
	assert_int_equal(mdb_txn_commit(txn), 0);
	mdb_env_close(env);
}

static void test_newer_format_is_refused(void **state)
{
	struct place *p = *state;

	make_file(p);
	write_format(p, 2);
	begin(p);
	assert_null(p->store);
	assert_int_equal(errno, EPROTONOSUPPORT);
	assert_non_null(strstr(last_line, "newer version"));
	assert_int_equal(names_with(p, ""), 1);
	write_format(p, 0);
	loop_free(p->loop);
	begin(p); /* there never was such a format */
	assert_non_null(p->store);
	assert_int_equal(names_with(p, "damaged"), 1);
}

static void test_one_process_at_a_time(void **state)
{
	struct place *p = *state;
	const struct os_store_options o = { .path = p->path };

	begin(p);
	assert_null(os_store_open(p->loop, &o));
	assert_int_equal(errno, EBUSY);
	put(p, 1);
	assert_int_equal(commit(p), 0);
}

static void test_no_folder(void **state)
{
	struct place *p = *state;

	snprintf(p->path, sizeof(p->path), "%s/none/state", p->dir);
	begin(p);
	assert_null(p->store);
	assert_int_equal(errno, ENOENT);
}

/* The file cannot grow: the disk is full. */
static void test_full_disk(void **state)
{
	struct place *p = *state;
	struct rlimit unlimited;
	struct rlimit small;

	make_file(p);
	begin(p);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &unlimited), 0);
	small = unlimited;
	small.rlim_cur = 4096;
	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
	put_many(p, 2000, 5000);
	assert_int_equal(commit(p), -EFBIG);
	assert_non_null(strstr(last_line, "cannot write"));
	put(p, 5000);
	assert_int_equal(commit(p), -EFBIG); /* told at once */
	assert_int_equal(p->store->failures, 1);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &unlimited), 0);
	assert_int_equal(count(p), 2000);
	while (p->store->commits == 0)
		assert_int_equal(loop_turn(p->loop, 100000), 0);
	assert_non_null(strstr(last_line, "can be written again"));
	assert_int_equal(count(p), 5001);
	end_and_begin(p);
	assert_int_equal(count(p), 5001);
}

static void test_no_more_than_allowed(void **state)
{
	struct place *p = *state;

	p->most_bytes = 1 << 20;
	begin(p);
	put_many(p, 0, 1000);
	assert_int_equal(commit(p), 0);
	put_many(p, 1000, 20000);
	assert_int_equal(commit(p), -ENOSPC);
	assert_int_equal(count(p), 1000);
	end(p);
	p->most_bytes = 0;
	begin(p);
	put_many(p, 1000, 100000); /* more than it begins with */
	assert_int_equal(commit(p), 0);
	assert_int_equal(count(p), 100000);
}

static void test_read_only(void **state)
{
	struct place *p = *state;
	pid_t pid;
	int status;

	make_file(p);
	assert_int_equal(chmod(p->path, 0444), 0);
	assert_int_equal(chmod(p->dir, 0755), 0);
	pid = fork();
	if (pid == 0) {
		if (setresuid(65534, 65534, 65534) < 0)
			_exit(geteuid() ? 0 : 1);
		begin(p);
		if (!p->store || count(p) != 2000)
			_exit(2);
		put(p, 3000);
		_exit(commit(p) == -EROFS && p->store->failures == 1 ? 0 : 3);
	}
	waitpid(pid, &status, 0);
	assert_int_equal(status, 0);
}

static uint64_t time_over_restart(struct place *p, uint64_t at_us)
{
	uint8_t bytes[8];
	struct writer w;
	struct reader r;

	writer_init(&w, bytes, sizeof(bytes));
	store_write_time(p->store, &w, at_us);
	end_and_begin(p);
	reader_init(&r, bytes, sizeof(bytes));
	return store_read_time(p->store, &r, clock_now_us(), 100 * US_PER_S);
}

/* Within one boot not a microsecond is lost, whatever the wall clock says. */
static void test_times_over_a_restart(void **state)
{
	struct place *p = *state;
	uint64_t at_us = clock_now_us() + 60 * US_PER_S;

	begin(p);
	put(p, 1);
	assert_int_equal(commit(p), 0);
	usleep(20000);
	assert_int_equal(time_over_restart(p, at_us), at_us);
	assert_int_equal(time_over_restart(p, at_us), at_us);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_records_survive),
		TEST(test_on_disk),
		TEST(test_killed_at_any_moment),
		TEST(test_cut_off),
		TEST(test_bytes_changed),
		TEST(test_no_database),
		TEST(test_newer_format_is_refused),
		TEST(test_one_process_at_a_time),
		TEST(test_no_folder),
		TEST(test_full_disk),
		TEST(test_no_more_than_allowed),
		TEST(test_read_only),
		TEST(test_times_over_a_restart),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
