/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "host/elf_file.h"

#include <elf.h>
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    HEADS_MAX = 128,        /* NVIDIA's largest has 11 */
    DYNAMIC_MAX = 64 << 10, /* bytes; NVIDIA's largest has 800 */
    START_SIZE = 1024,      /* header and segments of nearly all, read at once */
    NAME_SIZE = 256,        /* no file name is longer, so no soname is */
    NEEDED_MAX = 1024,
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    DATA_OWN = ELFDATA2LSB,
#else
    DATA_OWN = ELFDATA2MSB,
#endif
};

/* One program header, of either word size. */
struct segment {
    uint32_t type;
    uint64_t offset;
    uint64_t address;
    uint64_t size; /* in the file */
};

/* The file while it is read. */
struct reader {
    int fd;
    const char *name; /* borrowed */
    char start[START_SIZE];
    size_t n_start; /* bytes of it; fewer than START_SIZE: the whole file */
    bool is_64;
    uint64_t head_offset;
    struct segment segments[HEADS_MAX];
    size_t n_segments;
    uint64_t strings;      /* offset in the file of the dynamic string table */
    uint64_t strings_size; /* in bytes */
};

/* What the dynamic section says; offsets are into the string table. */
struct dynamic {
    uint64_t strings_address;
    uint64_t strings_size;
    uint64_t soname;
    bool has_soname;
    uint64_t needed[NEEDED_MAX];
    size_t n_needed;
};

static bool complain(const struct reader *r, struct nvb_err *err, const char *what)
{
    return nvb_fail(err, NVB_D_HOST, NVB_E_INVALID, "'%s' is not a usable ELF file: %s", r->name,
                    what);
}

/* Up to `size` bytes; what is behind the end of the file is missing, not an error. */
static bool
read_some(const struct reader *r, void *to, size_t size, uint64_t offset, size_t *out_got)
{
    size_t left = offset < r->n_start ? r->n_start - (size_t)offset : 0;
    ssize_t got = 0;

    if (offset > INT64_MAX - size)
        return false;
    if (left >= size || r->n_start < START_SIZE) {
        *out_got = left < size ? left : size;
        memcpy(to, r->start + (left ? offset : 0), *out_got);
        return true;
    }
    do {
        got = pread(r->fd, to, size, (off_t)offset);
    } while (got < 0 && errno == EINTR);
    *out_got = got > 0 ? (size_t)got : 0;
    return got >= 0;
}

static bool read_start(struct reader *r)
{
    ssize_t got = 0;

    do {
        got = pread(r->fd, r->start, sizeof(r->start), 0);
    } while (got < 0 && errno == EINTR);
    r->n_start = got > 0 ? (size_t)got : 0;
    return got >= 0;
}

static bool read_exactly(const struct reader *r, void *to, size_t size, uint64_t offset)
{
    size_t got = 0;

    return read_some(r, to, size, offset, &got) && got == size;
}

static void take_header_64(const Elf64_Ehdr *h, struct reader *r, struct nvb_elf *out)
{
    out->machine = h->e_machine;
    out->is_shared = h->e_type == ET_DYN;
    r->head_offset = h->e_phoff;
    r->n_segments = h->e_phentsize == sizeof(Elf64_Phdr) ? h->e_phnum : 0;
}

static void take_header_32(const Elf32_Ehdr *h, struct reader *r, struct nvb_elf *out)
{
    out->machine = h->e_machine;
    out->is_shared = h->e_type == ET_DYN;
    r->head_offset = h->e_phoff;
    r->n_segments = h->e_phentsize == sizeof(Elf32_Phdr) ? h->e_phnum : 0;
}

static bool read_header(struct reader *r, struct nvb_elf *out, struct nvb_err *err)
{
    union {
        unsigned char ident[EI_NIDENT];
        Elf64_Ehdr wide;
        Elf32_Ehdr narrow;
    } h = { 0 };

    size_t got = 0;

    if (!read_start(r) || !read_some(r, &h, sizeof(h), 0, &got))
        return nvb_fail_errno(err, NVB_D_HOST, "cannot read '%s'", r->name);
    if (got < sizeof(h.narrow) || memcmp(h.ident, ELFMAG, SELFMAG) != 0)
        return complain(r, err, "it does not start like one");
    if (h.ident[EI_DATA] != DATA_OWN)
        return complain(r, err, "it is for machines of the other byte order");
    r->is_64 = h.ident[EI_CLASS] == ELFCLASS64;
    if ((!r->is_64 && h.ident[EI_CLASS] != ELFCLASS32) || (r->is_64 && got < sizeof(h.wide)))
        return complain(r, err, "its header is torn");
    out->bits = r->is_64 ? 64 : 32;
    if (r->is_64) {
        take_header_64(&h.wide, r, out);
    } else {
        take_header_32(&h.narrow, r, out);
    }
    if (r->n_segments > HEADS_MAX)
        return complain(r, err, "it has too many segments");
    return true;
}

static bool read_segments(struct reader *r, struct nvb_err *err)
{
    union {
        Elf64_Phdr wide[HEADS_MAX];
        Elf32_Phdr narrow[HEADS_MAX];
    } heads;

    size_t each = r->is_64 ? sizeof(heads.wide[0]) : sizeof(heads.narrow[0]);

    if (!read_exactly(r, &heads, r->n_segments * each, r->head_offset))
        return complain(r, err, "its segments lie outside");
    for (size_t i = 0; i < r->n_segments; i++) {
        const Elf64_Phdr *w = &heads.wide[i];
        const Elf32_Phdr *n = &heads.narrow[i];

        r->segments[i] = r->is_64
                             ? (struct segment){ w->p_type, w->p_offset, w->p_vaddr, w->p_filesz }
                             : (struct segment){ n->p_type, n->p_offset, n->p_vaddr, n->p_filesz };
    }
    return true;
}

/* Returns false at the end of the section. */
static bool take_dynamic(uint64_t tag, uint64_t value, struct dynamic *d)
{
    switch (tag) {
    case DT_NULL:
        return false;
    case DT_STRTAB:
        d->strings_address = value;
        break;
    case DT_STRSZ:
        d->strings_size = value;
        break;
    case DT_SONAME:
        d->soname = value;
        d->has_soname = true;
        break;
    case DT_NEEDED:
        if (d->n_needed < NEEDED_MAX)
            d->needed[d->n_needed++] = value;
        break;
    default:
        break;
    }
    return true;
}

static bool read_dynamic(const struct reader *r,
                         const struct segment *at,
                         struct dynamic *out,
                         struct nvb_err *err)
{
    size_t size = at->size < DYNAMIC_MAX ? at->size : DYNAMIC_MAX;
    nvb_autofree char *bytes = nvb_xcalloc(size, 1);
    size_t each = r->is_64 ? sizeof(Elf64_Dyn) : sizeof(Elf32_Dyn);

    if (!read_exactly(r, bytes, size, at->offset))
        return complain(r, err, "its dynamic section lies outside");
    for (size_t i = 0; i + each <= size; i += each) {
        Elf64_Dyn wide = { 0 };
        Elf32_Dyn narrow = { 0 };

        if (r->is_64) {
            memcpy(&wide, bytes + i, sizeof(wide));
        } else {
            memcpy(&narrow, bytes + i, sizeof(narrow));
            wide.d_tag = narrow.d_tag;
            wide.d_un.d_val = narrow.d_un.d_val;
        }
        if (!take_dynamic((uint64_t)wide.d_tag, wide.d_un.d_val, out))
            break;
    }
    return true;
}

/* The dynamic section tells where the strings are in memory; the segments tell where that is
 * in the file. */
static bool find_strings(struct reader *r, const struct dynamic *d, struct nvb_err *err)
{
    for (size_t i = 0; i < r->n_segments; i++) {
        const struct segment *s = &r->segments[i];
        uint64_t in = d->strings_address - s->address;

        if (s->type != PT_LOAD || d->strings_address < s->address || in >= s->size)
            continue;
        if (s->offset > INT64_MAX - in)
            break;
        r->strings = s->offset + in;
        r->strings_size = d->strings_size < s->size - in ? d->strings_size : s->size - in;
        return true;
    }
    return complain(r, err, "its names lie outside");
}

/* A name that can be a file's; caller frees. NULL with the error set. */
static char *dup_string(const struct reader *r, uint64_t offset, struct nvb_err *err)
{
    char text[NAME_SIZE + 1] = "";
    uint64_t left = offset < r->strings_size ? r->strings_size - offset : 0;
    size_t size = left < NAME_SIZE ? (size_t)left : NAME_SIZE;
    size_t got = 0;

    if (!read_some(r, text, size, r->strings + offset, &got) || !memchr(text, '\0', got) ||
        !*text) {
        complain(r, err, "a name in it has no end or no beginning");
        return NULL;
    }
    return nvb_xstrdup(text);
}

static bool read_names(struct reader *r,
                       const struct dynamic *d,
                       bool with_needed,
                       struct nvb_elf *out,
                       struct nvb_err *err)
{
    size_t n = with_needed ? d->n_needed : 0;

    if (!d->has_soname && n == 0)
        return true;
    if (!find_strings(r, d, err))
        return false;
    if (d->has_soname && !(out->soname = dup_string(r, d->soname, err)))
        return false;
    for (size_t i = 0; i < n; i++) {
        char *name = dup_string(r, d->needed[i], err);

        if (!name)
            return false;
        nvb_strv_take(&out->needed, name);
    }
    return true;
}

bool nvb_elf_read(int fd,
                  const char *name,
                  bool with_needed,
                  struct nvb_elf *out,
                  struct nvb_err *err)
{
    struct reader r = { .fd = fd, .name = name };
    struct dynamic d = { 0 };
    nvb_auto_elf elf = { 0 };

    if (!read_header(&r, &elf, err) || !read_segments(&r, err))
        return false;
    for (size_t i = 0; i < r.n_segments; i++) {
        if (r.segments[i].type != PT_DYNAMIC)
            continue;
        if (!read_dynamic(&r, &r.segments[i], &d, err) ||
            !read_names(&r, &d, with_needed, &elf, err))
            return false;
        break;
    }
    *out = elf;
    elf = (struct nvb_elf){ 0 };
    return true;
}

void nvb_elf_clear(struct nvb_elf *elf)
{
    free(elf->soname);
    nvb_strv_clear(&elf->needed);
    *elf = (struct nvb_elf){ 0 };
}
