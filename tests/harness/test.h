/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* test.h - a test is a function; the harness finds it, forks it, times it, reports TAP.
 *
 * Each test runs in its own process, so it may crash, leak descriptors,
 * unshare or chroot. A test that cannot run here says SKIP("why"). */
#pragma once

#include <stdbool.h>
#include <stddef.h>

/* As large as it is aligned in its section, or a 32-bit array of them would have holes. */
struct test {
    const char *name;
    int line; /* the linker may reorder; we run in file order */
    void (*fn)(void);
} __attribute__((aligned(8)));

#define TEST(name_)                                                                           \
    static void test_##name_(void);                                                           \
    static const struct test entry_##name_                                                    \
        __attribute__((used, retain, section("nvb_tests"), aligned(8))) = { #name_, __LINE__, \
                                                                            test_##name_ };   \
    static void test_##name_(void)

#define SKIP(...)        test_skip(__VA_ARGS__)
#define EXPECT(cond)     ((cond) ? (void)0 : test_fail(#cond, __FILE__, __LINE__))
#define EXPECT_STR(a, b) test_expect_str((a), (b), __FILE__, __LINE__)

void test_fail(const char *text, const char *file, int line) __attribute__((noreturn));
void test_expect_str(const char *got, const char *want, const char *file, int line);
void test_skip(const char *fmt, ...) __attribute__((format(printf, 1, 2), noreturn));
