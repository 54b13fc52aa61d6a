/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "host/elf_file.h"

#include <elf.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>

#include "base/file.h"
#include "library.h"
#include "test.h"

static const char *const needs[] = { "libc.so.6", "libnvidia-glsi.so.550.163.01", NULL };

static bool read_bytes(const void *bytes,
                       size_t len,
                       bool with_needed,
                       struct nvb_elf *out,
                       struct nvb_err *err)
{
    nvb_autoclose int fd = memfd_create("library", MFD_CLOEXEC);

    EXPECT(fd >= 0 && nvb_write_all(fd, bytes, len));
    return nvb_elf_read(fd, "library", with_needed, out, err);
}

TEST(reads_both_word_sizes)
{
    static const struct {
        unsigned machine;
        unsigned bits;
    } rows[] = {
        {EM_X86_64,   64},
        { EM_386,     32},
        { EM_AARCH64, 64},
        { EM_ARM,     32}
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char bytes[LIBRARY_MAX];
        size_t len = library_make(rows[i].machine, "libGLX_nvidia.so.0", needs, bytes);
        nvb_auto_elf elf = { 0 };
        nvb_auto_err err = { 0 };

        EXPECT(read_bytes(bytes, len, true, &elf, &err));
        EXPECT(elf.machine == rows[i].machine && elf.bits == rows[i].bits && elf.is_shared);
        EXPECT_STR(elf.soname, "libGLX_nvidia.so.0");
        EXPECT(elf.needed.n == 2);
        EXPECT_STR(elf.needed.items[0], needs[0]);
        EXPECT_STR(elf.needed.items[1], needs[1]);
    }
}

TEST(reads_what_is_needed_only_on_request)
{
    char bytes[LIBRARY_MAX];
    size_t len = library_make(EM_X86_64, NULL, needs, bytes);
    nvb_auto_elf elf = { 0 };
    nvb_auto_err err = { 0 };

    EXPECT(read_bytes(bytes, len, false, &elf, &err));
    EXPECT(elf.soname == NULL && elf.needed.n == 0);
}

TEST(reads_the_c_library_that_runs_this)
{
    nvb_autoclose int fd = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
    nvb_auto_elf elf = { 0 };
    nvb_auto_err err = { 0 };

    EXPECT(nvb_elf_read(fd, "self", true, &elf, &err));
    EXPECT(elf.bits == sizeof(void *) * 8 && elf.soname == NULL);
    EXPECT(nvb_strv_has(&elf.needed, "libc.so.6"));
}

TEST(refuses_what_is_no_elf)
{
    static const char *const bad[] = { "", "\177ELF", "#!/bin/sh\n", "/* GNU ld script */",
                                       "\177ELF\2\1\1 and then text that is long enough for it" };

    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        nvb_auto_elf elf = { 0 };
        nvb_auto_err err = { 0 };

        EXPECT(!read_bytes(bad[i], strlen(bad[i]), true, &elf, &err));
        EXPECT(err.kind == NVB_E_INVALID && elf.bits == 0);
    }
}

TEST(a_directory_is_an_error_and_not_a_library)
{
    nvb_autoclose int fd = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    nvb_auto_elf elf = { 0 };
    nvb_auto_err err = { 0 };

    EXPECT(!nvb_elf_read(fd, "/", true, &elf, &err));
    EXPECT(err.n_lines > 0);
}

TEST(names_the_other_byte_order)
{
    char bytes[LIBRARY_MAX];
    size_t len = library_make(EM_X86_64, "a", NULL, bytes);
    nvb_auto_elf elf = { 0 };
    nvb_auto_err err = { 0 };

    bytes[EI_DATA] = ELFDATA2MSB;
    EXPECT(!read_bytes(bytes, len, true, &elf, &err));
    EXPECT(strstr(err.lines[0], "byte order"));
}

/* Each byte of the headers, the dynamic section and the names set to three values: a refusal or
 * an answer within the bounds; the sanitizers see the rest. */
TEST(no_twisted_byte_leads_outside)
{
    char bytes[LIBRARY_MAX];
    size_t len = library_make(EM_386, "libGLX_nvidia.so.0", needs, bytes);
    size_t n_refused = 0;

    for (size_t i = 0; i < len; i++) {
        static const unsigned char values[] = { 0, 0x7f, 0xff };

        for (size_t k = 0; k < sizeof(values); k++) {
            char was = bytes[i];
            nvb_auto_elf elf = { 0 };
            nvb_auto_err err = { 0 };

            bytes[i] = (char)values[k];
            n_refused += !read_bytes(bytes, len, true, &elf, &err);
            EXPECT((elf.bits == 0) == (err.n_lines > 0));
            bytes[i] = was;
        }
    }
    EXPECT(n_refused > 50);
}

TEST(a_torn_library_is_refused)
{
    char bytes[LIBRARY_MAX];
    size_t len = library_make(EM_X86_64, "libGLX_nvidia.so.0", needs, bytes);

    for (size_t i = 0; i < len; i += 7) {
        nvb_auto_elf elf = { 0 };
        nvb_auto_err err = { 0 };

        EXPECT(!read_bytes(bytes, i, true, &elf, &err));
        EXPECT(err.kind == NVB_E_INVALID);
    }
}
