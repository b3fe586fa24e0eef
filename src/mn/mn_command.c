// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What the console can tell the mobile node to do: look for a better place, prefer an
 * interface, stay where it is. Called through the role's table.
 */
#include <errno.h>
#include <string.h>

#include "core/show.h"
#include "mn/attach.h"
#include "mn/mn_show.h"

static int rebind(struct mip6 *m, struct show *out, int argc, const char *const *argv)
{
	(void)out;
	(void)argc;
	(void)argv;
	attach_rebind(m);
	return 0;
}

static int prefer(struct mip6 *m, struct show *out, int argc, const char *const *argv)
{
	int err;

	if (argc != 2) {
		show_text(out, "error", "say which: an interface, or none");
		return -EINVAL;
	}
	err = attach_prefer(m, strcmp(argv[1], "none") == 0 ? "" : argv[1]);
	if (err)
		show_format(out, "error", "%s is not in use, see routers and interfaces", argv[1]);
	return err;
}

static int do_pause(struct mip6 *m, struct show *out, int argc, const char *const *argv)
{
	(void)out;
	(void)argc;
	(void)argv;
	attach_pause(m, true);
	return 0;
}

static int do_resume(struct mip6 *m, struct show *out, int argc, const char *const *argv)
{
	(void)out;
	(void)argc;
	(void)argv;
	attach_pause(m, false);
	return 0;
}

const struct role_command mn_commands[] = {
	{ "rebind", "", "solicit routers and choose the interface anew", "rebind", rebind },
	{ "prefer", "INTERFACE | none", "use that interface whenever it can be used",
	  "prefer wlan0", prefer },
	{ "pause", "", "stay at this place, whatever happens, until resume", "pause", do_pause },
	{ "resume", "", "follow movement again", "resume", do_resume },
	{ .word = NULL },
};
