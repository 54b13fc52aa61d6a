/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "check.h"
#include "run/cgroup.h"

void check_kernel(const struct machine *machine, struct finding *out)
{
    const struct nvb_sandbox *s = &machine->sandbox;

    if (!s->is_known) {
        finding_say(out, VERDICT_WARN,
                    "nothing is known of the kernel: "
                    "/proc/sys/kernel/osrelease cannot be read");
        return;
    }
    if (nvb_sandbox_is_kernel_at_least(s, 5, 11)) {
        finding_say(out, VERDICT_OK, "Linux %s", s->kernel_release);
        return;
    }
    finding_say(out, VERDICT_FAIL, "Linux %s is too old: overlays in a user namespace need 5.11",
                s->kernel_release);
    finding_fix(out, "install a newer kernel from your distribution and restart");
}

/* Two of the settings leave root alone; the limit does not. */
static bool is_root_exempt(const struct machine *machine)
{
    return machine->user.is_known && machine->user.uid == 0 && machine->sandbox.has_userns &&
           machine->sandbox.max_user_namespaces > 0;
}

void check_userns(const struct machine *machine, struct finding *out)
{
    nvb_auto_err err = { 0 };

    if (!machine->sandbox.is_known)
        return;
    if (nvb_sandbox_check_userns(&machine->sandbox, &err)) {
        finding_say(out, VERDICT_OK, "ordinary users may make user namespaces");
        return;
    }
    finding_say(out, is_root_exempt(machine) ? VERDICT_WARN : VERDICT_FAIL, "%s", err.lines[0]);
    finding_fix(out, "%s", err.hint);
}

void check_overlay(const struct machine *machine, struct finding *out)
{
    if (!machine->sandbox.is_known)
        return;
    if (machine->sandbox.has_overlay) {
        finding_say(out, VERDICT_OK, "overlay file system is there");
        return;
    }
    finding_say(out, VERDICT_FAIL,
                "no overlay file system: a container cannot have a writable layer");
    finding_fix(out, "sudo modprobe overlay && echo overlay | sudo tee "
                     "/etc/modules-load.d/overlay.conf");
}

void check_seccomp(const struct machine *machine, struct finding *out)
{
    if (!machine->sandbox.is_known)
        return;
    if (machine->sandbox.seccomp_actions) {
        finding_say(out, VERDICT_OK, "system calls can be filtered");
        return;
    }
    finding_say(out, VERDICT_FAIL, "this kernel cannot filter system calls (seccomp)");
    finding_fix(out, "use a kernel with CONFIG_SECCOMP_FILTER=y");
}

static void
say_missing_controllers(const struct nvb_strv *missing, bool has_systemd, struct finding *out)
{
    nvb_autofree char *list = nvb_strv_join(missing, ", ");

    finding_say(out, VERDICT_WARN,
                "cgroup v2, but limits on %s cannot apply: not delegated to this user", list);
    if (has_systemd) {
        finding_fix(out, "sudo mkdir -p /etc/systemd/system/user@.service.d && "
                         "printf '[Service]\\nDelegate=cpu cpuset io memory pids\\n' | sudo tee "
                         "/etc/systemd/system/user@.service.d/delegate.conf && "
                         "sudo systemctl daemon-reload");
    } else {
        finding_fix(out, "echo '+cpu +memory +pids' | sudo tee "
                         "/sys/fs/cgroup/cgroup.subtree_control");
    }
}

static void check_unified(const struct nvb_sandbox *s, struct finding *out)
{
    static const char *const needed[] = { "cpu", "memory", "pids" };
    nvb_auto_strv missing = { 0 };

    for (size_t i = 0; i < sizeof(needed) / sizeof(needed[0]); i++) {
        if (!nvb_sandbox_has_controller(s, needed[i]))
            nvb_strv_add(&missing, needed[i]);
    }
    if (missing.n > 0) {
        say_missing_controllers(&missing, s->has_systemd, out);
        return;
    }
    finding_say(out, VERDICT_OK, "cgroup v2, limits on cpu, memory and processes can apply");
}

void check_cgroup(const struct machine *machine, struct finding *out)
{
    const struct nvb_sandbox *s = &machine->sandbox;

    if (!s->is_known)
        return;
    if (s->cgroup == NVB_CGROUP_UNIFIED) {
        check_unified(s, out);
        return;
    }
    if (s->cgroup == NVB_CGROUP_NONE) {
        finding_say(out, VERDICT_WARN, "no cgroup tree is mounted: limits cannot apply");
        finding_fix(out, "sudo mount -t cgroup2 cgroup2 /sys/fs/cgroup");
        return;
    }
    finding_say(out, VERDICT_WARN, "cgroup %s: limits on cpu and memory cannot apply without root",
                nvb_cgroup_kind_name(s->cgroup));
    if (s->has_systemd) {
        finding_fix(out, "sudo sed -i 's/^GRUB_CMDLINE_LINUX=\"/"
                         "&systemd.unified_cgroup_hierarchy=1 /' /etc/default/grub && "
                         "sudo grub-mkconfig -o /boot/grub/grub.cfg && sudo reboot");
    } else {
        finding_fix(out, "have the init system mount cgroup2 alone at /sys/fs/cgroup");
    }
}

void check_leftovers(const struct machine *machine, struct finding *out)
{
    unsigned n = machine->host->is_live ? nvb_cgroup_sweep() : 0;

    if (n > 0)
        finding_say(out, VERDICT_OK, "removed %u cgroups that killed runs had left", n);
}

/* podman and docker label their containers container_t, which may not open GPU nodes until this
 * boolean is on; bolt runs programs in the caller's own domain. */
void check_selinux(const struct machine *machine, struct finding *out)
{
    nvb_autofree char *devices =
        nvb_host_dup_line(machine->host, "/sys/fs/selinux/booleans/container_use_devices");
    uint64_t is_enforcing = 0;

    if (!devices || !nvb_host_read_u64(machine->host, "/sys/fs/selinux/enforce", &is_enforcing))
        return; /* without the boolean there is no policy about containers */
    if (!is_enforcing) {
        finding_say(out, VERDICT_OK, "SELinux is there but only warns");
    } else if (devices[0] == '1') {
        finding_say(out, VERDICT_OK, "SELinux lets podman and docker containers use devices");
    } else {
        finding_say(out, VERDICT_WARN,
                    "SELinux keeps podman and docker containers from GPU device nodes");
        finding_fix(out, "sudo setsebool -P container_use_devices 1");
    }
}
