/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* pull-floor.c - the least that getting an image's layers costs: download, SHA-256, decompress, SHA-256,
 * write. No store, no limits, no safety: it trusts the archive. Never use it for anything else.
 *
 *   bench_pull-floor THREADS FOLDER URL/blobs/ DIGEST,SIZE,gzip|zstd ...
 *
 * Each layer goes through one thread in one pass; the largest come first. */
#include <curl/curl.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

enum {
    BLOCK = 512,
    OUT_SIZE = 1 << 18,
    LAYERS_MAX = 128,
    NAME_SIZE = 4096,
};

struct layer {
    char digest[72];
    uint64_t size;
    bool is_zstd;
    int root;

    EVP_MD_CTX *packed;
    EVP_MD_CTX *plain;
    z_stream z;
    ZSTD_DStream *zs;
    unsigned char out[OUT_SIZE];

    unsigned char header[BLOCK];
    size_t n_header;
    uint64_t left; /* of the entry's data, then of its padding */
    uint64_t padding;
    char long_name[NAME_SIZE]; /* of the next entry; "" = none */
    char long_link[NAME_SIZE];
    char *collect; /* one of the two while their text comes */
    size_t n_collected;
    int fd;
};

static struct layer *layers[LAYERS_MAX];
static size_t n_layers;
static atomic_size_t next_layer;
static const char *base_url;

static void die(const char *what, const char *which)
{
    (void)fprintf(stderr, "pull-floor: %s: %s\n", what, which);
    exit(1);
}

static uint64_t octal(const unsigned char *p, size_t n)
{
    uint64_t value = 0;

    for (size_t i = 0; i < n && p[i]; i++)
        value = p[i] >= '0' && p[i] <= '7' ? value * 8 + (uint64_t)(p[i] - '0') : value;
    return value;
}

static void make_parents(int root, char *path)
{
    for (char *p = path; (p = strchr(p, '/')); p++) {
        *p = '\0';
        (void)mkdirat(root, path, 0755);
        *p = '/';
    }
}

static int make_file(struct layer *l, char *path)
{
    int flags = O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC;
    int fd = openat(l->root, path, flags, 0600);

    if (fd < 0) {
        make_parents(l->root, path);
        (void)unlinkat(l->root, path, 0);
        fd = openat(l->root, path, flags, 0600);
    }
    if (fd < 0)
        die("cannot make", path);
    return fd;
}

static void name_of(struct layer *l, char *path, char *target)
{
    const char *raw = (const char *)l->header;

    if (*l->long_name) {
        (void)snprintf(path, NAME_SIZE, "%s", l->long_name);
    } else {
        (void)snprintf(path, NAME_SIZE, "%.100s", raw);
    }
    if (*l->long_link) {
        (void)snprintf(target, NAME_SIZE, "%s", l->long_link);
    } else {
        (void)snprintf(target, NAME_SIZE, "%.100s", raw + 157);
    }
    *l->long_name = *l->long_link = '\0';
    for (size_t n = strlen(path); n > 0 && path[n - 1] == '/'; n--)
        path[n - 1] = '\0';
}

static void begin_entry(struct layer *l, char type, mode_t mode)
{
    char path[NAME_SIZE];
    char target[NAME_SIZE];
    char *p = path;
    const char *t = target;

    name_of(l, path, target);
    p += strncmp(p, "./", 2) == 0 ? 2 : 0;
    t += strncmp(t, "./", 2) == 0 && type == '1' ? 2 : 0;
    if (!*p || strcmp(p, ".") == 0)
        return;
    if (type == '5') {
        make_parents(l->root, p);
        (void)mkdirat(l->root, p, mode);
        (void)fchmodat(l->root, p, mode, 0);
    } else if (type == '2') {
        make_parents(l->root, p);
        (void)symlinkat(t, l->root, p);
    } else if (type == '1') {
        make_parents(l->root, p);
        (void)linkat(l->root, t, l->root, p, 0);
    } else if (type == '0' || type == '\0') {
        l->fd = make_file(l, p);
    }
}

/* A header is whole: what follows it? */
static void take_header(struct layer *l)
{
    const unsigned char *h = l->header;
    char type = (char)h[156];
    uint64_t size = octal(h + 124, 12);

    l->n_header = 0;
    if (!h[0])
        return; /* the end */
    l->left = size;
    l->padding = (BLOCK - size % BLOCK) % BLOCK;
    if (type == 'L' || type == 'K' || type == 'x' || type == 'g') {
        l->collect = type == 'L' ? l->long_name : type == 'K' ? l->long_link : NULL;
        l->n_collected = 0;
        return;
    }
    l->collect = NULL;
    begin_entry(l, type, (mode_t)octal(h + 100, 8) & 07777);
    if (type != '0' && type != '\0')
        l->left = l->padding = 0;
}

static void end_entry(struct layer *l)
{
    const struct timespec t = { .tv_sec = (time_t)octal(l->header + 136, 12) };
    const struct timespec times[2] = { t, t };

    if (l->collect)
        l->collect[l->n_collected] = '\0';
    if (l->fd < 0)
        return;
    (void)!fchown(l->fd, (uid_t)octal(l->header + 108, 8), (gid_t)octal(l->header + 116, 8));
    (void)fchmod(l->fd, (mode_t)octal(l->header + 100, 8) & 07777);
    (void)futimens(l->fd, times);
    (void)close(l->fd);
    l->fd = -1;
}

static void take_data(struct layer *l, const unsigned char *p, size_t n)
{
    if (l->collect && l->n_collected + n < NAME_SIZE) {
        memcpy(l->collect + l->n_collected, p, n);
        l->n_collected += n;
    } else if (l->fd >= 0 && write(l->fd, p, n) != (ssize_t)n) {
        die("cannot write", l->digest);
    }
}

static void take_plain(struct layer *l, const unsigned char *p, size_t n)
{
    EVP_DigestUpdate(l->plain, p, n);
    while (n > 0) {
        size_t k = n;

        if (l->left > 0) {
            k = k < l->left ? k : (size_t)l->left;
            take_data(l, p, k);
            l->left -= k;
            if (l->left == 0)
                end_entry(l);
        } else if (l->padding > 0) {
            k = k < l->padding ? k : (size_t)l->padding;
            l->padding -= k;
        } else {
            k = k < BLOCK - l->n_header ? k : BLOCK - l->n_header;
            memcpy(l->header + l->n_header, p, k);
            l->n_header += k;
            if (l->n_header == BLOCK) {
                take_header(l);
                if (l->left == 0)
                    end_entry(l);
            }
        }
        p += k;
        n -= k;
    }
}

static void inflate_some(struct layer *l, unsigned char *p, size_t n)
{
    int r = Z_OK;

    l->z.next_in = p;
    l->z.avail_in = (unsigned)n;
    do {
        l->z.next_out = l->out;
        l->z.avail_out = OUT_SIZE;
        r = inflate(&l->z, Z_NO_FLUSH);
        if (r != Z_OK && r != Z_STREAM_END && r != Z_BUF_ERROR)
            die("cannot inflate", l->digest);
        take_plain(l, l->out, OUT_SIZE - l->z.avail_out);
    } while (l->z.avail_out == 0 && r != Z_STREAM_END);
}

static void unzstd_some(struct layer *l, const unsigned char *p, size_t n)
{
    ZSTD_inBuffer in = { p, n, 0 };
    ZSTD_outBuffer out = { l->out, OUT_SIZE, OUT_SIZE };

    while (in.pos < in.size || out.pos == out.size) {
        out.pos = 0;
        if (ZSTD_isError(ZSTD_decompressStream(l->zs, &out, &in)))
            die("cannot decompress", l->digest);
        take_plain(l, l->out, out.pos);
    }
}

static size_t take_packed(char *data, size_t size, size_t n, void *user)
{
    struct layer *l = user;

    EVP_DigestUpdate(l->packed, data, size * n);
    if (l->is_zstd) {
        unzstd_some(l, (const unsigned char *)data, size * n);
    } else {
        inflate_some(l, (unsigned char *)data, size * n);
    }
    return size * n;
}

static void check(struct layer *l)
{
    unsigned char sum[EVP_MAX_MD_SIZE];
    char text[72] = "sha256:";

    EVP_DigestFinal_ex(l->packed, sum, NULL);
    for (int i = 0; i < 32; i++)
        (void)snprintf(text + 7 + 2 * i, 3, "%02x", sum[i]);
    if (strcmp(text, l->digest) != 0)
        die("another digest than", l->digest);
}

static void get(CURL *curl, struct layer *l)
{
    char url[512];

    l->packed = EVP_MD_CTX_new();
    l->plain = EVP_MD_CTX_new();
    EVP_DigestInit_ex(l->packed, EVP_sha256(), NULL);
    EVP_DigestInit_ex(l->plain, EVP_sha256(), NULL);
    l->zs = ZSTD_createDStream();
    (void)inflateInit2(&l->z, 31);
    (void)snprintf(url, sizeof(url), "%s%s", base_url, l->digest);
    curl_easy_setopt(curl, CURLOPT_URL, url);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take_packed);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, l);
    curl_easy_setopt(curl, CURLOPT_BUFFERSIZE, 262144L);
    curl_easy_setopt(curl, CURLOPT_FAILONERROR, 1L);
    if (curl_easy_perform(curl) != CURLE_OK)
        die("cannot download", url);
    check(l);
}

static void *work(void *data)
{
    CURL *curl = curl_easy_init();

    (void)data;
    for (size_t i = 0; (i = next_layer++) < n_layers;)
        get(curl, layers[i]);
    curl_easy_cleanup(curl);
    return NULL;
}

static int by_size_falling(const void *a, const void *b)
{
    const struct layer *const *x = a;
    const struct layer *const *y = b;

    return (*x)->size < (*y)->size ? 1 : (*x)->size > (*y)->size ? -1 : 0;
}

static struct layer *make_layer(const char *folder, const char *word)
{
    struct layer *l = calloc(1, sizeof(*l));
    char path[NAME_SIZE];
    char how[8];
    unsigned long long size = 0;

    if (!l || sscanf(word, "%71[^,],%llu,%7s", l->digest, &size, how) != 3)
        die("not DIGEST,SIZE,HOW", word);
    l->size = size;
    l->is_zstd = strcmp(how, "zstd") == 0;
    l->fd = -1;
    (void)snprintf(path, sizeof(path), "%s/%s", folder, l->digest);
    (void)mkdir(path, 0755);
    l->root = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (l->root < 0)
        die("cannot open", path);
    return l;
}

int main(int argc, char **argv)
{
    pthread_t threads[LAYERS_MAX];
    size_t n_threads = argc > 1 ? strtoul(argv[1], NULL, 10) : 0;

    if (argc < 5 || n_threads == 0 || n_threads > LAYERS_MAX || argc - 4 > LAYERS_MAX) {
        (void)fputs("usage: pull-floor THREADS FOLDER URL/blobs/ DIGEST,SIZE,gzip|zstd...\n",
                    stderr);
        return 2;
    }
    (void)umask(0);
    (void)curl_global_init(CURL_GLOBAL_ALL);
    base_url = argv[3];
    for (int i = 4; i < argc; i++)
        layers[n_layers++] = make_layer(argv[2], argv[i]);
    qsort((void *)layers, n_layers, sizeof(*layers), by_size_falling);
    for (size_t i = 0; i < n_threads; i++)
        (void)pthread_create(&threads[i], NULL, work, NULL);
    for (size_t i = 0; i < n_threads; i++)
        (void)pthread_join(threads[i], NULL);
    return 0;
}
