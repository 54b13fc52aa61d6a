/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "library.h"

#include <elf.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tree.h"

enum {
    DYNAMIC_AT = 256, /* behind the header and two segments of either size */
    SYMBOLS_AT = 960, /* the one empty symbol that every table starts with */
    HASH_AT = 992,
    STRINGS_AT = 1024,
    TAGS_MAX = 40,
};

/* The dynamic section while it is put together, and its strings. */
struct content {
    uint64_t tags[TAGS_MAX][2];
    size_t n_tags;
    char *strings; /* borrowed: where they go in the file */
    size_t strings_len;
};

static void add_tag(struct content *c, uint64_t tag, uint64_t value)
{
    if (c->n_tags == TAGS_MAX)
        abort();
    c->tags[c->n_tags][0] = tag;
    c->tags[c->n_tags++][1] = value;
}

static void add_name(struct content *c, uint64_t tag, const char *name)
{
    size_t size = strlen(name) + 1;

    if (STRINGS_AT + c->strings_len + size > LIBRARY_MAX)
        abort();
    memcpy(c->strings + c->strings_len, name, size);
    add_tag(c, tag, c->strings_len);
    c->strings_len += size;
}

static void put_ident(char *out, bool is_64)
{
    const unsigned char ident[EI_NIDENT] = {
        ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3, is_64 ? ELFCLASS64 : ELFCLASS32, ELFDATA2LSB, EV_CURRENT
    };

    memcpy(out, ident, sizeof(ident));
}

static void put_64(const struct content *c, unsigned machine, size_t len, char *out)
{
    Elf64_Ehdr h = { .e_type = ET_DYN, .e_machine = (Elf64_Half)machine, .e_version = EV_CURRENT };
    Elf64_Phdr segments[2] = {
        {.p_type = PT_LOAD,     .p_flags = PF_R | PF_W, .p_align = 4096},
        { .p_type = PT_DYNAMIC, .p_flags = PF_R | PF_W, .p_align = 8   }
    };

    h.e_ehsize = sizeof(h);
    h.e_phoff = sizeof(h);
    h.e_phnum = 2;
    h.e_phentsize = sizeof(segments[0]);
    segments[0].p_filesz = segments[0].p_memsz = len;
    segments[1].p_offset = segments[1].p_vaddr = DYNAMIC_AT;
    segments[1].p_filesz = segments[1].p_memsz = c->n_tags * sizeof(Elf64_Dyn);
    memcpy(out, &h, sizeof(h));
    memcpy(out + sizeof(h), segments, sizeof(segments));
    put_ident(out, true);
    for (size_t i = 0; i < c->n_tags; i++) {
        Elf64_Dyn d = { .d_tag = (Elf64_Sxword)c->tags[i][0], .d_un.d_val = c->tags[i][1] };

        memcpy(out + DYNAMIC_AT + i * sizeof(d), &d, sizeof(d));
    }
}

static void put_32(const struct content *c, unsigned machine, size_t len, char *out)
{
    Elf32_Ehdr h = { .e_type = ET_DYN, .e_machine = (Elf32_Half)machine, .e_version = EV_CURRENT };
    Elf32_Phdr segments[2] = {
        {.p_type = PT_LOAD,     .p_flags = PF_R | PF_W, .p_align = 4096},
        { .p_type = PT_DYNAMIC, .p_flags = PF_R | PF_W, .p_align = 4   }
    };

    h.e_ehsize = sizeof(h);
    h.e_phoff = sizeof(h);
    h.e_phnum = 2;
    h.e_phentsize = sizeof(segments[0]);
    segments[0].p_filesz = segments[0].p_memsz = (Elf32_Word)len;
    segments[1].p_offset = segments[1].p_vaddr = DYNAMIC_AT;
    segments[1].p_filesz = segments[1].p_memsz = (Elf32_Word)(c->n_tags * sizeof(Elf32_Dyn));
    memcpy(out, &h, sizeof(h));
    memcpy(out + sizeof(h), segments, sizeof(segments));
    put_ident(out, false);
    for (size_t i = 0; i < c->n_tags; i++) {
        Elf32_Dyn d = { .d_tag = (Elf32_Sword)c->tags[i][0],
                        .d_un.d_val = (Elf32_Word)c->tags[i][1] };

        memcpy(out + DYNAMIC_AT + i * sizeof(d), &d, sizeof(d));
    }
}

size_t library_make(unsigned machine, const char *soname, const char *const *needed, char *out)
{
    struct content c = { .strings = out + STRINGS_AT, .strings_len = 1 };
    bool is_64 = machine == EM_X86_64 || machine == EM_AARCH64;
    const uint32_t hash[] = { 1, 1, 0, 0 }; /* one bucket, one chain, both without a symbol */
    size_t len = 0;

    memset(out, 0, LIBRARY_MAX);
    memcpy(out + HASH_AT, hash, sizeof(hash));
    if (soname)
        add_name(&c, DT_SONAME, soname);
    for (; needed && *needed; needed++)
        add_name(&c, DT_NEEDED, *needed);
    add_tag(&c, DT_HASH, HASH_AT); /* the loader looks into both even when nothing is asked */
    add_tag(&c, DT_SYMTAB, SYMBOLS_AT);
    add_tag(&c, DT_SYMENT, is_64 ? sizeof(Elf64_Sym) : sizeof(Elf32_Sym));
    add_tag(&c, DT_STRTAB, STRINGS_AT);
    add_tag(&c, DT_STRSZ, c.strings_len);
    add_tag(&c, DT_NULL, 0);
    len = STRINGS_AT + c.strings_len;
    if (is_64) {
        put_64(&c, machine, len, out);
    } else {
        put_32(&c, machine, len, out);
    }
    return len;
}

void tree_put_bytes(const char *tree, const char *path, const void *data, size_t len)
{
    char full[4096];
    FILE *f = NULL;

    tree_put(tree, path, "");
    if (snprintf(full, sizeof(full), "%s/%s", tree, path) >= (int)sizeof(full))
        abort();
    f = fopen(full, "we");
    if (!f || fwrite(data, 1, len, f) != len || fclose(f) != 0)
        abort();
}

void tree_put_library(const char *tree, const char *path, unsigned machine, const char *soname)
{
    char bytes[LIBRARY_MAX];
    size_t len = library_make(machine, soname, NULL, bytes);

    tree_put_bytes(tree, path, bytes, len);
}
