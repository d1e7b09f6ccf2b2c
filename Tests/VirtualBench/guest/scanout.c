#include "scanout.h"

#include <drm.h>
#include <drm_mode.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/fb.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

struct Panel panel = {.file = -1, .dark = true};
volatile int stopped;

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;  // of the panel's pixels and counts
static pthread_cond_t looked = PTHREAD_COND_INITIALIZER;

void die(const char *format, ...) {
  int number = errno;
  va_list arguments;
  va_start(arguments, format);
  vfprintf(stderr, format, arguments);
  fprintf(stderr, number ? ": %s\n" : "\n", strerror(number));
  exit(1);
}

static void stop(int signal) {
  (void)signal;
  stopped = 1;
}

void stop_on_signals(void) {
  struct sigaction action = {.sa_handler = stop};
  sigaction(SIGTERM, &action, NULL);
  sigaction(SIGINT, &action, NULL);
}

double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec + t.tv_nsec * 1e-9;
}

void sleep_until(double time) {
  struct timespec t = {.tv_sec = (time_t)time, .tv_nsec = (long)((time - (time_t)time) * 1e9)};
  clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, NULL);
}

static bool active_crtc(struct drm_mode_crtc *found, unsigned *index) {
  uint32_t crtcs[16];
  struct drm_mode_card_res resources = {.crtc_id_ptr = (uintptr_t)crtcs, .count_crtcs = 16};
  if (ioctl(panel.file, DRM_IOCTL_MODE_GETRESOURCES, &resources)) die("this is no DRM card");
  for (unsigned i = 0; i < resources.count_crtcs && i < 16; i++) {
    memset(found, 0, sizeof *found);
    found->crtc_id = crtcs[i];
    *index = i;
    if (!ioctl(panel.file, DRM_IOCTL_MODE_GETCRTC, found) && found->fb_id) return true;
  }
  return false;
}

// Buffers that were scanned out lately. A buffer that is mapped lives on, so that its offset names no other.
static struct Mapping {
  uint64_t offset;
  size_t size;
  uint8_t *pixels;
} mappings[8];

static uint8_t *map_buffer(uint64_t offset, size_t size) {
  static unsigned next;
  for (unsigned i = 0; i < 8; i++)
    if (mappings[i].pixels && mappings[i].offset == offset && mappings[i].size == size) return mappings[i].pixels;
  struct Mapping *mapping = &mappings[next++ % 8];
  uint8_t *pixels = mmap(NULL, size, PROT_READ, MAP_SHARED, panel.file, offset);
  if (pixels == MAP_FAILED) return NULL;
  if (mapping->pixels) munmap(mapping->pixels, mapping->size);
  *mapping = (struct Mapping){offset, size, pixels};
  return pixels;
}

// Finds the buffer that is scanned out now. Another process may do so as root, without being master of the display.
static bool look_at_scanout(const struct drm_mode_crtc *crtc) {
  struct drm_mode_fb_cmd buffer = {.fb_id = crtc->fb_id};
  if (ioctl(panel.file, DRM_IOCTL_MODE_GETFB, &buffer)) return false;
  struct drm_mode_map_dumb map = {.handle = buffer.handle};
  struct drm_gem_close close_handle = {.handle = buffer.handle};
  bool found = !ioctl(panel.file, DRM_IOCTL_MODE_MAP_DUMB, &map);
  pthread_mutex_lock(&lock);
  uint8_t *pixels = found ? map_buffer(map.offset, (size_t)buffer.pitch * buffer.height) : NULL;
  if (pixels) {
    panel.pixels = pixels;
    panel.pitch = buffer.pitch;
    panel.width = buffer.width;
    panel.height = buffer.height;
    panel.bytes = buffer.bpp / 8;
    panel.crtc = crtc->crtc_id;
  }
  pthread_mutex_unlock(&lock);
  ioctl(panel.file, DRM_IOCTL_GEM_CLOSE, &close_handle);
  return pixels;
}

static bool wait_for_blank(unsigned pipe, uint32_t *sequence, double *time) {
  union drm_wait_vblank blank = {.request = {.type = _DRM_VBLANK_RELATIVE, .sequence = 1}};
  blank.request.type |= (pipe << _DRM_VBLANK_HIGH_CRTC_SHIFT) & _DRM_VBLANK_HIGH_CRTC_MASK;
  if (ioctl(panel.file, DRM_IOCTL_WAIT_VBLANK, &blank)) return false;
  *sequence = blank.reply.sequence;
  *time = blank.reply.tval_sec + blank.reply.tval_usec * 1e-6;
  return true;
}

static void announce_look(bool dark, bool has_blank, uint32_t sequence, double time) {
  pthread_mutex_lock(&lock);
  panel.dark = dark;
  panel.has_blank = has_blank;
  if (has_blank && !panel.first_time) {
    panel.first = sequence;
    panel.first_time = time;
  }
  if (has_blank) {
    panel.latest = sequence;
    panel.latest_time = time;
  }
  panel.looks++;
  pthread_cond_broadcast(&looked);
  pthread_mutex_unlock(&lock);
}

// Looks at the panel after each vertical blank, or every millisecond where there is none.
static void *follow_blanks(void *unused) {
  (void)unused;
  while (!stopped) {
    struct drm_mode_crtc crtc;
    unsigned pipe;
    uint32_t sequence = 0;
    double time = 0;
    bool active = active_crtc(&crtc, &pipe);
    bool blanked = active && wait_for_blank(pipe, &sequence, &time);
    bool shown = active && active_crtc(&crtc, &pipe) && look_at_scanout(&crtc);
    if (blanked || shown || !panel.dark) announce_look(!shown, blanked, sequence, time);
    if (!blanked) usleep(1000);
  }
  return NULL;
}

static void open_drm(const char *path) {
  pthread_t thread;
  panel.is_drm = true;
  panel.file = open(path, O_RDWR | O_CLOEXEC);
  if (panel.file < 0) die("%s", path);
  ioctl(panel.file, DRM_IOCTL_DROP_MASTER, 0);
  if (pthread_create(&thread, NULL, follow_blanks, NULL)) die("no thread");
}

static void open_framebuffer(const char *path) {
  struct fb_fix_screeninfo fixed;
  struct fb_var_screeninfo variable;
  panel.file = open(path, O_RDWR | O_CLOEXEC);
  if (panel.file < 0) die("%s", path);
  if (ioctl(panel.file, FBIOGET_FSCREENINFO, &fixed) || ioctl(panel.file, FBIOGET_VSCREENINFO, &variable))
    die("%s is no framebuffer", path);
  panel.pixels = mmap(NULL, fixed.smem_len, PROT_READ, MAP_SHARED, panel.file, 0);
  if (panel.pixels == MAP_FAILED) die("%s cannot be mapped", path);
  panel.pitch = fixed.line_length;
  panel.width = variable.xres;
  panel.height = variable.yres;
  panel.bytes = variable.bits_per_pixel / 8;
  panel.dark = false;
}

void open_panel(const char *name) {
  if (!strncmp(name, "drm:", 4)) return open_drm(name + 4);
  if (!strncmp(name, "fb:", 3)) return open_framebuffer(name + 3);
  die("--panel is drm:NODE or fb:NODE");
}

void wait_for_look(void) {
  struct timespec limit;
  clock_gettime(CLOCK_REALTIME, &limit);
  limit.tv_sec += 1;
  pthread_mutex_lock(&lock);
  uint64_t seen = panel.looks;
  while (panel.looks == seen && !stopped)
    if (pthread_cond_timedwait(&looked, &lock, &limit)) break;
  pthread_mutex_unlock(&lock);
}

static void copy_region(int x, int y, int width, int height, uint8_t *levels) {
  size_t first = 0;
  if (!panel.is_drm) {
    struct fb_var_screeninfo variable;
    if (!ioctl(panel.file, FBIOGET_VSCREENINFO, &variable)) first = variable.yoffset * panel.pitch;
  }
  pthread_mutex_lock(&lock);
  for (int row = 0; row < height; row++, levels += width) {
    if (panel.dark || y + row >= panel.height || x + width > panel.width) {
      memset(levels, 0, width);
      continue;
    }
    const uint8_t *source = panel.pixels + first + (y + row) * panel.pitch + (size_t)x * panel.bytes;
    for (int column = 0; column < width; column++) levels[column] = source[column * panel.bytes];
  }
  pthread_mutex_unlock(&lock);
}

// Whether the last look was after the last blank. A buffer that was looked at earlier may be drawn on by now, and a blank
// that is due counts: the kernel states the time at which it was due, also where the emulated timer fires later.
static bool is_current(void) {
  struct drm_crtc_get_sequence blank = {.crtc_id = panel.crtc};
  if (!panel.has_blank || ioctl(panel.file, DRM_IOCTL_CRTC_GET_SEQUENCE, &blank)) return true;
  pthread_mutex_lock(&lock);
  double period = panel.latest > panel.first ? (panel.latest_time - panel.first_time) / (panel.latest - panel.first) : 1;
  bool current = (uint32_t)blank.sequence == panel.latest && now() < panel.latest_time + period * 0.999;
  pthread_mutex_unlock(&lock);
  return current;
}

double read_panel(int x, int y, int width, int height, uint8_t *levels) {
  while (true) {
    while (!is_current() && !stopped) wait_for_look();
    double begin = now();
    copy_region(x, y, width, height, levels);
    if (is_current() || stopped) return begin;
  }
}
