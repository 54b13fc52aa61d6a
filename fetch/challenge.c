/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "challenge.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

enum {
    HEADER_MAX = 8192, /* real ones have some 200 bytes */
};

static bool is_token_char(char c)
{
    return isalnum((unsigned char)c) || (c && strchr("!#$%&'*+-.^_`|~/", c));
}

/* NULL when no token begins here. The slash is no token's by the book, but registries leave
 * realm=https://... unquoted; the colon goes with it in take_value(). */
static char *take_token(const char **p)
{
    const char *begin = *p;

    while (is_token_char(**p))
        (*p)++;
    return *p > begin ? nvb_xstrndup(begin, (size_t)(*p - begin)) : NULL;
}

static char *take_quoted(const char **p)
{
    nvb_auto_buf text = { 0 };

    nvb_buf_add(&text, "", 0);
    for ((*p)++; **p != '"'; (*p)++) {
        if (**p == '\\' && (*p)[1])
            (*p)++;
        if (!**p)
            return NULL; /* no end */
        nvb_buf_add(&text, *p, 1);
    }
    (*p)++;
    return text.data ? nvb_steal(&text.data) : nvb_xstrdup("");
}

static char *take_value(const char **p)
{
    const char *begin = *p;

    if (**p == '"')
        return take_quoted(p);
    *p += strcspn(*p, " \t,");
    return nvb_xstrndup(begin, (size_t)(*p - begin));
}

static void set_parameter(struct challenge *challenge, const char *name, char *take_value)
{
    char **slots[] = { &challenge->realm, &challenge->service, &challenge->scope,
                       &challenge->error };
    static const char *const names[] = { "realm", "service", "scope", "error" };

    for (size_t i = 0; i < sizeof(slots) / sizeof(slots[0]); i++) {
        if (strcasecmp(name, names[i]) == 0 && !*slots[i]) {
            *slots[i] = take_value;
            return;
        }
    }
    free(take_value);
}

/* What was read so far becomes the answer when it is better. */
static void offer(struct challenge *best, struct challenge *take_current)
{
    bool is_whole = take_current->scheme != CHALLENGE_BEARER || take_current->realm;

    if (is_whole && take_current->scheme > best->scheme) {
        challenge_clear(best);
        *best = *take_current;
    } else {
        challenge_clear(take_current);
    }
    *take_current = (struct challenge){ 0 };
}

static enum challenge_scheme scheme_of(const char *word)
{
    if (strcasecmp(word, "bearer") == 0)
        return CHALLENGE_BEARER;
    return strcasecmp(word, "basic") == 0 ? CHALLENGE_BASIC : CHALLENGE_NONE;
}

/* A word is a parameter's name when "=" follows, and else a scheme: a comma stands between
 * parameters and between challenges alike. */
static void read_one(const char *p, struct challenge *best)
{
    auto_challenge current = { 0 };

    for (p += strspn(p, " \t,"); *p; p += strspn(p, " \t,")) {
        nvb_autofree char *word = take_token(&p);
        char *value = NULL;

        if (!word)
            return; /* malformed: nothing of this challenge counts */
        p += strspn(p, " \t");
        if (*p != '=') {
            offer(best, &current);
            current.scheme = scheme_of(word);
            continue;
        }
        p++;
        p += strspn(p, " \t");
        value = take_value(&p);
        if (!value)
            return;
        set_parameter(&current, word, value);
    }
    offer(best, &current);
}

void challenge_read(const struct nvb_strv *headers, struct challenge *out)
{
    *out = (struct challenge){ 0 };
    for (size_t i = 0; i < headers->n; i++) {
        if (strlen(headers->items[i]) <= HEADER_MAX)
            read_one(headers->items[i], out);
    }
}

void challenge_clear(struct challenge *challenge)
{
    free(challenge->realm);
    free(challenge->service);
    free(challenge->scope);
    free(challenge->error);
    *challenge = (struct challenge){ 0 };
}
