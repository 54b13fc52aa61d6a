/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* driver_manifest.h - manifests of Vulkan, EGL and OpenCL that name their library by a bare
 * soname.
 *
 * Fedora and NixOS write absolute paths of the host, which no container has: the loader must find
 * the library through ld.so.cache instead. */
#pragma once

#include "base/text.h"
#include "host/driver_files.h"

/* The text as a container needs it, and the first library it names. A manifest that names none
 * or cannot be read is NVB_E_INVALID. `name` is what the error calls it. */
bool nvb_driver_manifest_rewrite(enum nvb_driver_file_kind kind,
                                 const char *text,
                                 const char *name,
                                 char **out_text,
                                 char **out_library,
                                 struct nvb_err *err);
