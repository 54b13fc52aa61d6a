/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "opt.h"

#include <string.h>

static const struct opt *find_long(const struct opt *opts, const char *name, size_t len)
{
    for (; opts->type != OPT_END; opts++) {
        if (strlen(opts->name) == len && strncmp(opts->name, name, len) == 0)
            return opts;
    }
    return NULL;
}

static const struct opt *find_letter(const struct opt *opts, char letter)
{
    for (; opts->type != OPT_END; opts++) {
        if (opts->letter && opts->letter == letter)
            return opts;
    }
    return NULL;
}

static bool fail_unknown(const struct opt *opts, const char *arg, struct nvb_err *err)
{
    const char *names[64] = { 0 };
    nvb_autofree char *word = nvb_xstrndup(arg, strcspn(arg, "="));
    const char *near = NULL;

    for (size_t n = 0; opts[n].type != OPT_END && n + 1 < sizeof(names) / sizeof(names[0]); n++)
        names[n] = opts[n].name;
    nvb_fail(err, NVB_D_REQUEST, NVB_E_INVALID, "unknown option '%s'", word);
    near = nvb_has_prefix(word, "--") ? nvb_nearest(word + 2, names) : NULL;
    return near ? nvb_hint(err, "did you mean '--%s'?", near)
                : nvb_hint(err, "see the options with --help");
}

static bool check_word(const struct opt *o, const char *value, struct nvb_err *err)
{
    nvb_auto_strv legal = { 0 };
    nvb_autofree char *list = NULL;
    const char *near = NULL;

    if (!o->words)
        return true;
    for (const char *const *w = o->words; *w; w++) {
        if (strcmp(*w, value) == 0)
            return true;
        nvb_strv_add(&legal, *w);
    }
    near = nvb_nearest(value, o->words);
    list = nvb_strv_join(&legal, ", ");
    nvb_fail(err, NVB_D_REQUEST, NVB_E_INVALID, "--%s cannot be '%s'", o->name, value);
    return near ? nvb_hint(err, "did you mean '%s'? it is one of: %s", near, list)
                : nvb_hint(err, "use one of: %s", list);
}

static bool store(const struct opt *o, const char *value, void *out, struct nvb_err *err)
{
    void *field = (char *)out + o->offset;

    bool is_left_out = !value || (o->type == OPT_OPTIONAL && !*value);

    if (!is_left_out && !check_word(o, value, err))
        return false;
    switch (o->type) {
    case OPT_FLAG:
        *(bool *)field = true;
        break;
    case OPT_STRING:
    case OPT_OPTIONAL:
        *(const char **)field = value ? value : "";
        break;
    case OPT_LIST:
        nvb_strv_add(field, value);
        break;
    case OPT_END:
        break;
    }
    return true;
}

static bool needs_value(const struct opt *o)
{
    return o->type == OPT_STRING || o->type == OPT_LIST;
}

static bool fail_no_value(const struct opt *o, struct nvb_err *err)
{
    nvb_fail(err, NVB_D_REQUEST, NVB_E_INVALID, "--%s needs a value", o->name);
    return nvb_hint(err, "write --%s %s", o->name, o->value);
}

/* "--name" or "--name=value"; *i moves on when the value is the next word. */
static bool parse_long(const struct opt *opts, char **argv, int *i, void *out, struct nvb_err *err)
{
    const char *name = argv[*i] + 2;
    const char *equals = strchr(name, '=');
    const char *value = equals ? equals + 1 : NULL;
    const struct opt *o = find_long(opts, name, equals ? (size_t)(equals - name) : strlen(name));

    if (!o)
        return fail_unknown(opts, argv[*i], err);
    if (o->type == OPT_FLAG && value)
        return nvb_fail(err, NVB_D_REQUEST, NVB_E_INVALID, "--%s takes no value", o->name);
    if (needs_value(o) && !value) {
        value = argv[*i + 1]; /* argv ends with NULL */
        *i += value ? 1 : 0;
    }
    if (needs_value(o) && !value)
        return fail_no_value(o, err);
    return store(o, value, out, err);
}

/* "-i", "-it", "-eNAME=value" or "-e NAME=value". */
static bool
parse_letters(const struct opt *opts, char **argv, int *i, void *out, struct nvb_err *err)
{
    for (const char *p = argv[*i] + 1; *p; p++) {
        const struct opt *o = find_letter(opts, *p);

        if (!o)
            return fail_unknown(opts, argv[*i], err);
        if (needs_value(o)) {
            const char *value = p[1] ? p + 1 : argv[*i + 1];

            *i += p[1] ? 0 : (value != NULL);
            return value ? store(o, value, out, err) : fail_no_value(o, err);
        }
        if (!store(o, NULL, out, err))
            return false;
    }
    return true;
}

bool opt_parse(const struct opt *opts,
               int argc,
               char **argv,
               void *out,
               int *out_rest,
               struct nvb_err *err)
{
    int i = 1;

    for (; i < argc && argv[i][0] == '-' && argv[i][1]; i++) {
        if (strcmp(argv[i], "--") == 0) {
            i++;
            break;
        }
        if (argv[i][1] == '-' ? !parse_long(opts, argv, &i, out, err)
                              : !parse_letters(opts, argv, &i, out, err))
            return false;
    }
    *out_rest = i < argc ? i : argc;
    return true;
}

void opt_print_help(const struct opt *opts, FILE *out)
{
    for (; opts->type != OPT_END; opts++) {
        nvb_autofree char *left = NULL;

        if (!opts->value) {
            left = nvb_xasprintf("--%s", opts->name);
        } else if (opts->type == OPT_OPTIONAL) {
            left = nvb_xasprintf("--%s[=%s]", opts->name, opts->value);
        } else {
            left = nvb_xasprintf("--%s %s", opts->name, opts->value);
        }
        (void)fprintf(out, "  %c%c%c %-22s %s\n", opts->letter ? '-' : ' ',
                      opts->letter ? opts->letter : ' ', opts->letter ? ',' : ' ', left,
                      opts->help);
    }
}
