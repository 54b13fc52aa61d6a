/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "host/sandbox.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>

#include "host/user.h"

static bool is_set(const struct nvb_host *host, const char *path, uint64_t wanted)
{
    uint64_t value = 0;

    return nvb_host_read_u64(host, path, &value) && value == wanted;
}

/* A line of /proc/filesystems is "nodev\toverlay" or "\text4". */
static bool is_file_system_loaded(const struct nvb_host *host, const char *name)
{
    nvb_autofree char *text = nvb_host_dup_text(host, "/proc/filesystems", NVB_HOST_FILE_MAX);
    nvb_autofree char *wanted = nvb_xasprintf("\t%s\n", name);

    return text && strstr(text, wanted);
}

/* The kernel loads it at the first mount, compressed or not. */
static bool has_overlay_module(const struct nvb_host *host, const char *release)
{
    static const char *const suffixes[] = { "", ".zst", ".xz", ".gz" };

    for (size_t i = 0; i < sizeof(suffixes) / sizeof(suffixes[0]); i++) {
        nvb_autofree char *path =
            nvb_xasprintf("/lib/modules/%s/kernel/fs/overlayfs/overlay.ko%s", release, suffixes[i]);

        if (nvb_host_exists(host, path))
            return true;
    }
    return false;
}

/* " - TYPE " stands behind the optional fields of a mountinfo line. */
static bool has_mount_type(const char *mountinfo, const char *type)
{
    nvb_autofree char *wanted = nvb_xasprintf(" - %s ", type);

    return strstr(mountinfo, wanted);
}

static enum nvb_cgroup_kind read_cgroup_kind(const struct nvb_host *host)
{
    nvb_autofree char *mounts =
        nvb_host_dup_text(host, "/proc/self/mountinfo", (size_t)NVB_HOST_FILE_MAX * 4);
    bool has_v1 = mounts && has_mount_type(mounts, "cgroup");
    bool has_v2 = mounts && has_mount_type(mounts, "cgroup2");

    if (has_v1)
        return has_v2 ? NVB_CGROUP_HYBRID : NVB_CGROUP_V1;
    return has_v2 ? NVB_CGROUP_UNIFIED : NVB_CGROUP_NONE;
}

/* The group whose controllers limits can use. Root: the whole tree. A user in a systemd session: the
 * user's manager, which makes scopes below itself. Else the caller's own, the "0::" line. */
static char *dup_group(const struct nvb_host *host, const char *top)
{
    nvb_autofree char *cgroups = nvb_host_dup_text(host, "/proc/self/cgroup", NVB_HOST_FILE_MAX);
    const char *line = cgroups ? strstr(cgroups, "0::/") : NULL;
    nvb_auto_user user = { 0 };
    nvb_autofree char *manager = NULL;

    nvb_user_read(host, &user);
    if (user.is_known && user.uid == 0)
        return nvb_xstrdup(top);
    manager = nvb_xasprintf("%s/user.slice/user-%u.slice/user@%u.service", top, (unsigned)user.uid,
                            (unsigned)user.uid);
    if (user.is_known && nvb_host_exists(host, manager))
        return nvb_steal(&manager);
    while (line && line != cgroups && line[-1] != '\n')
        line = strstr(line + 1, "0::/");
    if (!line)
        return NULL;
    line += strlen("0::");
    return nvb_xasprintf("%s%.*s", top, (int)strcspn(line, "\n"), line);
}

static char *dup_controllers(const struct nvb_host *host, enum nvb_cgroup_kind kind)
{
    const char *top = kind == NVB_CGROUP_HYBRID ? "/sys/fs/cgroup/unified" : "/sys/fs/cgroup";
    nvb_autofree char *group = NULL;
    nvb_autofree char *path = NULL;
    char *controllers = NULL;

    if (kind != NVB_CGROUP_HYBRID && kind != NVB_CGROUP_UNIFIED)
        return NULL;
    group = dup_group(host, top);
    path = group ? nvb_xasprintf("%s/cgroup.controllers", group) : NULL;
    controllers = path ? nvb_host_dup_line(host, path) : NULL;
    return controllers ? controllers : nvb_xstrdup("");
}

/* The fifth field of a line is the mount point. */
static bool has_mount_at_root(const char *mountinfo)
{
    for (const char *line = mountinfo; *line; line += *line == '\n') {
        const char *field = line;

        for (int i = 1; field && i < 5; i++) {
            field = strchr(field, ' ');
            field = field ? field + 1 : NULL;
        }
        if (field && nvb_has_prefix(field, "/ "))
            return true;
        line += strcspn(line, "\n");
    }
    return false;
}

static bool has_namespace_of_first(void)
{
    struct stat own;
    struct stat first;

    return stat("/proc/self/ns/mnt", &own) == 0 && stat("/proc/1/ns/mnt", &first) == 0 &&
           own.st_ino == first.st_ino;
}

/* Only in a chroot is no mount at "/": those above its root are not shown. A chroot to a mount point
 * looks like a root of its own; it is told by what pid 1 has, where that may be seen. */
static bool is_in_chroot(const struct nvb_host *host)
{
    nvb_auto_err ignored = { 0 };
    nvb_autofree char *mounts = NULL;
    struct stat own;
    struct stat first;

    if (!host->is_live || !nvb_read_file(AT_FDCWD, "/proc/self/mountinfo", NVB_HOST_FILE_MAX,
                                         &mounts, NULL, &ignored))
        return false;
    if (!has_mount_at_root(mounts))
        return true;
    return stat("/", &own) == 0 && stat("/proc/1/root/", &first) == 0 && has_namespace_of_first() &&
           (own.st_dev != first.st_dev || own.st_ino != first.st_ino);
}

void nvb_sandbox_read(const struct nvb_host *host, struct nvb_sandbox *out)
{
    char *release = nvb_host_dup_line(host, "/proc/sys/kernel/osrelease");
    struct nvb_sandbox s = { .max_user_namespaces = UINT64_MAX };
    struct stat st;

    s.is_known = release != NULL;
    s.kernel_release = release ? release : nvb_xstrdup("unknown");
    /* Inside another container the limit may be hidden; a captured tree may lack either. */
    s.has_userns =
        nvb_host_read_u64(host, "/proc/sys/user/max_user_namespaces", &s.max_user_namespaces) ||
        !host->is_live || nvb_host_lstat(host, "/proc/self/ns/user", &st) == 0;
    s.is_userns_clone_off = is_set(host, "/proc/sys/kernel/unprivileged_userns_clone", 0);
    s.is_userns_apparmor_locked =
        is_set(host, "/proc/sys/kernel/apparmor_restrict_unprivileged_userns", 1);
    s.is_chroot = is_in_chroot(host);
    s.has_overlay =
        is_file_system_loaded(host, "overlay") || has_overlay_module(host, s.kernel_release);
    s.seccomp_actions = nvb_host_dup_line(host, "/proc/sys/kernel/seccomp/actions_avail");
    s.cgroup = read_cgroup_kind(host);
    s.cgroup_controllers = dup_controllers(host, s.cgroup);
    s.has_systemd = nvb_host_exists(host, "/run/systemd/system");
    s.has_ntsync = nvb_host_is_node(host, "/dev/ntsync");
    (void)nvb_host_read_u64(host, "/proc/sys/vm/max_map_count", &s.max_map_count);
    *out = s;
}

void nvb_sandbox_clear(struct nvb_sandbox *sandbox)
{
    free(sandbox->kernel_release);
    free(sandbox->seccomp_actions);
    free(sandbox->cgroup_controllers);
    *sandbox = (struct nvb_sandbox){ 0 };
}

/* One command that sets it now and after a restart. */
static bool hint_sysctl(struct nvb_err *err, const char *setting)
{
    return nvb_hint(
        err, "echo %s | sudo tee -a /etc/sysctl.d/60-nvbind.conf && sudo sysctl --system", setting);
}

bool nvb_sandbox_check_userns(const struct nvb_sandbox *sandbox, struct nvb_err *err)
{
    if (!sandbox->has_userns) {
        nvb_fail(err, NVB_D_HOST, NVB_E_UNSUPPORTED, "this kernel has no user namespaces");
        return nvb_hint(err, "use a kernel with CONFIG_USER_NS=y");
    }
    if (sandbox->is_chroot) {
        nvb_fail(err, NVB_D_HOST, NVB_E_DENIED,
                 "this is a chroot, in which the kernel refuses user namespaces");
        return nvb_hint(err, "enter the tree by pivot_root instead, as bwrap, systemd-nspawn and "
                             "container engines do");
    }
    if (sandbox->is_userns_clone_off) {
        nvb_fail(err, NVB_D_HOST, NVB_E_DENIED,
                 "user namespaces are off for ordinary users: "
                 "kernel.unprivileged_userns_clone is 0");
        return hint_sysctl(err, "kernel.unprivileged_userns_clone=1");
    }
    if (sandbox->max_user_namespaces == 0) {
        nvb_fail(err, NVB_D_HOST, NVB_E_DENIED,
                 "user namespaces are off: user.max_user_namespaces is 0");
        return hint_sysctl(err, "user.max_user_namespaces=15000");
    }
    if (sandbox->is_userns_apparmor_locked) {
        nvb_fail(err, NVB_D_HOST, NVB_E_DENIED,
                 "AppArmor denies user namespaces to programs without a profile: "
                 "kernel.apparmor_restrict_unprivileged_userns is 1");
        return hint_sysctl(err, "kernel.apparmor_restrict_unprivileged_userns=0");
    }
    return true;
}

bool nvb_sandbox_has_controller(const struct nvb_sandbox *sandbox, const char *controller)
{
    size_t len = strlen(controller);
    const char *p = sandbox->cgroup_controllers ? sandbox->cgroup_controllers : "";

    while (*p) {
        size_t word = strcspn(p, " ");

        if (word == len && strncmp(p, controller, len) == 0)
            return true;
        p += word;
        p += strspn(p, " ");
    }
    return false;
}

bool nvb_sandbox_is_kernel_at_least(const struct nvb_sandbox *sandbox,
                                    unsigned major,
                                    unsigned minor)
{
    unsigned long parts[2] = { 0 };
    const char *p = sandbox->kernel_release;

    for (size_t i = 0; i < 2; i++) {
        char *end = NULL;

        if (*p < '0' || *p > '9')
            return false;
        parts[i] = strtoul(p, &end, 10);
        if (i == 0 && *end != '.')
            return false;
        p = end + (i == 0);
    }
    return parts[0] > major || (parts[0] == major && parts[1] >= minor);
}

const char *nvb_cgroup_kind_name(enum nvb_cgroup_kind kind)
{
    switch (kind) {
    case NVB_CGROUP_NONE:
        return "none";
    case NVB_CGROUP_V1:
        return "v1";
    case NVB_CGROUP_HYBRID:
        return "hybrid";
    case NVB_CGROUP_UNIFIED:
        return "v2";
    }
    return "unknown";
}
