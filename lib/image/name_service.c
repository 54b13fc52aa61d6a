/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "image/name_service.h"

#include <string.h>

#include "host/interfaces.h"
#include "oci/address.h"
#include "request/network.h"

/* The names that podman and docker have for the machine. */
#define MACHINE_NAMES "host.containers.internal host.docker.internal"

/* Where the container finds the machine, NULL when it must not or the tree is not a live one. */
static char *dup_machine_address(const struct nvb_host *host, enum nvb_network network)
{
    nvb_auto_interfaces interfaces = { 0 };

    if (network == NVB_NETWORK_HOST)
        return nvb_xstrdup("127.0.0.1");
    if (network != NVB_NETWORK_LAN || !host->is_live)
        return NULL;
    nvb_interfaces_read(&interfaces);
    return nvb_steal(&interfaces.own_ipv4);
}

/* By one of the names that its network knows: that tells the address there. */
static bool is_told_by_network(const struct nvb_container *c)
{
    for (size_t i = 0; i < c->names.n; i++) {
        if (strcmp(c->names.items[i], c->hostname) == 0)
            return true;
    }
    return false;
}

char *nvb_name_service_dup_hosts(const struct nvb_host *host, const struct nvb_container *c)
{
    nvb_autofree char *machine = dup_machine_address(host, c->network);
    bool is_told = is_told_by_network(c);
    bool has_address = nvb_network_has_uplink(c->network) ||
                       (c->network == NVB_NETWORK_NONE && (c->n_ports > 0 || c->joined));
    nvb_auto_buf out = { 0 };

    nvb_buf_addf(&out, "127.0.0.1 localhost%s%s\n::1 localhost ip6-localhost\n",
                 has_address ? "" : " ", has_address ? "" : c->hostname);
    if (has_address && !is_told)
        nvb_buf_addf(&out, NVB_IPV4_OWN " %s\n", c->hostname);
    if (machine)
        nvb_buf_addf(&out, "%s " MACHINE_NAMES "\n", machine);
    return nvb_steal(&out.data);
}

/* The first word of a line of resolv.conf(5), and where the next begins. */
static bool begins_with(const char *line, const char *word, const char **out_rest)
{
    size_t len = strlen(word);

    line += strspn(line, " \t");
    if (strncmp(line, word, len) != 0 || (line[len] != ' ' && line[len] != '\t'))
        return false;
    *out_rest = line + len + strspn(line + len, " \t");
    return true;
}

/* The helper asks the first server of each family on the container's behalf. Members of a network are
 * asked for first, and by names that no search domain shall be put behind. */
static char *translate(char *text, bool is_joined)
{
    bool has_ipv4 = false;
    bool has_ipv6 = false;
    nvb_auto_buf kept = { 0 };
    nvb_auto_buf out = { 0 };
    char *next = NULL;

    for (char *line = strtok_r(text, "\n", &next); line; line = strtok_r(NULL, "\n", &next)) {
        const char *rest = NULL;

        if (begins_with(line, "nameserver", &rest)) {
            has_ipv4 = has_ipv4 || !strchr(rest, ':');
            has_ipv6 = has_ipv6 || strchr(rest, ':');
        } else if (begins_with(line, "options", &rest) ||
                   (!is_joined &&
                    (begins_with(line, "search", &rest) || begins_with(line, "domain", &rest)))) {
            nvb_buf_addf(&kept, "%s\n", line);
        }
    }
    if (is_joined)
        nvb_buf_add_str(&out, "nameserver " NVB_MEMBER_NAMES "\n");
    if (has_ipv4 || !has_ipv6)
        nvb_buf_add_str(&out, "nameserver " NVB_IPV4_DNS "\n");
    if (has_ipv6)
        nvb_buf_add_str(&out, "nameserver " NVB_IPV6_DNS "\n");
    nvb_buf_add_str(&out, kept.data ? kept.data : "");
    return nvb_steal(&out.data);
}

char *nvb_name_service_dup_resolver(const struct nvb_host *host, const struct nvb_container *c)
{
    nvb_auto_err ignored = { 0 };
    nvb_autofree char *text = NULL;
    char nothing[] = "";

    if (c->network == NVB_NETWORK_NONE)
        return c->joined ? nvb_xstrdup("nameserver " NVB_MEMBER_NAMES "\n") : NULL;
    (void)nvb_read_in_root(host->root_fd, "/etc/resolv.conf", NVB_HOST_FILE_MAX, &text, NULL,
                           &ignored);
    if (c->network == NVB_NETWORK_HOST)
        return nvb_steal(&text);
    return translate(text ? text : nothing, c->joined != NULL);
}
