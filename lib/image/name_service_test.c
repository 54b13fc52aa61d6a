/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "image/name_service.h"

#include <string.h>

#include "test.h"
#include "tree.h"

static char hostname[] = "bolt";

static struct nvb_host *open_tree(const char *resolver)
{
    struct nvb_host *host = NULL;
    nvb_auto_err err = { 0 };
    const char *tree = tree_new();

    if (resolver)
        tree_put(tree, "etc/resolv.conf", resolver);
    EXPECT(nvb_host_open(tree, &host, &err));
    return host;
}

static char *resolver_of(const char *text, enum nvb_network network)
{
    nvb_autoptr(nvb_host) host = open_tree(text);
    struct nvb_container c = { .network = network };

    return nvb_name_service_dup_resolver(host, &c);
}

TEST(without_a_network_there_is_no_resolver)
{
    nvb_autofree char *text = resolver_of("nameserver 192.0.2.1\n", NVB_NETWORK_NONE);

    EXPECT(!text);
}

TEST(the_hosts_network_has_the_hosts_resolver)
{
    nvb_autofree char *text = resolver_of("nameserver 127.0.0.53\nsortlist 1\n", NVB_NETWORK_HOST);
    nvb_autofree char *absent = resolver_of(NULL, NVB_NETWORK_HOST);

    EXPECT_STR(text, "nameserver 127.0.0.53\nsortlist 1\n");
    EXPECT(!absent);
}

TEST(the_helper_stands_in_for_the_hosts_servers)
{
    static const struct {
        const char *text;
        const char *want;
    } rows[] = {
        {"nameserver 127.0.0.53\noptions edns0 trust-ad\nsearch home.example lan\n",
         "nameserver 10.78.86.3\noptions edns0 trust-ad\nsearch home.example lan\n"                                      },
        { "nameserver 192.168.1.1\nnameserver 192.168.1.2",                              "nameserver 10.78.86.3\n"       },
        { "nameserver fd00::1\n",                                                        "nameserver fd4e:5642:4e44::3\n"},
        { "nameserver fe80::1%eth0\nnameserver\t9.9.9.9\n",
         "nameserver 10.78.86.3\nnameserver fd4e:5642:4e44::3\n"                                                         },
        { "# a comment\n; another\n  domain  home\nnameservers 1.1.1.1\nsortlist 1\n\n",
         "nameserver 10.78.86.3\n  domain  home\n"                                                                       },
        { "search\nnameserver",                                                          "nameserver 10.78.86.3\n"       },
        { "",                                                                            "nameserver 10.78.86.3\n"       },
        { NULL,                                                                          "nameserver 10.78.86.3\n"       },
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        nvb_autofree char *internet = resolver_of(rows[i].text, NVB_NETWORK_INTERNET);
        nvb_autofree char *lan = resolver_of(rows[i].text, NVB_NETWORK_LAN);

        EXPECT_STR(internet, rows[i].want);
        EXPECT_STR(lan, rows[i].want);
    }
}

static char *hosts_of(enum nvb_network network, size_t n_ports)
{
    nvb_autoptr(nvb_host) host = open_tree(NULL);
    struct nvb_container c = { .network = network, .hostname = hostname, .n_ports = n_ports };

    return nvb_name_service_dup_hosts(host, &c);
}

TEST(members_of_a_network_are_asked_for_first)
{
    nvb_autoptr(nvb_host) host =
        open_tree("search example.org\nnameserver 192.0.2.1\noptions rotate\n");
    char joined[] = "shop";
    struct nvb_container c = { .hostname = hostname, .joined = joined };
    nvb_autofree char *alone = nvb_name_service_dup_resolver(host, &c);
    nvb_autofree char *beside = NULL;
    nvb_autofree char *hosts = NULL;

    c.network = NVB_NETWORK_INTERNET;
    beside = nvb_name_service_dup_resolver(host, &c);
    EXPECT_STR(alone, "nameserver 127.0.0.11\n");
    EXPECT_STR(beside, "nameserver 127.0.0.11\nnameserver 10.78.86.3\noptions rotate\n");
    nvb_strv_add(&c.names, hostname);
    hosts = nvb_name_service_dup_hosts(host, &c);
    EXPECT_STR(hosts, "127.0.0.1 localhost\n::1 localhost ip6-localhost\n");
    nvb_strv_clear(&c.names);
}

TEST(the_containers_name_is_its_own_address_where_it_has_one)
{
    static const char alone[] = "127.0.0.1 localhost bolt\n::1 localhost ip6-localhost\n";
    static const char joined[] = "127.0.0.1 localhost\n::1 localhost ip6-localhost\n"
                                 "10.78.86.100 bolt\n";
    nvb_autofree char *none = hosts_of(NVB_NETWORK_NONE, 0);
    nvb_autofree char *published = hosts_of(NVB_NETWORK_NONE, 1);
    nvb_autofree char *internet = hosts_of(NVB_NETWORK_INTERNET, 0);

    EXPECT_STR(none, alone);
    EXPECT_STR(published, joined);
    EXPECT_STR(internet, joined);
}

TEST(the_machine_has_a_name_where_it_can_be_reached)
{
    nvb_autofree char *none = hosts_of(NVB_NETWORK_NONE, 1);
    nvb_autofree char *internet = hosts_of(NVB_NETWORK_INTERNET, 1);
    nvb_autofree char *lan = hosts_of(NVB_NETWORK_LAN, 0);
    nvb_autofree char *host = hosts_of(NVB_NETWORK_HOST, 0);

    EXPECT(!strstr(none, "host.containers.internal"));
    EXPECT(!strstr(internet, "host.containers.internal"));
    EXPECT(!strstr(lan, "host.containers.internal")); /* this tree is not the live machine */
    EXPECT(strstr(host, "127.0.0.1 host.containers.internal host.docker.internal\n"));
}
