/*
 * Two network namespaces and one cable:
 *
 *   mocks    lo: every address of the world is local (AnyIP), so a listener on a port answers for all of them and sees
 *            which one was dialled; a port nobody listens on is refused by the kernel at once
 *   service  lo of its own, and eth0 with a route to the mocks. There is no other interface: nothing can leave
 *
 * AnyIP has to stand in table `local`: only what is found there is taken as a source address of the answer.
 */
#include "loop-isolate.h"
#include "netlink.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define GATEWAY "169.254.1.1"
#define SERVICE "192.0.2.10"
#define DNS "192.0.2.53"
#define GATEWAY6 "fd00:5bd::1"
#define SERVICE6 "fd00:5bd::2"

static int open_net(void)
{
	int fd = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		fail("open-network", "");
	return fd;
}

static void enter_net(int fd)
{
	if (setns(fd, CLONE_NEWNET) < 0)
		fail("enter-network", "");
}

/* Absent where the kernel is built without the feature: nothing depends on it. */
static void try_sysctl(const char *path, const char *value)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return;
	if (write(fd, value, strlen(value)) < 0)
		errno = 0;
	close(fd);
}

static void must(bool done, const char *what)
{
	if (!done)
		fail("network", what);
}

static void set_up_service_side(int netlink)
{
	must(set_link_up(netlink, "lo"), "service lo");
	must(set_link_up(netlink, "eth0"), "eth0");
	must(add_address(netlink, "eth0", SERVICE, 32), SERVICE);
	must(add_route(netlink, (struct route){ .to = GATEWAY, .prefix = 32, .device = "eth0" }), "route to the mocks");
	must(add_route(netlink, (struct route){ .to = "0.0.0.0", .via = GATEWAY, .device = "eth0", .from = SERVICE }), "default route");
	/* In production the service may well have listened on 80; here it is an ordinary user. */
	try_sysctl("/proc/sys/net/ipv4/ip_unprivileged_port_start", "0");
}

static void set_up_mock_side(int netlink)
{
	must(set_link_up(netlink, "lo"), "mock lo");
	must(set_link_up(netlink, "up0"), "up0");
	must(add_address(netlink, "up0", GATEWAY, 32), GATEWAY);
	must(add_address(netlink, "lo", DNS, 32), DNS);
	/* Before AnyIP: the one address that is not ours is the service's. */
	must(add_route(netlink, (struct route){ .to = SERVICE, .prefix = 32, .device = "up0", .local_table = true }), SERVICE);
	must(add_route(netlink, (struct route){ .to = "0.0.0.0", .device = "lo", .local_table = true, .local = true }), "AnyIP");
}

static bool set_up_service_side6(int netlink)
{
	try_sysctl("/proc/sys/net/ipv6/conf/all/disable_ipv6", "0");
	return add_address(netlink, "eth0", SERVICE6, 64) &&
	       add_route(netlink, (struct route){ .to = "::", .via = GATEWAY6, .device = "eth0" });
}

static bool set_up_mock_side6(int netlink)
{
	try_sysctl("/proc/sys/net/ipv6/conf/all/disable_ipv6", "0");
	return add_address(netlink, "up0", GATEWAY6, 64) &&
	       add_route(netlink, (struct route){ .to = SERVICE6, .prefix = 128, .device = "up0", .local_table = true }) &&
	       add_route(netlink, (struct route){ .to = "::", .device = "lo", .local_table = true, .local = true });
}

/* Leaves the caller in the mocks' namespace, and the service's in SERVICE_NET_FD. */
void set_up_network(void)
{
	int mocks = open_net();
	int mock_netlink = open_netlink();

	if (unshare(CLONE_NEWNET) < 0)
		fail("network-namespace", "");
	int service = open_net();
	int service_netlink = open_netlink();
	must(add_cable(service_netlink, "eth0", "up0", mocks), "veth");
	set_up_service_side(service_netlink);
	bool has_ipv6 = set_up_service_side6(service_netlink);
	int error = errno;

	enter_net(mocks);
	set_up_mock_side(mock_netlink);
	if (has_ipv6) {
		has_ipv6 = set_up_mock_side6(mock_netlink);
		error = errno;
	}
	if (!has_ipv6)
		report_limit("ipv6", error, "");
	if (dup3(service, SERVICE_NET_FD, O_CLOEXEC) < 0)
		fail("network", "service namespace");
	close(service);
	close(mocks);
	close(mock_netlink);
	close(service_netlink);
}
