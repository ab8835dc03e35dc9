/*
 * loop-isolate: the part of the sandbox that only a process with its own system calls can do. It needs no
 * privilege and no other program (no ip, nft, mount, nsenter).
 *
 *   loop-isolate hold  <mount steps...>                    make the namespaces, keep them until stdin ends
 *   loop-isolate enter <holder> mock|service -- <command>  run a helper of ours in one network namespace
 *   loop-isolate run   <holder> hide|show <cwd> -- <command>   run the service; its environment comes on stdin
 *
 * hold and run report on descriptor 3, one event a line, fields separated by tabs:
 *   limit <code> <errno> <detail>    something cannot be isolated here
 *   error <step> <errno> <detail>    it failed; nothing more follows
 *   ready <pid>                      hold: everything stands; pid is the first process inside, as seen from here
 *   started <pid>                    run: the command was executed
 *   dial <unix ms> tcp|udp|unix <port> <address>
 *   exited <code or -1> <signal or 0>
 */
#ifndef LOOP_ISOLATE_H
#define LOOP_ISOLATE_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* Where the first process keeps the service's network namespace, so that others find it in /proc/<pid>/fd. */
enum { SERVICE_NET_FD = 100, REPORT_FD = 3 };

/* report.c */
extern int report_fd;
void report(const char *format, ...) __attribute__((format(printf, 1, 2)));
void report_if_read(const char *format, ...) __attribute__((format(printf, 1, 2)));
void report_limit(const char *code, int error, const char *detail);
_Noreturn void fail(const char *step, const char *detail);
void print_escaped(char *out, size_t size, const char *text, size_t length);

/* identity.c */
bool map_identity(pid_t pid, uid_t uid, gid_t gid);
bool map_service_identity(pid_t pid, uid_t uid, gid_t gid);
void drop_all_capabilities(void);

/* hold.c, mounts.c, network.c */
int command_hold(int count, char **steps);
void set_up_mounts(int count, char **steps);
void mount_proc(void);
void set_up_network(void);

/* enter.c */
struct holder {
	int user, mount, pid, ipc, uts, net;
};
int command_enter(int count, char **arguments);
struct holder open_holder(const char *pid, bool service_net);
void join(int namespace_fd, const char *what);
void die_with_parent(void);

/* run.c */
int command_run(int count, char **arguments);

/* dial-filter.c, dials.c, host-sockets.c */
int install_dial_filter(bool with_listener, bool with_clock);
int probe_dial_listener(void);
void answer_dial(int listener, bool hide_unix_sockets);
void remember_host_sockets(void);
bool is_host_socket(pid_t pid, const char *path);

/* clock-calls.c */
struct timespec;
bool open_called_clock(const char *program);
bool called_time(struct timespec *time);
bool watch_exec(pid_t service);
bool change_program(pid_t service);

#endif
