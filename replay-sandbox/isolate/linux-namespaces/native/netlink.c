/* The few rtnetlink requests the sandbox needs; see rtnetlink(7). `ip` is not there on a bare machine. */
#include "loop-isolate.h"
#include "netlink.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <linux/veth.h>
#include <net/if.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

struct request {
	struct nlmsghdr header;
	char body[512];
};

int open_netlink(void)
{
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
	if (fd < 0)
		fail("netlink", "");
	return fd;
}

static void start(struct request *request, unsigned short type, unsigned short flags, const void *fixed, size_t size)
{
	memset(request, 0, sizeof *request);
	request->header.nlmsg_type = type;
	request->header.nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK | flags;
	request->header.nlmsg_len = NLMSG_LENGTH(size);
	memcpy(NLMSG_DATA(&request->header), fixed, size);
}

static struct rtattr *append(struct request *request, unsigned short type, const void *value, size_t size)
{
	struct rtattr *attribute = (struct rtattr *)((char *)request + NLMSG_ALIGN(request->header.nlmsg_len));

	attribute->rta_type = type;
	attribute->rta_len = (unsigned short)RTA_LENGTH(size);
	if (size > 0)
		memcpy(RTA_DATA(attribute), value, size);
	request->header.nlmsg_len = NLMSG_ALIGN(request->header.nlmsg_len) + RTA_ALIGN(attribute->rta_len);
	return attribute;
}

/* An attribute that holds others: opened before them, closed (its length set) after them. */
static void close_nest(struct request *request, struct rtattr *nest)
{
	nest->rta_len = (unsigned short)((char *)request + request->header.nlmsg_len - (char *)nest);
}

static bool ask(int netlink, struct request *request)
{
	struct {
		struct nlmsghdr header;
		struct nlmsgerr error;
		char rest[1024];
	} answer;

	if (send(netlink, request, request->header.nlmsg_len, 0) < 0)
		return false;
	if (recv(netlink, &answer, sizeof answer, 0) < 0)
		return false;
	errno = -answer.error.error;
	return answer.header.nlmsg_type == NLMSG_ERROR && answer.error.error == 0;
}

bool add_cable(int netlink, const char *name, const char *peer, int peer_namespace)
{
	struct request request;
	struct ifinfomsg any = { .ifi_family = AF_UNSPEC };

	start(&request, RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, &any, sizeof any);
	append(&request, IFLA_IFNAME, name, strlen(name) + 1);
	struct rtattr *info = append(&request, IFLA_LINKINFO, NULL, 0);
	append(&request, IFLA_INFO_KIND, "veth", strlen("veth"));
	struct rtattr *data = append(&request, IFLA_INFO_DATA, NULL, 0);
	/* The peer's attributes come after a header of its own. */
	struct rtattr *other_end = append(&request, VETH_INFO_PEER, &any, sizeof any);
	append(&request, IFLA_IFNAME, peer, strlen(peer) + 1);
	append(&request, IFLA_NET_NS_FD, &peer_namespace, sizeof peer_namespace);
	close_nest(&request, other_end);
	close_nest(&request, data);
	close_nest(&request, info);
	return ask(netlink, &request);
}

/* The index is asked through the netlink socket's own namespace, which need not be the caller's. */
static int index_of(int netlink, const char *name)
{
	struct request request;
	struct ifinfomsg any = { .ifi_family = AF_UNSPEC };
	struct {
		struct nlmsghdr header;
		struct ifinfomsg info;
		char rest[8192];
	} answer;

	start(&request, RTM_GETLINK, 0, &any, sizeof any);
	request.header.nlmsg_flags = NLM_F_REQUEST;
	append(&request, IFLA_IFNAME, name, strlen(name) + 1);
	if (send(netlink, &request, request.header.nlmsg_len, 0) < 0 || recv(netlink, &answer, sizeof answer, 0) < 0)
		return 0;
	return answer.header.nlmsg_type == RTM_NEWLINK ? answer.info.ifi_index : 0;
}

bool set_link_up(int netlink, const char *name)
{
	struct request request;
	struct ifinfomsg link = { .ifi_family = AF_UNSPEC, .ifi_index = index_of(netlink, name), .ifi_flags = IFF_UP, .ifi_change = IFF_UP };

	start(&request, RTM_NEWLINK, 0, &link, sizeof link);
	return ask(netlink, &request);
}

static unsigned char family_of(const char *address)
{
	return strchr(address, ':') != NULL ? AF_INET6 : AF_INET;
}

static void append_address(struct request *request, unsigned short type, const char *text)
{
	unsigned char binary[16];
	unsigned char family = family_of(text);

	inet_pton(family, text, binary);
	append(request, type, binary, family == AF_INET6 ? 16 : 4);
}

/* NODAD: the network has two members, and an address that is still being probed for duplicates cannot be used. */
bool add_address(int netlink, const char *device, const char *address, unsigned char prefix)
{
	struct request request;
	struct ifaddrmsg fixed = {
		.ifa_family = family_of(address),
		.ifa_prefixlen = prefix,
		.ifa_flags = family_of(address) == AF_INET6 ? IFA_F_NODAD : 0,
		.ifa_index = (unsigned int)index_of(netlink, device),
	};

	start(&request, RTM_NEWADDR, NLM_F_CREATE | NLM_F_EXCL, &fixed, sizeof fixed);
	append_address(&request, IFA_LOCAL, address);
	append_address(&request, IFA_ADDRESS, address);
	return ask(netlink, &request);
}

bool add_route(int netlink, struct route route)
{
	struct request request;
	bool is_v6 = family_of(route.to) == AF_INET6;
	int device = index_of(netlink, route.device);
	struct rtmsg fixed = {
		.rtm_family = family_of(route.to),
		.rtm_dst_len = route.prefix,
		.rtm_table = route.local_table ? RT_TABLE_LOCAL : RT_TABLE_MAIN,
		.rtm_protocol = RTPROT_BOOT,
		.rtm_type = route.local ? RTN_LOCAL : RTN_UNICAST,
		.rtm_scope = is_v6 || route.via != NULL ? RT_SCOPE_UNIVERSE : route.local ? RT_SCOPE_HOST : RT_SCOPE_LINK,
	};

	start(&request, RTM_NEWROUTE, NLM_F_CREATE | NLM_F_EXCL, &fixed, sizeof fixed);
	if (route.prefix > 0)
		append_address(&request, RTA_DST, route.to);
	if (route.via != NULL)
		append_address(&request, RTA_GATEWAY, route.via);
	if (route.from != NULL)
		append_address(&request, RTA_PREFSRC, route.from);
	append(&request, RTA_OIF, &device, sizeof device);
	return ask(netlink, &request);
}
