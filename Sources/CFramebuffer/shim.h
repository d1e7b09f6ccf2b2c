#ifndef ODU_CFRAMEBUFFER_H
#define ODU_CFRAMEBUFFER_H

#include <linux/fb.h>
#include <sys/ioctl.h>

// A macro that Swift does not import.
static const unsigned long odu_fb_wait_for_vertical_blank = FBIO_WAITFORVSYNC;

#endif
