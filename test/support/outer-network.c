/*
 * A machine with a way out, to see whether anything takes it: a network namespace whose default route is one end of a
 * cable (out0) that nobody answers on. Runs the command in it; what left is counted in /proc/net/dev.
 *
 *   outer-network <command...>
 */
#include "loop-isolate.h"
#include "netlink.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <string.h>
#include <unistd.h>

static void must(bool done, const char *what)
{
	if (!done)
		fail("outer-network", what);
}

/* Neighbour discovery would count as packets. */
static void switch_ipv6_off(void)
{
	int fd = open("/proc/sys/net/ipv6/conf/default/disable_ipv6", O_WRONLY | O_CLOEXEC);

	if (fd >= 0)
		must(write(fd, "1", 1) == 1, "disable_ipv6");
}

int main(int count, char **arguments)
{
	uid_t uid = geteuid();
	gid_t gid = getegid();

	report_fd = STDERR_FILENO;
	must(count > 1, "usage");
	must(unshare(CLONE_NEWUSER | CLONE_NEWNET) == 0, "unshare");
	must(map_identity(getpid(), uid, gid), "id maps");
	switch_ipv6_off();
	int netlink = open_netlink();
	must(add_cable(netlink, "out0", "out1", open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC)), "cable");
	must(set_link_up(netlink, "lo") && set_link_up(netlink, "out0") && set_link_up(netlink, "out1"), "links");
	must(add_address(netlink, "out0", "198.51.100.1", 24), "address");
	must(add_route(netlink, (struct route){ .to = "0.0.0.0", .device = "out0" }), "default route");
	execv(arguments[1], arguments + 1);
	fail("exec", arguments[1]);
}
