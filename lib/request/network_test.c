/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "request/network.h"

#include "test.h"

NVB_DEFINE_AUTOPTR(nvb_request, nvb_request_free)

TEST(reads_ports_and_prints_them_back)
{
    static const struct {
        const char *text;
        const char *printed;
    } rows[] = {
        {"8080:80",                "8080:80/tcp"              },
        { "8080:80/tcp",           "8080:80/tcp"              },
        { "8080:80/udp",           "8080:80/udp"              },
        { "80",                    "80/tcp"                   },
        { "53/udp",                "53/udp"                   },
        { ":80",                   "80/tcp"                   },
        { "1:65535",               "1:65535/tcp"              },
        { "127.0.0.1:8080:80",     "127.0.0.1:8080:80/tcp"    },
        { "0.0.0.0:8080:80",       "0.0.0.0:8080:80/tcp"      },
        { "127.0.0.1::80",         "127.0.0.1::80/tcp"        },
        { "[::1]:8080:80",         "[::1]:8080:80/tcp"        },
        { "[::]:53:53/udp",        "[::]:53:53/udp"           },
        { "[fd00::7]::80",         "[fd00::7]::80/tcp"        },
        { "8000-8010:8000-8010",   "8000-8010:8000-8010/tcp"  },
        { "[::1]:8000-8001:90-91", "[::1]:8000-8001:90-91/tcp"},
        { "8000-8000:80",          "8000:80/tcp"              },
        { "10.0.0.1:1-256:1-256",  "10.0.0.1:1-256:1-256/tcp" },
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        nvb_autoptr(nvb_request) r = nvb_request_new();
        nvb_auto_err err = { 0 };
        nvb_autofree char *text = NULL;

        EXPECT(nvb_request_add_port(r, rows[i].text, &err));
        EXPECT(r->n_ports == 1);
        text = nvb_port_dup_text(&r->ports[0]);
        EXPECT_STR(text, rows[i].printed);
    }
}

TEST(what_is_printed_reads_as_the_same)
{
    static const char *const texts[] = { "1.2.3.4::80/udp", "[::1]::80/tcp", "5:6/udp", "7/tcp",
                                         "0.0.0.0:1-9:11-19/udp" };

    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        nvb_autoptr(nvb_request) r = nvb_request_new();
        nvb_auto_err err = { 0 };
        nvb_autofree char *text = NULL;

        EXPECT(nvb_request_add_port(r, texts[i], &err));
        text = nvb_port_dup_text(&r->ports[0]);
        EXPECT_STR(text, texts[i]);
    }
}

TEST(a_range_without_host_ports_is_one_entry_a_port)
{
    nvb_autoptr(nvb_request) r = nvb_request_new();
    nvb_auto_err err = { 0 };

    EXPECT(nvb_request_add_port(r, "127.0.0.1::7000-7002/udp", &err));
    EXPECT(r->n_ports == 3);
    for (size_t i = 0; i < 3; i++) {
        EXPECT(r->ports[i].host_port == 0 && r->ports[i].count == 1 && r->ports[i].is_udp);
        EXPECT(r->ports[i].container_port == 7000 + i);
        EXPECT_STR(r->ports[i].address, "127.0.0.1");
    }
}

TEST(refuses_ports_and_says_how_to_write_one)
{
    static const char *const bad[] = {
        "",
        ":",
        "::",
        "0",
        "65536",
        "80:0",
        "0:80",
        "-1",
        "80:",
        "x:80",
        "80:x",
        "80:80/sctp",
        "80:80/TCP",
        "80:80/",
        "80:80/udp/tcp",
        "1.2.3:80:80",
        "localhost:80:80",
        "::1:80:80",
        "[::1]80:80",
        "[::1:80:80",
        "[::1]:80",
        "[::1]:1:2:3",
        "[127.0.0.1]:80:80:80",
        "1.2.3.4:5:6:7",
        "80-90:80",
        "80:80-90",
        "80-90:80-91",
        "90-80:90-80",
        "80-:80-",
        "-80:-80",
        "1-257:1-257",
        "80 :80",
        " 80",
        "+80",
        "0x50",
    };
    nvb_autoptr(nvb_request) r = nvb_request_new();

    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        nvb_auto_err err = { 0 };

        EXPECT(!nvb_request_add_port(r, bad[i], &err));
        EXPECT(err.kind == NVB_E_INVALID && err.domain == NVB_D_REQUEST && err.hint);
        EXPECT(r->n_ports == 0);
    }
}

TEST(reads_networks_by_name)
{
    static const char *const texts[] = { "none", "host", "internet", "lan" };
    nvb_autoptr(nvb_request) r = nvb_request_new();
    nvb_auto_err err = { 0 };

    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        EXPECT(nvb_request_set_network(r, texts[i], &err));
        EXPECT_STR(nvb_network_name(r->network), texts[i]);
        EXPECT(nvb_network_has_uplink(r->network) == (i >= 2));
    }
    EXPECT(!nvb_request_set_network(r, "Internet", &err));
    EXPECT(err.kind == NVB_E_INVALID && err.hint);
    EXPECT(r->network == NVB_NETWORK_LAN);
}

TEST(other_words_are_networks_of_containers)
{
    static const char *const bad[] = { "",      "Shop",    ".shop",
                                       "-shop", "sh op",   "sh/op",
                                       "hots",  "internt", "interner",
                                       "nonne", "lam",     "a123456789012345678901234567890123" };
    nvb_autoptr(nvb_request) r = nvb_request_new();
    nvb_auto_err err = { 0 };

    EXPECT(nvb_request_set_network(r, "shop", &err));
    EXPECT(nvb_request_set_network(r, "internet", &err));
    EXPECT(nvb_request_set_network(r, "shop", &err));
    EXPECT_STR(r->joined, "shop");
    EXPECT(r->network == NVB_NETWORK_INTERNET);
    EXPECT(!nvb_request_set_network(r, "other", &err));
    nvb_err_clear(&err);
    EXPECT(!nvb_request_set_network(r, "host", &err));
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        nvb_autoptr(nvb_request) other = nvb_request_new();
        nvb_auto_err wrong = { 0 };

        EXPECT(!nvb_request_set_network(other, bad[i], &wrong));
        EXPECT(wrong.kind == NVB_E_INVALID && wrong.hint && !other->joined);
    }
}

TEST(without_an_address_both_loopbacks_are_meant)
{
    struct nvb_port port = { .container_port = 80, .count = 1 };
    char address[] = "0.0.0.0";
    const char *addresses[2];

    EXPECT(nvb_port_addresses(&port, addresses) == 2);
    EXPECT_STR(addresses[0], "127.0.0.1");
    EXPECT_STR(addresses[1], "::1");
    port.address = address;
    EXPECT(nvb_port_addresses(&port, addresses) == 1);
    EXPECT_STR(addresses[0], "0.0.0.0");
}
