// glibc's allocator and the knobs of it, which Swift's own module of the C library leaves out.
#include <malloc.h>
