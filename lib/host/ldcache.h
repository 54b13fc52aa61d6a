/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* ldcache.h - /etc/ld.so.cache: which file the dynamic loader takes for a bare soname.
 *
 * Read to learn where a machine keeps its driver, written so that a container finds the driver
 * we bring without ldconfig ever running on the image. What glibc does with the file: it looks
 * a soname up by binary search over entries in DESCENDING order, in which runs of digits count
 * as numbers ("libx.so.10" stands before "libx.so.9"), then takes the first of the equal ones
 * that has the ABI flags of the process and no demand on the CPU that is not met.
 *
 * Format: an optional old part ("ld.so-1.7.0", until glibc 2.31), then the part that counts:
 * "glibc-ld.so.cache1.1", its entries of 24 bytes, strings, and since 2.33 extensions. */
#pragma once

#include "host/host.h"

struct nvb_ldcache_entry {
    const char *soname; /* borrowed, as every string here */
    const char *path;
    const char *hwcaps; /* "x86-64-v3": below glibc-hwcaps/ of that name; usually NULL */
    uint32_t flags;     /* the ABI, see nvb_ldcache_flags() */
    unsigned bits;      /* 64, 32, or 0 for an ABI that we do not know; the writer ignores it */
    uint64_t hwcap;     /* 0, or what else the CPU must have */
};

struct nvb_ldcache {
    char *bytes;                     /* owned; the strings of the entries lie here */
    struct nvb_ldcache_entry *items; /* owned; in the order of the file */
    size_t n;
};

/* Hostile bytes are NVB_E_INVALID: each offset is checked, no string is longer than a path. */
bool nvb_ldcache_parse(const void *data, size_t len, struct nvb_ldcache *out, struct nvb_err *err);

/* The machine's own; NVB_E_NOT_FOUND where there is none (NixOS, musl). */
bool nvb_ldcache_read(const struct nvb_host *host, struct nvb_ldcache *out, struct nvb_err *err);

void nvb_ldcache_clear(struct nvb_ldcache *cache);
#define nvb_auto_ldcache __attribute__((cleanup(nvb_ldcache_clear))) struct nvb_ldcache

/* The flags of libraries for an ELF machine (EM_X86_64 with 64 bits, EM_386 with 32 ...); 0 when
 * it is not one that NVIDIA has drivers for. */
uint32_t nvb_ldcache_flags(unsigned machine, unsigned bits);

/* The loader's order of sonames: < 0 when `a` comes before `b` counted upwards. */
int nvb_ldcache_compare_sonames(const char *a, const char *b);

/* The bytes of a cache with these entries, in whatever order they are given; of two with the
 * same soname, flags and demands the first one given wins. Appends to `out`. */
bool nvb_ldcache_write(const struct nvb_ldcache_entry *entries,
                       size_t n,
                       struct nvb_buf *out,
                       struct nvb_err *err);
