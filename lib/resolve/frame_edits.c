/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "resolve/frame_edits.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/dirs.h"

/* Vulkan loaders before 1.3.234 have no variable for implicit layers, so the manifest stands
 * where every loader looks. The 32-bit one has another name: a loader skips a library of the
 * wrong word size in silence. */
static void add_one(struct nvb_plan *plan, const char *library, const char *suffix)
{
    nvb_autofree char *inside = nvb_xasprintf("/run/nvbind/layer%s.so", suffix);
    nvb_autofree char *manifest =
        nvb_xasprintf("/etc/vulkan/implicit_layer.d/VK_LAYER_GHOSTFORGE_frames%s.json", suffix);
    nvb_autofree char *text = nvb_xasprintf(
        "{\n"
        "    \"file_format_version\": \"1.1.2\",\n"
        "    \"layer\": {\n"
        "        \"name\": \"VK_LAYER_GHOSTFORGE_frames%s\",\n"
        "        \"type\": \"GLOBAL\",\n"
        "        \"library_path\": \"%s\",\n"
        "        \"api_version\": \"1.4.0\",\n"
        "        \"implementation_version\": \"1\",\n"
        "        \"description\": \"Frame times and frame limit for nvbind and GhostForge\",\n"
        "        \"enable_environment\": { \"GHOSTFORGE_FRAMES\": \"1\" },\n"
        "        \"disable_environment\": { \"DISABLE_GHOSTFORGE_FRAMES\": \"1\" }\n"
        "    }\n"
        "}\n",
        suffix, inside);

    (void)nvb_edits_add_bind(&plan->edits, library, inside);
    nvb_edits_add_file(&plan->edits, manifest, text, strlen(text), 0644);
}

void nvb_frame_edits_add(struct nvb_plan *plan)
{
    nvb_autofree char *lib = nvb_dir_dup_lib();
    nvb_autofree char *wide = nvb_xasprintf("%s/libVkLayer_GHOSTFORGE_frames.so", lib ? lib : "");
    nvb_autofree char *narrow =
        nvb_xasprintf("%s/lib32/libVkLayer_GHOSTFORGE_frames.so", lib ? lib : "");

    if (access(wide, R_OK) < 0) {
        nvb_strv_addf(&plan->warnings, "no frame times: the Vulkan layer is not installed (%s)",
                      wide);
        plan->has_frame_times = false;
        return;
    }
    add_one(plan, wide, "");
    if (access(narrow, R_OK) == 0)
        add_one(plan, narrow, "_32");
    nvb_env_set(&plan->edits.env, "GHOSTFORGE_FRAMES", "1");
    nvb_strv_add(&plan->reasons, "frames: measured by the Vulkan layer, as the profile wants");
}
