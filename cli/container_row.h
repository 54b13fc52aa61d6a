/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* container_row.h - one container in a list, for people and as JSON. */
#pragma once

#include "base/json.h"
#include "life/roster.h"

/* "Up 3 minutes", "Exited (0) 2 days ago"; yours. */
char *container_row_dup_status(const struct nvb_listed *listed);
struct nvb_json *container_row_to_json(const struct nvb_listed *listed);

/* A table whose columns are as wide as what is in them. */
enum {
    CONTAINER_COLUMNS = 6,
};

struct container_rows {
    struct nvb_strv cells; /* CONTAINER_COLUMNS a row */
};

void container_rows_add(struct container_rows *rows, const struct nvb_listed *listed);
void container_rows_print(const struct container_rows *rows, FILE *out);
void container_rows_clear(struct container_rows *rows);
