/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "request/network.h"

#include <arpa/inet.h>
#include <string.h>

enum {
    PORT_MAX = 65535,
    /* Each one is a listening socket, or two; a container wants a handful. */
    RANGE_MAX = 256,
    NETWORK_NAME_MAX = 32,
};

/* By enum nvb_network. */
static const char *const names[] = { "none", "host", "internet", "lan" };

const char *nvb_network_name(enum nvb_network network)
{
    return names[network];
}

bool nvb_network_has_uplink(enum nvb_network network)
{
    return network == NVB_NETWORK_INTERNET || network == NVB_NETWORK_LAN;
}

/* A slip of the keys shall not become a network that nobody else is in. */
static const char *find_slip(const char *text)
{
    static const char *const known[] = { "none", "internet", "lan", "host", NULL };
    const char *near = nvb_nearest(text, known);

    return near && near[0] == text[0] ? near : NULL;
}

static bool join(struct nvb_request *request, const char *text, struct nvb_err *err)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyz0123456789_.-";
    const char *slip = find_slip(text);

    if (slip || !*text || strchr("_.-", *text) || text[strspn(text, letters)] ||
        strlen(text) > NETWORK_NAME_MAX) {
        nvb_fail(err, NVB_D_REQUEST, NVB_E_INVALID, "'%s' is not a network", text);
        return slip ? nvb_hint(err, "did you mean '%s'?", slip)
                    : nvb_hint(err,
                               "use one of: none, internet, lan, host; or a name of up to %d "
                               "small letters, digits, '_', '.' and '-' for containers that "
                               "shall reach each other",
                               NETWORK_NAME_MAX);
    }
    if (request->joined && strcmp(request->joined, text) != 0) {
        nvb_fail(err, NVB_D_REQUEST, NVB_E_INVALID, "'%s' and '%s' are two networks of containers",
                 request->joined, text);
        return nvb_hint(err, "join one of them, with internet or lan beside it if you like");
    }
    free(request->joined);
    request->joined = nvb_xstrdup(text);
    return true;
}

bool nvb_request_set_network(struct nvb_request *request, const char *text, struct nvb_err *err)
{
    bool is_known = false;

    for (unsigned i = 0; i < sizeof(names) / sizeof(names[0]) && !is_known; i++) {
        is_known = strcmp(names[i], text) == 0;
        if (is_known)
            request->network = (enum nvb_network)i;
    }
    if (!is_known && !join(request, text, err))
        return false;
    if (!request->joined || request->network != NVB_NETWORK_HOST)
        return true;
    nvb_fail(err, NVB_D_REQUEST, NVB_E_INVALID,
             "with the host's network a container cannot join '%s'", request->joined);
    return nvb_hint(err, "use lan, which reaches what the host reaches");
}

/* What stands between the colons of one wish. */
struct spec {
    char *address;   /* borrowed; NULL = none */
    char *host;      /* "8000-8010"; NULL or "" = any */
    char *container; /* "80" */
    bool is_udp;
};

static bool fail_port(struct nvb_err *err, const char *text, const char *why)
{
    nvb_fail(err, NVB_D_REQUEST, NVB_E_INVALID, "'%s' cannot be published: %s", text, why);
    return nvb_hint(err, "write it as 8080:80, 127.0.0.1:8080:80 or 8000-8010:8000-8010, with /udp "
                         "behind it for UDP");
}

/* NULL, or what is wrong. `text` is cut in place. */
static const char *split(char *text, struct spec *out)
{
    char *slash = strchr(text, '/');
    char *colon = NULL;

    if (slash) {
        *slash++ = '\0';
        out->is_udp = strcmp(slash, "udp") == 0;
        if (!out->is_udp && strcmp(slash, "tcp") != 0)
            return "the protocol must be tcp or udp";
    }
    if (text[0] == '[') {
        char *end = strchr(text, ']');

        if (!end || end[1] != ':')
            return "the address in brackets does not end with ']:'";
        *end = '\0';
        out->address = text + 1;
        text = end + 2;
    }
    colon = strrchr(text, ':');
    out->container = colon ? colon + 1 : text;
    if (!colon)
        return out->address ? "it names no host port" : NULL;
    *colon = '\0';
    out->host = text;
    colon = strrchr(text, ':');
    if (colon && out->address)
        return "it has one part too many";
    if (colon) {
        *colon = '\0';
        out->address = text;
        out->host = colon + 1;
        if (strchr(text, ':'))
            return "an IPv6 address stands in brackets";
    }
    return NULL;
}

/* "80" or "80-90" */
static bool parse_range(const char *text, uint16_t *out_first, uint16_t *out_count)
{
    const char *dash = strchr(text, '-');
    nvb_autofree char *first = nvb_xstrndup(text, strcspn(text, "-"));
    uint64_t from = 0;
    uint64_t to = 0;

    if (!nvb_parse_u64(first, PORT_MAX, &from) || from == 0)
        return false;
    to = from;
    if (dash && !nvb_parse_u64(dash + 1, PORT_MAX, &to))
        return false;
    if (to < from || to - from >= PORT_MAX)
        return false;
    *out_first = (uint16_t)from;
    *out_count = (uint16_t)(to - from + 1);
    return true;
}

static bool is_address(const char *text)
{
    unsigned char bytes[sizeof(struct in6_addr)];

    return inet_pton(strchr(text, ':') ? AF_INET6 : AF_INET, text, bytes) == 1;
}

/* NULL, or what is wrong. */
static const char *read_spec(const struct spec *spec, struct nvb_port *out)
{
    uint16_t count = 0;

    if (spec->address && !is_address(spec->address))
        return "it begins with no address";
    if (!parse_range(spec->container, &out->container_port, &out->count))
        return "a port is a number from 1 to 65535";
    if (out->count > RANGE_MAX)
        return "a range has at most 256 ports";
    if (spec->host && *spec->host) {
        if (!parse_range(spec->host, &out->host_port, &count))
            return "a port is a number from 1 to 65535";
        if (count != out->count)
            return "the two ranges differ in length";
    }
    out->address = spec->address;
    out->is_udp = spec->is_udp;
    return NULL;
}

static void add(struct nvb_port **ports, size_t *n_ports, const struct nvb_port *port)
{
    *ports = nvb_xrealloc(*ports, *n_ports + 1, sizeof(**ports));
    (*ports)[*n_ports] = *port;
    (*ports)[*n_ports].address = port->address ? nvb_xstrdup(port->address) : NULL;
    (*n_ports)++;
}

bool nvb_request_add_port(struct nvb_request *request, const char *text, struct nvb_err *err)
{
    nvb_autofree char *copy = nvb_xstrdup(text);
    struct spec spec = { 0 };
    struct nvb_port port = { 0 };
    const char *wrong = split(copy, &spec);
    uint16_t n = 1;

    if (!wrong)
        wrong = read_spec(&spec, &port);
    if (wrong)
        return fail_port(err, text, wrong);
    if (port.host_port == 0) { /* each finds a free one for itself */
        n = port.count;
        port.count = 1;
    }
    for (uint16_t i = 0; i < n; i++) {
        add(&request->ports, &request->n_ports, &port);
        port.container_port++;
    }
    return true;
}

size_t nvb_port_addresses(const struct nvb_port *port, const char *out_addresses[2])
{
    out_addresses[0] = port->address ? port->address : "127.0.0.1";
    out_addresses[1] = "::1";
    return port->address ? 1 : 2;
}

static void add_range(struct nvb_buf *out, uint16_t first, uint16_t count)
{
    nvb_buf_addf(out, "%u", first);
    if (count > 1)
        nvb_buf_addf(out, "-%u", (unsigned)first + count - 1);
}

char *nvb_port_dup_text(const struct nvb_port *port)
{
    nvb_auto_buf out = { 0 };

    if (port->address)
        nvb_buf_addf(&out, strchr(port->address, ':') ? "[%s]:" : "%s:", port->address);
    if (port->host_port)
        add_range(&out, port->host_port, port->count);
    nvb_buf_add_str(&out, port->address || port->host_port ? ":" : "");
    add_range(&out, port->container_port, port->count);
    nvb_buf_add_str(&out, port->is_udp ? "/udp" : "/tcp");
    return nvb_steal(&out.data);
}

void nvb_ports_copy(struct nvb_port **ports,
                    size_t *n_ports,
                    const struct nvb_port *from,
                    size_t n_from)
{
    for (size_t i = 0; i < n_from; i++)
        add(ports, n_ports, &from[i]);
}

void nvb_ports_clear(struct nvb_port **ports, size_t *n_ports)
{
    for (size_t i = 0; i < *n_ports; i++)
        free((*ports)[i].address);
    free(*ports);
    *ports = NULL;
    *n_ports = 0;
}

static struct nvb_json *port_to_json(const struct nvb_port *port)
{
    struct nvb_json *object = nvb_json_new_object();
    struct nvb_json *list = nvb_json_new_array();
    const char *addresses[2];
    size_t n = nvb_port_addresses(port, addresses);

    for (size_t i = 0; i < n; i++)
        nvb_json_append(list, nvb_json_new_str(addresses[i]));
    nvb_json_set(object, "addresses", list);
    nvb_json_set(object, "host_port",
                 port->host_port ? nvb_json_new_u64(port->host_port) : nvb_json_new_str(NULL));
    nvb_json_set_u64(object, "container_port", port->container_port);
    nvb_json_set_u64(object, "count", port->count);
    nvb_json_set_str(object, "protocol", port->is_udp ? "udp" : "tcp");
    return object;
}

struct nvb_json *nvb_ports_to_json(const struct nvb_port *ports, size_t n_ports)
{
    struct nvb_json *array = nvb_json_new_array();

    for (size_t i = 0; i < n_ports; i++)
        nvb_json_append(array, port_to_json(&ports[i]));
    return array;
}
