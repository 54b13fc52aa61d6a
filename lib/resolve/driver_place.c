/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "resolve/driver_place.h"

#include <string.h>

static const char *or_dash(const char *text)
{
    return *text ? text : "-";
}

static bool has_blank(const char *text)
{
    return text[strcspn(text, " \t\r\n")] != '\0';
}

void nvb_driver_place_add(struct nvb_buf *places, const struct nvb_driver_place *place)
{
    if (has_blank(place->subdir) || has_blank(place->container_path) || has_blank(place->path))
        return;
    nvb_buf_addf(places, "%u %u %s %s %s\n", (unsigned)place->kind, place->bits,
                 or_dash(place->subdir), or_dash(place->container_path), place->path);
}

static const char *or_empty(const char *word)
{
    return strcmp(word, "-") == 0 ? "" : word;
}

static bool read_line(char *line, struct nvb_driver_place *out)
{
    char *words[5] = { NULL };
    char *next = NULL;
    uint64_t kind = 0;
    uint64_t bits = 0;
    size_t n = 0;

    for (char *word = strtok_r(line, " ", &next); word; word = strtok_r(NULL, " ", &next)) {
        if (n == 5)
            return false;
        words[n++] = word;
    }
    if (n != 5 || !nvb_parse_u64(words[0], NVB_DRIVER_CUDA_COMPAT, &kind) ||
        !nvb_parse_u64(words[1], 64, &bits))
        return false;
    *out = (struct nvb_driver_place){
        .kind = (enum nvb_driver_file_kind)kind,
        .bits = (unsigned)bits,
        .subdir = or_empty(words[2]),
        .container_path = or_empty(words[3]),
        .path = words[4],
    };
    return true;
}

bool nvb_driver_place_next(char **text, struct nvb_driver_place *out)
{
    while (**text) {
        char *line = *text;
        size_t len = strcspn(line, "\n");

        *text = line + len + (line[len] == '\n');
        line[len] = '\0';
        if (read_line(line, out))
            return true;
    }
    return false;
}
