/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* profile.h - a named set of wishes for a container: what it may see and how it should run.
 *
 * Read from TOML (data/profiles/ of the installation, /etc/nvbind/profiles, then
 * $XDG_CONFIG_HOME/nvbind/profiles; the last file of a name wins whole). A wish that does not
 * apply on this machine is dropped by `resolve` with its reason. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "nvbind/error.h"

#ifdef __cplusplus
extern "C" {
#endif

enum nvb_level { /* brief's words are accepted as well: UltraLowLatency, MaxPerformance... */
    NVB_LEVEL_BALANCED = 0,
    NVB_LEVEL_ULTRA_LOW_LATENCY,
    NVB_LEVEL_PERFORMANCE,
    NVB_LEVEL_EFFICIENCY,
};

enum nvb_sandbox_profile {
    NVB_SANDBOX_STRICT = 0, /* /proc masked, namespace system calls refused */
    NVB_SANDBOX_STEAM, /* user namespaces allowed (pressure-vessel needs them), /proc unmasked */
};

enum nvb_display_wish {
    NVB_DISPLAY_WISH_NONE = 0,
    NVB_DISPLAY_WISH_AUTO, /* Wayland, else X11, else none with a reason */
    NVB_DISPLAY_WISH_X11,
    NVB_DISPLAY_WISH_WAYLAND,
};

struct nvb_profile {
    char *name;        /* owned; "gaming" */
    char *description; /* owned; one line */
    char *source;      /* owned; path of the file it came from */
    enum nvb_level level;
    enum nvb_sandbox_profile sandbox;
    enum nvb_display_wish display;
    bool has_frame_times;  /* load the frame layer and count frames */
    bool has_shader_cache; /* keep the drivers' shader caches in the container's home */
    uint64_t nofile; /* RLIMIT_NOFILE hard limit wished; 0 = the caller's. esync needs 524288 */

    struct
        nvb_profile_env { /* extra variables, "NAME", "value"; unknown ones pass with a warning */
        char *name;
        char *value;
    } * env; /* owned */

    size_t n_env;
};

/* Find and read a profile by name. NVB_E_NOT_FOUND carries a "did you mean" hint and the list. */
NVB_API bool
nvb_profile_load(const char *name, struct nvb_profile **out_profile, struct nvb_err *err);
NVB_API bool
nvb_profile_read_file(const char *path, struct nvb_profile **out_profile, struct nvb_err *err);
NVB_API void nvb_profile_free(struct nvb_profile *profile);

/* The names that nvb_profile_load() would find, sorted, NULL-terminated; free each and the list. */
NVB_API char **nvb_profile_list(void);

#ifdef __cplusplus
}
#endif
