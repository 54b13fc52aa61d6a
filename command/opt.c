/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "opt.h"

#include <string.h>

const struct opt opt_none[] = { { .type = OPT_END } };

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

bool opt_is_option(const char *word)
{
    return word[0] == '-' && word[1] != '\0';
}

/* The option that a word such as "--name=value" or "-nvalue" begins with, or NULL. */
static const struct opt *find(const struct opt *opts, const char *word)
{
    if (!nvb_has_prefix(word, "--"))
        return opt_is_option(word) ? find_letter(opts, word[1]) : NULL;
    return find_long(opts, word + 2, strcspn(word + 2, "="));
}

bool opt_knows(const struct opt *opts, const char *word)
{
    return find(opts, word) != NULL;
}

static bool needs_value(const struct opt *o)
{
    return o->type == OPT_STRING || o->type == OPT_LIST;
}

bool opt_takes_next(const struct opt *opts, const char *word)
{
    const struct opt *o = find(opts, word);

    if (nvb_has_prefix(word, "--"))
        return o && needs_value(o) && !strchr(word, '=');
    for (word++; o && !needs_value(o); o = find_letter(opts, *word))
        word++;
    return o && !word[1];
}

/* `words` are names and reasons by turns. */
static const char *find_reason(const char *const *words, const char *name)
{
    for (; words && *words; words += 2) {
        if (strcmp(words[0], name) == 0)
            return words[1];
    }
    return NULL;
}

bool opt_fail_unknown(const struct opt *opts, const char *word, struct nvb_err *err)
{
    nvb_autofree char *name = nvb_xstrndup(word, strcspn(word, "="));
    nvb_auto_strv names = { 0 };
    const char *near = NULL;
    const char *reason = NULL;
    const struct opt *o = opts;

    for (; o->type != OPT_END; o++)
        nvb_strv_add(&names, o->name);
    reason = nvb_has_prefix(name, "--") ? find_reason(o->words, name + 2) : NULL;
    if (reason) {
        nvb_fail(err, NVB_D_REQUEST, NVB_E_INVALID, "there is no '%s'", name);
        return nvb_hint(err, "%s", reason);
    }
    nvb_fail(err, NVB_D_REQUEST, NVB_E_INVALID, "unknown option '%s'", name);
    if (names.n > 0 && nvb_has_prefix(name, "--"))
        near = nvb_nearest(name + 2, (const char *const *)names.items);
    return near ? nvb_hint(err, "did you mean '--%s'?", near)
                : nvb_hint(err, "see the options with --help");
}

static bool check_word(const struct opt *o, const char *value, struct nvb_err *err)
{
    nvb_auto_strv legal = { 0 };
    nvb_autofree char *list = NULL;
    const char *near = NULL;

    if (!o->words || o->has_other_words)
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
        return opt_fail_unknown(opts, argv[*i], err);
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
            return opt_fail_unknown(opts, argv[*i], err);
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

/* The other words gather at argv[1] and on, where options were read already, until all are known. */
bool opt_parse(const struct opt *opts,
               char **argv,
               bool is_mixed,
               void *out,
               int *out_rest,
               struct nvb_err *err)
{
    int n_others = 0;
    int i = 1;

    for (; argv[i] && strcmp(argv[i], "--") != 0; i++) {
        if (opt_is_option(argv[i])) {
            if (argv[i][1] == '-' ? !parse_long(opts, argv, &i, out, err)
                                  : !parse_letters(opts, argv, &i, out, err))
                return false;
        } else if (is_mixed) {
            argv[1 + n_others++] = argv[i];
        } else {
            *out_rest = i;
            return true;
        }
    }
    i += argv[i] != NULL;
    memmove((void *)&argv[i - n_others], (void *)&argv[1], (size_t)n_others * sizeof(*argv));
    *out_rest = i - n_others;
    return true;
}

char *opt_dup_name(const struct opt *opt)
{
    if (!opt->value)
        return nvb_xasprintf("--%s", opt->name);
    return nvb_xasprintf(opt->type == OPT_OPTIONAL ? "--%s[=%s]" : "--%s %s", opt->name,
                         opt->value);
}

void opt_print_help(const struct opt *opts, FILE *out)
{
    for (; opts->type != OPT_END; opts++) {
        nvb_autofree char *name = opt_dup_name(opts);

        (void)fprintf(out, "  %c%c%c %-22s %s\n", opts->letter ? '-' : ' ',
                      opts->letter ? opts->letter : ' ', opts->letter ? ',' : ' ', name,
                      opts->help);
    }
}
