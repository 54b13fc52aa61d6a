/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* plain.c - a program linked to libc alone: the least that `nvbind --version` could cost. */
#include <stdio.h>

int main(void)
{
    return puts("plain 0.1.0") == EOF;
}
