// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Packets that came out of the shared tunnel and that no filter lets pass: the home agent
 * wants to know of them, because they may come from a node whose binding it has lost.
 *
 * The filter that drops them (filter.c) gets two actions before the drop: one lets a
 * bounded number a second go on, the next makes a sample of the inner header (sample.c). So
 * packets of nodes that are registered cost nothing more, and a flood of others costs this
 * process no more than the bound. A kernel without these actions drops in silence, as
 * before. Called by linux.h's users of links, and by the port.
 */
#include "os/linux.h"

#include <errno.h>
#include <net/if.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "core/mip6.h"

/* The device whose strays are told, one at a time: there is one shared tunnel. */
struct strays {
	char name[IFNAMSIZ]; /* "": nobody wants to know */
	uint32_t per_s;
};

int strays_init(struct os *os)
{
	os->strays = calloc(1, sizeof(*os->strays));
	return os->strays ? 0 : -ENOMEM;
}

void strays_free(struct os *os)
{
	free(os->strays);
	os->strays = NULL;
}

uint32_t stray_rate(const struct os *os)
{
	return samples_wanted(os, SAMPLE_STRAYS) ? os->strays->per_s : 0;
}

void stray_hear(struct os *os, const struct sample *s)
{
	struct kstray_event e = { .outer_src = s->outer_src, .outer_dst = s->outer_dst };

	memcpy(&e.inner_src, s->data + 8, sizeof(e.inner_src));
	memcpy(&e.inner_dst, s->data + 24, sizeof(e.inner_dst));
	mip6_on_stray(os->kernel.mip6, &e);
}

static int put_drop(struct os *os, uint32_t ifindex, uint32_t per_s)
{
	uint8_t buf[1024] __attribute__((aligned(8)));
	struct nl_msg m;

	memset(buf, 0, sizeof(buf));
	nl_msg_init(&m, buf, sizeof(buf));
	filter_encode_drop(&m, ifindex, per_s);
	return nl_transact(&os->ask_route, &m, NULL, NULL);
}

static int begin(struct os *os, uint32_t ifindex)
{
	struct strays *s = os->strays;
	int err = put_drop(os, ifindex, s->per_s);

	if (!err)
		err = samples_want(os, SAMPLE_STRAYS, true);
	if (err)
		log_notice(LOG_KERNEL,
			   "who sends through %s without a binding is not told of it: the kernel "
			   "cannot sample what it drops there (act_police, act_sample): %s",
			   s->name, strerror(-err));
	return err;
}

int stray_watch(struct kernel *k, const char *name, uint32_t per_s)
{
	struct os *os = os_of(k);
	struct strays *s = os->strays;
	uint32_t ifindex = if_nametoindex(name);

	if (strlen(name) >= sizeof(s->name))
		return -EINVAL;
	if (!per_s) {
		if (stray_rate(os) && ifindex)
			(void)put_drop(os, ifindex, 0);
		(void)samples_want(os, SAMPLE_STRAYS, false);
		s->name[0] = '\0';
		return 0;
	}
	strcpy(s->name, name);
	s->per_s = per_s;
	/* The device may not exist yet, or not be ours yet; stray_link() hears when it is. */
	return ifindex && link_of(os, ifindex) ? begin(os, ifindex) : 0;
}

void stray_link(struct os *os, const struct klink *l)
{
	const struct strays *s = os->strays;

	/* From then on filter_prepare() does it for each new device. */
	if (s && s->name[0] && !stray_rate(os) && !l->gone && strcmp(l->name, s->name) == 0)
		(void)begin(os, l->ifindex);
}
