/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "run/uplink.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "host/distro.h"
#include "oci/address.h"

#define TUN "/dev/net/tun"

static const char usual_path[] = "/usr/local/bin:/usr/local/sbin:/usr/bin:/usr/sbin:/bin:/sbin";

/* By enum nvb_uplink_kind, in the order of preference: pasta is several times as fast and has
 * IPv6. */
static const char *const names[] = { NULL, "pasta", "slirp4netns" };

static char *dup_found(const char *search_path, const char *name)
{
    for (const char *p = search_path; *p; p += *p == ':') {
        size_t len = strcspn(p, ":");
        nvb_autofree char *path = nvb_xasprintf("%.*s/%s", (int)len, p, name);
        struct stat st;

        if (*p == '/' && stat(path, &st) == 0 && S_ISREG(st.st_mode) && access(path, X_OK) == 0)
            return nvb_steal(&path);
        p += len;
    }
    return NULL;
}

static bool fail_absent(struct nvb_err *err)
{
    struct nvb_host *host = NULL;
    nvb_auto_err ignored = { 0 };
    nvb_autofree char *install = NULL;

    if (nvb_host_open("/", &host, &ignored))
        install = nvb_distro_dup_install_command(host, NVB_PACKAGE_PASTA);
    nvb_host_free(host);
    nvb_fail(err, NVB_D_RUN, NVB_E_NOT_FOUND,
             "neither 'pasta' nor 'slirp4netns' is installed, and one is needed to reach out");
    return nvb_hint(err, "%s", install ? install : "install pasta, of the project passt");
}

bool nvb_uplink_check_tun(bool is_range, struct nvb_err *err)
{
    struct stat st;

    if (stat(TUN, &st) < 0) {
        nvb_fail_errno(err, NVB_D_RUN, "'" TUN "' cannot be used");
        return nvb_hint(err, "as root: modprobe tun");
    }
    if (is_range ? (st.st_mode & 06) != 06 : access(TUN, R_OK | W_OK) < 0) {
        nvb_fail(err, NVB_D_RUN, NVB_E_DENIED, "'" TUN "' is closed to the container's user");
        return nvb_hint(err, "as root: chmod 0666 " TUN " (udev does that where it runs)");
    }
    return true;
}

static void add_words(struct nvb_strv *args, const char *const *words)
{
    for (; *words; words++)
        nvb_strv_add(args, *words);
}

#define WORDS(...) ((const char *const[]){ __VA_ARGS__, NULL })

static void add_pasta_words(struct nvb_uplink *out, const struct nvb_interfaces *interfaces)
{
    struct nvb_strv *args = &out->args;

    add_words(args, WORDS("pasta", "--quiet", "-t", "none", "-u", "none", "-T", "none", "-U",
                          "none", "--no-map-gw", "--no-dhcp", "--no-dhcpv6", "--no-ra"));
    if (!out->has_ipv6)
        nvb_strv_add(args, "-4");
    if (!out->has_ipv4)
        nvb_strv_add(args, "-6");
    if (out->has_ipv4)
        add_words(args, WORDS("-a", NVB_IPV4_OWN, "-n", "24", "-g", NVB_IPV4_GATEWAY,
                              "--dns-forward", NVB_IPV4_DNS));
    if (out->has_ipv6)
        add_words(args,
                  WORDS("-a", NVB_IPV6_OWN, "-g", NVB_IPV6_GATEWAY, "--dns-forward", NVB_IPV6_DNS));
    /* Without a way out it would refuse to start, yet the way may come back. */
    if (!interfaces->own_ipv4 && !interfaces->own_ipv6 && interfaces->name)
        add_words(args, WORDS("-i", interfaces->name));
    add_words(args, WORDS("-I", NVB_INTERFACE, "--netns", ""));
}

static void add_slirp_words(struct nvb_uplink *out)
{
    add_words(&out->args,
              WORDS("slirp4netns", "--netns-type=path", "--cidr=" NVB_IPV4_SUBNET "/24",
                    "--mtu=65520", "--disable-host-loopback", "--ready-fd=3", "", NVB_INTERFACE));
}

bool nvb_uplink_find(const char *search_path,
                     const struct nvb_interfaces *interfaces,
                     bool is_range,
                     struct nvb_uplink *out,
                     struct nvb_err *err)
{
    *out = (struct nvb_uplink){ 0 };
    if (!search_path || !*search_path)
        search_path = usual_path;
    for (unsigned kind = NVB_UPLINK_PASTA; kind <= NVB_UPLINK_SLIRP && !out->path; kind++) {
        out->path = dup_found(search_path, names[kind]);
        out->kind = out->path ? (enum nvb_uplink_kind)kind : NVB_UPLINK_NONE;
    }
    if (!out->path)
        return fail_absent(err);
    if (!nvb_uplink_check_tun(is_range, err)) {
        nvb_uplink_clear(out);
        return false;
    }
    out->has_ipv6 = out->kind == NVB_UPLINK_PASTA && interfaces->own_ipv6;
    out->has_ipv4 = interfaces->own_ipv4 || !out->has_ipv6;
    if (out->kind == NVB_UPLINK_PASTA)
        add_pasta_words(out, interfaces);
    else
        add_slirp_words(out);
    return true;
}

void nvb_uplink_clear(struct nvb_uplink *uplink)
{
    free(uplink->path);
    nvb_strv_clear(&uplink->args);
    *uplink = (struct nvb_uplink){ 0 };
}

void nvb_uplink_execute(const struct nvb_uplink *uplink, int net_ns_fd, const char *process)
{
    char path_env[] = "PATH=/usr/local/bin:/usr/bin:/bin";
    char locale_env[] = "LC_ALL=C";
    char *const environment[] = { path_env, locale_env, NULL };
    char place[64];

    /* pasta closes what it was not told of, so the namespace has a name in /proc; slirp4netns looks
     * first whether it may go there without its capabilities, which only a descriptor passes. */
    if (uplink->kind == NVB_UPLINK_PASTA) {
        (void)snprintf(place, sizeof(place), "/proc/%s/ns/net", process);
    } else {
        (void)snprintf(place, sizeof(place), "/proc/self/fd/%d", net_ns_fd);
        (void)fcntl(net_ns_fd, F_SETFD, 0);
    }
    for (size_t i = 0; i < uplink->args.n; i++) {
        if (!*uplink->args.items[i])
            uplink->args.items[i] = place;
    }
    (void)execve(uplink->path, uplink->args.items, environment);
}
