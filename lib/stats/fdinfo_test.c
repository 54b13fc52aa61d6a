/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "stats/fdinfo.h"

#include <string.h>

#include "base/text.h"
#include "test.h"

/* The layout of the drivers' own documentation, with made-up numbers. */
static const char amdgpu_6_1[] = "pos:\t0\nflags:\t02100002\nmnt_id:\t26\nino:\t685\n"
                                 "drm-driver:\tamdgpu\ndrm-client-id:\t42\n"
                                 "drm-pdev:\t0000:0c:00.0\npasid:\t32777\n"
                                 "drm-memory-vram:\t319488 KiB\ndrm-memory-gtt: \t20480 KiB\n"
                                 "drm-memory-cpu: \t64 KiB\namd-evicted-vram:\t12 KiB\n"
                                 "drm-engine-gfx:\t123456789 ns\ndrm-engine-enc_1:\t5 ns\n";
static const char amdgpu_6_18[] =
    "drm-driver:\tamdgpu\ndrm-client-id:\t7\ndrm-pdev:\t0000:0c:00.0\n"
    "drm-client-name:\tsome game: 1 MiB\n"
    "drm-total-vram:\t4 GiB\ndrm-shared-vram:\t8 MiB\ndrm-resident-vram:\t300 MiB\n"
    "drm-purgeable-vram:\t0\ndrm-resident-gtt:\t20 MiB\ndrm-resident-cpu:\t0\n"
    "drm-resident-gds:\t4096\ndrm-memory-vram:\t307200 KiB\ndrm-memory-gtt: \t20480 KiB\n"
    "drm-memory-cpu: \t0 KiB\ndrm-engine-compute:\t99 ns\n";
static const char i915[] = "drm-driver: i915\ndrm-client-id: 9\ndrm-pdev: 0000:00:02.0\n"
                           "drm-total-system0: 140 MiB\ndrm-resident-system0: 120 MiB\n"
                           "drm-resident-stolen-system0: 1 MiB\ndrm-resident-local0: 2 MiB\n"
                           "drm-resident-stolen-local0: 1 MiB\ndrm-engine-render: 25662044495 ns\n"
                           "drm-engine-video: 0 ns\ndrm-engine-capacity-video: 2\n";
static const char xe[] = "drm-driver:\txe\ndrm-client-id:\t3\ndrm-pdev:\t0000:03:00.0\n"
                         "drm-total-system:\t0\ndrm-resident-system:\t0\n"
                         "drm-resident-gtt:\t192 KiB\ndrm-resident-vram0:\t23992 KiB\n"
                         "drm-resident-vram1:\t8 KiB\ndrm-cycles-rcs:\t28257900\n"
                         "drm-total-cycles-rcs:\t7655183225\ndrm-cycles-ccs:\t0\n"
                         "drm-total-cycles-ccs:\t7655183225\ndrm-engine-capacity-ccs:\t4\n";

static const struct nvb_fdinfo_engine *find(const struct nvb_fdinfo *info, const char *name)
{
    size_t i = 0;

    while (i < info->n_engines && strcmp(info->engines[i].name, name) != 0)
        i++;
    EXPECT(i < info->n_engines);
    return &info->engines[i];
}

TEST(reads_amdgpu_before_and_after_its_keys_changed)
{
    struct nvb_fdinfo old = { 0 };
    struct nvb_fdinfo new = { 0 };

    EXPECT(nvb_fdinfo_parse(amdgpu_6_1, &old) && nvb_fdinfo_parse(amdgpu_6_18, &new));
    EXPECT_STR(old.driver, "amdgpu");
    EXPECT_STR(old.pci_address, "0000:0c:00.0");
    EXPECT(old.has_client_id && old.client_id == 42);
    EXPECT(old.has_own_bytes && old.own_bytes == 312 << 20);
    EXPECT(old.has_system_bytes && old.system_bytes == (20480 + 64) << 10);
    EXPECT(old.n_engines == 2 && find(&old, "gfx")->busy_ns == 123456789);
    EXPECT(find(&old, "gfx")->work == NVB_WORK_DRAW && find(&old, "gfx")->capacity == 1);
    EXPECT(find(&old, "enc_1")->work == NVB_WORK_VIDEO);
    /* Told twice under two names, counted once; chips' own registers are no memory. */
    EXPECT(new.own_bytes == 300 << 20 && new.system_bytes == 20 << 20);
    EXPECT(find(&new, "compute")->work == NVB_WORK_COMPUTE);
}

TEST(reads_i915_and_xe)
{
    struct nvb_fdinfo info = { 0 };

    EXPECT(nvb_fdinfo_parse(i915, &info));
    EXPECT(info.own_bytes == 3 << 20 && info.system_bytes == 121 << 20);
    EXPECT(find(&info, "render")->busy_ns == 25662044495);
    EXPECT(find(&info, "video")->capacity == 2 && find(&info, "video")->has_busy);
    EXPECT(nvb_fdinfo_parse(xe, &info));
    EXPECT(info.own_bytes == 24000 << 10 && info.system_bytes == 192 << 10);
    EXPECT(find(&info, "rcs")->cycles == 28257900 && !find(&info, "rcs")->has_busy);
    EXPECT(find(&info, "rcs")->total_cycles == 7655183225 && find(&info, "ccs")->capacity == 4);
}

TEST(a_file_of_no_drm_driver_is_none)
{
    static const char *const none[] = {
        "",
        "\n\n\n",
        "pos:\t0\nflags:\t02\n",
        "drm-client-id:\t4\ndrm-pdev:\t0000:01:00.0\n",
        "drm-driver:\n",
        "drm-driver:\ttwo words\n",
        "drm-driver:\t\x1b[2J\n",
        "drm-driver:\ta-name-that-no-driver-ever-had\n",
        "drm-driver",
    };

    for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++) {
        struct nvb_fdinfo info = { 0 };

        EXPECT(!nvb_fdinfo_parse(none[i], &info));
        EXPECT(info.n_engines == 0 && !*info.driver);
    }
}

TEST(a_key_that_is_not_as_specified_is_absent)
{
    struct nvb_fdinfo info = { 0 };

    EXPECT(nvb_fdinfo_parse("drm-driver:\tx\ndrm-client-id:\t-1\ndrm-pdev:\t0000:00000:00000.0\n"
                            "drm-resident-vram:\t-5 KiB\ndrm-memory-vram:\t5 GB\n"
                            "drm-total-vram:\t18446744073709551615 KiB\n"
                            "drm-resident-gtt:\t99999999999999999999\ndrm-resident-:\t1\n"
                            "drm-engine-gfx:\t1\ndrm-engine-dec:\t1 ms\ndrm-engine-:\t1 ns\n"
                            "drm-engine-a b:\t1 ns\ndrm-engine-\x7f:\t1 ns\n"
                            "drm-engine-capacity-enc:\t0\ndrm-cycles-rcs:\t0x10\n"
                            "drm-cycles-ccs:\t1 Hz\ndrm-total-cycles-ccs:\t\n",
                            &info));
    EXPECT(!info.has_client_id && !*info.pci_address);
    EXPECT(!info.has_own_bytes && !info.has_system_bytes && info.n_engines == 0);
}

TEST(sums_past_64_bits_are_not_told)
{
    struct nvb_fdinfo info = { 0 };

    EXPECT(nvb_fdinfo_parse("drm-driver:\tx\ndrm-resident-vram0:\t18446744073709551615\n"
                            "drm-resident-vram1:\t1\ndrm-resident-gtt:\t17592186044415 MiB\n",
                            &info));
    EXPECT(!info.has_own_bytes && info.own_bytes == 0);
    EXPECT(info.has_system_bytes && info.system_bytes == UINT64_MAX >> 20 << 20);
}

TEST(only_the_unused_total_stands_in_when_nothing_better_is_told)
{
    struct nvb_fdinfo info = { 0 };

    EXPECT(nvb_fdinfo_parse("drm-driver:\tv3d\ndrm-total-memory:\t8 MiB\n", &info));
    EXPECT(info.system_bytes == 8 << 20 && !info.has_own_bytes);
}

TEST(more_engines_than_there_can_be_are_cut_off)
{
    nvb_auto_buf text = { 0 };
    struct nvb_fdinfo info = { 0 };

    nvb_buf_add_str(&text, "drm-driver:\tx\n");
    for (unsigned i = 0; i < 30; i++)
        nvb_buf_addf(&text, "drm-engine-%u:\t1 ns\n", i);
    EXPECT(nvb_fdinfo_parse(text.data, &info) && info.n_engines == NVB_FDINFO_ENGINES_MAX);
}
