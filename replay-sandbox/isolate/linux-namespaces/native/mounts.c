/*
 * The file system of the sandbox, made from a list of steps:
 *
 *   scratch <dir>                               memory for everything that is written and thrown away; comes first
 *   overlay <dir> keep|empty|readonly           throw-away copy on write; when refused: leave it, hide it, or forbid writes
 *   empty <dir>                                 an empty directory in memory instead
 *   readonly <dir>                              with everything mounted below it
 *   bind <host file> <file inside>              show a file of the host, which nobody inside writes
 *   try-bind <host file> <file inside>          the same, but a missing place for it is only a limit
 *   mask <file>                                 nothing to connect to there
 *
 * Every source is opened before the first step: a step may cover what a later one reads.
 */
#include "loop-isolate.h"

#include <errno.h>
#include <dirent.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <sys/xattr.h>
#include <unistd.h>

/* As in <linux/mount.h>, which cannot be included beside <sys/mount.h> before glibc 2.37. */
struct mount_change {
	uint64_t set, clear, propagation, user_namespace;
};
enum { SET_RDONLY = 0x1, RECURSIVE = 0x8000 };

struct step {
	const char *verb, *path, *option;
	int source;
};

enum { MAX_THROW_AWAY = 32 };

static int scratch = -1;
static dev_t throw_away[MAX_THROW_AWAY];
static int throw_away_count;

static const char *fd_path(int fd)
{
	static char path[32];

	snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
	return path;
}

static void remember_throw_away(const char *path)
{
	struct stat status;

	if (throw_away_count < MAX_THROW_AWAY && stat(path, &status) == 0)
		throw_away[throw_away_count++] = status.st_dev;
}

static bool is_throw_away(const char *directory)
{
	struct stat status;

	if (stat(directory, &status) < 0)
		return false;
	for (int i = 0; i < throw_away_count; i++)
		if (throw_away[i] == status.st_dev)
			return true;
	return false;
}

/* Creates directories only in what is thrown away: nothing is ever created on the host. */
static bool make_directories(const char *path)
{
	char copy[PATH_MAX], parent[PATH_MAX];

	if (access(path, F_OK) == 0)
		return true;
	if (strlen(path) >= sizeof copy)
		return false;
	strcpy(copy, path);
	strcpy(parent, dirname(copy));
	return make_directories(parent) && is_throw_away(parent) && mkdir(path, 0755) == 0;
}

static bool make_file(const char *path)
{
	char copy[PATH_MAX];

	if (access(path, F_OK) == 0)
		return true;
	if (strlen(path) >= sizeof copy)
		return false;
	strcpy(copy, path);
	const char *parent = dirname(copy);
	errno = ENOENT;
	if (!make_directories(parent) || !is_throw_away(parent))
		return false;
	int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
	if (fd < 0)
		return false;
	close(fd);
	return true;
}

static void mount_scratch(const struct step *step)
{
	if (mount("loop", step->path, "tmpfs", MS_NOSUID | MS_NODEV, "mode=0755") < 0)
		fail("scratch", step->path);
	/* By descriptor, as a later step may cover the path. */
	scratch = open(step->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	/* tmpfs keeps user attributes since 6.6; without them overlayfs cannot replace a directory by a new one. */
	if (fsetxattr(scratch, "user.loop", "1", 1, 0) < 0)
		report_limit("overlay-attributes", errno, "");
}

static void mount_empty(const char *path)
{
	if (mount("loop", path, "tmpfs", MS_NOSUID | MS_NODEV, "mode=1777") < 0)
		fail("empty", path);
	remember_throw_away(path);
}

/* Symbolic links are harmless and some systems find their programs through them (/run/current-system). */
static void copy_links(int source, const char *path)
{
	char target[PATH_MAX], copy[PATH_MAX];
	int fd = openat(source, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *directory = fd < 0 ? NULL : fdopendir(fd);

	if (directory == NULL)
		return;
	for (struct dirent *entry; (entry = readdir(directory)) != NULL;) {
		ssize_t length = readlinkat(source, entry->d_name, target, sizeof target - 1);
		if (length < 0)
			continue;
		target[length] = '\0';
		if (snprintf(copy, sizeof copy, "%s/%s", path, entry->d_name) < (int)sizeof copy && symlink(target, copy) < 0)
			report_limit("link", errno, copy);
	}
	closedir(directory);
}

static bool forbid_writes_below(const char *path)
{
	struct mount_change read_only = { .set = SET_RDONLY };
	struct statvfs current;

	if (syscall(SYS_mount_setattr, AT_FDCWD, path, RECURSIVE, &read_only, sizeof read_only) == 0)
		return true;
	/* Before 5.12. Flags that the host set are locked: they have to be named again. */
	if (errno != ENOSYS || statvfs(path, &current) < 0)
		return false;
	unsigned long locked = MS_NOSUID | MS_NODEV | MS_NOEXEC | MS_NOATIME | MS_NODIRATIME | MS_RELATIME;
	return mount(NULL, path, NULL, MS_REMOUNT | MS_BIND | MS_RDONLY | (current.f_flag & locked), NULL) == 0;
}

static void mount_readonly(const struct step *step)
{
	if (mount(fd_path(step->source), step->path, NULL, MS_BIND | MS_REC, NULL) < 0 || !forbid_writes_below(step->path))
		fail("readonly", step->path);
}

/* Paths of descriptors and of the working directory only: a project path may hold commas and colons. */
static bool try_overlay(const struct step *step)
{
	static int number;
	char upper[16], work[16], options[128];
	struct stat status;

	snprintf(upper, sizeof upper, "u%d", number);
	snprintf(work, sizeof work, "w%d", number++);
	snprintf(options, sizeof options, "userxattr,lowerdir=/proc/self/fd/%d,upperdir=%s,workdir=%s", step->source, upper, work);
	if (fchdir(scratch) < 0 || mkdir(upper, 0755) < 0 || mkdir(work, 0755) < 0)
		return false;
	/* The directory itself looks like the one below, as far as its owner exists in this namespace. */
	if (fstat(step->source, &status) == 0) {
		if (chown(upper, status.st_uid, status.st_gid) < 0 && errno != EINVAL && errno != EPERM)
			return false;
		if (chmod(upper, status.st_mode & 07777) < 0)
			return false;
	}
	if (mount("loop", step->path, "overlay", MS_NOSUID | MS_NODEV, options) < 0)
		return false;
	remember_throw_away(step->path);
	return true;
}

static void mount_overlay(const struct step *step)
{
	if (!make_directories(step->path))
		fail("overlay", step->path);
	if (try_overlay(step))
		return;
	report_limit("overlay", errno, step->path);
	if (strcmp(step->option, "readonly") == 0)
		mount_readonly(step);
	if (strcmp(step->option, "empty") == 0) {
		mount_empty(step->path);
		copy_links(step->source, step->path);
	}
}

static void mount_file(const struct step *step, bool required)
{
	if (make_file(step->path) && mount(fd_path(step->source), step->path, NULL, MS_BIND, NULL) == 0) {
		if (forbid_writes_below(step->path))
			return;
		int refused = errno;
		umount2(step->path, MNT_DETACH);
		errno = refused;
	}
	if (required)
		fail("bind", step->path);
	report_limit("bind", errno, step->path);
}

/*
 * connect() to what is no socket is refused by the kernel: the same answer as from a socket nobody listens on. In a
 * throw-away copy the socket is a copy too, so it leads nowhere; there a mask would only forbid the service to remove it.
 */
static void mount_mask(const struct step *step)
{
	char copy[PATH_MAX];

	if (snprintf(copy, sizeof copy, "%s", step->path) < (int)sizeof copy && is_throw_away(dirname(copy)))
		return;
	if (mount("/dev/null", step->path, NULL, MS_BIND, NULL) < 0 && errno != ENOENT && errno != ENOTDIR)
		report_limit("mask", errno, step->path);
}

static void apply(const struct step *step)
{
	if (strcmp(step->verb, "scratch") == 0)
		mount_scratch(step);
	else if (step->source < 0 && strcmp(step->verb, "mask") != 0)
		report_limit("absent", ENOENT, step->path);
	else if (strcmp(step->verb, "overlay") == 0)
		mount_overlay(step);
	else if (strcmp(step->verb, "empty") == 0)
		mount_empty(step->path);
	else if (strcmp(step->verb, "readonly") == 0)
		mount_readonly(step);
	else if (strcmp(step->verb, "bind") == 0 || strcmp(step->verb, "try-bind") == 0)
		mount_file(step, step->verb[0] == 'b');
	else if (strcmp(step->verb, "mask") == 0)
		mount_mask(step);
	else
		fail("unknown-step", step->verb);
}

/* Reads one step off the list; returns how many words it took. */
static int read_step(char **words, int count, struct step *step)
{
	bool is_bind = strcmp(words[0], "bind") == 0 || strcmp(words[0], "try-bind") == 0;
	int taken = is_bind || strcmp(words[0], "overlay") == 0 ? 3 : 2;

	errno = EINVAL;
	if (taken > count)
		fail("unknown-step", words[0]);
	const char *source = words[1];
	*step = (struct step){ .verb = words[0], .path = is_bind ? words[2] : words[1], .option = words[taken - 1] };
	step->source = strcmp(words[0], "mask") == 0 ? -1 : open(source, O_PATH | O_CLOEXEC);
	if (step->source < 0 && is_bind)
		fail("bind-source", source);
	return taken;
}

/* Fails in a container that hides parts of /proc: then the old one stays, in which /proc/self still works. */
void mount_proc(void)
{
	if (mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL) < 0)
		report_limit("proc", errno, "");
}

void set_up_mounts(int count, char **words)
{
	struct step steps[count + 1];
	int step_count = 0;

	/* Nothing that is mounted here may show on the host. */
	if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
		fail("private-mounts", "");
	for (int word = 0; word < count; step_count++)
		word += read_step(words + word, count - word, &steps[step_count]);
	mount_proc();
	for (int i = 0; i < step_count; i++)
		apply(&steps[i]);
	for (int i = 0; i < step_count; i++)
		if (steps[i].source >= 0)
			close(steps[i].source);
	if (chdir("/") < 0)
		fail("chdir", "/");
	close(scratch);
}
