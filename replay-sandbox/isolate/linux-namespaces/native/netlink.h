#ifndef LOOP_NETLINK_H
#define LOOP_NETLINK_H

#include <stdbool.h>

/*
 * A route. `to` is always given ("0.0.0.0" or "::" with prefix 0: everything); it decides the address family.
 * All functions return false with errno set when the kernel refuses.
 */
struct route {
	const char *to, *via, *device, *from;
	unsigned char prefix;
	bool local_table, local;
};

int open_netlink(void);
bool add_cable(int netlink, const char *name, const char *peer, int peer_namespace);
bool set_link_up(int netlink, const char *name);
bool add_address(int netlink, const char *device, const char *address, unsigned char prefix);
bool add_route(int netlink, struct route route);

#endif
