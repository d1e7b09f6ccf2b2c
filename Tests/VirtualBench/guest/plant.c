// plant: the light between a panel and a camera of the virtual bench.
//
// Reads what the kernel scans out to the panel, and feeds the camera (an output node of v4l2loopback) with it: a region of
// the panel as it is (--pass), or what a process on the host computes of the whole panel (--shared). Each frame carries
// the time at which its exposure began. Faults of cameras on demand, drawn from a seed.
//
// A page flip that waits for its vertical blank is not seen before that: the panel is looked at right after each blank.

#include "scanout.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <linux/videodev2.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

// xorshift64*
static uint64_t random_state = 1;
static uint64_t next_random(void) {
  random_state ^= random_state >> 12;
  random_state ^= random_state << 25;
  random_state ^= random_state >> 27;
  return random_state * 0x2545F4914F6CDD1DULL;
}
static bool happens(double probability) { return (next_random() >> 11) * 0x1p-53 < probability; }

// --------------------------------------------------------------------------------------------------------------- camera

#define MOST_BUFFERS 32
static struct Camera {
  int file, width, height;
  uint32_t format;
  size_t size;
  unsigned count, next;
  void *memory[MOST_BUFFERS];
} camera;

static void open_camera(const char *path) {
  camera.file = open(path, O_RDWR | O_CLOEXEC);
  if (camera.file < 0) die("%s", path);
  camera.size = (size_t)camera.width * camera.height * (camera.format == V4L2_PIX_FMT_GREY ? 1 : 2);
  struct v4l2_format format = {.type = V4L2_BUF_TYPE_VIDEO_OUTPUT};
  format.fmt.pix.width = camera.width;
  format.fmt.pix.height = camera.height;
  format.fmt.pix.pixelformat = camera.format;
  format.fmt.pix.field = V4L2_FIELD_NONE;
  format.fmt.pix.sizeimage = camera.size;
  format.fmt.pix.colorspace = V4L2_COLORSPACE_RAW;
  if (ioctl(camera.file, VIDIOC_S_FMT, &format)) die("%s refuses the format", path);
  struct v4l2_requestbuffers request = {
      .count = MOST_BUFFERS, .type = V4L2_BUF_TYPE_VIDEO_OUTPUT, .memory = V4L2_MEMORY_MMAP};
  if (ioctl(camera.file, VIDIOC_REQBUFS, &request) || request.count < 1) die("%s has no buffers", path);
  camera.count = request.count;
  for (unsigned i = 0; i < camera.count; i++) {
    struct v4l2_buffer buffer = {.index = i, .type = request.type, .memory = request.memory};
    if (ioctl(camera.file, VIDIOC_QUERYBUF, &buffer)) die("buffer %u of %s", i, path);
    camera.memory[i] = mmap(NULL, buffer.length, PROT_READ | PROT_WRITE, MAP_SHARED, camera.file, buffer.m.offset);
    if (camera.memory[i] == MAP_FAILED) die("buffer %u of %s cannot be mapped", i, path);
  }
  if (ioctl(camera.file, VIDIOC_STREAMON, &request.type)) die("%s does not start", path);
}

// v4l2loopback never blocks its writer and hands back the buffer written last, so the buffers are taken in turn.
static void deliver(const void *frame, double start) {
  unsigned index = camera.next++ % camera.count;
  struct v4l2_buffer buffer = {
      .index = index, .type = V4L2_BUF_TYPE_VIDEO_OUTPUT, .memory = V4L2_MEMORY_MMAP, .bytesused = camera.size};
  buffer.timestamp.tv_sec = (time_t)start;
  buffer.timestamp.tv_usec = (suseconds_t)((start - (time_t)start) * 1e6);
  buffer.flags = V4L2_BUF_FLAG_TIMESTAMP_COPY;
  memcpy(camera.memory[index], frame, camera.size);
  if (ioctl(camera.file, VIDIOC_QBUF, &buffer)) die("the camera takes no frame");
}

// ------------------------------------------------------------------------------------------------- memory of the host's

// What guest and host agree on; the panel's levels follow at PAGE, the frame (16 bits a pixel) behind them.
enum { MAGIC = 0x0d0b1e55, PAGE = 4096 };
struct Shared {
  _Atomic uint32_t magic, panel_width, panel_height, camera_width, camera_height, request, response;
};
static struct Shared *shared;
static size_t shared_size;

static void open_shared(const char *path, size_t size) {
  int file = open(path, O_RDWR | O_CLOEXEC);
  if (file < 0) die("%s", path);
  shared = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  if (shared == MAP_FAILED) die("%s cannot be mapped", path);
  shared_size = size;
  shared->camera_width = camera.width;
  shared->camera_height = camera.height;
  shared->response = shared->request;
  shared->magic = MAGIC;
}

// Has the host compute the frame of the panel. Returns the time at which the exposure began.
static double ask_host(void *frame) {
  int width = panel.width, height = panel.height;
  size_t levels = ((size_t)width * height + PAGE - 1) / PAGE * PAGE;
  if (PAGE + levels + camera.size > shared_size) die("the shared memory is too small");
  double start = read_panel(0, 0, width, height, (uint8_t *)shared + PAGE);
  shared->panel_width = width;
  shared->panel_height = height;
  uint32_t request = ++shared->request;
  double give_up = now() + 60;
  while (shared->response != request && !stopped) {
    if (now() > give_up) die("the host does not answer");
    usleep(100);
  }
  memcpy(frame, (uint8_t *)shared + PAGE + levels, camera.size);
  return start;
}

// --------------------------------------------------------------------------------------------------------------- frames

static struct Options {
  const char *report;
  int x, y, width, height, bits;
  bool passes, vblank;
  double rate, exposure;
  double drop, duplicate, black, delay, delay_time, stall_every, stall_time;
} options = {.bits = 8, .rate = 60};

static struct Counts {
  uint64_t exposed, delivered, dropped, duplicated, delayed, stalled, black, changes;
  double first_change, latest_change;
} counts;

static double begin;

// The panel's levels as numbers of the sensor, a little above zero and with noise, so that no two frames are alike.
static void digitise(const uint8_t *levels, size_t count, bool dark, void *frame) {
  int full = (1 << options.bits) - 1, offset = full / 64, span = full * 15 / 16, noise = full / 128 + 2;
  for (size_t i = 0; i < count; i++) {
    int value = offset + (dark ? 0 : levels[i] * span / 255) + (int)((next_random() >> 33) % noise);
    if (camera.format == V4L2_PIX_FMT_GREY)
      ((uint8_t *)frame)[i] = (uint8_t)value;
    else
      ((uint16_t *)frame)[i] = (uint16_t)value;
  }
}

// Counts how often the region that the camera sees has become another.
static void note_change(const uint8_t *levels, size_t count, double time) {
  static uint8_t *last;
  if (!last && !(last = calloc(1, count))) die("no memory");
  if (!memcmp(last, levels, count)) return;
  memcpy(last, levels, count);
  if (!counts.changes++) counts.first_change = time;
  counts.latest_change = time;
}

// One exposure. What changes during it is in the frame with half the weight. Returns the time at which it began.
static double expose(void *frame, uint8_t *levels, uint8_t *later, bool dark) {
  size_t count = (size_t)camera.width * camera.height;
  if (shared) return ask_host(frame);
  double start = read_panel(options.x, options.y, options.width, options.height, levels);
  note_change(levels, count, start);
  if (options.exposure > 0) {
    sleep_until(start + options.exposure);
    read_panel(options.x, options.y, options.width, options.height, later);
    for (size_t i = 0; i < count; i++) levels[i] = (levels[i] + later[i]) / 2;
  }
  digitise(levels, count, dark, frame);
  return start;
}

static void wait_for_next(double *due) {
  if (options.vblank && !panel.dark) {
    wait_for_look();
  } else if (options.rate > 0) {
    *due += 1 / options.rate;
    double time = now();
    if (*due < time) *due = time;
    sleep_until(*due);
  }
}

static void write_report(void) {
  FILE *file = options.report ? fopen(options.report, "w") : stdout;
  if (!file) die("%s", options.report);
  double refresh = panel.looks > 1 ? (panel.latest - panel.first) / (panel.latest_time - panel.first_time) : 0;
  double changes = counts.changes > 1 ? (counts.changes - 1) / (counts.latest_change - counts.first_change) : 0;
  fprintf(file,
          "{\"exposed\": %lu, \"delivered\": %lu, \"dropped\": %lu, \"duplicated\": %lu, \"delayed\": %lu, "
          "\"stalled\": %lu, \"black\": %lu, \"seconds\": %.3f, \"refreshRate\": %.4f, \"changes\": %lu, "
          "\"changeRate\": %.4f}\n",
          counts.exposed, counts.delivered, counts.dropped, counts.duplicated, counts.delayed, counts.stalled,
          counts.black, now() - begin, refresh, counts.changes, changes);
  if (file != stdout) fclose(file);
}

static void run(void) {
  size_t count = (size_t)camera.width * camera.height;
  uint8_t *levels = malloc(count), *later = malloc(count), *frame = calloc(1, camera.size), *old = malloc(camera.size);
  if (!levels || !later || !frame || !old) die("no memory");
  double due = begin = now(), stall = begin + options.stall_every;
  while (!stopped) {
    wait_for_next(&due);
    if (options.stall_every > 0 && now() >= stall) {
      sleep_until(now() + options.stall_time);
      stall = now() + options.stall_every;
      counts.stalled++;
      continue;
    }
    double start = now();
    bool again = counts.delivered > 0 && happens(options.duplicate), dark = !again && happens(options.black);
    bool late = happens(options.delay), lost = happens(options.drop);
    // A stale buffer: the frame delivered last, with the time of a new one.
    if (again) memcpy(frame, old, camera.size);
    else start = expose(frame, levels, later, dark);
    counts.exposed++;
    if (lost) {
      counts.dropped++;
      continue;
    }
    if (late) sleep_until(now() + options.delay_time);
    deliver(frame, start);
    memcpy(old, frame, camera.size);
    counts.delivered++;
    counts.duplicated += again;
    counts.delayed += late;
    counts.black += dark;
  }
  free(levels);
  free(later);
  free(frame);
  free(old);
}

// ------------------------------------------------------------------------------------------------------------ arguments

static const char usage[] =
    "plant --panel drm:NODE|fb:NODE --camera NODE --size WxH [--format GREY|Y16] [--bits N]\n"
    "      --pass X,Y | --shared FILE:MIB   what the camera sees: that part of the panel, or what the host computes\n"
    "      [--sync vblank|rate:HZ|free] [--exposure S] [--seed N] [--report FILE]\n"
    "      [--drop P] [--duplicate P] [--black P] [--delay P:S] [--stall EVERY:S]   times in seconds\n";

static void read_sync(const char *word) {
  options.vblank = !strcmp(word, "vblank");
  if (!strcmp(word, "free")) options.rate = 0;
  else if (!options.vblank && sscanf(word, "rate:%lf", &options.rate) != 1) die("--sync is vblank, rate:HZ or free");
}

static void read_format(const char *word) {
  camera.format = !strcmp(word, "GREY") ? V4L2_PIX_FMT_GREY : !strcmp(word, "Y16") ? V4L2_PIX_FMT_Y16 : 0;
  if (!camera.format) die("--format is GREY or Y16");
}

// FILE:MIB; the file's name may have colons.
static bool read_shared(const char *word, char *path, size_t size, size_t *mebibytes) {
  const char *colon = strrchr(word, ':');
  if (!colon || sscanf(colon, ":%zu", mebibytes) != 1 || (size_t)(colon - word) >= size) return false;
  memcpy(path, word, colon - word);
  path[colon - word] = 0;
  return true;
}

int main(int count, char **words) {
  static const struct option known[] = {
      {"panel", 1, 0, 'p'},    {"camera", 1, 0, 'c'},    {"size", 1, 0, 's'},  {"format", 1, 0, 'f'},
      {"bits", 1, 0, 'b'},     {"pass", 1, 0, 'a'},      {"shared", 1, 0, 'm'}, {"sync", 1, 0, 'y'},
      {"exposure", 1, 0, 'e'}, {"seed", 1, 0, 'r'},      {"report", 1, 0, 'o'}, {"drop", 1, 0, 'd'},
      {"duplicate", 1, 0, 'u'}, {"black", 1, 0, 'k'},    {"delay", 1, 0, 'l'},  {"stall", 1, 0, 't'},
      {0, 0, 0, 0}};
  const char *panel_name = NULL, *camera_name = NULL;
  char path[256] = "";
  size_t mebibytes = 0;
  camera.format = V4L2_PIX_FMT_GREY;
  for (int option; (option = getopt_long(count, words, "", known, NULL)) != -1;) {
    bool understood = true;
    switch (option) {
      case 'p': panel_name = optarg; break;
      case 'c': camera_name = optarg; break;
      case 's': understood = sscanf(optarg, "%dx%d", &camera.width, &camera.height) == 2; break;
      case 'f': read_format(optarg); break;
      case 'b': understood = sscanf(optarg, "%d", &options.bits) == 1; break;
      case 'a': understood = options.passes = sscanf(optarg, "%d,%d", &options.x, &options.y) == 2; break;
      case 'm': understood = read_shared(optarg, path, sizeof path, &mebibytes); break;
      case 'y': read_sync(optarg); break;
      case 'e': understood = sscanf(optarg, "%lf", &options.exposure) == 1; break;
      case 'r': understood = sscanf(optarg, "%lu", &random_state) == 1; break;
      case 'o': options.report = optarg; break;
      case 'd': understood = sscanf(optarg, "%lf", &options.drop) == 1; break;
      case 'u': understood = sscanf(optarg, "%lf", &options.duplicate) == 1; break;
      case 'k': understood = sscanf(optarg, "%lf", &options.black) == 1; break;
      case 'l': understood = sscanf(optarg, "%lf:%lf", &options.delay, &options.delay_time) == 2; break;
      case 't': understood = sscanf(optarg, "%lf:%lf", &options.stall_every, &options.stall_time) == 2; break;
      default: fputs(usage, stderr); return 64;
    }
    if (!understood) die("'%s' is not understood\n%s", optarg, usage);
  }
  errno = 0;
  bool sees = options.passes || *path;
  if (!panel_name || !camera_name || camera.width < 1 || camera.height < 1 || !sees) {
    fputs(usage, stderr);
    return 64;
  }
  random_state = random_state * 0x9E3779B97F4A7C15ULL + 1;
  stop_on_signals();
  open_camera(camera_name);
  open_panel(panel_name);
  puts("ready");
  fflush(stdout);
  options.width = camera.width;
  options.height = camera.height;
  if (!options.passes) open_shared(path, mebibytes << 20);
  run();
  write_report();
  return 0;
}
