// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Streams of pings and what became of them: lost there, lost on the way back,
 * duplicated, out of order, and the longest silence.
 */
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "test/ladder/world.h"

#define ECHO_REQUEST 128
#define ECHO_LEN     16
#define SEQ_MAX	     65536

struct stream {
	TAILQ_ENTRY(stream) entry;
	struct box *from;
	struct in6_addr src; /* :: the kernel chooses */
	struct in6_addr dst;
	uint16_t id;
	uint64_t interval_us;
	uint64_t began_us;
	uint64_t ended_us; /* 0: still sending */
	uint64_t last_answer_us;
	int32_t newest_answer;
	struct timer timer;
	struct stream_result r;
	uint64_t sent_us[SEQ_MAX];
	bool arrived[SEQ_MAX];
	bool answered[SEQ_MAX];
};

static struct stream *find_stream(struct ladder *L, uint16_t id)
{
	struct stream *s;

	TAILQ_FOREACH(s, &L->streams, entry) {
		if (s->id == id)
			return s;
	}
	return NULL;
}

static void send_ping(struct stream *s)
{
	struct box *b = s->from;
	uint16_t seq = (uint16_t)s->r.sent, sum;
	struct in6_addr src = s->src;
	uint8_t echo[ECHO_LEN];
	struct writer w;

	if (addr_is_unspecified(&src)) {
		struct hop h = box_lookup(b, &src, &s->dst, WIRE_PROTO_ICMPV6, "", 0);

		box_choose_src(b, &s->dst, &h, &src);
	}
	writer_init(&w, echo, sizeof(echo));
	write_u8(&w, ECHO_REQUEST);
	write_zeros(&w, 3);
	write_u16(&w, s->id);
	write_u16(&w, seq);
	write_u64(&w, b->L->now_us);
	sum = wire_checksum(&src, &s->dst, WIRE_PROTO_ICMPV6, echo, sizeof(echo));
	write_u16_at(&w, 2, sum);
	s->sent_us[seq] = b->L->now_us;
	s->arrived[seq] = s->answered[seq] = false;
	s->r.sent++;
	box_output(b, packet_new(&src, &s->dst, WIRE_PROTO_ICMPV6, echo, sizeof(echo)), 0, false);
}

static void on_timer(struct timer *t, uint64_t now_us)
{
	struct stream *s = t->ctx;

	send_ping(s);
	timer_set(&s->from->L->timers, t, now_us + s->interval_us, NULL);
}

struct stream *ladder_stream(struct box *from, const struct in6_addr *src,
			     const struct in6_addr *dst, uint64_t interval_us)
{
	struct stream *s = must_alloc(sizeof(*s));
	struct ladder *L = from->L;

	s->from = from;
	if (src)
		s->src = *src;
	s->dst = *dst;
	s->id = ++L->next_stream;
	s->interval_us = interval_us;
	s->began_us = L->now_us;
	s->last_answer_us = L->now_us;
	s->newest_answer = -1;
	timer_init(&s->timer, "stream", on_timer, s);
	TAILQ_INSERT_TAIL(&L->streams, s, entry);
	timer_set(&L->timers, &s->timer, L->now_us, NULL);
	return s;
}

void ladder_stream_end(struct stream *s)
{
	timer_cancel(&s->from->L->timers, &s->timer);
	if (!s->ended_us)
		s->ended_us = s->from->L->now_us;
}

static void note_silence(struct stream *s, uint64_t until_us)
{
	if (until_us - s->last_answer_us > s->r.silence_us)
		s->r.silence_us = until_us - s->last_answer_us;
	s->last_answer_us = until_us;
}

static void hear_answer(struct stream *s, uint16_t seq, uint64_t now_us)
{
	if (s->answered[seq]) {
		s->r.duplicates++;
		return;
	}
	s->answered[seq] = true;
	s->r.answered++;
	s->r.rtt_us = now_us - s->sent_us[seq];
	if (seq < s->newest_answer)
		s->r.reordered++;
	else
		s->newest_answer = seq;
	note_silence(s, now_us);
}

void stream_echo(struct box *b, const struct packet *p, bool tunnelled, bool optimized)
{
	struct stream *s = find_stream(b->L, (uint16_t)(p->data[4] << 8 | p->data[5]));
	uint16_t seq = (uint16_t)(p->data[6] << 8 | p->data[7]);

	if (!s)
		return;
	if (p->data[0] != ECHO_REQUEST) {
		hear_answer(s, seq, b->L->now_us);
	} else if (!s->arrived[seq]) {
		s->arrived[seq] = true;
		s->r.arrived++;
		s->r.last_by_tunnel = tunnelled;
		s->r.last_optimized = optimized;
	}
}

struct stream_result ladder_stream_result(const struct stream *s)
{
	uint64_t end_us = s->ended_us ? s->ended_us : s->from->L->now_us;
	struct stream_result r = s->r;

	if (end_us > s->last_answer_us && end_us - s->last_answer_us > r.silence_us)
		r.silence_us = end_us - s->last_answer_us;
	return r;
}

bool ladder_ping(struct box *from, const struct in6_addr *src, const struct in6_addr *dst)
{
	struct stream *s = ladder_stream(from, src, dst, 2 * S);
	uint64_t i;

	ladder_run(from->L, 1);
	ladder_stream_end(s);
	for (i = 0; i < 100 && !s->r.answered; i++)
		ladder_run(from->L, 10 * MS);
	return s->r.answered > 0;
}

void streams_free(struct ladder *L)
{
	struct stream *s;

	while ((s = TAILQ_FIRST(&L->streams)) != NULL) {
		timer_cancel(&L->timers, &s->timer);
		TAILQ_REMOVE(&L->streams, s, entry);
		free(s);
	}
}
