// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * boot: the first program of a guest in qemu, the only one in its initial RAM disk.
 *
 * It loads the modules it finds in /modules, in the order of their names (qemu.py put
 * them there in the order in which they need each other), mounts the host's files,
 * which qemu offers under the tag "root", makes them the root and becomes the program that
 * the kernel's command line names as lab_init: guest.py. Linked statically, because there is no
 * library around it yet.
 */
#include "config.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define ROOT_OPTIONS "trans=virtio,version=9p2000.L,msize=512000,cache=loose"

static void die(const char *what)
{
	fprintf(stderr, "boot: %s: %s\n", what, strerror(errno));
	fflush(stderr);
	reboot(RB_POWER_OFF);
	for (;;)
		pause();
}

static void load_module(const char *name)
{
	char path[300];
	int fd;

	snprintf(path, sizeof(path), "/modules/%s", name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || (syscall(SYS_finit_module, fd, "", 0) && errno != EEXIST))
		die(path);
	close(fd);
}

static void load_modules(void)
{
	struct dirent **names;
	int i, n = scandir("/modules", &names, NULL, alphasort);

	if (n < 0)
		die("/modules");
	for (i = 0; i < n; i++)
		if (names[i]->d_name[0] != '.')
			load_module(names[i]->d_name);
}

int main(void)
{
	char *program = getenv("lab_init");
	char *argv[] = {program, NULL};

	load_modules();
	mkdir("/new", 0755);
	if (mount("root", "/new", "9p", MS_RDONLY, ROOT_OPTIONS))
		die("cannot mount the host's files");
	if (chdir("/new") || mount(".", "/", NULL, MS_MOVE, NULL) || chroot(".") || chdir("/"))
		die("cannot change the root");
	if (!program)
		die("lab_init");
	unsetenv("lab_init");
	execv(program, argv);
	die(program);
	return 1;
}
