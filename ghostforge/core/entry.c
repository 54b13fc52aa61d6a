/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "core/entry.h"

#include <string.h>

#define TEXT(name_)                                     \
    {                                                   \
#name_, GF_FIELD_TEXT, offsetof(GfEntry, name_) \
    }
#define JSON(name_)                                     \
    {                                                   \
#name_, GF_FIELD_JSON, offsetof(GfEntry, name_) \
    }
#define NUMBER(name_)                                     \
    {                                                     \
#name_, GF_FIELD_NUMBER, offsetof(GfEntry, name_) \
    }

const GfField gf_entry_fields[] = {
    TEXT(source),       TEXT(native_id),    TEXT(alias),
    TEXT(same_as),      TEXT(title),        TEXT(runner),
    TEXT(platform),     TEXT(tool),         TEXT(install_dir),
    TEXT(exe),          TEXT(args),         TEXT(working_dir),
    TEXT(prefix),       TEXT(uri),          TEXT(cover),
    TEXT(icon),         JSON(env),          JSON(options),
    TEXT(place),        NUMBER(playtime_s), NUMBER(last_played_s),
    NUMBER(size_bytes), NUMBER(state),
};

G_STATIC_ASSERT(G_N_ELEMENTS(gf_entry_fields) == GF_N_FIELDS);

/* What is true of the game whoever starts it. How it is started is one source's word as a whole:
 * Lutris's variables mean nothing to Steam. */
static bool is_filled(const GfField *f)
{
    return f->offset == offsetof(GfEntry, title) || f->offset == offsetof(GfEntry, platform) ||
           f->offset == offsetof(GfEntry, install_dir) || f->offset == offsetof(GfEntry, cover) ||
           f->offset == offsetof(GfEntry, icon) ||
           (f->type == GF_FIELD_NUMBER && f->offset != offsetof(GfEntry, state));
}

GfEntry *gf_entry_new(const char *source, const char *native_id)
{
    GfEntry *entry = g_new0(GfEntry, 1);

    entry->source = g_strdup(source);
    entry->native_id = g_utf8_make_valid(native_id, -1);
    entry->state = GF_STATE_READY;
    return entry;
}

char **gf_entry_text(GfEntry *entry, const GfField *field)
{
    return (char **)(void *)((char *)entry + field->offset);
}

const char *gf_entry_get_text(const GfEntry *entry, const GfField *field)
{
    return *(char *const *)(const void *)((const char *)entry + field->offset);
}

int64_t *gf_entry_number(GfEntry *entry, const GfField *field)
{
    return (int64_t *)(void *)((char *)entry + field->offset);
}

int64_t gf_entry_get_number(const GfEntry *entry, const GfField *field)
{
    return *(const int64_t *)(const void *)((const char *)entry + field->offset);
}

void gf_entry_free(GfEntry *entry)
{
    if (!entry)
        return;
    for (size_t i = 0; i < GF_N_FIELDS; i++) {
        if (gf_entry_fields[i].type != GF_FIELD_NUMBER)
            g_free(*gf_entry_text(entry, &gf_entry_fields[i]));
    }
    g_free(entry);
}

GfEntry *gf_entry_copy(const GfEntry *entry)
{
    GfEntry *copy = g_new0(GfEntry, 1);

    for (size_t i = 0; i < GF_N_FIELDS; i++) {
        const GfField *f = &gf_entry_fields[i];

        if (f->type == GF_FIELD_NUMBER) {
            *gf_entry_number(copy, f) = gf_entry_get_number(entry, f);
        } else {
            *gf_entry_text(copy, f) = g_strdup(gf_entry_get_text(entry, f));
        }
    }
    return copy;
}

void gf_entry_set_text(char **field, const char *text)
{
    g_free(*field);
    *field = text && *text ? g_utf8_make_valid(text, -1) : NULL;
}

static bool turns_writing(gunichar c)
{
    return (c >= 0x202a && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069) || c == 0xfeff;
}

void gf_entry_set_title(GfEntry *entry, const char *title)
{
    g_autofree char *valid = g_utf8_make_valid(title ? title : "", -1);
    GString *line = g_string_new(NULL);

    for (char *p = valid; *p; p = g_utf8_next_char(p)) {
        gunichar c = g_utf8_get_char(p);

        if (g_unichar_iscntrl(c)) {
            g_string_append_c(line, ' ');
        } else if (!turns_writing(c)) {
            g_string_append_unichar(line, c);
        }
    }
    g_strstrip(line->str);
    gf_entry_set_text(&entry->title, line->str);
    g_string_free(line, TRUE);
}

void gf_entry_set_path(char **field, const char *path)
{
    g_free(*field);
    *field = path && *path ? g_strdup(path) : NULL;
}

void gf_entry_take_json(char **field, struct nvb_json *take_object)
{
    nvb_autoptr(nvb_json) object = take_object;

    g_clear_pointer(field, g_free);
    if (nvb_json_has_keys(object))
        *field = g_strchomp(nvb_json_dup_text(object, false));
}

bool gf_entry_is_equal(const GfEntry *a, const GfEntry *b)
{
    for (size_t i = 0; i < GF_N_FIELDS; i++) {
        const GfField *f = &gf_entry_fields[i];

        if (f->type == GF_FIELD_NUMBER
                ? gf_entry_get_number(a, f) != gf_entry_get_number(b, f)
                : g_strcmp0(gf_entry_get_text(a, f), gf_entry_get_text(b, f)) != 0)
            return false;
    }
    return true;
}

void gf_entry_fill(GfEntry *entry, const GfEntry *from)
{
    for (size_t i = 0; i < GF_N_FIELDS; i++) {
        const GfField *f = &gf_entry_fields[i];

        if (!is_filled(f))
            continue;
        if (f->type == GF_FIELD_NUMBER) {
            int64_t *number = gf_entry_number(entry, f);

            *number = MAX(*number, gf_entry_get_number(from, f));
        } else if (!gf_entry_get_text(entry, f)) {
            *gf_entry_text(entry, f) = g_strdup(gf_entry_get_text(from, f));
        }
    }
}

char *gf_entry_dup_key(const GfEntry *entry)
{
    return g_strconcat(entry->source, ":", entry->native_id, NULL);
}

const char *gf_state_name(int64_t state)
{
    static const char *const names[] = {
        [GF_STATE_READY] = "ready",
        [GF_STATE_PARTIAL] = "partial",
        [GF_STATE_ABSENT] = "absent",
        [GF_STATE_GONE] = "gone",
    };

    return state >= GF_STATE_READY && state <= GF_STATE_GONE ? names[state] : "unknown";
}

static void add_object(struct nvb_json *object, const char *name, const char *text)
{
    struct nvb_json *value = NULL;
    nvb_auto_err ignored = { 0 };

    if (nvb_json_parse(text, strlen(text), name, &value, &ignored))
        nvb_json_set(object, name, value);
}

void gf_entry_add_json(const GfEntry *entry, struct nvb_json *object)
{
    for (size_t i = 0; i < GF_N_FIELDS; i++) {
        const GfField *f = &gf_entry_fields[i];

        if (f->offset == offsetof(GfEntry, place))
            continue;
        if (f->offset == offsetof(GfEntry, state)) {
            nvb_json_set_str(object, f->name, gf_state_name(entry->state));
        } else if (f->type == GF_FIELD_NUMBER) {
            if (gf_entry_get_number(entry, f) != 0)
                nvb_json_set_i64(object, f->name, gf_entry_get_number(entry, f));
        } else if (f->type == GF_FIELD_JSON && gf_entry_get_text(entry, f)) {
            add_object(object, f->name, gf_entry_get_text(entry, f));
        } else if (gf_entry_get_text(entry, f)) {
            nvb_json_set_str(object, f->name, gf_entry_get_text(entry, f));
        }
    }
}
