// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Per-interface IPv6 settings: net.ipv6.conf.DEV.NAME and net.ipv6.neigh.DEV.NAME.
 *
 * Before a setting is changed for the first time, its former value goes into a
 * file under /run, and only then is it changed. Deleting the object writes the
 * former value back, unless somebody else has changed the setting meanwhile; what is found
 * when we change it once more is the former value from then on (the kernel itself sets
 * some anew, with the device). A setting goes with its device, also to another name. A
 * daemon that was killed leaves the file; its successor reads it, so that
 * scan() lists those settings and they can be put back, or taken over, as if
 * this process had made them. The file is replaced as a whole (written aside, then
 * renamed), one line for each setting:
 *
 *	DEVICE NAME FORMER OURS
 *
 * After a reboot /run is empty and the settings are the system's own again. One setting has
 * no file in /proc but is asked for by netlink (policy.c).
 */
#include "os/linux.h"

#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"

struct setting {
	LIST_ENTRY(setting) entry;
	char dev[IFNAMSIZ];
	enum ksysctl name;
	int32_t former;
	int32_t ours;
};

struct sysctls {
	LIST_HEAD(, setting) settings;
	char *path; /* of the file */
	char *path_new;
};

/* --- /proc/sys -------------------------------------------------------------- */

/* A name that stays in its directory: "all", "default", or a device. */
static bool device_ok(const char *dev)
{
	return dev[0] && strcmp(dev, ".") != 0 && strcmp(dev, "..") != 0 && !strchr(dev, '/');
}

static int open_setting(const char *dev, enum ksysctl name, int flags)
{
	char path[128];
	int fd;

	if (!device_ok(dev))
		return -EINVAL;
	snprintf(path, sizeof(path), "/proc/sys/net/ipv6/%s/%s/%s",
		 ksysctl_is_neigh(name) ? "neigh" : "conf", dev, ksysctl_name(name));
	fd = open(path, flags | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	return fd;
}

static int read_setting(struct os *os, const char *dev, enum ksysctl name, int32_t *value)
{
	char text[32];
	char *end;
	long v;
	ssize_t n;
	int fd;

	if (name == KSYSCTL_POLICY_HASH_LOCAL)
		return policy_hash_read(os, value);
	fd = open_setting(dev, name, O_RDONLY);
	if (fd < 0)
		return fd;
	n = read(fd, text, sizeof(text) - 1);
	close(fd);
	if (n <= 0)
		return n ? -EIO : -ENODATA;
	text[n] = '\0';
	v = strtol(text, &end, 10);
	if (end == text || v < INT32_MIN || v > INT32_MAX)
		return -EINVAL;
	*value = (int32_t)v;
	return 0;
}

int sysctl_write(struct os *os, const char *dev, enum ksysctl name, int32_t value)
{
	char text[16];
	int len = snprintf(text, sizeof(text), "%d\n", value);
	int err = 0;
	int fd;

	if (name == KSYSCTL_POLICY_HASH_LOCAL)
		return policy_hash_write(os, value);
	fd = open_setting(dev, name, O_WRONLY);
	if (fd < 0)
		return fd;
	if (write(fd, text, (size_t)len) < 0)
		err = -errno;
	close(fd);
	return err;
}

/* --- the file ------------------------------------------------------------------- */

static int save(const struct sysctls *all)
{
	const struct setting *s;
	FILE *f;
	int err = 0;

	if (!all->path)
		return 0;
	if (LIST_EMPTY(&all->settings))
		return unlink(all->path) < 0 && errno != ENOENT ? -errno : 0;
	f = fopen(all->path_new, "we");
	if (!f)
		return -errno;
	LIST_FOREACH (s, &all->settings, entry)
		fprintf(f, "%s %s %d %d\n", s->dev, ksysctl_name(s->name), s->former, s->ours);
	if (ferror(f))
		err = -EIO;
	if (fclose(f) && !err)
		err = -errno;
	if (!err && rename(all->path_new, all->path) < 0)
		err = -errno;
	return err;
}

static bool name_of(const char *text, enum ksysctl *out)
{
	int i;

	for (i = 0; i < KSYSCTL_COUNT; i++)
		if (strcmp(ksysctl_name((enum ksysctl)i), text) == 0) {
			*out = (enum ksysctl)i;
			return true;
		}
	return false;
}

static struct setting *add_setting(struct sysctls *all, const char *dev, enum ksysctl name)
{
	struct setting *s = calloc(1, sizeof(*s));

	if (!s)
		return NULL;
	memcpy(s->dev, dev, strnlen(dev, sizeof(s->dev) - 1));
	s->name = name;
	LIST_INSERT_HEAD(&all->settings, s, entry);
	return s;
}

static void load(struct sysctls *all)
{
	FILE *f = all->path ? fopen(all->path, "re") : NULL;
	char line[128];

	if (!f)
		return;
	while (fgets(line, sizeof(line), f)) {
		char dev[IFNAMSIZ];
		char word[64];
		enum ksysctl name;
		struct setting *s;
		int32_t former;
		int32_t ours;

		if (sscanf(line, "%15s %63s %d %d", dev, word, &former, &ours) != 4 ||
		    !device_ok(dev) || !name_of(word, &name)) {
			log_warning(LOG_KERNEL, "%s: passing over a strange line", all->path);
			continue;
		}
		s = add_setting(all, dev, name);
		if (s) {
			s->former = former;
			s->ours = ours;
		}
	}
	fclose(f);
}

static char *join_path(const char *dir, const char *name)
{
	size_t size = strlen(dir) + strlen(name) + 2;
	char *path = malloc(size);

	if (path)
		snprintf(path, size, "%s/%s", dir, name);
	return path;
}

int sysctls_init(struct os *os, const char *run_dir)
{
	struct sysctls *all = calloc(1, sizeof(*all));

	if (!all)
		return -ENOMEM;
	os->sysctls = all;
	LIST_INIT(&all->settings);
	if (run_dir) {
		all->path = join_path(run_dir, "sysctl");
		all->path_new = join_path(run_dir, "sysctl.new");
		if (!all->path || !all->path_new)
			return -ENOMEM;
	}
	load(all);
	return 0;
}

void sysctls_free(struct os *os)
{
	struct setting *s;

	if (!os->sysctls)
		return;
	while ((s = LIST_FIRST(&os->sysctls->settings))) {
		LIST_REMOVE(s, entry);
		free(s);
	}
	free(os->sysctls->path);
	free(os->sysctls->path_new);
	free(os->sysctls);
	os->sysctls = NULL;
}

/* --- changes ---------------------------------------------------------------------- */

static struct setting *find_setting(struct sysctls *all, const char *dev, enum ksysctl name)
{
	struct setting *s;

	LIST_FOREACH (s, &all->settings, entry)
		if (s->name == name && strcmp(s->dev, dev) == 0)
			return s;
	return NULL;
}

static int put_setting(struct os *os, const char *dev, enum ksysctl name, int32_t value)
{
	struct sysctls *all = os->sysctls;
	struct setting *s = find_setting(all, dev, name);
	bool new = !s;
	int32_t before;
	int err = read_setting(os, dev, name, &before);

	if (err)
		return err;
	if (new) {
		s = add_setting(all, dev, name);
		if (!s)
			return -ENOMEM;
		s->former = before;
	} else if (before != s->ours && before != value) {
		s->former = before;
	}
	s->ours = value;
	/* Remembered first: a crash in between restores what was not changed. */
	err = save(all);
	if (err)
		log_warning(LOG_KERNEL, "cannot remember %s of %s in %s: %s", ksysctl_name(name),
			    dev, all->path, strerror(-err));
	err = before == value ? 0 : sysctl_write(os, dev, name, value);
	if (err && new) {
		LIST_REMOVE(s, entry);
		free(s);
		(void)save(all);
	} else if (!err && read_setting(os, dev, name, &before) == 0 && before != value) {
		s->ours = before; /* times are rounded to the kernel's ticks */
		(void)save(all);
	}
	return err;
}

static int restore_setting(struct os *os, struct setting *s)
{
	int32_t now;
	int err = read_setting(os, s->dev, s->name, &now);

	if (!err && now == s->ours && now != s->former)
		err = sysctl_write(os, s->dev, s->name, s->former);
	else if (!err && now != s->ours)
		log_notice(LOG_KERNEL, "%s of %s was changed by somebody else; it stays at %d",
			   ksysctl_name(s->name), s->dev, now);
	if (err == -ENOENT) /* the device is gone, and its settings with it */
		err = 0;
	if (err)
		return err;
	LIST_REMOVE(s, entry);
	free(s);
	return save(os->sysctls);
}

/* Without it all works, only slower. */
static int forgive(enum ksysctl name, int err)
{
	if (!err || name != KSYSCTL_POLICY_HASH_LOCAL)
		return err;
	log_notice(LOG_KERNEL, "how policies of IPsec are found cannot be changed: %s",
		   strerror(-err));
	return 0;
}

int sysctl_change(struct os *os, const struct kchange *c)
{
	const struct kobj_sysctl *o = &c->obj.sysctl;
	char dev[IFNAMSIZ] = "";
	struct setting *s;

	if (o->name >= KSYSCTL_COUNT)
		return -EINVAL;
	/* The device may be one that this turn makes. */
	apply_flush(os, &os->route);
	if (o->dev.ifindex) {
		if (!if_indextoname(o->dev.ifindex, dev))
			return c->op == KCHANGE_DELETE ? 0 : -ENODEV;
	} else {
		memcpy(dev, o->dev.name, strnlen(o->dev.name, sizeof(dev) - 1));
	}
	if (c->op != KCHANGE_DELETE)
		return forgive(o->name, put_setting(os, dev, o->name, o->value));
	s = find_setting(os->sysctls, dev, o->name);
	return s ? forgive(o->name, restore_setting(os, s)) : 0;
}

void sysctl_rename_device(struct os *os, const char *from, const char *to)
{
	struct setting *s;

	LIST_FOREACH (s, &os->sysctls->settings, entry) {
		if (strcmp(s->dev, from) == 0)
			snprintf(s->dev, sizeof(s->dev), "%s", to);
	}
	(void)save(os->sysctls);
}

void sysctl_forget_device(struct os *os, const char *dev)
{
	struct setting *s, *next;

	for (s = LIST_FIRST(&os->sysctls->settings); s; s = next) {
		next = LIST_NEXT(s, entry);
		if (strcmp(s->dev, dev) != 0)
			continue;
		LIST_REMOVE(s, entry);
		free(s);
	}
	(void)save(os->sysctls);
}

/* The index of a device that roles know by it; 0 for ours and for the pseudo devices. The
 * kernel is not asked for those: it would look for a module of that name. */
static uint32_t index_of(const char *dev)
{
	if (strncmp(dev, OS_DEVICE_PREFIX, strlen(OS_DEVICE_PREFIX)) == 0 ||
	    strcmp(dev, "all") == 0 || strcmp(dev, "default") == 0)
		return 0;
	return if_nametoindex(dev);
}

int sysctl_scan(struct os *os, int (*fn)(const struct kobj *o, void *ctx), void *ctx)
{
	const struct setting *s;
	int err = 0;

	LIST_FOREACH (s, &os->sysctls->settings, entry) {
		struct kobj o = { .type = KOBJ_SYSCTL };

		o.sysctl.name = s->name;
		o.sysctl.value = s->ours;
		o.sysctl.dev.ifindex = index_of(s->dev);
		if (!o.sysctl.dev.ifindex)
			memcpy(o.sysctl.dev.name, s->dev, sizeof(o.sysctl.dev.name));
		err = fn(&o, ctx);
		if (err)
			break;
	}
	return err;
}
