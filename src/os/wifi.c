// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The name (SSID) of the Wi-Fi network that an interface is connected to: a
 * change of it is a change of link, also when the carrier stayed. Asked when the
 * kernel says that something about the interface changed; by the ioctl of the
 * wireless extensions, which cfg80211 answers as well.
 */
#include "os/linux.h"

#include <linux/wireless.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#define SSID_MAX 32

void wifi_ssid(const char *name, char ssid[33])
{
	char text[SSID_MAX + 1] = "";
	struct iwreq req;
	int fd;

	ssid[0] = '\0';
	memset(&req, 0, sizeof(req));
	memcpy(req.ifr_name, name, strnlen(name, sizeof(req.ifr_name) - 1));
	fd = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return;
	req.u.essid.pointer = text;
	req.u.essid.length = SSID_MAX;
	if (ioctl(fd, SIOCGIWESSID, &req) == 0 && req.u.essid.length <= SSID_MAX) {
		memcpy(ssid, text, req.u.essid.length);
		ssid[req.u.essid.length] = '\0';
	}
	close(fd);
}
