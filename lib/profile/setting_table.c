/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "profile/setting.h"

enum {
    NOFILE_MAX = 1 << 30, /* the kernel's own ceiling, fs.nr_open, cannot be set above it */
    FRAMES_MAX = 1000,    /* a second; no screen is faster */
    QUEUE_MAX = 16,       /* the most that DXVK takes */
    REFRESH_MAX = 1000,
    BATCH_MAX = 1 << 16,
    CONTEXT_MAX = 1 << 24,
};

/* The second words are those of the integration brief, and of the enums in its example code. */
static const struct nvb_setting_word levels[] = {
    {"balanced",           NVB_LEVEL_BALANCED,          "no preference between speed and power"               },
    { "Balanced",          NVB_LEVEL_BALANCED,          NULL                                                  },
    { "ultra-low-latency", NVB_LEVEL_ULTRA_LOW_LATENCY,
     "prefers short delays: a short queue of frames, begun late, none made up"                                },
    { "UltraLowLatency",   NVB_LEVEL_ULTRA_LOW_LATENCY, NULL                                                  },
    { "performance",       NVB_LEVEL_PERFORMANCE,       "prefers frame rate: full power, no cap"              },
    { "MaxPerformance",    NVB_LEVEL_PERFORMANCE,       NULL                                                  },
    { "efficiency",        NVB_LEVEL_EFFICIENCY,        "prefers low power: saves it, and caps the frame rate"},
    { "PowerEfficient",    NVB_LEVEL_EFFICIENCY,        NULL                                                  },
    { NULL,                0,                           NULL                                                  },
};

static const struct nvb_setting_word powers[] = {
    {"balanced",     NVB_POWER_BALANCED, "the machine's power settings stay as they are"        },
    { "Balanced",    NVB_POWER_BALANCED, NULL                                                   },
    { "maximum",     NVB_POWER_MAXIMUM,
     "a wish for full power, for what starts the container; nvbind run changes no power setting"},
    { "Maximum",     NVB_POWER_MAXIMUM,  NULL                                                   },
    { "power-saver", NVB_POWER_SAVER,
     "a wish to save power, for what starts the container; nvbind run changes no power setting" },
    { "PowerSaver",  NVB_POWER_SAVER,    NULL                                                   },
    { NULL,          0,                  NULL                                                   },
};

static const struct nvb_setting_word sandboxes[] = {
    {"strict", NVB_SANDBOX_STRICT,
     "parts of /proc are hidden; making namespaces and mounts is refused"             },
    { "steam", NVB_SANDBOX_STEAM,
     "user namespaces are allowed and /proc is whole, as Steam's own sandbox needs it"},
    { NULL,    0,                  NULL                                               },
};

static const struct nvb_setting_word displays[] = {
    {"none",     NVB_DISPLAY_WISH_NONE,    "no window system is reachable"                     },
    { "auto",    NVB_DISPLAY_WISH_AUTO,    "the Wayland socket, else the X11 socket and cookie"},
    { "x11",     NVB_DISPLAY_WISH_X11,
     "the X11 socket and cookie; X11 lets programs watch each other's keys and windows"        },
    { "wayland", NVB_DISPLAY_WISH_WAYLAND, "the Wayland socket"                                },
    { NULL,      0,                        NULL                                                },
};

static const struct nvb_setting_word scalings[] = {
    {"fsr",  NVB_SCALING_FSR, "gamescope scales with FSR 1"                 },
    { "nis", NVB_SCALING_NIS, "gamescope scales with NVIDIA's image scaling"},
    { NULL,  0,               NULL                                          },
};

static const struct nvb_setting_word measures[] = {
    {"false", false, "frames are not counted"                            },
    { "true", true,  "a small Vulkan layer counts frames and their times"},
    { NULL,   0,     NULL                                                },
};

static const struct nvb_setting_word caches[] = {
    {"false", false, "compiled shaders are lost with the container"                    },
    { "true", true,  "compiled shaders stay in the container's home for the next start"},
    { NULL,   0,     NULL                                                              },
};

static const struct nvb_setting_word qualities[] = {
    {"performance",        NVB_DLSS_PERFORMANCE,       "DLSS draws half the height and width"                    },
    { "Performance",       NVB_DLSS_PERFORMANCE,       NULL                                                      },
    { "balanced",          NVB_DLSS_BALANCED,          "DLSS draws 58 % of the height and width"                 },
    { "Balanced",          NVB_DLSS_BALANCED,          NULL                                                      },
    { "quality",           NVB_DLSS_QUALITY,           "DLSS draws two thirds of the height and width"           },
    { "Quality",           NVB_DLSS_QUALITY,           NULL                                                      },
    { "ultra-performance", NVB_DLSS_ULTRA_PERFORMANCE,
     "DLSS draws a third of the height and width"                                                                },
    { "UltraPerformance",  NVB_DLSS_ULTRA_PERFORMANCE, NULL                                                      },
    { "dlaa",              NVB_DLSS_DLAA,              "DLSS draws all of the height and width, and only smooths"},
    { "DLAA",              NVB_DLSS_DLAA,              NULL                                                      },
    { NULL,                0,                          NULL                                                      },
};

static const struct nvb_setting_word rates[] = {
    {"1x2",  NVB_VRS_1X2, "colours are computed for two points at a time, one above the other"},
    { "2x1", NVB_VRS_2X1, "colours are computed for two points at a time, side by side"       },
    { "2x2", NVB_VRS_2X2, "colours are computed for four points at a time: faster and blurred"},
    { NULL,  0,           NULL                                                                },
};

static const struct nvb_setting_word model_sizes[] = {
    {"small",   NVB_MODEL_SMALL,  "about 7 billion parameters"    },
    { "Small",  NVB_MODEL_SMALL,  NULL                            },
    { "medium", NVB_MODEL_MEDIUM, "about 13 billion parameters"   },
    { "Medium", NVB_MODEL_MEDIUM, NULL                            },
    { "large",  NVB_MODEL_LARGE,  "about 34 billion parameters"   },
    { "Large",  NVB_MODEL_LARGE,  NULL                            },
    { "xlarge", NVB_MODEL_XLARGE, "70 billion parameters and more"},
    { "XLarge", NVB_MODEL_XLARGE, NULL                            },
    { NULL,     0,                NULL                            },
};

static const struct nvb_setting_word precisions[] = {
    {"fp16",   NVB_PRECISION_FP16,  "16-bit numbers"           },
    { "FP16",  NVB_PRECISION_FP16,  NULL                       },
    { "mixed", NVB_PRECISION_MIXED, "16-bit and 32-bit numbers"},
    { "Mixed", NVB_PRECISION_MIXED, NULL                       },
    { "fp32",  NVB_PRECISION_FP32,  "32-bit numbers"           },
    { "FP32",  NVB_PRECISION_FP32,  NULL                       },
    { NULL,    0,                   NULL                       },
};

#define WISH_ROW(word_, value_, effect_)                        \
    {                                                           \
        .word = (word_), .value = (value_), .effect = (effect_) \
    }
#define WISH(on, off)                                                            \
    {                                                                            \
        WISH_ROW("true", NVB_WISH_ON, on), WISH_ROW("false", NVB_WISH_OFF, off), \
        {                                                                        \
            .word = NULL                                                         \
        }                                                                        \
    }

static const struct nvb_setting_word latencies[] =
    WISH("frames begin as late as they can, where the layer below the game knows how",
         "frames begin as the game wants");
static const struct nvb_setting_word vrrs[] =
    WISH("gamescope lets the screen wait for the frames", "gamescope keeps the screen's own rate");
static const struct nvb_setting_word hdrs[] =
    WISH("games see an HDR screen", "games see no HDR screen");
static const struct nvb_setting_word gamescopes[] =
    WISH("the command runs inside gamescope, a small compositor of its own",
         "the command has the display to itself");
static const struct nvb_setting_word dlsses[] =
    WISH("games see that the GPU is NVIDIA's and may use DLSS and Reflex",
         "games do not find NVIDIA's API, so neither DLSS nor Reflex");
static const struct nvb_setting_word newests[] =
    WISH("the driver's DLSS library is used where it is newer than the game's",
         "the game's own DLSS library is used");
static const struct nvb_setting_word generations[] =
    WISH("DLSS makes frames up between those that were drawn",
         "only frames that were drawn are shown");
static const struct nvb_setting_word rays[] =
    WISH("games may offer ray tracing", "Direct3D 12 games do not find ray tracing");
static const struct nvb_setting_word shadings[] =
    WISH("games may use variable rate shading", "asks for a switch that no driver has");
static const struct nvb_setting_word wines[] =
    WISH("room for esync's many open files, and ntsync's node where the kernel has it",
         "none of the settings in [wine] is used");
static const struct nvb_setting_word asyncs[] =
    WISH("asks for a DXVK that no release ever was", "as every DXVK is");
static const struct nvb_setting_word esyncs[] =
    WISH("esync may be used; Proton decides", "Proton does not use esync");
static const struct nvb_setting_word fsyncs[] =
    WISH("fsync may be used; Proton decides", "Proton does not use fsync");
static const struct nvb_setting_word ntsyncs[] =
    WISH("the kernel's ntsync node is in the container", "ntsync is not used");
static const struct nvb_setting_word wined3ds[] =
    WISH("Direct3D goes through OpenGL in place of DXVK", "DXVK, as Proton's default is");
static const struct nvb_setting_word awares[] =
    WISH("32-bit games have 4 GB, as Proton's default is", "32-bit games have 2 GB");
static const struct nvb_setting_word migs[] =
    WISH("a slice of a GPU, which --gpu gives", "whole GPUs");

#define FIELD(name) offsetof(struct nvb_profile, name)

#define ROW_WORD(section_, key_, field, words_)                                                 \
    {                                                                                           \
        .section = (section_), .key = (key_), .type = NVB_SETTING_WORD, .offset = FIELD(field), \
        .words = (words_)                                                                       \
    }
#define ROW_BOOL(section_, key_, field, words_)                                                 \
    {                                                                                           \
        .section = (section_), .key = (key_), .type = NVB_SETTING_BOOL, .offset = FIELD(field), \
        .words = (words_)                                                                       \
    }
#define ROW_WISH(section_, key_, field, words_)                                                 \
    {                                                                                           \
        .section = (section_), .key = (key_), .type = NVB_SETTING_WISH, .offset = FIELD(field), \
        .words = (words_)                                                                       \
    }
#define ROW_COUNT(section_, key_, field, max_, effect_)                                          \
    {                                                                                            \
        .section = (section_), .key = (key_), .type = NVB_SETTING_COUNT, .offset = FIELD(field), \
        .max = (max_), .effect = (effect_)                                                       \
    }
#define ROW_TEXT(section_, key_, field, accepts_, form_, effect_)                               \
    {                                                                                           \
        .section = (section_), .key = (key_), .type = NVB_SETTING_TEXT, .offset = FIELD(field), \
        .accepts = (accepts_), .form = (form_), .effect = (effect_)                             \
    }

/* "1920x1080"; sides that a screen can have. */
static bool is_size(const char *text)
{
    const char *x = strchr(text, 'x');
    nvb_autofree char *width = nvb_xstrndup(text, x ? (size_t)(x - text) : 0);
    uint64_t w = 0;
    uint64_t h = 0;

    return x && nvb_parse_u64(width, 16384, &w) && nvb_parse_u64(x + 1, 16384, &h) && w >= 160 &&
           h >= 120;
}

static bool is_preset(const char *text)
{
    return strcmp(text, "off") == 0 || strcmp(text, "default") == 0 ||
           strcmp(text, "latest") == 0 || (text[0] >= 'a' && text[0] <= 'o' && !text[1]);
}

static bool is_amount(const char *text)
{
    uint64_t bytes = 0;

    return nvb_parse_size(text, &bytes) && bytes > 0;
}

static const char size_form[] = "WIDTHxHEIGHT, for example 1920x1080";
static const char preset_form[] = "off, default, latest, or a letter from a to o";
static const char amount_form[] = "an amount of memory, for example 6GB";

const struct nvb_setting nvb_settings[] = {
    ROW_TEXT(NULL, "description", description, NULL, NULL, "what the profile is for"),
    ROW_WORD(NULL, "performance_level", level, levels),
    ROW_WORD(NULL, "power_profile", power, powers),
    ROW_WORD("sandbox", "profile", sandbox, sandboxes),
    ROW_WORD("display", "use", display, displays),
    ROW_TEXT("display", "resolution", resolution, is_size, size_form, "what the game draws"),
    ROW_TEXT("display", "output", output, is_size, size_form, "the size that gamescope scales to"),
    ROW_WORD("display", "scaling", scaling, scalings),
    ROW_COUNT("display",
              "refresh",
              refresh_hz,
              REFRESH_MAX,
              "pictures a second that the screen shows; 0: its own"),
    ROW_WISH("display", "vrr", has_vrr, vrrs),
    ROW_WISH("display", "hdr", has_hdr, hdrs),
    ROW_WISH("display", "gamescope", has_gamescope, gamescopes),
    ROW_BOOL("frames", "measure", has_frame_times, measures),
    ROW_COUNT("frames",
              "cap",
              frame_cap,
              FRAMES_MAX,
              "frames a second, at most; 0: as many as there are"),
    ROW_COUNT("frames",
              "queue",
              frame_queue,
              QUEUE_MAX,
              "frames that may wait for the screen; 0: as many as the game wants"),
    ROW_WISH("frames", "low_latency", low_latency, latencies),
    ROW_BOOL("cache", "shaders", has_shader_cache, caches),
    ROW_COUNT("limits",
              "nofile",
              nofile,
              NOFILE_MAX,
              "open files a process may have, as far as the caller's own limit goes; 0 keeps that"),
    ROW_WISH("dlss", "enabled", has_dlss, dlsses),
    ROW_WORD("dlss", "quality", dlss_quality, qualities),
    ROW_TEXT("dlss",
             "preset",
             dlss_preset,
             is_preset,
             preset_form,
             "which of its models DLSS uses"),
    ROW_WISH("dlss", "newest", dlss_newest, newests),
    ROW_WISH("dlss", "frame_generation", dlss_frame_generation, generations),
    ROW_WISH("ray_tracing", "enabled", has_ray_tracing, rays),
    ROW_WISH("vrs", "enabled", has_vrs, shadings),
    ROW_WORD("vrs", "rate", vrs_rate, rates),
    ROW_WISH("wine", "enabled", has_wine, wines),
    ROW_WISH("wine", "dxvk_async", dxvk_async, asyncs),
    ROW_WISH("wine", "esync", esync, esyncs),
    ROW_WISH("wine", "fsync", fsync, fsyncs),
    ROW_WISH("wine", "ntsync", ntsync, ntsyncs),
    ROW_WISH("wine", "wined3d", wined3d, wined3ds),
    ROW_WISH("wine", "large_address_aware", large_address_aware, awares),
    ROW_WORD("ai", "model_size", model_size, model_sizes),
    ROW_WORD("ai", "precision", precision, precisions),
    ROW_COUNT("ai", "batch_size", batch_size, BATCH_MAX, "tokens that are worked on at once"),
    ROW_COUNT("ai", "context_length", context_length, CONTEXT_MAX, "tokens that a model remembers"),
    ROW_TEXT("ai",
             "gpu_memory_limit",
             gpu_memory_limit,
             is_amount,
             amount_form,
             "GPU memory that models may use"),
    ROW_WISH("ai", "mig", has_mig, migs),
    { .key = NULL },
};

const size_t nvb_n_settings = sizeof(nvb_settings) / sizeof(nvb_settings[0]) - 1;

const struct nvb_setting_alias nvb_setting_aliases[] = {
    {NULL,                  "name",                NULL,          "description"      },
    { NULL,                 "gpu_performance",     NULL,          "performance_level"},
    { NULL,                 "performance_profile", NULL,          "performance_level"},
    { NULL,                 "dlss_enabled",        "dlss",        "enabled"          },
    { NULL,                 "dlss_quality",        "dlss",        "quality"          },
    { "dlss_preference",    "enabled",             "dlss",        "enabled"          },
    { "dlss_preference",    "quality",             "dlss",        "quality"          },
    { NULL,                 "rt_cores_enabled",    "ray_tracing", "enabled"          },
    { "rt_preference",      "enabled",             "ray_tracing", "enabled"          },
    { NULL,                 "vrs_enabled",         "vrs",         "enabled"          },
    { NULL,                 "wine_optimizations",  "wine",        "enabled"          },
    { "wine_optimizations", "enabled",             "wine",        "enabled"          },
    { "wine_optimizations", "dxvk_async",          "wine",        "dxvk_async"       },
    { "wine_optimizations", "esync",               "wine",        "esync"            },
    { "wine_optimizations", "fsync",               "wine",        "fsync"            },
    { "wine_optimizations", "ntsync",              "wine",        "ntsync"           },
    { "display_settings",   "resolution",          "display",     "resolution"       },
    { "display_settings",   "refresh_rate",        "display",     "refresh"          },
    { "display_settings",   "vrr",                 "display",     "vrr"              },
    { "display_settings",   "hdr",                 "display",     "hdr"              },
    { "display_settings",   "gamescope",           "display",     "gamescope"        },
    { NULL,                 "frame_cap",           "frames",      "cap"              },
    { NULL,                 "model_size",          "ai",          "model_size"       },
    { NULL,                 "precision",           "ai",          "precision"        },
    { NULL,                 "batch_size",          "ai",          "batch_size"       },
    { NULL,                 "context_length",      "ai",          "context_length"   },
    { NULL,                 "gpu_memory_limit",    "ai",          "gpu_memory_limit" },
    { NULL,                 "mig_enabled",         "ai",          "mig"              },
    { NULL,                 "mig_required",        "ai",          "mig"              },
    { NULL,                 NULL,                  NULL,          NULL               },
};

_Static_assert(sizeof(enum nvb_level) == sizeof(unsigned), "words are stored as unsigned");
_Static_assert(sizeof(enum nvb_wish) == sizeof(unsigned), "the same");
_Static_assert(sizeof(enum nvb_sandbox_profile) == sizeof(unsigned), "the same");
_Static_assert(sizeof(enum nvb_display_wish) == sizeof(unsigned), "the same");
