/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* nvbind.h - all of libnvbind, and its version.
 *
 * Errors are values (error.h), there is no global state and no thread of the library's own. */
#pragma once

#include "nvbind/cdi.h"
#include "nvbind/error.h"
#include "nvbind/gpu.h"
#include "nvbind/profile.h"
#include "nvbind/request.h"
#include "nvbind/run.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The version of these headers; a test holds them against the build's. */
#define NVB_VERSION_MAJOR 0
#define NVB_VERSION_MINOR 1
#define NVB_VERSION_PATCH 0

/* The version of the library that runs: "0.1.0". */
NVB_API const char *nvb_version(void);

#ifdef __cplusplus
}
#endif
