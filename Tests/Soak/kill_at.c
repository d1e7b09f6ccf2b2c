// Preloaded into a daemon: kills it just before it changes the names in a folder for the n-th time, or anything in it.
//   KILL_UNDER   the folder, with everything below it
//   KILL_AT      n; 0 kills never
//   KILL_WRITES  when set, what is written into files counts, too, and what is made sure to be on the disk
#define _GNU_SOURCE
#include <dlfcn.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
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

static void pass_file(int descriptor) {
    char name[64], path[4096];
    if (!getenv("KILL_WRITES")) return;
    snprintf(name, sizeof name, "/proc/self/fd/%d", descriptor);
    ssize_t length = readlink(name, path, sizeof path - 1);
    if (length <= 0) return;
    path[length] = 0;
    pass(path);
}

ssize_t write(int descriptor, const void *bytes, size_t count) {
    ssize_t (*next)(int, const void *, size_t) = (ssize_t (*)(int, const void *, size_t))dlsym(RTLD_NEXT, "write");
    pass_file(descriptor);
    return next(descriptor, bytes, count);
}

ssize_t pwrite64(int descriptor, const void *bytes, size_t count, off64_t place) {
    ssize_t (*next)(int, const void *, size_t, off64_t) =
        (ssize_t (*)(int, const void *, size_t, off64_t))dlsym(RTLD_NEXT, "pwrite64");
    pass_file(descriptor);
    return next(descriptor, bytes, count, place);
}

ssize_t pwrite(int descriptor, const void *bytes, size_t count, off_t place) {
    return pwrite64(descriptor, bytes, count, place);
}

int ftruncate64(int descriptor, off64_t length) {
    int (*next)(int, off64_t) = (int (*)(int, off64_t))dlsym(RTLD_NEXT, "ftruncate64");
    pass_file(descriptor);
    return next(descriptor, length);
}

int ftruncate(int descriptor, off_t length) { return ftruncate64(descriptor, length); }

int fsync(int descriptor) {
    int (*next)(int) = (int (*)(int))dlsym(RTLD_NEXT, "fsync");
    pass_file(descriptor);
    return next(descriptor);
}

int fdatasync(int descriptor) {
    int (*next)(int) = (int (*)(int))dlsym(RTLD_NEXT, "fdatasync");
    pass_file(descriptor);
    return next(descriptor);
}
