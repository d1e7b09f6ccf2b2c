// panel snapshot drm:NODE|fb:NODE FILE.pgm   writes a picture of what the panel shows now
// panel watch drm:NODE|fb:NODE FILE          writes a line for each change of it, until it is ended:
//                                            "TIME off", "TIME level L" or "TIME pattern LEAST MOST CHECKSUM"

#include "scanout.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static uint8_t *levels;

static size_t read_all(int *width, int *height) {
  *width = panel.width;
  *height = panel.height;
  size_t count = (size_t)*width * *height;
  levels = realloc(levels, count);
  if (!levels) die("no memory");
  read_panel(0, 0, *width, *height, levels);
  return count;
}

static void describe(char *line, size_t size) {
  int width, height;
  size_t count = read_all(&width, &height);
  uint64_t checksum = 0;
  uint8_t least = 255, most = 0;
  for (size_t i = 0; i < count; i++) {
    checksum += levels[i] * (i % 8191 + 1);
    if (levels[i] < least) least = levels[i];
    if (levels[i] > most) most = levels[i];
  }
  if (panel.dark) snprintf(line, size, "off");
  else if (least == most) snprintf(line, size, "level %d", least);
  else snprintf(line, size, "pattern %d %d %lu", least, most, checksum);
}

static void watch(FILE *file) {
  char last[64] = "", line[64];
  setvbuf(file, NULL, _IOLBF, 0);
  while (!stopped) {
    describe(line, sizeof line);
    if (strcmp(line, last)) fprintf(file, "%.4f %s\n", now(), strcpy(last, line));
    if (panel.is_drm) wait_for_look();
    else sleep_until(now() + 0.002);
  }
}

static void write_picture(FILE *file) {
  int width, height;
  size_t count = read_all(&width, &height);
  fprintf(file, "P5\n%d %d\n255\n", width, height);
  fwrite(levels, 1, count, file);
}

int main(int count, char **words) {
  bool watches = count == 4 && !strcmp(words[1], "watch");
  if (!watches && (count != 4 || strcmp(words[1], "snapshot"))) {
    fputs("panel snapshot|watch drm:NODE|fb:NODE FILE\n", stderr);
    return 64;
  }
  stop_on_signals();
  FILE *file = fopen(words[3], "w");
  if (!file) die("%s", words[3]);
  open_panel(words[2]);
  if (panel.is_drm) wait_for_look();
  if (watches) watch(file);
  else write_picture(file);
  if (fclose(file)) die("%s", words[3]);
  return 0;
}
