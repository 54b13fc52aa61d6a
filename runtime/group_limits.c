/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "group_limits.h"

#include <inttypes.h>
#include <stdarg.h>
#include <string.h>

/* The numbers that are members of one object, and where version 1 takes them. */
struct number {
    const char *key;
    const char *file;
    bool is_optional;
};

NVB_PRINTF(5, 6)

static void add(struct group_settings *to,
                const char *controller,
                const char *file,
                bool is_optional,
                const char *fmt,
                ...)
{
    struct group_setting *item = NULL;
    va_list ap;

    to->items = nvb_xrealloc(to->items, to->n + 1, sizeof(*to->items));
    item = &to->items[to->n++];
    *item = (struct group_setting){ .controller = nvb_xstrdup(controller),
                                    .file = nvb_xstrdup(file),
                                    .is_optional = is_optional };
    va_start(ap, fmt);
    if (vasprintf(&item->value, fmt, ap) < 0)
        abort();
    va_end(ap);
}

void group_settings_clear(struct group_settings *settings)
{
    for (size_t i = 0; i < settings->n; i++) {
        free(settings->items[i].controller);
        free(settings->items[i].file);
        free(settings->items[i].value);
    }
    free(settings->items);
    *settings = (struct group_settings){ 0 };
}

uint64_t group_weight_of_shares(uint64_t shares)
{
    if (shares <= 2)
        return 1;
    return shares >= 262144 ? 10000 : 1 + (shares - 2) * 9999 / 262142;
}

uint64_t group_weight_of_blkio(uint64_t weight)
{
    if (weight <= 10)
        return 1;
    return weight >= 1000 ? 10000 : 1 + (weight - 10) * 9999 / 990;
}

static bool add_numbers(struct field_of of,
                        const char *controller,
                        const struct number *numbers,
                        struct group_settings *out,
                        struct nvb_err *err)
{
    for (const struct number *n = numbers; n->key; n++) {
        int64_t value = 0;
        uint64_t large = 0;

        if (!of.object || !nvb_json_get(of.object, n->key))
            continue;
        /* runc's 0 is "not said", and so it is to what writes configs for it. */
        if (nvb_json_read_u64(nvb_json_get(of.object, n->key), &large) && large > INT64_MAX) {
            add(out, controller, n->file, n->is_optional, "%" PRIu64, large);
        } else if (!field_i64(of, n->key, &value, err)) {
            return false;
        } else if (value != 0) {
            add(out, controller, n->file, n->is_optional, "%" PRId64, value);
        }
    }
    return true;
}

static bool add_strings(struct field_of of,
                        const char *controller,
                        const struct number *numbers,
                        struct group_settings *out,
                        struct nvb_err *err)
{
    for (const struct number *n = numbers; n->key; n++) {
        const char *text = NULL;

        if (!field_str(of, n->key, &text, err))
            return false;
        if (text && *text)
            add(out, controller, n->file, n->is_optional, "%s", text);
    }
    return true;
}

static const struct number cpuset_files[] = {
    {"cpus",  "cpuset.cpus", false},
    { "mems", "cpuset.mems", false},
    { NULL,   NULL,          false},
};

static bool
add_memory_v1(struct field_of resources, struct group_settings *out, struct nvb_err *err)
{
    static const struct number numbers[] = {
        {"limit",        "memory.limit_in_bytes",          false},
        { "swap",        "memory.memsw.limit_in_bytes",    true },
        { "reservation", "memory.soft_limit_in_bytes",     false},
        { "kernel",      "memory.kmem.limit_in_bytes",     true },
        { "kernelTCP",   "memory.kmem.tcp.limit_in_bytes", true },
        { NULL,          NULL,                             false},
    };
    struct field_of memory = { 0 };
    uint64_t swappiness = 0;
    bool has_no_killer = false;

    if (!field_object(resources, "memory", &memory, err) ||
        !add_numbers(memory, "memory", numbers, out, err) ||
        !field_u64(memory, "swappiness", &swappiness, err) ||
        !field_bool(memory, "disableOOMKiller", &has_no_killer, err))
        return false;
    if (swappiness > 100)
        return field_fail(memory, "swappiness", "is beyond 100", err);
    if (memory.object && nvb_json_get(memory.object, "swappiness"))
        add(out, "memory", "memory.swappiness", false, "%" PRIu64, swappiness);
    if (has_no_killer)
        add(out, "memory", "memory.oom_control", false, "1");
    return true;
}

static bool add_cpu_v1(struct field_of resources, struct group_settings *out, struct nvb_err *err)
{
    static const struct number numbers[] = {
        {"shares",           "cpu.shares",        false},
        { "realtimePeriod",  "cpu.rt_period_us",  false},
        { "realtimeRuntime", "cpu.rt_runtime_us", false},
        { "period",          "cpu.cfs_period_us", false},
        { "quota",           "cpu.cfs_quota_us",  false},
        { "burst",           "cpu.cfs_burst_us",  false},
        { "idle",            "cpu.idle",          false},
        { NULL,              NULL,                false},
    };
    struct field_of cpu = { 0 };

    return field_object(resources, "cpu", &cpu, err) &&
           add_numbers(cpu, "cpu", numbers, out, err) &&
           add_strings(cpu, "cpuset", cpuset_files, out, err);
}

static bool add_pids(struct field_of resources, struct group_settings *out, struct nvb_err *err)
{
    struct field_of pids = { 0 };
    int64_t limit = 0;

    if (!field_object(resources, "pids", &pids, err) || !field_i64(pids, "limit", &limit, err))
        return false;
    if (limit > 0) {
        add(out, "pids", "pids.max", false, "%" PRId64, limit);
    } else if (limit < 0) {
        add(out, "pids", "pids.max", false, "max");
    }
    return true;
}

struct throttle {
    const char *key;
    const char *v1;
    const char *v2; /* the word in io.max */
};

static const struct throttle throttles[] = {
    {"throttleReadBpsDevice",    "blkio.throttle.read_bps_device",   "rbps" },
    { "throttleWriteBpsDevice",  "blkio.throttle.write_bps_device",  "wbps" },
    { "throttleReadIOPSDevice",  "blkio.throttle.read_iops_device",  "riops"},
    { "throttleWriteIOPSDevice", "blkio.throttle.write_iops_device", "wiops"},
};

static bool add_throttle(struct field_of block,
                         const struct throttle *t,
                         bool is_v2,
                         struct group_settings *out,
                         struct nvb_err *err)
{
    const struct nvb_json *array = NULL;

    if (!field_array(block, t->key, &array, err))
        return false;
    for (size_t i = 0; i < nvb_json_length(array); i++) {
        struct field_of item = { .object = nvb_json_at(array, i), .name = t->key };
        uint64_t rate = 0;
        uint32_t major = 0;
        uint32_t minor = 0;

        if (!field_u32(item, "major", &major, err) || !field_u32(item, "minor", &minor, err) ||
            !field_u64(item, "rate", &rate, err))
            return false;
        if (is_v2) {
            add(out, "io", "io.max", false, "%u:%u %s=%" PRIu64, major, minor, t->v2, rate);
        } else {
            add(out, "blkio", t->v1, false, "%u:%u %" PRIu64, major, minor, rate);
        }
    }
    return true;
}

static bool add_device_weights(struct field_of block,
                               bool is_v2,
                               struct group_settings *out,
                               struct nvb_err *err)
{
    const struct nvb_json *array = NULL;

    if (!field_array(block, "weightDevice", &array, err))
        return false;
    for (size_t i = 0; i < nvb_json_length(array); i++) {
        struct field_of item = { .object = nvb_json_at(array, i), .name = "weightDevice" };
        uint32_t weight = 0;
        uint32_t major = 0;
        uint32_t minor = 0;

        if (!field_u32(item, "major", &major, err) || !field_u32(item, "minor", &minor, err) ||
            !field_u32(item, "weight", &weight, err))
            return false;
        add(out, is_v2 ? "io" : "blkio", is_v2 ? "io.bfq.weight" : "blkio.weight_device", true,
            "%u:%u %u", major, minor, weight);
    }
    return true;
}

static bool
add_block(struct field_of resources, bool is_v2, struct group_settings *out, struct nvb_err *err)
{
    struct field_of block = { 0 };
    uint32_t weight = 0;

    if (!field_object(resources, "blockIO", &block, err) ||
        !field_u32(block, "weight", &weight, err))
        return false;
    /* Which of the files there is depends on the disk's scheduler. */
    if (weight > 0 && is_v2) {
        add(out, "io", "io.bfq.weight", true, "%u", weight);
        add(out, "io", "io.weight", true, "%" PRIu64, group_weight_of_blkio(weight));
    } else if (weight > 0) {
        add(out, "blkio", "blkio.weight", true, "%u", weight);
        add(out, "blkio", "blkio.bfq.weight", true, "%u", weight);
    }
    for (size_t i = 0; i < sizeof(throttles) / sizeof(throttles[0]); i++) {
        if (!add_throttle(block, &throttles[i], is_v2, out, err))
            return false;
    }
    return add_device_weights(block, is_v2, out, err);
}

static bool
add_hugetlb(struct field_of resources, bool is_v2, struct group_settings *out, struct nvb_err *err)
{
    const struct nvb_json *array = NULL;

    if (!field_array(resources, "hugepageLimits", &array, err))
        return false;
    for (size_t i = 0; i < nvb_json_length(array); i++) {
        struct field_of item = { .object = nvb_json_at(array, i), .name = "hugepageLimits" };
        nvb_autofree char *file = NULL;
        const char *size = "";
        uint64_t limit = 0;

        if (!field_str(item, "pageSize", &size, err) || !field_u64(item, "limit", &limit, err))
            return false;
        if (!*size || strchr(size, '/'))
            return field_fail(item, "pageSize", "is no size", err);
        file = nvb_xasprintf("hugetlb.%s.%s", size, is_v2 ? "max" : "limit_in_bytes");
        add(out, "hugetlb", file, false, "%" PRIu64, limit);
    }
    return true;
}

static bool add_network(struct field_of resources, struct group_settings *out, struct nvb_err *err)
{
    const struct nvb_json *array = NULL;
    struct field_of network = { 0 };
    uint32_t class_id = 0;

    if (!field_object(resources, "network", &network, err) ||
        !field_u32(network, "classID", &class_id, err) ||
        !field_array(network, "priorities", &array, err))
        return false;
    if (class_id > 0)
        add(out, "net_cls", "net_cls.classid", false, "%u", class_id);
    for (size_t i = 0; i < nvb_json_length(array); i++) {
        struct field_of item = { .object = nvb_json_at(array, i), .name = "priorities" };
        const char *name = "";
        uint32_t priority = 0;

        if (!field_str(item, "name", &name, err) || !field_u32(item, "priority", &priority, err))
            return false;
        add(out, "net_prio", "net_prio.ifpriomap", false, "%s %u", name, priority);
    }
    return true;
}

static bool add_rdma(struct field_of resources, struct group_settings *out, struct nvb_err *err)
{
    struct field_of rdma = { 0 };

    if (!field_object(resources, "rdma", &rdma, err) || !rdma.object)
        return !err->n_lines;
    nvb_json_foreach(it, rdma.object) {
        struct field_of item = { .object = it.value, .name = "rdma" };
        uint32_t handles = UINT32_MAX;
        uint32_t objects = UINT32_MAX;

        if (!field_u32(item, "hcaHandles", &handles, err) ||
            !field_u32(item, "hcaObjects", &objects, err))
            return false;
        if (handles != UINT32_MAX)
            add(out, "rdma", "rdma.max", false, "%s hca_handle=%u", it.key, handles);
        if (objects != UINT32_MAX)
            add(out, "rdma", "rdma.max", false, "%s hca_object=%u", it.key, objects);
    }
    return true;
}

bool group_limits_v1(struct field_of resources, struct group_settings *out, struct nvb_err *err)
{
    return add_memory_v1(resources, out, err) && add_cpu_v1(resources, out, err) &&
           add_pids(resources, out, err) && add_block(resources, false, out, err) &&
           add_hugetlb(resources, false, out, err) && add_network(resources, out, err) &&
           add_rdma(resources, out, err);
}

static void
add_or_max(struct group_settings *out, const char *file, bool is_optional, int64_t value)
{
    if (value < 0) {
        add(out, "memory", file, is_optional, "max");
    } else {
        add(out, "memory", file, is_optional, "%" PRId64, value);
    }
}

/* Version 1 counts memory and swap together. */
static bool
add_memory_v2(struct field_of resources, struct group_settings *out, struct nvb_err *err)
{
    struct field_of memory = { 0 };
    int64_t limit = 0;
    int64_t swap = 0;
    int64_t reservation = 0;

    if (!field_object(resources, "memory", &memory, err) ||
        !field_i64(memory, "limit", &limit, err) || !field_i64(memory, "swap", &swap, err) ||
        !field_i64(memory, "reservation", &reservation, err))
        return false;
    if (swap > 0 && (limit <= 0 || swap < limit))
        return field_fail(memory, "swap", "is less than the limit of memory", err);
    if (swap != 0)
        add_or_max(out, "memory.swap.max", true, swap < 0 ? -1 : swap - limit);
    if (limit != 0)
        add_or_max(out, "memory.max", false, limit);
    if (reservation != 0)
        add_or_max(out, "memory.low", false, reservation);
    return true;
}

static bool add_cpu_v2(struct field_of resources, struct group_settings *out, struct nvb_err *err)
{
    static const struct number numbers[] = {
        {"burst", "cpu.max.burst", true },
        { "idle", "cpu.idle",      false},
        { NULL,   NULL,            false},
    };
    struct field_of cpu = { 0 };
    uint64_t shares = 0;
    uint64_t period = 0;
    int64_t quota = 0;

    if (!field_object(resources, "cpu", &cpu, err) || !field_u64(cpu, "shares", &shares, err) ||
        !field_u64(cpu, "period", &period, err) || !field_i64(cpu, "quota", &quota, err))
        return false;
    if (shares > 0)
        add(out, "cpu", "cpu.weight", false, "%" PRIu64, group_weight_of_shares(shares));
    if (quota > 0) {
        add(out, "cpu", "cpu.max", false, "%" PRId64 " %" PRIu64, quota, period ? period : 100000);
    } else if (quota < 0 || period > 0) {
        add(out, "cpu", "cpu.max", false, "max %" PRIu64, period ? period : 100000);
    }
    return add_numbers(cpu, "cpu", numbers, out, err) &&
           add_strings(cpu, "cpuset", cpuset_files, out, err);
}

static bool add_unified(struct field_of resources, struct group_settings *out, struct nvb_err *err)
{
    struct field_of unified = { 0 };

    if (!field_object(resources, "unified", &unified, err) || !unified.object)
        return !err->n_lines;
    nvb_json_foreach(it, unified.object) {
        const char *value = nvb_json_str(it.value);
        const char *dot = strchr(it.key, '.');
        nvb_autofree char *controller = dot ? nvb_xstrndup(it.key, (size_t)(dot - it.key)) : NULL;

        if (!value || !dot || strchr(it.key, '/'))
            return field_fail(unified, it.key, "is no file of a cgroup", err);
        add(out, controller, it.key, false, "%s", value);
    }
    return true;
}

bool group_limits_v2(struct field_of resources, struct group_settings *out, struct nvb_err *err)
{
    return add_memory_v2(resources, out, err) && add_cpu_v2(resources, out, err) &&
           add_pids(resources, out, err) && add_block(resources, true, out, err) &&
           add_hugetlb(resources, true, out, err) && add_rdma(resources, out, err) &&
           add_unified(resources, out, err);
}
