// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Captures that others made, read where they lie: in the folder that the
 * environment variable MIP6D_PACKETS names, or beside the checkout in
 * ../shared/packets. Without them the tests are skipped.
 *
 * The valid capture comes with the text that another program printed of it: our
 * view, written in the same words, has to be the same line for line. Of
 * the malformed ones, no packet may be taken for a message.
 */
#include <arpa/inet.h>
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "wire/ext.h"
#include "wire/icmp6.h"
#include "wire/mh.h"
#include "wire/nd.h"

#define FILE_MAX	  65536
#define PCAP_HEADER_LEN	  24
#define PACKET_HEADER_LEN 16

/* The number that the Mobility Header had in drafts; the captures have it too. */
#define PROTO_MH_OLD 62

struct capture {
	uint8_t bytes[FILE_MAX];
	size_t len;
	size_t at;
	size_t link_len; /* bytes before the IPv6 header */
};

/* The folder of captures; NULL when there is none. */
static const char *packets_dir(void)
{
	static char path[4096];
	const char *named = getenv("MIP6D_PACKETS");
	const char *top = getenv("top_srcdir");
	struct stat st;

	if (named)
		snprintf(path, sizeof(path), "%s", named);
	else
		snprintf(path, sizeof(path), "%s/../shared/packets", top ? top : ".");
	return stat(path, &st) == 0 && S_ISDIR(st.st_mode) ? path : NULL;
}

static size_t load_file(const char *name, uint8_t *out, size_t size)
{
	char path[8192];
	size_t len;
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", packets_dir(), name);
	f = fopen(path, "rb");
	assert_non_null(f);
	len = fread(out, 1, size, f);
	fclose(f);
	return len;
}

/* These captures are little-endian. */
static uint32_t le32(const uint8_t *p)
{
	return p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

static void open_capture(struct capture *c, const char *name)
{
	c->len = load_file(name, c->bytes, sizeof(c->bytes));
	assert_true(c->len > PCAP_HEADER_LEN);
	assert_int_equal(le32(c->bytes), 0xa1b2c3d4);
	c->at = PCAP_HEADER_LEN;
	switch (le32(c->bytes + 20) & 0xffff) {
	case 1: /* Ethernet */
		c->link_len = 14;
		break;
	case 8: /* SLIP */
		c->link_len = 16;
		break;
	case 229: /* IPv6 */
		c->link_len = 0;
		break;
	default:
		fail_msg("unknown link type in %s", name);
	}
}

/* The next packet from its IPv6 header on, in a buffer of exactly its size that
 * the caller frees; NULL at the end. A packet cut off by the end of the file counts. */
static uint8_t *next_packet(struct capture *c, size_t *len)
{
	uint8_t *packet;

	if (c->len - c->at <= PACKET_HEADER_LEN + c->link_len)
		return NULL;
	*len = le32(c->bytes + c->at + 8);
	c->at += PACKET_HEADER_LEN;
	if (*len > c->len - c->at)
		*len = c->len - c->at;
	assert_true(*len >= c->link_len);
	*len -= c->link_len;
	packet = malloc(*len ? *len : 1);
	assert_non_null(packet);
	memcpy(packet, c->bytes + c->at + c->link_len, *len);
	c->at += c->link_len + *len;
	return packet;
}

struct text {
	char chars[1024];
	size_t len;
};

__attribute__((format(printf, 2, 3))) static void say(struct text *t, const char *fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(t->chars + t->len, sizeof(t->chars) - t->len, fmt, ap);
	va_end(ap);
	assert_true(n >= 0 && (size_t)n < sizeof(t->chars) - t->len);
	t->len += (size_t)n;
}

static void say_addr(struct text *t, const char *fmt, const struct in6_addr *a)
{
	char addr[INET6_ADDRSTRLEN];

	inet_ntop(AF_INET6, a, addr, sizeof(addr));
	say(t, "%s%s", fmt, addr);
}

static void say_halves(struct text *t, const char *label, const uint8_t bytes[8])
{
	say(t, " %s=%02x%02x%02x%02x:%02x%02x%02x%02x", label, bytes[0], bytes[1], bytes[2],
	    bytes[3], bytes[4], bytes[5], bytes[6], bytes[7]);
}

/* The options as the other program prints them. */
static void say_options(struct text *t, const struct mh_msg *msg, const uint8_t *mh, size_t len,
			size_t first)
{
	const struct mh_options *o = &msg->opts;
	struct mhopt_iter it;
	struct mhopt opt;

	mhopt_iter_init(&it, mh, len, first);
	while (mhopt_next(&it, &opt)) {
		switch (opt.type) {
		case MHOPT_PAD1:
			say(t, "(pad1)");
			break;
		case MHOPT_PADN:
			say(t, "(padn)");
			break;
		case MHOPT_REFRESH_ADVICE:
			assert_true(mh_has(o, MH_HAS_REFRESH));
			say(t, "(refresh: %" PRIu32 ")", o->refresh_s);
			break;
		case MHOPT_ALT_COA:
			assert_true(mh_has(o, MH_HAS_ALT_COA));
			say_addr(t, "(alt-CoA: ", &o->alt_coa);
			say(t, ")");
			break;
		case MHOPT_NONCE_INDICES:
			assert_true(mh_has(o, MH_HAS_NONCES));
			say(t, "(ni: ho=0x%04x co=0x%04x)", o->home_nonce, o->careof_nonce);
			break;
		case MHOPT_AUTH_DATA:
			assert_true(mh_has(o, MH_HAS_AUTH_DATA));
			say(t, "(auth)");
			break;
		default:
			say(t, "(type-0x%02x: len=%u)", opt.type, opt.len);
			break;
		}
	}
	assert_false(it.bad);
}

static void say_test(struct text *t, const char *name, const char *which,
		     const struct mh_test *test)
{
	char label[40];

	say(t, "%s nonce id=0x%x", name, test->nonce_index);
	snprintf(label, sizeof(label), "%s Init Cookie", which);
	say_halves(t, label, test->cookie);
	snprintf(label, sizeof(label), "%s Keygen Token", which);
	say_halves(t, label, test->token);
}

static void say_message(struct text *t, const struct mh_msg *msg)
{
	struct mh_flags_buf flags;

	switch (msg->type) {
	case MH_BRR:
		say(t, "BRR");
		break;
	case MH_HOTI:
		say(t, "HoTI");
		say_halves(t, "Home Init Cookie", msg->hoti.cookie);
		break;
	case MH_COTI:
		say(t, "CoTI");
		say_halves(t, "Care-of Init Cookie", msg->coti.cookie);
		break;
	case MH_HOT:
		say_test(t, "HoT", "Home", &msg->hot);
		break;
	case MH_COT:
		say_test(t, "CoT", "Care-of", &msg->cot);
		break;
	case MH_BU:
		say(t, "BU seq#=%u %s lifetime=%" PRIu32, msg->bu.seq,
		    mh_bu_flags_text(msg->bu.flags, &flags), msg->bu.lifetime_s);
		break;
	case MH_BA:
		say(t, "BA status=%u seq#=%u lifetime=%" PRIu32, msg->ba.status, msg->ba.seq,
		    msg->ba.lifetime_s);
		break;
	case MH_BE:
		say(t, "BE status=%u", msg->be.status);
		say_addr(t, " homeaddr ", &msg->be.home);
		break;
	}
}

/* What the line of the other program says of the message. */
static void check_line(const char *line, const struct text *t)
{
	const char *want = strstr(line, "mobility: ");

	assert_non_null(want);
	want += strlen("mobility: ");
	if (strlen(want) != t->len || memcmp(want, t->chars, t->len) != 0)
		fail_msg("they read \"%s\", we read \"%s\"", want, t->chars);
}

/* RFC 6275 section 6.1: sixteen messages, every type, with options. */
static void test_valid(void **state)
{
	static const size_t fixed[] = { 8, 16, 16, 24, 24, 12, 12, 24 };
	static uint8_t lines[FILE_MAX];
	static struct capture c;
	struct wire_error err;
	struct ext_packet p;
	struct mh_msg msg;
	uint8_t *packet;
	size_t count = 0;
	char *line;
	char *rest;
	size_t len;

	(void)state;
	if (!packets_dir())
		skip();
	len = load_file("ipv6_mobility_1-v.out", lines, sizeof(lines) - 1);
	lines[len] = '\0';
	line = strtok_r((char *)lines, "\n", &rest);
	open_capture(&c, "ipv6_mobility_1.pcap");
	while ((packet = next_packet(&c, &len)) != NULL) {
		struct text t = { .len = 0 };
		const uint8_t *mh;

		assert_non_null(line);
		assert_int_equal(ext_parse_packet(packet, len, &p, &err), WIRE_OK);
		assert_int_equal(p.upper_proto, WIRE_PROTO_MH);
		mh = packet + p.upper_at;
		len -= p.upper_at;
		assert_int_equal(mh_decode(mh, len, &msg, &err), WIRE_OK);
		say_message(&t, &msg);
		say_options(&t, &msg, mh, len, fixed[msg.type]);
		check_line(line, &t);
		/* These have padding behind the authenticator, which is for the
		 * receiver of an update to refuse (RFC 6275 section 9.5.1). */
		assert_int_equal(msg.opts.auth_not_last, strstr(t.chars, "(auth)(padn)") != NULL);
		free(packet);
		line = strtok_r(NULL, "\n", &rest);
		count++;
	}
	assert_null(line);
	assert_int_equal(count, 16);
}

/* True when a packet would be taken for a message of ours. */
static bool is_accepted(const uint8_t *packet, size_t len)
{
	struct nd_packet how = { .hop_limit = ND_HOP_LIMIT };
	struct icmp6_msg icmp6;
	struct wire_error err;
	struct ext_packet p;
	struct mh_msg mh;
	struct nd_msg nd;

	if (ext_parse_packet(packet, len, &p, &err) != WIRE_OK)
		return false;
	packet += p.upper_at;
	len -= p.upper_at;
	how.src = p.src;
	how.dst = p.dst;
	switch (p.upper_proto) {
	case WIRE_PROTO_MH:
	case PROTO_MH_OLD:
		return mh_decode(packet, len, &mh, &err) == WIRE_OK;
	case WIRE_PROTO_ICMPV6:
		return icmp6_decode(packet, len, &icmp6, &err) == WIRE_OK ||
		       nd_decode(packet, len, &how, &nd, &err) == WIRE_OK;
	}
	return false;
}

/* RFC 6275 sections 6.2.1 and 9.2: lengths that run past the message. */
static void test_malformed(void **state)
{
	static struct capture c;
	const char *name = *state;
	uint8_t *packet;
	size_t count = 0;
	size_t len;

	if (!packets_dir())
		skip();
	open_capture(&c, name);
	while ((packet = next_packet(&c, &len)) != NULL) {
		assert_false(is_accepted(packet, len));
		free(packet);
		count++;
	}
	assert_true(count > 0);
}

#define MALFORMED(file)                                                                            \
	{                                                                                          \
		.name = "refused: " file, .test_func = test_malformed,                             \
		.initial_state = (void *)(uintptr_t)(file),                                        \
	}

int main(void)
{
	const struct CMUnitTest tests[] = {
		{ .name = "as another program reads them (RFC 6275 6.1)", .test_func = test_valid },
		MALFORMED("cve2015-0261-ipv6.pcap"),
		MALFORMED("icmp6_mobileprefix_asan.pcap"),
		MALFORMED("ipv6-mobility-header-oobr.pcap"),
		MALFORMED("ipv6-rthdr-oobr.pcap"),
		MALFORMED("mobility_opt_asan.pcap"),
		MALFORMED("mobility_opt_asan_2.pcap"),
		MALFORMED("mobility_opt_asan_3.pcap"),
		MALFORMED("mobility_opt_asan_4.pcap"),
		MALFORMED("mobility_opt_asan_5.pcap"),
		MALFORMED("mobility_opt_asan_6.pcap"),
		MALFORMED("mobility_opt_asan_7.pcap"),
		MALFORMED("mobility_opt_asan_8.pcap"),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
