/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* An answer has a word size and names that could be files'; a refusal has a reason. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "base/file.h"
#include "host/elf_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_name(const char *name)
{
    if (!*name || strlen(name) > 255)
        abort();
}

static void check(const struct nvb_elf *elf)
{
    if (elf->bits != 32 && elf->bits != 64)
        abort();
    if (elf->soname)
        check_name(elf->soname);
    for (size_t i = 0; i < elf->needed.n; i++)
        check_name(elf->needed.items[i]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    nvb_autoclose int fd = memfd_create("fuzz", MFD_CLOEXEC);
    nvb_auto_elf elf = { 0 };
    nvb_auto_err err = { 0 };

    if (fd < 0 || !nvb_write_all(fd, data, size))
        abort();
    if (nvb_elf_read(fd, "fuzz", true, &elf, &err)) {
        check(&elf);
    } else if (err.n_lines == 0 || elf.bits) {
        abort();
    }
    return 0;
}
