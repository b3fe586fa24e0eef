// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Names of message types, status values and flags, for logs and the console.
 * The texts are those of RFC 6275 sections 6.1 and the RFCs named in numbers.h.
 */
#include "wire/icmp6.h"
#include "wire/mh.h"
#include "wire/nd.h"
#include "wire/numbers.h"

struct name {
	unsigned int value;
	const char *text;
};

#define NAME_COUNT(table) (sizeof(table) / sizeof((table)[0]))

static const char *find_name(const struct name *names, size_t count, unsigned int value)
{
	size_t i;

	for (i = 0; i < count; i++) {
		if (names[i].value == value)
			return names[i].text;
	}
	return "unknown";
}

#define X(name, value, text) { (value), (text) },
static const struct name mh_types[] = { MH_TYPES(X) };
static const struct name ba_statuses[] = { MH_BA_STATUSES(X) };
#undef X

static const struct name be_statuses[] = {
	{ MH_BE_UNKNOWN_BINDING, "Unknown binding for Home Address destination option" },
	{ MH_BE_UNKNOWN_TYPE, "Unrecognized MH Type value" },
};

static const struct name icmp6_types[] = {
	{ ICMP6_MSG_UNREACHABLE, "Destination Unreachable" },
	{ ICMP6_MSG_TOO_BIG, "Packet Too Big" },
	{ ICMP6_MSG_TIME_EXCEEDED, "Time Exceeded" },
	{ ICMP6_MSG_PARAM_PROBLEM, "Parameter Problem" },
	{ ICMP6_MSG_DHAAD_REQUEST, "Home Agent Address Discovery Request" },
	{ ICMP6_MSG_DHAAD_REPLY, "Home Agent Address Discovery Reply" },
	{ ICMP6_MSG_MPS, "Mobile Prefix Solicitation" },
	{ ICMP6_MSG_MPA, "Mobile Prefix Advertisement" },
};

static const struct name nd_types[] = {
	{ ND_RS, "Router Solicitation" },
	{ ND_RA, "Router Advertisement" },
	{ ND_NS, "Neighbor Solicitation" },
	{ ND_NA, "Neighbor Advertisement" },
};

const char *mh_type_name(unsigned int type)
{
	return find_name(mh_types, NAME_COUNT(mh_types), type);
}

const char *mh_ba_status_name(uint8_t status)
{
	return find_name(ba_statuses, NAME_COUNT(ba_statuses), status);
}

const char *mh_be_status_name(uint8_t status)
{
	return find_name(be_statuses, NAME_COUNT(be_statuses), status);
}

const char *icmp6_type_name(unsigned int type)
{
	return find_name(icmp6_types, NAME_COUNT(icmp6_types), type);
}

const char *nd_type_name(unsigned int type)
{
	return find_name(nd_types, NAME_COUNT(nd_types), type);
}

/* `letters` belong to the bits from the highest of `width` bits down. */
static const char *flags_text(unsigned int flags, unsigned int width, const char *letters,
			      struct mh_flags_buf *buf)
{
	unsigned int bit = 1u << (width - 1);
	char *at = buf->text;

	for (; *letters; letters++, bit >>= 1) {
		if (flags & bit)
			*at++ = *letters;
	}
	if (at == buf->text)
		*at++ = '-';
	*at = '\0';
	return buf->text;
}

const char *mh_bu_flags_text(uint16_t flags, struct mh_flags_buf *buf)
{
	return flags_text(flags, 16, "AHLKMRPFTO", buf);
}

const char *mh_ba_flags_text(uint8_t flags, struct mh_flags_buf *buf)
{
	return flags_text(flags, 8, "KRPT", buf);
}
