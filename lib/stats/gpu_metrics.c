/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "stats/gpu_metrics.h"

#include <string.h>

#include "base/text.h"

/* Every layout begins so, in the machine's own byte order. */
struct header {
    uint16_t size;
    uint8_t format;
    uint8_t content;
};

static const struct {
    uint8_t format;
    uint8_t content;
    size_t offset; /* of indep_throttle_status */
} layouts[] = {
    {1,  3, 112},
    { 2, 2, 120},
    { 2, 3, 120},
    { 2, 4, 120},
};

#define BITS(from, to) (UINT64_MAX >> (63 - (to)) & UINT64_MAX << (from))

static const struct {
    uint64_t bits;
    const char *text;
} reasons[] = {
    {BITS(0,   3),  "power limit"                  },
    { BITS(4,  4),  "power limit (sustained)"      },
    { BITS(5,  5),  "power limit (burst)"          },
    { BITS(6,  7),  "power limit (slow)"           },
    { BITS(16, 23), "current limit"                },
    { BITS(32, 33), "too hot"                      },
    { BITS(34, 34), "memory too hot"               },
    { BITS(35, 35), "too hot (edge)"               },
    { BITS(36, 36), "too hot (hotspot)"            },
    { BITS(37, 37), "too hot"                      },
    { BITS(38, 41), "voltage regulator too hot"    },
    { BITS(42, 43), "coolant too hot"              },
    { BITS(44, 45), "voltage regulator too hot"    },
    { BITS(46, 47), "too hot (signal of the board)"},
    { BITS(57, 57), "reliability limit"            },
};

bool nvb_gpu_metrics_parse(const void *data, size_t len, uint64_t *out_throttle)
{
    struct header header = { 0 };
    uint64_t throttle = 0;

    if (len < sizeof(header))
        return false;
    memcpy(&header, data, sizeof(header));
    for (size_t i = 0; i < sizeof(layouts) / sizeof(layouts[0]); i++) {
        size_t end = layouts[i].offset + sizeof(throttle);

        if (layouts[i].format != header.format || layouts[i].content != header.content)
            continue;
        if (header.size < end || len < end)
            return false;
        memcpy(&throttle, (const char *)data + layouts[i].offset, sizeof(throttle));
        if (throttle == UINT64_MAX) /* the driver leaves what it does not know at all ones */
            return false;
        *out_throttle = throttle;
        return true;
    }
    return false;
}

void nvb_gpu_metrics_explain(uint64_t throttle, struct nvb_strv *out_reasons)
{
    uint64_t rest = throttle;

    for (size_t i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++) {
        if ((throttle & reasons[i].bits) && !nvb_strv_has(out_reasons, reasons[i].text))
            nvb_strv_add(out_reasons, reasons[i].text);
        rest &= ~reasons[i].bits;
    }
    if (rest)
        nvb_strv_add(out_reasons, "a reason without a name");
}
