/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* The rules as nft(8) would show them:
 *
 *   table inet nvbind {
 *       chain out {
 *           type filter hook output priority 0; policy accept;
 *           oif lo accept                                 (and the interface to other members)
 *           ip daddr 10.78.86.3 th dport 53 accept        (and the same for IPv6)
 *           icmpv6 type 133-136 accept
 *           ip daddr 10.0.0.0/8 drop                      (and so on, one a prefix)
 *       }
 *   }
 *
 * In nf_tables a rule is a list of expressions that work on registers (linux/netfilter/nf_tables.h):
 * load, mask, compare or leave, and a verdict at the end. */
#include "run/filter.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netlink.h>
#include <netinet/icmp6.h>
#include <string.h>
#include <sys/socket.h>

#include "oci/address.h"
#include "run/link.h"

#define TABLE "nvbind"
#define CHAIN "out"

enum {
    ROOM_FOR_RULE = 640,
    DNS_PORT = 53,
    IPV4_DESTINATION = 16, /* where it stands in a packet's header */
    IPV6_DESTINATION = 24,
    DESTINATION_PORT = 2, /* in TCP's header as in UDP's */
};

static void begin(struct nvb_netlink *nl, unsigned type, unsigned flags)
{
    struct nfgenmsg header = { .nfgen_family = NFPROTO_INET };

    nvb_netlink_begin(nl, (unsigned)NFNL_SUBSYS_NFTABLES << 8 | type, flags, &header,
                      sizeof(header));
}

/* All changes stand between two of these, and hold together or not at all. */
static void mark(struct nvb_netlink *nl, unsigned type)
{
    struct nfgenmsg header = { .res_id = htons(NFNL_SUBSYS_NFTABLES) };

    nvb_netlink_begin(nl, type, 0, &header, sizeof(header));
}

static size_t expression(struct nvb_netlink *nl, const char *name, size_t *out_data)
{
    size_t item = nvb_netlink_nest(nl, NFTA_LIST_ELEM);

    nvb_netlink_add_str(nl, NFTA_EXPR_NAME, name);
    *out_data = nvb_netlink_nest(nl, NFTA_EXPR_DATA);
    return item;
}

static void expression_end(struct nvb_netlink *nl, size_t item, size_t data)
{
    nvb_netlink_nest_end(nl, data);
    nvb_netlink_nest_end(nl, item);
}

static void add_value(struct nvb_netlink *nl, unsigned type, const void *value, size_t len)
{
    size_t nest = nvb_netlink_nest(nl, type);

    nvb_netlink_add(nl, NFTA_DATA_VALUE, value, len);
    nvb_netlink_nest_end(nl, nest);
}

static void load_meta(struct nvb_netlink *nl, unsigned key)
{
    size_t data = 0;
    size_t item = expression(nl, "meta", &data);

    nvb_netlink_add_be32(nl, NFTA_META_DREG, NFT_REG_1);
    nvb_netlink_add_be32(nl, NFTA_META_KEY, key);
    expression_end(nl, item, data);
}

static void load_packet(struct nvb_netlink *nl, unsigned base, unsigned offset, unsigned len)
{
    size_t data = 0;
    size_t item = expression(nl, "payload", &data);

    nvb_netlink_add_be32(nl, NFTA_PAYLOAD_DREG, NFT_REG_1);
    nvb_netlink_add_be32(nl, NFTA_PAYLOAD_BASE, base);
    nvb_netlink_add_be32(nl, NFTA_PAYLOAD_OFFSET, offset);
    nvb_netlink_add_be32(nl, NFTA_PAYLOAD_LEN, len);
    expression_end(nl, item, data);
}

static void mask(struct nvb_netlink *nl, const unsigned char *bits, unsigned len)
{
    static const unsigned char none[16];
    size_t data = 0;
    size_t item = expression(nl, "bitwise", &data);

    nvb_netlink_add_be32(nl, NFTA_BITWISE_SREG, NFT_REG_1);
    nvb_netlink_add_be32(nl, NFTA_BITWISE_DREG, NFT_REG_1);
    nvb_netlink_add_be32(nl, NFTA_BITWISE_LEN, len);
    add_value(nl, NFTA_BITWISE_MASK, bits, len);
    add_value(nl, NFTA_BITWISE_XOR, none, len);
    expression_end(nl, item, data);
}

/* Or the rule does not apply. */
static void compare(struct nvb_netlink *nl, unsigned how, const void *value, size_t len)
{
    size_t data = 0;
    size_t item = expression(nl, "cmp", &data);

    nvb_netlink_add_be32(nl, NFTA_CMP_SREG, NFT_REG_1);
    nvb_netlink_add_be32(nl, NFTA_CMP_OP, how);
    add_value(nl, NFTA_CMP_DATA, value, len);
    expression_end(nl, item, data);
}

static void decide(struct nvb_netlink *nl, unsigned verdict)
{
    size_t data = 0;
    size_t item = expression(nl, "immediate", &data);
    size_t value = 0;
    size_t nest = 0;

    nvb_netlink_add_be32(nl, NFTA_IMMEDIATE_DREG, NFT_REG_VERDICT);
    value = nvb_netlink_nest(nl, NFTA_IMMEDIATE_DATA);
    nest = nvb_netlink_nest(nl, NFTA_DATA_VERDICT);
    nvb_netlink_add_be32(nl, NFTA_VERDICT_CODE, verdict);
    nvb_netlink_nest_end(nl, nest);
    nvb_netlink_nest_end(nl, value);
    expression_end(nl, item, data);
}

static size_t rule(struct nvb_netlink *nl)
{
    begin(nl, NFT_MSG_NEWRULE, NLM_F_ACK | NLM_F_CREATE | NLM_F_APPEND);
    nvb_netlink_add_str(nl, NFTA_RULE_TABLE, TABLE);
    nvb_netlink_add_str(nl, NFTA_RULE_CHAIN, CHAIN);
    return nvb_netlink_nest(nl, NFTA_RULE_EXPRESSIONS);
}

static void rule_end(struct nvb_netlink *nl, size_t expressions, unsigned verdict)
{
    decide(nl, verdict);
    nvb_netlink_nest_end(nl, expressions);
}

static void match_destination(struct nvb_netlink *nl, const struct nvb_address *prefix)
{
    bool is_ipv4 = prefix->family == AF_INET;
    unsigned char protocol = is_ipv4 ? NFPROTO_IPV4 : NFPROTO_IPV6;
    unsigned len = is_ipv4 ? 4 : 16;
    unsigned char bits[16] = { 0 };

    load_meta(nl, NFT_META_NFPROTO);
    compare(nl, NFT_CMP_EQ, &protocol, sizeof(protocol));
    load_packet(nl, NFT_PAYLOAD_NETWORK_HEADER, is_ipv4 ? IPV4_DESTINATION : IPV6_DESTINATION, len);
    for (unsigned i = 0; i < prefix->prefix_len; i++)
        bits[i / 8] |= (unsigned char)(0x80U >> i % 8);
    if (prefix->prefix_len < len * 8)
        mask(nl, bits, len);
    compare(nl, NFT_CMP_EQ, prefix->bytes, len);
}

static void add_table(struct nvb_netlink *nl)
{
    size_t hook = 0;

    begin(nl, NFT_MSG_NEWTABLE, NLM_F_ACK | NLM_F_CREATE);
    nvb_netlink_add_str(nl, NFTA_TABLE_NAME, TABLE);
    begin(nl, NFT_MSG_NEWCHAIN, NLM_F_ACK | NLM_F_CREATE);
    nvb_netlink_add_str(nl, NFTA_CHAIN_TABLE, TABLE);
    nvb_netlink_add_str(nl, NFTA_CHAIN_NAME, CHAIN);
    hook = nvb_netlink_nest(nl, NFTA_CHAIN_HOOK);
    nvb_netlink_add_be32(nl, NFTA_HOOK_HOOKNUM, NF_INET_LOCAL_OUT);
    nvb_netlink_add_be32(nl, NFTA_HOOK_PRIORITY, 0);
    nvb_netlink_nest_end(nl, hook);
    nvb_netlink_add_be32(nl, NFTA_CHAIN_POLICY, NF_ACCEPT);
    nvb_netlink_add_str(nl, NFTA_CHAIN_TYPE, "filter");
}

static void allow_interface(struct nvb_netlink *nl, uint32_t index)
{
    size_t expressions = rule(nl);

    load_meta(nl, NFT_META_OIF);
    compare(nl, NFT_CMP_EQ, &index, sizeof(index));
    rule_end(nl, expressions, NF_ACCEPT);
}

static void allow_names(struct nvb_netlink *nl, const char *server)
{
    struct nvb_address address = nvb_link_address(server, strchr(server, ':') ? 128 : 32);
    uint16_t port = htons(DNS_PORT);
    size_t expressions = rule(nl);

    match_destination(nl, &address);
    load_packet(nl, NFT_PAYLOAD_TRANSPORT_HEADER, DESTINATION_PORT, sizeof(port));
    compare(nl, NFT_CMP_EQ, &port, sizeof(port));
    rule_end(nl, expressions, NF_ACCEPT);
}

static void allow_neighbours(struct nvb_netlink *nl)
{
    unsigned char protocol = IPPROTO_ICMPV6;
    unsigned char first = ND_ROUTER_SOLICIT;
    unsigned char last = ND_NEIGHBOR_ADVERT;
    size_t expressions = rule(nl);

    load_meta(nl, NFT_META_L4PROTO);
    compare(nl, NFT_CMP_EQ, &protocol, sizeof(protocol));
    load_packet(nl, NFT_PAYLOAD_TRANSPORT_HEADER, 0, 1);
    compare(nl, NFT_CMP_GTE, &first, 1);
    compare(nl, NFT_CMP_LTE, &last, 1);
    rule_end(nl, expressions, NF_ACCEPT);
}

static int load(struct nvb_netlink *nl,
                const struct nvb_address *denied,
                size_t n_denied,
                unsigned open_interface)
{
    mark(nl, NFNL_MSG_BATCH_BEGIN);
    add_table(nl);
    allow_interface(nl, NVB_LINK_LOOPBACK);
    if (open_interface > 0)
        allow_interface(nl, open_interface);
    allow_names(nl, NVB_IPV4_DNS);
    allow_names(nl, NVB_IPV6_DNS);
    allow_neighbours(nl);
    for (size_t i = 0; i < n_denied; i++) {
        size_t expressions = 0;

        if (!nvb_netlink_has_room(nl, ROOM_FOR_RULE)) {
            mark(nl, NFNL_MSG_BATCH_END);
            if (nvb_netlink_send(nl) < 0)
                return -1;
            mark(nl, NFNL_MSG_BATCH_BEGIN);
        }
        expressions = rule(nl);
        match_destination(nl, &denied[i]);
        rule_end(nl, expressions, NF_DROP);
    }
    mark(nl, NFNL_MSG_BATCH_END);
    return nvb_netlink_send(nl);
}

int nvb_filter_load(const struct nvb_address *denied, size_t n_denied, unsigned open_interface)
{
    struct nvb_netlink nl;
    int done = nvb_netlink_open(&nl, NETLINK_NETFILTER, 0);
    int saved = 0;

    if (done == 0)
        done = load(&nl, denied, n_denied, open_interface);
    saved = errno;
    nvb_netlink_close(&nl);
    errno = saved;
    return done;
}
