/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* capability.h - the names of capabilities, as config.json has them. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/* "CAP_CHOWN" -> 0. False when there is none of that name. */
bool capability_find(const char *name, unsigned *out_number);

/* NULL beyond the last. */
const char *capability_name(unsigned number);

/* Those that this kernel knows, as bits. */
uint64_t capability_of_kernel(void);
