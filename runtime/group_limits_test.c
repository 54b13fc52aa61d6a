/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "group_limits.h"

#include <string.h>

#include "test.h"

/* "FILE=VALUE FILE=VALUE". */
static char *dup_settings(const char *text, bool is_v2, struct nvb_err *err)
{
    nvb_autoptr(nvb_json) json = NULL;
    struct group_settings settings = { 0 };
    struct field_of of = { .name = "resources" };
    nvb_auto_buf out = { 0 };
    bool ok = nvb_json_parse(text, strlen(text), "test", &json, err);

    of.object = json;
    ok = ok && (is_v2 ? group_limits_v2(of, &settings, err) : group_limits_v1(of, &settings, err));
    nvb_buf_add_str(&out, "");
    for (size_t i = 0; ok && i < settings.n; i++)
        nvb_buf_addf(&out, "%s%s=%s", i ? " " : "", settings.items[i].file,
                     settings.items[i].value);
    group_settings_clear(&settings);
    return nvb_steal(&out.data);
}

TEST(says_limits_in_the_words_of_each_version)
{
    static const struct {
        const char *text;
        const char *v1;
        const char *v2;
    } rows[] = {
        {"{}",                                                                                       "",                              ""                                  },
        { "{\"memory\": {\"limit\": 100, \"swap\": 150}}",
         "memory.limit_in_bytes=100 memory.memsw.limit_in_bytes=150",                                                                 "memory.swap.max=50 memory.max=100" },
        { "{\"memory\": {\"limit\": -1, \"swap\": -1}}",
         "memory.limit_in_bytes=-1 memory.memsw.limit_in_bytes=-1",                                                                   "memory.swap.max=max memory.max=max"},
        { "{\"cpu\": {\"shares\": 1024, \"quota\": 5, \"period\": 9}}",
         "cpu.shares=1024 cpu.cfs_period_us=9 cpu.cfs_quota_us=5",                                                                    "cpu.weight=39 cpu.max=5 9"         },
        { "{\"cpu\": {\"cpus\": \"0-1\", \"mems\": \"0\"}}",                                         "cpuset.cpus=0-1 cpuset.mems=0",
         "cpuset.cpus=0-1 cpuset.mems=0"                                                                                                                                  },
        { "{\"pids\": {\"limit\": -1}}",                                                             "pids.max=max",                  "pids.max=max"                      },
        { "{\"blockIO\": {\"throttleReadBpsDevice\": [{\"major\": 8, \"minor\": 0, \"rate\": 7}]}}",
         "blkio.throttle.read_bps_device=8:0 7",                                                                                      "io.max=8:0 rbps=7"                 },
        { "{\"hugepageLimits\": [{\"pageSize\": \"2MB\", \"limit\": 4}]}",
         "hugetlb.2MB.limit_in_bytes=4",                                                                                              "hugetlb.2MB.max=4"                 },
        { "{\"network\": {\"classID\": 5}}",                                                         "net_cls.classid=5",             ""                                  },
        { "{\"unified\": {\"cgroup.freeze\": \"1\"}}",                                               "",                              "cgroup.freeze=1"                   },
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        nvb_auto_err err = { 0 };
        nvb_autofree char *v1 = dup_settings(rows[i].text, false, &err);
        nvb_autofree char *v2 = dup_settings(rows[i].text, true, &err);

        EXPECT_STR(v1, rows[i].v1);
        EXPECT_STR(v2, rows[i].v2);
        EXPECT(err.n_lines == 0);
    }
}

TEST(refuses_what_makes_no_sense)
{
    static const char *const bad[] = {
        "{\"memory\": {\"limit\": 100, \"swap\": 50}}",
        "{\"pids\": {\"limit\": \"5\"}}",
        "{\"hugepageLimits\": [{\"pageSize\": \"../x\", \"limit\": 4}]}",
        "{\"unified\": {\"../x.y\": \"1\"}}",
        "{\"unified\": {\"memory.max\": 1}}",
    };

    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        nvb_auto_err err = { 0 };
        nvb_autofree char *got = dup_settings(bad[i], true, &err);

        EXPECT_STR(got, "");
        EXPECT(err.n_lines > 0);
    }
}

TEST(converts_weights_at_both_ends)
{
    EXPECT(group_weight_of_shares(2) == 1 && group_weight_of_shares(262144) == 10000);
    EXPECT(group_weight_of_blkio(10) == 1 && group_weight_of_blkio(1000) == 10000);
}
