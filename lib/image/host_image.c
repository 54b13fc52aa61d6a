/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "image/host_image.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>

#include "host/mountinfo.h"
#include "image/name_service.h"

#define N_OF(array) (sizeof(array) / sizeof((array)[0]))

/* The parts of the machine that programs need. A link stays a link (merged /usr), a directory
 * becomes an overlay, or a recursive bind when something is mounted below it. */
static const char *const parts[] = {
    "/usr", "/etc", "/opt", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32", "/nix", "/gnu",
};

/* Data without secrets that programs look for outside of those. */
static const char *const data[] = {
    "/var/cache/fontconfig",
    "/var/lib/xkb",
};

/* Secrets of /etc. Most are closed to the container's user by their modes anyway; a member of
 * group shadow or ssl-cert would still read them, so they are not even there. */
static const char *const secrets[] = {
    "/etc/shadow",
    "/etc/shadow-",
    "/etc/gshadow",
    "/etc/gshadow-",
    "/etc/sudoers",
    "/etc/sudoers.d",
    "/etc/ssh",
    "/etc/ssl/private",
    "/etc/NetworkManager/system-connections",
    "/etc/wireguard",
    "/etc/openvpn",
    "/etc/wpa_supplicant",
    "/etc/iwd",
    "/etc/letsencrypt",
    "/etc/docker",
    "/etc/krb5.keytab",
    "/etc/ppp",
    "/etc/ipsec.secrets",
    "/etc/ipsec.d",
    "/etc/kubernetes",
    "/etc/crypttab",
    "/etc/cryptsetup-keys.d",
    "/etc/security/opasswd",
    "/etc/credstore",
    "/etc/credstore.encrypted",
    "/etc/samba",
    "/etc/msmtprc",
    "/etc/exim4/passwd.client",
    "/etc/postfix/sasl",
    "/etc/rancher",
};

/* Directories of /etc that drivers and layers put files into. */
static const char *const taking[] = { "/etc/vulkan", "/etc/OpenCL", "/etc/ld.so.conf.d" };

/* What add_identity() writes, so that the host's own is not placed there as well. */
static const char *const written[] = {
    "/etc/passwd", "/etc/group",      "/etc/hostname",
    "/etc/hosts",  "/etc/machine-id", "/etc/resolv.conf",
};

static const struct {
    const char *path;
    unsigned mode;
    bool is_kept;
} made[] = {
    {"/dev",         0755        },
    { "/proc",       0555        },
    { "/sys",        0555        },
    { "/tmp",        01777       },
    { "/run",        0755        },
    { "/run/lock",   01777       },
    { "/run/user",   0755        },
    { "/run/nvbind", 0755        },
    { "/home",       0755,         true },
    { "/root",             0700,                  true },
    { "/mnt",          0755,    true },
    { "/media", 0755,      true },
    { "/srv",      0755,              true },
    { "/var",             0755,                   true },
    { "/var/cache",          0755       },
    { "/var/lib",0755},
    { "/var/log",  0755},
    { "/var/tmp",    01777              },
};

/* With --read-only. */
static const char *const writable[] = { "/tmp", "/run", "/var/tmp" };

static char *dup_link(const struct nvb_host *host, const char *path)
{
    nvb_autoclose int fd = nvb_open_in_root(host->root_fd, path, O_PATH | O_NOFOLLOW);
    char text[PATH_MAX];
    ssize_t len = fd < 0 ? -1 : readlinkat(fd, "", text, sizeof(text));

    return len < 0 || (size_t)len == sizeof(text) ? NULL : nvb_xstrndup(text, (size_t)len);
}

static bool is_one_of(const char *path, const char *const *list, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (strcmp(list[i], path) == 0)
            return true;
    }
    return false;
}

static bool is_below(const char *path, const char *directory)
{
    return nvb_has_prefix(path, directory) && path[strlen(directory)] == '/';
}

/* Must this directory of /etc have a layer: to hide a secret in it or to take a driver's files? */
static bool needs_layer(const char *path)
{
    if (is_one_of(path, taking, N_OF(taking)))
        return true;
    for (size_t i = 0; i < N_OF(secrets); i++) {
        if (is_below(secrets[i], path))
            return true;
    }
    return false;
}

static void add_part(const struct nvb_host *host,
                     struct nvb_container *c,
                     const char *path,
                     enum nvb_root_kind kind_of_directory)
{
    struct stat st;

    if (nvb_host_lstat(host, path, &st) < 0)
        return;
    if (S_ISLNK(st.st_mode)) {
        nvb_autofree char *target = dup_link(host, path);

        nvb_container_add_step(c, NVB_ROOT_LINK, path, target ? target : "", NULL, 0);
    } else if (S_ISDIR(st.st_mode)) {
        nvb_container_add_step(c, kind_of_directory, path, path, NULL, 0);
    } else if (S_ISREG(st.st_mode)) {
        nvb_container_add_step(c, NVB_ROOT_BIND, path, path, NULL, 0);
    }
}

/* /etc, or a directory of it that holds a secret, with something mounted below it, as in most
 * containers of other engines (resolv.conf, hosts): it cannot be an overlay and a bind would show
 * its secrets, so each entry is placed alone. Slower by some 2 ms, but it runs. */
static bool add_by_entry(const struct nvb_host *host,
                         struct nvb_container *c,
                         const char *directory,
                         const struct nvb_strv *mount_points,
                         struct nvb_err *err)
{
    nvb_auto_strv names = { 0 };

    if (!nvb_list_in_root(host->root_fd, directory, &names, err))
        return false;
    nvb_container_add_step(c, NVB_ROOT_DIR, directory, NULL, NULL, 0755);
    for (size_t i = 0; i < names.n; i++) {
        nvb_autofree char *path = nvb_xasprintf("%s/%s", directory, names.items[i]);
        struct stat st;

        if (is_one_of(path, secrets, N_OF(secrets)) || is_one_of(path, written, N_OF(written)))
            continue;
        if (!needs_layer(path)) {
            add_part(host, c, path, NVB_ROOT_BIND);
        } else if (!nvb_has_mounts_below(mount_points, path)) {
            add_part(host, c, path, NVB_ROOT_OVERLAY);
        } else if (nvb_host_lstat(host, path, &st) == 0 && S_ISDIR(st.st_mode) &&
                   !add_by_entry(host, c, path, mount_points, err)) {
            return false;
        }
    }
    return true;
}

static bool add_parts(const struct nvb_host *host, struct nvb_container *c, struct nvb_err *err)
{
    nvb_auto_strv mount_points = { 0 };

    nvb_mount_points(host, &mount_points);
    for (size_t i = 0; i < N_OF(parts); i++) {
        bool has_mounts = nvb_has_mounts_below(&mount_points, parts[i]);

        if (strcmp(parts[i], "/etc") == 0 && has_mounts) {
            if (!add_by_entry(host, c, parts[i], &mount_points, err))
                return false;
            continue;
        }
        add_part(host, c, parts[i], has_mounts ? NVB_ROOT_BIND : NVB_ROOT_OVERLAY);
    }
    for (size_t i = 0; i < N_OF(data); i++)
        add_part(host, c, data[i], NVB_ROOT_BIND);
    return true;
}

static bool is_in_overlay(const struct nvb_container *c, const char *path)
{
    for (size_t i = 0; i < c->n_steps; i++) {
        if (c->steps[i].kind == NVB_ROOT_OVERLAY && is_below(path, c->steps[i].path))
            return true;
    }
    return false;
}

/* The machine's system accounts, so that names resolve, and the container's own user. People's
 * names stay out, as members of system groups, too. */
static char *dup_accounts(const struct nvb_host *host, const char *path, const char *own_line)
{
    nvb_auto_err ignored = { 0 };
    nvb_autofree char *text = NULL;
    nvb_auto_buf out = { 0 };
    bool is_group = nvb_has_suffix(path, "/group");
    char *next = NULL;

    nvb_buf_add_str(&out, own_line);
    if (!nvb_read_in_root(host->root_fd, path, NVB_HOST_FILE_MAX, &text, NULL, &ignored))
        return nvb_steal(&out.data);
    for (char *line = strtok_r(text, "\n", &next); line; line = strtok_r(NULL, "\n", &next)) {
        const char *colon = strchr(line, ':');
        const char *second = colon ? strchr(colon + 1, ':') : NULL;
        nvb_autofree char *id = second ? nvb_xstrndup(second + 1, strcspn(second + 1, ":")) : NULL;
        uint64_t number = 0;

        if (!id || !nvb_parse_u64(id, UINT32_MAX, &number) || (number >= 1000 && number != 65534))
            continue;
        nvb_buf_add(&out, line, is_group ? (size_t)(second - line) + 1 + strlen(id) : strlen(line));
        nvb_buf_add_str(&out, is_group ? ":\n" : "\n");
    }
    return nvb_steal(&out.data);
}

static char *dup_machine_id(void)
{
    uint64_t bits[2];

    if (getrandom(bits, sizeof(bits), 0) != (ssize_t)sizeof(bits))
        abort();
    return nvb_xasprintf("%016llx%016llx\n", (unsigned long long)bits[0],
                         (unsigned long long)bits[1]);
}

static void add_identity(const struct nvb_host *host, struct nvb_container *c)
{
    nvb_autofree char *passwd = NULL;
    nvb_autofree char *group = NULL;
    nvb_autofree char *machine_id = dup_machine_id();
    nvb_autofree char *hostname = nvb_xasprintf("%s\n", c->hostname);
    nvb_autofree char *user_line =
        nvb_xasprintf("user:x:%u:%u:nvbind:%s:/bin/sh\n", c->uid, c->gid, c->home);
    nvb_autofree char *group_line = nvb_xasprintf("user:x:%u:\n", c->gid);
    nvb_autofree char *hosts = nvb_name_service_dup_hosts(host, c);
    nvb_autofree char *resolver = nvb_name_service_dup_resolver(host, c);

    passwd = dup_accounts(host, "/etc/passwd", user_line);
    group = dup_accounts(host, "/etc/group", group_line);
    nvb_container_add_step(c, NVB_ROOT_FILE, "/etc/passwd", NULL, passwd, 0644);
    nvb_container_add_step(c, NVB_ROOT_FILE, "/etc/group", NULL, group, 0644);
    nvb_container_add_step(c, NVB_ROOT_FILE, "/etc/hostname", NULL, hostname, 0644);
    nvb_container_add_step(c, NVB_ROOT_FILE, "/etc/hosts", NULL, hosts, 0644);
    nvb_container_add_step(c, NVB_ROOT_FILE, "/etc/machine-id", NULL, machine_id, 0444);
    if (resolver)
        nvb_container_add_step(c, NVB_ROOT_FILE, "/etc/resolv.conf", NULL, resolver, 0644);
}

bool nvb_host_image_compose(const struct nvb_host *host,
                            struct nvb_container *c,
                            struct nvb_err *err)
{
    struct stat st;

    for (size_t i = 0; i < N_OF(made); i++) {
        nvb_container_add_step(c, NVB_ROOT_DIR, made[i].path, NULL, NULL, made[i].mode)->is_kept =
            made[i].is_kept;
    }
    nvb_container_add_step(c, NVB_ROOT_DIR, c->home, NULL, NULL, 0700)->is_users = true;
    nvb_container_add_step(c, NVB_ROOT_DIR, "/run/user/1000", NULL, NULL, 0700)->is_users = true;
    nvb_container_add_step(c, NVB_ROOT_LINK, "/var/run", "/run", NULL, 0);
    nvb_container_add_step(c, NVB_ROOT_LINK, "/var/lock", "/run/lock", NULL, 0);
    if (!add_parts(host, c, err))
        return nvb_while(err, "cannot compose image 'host'");
    for (size_t i = 0; i < N_OF(secrets); i++) {
        if (nvb_host_lstat(host, secrets[i], &st) == 0 && is_in_overlay(c, secrets[i]))
            nvb_container_add_step(c, NVB_ROOT_HIDE, secrets[i], NULL, NULL, 0);
    }
    add_identity(host, c);
    for (size_t i = 0; i < N_OF(writable); i++)
        nvb_strv_add(&c->writable, writable[i]);
    nvb_strv_add(&c->writable, c->home);
    return true;
}
