// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A port for unit tests of core: it keeps what is asked of it, and does nothing by
 * itself. A test carries out the changes of a ticket when it likes, with the errors
 * it likes; messages sent are kept in a list. (test/ladder has the whole kernel.)
 */
#ifndef TEST_UNIT_CORE_PORT_H
#define TEST_UNIT_CORE_PORT_H

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/time.h"
#include "core/mip6.h"

#define PORT_TICKETS_MAX 64
#define PORT_SENT_MAX	 256
#define PORT_PROBES_MAX	 16

struct port_ticket {
	uint64_t ticket;
	struct kchange *changes;
	size_t count;
};

struct port_sent {
	enum kproto proto;
	struct mip6_path path;
	uint8_t hop_limit;
	uint8_t data[2048];
	size_t len;
};

struct port {
	struct kernel kernel; /* first */
	struct port_ticket tickets[PORT_TICKETS_MAX];
	size_t ticket_count;
	struct port_sent sent[PORT_SENT_MAX];
	size_t sent_count;
	struct kprobe probes[PORT_PROBES_MAX];
	uint64_t probe_tickets[PORT_PROBES_MAX];
	size_t probe_count;
	size_t cancelled;
	int apply_error; /* what the next call of each returns */
	int send_error;
	int probe_error;
	struct timers timers;
	struct conf conf;
	struct mip6 mip6;
};

static inline int port_apply(struct kernel *k, const struct kchange *changes, size_t n,
			     uint64_t ticket)
{
	struct port *p = (struct port *)k;
	struct port_ticket *t = &p->tickets[p->ticket_count];

	if (p->apply_error)
		return p->apply_error;
	if (p->ticket_count == PORT_TICKETS_MAX)
		abort();
	p->ticket_count++;
	t->ticket = ticket;
	t->count = n;
	t->changes = calloc(n ? n : 1, sizeof(*t->changes));
	if (!t->changes)
		abort();
	if (n)
		memcpy(t->changes, changes, n * sizeof(*changes));
	return 0;
}

static inline int port_send(struct kernel *k, enum kproto proto, const struct mip6_path *path,
			    uint8_t hop_limit, const void *data, size_t len)
{
	struct port *p = (struct port *)k;
	struct port_sent *s = &p->sent[p->sent_count];

	if (p->send_error)
		return p->send_error;
	if (p->sent_count == PORT_SENT_MAX || len > sizeof(s->data))
		abort();
	p->sent_count++;
	s->proto = proto;
	s->path = *path;
	s->hop_limit = hop_limit;
	s->len = len;
	memcpy(s->data, data, len);
	return 0;
}

static inline int port_probe(struct kernel *k, const struct kprobe *probe, uint64_t ticket)
{
	struct port *p = (struct port *)k;

	if (p->probe_error)
		return p->probe_error;
	if (p->probe_count == PORT_PROBES_MAX)
		abort();
	p->probes[p->probe_count] = *probe;
	p->probe_tickets[p->probe_count++] = ticket;
	return 0;
}

static inline void port_probe_cancel(struct kernel *k, uint64_t ticket)
{
	(void)ticket;
	((struct port *)k)->cancelled++;
}

static inline void port_init(struct port *p)
{
	static const struct kernel_ops ops = { .apply = port_apply,
					       .send = port_send,
					       .probe = port_probe,
					       .probe_cancel = port_probe_cancel };

	memset(p, 0, sizeof(*p));
	p->kernel.ops = &ops;
	timers_init(&p->timers);
	if (mip6_init(&p->mip6, &p->conf, &p->kernel, &p->timers, 1000 * US_PER_S))
		abort();
	p->kernel.mip6 = &p->mip6;
}

/* Takes out the oldest ticket; its changes then belong to the caller. */
static inline struct port_ticket port_take(struct port *p)
{
	struct port_ticket t = p->tickets[0];

	if (p->ticket_count == 0)
		abort();
	p->ticket_count--;
	memmove(p->tickets, p->tickets + 1, p->ticket_count * sizeof(p->tickets[0]));
	return t;
}

/* Confirms a ticket with the errors in its changes, and frees them. */
static inline void port_confirm(struct port *p, struct port_ticket *t)
{
	mip6_on_done(&p->mip6, t->ticket, t->changes, t->count);
	free(t->changes);
}

static inline void port_free(struct port *p)
{
	mip6_free(&p->mip6);
	while (p->ticket_count) {
		struct port_ticket t = port_take(p);

		free(t.changes);
	}
	timers_free(&p->timers);
}

#endif
