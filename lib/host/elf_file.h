/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* elf_file.h - the little of an ELF file that decides who can load it: word size, machine,
 * soname and what else it needs.
 *
 * Read with a few preads and no mapping, since a file that shrinks while it is mapped kills the
 * reader. Every offset and count is checked; only this machine's byte order is read. */
#pragma once

#include "base/text.h"

struct nvb_elf {
    unsigned bits;          /* 64 or 32 */
    unsigned machine;       /* EM_X86_64, EM_386, ... */
    bool is_shared;         /* a shared object (or a position-independent program) */
    char *soname;           /* owned; DT_SONAME, NULL when it has none */
    struct nvb_strv needed; /* DT_NEEDED in their order */
};

/* `name` is what an error calls the file. A file that is no ELF is NVB_E_INVALID; a statically
 * linked program is not an error. `needed` is filled only on request: it costs a read each. */
bool nvb_elf_read(int fd,
                  const char *name,
                  bool with_needed,
                  struct nvb_elf *out,
                  struct nvb_err *err);

void nvb_elf_clear(struct nvb_elf *elf);
#define nvb_auto_elf __attribute__((cleanup(nvb_elf_clear))) struct nvb_elf
