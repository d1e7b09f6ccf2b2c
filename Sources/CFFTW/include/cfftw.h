#ifndef ODU_CFFTW_H
#define ODU_CFFTW_H

#include <fftw3.h>

// FFTW's planner is the one part of it that is not thread-safe: whoever makes or destroys a plan holds this lock.
void odu_fftw_lock(void);
void odu_fftw_unlock(void);

#endif
