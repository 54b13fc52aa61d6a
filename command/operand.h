/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* operand.h - the words of a command that are no options, described as its usage shows them.
 *
 * "FILE", "SRC DST", "[FILE]...", "bash|zsh|fish", "IMAGE [COMMAND [ARGUMENT]...]": what stands in
 * brackets may be left out, and so may all behind it; "..." says that any number may follow; "|"
 * stands between legal words. NULL: a command has none. */
#pragma once

#include "base/text.h"

/* Are `words` (NULL-terminated) what `operands` says? */
bool operand_check(const char *operands, char *const *words, struct nvb_err *err);

/* Add the legal words of the first operand; none where any word is legal. */
void operand_list_words(const char *operands, struct nvb_strv *out_words);
