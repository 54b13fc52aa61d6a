/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* edit_test.c - profiles that are changed in place, by one program, by many, and by one that dies. */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "nvbind/profile.h"
#include "profile/own_file.h"
#include "test.h"
#include "tree.h"

NVB_DEFINE_AUTOPTR(nvb_profile, nvb_profile_free)

static const char *top;

static void make_dirs(void)
{
    nvb_autofree char *data = NULL;
    nvb_autofree char *config = NULL;

    top = tree_new();
    data = nvb_xasprintf("%s/data", top);
    config = nvb_xasprintf("%s/config", top);
    (void)setenv("NVBIND_DATA", data, 1);
    (void)setenv("XDG_CONFIG_HOME", config, 1);
}

static char *dup_file(const char *name)
{
    nvb_autofree char *path = nvb_xasprintf("%s/%s", top, name);
    char *text = NULL;
    nvb_auto_err err = { 0 };

    return nvb_read_file(AT_FDCWD, path, 1 << 20, &text, NULL, &err) ? text : NULL;
}

static void expect_file(const char *name, const char *want)
{
    nvb_autofree char *text = dup_file(name);

    EXPECT_STR(text ? text : "(absent)", want);
}

static const char own[] = "config/nvbind/profiles/p.toml";

TEST(changes_a_value_and_nothing_else)
{
    nvb_auto_err err = { 0 };

    make_dirs();
    tree_put(top, own,
             "# mine\n[frames]  # of the screen\ncap = 60 # for the old monitor\n\n[env]\n");
    EXPECT(nvb_profile_set("p", "frames.cap", "144", NULL, &err));
    EXPECT(nvb_profile_set("p", "frames.queue", "2", NULL, &err));
    EXPECT(nvb_profile_set("p", "env.DXVK_HUD", "fps", NULL, &err));
    EXPECT(nvb_profile_set("p", "wine.esync", "false", NULL, &err));
    expect_file(own, "# mine\n[frames]  # of the screen\ncap = 144 # for the old monitor\n"
                     "queue = 2\n\n[env]\nDXVK_HUD = \"fps\"\n\n[wine]\nesync = false\n");
    EXPECT(nvb_profile_unset("p", "frames.queue", NULL, &err));
    EXPECT(nvb_profile_unset("p", "wine.esync", NULL, &err));
    expect_file(own, "# mine\n[frames]  # of the screen\ncap = 144 # for the old monitor\n\n"
                     "[env]\nDXVK_HUD = \"fps\"\n\n[wine]\n");
}

TEST(keeps_the_spelling_that_the_file_has)
{
    nvb_auto_err err = { 0 };

    make_dirs();
    tree_put(top, own, "dlss_quality = 'Performance'\nwine_optimizations = { esync = true }\n");
    EXPECT(nvb_profile_set("p", "dlss.quality", "quality", NULL, &err));
    EXPECT(nvb_profile_set("p", "wine.esync", "false", NULL, &err));
    EXPECT(nvb_profile_set("p", "dlss_enabled", "true", NULL, &err));
    expect_file(own, "dlss_quality = \"quality\"\nwine_optimizations = { esync = false }\n\n"
                     "[dlss]\nenabled = true\n");
}

TEST(changes_a_table_of_the_configuration_where_it_is)
{
    nvb_auto_err err = { 0 };
    nvb_autoptr(nvb_profile) p = NULL;

    make_dirs();
    tree_put(
        top, "config/nvbind/config.toml",
        "[pull]\nretries = 2\n\n[gpu.gaming_profiles.aaa]\ndlss_quality = \"Quality\" # nice\n");
    EXPECT(nvb_profile_set("aaa", "dlss.quality", "balanced", NULL, &err));
    EXPECT(nvb_profile_set("aaa", "frames.cap", "90", NULL, &err));
    expect_file("config/nvbind/config.toml",
                "[pull]\nretries = 2\n\n[gpu.gaming_profiles.aaa]\ndlss_quality = \"balanced\" # "
                "nice\n\n[gpu.gaming_profiles.aaa.frames]\ncap = 90\n");
    EXPECT(nvb_profile_load("aaa", &p, &err) && p->frame_cap == 90);
}

TEST(copies_what_is_installed_before_the_first_change)
{
    struct nvb_profile_change change = { 0 };
    nvb_auto_err err = { 0 };

    make_dirs();
    tree_put(top, "data/profiles/p.toml", "# ours\nframes.cap = 30\n");
    EXPECT(nvb_profile_set("p", "frames.cap", "60", &change, &err));
    EXPECT(nvb_has_suffix(change.copied_from, "data/profiles/p.toml") && !change.is_unchanged);
    expect_file("data/profiles/p.toml", "# ours\nframes.cap = 30\n");
    expect_file(own, "# ours\nframes.cap = 60\n");
    nvb_profile_change_clear(&change);
    EXPECT(nvb_profile_remove("p", &change, &err));
    expect_file(own, "(absent)");
    nvb_profile_change_clear(&change);
    EXPECT(!nvb_profile_remove("p", NULL, &err) && err.kind == NVB_E_DENIED);
}

TEST(writes_nothing_when_it_says_so_already)
{
    struct nvb_profile_change change = { 0 };
    nvb_auto_err err = { 0 };

    make_dirs();
    tree_put(top, "data/profiles/p.toml", "frames.cap = 30\n");
    EXPECT(nvb_profile_set("p", "frames.cap", "30", &change, &err) && change.is_unchanged);
    expect_file(own, "(absent)");
    nvb_profile_change_clear(&change);
    EXPECT(nvb_profile_unset("p", "frames.queue", &change, &err) && change.is_unchanged);
    nvb_profile_change_clear(&change);
}

TEST(a_wrong_word_changes_nothing)
{
    static const char *const rows[][2] = {
        {"frames.cap",    "many"},
        { "frames.cp",    "1"   },
        { "env.A-B",      "1"   },
        { "dlss.quality", "best"},
        { "description",  "a\nb"}
    };

    make_dirs();
    tree_put(top, own, "frames.cap = 30\n");
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        nvb_auto_err err = { 0 };

        EXPECT(!nvb_profile_set("p", rows[i][0], rows[i][1], NULL, &err));
        EXPECT(err.domain == NVB_D_REQUEST && err.kind == NVB_E_INVALID && err.hint);
    }
    expect_file(own, "frames.cap = 30\n");
}

TEST(makes_profiles_and_copies)
{
    nvb_auto_err err = { 0 };
    nvb_autoptr(nvb_profile) p = NULL;

    make_dirs();
    tree_put(top, "data/profiles/gaming.toml", "# g\nsandbox.profile = 'steam'\n");
    tree_put(top, "config/nvbind/config.toml",
             "[gpu.gaming_profiles.t]\nframes.cap = 30\nenv.A = 'x'\n");
    EXPECT(nvb_profile_create("p", "gaming", NULL, &err));
    expect_file(own, "# g\nsandbox.profile = 'steam'\n");
    EXPECT(!nvb_profile_create("p", NULL, NULL, &err) && err.kind == NVB_E_CONFLICT);
    EXPECT(nvb_profile_create("q", NULL, NULL, &err) && nvb_profile_load("q", &p, &err));
    nvb_profile_free(nvb_steal(&p));
    EXPECT(nvb_profile_create("r", "t", NULL, &err) && nvb_profile_load("r", &p, &err));
    EXPECT(p->frame_cap == 30 && p->sandbox == NVB_SANDBOX_STEAM && p->n_env == 1);
    EXPECT(!nvb_profile_create("../x", NULL, NULL, &err) && err.kind == NVB_E_INVALID);
    EXPECT(!nvb_profile_create("s", "nowhere", NULL, &err) && err.kind == NVB_E_NOT_FOUND);
    EXPECT(!nvb_profile_remove("t", NULL, &err) && err.kind == NVB_E_UNSUPPORTED);
}

TEST(keeps_links_and_modes)
{
    nvb_autofree char *link = NULL;
    nvb_autofree char *target = NULL;
    nvb_auto_err err = { 0 };
    struct stat st;

    make_dirs();
    tree_put(top, "dotfiles/p.toml", "frames.cap = 30\n");
    tree_put(top, "config/nvbind/profiles/other.toml", "");
    link = nvb_xasprintf("%s/%s", top, own);
    target = nvb_xasprintf("%s/dotfiles/p.toml", top);
    EXPECT(symlink(target, link) == 0 && chmod(target, 0640) == 0);
    EXPECT(nvb_profile_set("p", "frames.cap", "60", NULL, &err));
    EXPECT(lstat(link, &st) == 0 && S_ISLNK(st.st_mode));
    EXPECT(stat(target, &st) == 0 && (st.st_mode & 07777) == 0640);
    expect_file("dotfiles/p.toml", "frames.cap = 60\n");
}

TEST(leaves_alone_what_an_editor_wrote_meanwhile)
{
    nvb_autofree char *path = NULL;
    nvb_auto_own_file file = NVB_OWN_FILE_INIT;
    nvb_auto_err err = { 0 };

    make_dirs();
    tree_put(top, own, "frames.cap = 30\n");
    path = nvb_xasprintf("%s/%s", top, own);
    EXPECT(nvb_own_file_open(path, &file, &err));
    tree_put(top, own, "frames.cap = 31 # by an editor\n");
    EXPECT(!nvb_own_file_write(&file, &err) && err.kind == NVB_E_CONFLICT);
    expect_file(own, "frames.cap = 31 # by an editor\n");
}

TEST(changes_what_a_game_needs)
{
    nvb_auto_err err = { 0 };
    nvb_autoptr(nvb_profile) p = NULL;
    const struct nvb_profile_ask ask = { .name = "p", .game = "312530" };

    make_dirs();
    tree_put(top, "data/profiles/p.toml", "");
    tree_put(top, "data/games.toml", "[game.duck-game]\nsteam = [312530]\n");
    EXPECT(nvb_game_set("312530", "frames.cap", "60", NULL, &err));
    EXPECT(nvb_game_set("duck-game", "env.A", "x", NULL, &err));
    EXPECT(nvb_game_set("999", "frames.cap", "50", NULL, &err));
    EXPECT(nvb_game_set("C:\\G\\My Game.exe", "frames.cap", "40", NULL, &err));
    expect_file("config/nvbind/games.toml",
                "[game.duck-game.settings.frames]\ncap = 60\n\n[game.duck-game.settings.env]\n"
                "A = \"x\"\n\n[game.game-999]\nsteam = [999]\n\n[game.game-999.settings.frames]\n"
                "cap = 50\n\n[game.my-game]\nexecutables = [\"My Game.exe\"]\n\n"
                "[game.my-game.settings.frames]\ncap = 40\n");
    EXPECT(nvb_profile_resolve(&ask, &p, &err) && p->frame_cap == 60 && p->n_env == 1);
    EXPECT(nvb_game_unset("duck-game", "env.A", NULL, &err));
    EXPECT(!nvb_game_set("no-such-game", "frames.cap", "60", NULL, &err));
    EXPECT(err.kind == NVB_E_NOT_FOUND);
}

/* A child that makes one change and is killed at its n-th stop, before or behind a system call.
 * False once it came to its end alive. */
static bool change_and_die(unsigned n)
{
    nvb_auto_err err = { 0 };
    int status = 0;
    pid_t pid = fork();

    if (pid == 0) {
        (void)ptrace(PTRACE_TRACEME, 0, NULL, NULL);
        (void)raise(SIGSTOP);
        _exit(nvb_profile_set("p", "frames.cap", "144", NULL, &err) ? 0 : 1);
    }
    EXPECT(pid > 0 && waitpid(pid, &status, 0) == pid && WIFSTOPPED(status));
    for (unsigned i = 0; i < n; i++) {
        (void)ptrace(PTRACE_SYSCALL, pid, NULL, NULL);
        EXPECT(waitpid(pid, &status, 0) == pid);
        if (WIFEXITED(status)) {
            EXPECT(WEXITSTATUS(status) == 0);
            return false;
        }
    }
    (void)kill(pid, SIGKILL);
    EXPECT(waitpid(pid, &status, 0) == pid && WIFSIGNALED(status));
    return true;
}

static bool can_trace(void)
{
    int status = 0;
    pid_t pid = fork();

    if (pid == 0) {
        if (ptrace(PTRACE_TRACEME, 0, NULL, NULL) < 0)
            _exit(1);
        (void)raise(SIGSTOP);
        _exit(0);
    }
    EXPECT(waitpid(pid, &status, 0) == pid);
    if (!WIFSTOPPED(status))
        return false;
    (void)kill(pid, SIGKILL);
    (void)waitpid(pid, &status, 0);
    return true;
}

static size_t count_files(const char *dir)
{
    nvb_autofree char *path = nvb_xasprintf("%s/%s", top, dir);
    nvb_autoclose int fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
    nvb_auto_strv names = { 0 };
    nvb_auto_err err = { 0 };

    EXPECT(fd >= 0 && nvb_list_in_root(fd, ".", &names, &err));
    return names.n;
}

TEST(a_kill_at_any_step_leaves_the_old_file_or_the_new)
{
    static const char before[] = "# mine\n[frames]\ncap = 60 # old\n";
    static const char after[] = "# mine\n[frames]\ncap = 144 # old\n";
    nvb_auto_err err = { 0 };
    unsigned n_old = 0;
    unsigned n_new = 0; /* once it is there, it stays there */

    if (!can_trace())
        SKIP("ptrace is not allowed here");
    make_dirs();
    tree_put(top, own, before);
    for (unsigned n = 0; change_and_die(n); n++) {
        nvb_autofree char *text = dup_file(own);

        EXPECT(text && (strcmp(text, before) == 0 || strcmp(text, after) == 0));
        if (strcmp(text, before) == 0) {
            EXPECT(n_new == 0);
            n_old++;
        } else {
            n_new++;
            tree_put(top, own, before);
        }
    }
    EXPECT(n_old > 20 && n_new > 2);
    /* Nothing holds the lock, and nothing is left of the dead. */
    EXPECT(nvb_profile_set("p", "frames.cap", "30", NULL, &err));
    EXPECT(count_files("config/nvbind/profiles") == 1);
}

TEST(a_kill_at_any_step_of_the_first_copy_leaves_none_or_all_of_it)
{
    static const char after[] = "# ours\nframes.cap = 144\n";

    if (!can_trace())
        SKIP("ptrace is not allowed here");
    make_dirs();
    tree_put(top, "data/profiles/p.toml", "# ours\nframes.cap = 60\n");
    for (unsigned n = 0; change_and_die(n); n++) {
        nvb_autofree char *path = nvb_xasprintf("%s/%s", top, own);
        nvb_autofree char *text = dup_file(own);

        EXPECT(!text || strcmp(text, after) == 0);
        (void)unlink(path);
    }
}

enum {
    N_WRITERS = 6,
    N_CHANGES = 15,
};

TEST(of_many_writers_no_change_is_lost)
{
    nvb_auto_err err = { 0 };
    nvb_autoptr(nvb_profile) p = NULL;
    pid_t pids[N_WRITERS];

    make_dirs();
    tree_put(top, "data/profiles/p.toml", "# ours\n");
    for (unsigned w = 0; w < N_WRITERS; w++) {
        pids[w] = fork();
        for (unsigned i = 0; pids[w] == 0 && i < N_CHANGES; i++) {
            nvb_autofree char *key = nvb_xasprintf("env.W%u_%u", w, i);

            if (!nvb_profile_set("p", key, "x", NULL, &err))
                _exit(1);
        }
        if (pids[w] == 0)
            _exit(0);
    }
    for (unsigned w = 0; w < N_WRITERS; w++) {
        int status = 0;

        EXPECT(waitpid(pids[w], &status, 0) == pids[w] && status == 0);
    }
    EXPECT(nvb_profile_load("p", &p, &err) && p->n_env == (size_t)N_WRITERS * N_CHANGES);
    EXPECT(count_files("config/nvbind/profiles") == 1);
}

TEST(a_full_disk_leaves_the_old_file)
{
    const struct rlimit none = { 0, 0 };
    nvb_auto_err err = { 0 };

    make_dirs();
    tree_put(top, own, "frames.cap = 30\n");
    (void)signal(SIGXFSZ, SIG_IGN);
    EXPECT(setrlimit(RLIMIT_FSIZE, &none) == 0); /* the nearest to it that one process can have */
    EXPECT(!nvb_profile_set("p", "frames.cap", "60", NULL, &err) && err.kind == NVB_E_IO);
    expect_file(own, "frames.cap = 30\n");
    EXPECT(count_files("config/nvbind/profiles") == 1);
}

TEST(a_folder_that_cannot_be_written_is_told)
{
    nvb_autofree char *config = NULL;
    nvb_auto_err err = { 0 };

    make_dirs();
    tree_put(top, "data/profiles/p.toml", "");
    tree_put(top, "file", "");
    config = nvb_xasprintf("%s/file", top);
    (void)setenv("XDG_CONFIG_HOME", config, 1);
    EXPECT(!nvb_profile_set("p", "frames.cap", "30", NULL, &err));
    EXPECT(err.n_lines == 2);
    EXPECT_STR(err.lines[1], "cannot set 'frames.cap' of profile 'p'");
}
