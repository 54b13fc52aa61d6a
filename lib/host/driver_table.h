/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* driver_table.h - what the NVIDIA driver consists of, as const tables: the pattern of a name,
 * what it is, what it is for and where it goes in a container. Nothing here looks at a machine. */
#pragma once

#include "host/driver_files.h"

/* How a library's name goes on behind its stem. */
enum nvb_driver_suffix {
    NVB_SUFFIX_VERSION = 1, /* ".so.550.163.01": the driver's own version */
    NVB_SUFFIX_OWN,         /* ".so.1.1.18": another version, at least two numbers */
    NVB_SUFFIX_ANY,         /* ".so.4": a real file with any version */
    NVB_SUFFIX_ONE,         /* ".so.1" */
};

struct nvb_driver_library_row {
    const char *stem; /* "libcuda"; "lib" matches every library, and stands last */
    enum nvb_driver_suffix suffix;
    enum nvb_driver_file_kind kind;
    unsigned capabilities;
    const char *subdir; /* below the library directory; "" for itself */
    const char *link;   /* a name that containers always get beside the soname, or NULL */
};

/* One file with a fixed name. In `name`, %s is the driver's version. */
struct nvb_driver_data_row {
    const char *name;
    const char *const *dirs; /* the first that has it wins; NULL-terminated */
    enum nvb_driver_file_kind kind;
    unsigned capabilities;
    const char *container_dir;
};

/* A directory of manifests: every "*nvidia*.json" in it. */
struct nvb_driver_manifest_row {
    const char *dir; /* below each of nvb_driver_bases */
    enum nvb_driver_file_kind kind;
    const char *container_dir;
};

extern const char *const nvb_driver_library_dirs[];        /* NULL-terminated, like all here */
extern const char *const nvb_driver_bases[];               /* of manifests: /etc, /usr/share ... */
extern const char *const nvb_driver_firmware_dirs[];       /* %s is the kernel's release */
extern const struct nvb_driver_data_row nvb_driver_data[]; /* ends with name NULL */
extern const struct nvb_driver_manifest_row nvb_driver_manifests[]; /* ends with dir NULL */

/* Could a file of this name be the driver's, whatever its version? Cheap: it is asked for every
 * name in /usr/lib. */
bool nvb_driver_is_library_name(const char *name);

/* The row of a library's name, or NULL when it is not of this version of the driver. */
const struct nvb_driver_library_row *nvb_driver_library_row(const char *name, const char *version);

/* "550.163.01" of "libcuda.so.550.163.01" and "libnvidia-ml.so.550.163.01"; NULL for other names.
 * Borrowed from the name. */
const char *nvb_driver_version_in_name(const char *name);

/* A name that may go to a terminal and into a specification: printable ASCII, no blank. */
bool nvb_driver_is_plain(const char *text);
