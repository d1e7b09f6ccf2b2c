// Preloaded into a daemon: kills it just before it changes the names in a folder for the n-th time.
//   KILL_UNDER  the folder, with everything below it
//   KILL_AT     n; 0 counts only
#define _GNU_SOURCE
#include <dlfcn.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void pass(const char *path) {
    static atomic_int passed;
    const char *under = getenv("KILL_UNDER"), *at = getenv("KILL_AT");
    if (!under || !at || strncmp(path, under, strlen(under)) != 0) return;
    if (atomic_fetch_add(&passed, 1) + 1 == atoi(at)) {
        kill(getpid(), SIGKILL);
        for (;;) pause();
    }
}

int rename(const char *from, const char *to) {
    int (*next)(const char *, const char *) = (int (*)(const char *, const char *))dlsym(RTLD_NEXT, "rename");
    pass(to);
    return next(from, to);
}

int link(const char *from, const char *to) {
    int (*next)(const char *, const char *) = (int (*)(const char *, const char *))dlsym(RTLD_NEXT, "link");
    pass(to);
    return next(from, to);
}

int unlink(const char *path) {
    int (*next)(const char *) = (int (*)(const char *))dlsym(RTLD_NEXT, "unlink");
    pass(path);
    return next(path);
}

int mkdir(const char *path, mode_t mode) {
    int (*next)(const char *, mode_t) = (int (*)(const char *, mode_t))dlsym(RTLD_NEXT, "mkdir");
    pass(path);
    return next(path, mode);
}
