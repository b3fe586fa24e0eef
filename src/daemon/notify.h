// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Talking to the service manager, sd_notify(3): datagrams to the socket that it
 * names in the environment. Where there is none, nothing happens.
 */
#ifndef DAEMON_NOTIFY_H
#define DAEMON_NOTIFY_H

#include <stdbool.h>
#include <stdint.h>

/* True when a service manager listens. */
bool notify_is_wanted(void);
/* Sends lines such as "READY=1\nSTATUS=..."; what cannot be sent is lost. */
void notify_send(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
/* A new configuration is being read; "READY=1" ends it. */
void notify_reloading(void);
/* How often the manager wants to hear "WATCHDOG=1", in microseconds, halved for
 * safety; 0: never. */
uint64_t notify_watchdog_us(void);

#endif
