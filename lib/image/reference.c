/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "image/reference.h"

#include <string.h>

#include "image/digest.h"

#define SMALL   "abcdefghijklmnopqrstuvwxyz"
#define CAPITAL "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define DIGIT   "0123456789"

#define DEFAULT_REGISTRY "docker.io"
#define DEFAULT_OWNER    "library/"
#define DEFAULT_TAG      "latest"

enum {
    TEXT_MAX = 240, /* it becomes a file name, with room for a temporary one's ends */
    TAG_MAX = 128,
    PORT_MAX = 65535,
    QUOTE_MAX = 80,
};

static bool fail(struct nvb_err *err, const char *text, const char *why)
{
    nvb_fail(err, NVB_D_IMAGE, NVB_E_INVALID, "'%.*s' is not an image name: %s", QUOTE_MAX, text,
             why);
    return nvb_hint(err, "write it as [REGISTRY/]NAME[:TAG][@DIGEST], for example ubuntu:24.04 or "
                         "localhost:5000/app");
}

static bool is_of(const char *s, size_t len, const char *letters)
{
    return len > 0 && strspn(s, letters) >= len;
}

/* Small letters and digits, with single separators between them: ".", "_", "__" or dashes. */
static bool is_path_part(const char *s, size_t len)
{
    size_t i = 0;

    while (i < len) {
        size_t word = strspn(s + i, SMALL DIGIT);
        size_t gap = 0;

        if (word == 0 || i + word > len)
            return false;
        i += word;
        if (i == len)
            return true;
        gap = strspn(s + i, "-");
        if (gap == 0)
            gap = s[i] == '.' ? 1 : strspn(s + i, "_");
        if (gap == 0 || (s[i] == '_' && gap > 2))
            return false;
        i += gap;
    }
    return false;
}

static bool is_path(const char *s)
{
    for (const char *p = s;; p++) {
        size_t len = strcspn(p, "/");

        if (!is_path_part(p, len))
            return false;
        p += len;
        if (!*p)
            return true;
    }
}

static bool is_host_part(const char *s, size_t len)
{
    return is_of(s, len, SMALL CAPITAL DIGIT "-") && s[0] != '-' && s[len - 1] != '-';
}

static bool is_port(const char *s)
{
    uint64_t port = 0;

    return nvb_parse_u64(s, PORT_MAX, &port) && port > 0;
}

/* "quay.io", "localhost:5000", "10.0.0.1:80", "[::1]:5000" */
static bool is_registry(const char *s)
{
    const char *end = s;

    if (*s == '[') {
        size_t len = strspn(s + 1, DIGIT "abcdefABCDEF:.");

        end = s + 1 + len;
        return len >= 2 && *end == ']' && (!end[1] || (end[1] == ':' && is_port(end + 2)));
    }
    for (;; end++) {
        size_t len = strcspn(end, ".:");

        if (!is_host_part(end, len))
            return false;
        end += len;
        if (*end != '.')
            return !*end || is_port(end + 1);
    }
}

/* Is what stands before the first slash a registry, or an owner on docker.io? */
static bool looks_like_registry(const char *s)
{
    return strcmp(s, "localhost") == 0 || strpbrk(s, ".:[" CAPITAL);
}

static bool is_tag(const char *s)
{
    size_t len = strlen(s);

    return len <= TAG_MAX && is_of(s, len, SMALL CAPITAL DIGIT "_.-") && !strchr(".-", s[0]);
}

/* Registry and repository of what is left when tag and digest are gone. */
static bool
parse_name(const char *name, const char *text, struct nvb_reference *out, struct nvb_err *err)
{
    const char *slash = strchr(name, '/');
    nvb_autofree char *first = nvb_xstrndup(name, slash ? (size_t)(slash - name) : 0);
    bool has_registry = slash && looks_like_registry(first);
    const char *path = has_registry ? slash + 1 : name;
    bool is_default = !has_registry || strcmp(first, DEFAULT_REGISTRY) == 0 ||
                      strcmp(first, "index." DEFAULT_REGISTRY) == 0 ||
                      strcmp(first, "registry-1." DEFAULT_REGISTRY) == 0;

    if (has_registry && !is_registry(first))
        return fail(err, text, "the registry is no host name");
    if (strpbrk(path, CAPITAL))
        return fail(err, text, "capitals are not allowed");
    if (!is_path(path))
        return fail(err, text,
                    "its parts are small letters and digits with single '.', '_' or '-' between");
    out->registry = nvb_xstrdup(is_default ? DEFAULT_REGISTRY : first);
    out->repository = is_default && !strchr(path, '/') ? nvb_xasprintf(DEFAULT_OWNER "%s", path)
                                                       : nvb_xstrdup(path);
    return true;
}

/* Cut "@sha256:..." and ":tag" off. */
static bool cut_ends(char *name, const char *text, struct nvb_reference *out, struct nvb_err *err)
{
    char *at = strchr(name, '@');
    char *slash = NULL;
    char *colon = NULL;

    if (at) {
        *at = '\0';
        if (!nvb_digest_check(at + 1, "the digest", err))
            return nvb_while(err, "'%.*s' is not an image name", QUOTE_MAX, text);
        out->digest = nvb_xstrdup(at + 1);
    }
    slash = strrchr(name, '/');
    colon = strchr(slash ? slash : name, ':');
    if (colon) {
        *colon = '\0';
        if (!is_tag(colon + 1))
            return fail(err, text, "a tag is letters, digits, '_', '.' and '-', at most 128");
        out->tag = nvb_xstrdup(colon + 1);
    }
    if (!out->tag && !out->digest)
        out->tag = nvb_xstrdup(DEFAULT_TAG);
    return true;
}

static bool
check_length(const struct nvb_reference *reference, const char *text, struct nvb_err *err)
{
    nvb_autofree char *full = nvb_reference_dup_text(reference);

    return strlen(full) <= TEXT_MAX || fail(err, text, "it is longer than 240 bytes");
}

bool nvb_reference_parse(const char *text, struct nvb_reference *out, struct nvb_err *err)
{
    nvb_autofree char *name = nvb_xstrdup(text);
    nvb_auto_reference parsed = { 0 };

    if (!*text)
        return fail(err, text, "it is empty");
    if (strlen(text) > 2 * TEXT_MAX)
        return fail(err, text, "it is longer than 240 bytes");
    if (!cut_ends(name, text, &parsed, err) || !parse_name(name, text, &parsed, err) ||
        !check_length(&parsed, text, err))
        return false;
    *out = parsed;
    parsed = (struct nvb_reference){ 0 };
    return true;
}

void nvb_reference_clear(struct nvb_reference *reference)
{
    free(reference->registry);
    free(reference->repository);
    free(reference->tag);
    free(reference->digest);
    *reference = (struct nvb_reference){ 0 };
}

static char *dup_with_ends(const struct nvb_reference *r, const char *name)
{
    return nvb_xasprintf("%s%s%s%s%s", name, r->tag ? ":" : "", r->tag ? r->tag : "",
                         r->digest ? "@" : "", r->digest ? r->digest : "");
}

char *nvb_reference_dup_name(const struct nvb_reference *reference, bool is_familiar)
{
    const char *path = reference->repository;

    if (!is_familiar || strcmp(reference->registry, DEFAULT_REGISTRY) != 0)
        return nvb_xasprintf("%s/%s", reference->registry, path);
    if (nvb_has_prefix(path, DEFAULT_OWNER) && !strchr(path + strlen(DEFAULT_OWNER), '/'))
        path += strlen(DEFAULT_OWNER);
    return nvb_xstrdup(path);
}

char *nvb_reference_dup_text(const struct nvb_reference *reference)
{
    nvb_autofree char *name = nvb_reference_dup_name(reference, false);

    return dup_with_ends(reference, name);
}

char *nvb_reference_dup_familiar(const struct nvb_reference *reference)
{
    nvb_autofree char *name = nvb_reference_dup_name(reference, true);

    return dup_with_ends(reference, name);
}
