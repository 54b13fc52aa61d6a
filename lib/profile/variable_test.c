/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "profile/variable.h"

#include <string.h>

#include "base/text.h"
#include "test.h"

TEST(finds_every_row)
{
    size_t n = 0;

    for (const struct nvb_variable *v = NULL; (v = nvb_variable_get(n)); n++)
        EXPECT(nvb_variable_find(v->name) == v);
    EXPECT(n > 100);
    EXPECT(nvb_variable_find("NO_SUCH_VARIABLE") == NULL && nvb_variable_find("") == NULL);
}

TEST(says_for_every_row_who_reads_it_and_what_it_does)
{
    const struct nvb_variable *v = NULL;

    for (size_t i = 0; (v = nvb_variable_get(i)); i++) {
        size_t len = strlen(v->effect);

        EXPECT(*v->reader && *v->values);
        EXPECT(len > 1 && v->effect[len - 1] == '.');
    }
}

TEST(says_which_versions_read_it)
{
    static const char *const rows[][2] = {
        {"VKD3D_FRAME_RATE",   "vkd3d-proton 2.14 and later"},
        { "DXVK_FRAME_RATE",   "DXVK 1.9 to 2.7"            },
        { "PROTON_USE_NTSYNC", "Proton GE 10-9"             },
        { "PATH",              "every program, any version" },
    };
    const struct nvb_variable old = { .reader = "a game", .until = "3" };
    nvb_autofree char *text = nvb_variable_dup_reader(&old);

    EXPECT_STR(text, "a game 3 and older");
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        nvb_autofree char *reader = nvb_variable_dup_reader(nvb_variable_find(rows[i][0]));

        EXPECT_STR(reader, rows[i][1]);
    }
}

TEST(has_a_row_for_each_variable_that_nvbind_emits)
{
    static const char *const names[] = {
        "VK_DRIVER_FILES",
        "VK_ICD_FILENAMES",
        "LIBGL_ALWAYS_SOFTWARE",
        "GALLIUM_DRIVER",
        "__GL_SHADER_DISK_CACHE",
        "__GL_SHADER_DISK_CACHE_PATH",
        "MESA_SHADER_CACHE_DIR",
        "DISPLAY",
        "XAUTHORITY",
        "WAYLAND_DISPLAY",
        "XDG_RUNTIME_DIR",
        "XDG_SESSION_TYPE",
        "HOME",
        "PATH",
        "TERM",
        "USER",
        "LANG",
        "SDL_VIDEODRIVER",
        "GHOSTFORGE_FRAMES",
        "GHOSTFORGE_FRAMES_FILE",
        "DISABLE_GHOSTFORGE_FRAMES",
        "NVIDIA_VISIBLE_DEVICES",
        "CUDA_VISIBLE_DEVICES",
    };

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        const struct nvb_variable *v = nvb_variable_find(names[i]);

        EXPECT(v && !v->is_harmful);
    }
}

TEST(refuses_what_does_harm)
{
    EXPECT(nvb_variable_refuses(nvb_variable_find("DXVK_ASYNC"), "1"));
    EXPECT(nvb_variable_refuses(nvb_variable_find("CUDA_VISIBLE_DEVICES"), "all"));
    EXPECT(!nvb_variable_refuses(nvb_variable_find("CUDA_VISIBLE_DEVICES"), "0"));
    EXPECT(nvb_variable_refuses(nvb_variable_find("PROTON_NO_ESYNC"), "0"));
    EXPECT(!nvb_variable_refuses(nvb_variable_find("PROTON_NO_ESYNC"), "1"));
}
