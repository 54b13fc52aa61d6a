/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "stats/fdinfo.h"

#include <string.h>

#include "base/text.h"

enum {
    REGIONS_MAX = 16,
};

/* Three words for what a region holds, the exact one first: amdgpu said "memory" for "resident"
 * until 6.11 and says both since 6.13; "total" counts what was asked for but never used. */
enum amount {
    AMOUNT_RESIDENT,
    AMOUNT_MEMORY,
    AMOUNT_TOTAL,
    N_AMOUNTS,
};

struct region {
    char name[NVB_FDINFO_NAME_MAX];
    uint64_t bytes[N_AMOUNTS];
    bool has[N_AMOUNTS];
};

struct parse {
    struct nvb_fdinfo *info;
    struct region regions[REGIONS_MAX];
    size_t n_regions;
};

static const struct {
    const char *name;
    enum nvb_engine_work work;
} works[] = {
    {"gfx",            NVB_WORK_DRAW   }, /* amdgpu */
    { "render",        NVB_WORK_DRAW   }, /* i915, v3d */
    { "bin",           NVB_WORK_DRAW   }, /* v3d */
    { "rcs",           NVB_WORK_DRAW   }, /* xe */
    { "fragment",      NVB_WORK_DRAW   }, /* panfrost */
    { "vertex-tiler",  NVB_WORK_DRAW   },
    { "panthor",       NVB_WORK_DRAW   },
    { "gpu",           NVB_WORK_DRAW   }, /* msm */
    { "compute",       NVB_WORK_COMPUTE},
    { "ccs",           NVB_WORK_COMPUTE},
    { "csd",           NVB_WORK_COMPUTE}, /* v3d */
    { "dec",           NVB_WORK_VIDEO  },
    { "enc",           NVB_WORK_VIDEO  },
    { "enc_1",         NVB_WORK_VIDEO  },
    { "jpeg",          NVB_WORK_VIDEO  },
    { "vpe",           NVB_WORK_VIDEO  },
    { "video",         NVB_WORK_VIDEO  },
    { "video-enhance", NVB_WORK_VIDEO  },
    { "vcs",           NVB_WORK_VIDEO  },
    { "vecs",          NVB_WORK_VIDEO  },
};

/* By the start of their names: xe has "vram0", i915 "local0" and "stolen-system0". What is not
 * named here is no memory of the usual kind (amdgpu's "gds", "doorbell"). */
static const struct {
    const char *prefix;
    bool is_own;
} kinds[] = {
    {"vram",          true },
    { "local",        true },
    { "stolen-local", true },
    { "gtt",          false},
    { "cpu",          false},
    { "system",       false},
    { "stolen",       false},
    { "memory",       false},
};

static bool copy_word(char *to, size_t size, const char *word)
{
    size_t len = strlen(word);

    if (len == 0 || len >= size)
        return false;
    for (const char *p = word; *p; p++) {
        if (*p <= ' ' || *p > '~')
            return false;
    }
    memcpy(to, word, len + 1);
    return true;
}

/* "123", "123 KiB": the number with its unit applied. */
static bool parse_amount(const char *value, const char *const *units, uint64_t *out)
{
    size_t len = strspn(value, "0123456789");
    nvb_autofree char *digits = nvb_xstrndup(value, len);
    const char *unit = value + len + strspn(value + len, " \t");
    uint64_t number = 0;

    if (!nvb_parse_u64(digits, UINT64_MAX, &number))
        return false;
    for (unsigned shift = 0; units[shift / 10]; shift += 10) {
        if (strcmp(unit, units[shift / 10]) == 0 && number <= UINT64_MAX >> shift) {
            *out = number << shift;
            return true;
        }
    }
    return false;
}

static struct nvb_fdinfo_engine *find_engine(struct nvb_fdinfo *info, const char *name)
{
    struct nvb_fdinfo_engine engine = { .capacity = 1 };

    for (size_t i = 0; i < info->n_engines; i++) {
        if (strcmp(info->engines[i].name, name) == 0)
            return &info->engines[i];
    }
    if (info->n_engines == NVB_FDINFO_ENGINES_MAX ||
        !copy_word(engine.name, sizeof(engine.name), name))
        return NULL;
    for (size_t i = 0; i < sizeof(works) / sizeof(works[0]); i++) {
        if (strcmp(works[i].name, name) == 0)
            engine.work = works[i].work;
    }
    info->engines[info->n_engines] = engine;
    return &info->engines[info->n_engines++];
}

static struct region *find_region(struct parse *parse, const char *name)
{
    struct region region = { 0 };

    for (size_t i = 0; i < parse->n_regions; i++) {
        if (strcmp(parse->regions[i].name, name) == 0)
            return &parse->regions[i];
    }
    if (parse->n_regions == REGIONS_MAX || !copy_word(region.name, sizeof(region.name), name))
        return NULL;
    parse->regions[parse->n_regions] = region;
    return &parse->regions[parse->n_regions++];
}

static void take_busy(struct parse *parse, const char *name, const char *value)
{
    static const char *const units[] = { "ns", NULL };
    struct nvb_fdinfo_engine *engine = NULL;
    uint64_t ns = 0;

    if (parse_amount(value, units, &ns) && (engine = find_engine(parse->info, name))) {
        engine->busy_ns = ns;
        engine->has_busy = true;
    }
}

static const char *const no_units[] = { "", NULL };

static void take_capacity(struct parse *parse, const char *name, const char *value)
{
    struct nvb_fdinfo_engine *engine = NULL;
    uint64_t n = 0;

    if (parse_amount(value, no_units, &n) && n > 0 && n <= UINT16_MAX &&
        (engine = find_engine(parse->info, name)))
        engine->capacity = (unsigned)n;
}

static void take_cycles(struct parse *parse, const char *name, const char *value)
{
    struct nvb_fdinfo_engine *engine = NULL;
    uint64_t n = 0;

    if (parse_amount(value, no_units, &n) && (engine = find_engine(parse->info, name))) {
        engine->cycles = n;
        engine->has_cycles = true;
    }
}

static void take_total_cycles(struct parse *parse, const char *name, const char *value)
{
    struct nvb_fdinfo_engine *engine = NULL;
    uint64_t n = 0;

    if (parse_amount(value, no_units, &n) && (engine = find_engine(parse->info, name))) {
        engine->total_cycles = n;
        engine->has_total_cycles = true;
    }
}

static void take_bytes(struct parse *parse, const char *name, const char *value, enum amount amount)
{
    static const char *const units[] = { "", "KiB", "MiB", NULL };
    struct region *region = NULL;
    uint64_t bytes = 0;

    if (parse_amount(value, units, &bytes) && (region = find_region(parse, name))) {
        region->bytes[amount] = bytes;
        region->has[amount] = true;
    }
}

static void take_resident(struct parse *parse, const char *name, const char *value)
{
    take_bytes(parse, name, value, AMOUNT_RESIDENT);
}

static void take_memory(struct parse *parse, const char *name, const char *value)
{
    take_bytes(parse, name, value, AMOUNT_MEMORY);
}

static void take_total(struct parse *parse, const char *name, const char *value)
{
    take_bytes(parse, name, value, AMOUNT_TOTAL);
}

static void take_driver(struct parse *parse, const char *name, const char *value)
{
    (void)name;
    (void)copy_word(parse->info->driver, sizeof(parse->info->driver), value);
}

static void take_pci_address(struct parse *parse, const char *name, const char *value)
{
    (void)name;
    (void)copy_word(parse->info->pci_address, sizeof(parse->info->pci_address), value);
}

static void take_client_id(struct parse *parse, const char *name, const char *value)
{
    (void)name;
    if (parse_amount(value, no_units, &parse->info->client_id))
        parse->info->has_client_id = true;
}

/* The first that fits: a longer key stands before its own beginning. */
static const struct {
    const char *key;
    bool has_name; /* the key goes on with the name of an engine or region */
    void (*take)(struct parse *parse, const char *name, const char *value);
} keys[] = {
    {"drm-driver",            false, take_driver      },
    { "drm-pdev",             false, take_pci_address },
    { "drm-client-id",        false, take_client_id   },
    { "drm-engine-capacity-", true,  take_capacity    },
    { "drm-engine-",          true,  take_busy        },
    { "drm-total-cycles-",    true,  take_total_cycles},
    { "drm-cycles-",          true,  take_cycles      },
    { "drm-resident-",        true,  take_resident    },
    { "drm-memory-",          true,  take_memory      },
    { "drm-total-",           true,  take_total       },
};

static void take_line(struct parse *parse, char *line)
{
    char *colon = strchr(line, ':');
    const char *value = NULL;

    if (!colon)
        return;
    *colon = '\0';
    value = nvb_trim(colon + 1);
    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
        if (keys[i].has_name ? nvb_has_prefix(line, keys[i].key) : strcmp(line, keys[i].key) == 0) {
            keys[i].take(parse, line + strlen(keys[i].key), value);
            return;
        }
    }
}

static void add_bytes(uint64_t bytes, uint64_t *sum, bool *has)
{
    *sum = bytes > UINT64_MAX - *sum ? UINT64_MAX : *sum + bytes;
    *has = true;
}

static void add_region(struct nvb_fdinfo *info, const struct region *region)
{
    enum amount amount = AMOUNT_RESIDENT;

    while (amount < AMOUNT_TOTAL && !region->has[amount])
        amount++;
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        if (!nvb_has_prefix(region->name, kinds[i].prefix))
            continue;
        if (kinds[i].is_own) {
            add_bytes(region->bytes[amount], &info->own_bytes, &info->has_own_bytes);
        } else {
            add_bytes(region->bytes[amount], &info->system_bytes, &info->has_system_bytes);
        }
        return;
    }
}

static void drop_if_impossible(uint64_t *bytes, bool *has)
{
    if (*bytes == UINT64_MAX) {
        *bytes = 0;
        *has = false;
    }
}

bool nvb_fdinfo_parse(const char *text, struct nvb_fdinfo *out)
{
    nvb_autofree char *copy = nvb_xstrdup(text);
    struct nvb_fdinfo info = { 0 };
    struct parse parse = { .info = &info };
    char *rest = copy;

    for (char *line = strsep(&rest, "\n"); line; line = strsep(&rest, "\n"))
        take_line(&parse, line);
    if (!*info.driver)
        return false;
    for (size_t i = 0; i < parse.n_regions; i++)
        add_region(&info, &parse.regions[i]);
    drop_if_impossible(&info.own_bytes, &info.has_own_bytes);
    drop_if_impossible(&info.system_bytes, &info.has_system_bytes);
    *out = info;
    return true;
}
