/* Who a process is inside a user namespace: its id maps, and the loss of every capability. */
#include "loop-isolate.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

static bool write_proc_file(pid_t pid, const char *name, const char *text)
{
	char path[64];

	snprintf(path, sizeof path, "/proc/%d/%s", pid, name);
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	/* The kernel takes a map in one write or not at all. */
	ssize_t written = write(fd, text, strlen(text));
	int error = errno;
	close(fd);
	errno = error;
	return written == (ssize_t)strlen(text);
}

/* The ids this namespace has, each mapped to itself. Returns how many ids that are (0: unreadable). */
static unsigned long same_ids(const char *name, char *out, size_t size)
{
	char path[64];
	unsigned long inside, outside, length, total = 0;
	size_t used = 0;

	snprintf(path, sizeof path, "/proc/self/%s", name);
	FILE *file = fopen(path, "re");
	if (file == NULL)
		return 0;
	while (fscanf(file, "%lu %lu %lu", &inside, &outside, &length) == 3 && used + 64 < size) {
		used += (size_t)snprintf(out + used, size - used, "%lu %lu %lu\n", inside, inside, length);
		total += length;
	}
	fclose(file);
	return total;
}

static bool map_all_ids(pid_t pid)
{
	char uids[4096], gids[4096];

	return same_ids("uid_map", uids, sizeof uids) > 0 && same_ids("gid_map", gids, sizeof gids) > 0 &&
	       write_proc_file(pid, "uid_map", uids) && write_proc_file(pid, "gid_map", gids);
}

static bool map_one_id(pid_t pid, uid_t inside_uid, uid_t outside_uid, gid_t inside_gid, gid_t outside_gid)
{
	char uids[64], gids[64];

	snprintf(uids, sizeof uids, "%u %u 1\n", inside_uid, outside_uid);
	snprintf(gids, sizeof gids, "%u %u 1\n", inside_gid, outside_gid);
	/* Without privilege the kernel accepts a group map only from someone who gave up setgroups. */
	write_proc_file(pid, "setgroups", "deny");
	return write_proc_file(pid, "uid_map", uids) && write_proc_file(pid, "gid_map", gids);
}

/*
 * The outer namespace. Root keeps every id it has, so that the files of a project owned by someone else look the
 * same inside; an ordinary user may map only itself, and does so to 0.
 */
bool map_identity(pid_t pid, uid_t uid, gid_t gid)
{
	if (uid == 0 && map_all_ids(pid))
		return true;
	return map_one_id(pid, 0, uid, 0, gid);
}

/* The service's own, inner namespace: written by a process of the outer one. It sees the ids of its user. */
bool map_service_identity(pid_t pid, uid_t uid, gid_t gid)
{
	char ids[4096];

	if (same_ids("uid_map", ids, sizeof ids) > 1)
		return map_all_ids(pid);
	return map_one_id(pid, uid, 0, gid, 0);
}

/* With no_new_privs an exec as uid 0 does not bring capabilities back. */
void drop_all_capabilities(void)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct none[2] = { 0 };

	for (int capability = 0; prctl(PR_CAPBSET_DROP, capability, 0, 0, 0) == 0; capability++)
		;
	prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
	if (syscall(SYS_capset, &header, none) < 0)
		fail("drop-capabilities", "");
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		fail("no-new-privs", "");
}
