// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A window into the packet formats for programs in other languages.
 *
 *	wiretool encode
 *		Writes every golden packet as one line of JSON: what the struct
 *		says, and the bytes that the encoder makes of it. Where an end is the
 *		mobile node's home address, the Home Address option's or type 2
 *		routing header's bytes that would carry it come along.
 *	wiretool decode
 *		Reads lines "KIND SRC DST HEX" with KIND mh, icmp6 or nd (hop limit
 *		255), and writes for each one line of JSON: the verdict, the reason,
 *		whether the checksum is right, the message.
 *
 * Used by judge.py, which sets scapy and tshark beside our own view.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "golden/dump.h"
#include "golden/golden.h"

static void print_line(json_t *line)
{
	if (json_dumpf(line, stdout, JSON_COMPACT | JSON_SORT_KEYS) != 0)
		abort();
	putchar('\n');
	json_decref(line);
}

static void put(json_t *object, const char *key, json_t *value)
{
	json_object_set_new(object, key, value);
}

static json_t *packet_json(const char *kind, const char *name, const char *src, const char *dst,
			   const uint8_t *buf, int len)
{
	static const char home_text[] = "2001:db8:1::10";
	struct in6_addr home = golden_addr(home_text);
	uint8_t proto = strcmp(kind, "mh") == 0 ? WIRE_PROTO_MH : WIRE_PROTO_ICMPV6;
	uint8_t ext[EXT_HAO_LEN];
	json_t *o = json_object();

	if (len < 0) {
		fprintf(stderr, "wiretool: %s does not encode: %s\n", name, strerror(-len));
		exit(1);
	}
	put(o, "kind", json_string(kind));
	put(o, "name", json_string(name));
	put(o, "src", json_string(src));
	put(o, "dst", json_string(dst));
	put(o, "hex", dump_bytes(buf, (size_t)len));
	if (strcmp(src, home_text) == 0) {
		ext_encode_hao(proto, &home, ext);
		put(o, "hao", dump_bytes(ext, sizeof(ext)));
	}
	if (strcmp(dst, home_text) == 0) {
		ext_encode_rh2(proto, &home, ext);
		put(o, "rh2", dump_bytes(ext, sizeof(ext)));
	}
	return o;
}

static void encode_all(void)
{
	uint8_t buf[GOLDEN_LEN_MAX];
	size_t i;

	for (i = 0; i < golden_mh_count; i++) {
		const struct golden_mh *g = &golden_mh[i];
		struct in6_addr src = golden_addr(g->src);
		struct in6_addr dst = golden_addr(g->dst);
		int len = mh_encode(&g->msg, &src, &dst, buf, sizeof(buf));
		json_t *o = packet_json("mh", g->name, g->src, g->dst, buf, len);

		put(o, "msg", dump_mh(&g->msg));
		print_line(o);
	}
	for (i = 0; i < golden_icmp6_count; i++) {
		const struct golden_icmp6 *g = &golden_icmp6[i];
		struct in6_addr src = golden_addr(g->src);
		struct in6_addr dst = golden_addr(g->dst);
		int len = icmp6_encode(&g->msg, &src, &dst, buf, sizeof(buf));
		json_t *o = packet_json("icmp6", g->name, g->src, g->dst, buf, len);

		put(o, "msg", dump_icmp6(&g->msg));
		print_line(o);
	}
	for (i = 0; i < golden_nd_count; i++) {
		const struct golden_nd *g = &golden_nd[i];
		struct in6_addr src = golden_addr(g->src);
		struct in6_addr dst = golden_addr(g->dst);
		int len = nd_encode(&g->msg, &src, &dst, buf, sizeof(buf));
		json_t *o = packet_json("nd", g->name, g->src, g->dst, buf, len);

		put(o, "msg", dump_nd(&g->msg));
		print_line(o);
	}
}

static const char *verdict_name(enum wire_verdict verdict)
{
	switch (verdict) {
	case WIRE_OK:
		return "ok";
	case WIRE_MALFORMED:
		return "malformed";
	case WIRE_IGNORE:
		return "ignore";
	}
	return "unknown";
}

static json_t *decode_one(const char *kind, const struct in6_addr *src, const struct in6_addr *dst,
			  const uint8_t *buf, size_t len)
{
	struct nd_packet how = { .src = *src, .dst = *dst, .hop_limit = ND_HOP_LIMIT };
	struct wire_error err = { .reason = WIRE_BAD_NONE };
	enum wire_verdict verdict;
	bool checksum_ok;
	json_t *o = json_object();
	json_t *msg = NULL;

	if (strcmp(kind, "mh") == 0) {
		struct mh_msg mh;

		checksum_ok = mh_checksum_ok(src, dst, buf, len);
		verdict = mh_decode(buf, len, &mh, &err);
		if (verdict == WIRE_OK)
			msg = dump_mh(&mh);
	} else if (strcmp(kind, "icmp6") == 0) {
		struct icmp6_msg icmp6;

		checksum_ok = icmp6_checksum_ok(src, dst, buf, len);
		verdict = icmp6_decode(buf, len, &icmp6, &err);
		if (verdict == WIRE_OK)
			msg = dump_icmp6(&icmp6);
	} else {
		struct nd_msg nd;

		checksum_ok = icmp6_checksum_ok(src, dst, buf, len);
		verdict = nd_decode(buf, len, &how, &nd, &err);
		if (verdict == WIRE_OK)
			msg = dump_nd(&nd);
	}
	put(o, "verdict", json_string(verdict_name(verdict)));
	put(o, "checksum_ok", json_boolean(checksum_ok));
	if (msg)
		put(o, "msg", msg);
	else
		put(o, "reason", json_string(wire_reason_name(err.reason)));
	return o;
}

static int decode_lines(void)
{
	char line[3 * GOLDEN_LEN_MAX];
	uint8_t buf[GOLDEN_LEN_MAX];

	while (fgets(line, sizeof(line), stdin)) {
		char *kind = strtok(line, " \n");
		char *src = strtok(NULL, " \n");
		char *dst = strtok(NULL, " \n");
		char *hex = strtok(NULL, " \n");
		struct in6_addr from;
		struct in6_addr to;

		if (!hex) {
			fprintf(stderr, "wiretool: expected KIND SRC DST HEX\n");
			return 1;
		}
		from = golden_addr(src);
		to = golden_addr(dst);
		print_line(decode_one(kind, &from, &to, buf, golden_bytes(hex, buf, sizeof(buf))));
	}
	return 0;
}

int main(int argc, char **argv)
{
	if (argc == 2 && strcmp(argv[1], "encode") == 0) {
		encode_all();
		return 0;
	}
	if (argc == 2 && strcmp(argv[1], "decode") == 0)
		return decode_lines();
	fprintf(stderr, "usage: wiretool encode | decode\n");
	return 2;
}
