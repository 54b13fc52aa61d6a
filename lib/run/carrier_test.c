/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "run/carrier.h"

#include <arpa/inet.h>
#include <string.h>

#include "test.h"

/* A packet without content, as long as its header; its length. */
static size_t make_packet(unsigned char out[40], const char *from, const char *to)
{
    memset(out, 0, 40);
    if (strchr(from, ':')) {
        out[0] = 0x60;
        EXPECT(inet_pton(AF_INET6, from, out + 8) == 1 && inet_pton(AF_INET6, to, out + 24) == 1);
        return 40;
    }
    out[0] = 0x45;
    EXPECT(inet_pton(AF_INET, from, out + 12) == 1 && inet_pton(AF_INET, to, out + 16) == 1);
    return 20;
}

TEST(packets_between_members_have_their_numbers)
{
    unsigned char packet[40];
    unsigned from = 0;
    unsigned to = 0;
    size_t len = make_packet(packet, "10.78.87.1", "10.78.87.254");

    EXPECT(nvb_carrier_read_ends(packet, len, &from, &to) && from == 1 && to == 254);
    len = make_packet(packet, "fd4e:5642:4e45::10", "fd4e:5642:4e45::2");
    EXPECT(nvb_carrier_read_ends(packet, len, &from, &to) && from == 16 && to == 2);
}

TEST(what_is_not_between_members_stays)
{
    static const char *const ends[][2] = {
        {"10.78.87.1",          "10.78.87.255"            },
        { "10.78.87.1",         "10.78.87.0"              },
        { "10.78.87.1",         "10.78.87.1"              },
        { "10.78.87.1",         "10.78.86.2"              },
        { "10.78.87.1",         "8.8.8.8"                 },
        { "127.0.0.1",          "10.78.87.2"              },
        { "10.78.87.1",         "224.0.0.1"               },
        { "fd4e:5642:4e45::1",  "ff02::1"                 },
        { "fe80::1",            "fd4e:5642:4e45::2"       },
        { "fd4e:5642:4e45::1",  "fd4e:5642:4e45::ff"      },
        { "fd4e:5642:4e45::1",  "fd4e:5642:4e45:0:0:0:1:2"},
        { "fd4e:5642:4e44::64", "fd4e:5642:4e45::2"       },
    };
    unsigned char packet[40];
    unsigned from = 0;
    unsigned to = 0;

    for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
        size_t len = make_packet(packet, ends[i][0], ends[i][1]);

        EXPECT(!nvb_carrier_read_ends(packet, len, &from, &to));
    }
}

TEST(cut_packets_are_none)
{
    unsigned char packet[40];
    unsigned from = 0;
    unsigned to = 0;

    (void)make_packet(packet, "10.78.87.1", "10.78.87.2");
    for (size_t len = 0; len < 20; len++)
        EXPECT(!nvb_carrier_read_ends(packet, len, &from, &to));
    (void)make_packet(packet, "fd4e:5642:4e45::1", "fd4e:5642:4e45::2");
    for (size_t len = 0; len < 40; len++)
        EXPECT(!nvb_carrier_read_ends(packet, len, &from, &to));
}
