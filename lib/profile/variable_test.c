/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "profile/variable.h"

#include <string.h>

#include "test.h"

TEST(is_sorted_so_that_every_row_is_found)
{
    size_t n = 0;
    const struct nvb_variable *rows = nvb_variables(&n);

    EXPECT(n > 100);
    for (size_t i = 0; i < n; i++) {
        EXPECT(i == 0 || strcmp(rows[i - 1].name, rows[i].name) < 0);
        EXPECT(nvb_variable_find(rows[i].name) == &rows[i]);
    }
    EXPECT(nvb_variable_find("NO_SUCH_VARIABLE") == NULL && nvb_variable_find("") == NULL);
}

TEST(says_for_every_row_who_reads_it_and_what_it_does)
{
    size_t n = 0;
    const struct nvb_variable *rows = nvb_variables(&n);

    for (size_t i = 0; i < n; i++) {
        size_t len = strlen(rows[i].effect);

        EXPECT(*rows[i].reader && *rows[i].values);
        EXPECT(len > 1 && rows[i].effect[len - 1] == '.');
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
