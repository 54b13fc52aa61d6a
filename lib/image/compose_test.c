/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "image/compose.h"

#include <string.h>

#include "test.h"

#define A "sha256:ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb"

/* What was composed reads back as what it was composed of. */
TEST(composes_what_can_be_read)
{
    static const char *const changes[] = {
        "CMD [\"/bin/app\", \"-v\"]",
        "entrypoint [\"/entry\"]",
        "ENV A=b=c",
        "ENV A=d",
        "LABEL x=y",
        "EXPOSE 80",
        "EXPOSE 53/udp",
        "VOLUME /data",
        "STOPSIGNAL SIGQUIT",
        "USER app:app",
        "WORKDIR /srv",
    };
    nvb_autoptr(nvb_image_config) config = nvb_xcalloc(1, sizeof(*config));
    nvb_autoptr(nvb_image) image = NULL;
    struct nvb_descriptor layer = { .size_bytes = 7, .digest = A };
    struct nvb_descriptor of_config = { 0 };
    nvb_autofree char *config_text = NULL;
    nvb_autofree char *manifest = NULL;
    nvb_auto_err err = { 0 };

    config->os = nvb_xstrdup("linux");
    config->arch = nvb_xstrdup("amd64");
    nvb_strv_add(&config->diff_ids, A);
    for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++)
        EXPECT(nvb_compose_change(config, changes[i], &err));
    config_text = nvb_compose_dup_config(config);
    nvb_digest_of(config_text, strlen(config_text), of_config.digest);
    of_config.size_bytes = strlen(config_text);
    manifest = nvb_compose_dup_manifest(&of_config, &layer, 1);
    EXPECT(nvb_image_parse(manifest, strlen(manifest), config_text, strlen(config_text), "it",
                           &image, &err));
    EXPECT(image->config->cmd.n == 2 && image->config->entrypoint.n == 1);
    EXPECT(image->config->env.n == 1 && strcmp(image->config->env.items[0], "A=d") == 0);
    EXPECT_STR(image->config->labels.items[0], "x=y");
    EXPECT_STR(image->config->exposed_ports.items[1], "53/udp");
    EXPECT_STR(image->config->volumes.items[0], "/data");
    EXPECT_STR(image->config->stop_signal, "SIGQUIT");
    EXPECT_STR(image->config->user, "app:app");
    EXPECT_STR(image->config->working_dir, "/srv");
    EXPECT(image->manifest->layers[0].size_bytes == 7);
}

TEST(a_line_without_a_list_is_for_a_shell)
{
    nvb_autoptr(nvb_image_config) config = nvb_xcalloc(1, sizeof(*config));
    nvb_auto_err err = { 0 };

    EXPECT(nvb_compose_change(config, "CMD  echo $HOME", &err));
    EXPECT(config->cmd.n == 3);
    EXPECT_STR(config->cmd.items[2], "echo $HOME");
}

TEST(refuses_other_changes)
{
    static const char *const bad[] = { "",       "CMD",      "CMD ",    "RUN x", "ENV A",
                                       "ENV =x", "VOLUME x", "CMD [1]", "CMD [", "COPY a b" };
    nvb_autoptr(nvb_image_config) config = nvb_xcalloc(1, sizeof(*config));

    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        nvb_auto_err err = { 0 };

        EXPECT(!nvb_compose_change(config, bad[i], &err) && err.kind == NVB_E_INVALID);
    }
}
