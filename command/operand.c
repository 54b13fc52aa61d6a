/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "operand.h"

#include <string.h>

/* "bash", "zsh" and "fish" of "[bash|zsh|fish]..."; nothing of "FILE". */
static void split_words(const char *operand, struct nvb_strv *out)
{
    size_t len = strcspn(operand, " ");

    if (!memchr(operand, '|', len))
        return;
    for (const char *p = operand; p < operand + len;) {
        size_t n = strcspn(p, "[|]. ");

        if (n > 0)
            nvb_strv_take(out, nvb_xstrndup(p, n));
        p += n + 1;
    }
}

void operand_list_words(const char *operands, struct nvb_strv *out_words)
{
    if (operands)
        split_words(operands, out_words);
}

static const char *next_operand(const char *operand)
{
    operand += strcspn(operand, " ");
    return operand + strspn(operand, " ");
}

static bool check_word(const char *operand, const char *word, struct nvb_err *err)
{
    nvb_auto_strv legal = { 0 };
    nvb_autofree char *list = NULL;
    const char *near = NULL;

    split_words(operand, &legal);
    if (legal.n == 0 || nvb_strv_has(&legal, word))
        return true;
    list = nvb_strv_join(&legal, ", ");
    near = nvb_nearest(word, (const char *const *)legal.items);
    nvb_fail(err, NVB_D_REQUEST, NVB_E_INVALID, "'%s' is none of %s", word, list);
    return near ? nvb_hint(err, "did you mean '%s'?", near) : false;
}

static bool fail_missing(const char *operand, struct nvb_err *err)
{
    nvb_autofree char *name = nvb_xstrndup(operand, strcspn(operand, " ."));
    nvb_auto_strv legal = { 0 };
    nvb_autofree char *list = NULL;

    split_words(operand, &legal);
    list = nvb_strv_join(&legal, ", ");
    return nvb_fail(err, NVB_D_REQUEST, NVB_E_INVALID, "%s %s is missing",
                    legal.n > 0             ? "one of"
                    : strchr("AEIO", *name) ? "an"
                                            : "a",
                    legal.n > 0 ? list : name);
}

bool operand_check(const char *operands, char *const *words, struct nvb_err *err)
{
    bool has_more = operands && strstr(operands, "...");

    for (const char *o = operands ? operands : ""; *o; o = next_operand(o), words++) {
        if (!*words)
            return *o == '[' ? true : fail_missing(o, err);
        if (!check_word(o, *words, err))
            return false;
    }
    if (*words && !has_more)
        return nvb_fail(err, NVB_D_REQUEST, NVB_E_INVALID, "'%s' is one word too many", *words);
    return true;
}
