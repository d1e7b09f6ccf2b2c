#ifndef ODU_CDRM_H
#define ODU_CDRM_H

#include <drm_fourcc.h>
#include <xf86drm.h>
#include <xf86drmMode.h>

// Macros with casts or shifts, which Swift does not import.
static const unsigned long odu_drm_create_dumb = DRM_IOCTL_MODE_CREATE_DUMB;
static const unsigned long odu_drm_map_dumb = DRM_IOCTL_MODE_MAP_DUMB;
static const uint32_t odu_drm_format_xrgb8888 = DRM_FORMAT_XRGB8888;

#endif
