// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What it costs to keep bindings in the store: usage: store FOLDER. For either kind
 * of durability it fills a store with 10 000 records as long as a binding's, then
 * replaces one record a turn, as single registrations do, and many a turn, as
 * registrations that come at once do. It tells commits per second, the longest time
 * that the loop was held up, and the bytes on disk for each record. The numbers are
 * those of the folder's disk: compare the two kinds, not two machines.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "os/store.h"

#define RECORDS	   10000
#define VALUE_LEN  120
#define LIMIT_US   (3 * US_PER_S)

struct run {
	struct loop *loop;
	struct store *store;
	uint64_t longest_us;
	bool told;
};

static void fail(const char *what)
{
	perror(what);
	exit(1);
}

static void tell(void *ctx, int error)
{
	struct run *r = ctx;

	if (error)
		fail("commit");
	r->told = true;
}

static void put(struct run *r, unsigned int n, unsigned int version)
{
	uint8_t key[16] = { 0x20, 0x01, 0x0d, 0xb8 };
	uint8_t value[VALUE_LEN] = { 0 };

	memcpy(key + 12, &n, sizeof(n));
	memcpy(value, &version, sizeof(version));
	if (store_put(r->store, STORE_HA_BINDING, key, sizeof(key), value, sizeof(value)))
		fail("put");
}

/* As an acknowledgement that waits. Turns that wait for the disk do not count as held
 * up: the loop sleeps in them. */
static void commit(struct run *r)
{
	struct store_waiter w = { 0 };
	uint64_t begin_us = clock_now_us();
	uint64_t took_us;

	r->told = false;
	store_wait(r->store, &w, tell, r);
	loop_turn(r->loop, 0);
	took_us = clock_now_us() - begin_us;
	if (took_us > r->longest_us)
		r->longest_us = took_us;
	while (!r->told)
		loop_turn(r->loop, US_PER_S);
}

static void measure(struct run *r, const char *kind, unsigned int per_turn)
{
	uint64_t begin_us = clock_now_us();
	unsigned int commits = 0;
	unsigned int n = 0;

	r->longest_us = 0;
	while (clock_now_us() - begin_us < LIMIT_US && commits < 10000) {
		unsigned int i;

		for (i = 0; i < per_turn; i++)
			put(r, n++ % RECORDS, commits);
		commit(r);
		commits++;
	}
	printf("%-8s %4u records a turn: %8.0f commits/s, loop held up at most %.2f ms\n", kind,
	       per_turn, commits * 1e6 / (double)(clock_now_us() - begin_us),
	       (double)r->longest_us / 1000);
}

static void bench(const char *folder, const char *kind, enum os_store_durability durability)
{
	struct os_store_options o = { .durability = durability };
	struct run r = { .loop = loop_new() };
	char path[512];
	struct stat st;
	unsigned int n;

	snprintf(path, sizeof(path), "%s/bench.%ld", folder, (long)getpid());
	o.path = path;
	r.store = r.loop ? os_store_open(r.loop, &o) : NULL;
	if (!r.store)
		fail(path);
	for (n = 0; n < RECORDS; n++)
		put(&r, n, 0);
	commit(&r);
	printf("%-8s %d records at once: loop held up for %.2f ms\n", kind, RECORDS,
	       (double)r.longest_us / 1000);
	measure(&r, kind, 1);
	measure(&r, kind, 100);
	os_store_close(r.store);
	loop_free(r.loop);
	if (stat(path, &st) == 0)
		printf("%-8s %.0f bytes on disk for each record\n", kind,
		       (double)st.st_size / RECORDS);
	unlink(path);
}

int main(int argc, char **argv)
{
	if (argc != 2) {
		fprintf(stderr, "usage: %s FOLDER\n", argv[0]);
		return 2;
	}
	bench(argv[1], "daemon", OS_STORE_DAEMON);
	bench(argv[1], "machine", OS_STORE_MACHINE);
	return 0;
}
