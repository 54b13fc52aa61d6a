/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* ldcache_format.h - numbers and offsets of ld.so.cache, for its reader and its writer alone. */
#pragma once

#include <elf.h>
#include <stdint.h>

#define MAGIC     "glibc-ld.so.cache1.1"
#define OLD_MAGIC "ld.so-1.7.0"

enum {
    /* The header: magic, then these; the rest is unused. */
    HEADER_COUNT = 20,
    HEADER_STRINGS = 24, /* bytes of strings behind the entries */
    HEADER_ENDIAN = 28,
    HEADER_EXTENSION = 32, /* offset of the extensions, 0 for none */
    HEADER_SIZE = 48,

    /* An entry: flags, offset of the soname, of the path, OS version (unused), hwcap in 64 bits. */
    ENTRY_SIZE = 24,

    OLD_HEADER_COUNT = 12,
    OLD_HEADER_SIZE = 16,
    OLD_ENTRY_SIZE = 12, /* flags, soname, path */

    EXTENSION_SIZE = 8, /* magic, number of sections */
    SECTION_SIZE = 16,  /* tag, flags, offset, bytes */
    SECTION_HWCAPS = 1, /* an array of offsets of names, which entries refer to by index */
};

enum {
    ENDIAN_UNSET = 0, /* written before glibc 2.33 */
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    ENDIAN_OWN = 2,
#else
    ENDIAN_OWN = 3,
#endif
};

#define EXTENSION_MAGIC UINT32_C(0xeaa42174)
#define HWCAP_EXTENSION (UINT64_C(1) << 62) /* the low half is an index into SECTION_HWCAPS */

/* Flags: the kind of library in the low byte, the ABI in the next. */
enum {
    TYPE_ELF_LIBC6 = 0x0003,
    ABI_MASK = 0xff00,
    ABI_I386 = 0x0000, /* and everything else that has only one ABI */
    ABI_X86_64 = 0x0300,
    ABI_PPC64 = 0x0500,
    ABI_X32 = 0x0800,
    ABI_ARM_HARD = 0x0900,
    ABI_ARM64 = 0x0a00,
};
