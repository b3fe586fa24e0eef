// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Changes: from apply() of the port to the kernel and back.
 *
 * apply() only copies the changes into a ticket. At the end of the loop turn all
 * tickets of the turn are translated (object.c), in order, into two batches, one
 * for rtnetlink and one for XFRM, and each batch goes to the kernel in one
 * send(). The kernel carries it out during that call. An error is answered for
 * every message that fails, an acknowledgement only where asked for: only the
 * last message of a batch asks, so that hundreds of changes cost one
 * acknowledgement. When that has been read, what has not failed has succeeded.
 *
 * A turn carries out a bounded number of changes; what is more, be it of one ticket
 * (a home agent that stops) or of many, waits for the turns that follow at once, and
 * between them the loop serves whoever else wants something.
 *
 * Within one family the order of changes holds. Between the two families it
 * does not, and need not: no object of one depends on an object of the other.
 * What depends on a device made in the same turn (an address on a new tunnel) has
 * the batch flushed in between.
 *
 * XFRM has one message that only creates and one that only replaces; a put is
 * tried as the likelier one, and once more as the other when the kernel says
 * that the state exists, or does not.
 */
#include "os/linux.h"

#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/rtnetlink.h>
#include <linux/xfrm.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "base/log.h"
#include "core/mip6.h"

#define ANSWER_RCVBUF (4 << 20)
#define BATCH_SNDBUF	 (4 * BATCH_BYTES)
#define CHANGES_PER_TURN 128

static void set_error(struct ticket *t, size_t index, int error)
{
	if (t->changes[index].error == 0)
		t->changes[index].error = error;
}

int apply_error(const struct os *os)
{
	return os->doing_ticket->changes[os->doing_index].error;
}

/* When a device goes, the objects of very many bindings may fail. */
static void log_refusal(struct os *os, const struct kchange *c, int error, const char *text)
{
	bool xfrm = c->obj.type == KOBJ_XFRM_POLICY || c->obj.type == KOBJ_XFRM_STATE;
	char line[KOBJ_TEXT_MAX];

	log_limited(&os->refusal_limit, loop_now_us(os->loop), xfrm ? LOG_XFRM : LOG_KERNEL,
		    LOGL_WARNING, "%s failed: %s: %s%s%s", kchange_op_name(c->op),
		    kobj_text(&c->obj, line, sizeof(line)), strerror(-error), text ? ": " : "",
		    text ? text : "");
}

/* --- batches ------------------------------------------------------------ */

struct nl_msg apply_begin(struct os *os, struct batch *b, uint16_t type, uint16_t flags)
{
	struct nl_msg m;

	if (b->count == BATCH_ITEMS || b->used + BATCH_MSG_ROOM > BATCH_BYTES)
		apply_flush(os, b);
	nl_msg_init(&m, b->buf + b->used, BATCH_MSG_ROOM);
	nl_msg_type(&m, type, flags);
	return m;
}

static void batch_add(struct batch *b, struct nlmsghdr *h, const struct batch_item *item)
{
	h->nlmsg_seq = ++b->sock.seq;
	/* XFRM copies this into what it tells others; monitor.c knows it by that. */
	h->nlmsg_pid = b->sock.port;
	if (b->count == 0)
		b->first_seq = h->nlmsg_seq;
	b->items[b->count] = *item;
	b->items[b->count].at = b->used;
	b->items[b->count].answered = false;
	b->count++;
	b->used += MNL_ALIGN(h->nlmsg_len);
}

int apply_message(struct os *os, struct batch *b, struct nl_msg *m, unsigned int tolerate,
		  uint16_t other_type)
{
	struct batch_item item = { .ticket = os->doing_ticket,
				   .index = os->doing_index,
				   .tolerate = tolerate,
				   .other_type = other_type };

	if (m->bad)
		return -EMSGSIZE;
	batch_add(b, m->h, &item);
	return 0;
}

/* What the kernel said about one message. True: it is to be tried again. */
static bool settle_item(struct os *os, struct batch_item *item, int error, const char *text)
{
	struct kchange *c = &item->ticket->changes[item->index];

	item->answered = true;
	if (error == 0)
		return false;
	if ((item->tolerate & RETRY_OTHER_TYPE) && (error == -EEXIST || kobj_gone_error(error)))
		return true;
	if (((item->tolerate & TOLERATE_MISSING) && kobj_gone_error(error)) ||
	    ((item->tolerate & TOLERATE_EXISTS) && error == -EEXIST))
		return false;
	log_refusal(os, c, error, text);
	if (!(item->tolerate & NO_BLAME))
		set_error(item->ticket, item->index, error);
	return false;
}

/* Takes the batch's copy of a message that failed into a list of its own. */
struct retry {
	struct batch_item items[BATCH_ITEMS];
	uint8_t buf[BATCH_BYTES];
	size_t used;
	size_t count;
};

static void retry_add(struct retry **r, const struct batch *b, const struct batch_item *item)
{
	const struct nlmsghdr *h = (const void *)(b->buf + item->at);

	if (!*r)
		*r = calloc(1, sizeof(**r));
	if (!*r) {
		set_error(item->ticket, item->index, -ENOMEM);
		return;
	}
	memcpy((*r)->buf + (*r)->used, h, h->nlmsg_len);
	(*r)->used += MNL_ALIGN(h->nlmsg_len);
	(*r)->items[(*r)->count++] = *item;
}

/* One answer. True when it is the one that ends the batch. */
static bool settle_answer(struct os *os, struct batch *b, const struct nlmsghdr *h,
			  struct retry **retry)
{
	uint32_t place = h->nlmsg_seq - b->first_seq;

	if (h->nlmsg_type != NLMSG_ERROR || place >= b->count)
		return false;
	if (settle_item(os, &b->items[place], nl_error_code(h), nl_error_text(h)))
		retry_add(retry, b, &b->items[place]);
	return place == b->count - 1;
}

static void batch_fail(struct os *os, struct batch *b, int error)
{
	size_t i;

	for (i = 0; i < b->count; i++)
		if (!b->items[i].answered)
			settle_item(os, &b->items[i], error, NULL);
}

static void read_answers(struct os *os, struct batch *b, struct retry **retry)
{
	char buf[NL_BUF_SIZE] __attribute__((aligned(8)));
	bool done = false;

	while (!done) {
		ssize_t got = nl_receive(&b->sock, buf, sizeof(buf));
		const struct nlmsghdr *h;
		int len = (int)got;

		if (got < 0) {
			/* The answers are there when send() returns; that they
			 * are not means that some were lost (ENOBUFS). What is not
			 * known to have succeeded counts as failed. */
			batch_fail(os, b, got == -EAGAIN ? -EIO : (int)got);
			return;
		}
		for (h = (const void *)buf; mnl_nlmsg_ok(h, len); h = mnl_nlmsg_next(h, &len))
			done |= settle_answer(os, b, h, retry);
	}
}

static void batch_send(struct os *os, struct batch *b, struct retry **retry)
{
	struct nlmsghdr *last = (void *)(b->buf + b->items[b->count - 1].at);

	last->nlmsg_flags |= NLM_F_ACK;
	log_trace(LOG_KERNEL, "netlink batch: %zu messages, %zu bytes", b->count, b->used);
	if (send(b->sock.fd, b->buf, b->used, 0) < 0)
		batch_fail(os, b, -errno);
	else
		read_answers(os, b, retry);
	b->count = 0;
	b->used = 0;
}

static void batch_retry(struct batch *b, const struct retry *r)
{
	size_t at = 0;
	size_t i;

	for (i = 0; i < r->count; i++) {
		struct batch_item item = r->items[i];
		struct nlmsghdr *h = (void *)(b->buf + b->used);
		uint32_t len;

		memcpy(&len, r->buf + at, sizeof(len)); /* nlmsg_len comes first */
		memcpy(h, r->buf + at, len);
		at += MNL_ALIGN(len);
		h->nlmsg_type = item.other_type;
		h->nlmsg_flags &= (uint16_t)~NLM_F_ACK;
		/* Whatever made it come or go in between is the later change. */
		item.tolerate &= ~(unsigned int)RETRY_OTHER_TYPE;
		item.tolerate |= TOLERATE_MISSING | TOLERATE_EXISTS;
		batch_add(b, h, &item);
	}
}

void apply_flush(struct os *os, struct batch *b)
{
	struct retry *retry = NULL;

	if (!b->count)
		return;
	batch_send(os, b, &retry);
	if (retry) {
		batch_retry(b, retry);
		free(retry);
		retry = NULL;
		batch_send(os, b, &retry);
	}
}

/* --- tickets ------------------------------------------------------------ */

int apply_changes(struct kernel *k, const struct kchange *changes, size_t n, uint64_t id)
{
	struct os *os = os_of(k);
	struct ticket *t = calloc(1, sizeof(*t) + n * sizeof(t->changes[0]));
	size_t i;

	if (!t)
		return -ENOMEM;
	t->id = id;
	t->count = n;
	if (n)
		memcpy(t->changes, changes, n * sizeof(t->changes[0]));
	for (i = 0; i < n; i++)
		t->changes[i].error = 0;
	TAILQ_INSERT_TAIL(&os->tickets, t, entry);
	/* Called outside of a turn (at start), nothing else would wake the loop. */
	return timer_set(loop_timers(os->loop), &os->again, loop_now_us(os->loop), NULL);
}

/* Translates at most `most` changes of the ticket, besides those that need nothing done;
 * returns how many. */
static size_t translate(struct os *os, struct ticket *t, size_t most)
{
	size_t n = 0;

	os->doing_ticket = t;
	for (; t->next < t->count && n < most; t->next++) {
		struct kchange *c = &t->changes[t->next];
		int err;

		n += c->op != KCHANGE_ADOPT;

		os->doing_index = t->next;
		err = object_change(os, c);
		if (err && !c->error)
			log_refusal(os, c, err, NULL);
		if (err)
			set_error(t, os->doing_index, err);
	}
	os->doing_ticket = NULL;
	return n;
}

static void drop_tickets(struct os *os)
{
	struct ticket *t;

	while ((t = TAILQ_FIRST(&os->tickets))) {
		TAILQ_REMOVE(&os->tickets, t, entry);
		free(t);
	}
}

/* The end of a turn: translate, send, tell. What is asked for meanwhile (a
 * footprint rolled back, say) waits for the next turn, which comes at once. */
static void apply_turn(void *ctx, uint64_t now_us)
{
	struct os *os = ctx;
	TAILQ_HEAD(, ticket) done = TAILQ_HEAD_INITIALIZER(done);
	struct ticket *t;
	size_t left = CHANGES_PER_TURN;

	if (TAILQ_EMPTY(&os->tickets))
		return;
	memset(&os->found, 0, sizeof(os->found));
	while (left && (t = TAILQ_FIRST(&os->tickets))) {
		left -= translate(os, t, left);
		if (t->next < t->count)
			break;
		TAILQ_REMOVE(&os->tickets, t, entry);
		TAILQ_INSERT_TAIL(&done, t, entry);
	}
	apply_flush(os, &os->route);
	apply_flush(os, &os->xfrm);
	while ((t = TAILQ_FIRST(&done))) {
		TAILQ_REMOVE(&done, t, entry);
		if (os->kernel.mip6) {
			os_now(os);
			mip6_on_done(os->kernel.mip6, t->id, t->changes, t->count);
		}
		free(t);
	}
	if (!TAILQ_EMPTY(&os->tickets))
		(void)timer_set(loop_timers(os->loop), &os->again, now_us, NULL);
}

static void wake(struct timer *t, uint64_t now_us)
{
	/* That the turn happens is all that is wanted: its end sends the batch. */
	(void)t;
	(void)now_us;
}

static int batch_init(struct batch *b, int protocol)
{
	int err;

	/* Zeros: what pads an attribute is sent as well. */
	b->buf = calloc(1, BATCH_BYTES);
	if (!b->buf)
		return -ENOMEM;
	err = nl_open(&b->sock, protocol);
	if (err)
		return err;
	nl_set_rcvbuf(b->sock.fd, ANSWER_RCVBUF);
	/* A batch goes out in one piece, whatever the system's default is. */
	nl_set_sndbuf(b->sock.fd, BATCH_SNDBUF);
	return 0;
}

int apply_init(struct os *os)
{
	int err;

	TAILQ_INIT(&os->tickets);
	os->refusal_limit = (struct log_limit)LOG_LIMIT(20, 5);
	timer_init(&os->again, "kernel-changes", wake, os);
	err = batch_init(&os->route, NETLINK_ROUTE);
	if (!err)
		err = batch_init(&os->xfrm, NETLINK_XFRM);
	if (err)
		return err;
	os->hook = loop_add_hook(os->loop, apply_turn, os);
	return os->hook ? 0 : -ENOMEM;
}

void apply_free(struct os *os)
{
	timer_cancel(loop_timers(os->loop), &os->again);
	if (os->hook)
		loop_del_hook(os->hook);
	drop_tickets(os);
	free(os->route.buf);
	free(os->xfrm.buf);
	nl_close(&os->route.sock);
	nl_close(&os->xfrm.sock);
}
