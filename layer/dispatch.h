/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* dispatch.h - what lies below us for each living instance and device.
 *
 * Vulkan gives a layer no room of its own in a handle, but the first word of every dispatchable
 * handle points to the loader's table of its instance or device, and is the same for a device
 * and all its queues: that word is the key here.
 *
 * The lists only grow; an entry of a destroyed object is used again. So a reader needs no lock:
 * it walks links that never change and compares keys. */
#pragma once

#include <stdatomic.h>
#include <stdbool.h>
#include <vulkan/vk_layer.h>

struct dispatch {
    _Atomic(const void *) key; /* NULL = free */
    struct dispatch *next;     /* never changes once the entry is in its list */
    /* Of a device; NULL without VK_KHR_swapchain. It stands here because every frame needs the
     * key and it, and should find both in one cache line. */
    PFN_vkQueuePresentKHR queue_present;

    /* of an instance */
    VkInstance instance;
    PFN_vkGetInstanceProcAddr get_instance_proc;
    PFN_vkDestroyInstance destroy_instance;

    /* of a device */
    PFN_vkGetDeviceProcAddr get_device_proc;
    PFN_vkDestroyDevice destroy_device;
    PFN_vkCreateSwapchainKHR create_swapchain; /* NULL without VK_KHR_swapchain */
};

struct dispatch_list {
    _Atomic(struct dispatch *) first;
};

/* An entry for an object about to be created, seen by nobody yet; NULL when memory ran out. */
struct dispatch *dispatch_reserve(struct dispatch_list *list);

/* From now on dispatch_find() finds it under the handle. */
void dispatch_publish(struct dispatch *entry, const void *handle);

/* The reverse of reserve, and of publish. */
void dispatch_release(struct dispatch *entry);

/* NULL when the handle is none of ours. */
struct dispatch *dispatch_find(const struct dispatch_list *list, const void *handle);
