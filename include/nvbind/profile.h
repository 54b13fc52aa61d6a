/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* profile.h - a named set of wishes for a container: what it may see and how it should run.
 *
 * Read from TOML: $XDG_CONFIG_HOME/nvbind, then /etc/nvbind, then the installation; in each, the
 * file profiles/NAME.toml, then the tables of config.toml; the first of a name wins whole. Above a
 * profile stand what a game needs (games.toml), then single settings of the command line. Each
 * value knows where it came from. What a wish turns into is docs/profiles.md's tale; one that does
 * not apply on this machine is dropped by `resolve` with its reason. */
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

/* true or false in a file; zero: nothing was said, so the game and its drivers decide. */
enum nvb_wish {
    NVB_WISH_NONE = 0,
    NVB_WISH_ON,
    NVB_WISH_OFF,
};

enum nvb_power {
    NVB_POWER_BALANCED = 0,
    NVB_POWER_MAXIMUM,
    NVB_POWER_SAVER,
};

enum nvb_dlss_quality {
    NVB_DLSS_NONE = 0,
    NVB_DLSS_PERFORMANCE,
    NVB_DLSS_BALANCED,
    NVB_DLSS_QUALITY,
    NVB_DLSS_ULTRA_PERFORMANCE,
    NVB_DLSS_DLAA,
};

enum nvb_vrs_rate {
    NVB_VRS_NONE = 0,
    NVB_VRS_1X2,
    NVB_VRS_2X1,
    NVB_VRS_2X2,
};

enum nvb_scaling {
    NVB_SCALING_NONE = 0,
    NVB_SCALING_FSR,
    NVB_SCALING_NIS,
};

enum nvb_model_size {
    NVB_MODEL_NONE = 0,
    NVB_MODEL_SMALL,
    NVB_MODEL_MEDIUM,
    NVB_MODEL_LARGE,
    NVB_MODEL_XLARGE,
};

enum nvb_precision {
    NVB_PRECISION_NONE = 0,
    NVB_PRECISION_FP16,
    NVB_PRECISION_MIXED,
    NVB_PRECISION_FP32,
};

/* Where a value came from: a later layer beats an earlier one. */
enum nvb_layer {
    NVB_LAYER_DEFAULT = 0,
    NVB_LAYER_IMPLIED, /* follows from another setting, since nobody said otherwise */
    NVB_LAYER_PROFILE,
    NVB_LAYER_GAME,
    NVB_LAYER_COMMAND,
};

struct nvb_origin {
    enum nvb_layer layer;
    char *source;  /* owned; a path, "performance_level = efficiency", or NULL */
    unsigned line; /* in that file, or 0 */
};

struct nvb_profile {
    char *name;        /* owned; "gaming" */
    char *description; /* owned; one line */
    char *source;      /* owned; path of the file it came from */
    enum nvb_level level;
    enum nvb_power power;
    enum nvb_sandbox_profile sandbox;
    enum nvb_display_wish display;
    bool has_frame_times;  /* load the frame layer and count frames */
    bool has_shader_cache; /* keep the drivers' shader caches in the container's home */
    uint64_t nofile; /* RLIMIT_NOFILE hard limit wished; 0 = the caller's. esync needs 524288 */

    uint64_t frame_cap;        /* frames a second; 0 = none */
    uint64_t frame_queue;      /* frames that may wait for the screen; 0 = the game's choice */
    enum nvb_wish low_latency; /* frames begin as late as they can */

    char *resolution;    /* owned; "1920x1080", what the game draws; NULL = its own choice */
    char *output;        /* owned; the size of the window that it is scaled to; or NULL */
    uint64_t refresh_hz; /* 0 = not said */
    enum nvb_wish has_vrr, has_hdr, has_gamescope;
    enum nvb_scaling scaling;

    enum nvb_wish has_dlss;
    enum nvb_dlss_quality dlss_quality;
    char *dlss_preset;         /* owned; "k", "latest"; or NULL */
    enum nvb_wish dlss_newest; /* the driver's DLSS library in place of an older one of the game */
    enum nvb_wish dlss_frame_generation;
    enum nvb_wish has_ray_tracing;
    enum nvb_wish has_vrs;
    enum nvb_vrs_rate vrs_rate;

    enum nvb_wish has_wine; /* off: the next ones do nothing */
    enum nvb_wish dxvk_async, esync, fsync, ntsync, wined3d, large_address_aware;

    enum nvb_model_size model_size;
    enum nvb_precision precision;
    uint64_t batch_size;
    uint64_t context_length; /* tokens; 0 = not said */
    char *gpu_memory_limit;  /* owned; "6GB"; or NULL */
    enum nvb_wish has_mig;

    struct nvb_profile_env { /* extra variables; unknown ones pass with a warning */
        char *name;          /* owned */
        char *value;         /* owned */
        struct nvb_origin origin;
    } * env; /* owned */

    size_t n_env;

    struct nvb_origin
        *origins; /* owned; one for each setting, in the library's own order; or NULL */

    char *game; /* owned; what the table of games calls the game it was made for; or NULL */
};

/* Find and read a profile by name. NVB_E_NOT_FOUND carries a "did you mean" hint and the list. */
NVB_API bool
nvb_profile_load(const char *name, struct nvb_profile **out_profile, struct nvb_err *err);
NVB_API bool
nvb_profile_read_file(const char *path, struct nvb_profile **out_profile, struct nvb_err *err);

/* What a run wants, layer by layer; NULL where nothing is. */
struct nvb_profile_ask {
    const char *name; /* of a profile; NULL: the game's own, else config.toml's, else "gaming" */
    const char *game; /* what games.toml calls it, its Steam app id, or its executable */
    const char *const *settings; /* "frames.cap=60", "env.NAME=value"; ends with NULL */
};

/* default < profile < game < settings; what was said nowhere may follow from what was. */
NVB_API bool nvb_profile_resolve(const struct nvb_profile_ask *ask,
                                 struct nvb_profile **out_profile,
                                 struct nvb_err *err);
NVB_API void nvb_profile_free(struct nvb_profile *profile);

/* The names that nvb_profile_load() would find, sorted, NULL-terminated; free each and the list. */
NVB_API char **nvb_profile_list(void);

/* What an edit did. */
struct nvb_profile_change {
    char *path;        /* owned; the user's file that was written or removed */
    char *copied_from; /* owned; the file that it began as a copy of, or NULL */
    bool is_unchanged; /* it said so already: nothing was written */
};

/* Change one setting ("frames.cap", "env.NAME") of a profile in the user's own files, comments kept;
 * a profile of the installation or of /etc is copied to them first. The file is replaced at once,
 * and changes by several programs at a time wait for each other. `out_change` may be NULL. */
NVB_API bool nvb_profile_set(const char *name,
                             const char *key,
                             const char *value,
                             struct nvb_profile_change *out_change,
                             struct nvb_err *err);
NVB_API bool nvb_profile_unset(const char *name,
                               const char *key,
                               struct nvb_profile_change *out_change,
                               struct nvb_err *err);

/* A new profile of the user's: a copy of another, or nearly empty when `from` is NULL. */
NVB_API bool nvb_profile_create(const char *name,
                                const char *from,
                                struct nvb_profile_change *out_change,
                                struct nvb_err *err);
/* Only the user's own; what it stood before is used again. */
NVB_API bool
nvb_profile_remove(const char *name, struct nvb_profile_change *out_change, struct nvb_err *err);

/* The same for what a game needs, in the user's games.toml. `game` is a name of a table, or a
 * Steam app id or an executable, for which an entry is made when there is none. */
NVB_API bool nvb_game_set(const char *game,
                          const char *key,
                          const char *value,
                          struct nvb_profile_change *out_change,
                          struct nvb_err *err);
NVB_API bool nvb_game_unset(const char *game,
                            const char *key,
                            struct nvb_profile_change *out_change,
                            struct nvb_err *err);
NVB_API void nvb_profile_change_clear(struct nvb_profile_change *change);

#ifdef __cplusplus
}
#endif
