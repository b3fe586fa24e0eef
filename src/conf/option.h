// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The option table: the single source of what the dialect knows. The lexer takes
 * its keywords from it, the checks their types and ranges, the builder defaults
 * and places, --show-config and the comparison of two configurations their
 * order, and a test compares it with mip6d.conf(5).
 */
#ifndef CONF_OPTION_H
#define CONF_OPTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "conf/conf.h"

/* Where an option may stand. */
enum conf_block {
	CONF_BLOCK_TOP,
	CONF_BLOCK_INTERFACE,
	CONF_BLOCK_HOME_LINK,
	CONF_BLOCK_IPSEC_SET,
	CONF_BLOCK_CN_POLICY, /* its lines have no keyword */
};

/* The shape of what follows the keyword, and how it is kept. */
enum conf_type {
	CONF_TYPE_BOOL,		/* bool */
	CONF_TYPE_NUMBER,	/* uint8_t, uint16_t or uint32_t, by size */
	CONF_TYPE_SECONDS,	/* the same, counting seconds */
	CONF_TYPE_DECIMAL,	/* seconds with a fraction; uint64_t microseconds */
	CONF_TYPE_STRING,	/* const char * */
	CONF_TYPE_ENUM,		/* an enum, see words */
	CONF_TYPE_ADDR,		/* struct in6_addr */
	CONF_TYPE_PREFIX,	/* struct prefix */
	CONF_TYPE_ACL_ACTION,	/* uint8_t: allow, deny, NUMBER */
	CONF_TYPE_ADDR_LIST,	/* struct conf_addr, repeatable */
	CONF_TYPE_PREFIX_LIST,	/* struct conf_prefix, repeatable */
	CONF_TYPE_ACL,		/* struct conf_acl, A[/len] [(MNP, ...)] action */
	CONF_TYPE_COA_ACL,	/* struct conf_acl, A/len action */
	CONF_TYPE_HOME_ADDRESS, /* A/len [(MNP, ...)] in MnHomeLink */
	CONF_TYPE_IPSEC_HOA,	/* A/len, repeatable, in IPsecPolicySet */
	CONF_TYPE_RO_POLICY,	/* [A[/len]] BOOL */
	CONF_TYPE_CN_POLICY,	/* A[/len] [A[/len]] BOOL, without keyword */
	CONF_TYPE_IPSEC_POLICY, /* type proto [reqid [reqid]] [BOOL] */
	CONF_TYPE_MODULE,	/* a word or a string, without effect */
	CONF_TYPE_INTERFACE,	/* "if"; or "if" { } */
	CONF_TYPE_NAMED_BLOCK,	/* "if" { } */
	CONF_TYPE_BLOCK,	/* { } */
	CONF_TYPE_INCLUDE,	/* "pattern", the lexer's own */
};

/* What a reload (SIGHUP) does with a changed value. */
enum conf_reload {
	CONF_RELOAD_LIVE,    /* holds at once, also for what exists */
	CONF_RELOAD_NEW,     /* holds for what begins afterwards */
	CONF_RELOAD_RESTART, /* kept as it was until the daemon is restarted */
};

struct conf_word {
	const char *word;
	int value;
};

#define CONF_ROLES_CN  (1u << CONF_ROLE_CN)
#define CONF_ROLES_HA  (1u << CONF_ROLE_HA)
#define CONF_ROLES_MN  (1u << CONF_ROLE_MN)
#define CONF_ROLES_ALL (CONF_ROLES_CN | CONF_ROLES_HA | CONF_ROLES_MN)

struct conf_option {
	const char *name; /* NULL: a line without keyword */
	enum conf_block block;
	enum conf_type type;
	unsigned int roles; /* CONF_ROLES_*: which roles use it */
	enum conf_reload reload;
	const char *default_text;  /* in the dialect; NULL: none (or see default_words) */
	const char *default_words; /* for the manual where the default is no constant */
	uint64_t min;		   /* for numbers; microseconds for decimals */
	uint64_t max;
	const struct conf_word *words; /* of CONF_TYPE_ENUM, ended by NULL */
	size_t offset;		       /* in the struct of its block */
	size_t size;
	bool repeatable;
	bool no_effect;	  /* read for old files' sake, not kept */
	const char *help; /* one line, no full stop */
};

/* All options, in the order of the manual. An option's id is its index. */
extern const struct conf_option conf_options[];
size_t conf_option_count(void);
size_t conf_option_id(const struct conf_option *o);

/* The option of that name in that block, or NULL. */
const struct conf_option *conf_option_find(enum conf_block block, const char *name);
/* True when some block has an option of that name. */
bool conf_option_is_keyword(const char *name);

/* The block that a keyword of the top level opens; CONF_BLOCK_TOP: none. */
enum conf_block conf_block_of(const char *keyword);

/* What stands after the keyword, for people: "BOOL", "NUMBER", "HA | MN | CN". */
const char *conf_option_form(const struct conf_option *o, char *buf, size_t size);
/* "0 to 420", or empty where any number will do. */
const char *conf_option_range(const struct conf_option *o, char *buf, size_t size);
/* Millionths as a decimal: 1500000 is "1.5", 2000000 is "2.0". */
const char *conf_micro_text(uint64_t micro, char *buf, size_t size);
/* The line by which the manual names type, default, roles and reload. */
const char *conf_option_facts(const struct conf_option *o, char *buf, size_t size);
const char *conf_block_name(enum conf_block b);	  /* "Interface"; "top level" */
const char *conf_reload_name(enum conf_reload r); /* "live" "new" "restart" */

/* Stores the default of a scalar option in the struct of its block. False: it
 * has no constant default. */
bool conf_option_store_default(const struct conf_option *o, void *base);

/* Where the option was written at the top level; line 0: it was not. */
const struct conf_loc *conf_option_written(const struct conf *c, const char *name);

extern const struct conf_word conf_ipsec_words[];

/* A word that other branches of UMIP know and this program does not, and why;
 * NULL for all others. */
const char *conf_option_foreign(const char *name);

#endif
