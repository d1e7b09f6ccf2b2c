// What the kernel scans out to a panel, seen by a process that does not own the display.

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdatomic.h>

struct Panel {
  int file;
  bool is_drm;
  _Atomic bool dark;       // nothing is scanned out
  _Atomic bool has_blank;  // there is a vertical blank to wait for
  int width, height, bytes;  // bytes of a pixel; a grey level is in the first
  size_t pitch;
  uint8_t *pixels;
  uint32_t crtc;
  uint64_t looks;          // at the panel, one after each blank
  uint32_t first, latest;  // sequence numbers of blanks
  double first_time, latest_time;
};
extern struct Panel panel;

// Opens drm:NODE or fb:NODE.
void open_panel(const char *name);

// Copies the grey levels of a region as the light meets them; 0 beyond the panel, and where nothing is shown. Returns the
// time at which it began.
double read_panel(int x, int y, int width, int height, uint8_t *levels);

// Waits for the next look after a vertical blank, a second at most.
void wait_for_look(void);

// Set by SIGTERM and SIGINT, once stop_on_signals was called.
extern volatile int stopped;
void stop_on_signals(void);

// Seconds of CLOCK_MONOTONIC.
double now(void);
void sleep_until(double time);

// Ends the process with a message, and with errno's where it is set.
__attribute__((noreturn, format(printf, 1, 2))) void die(const char *format, ...);
