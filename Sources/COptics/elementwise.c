#include "coptics.h"

// A product may be fused with the sum that takes it. Square roots, sines and cosines are the compiler's own, which set no
// errno and therefore vectorise. Compiler flags cannot ask for it: SwiftPM refuses them in a package that others depend on.
#pragma clang fp contract(fast)

// The thread sanitizer counts calls also in what chooses a clone, which runs before the sanitizer itself has begun.
#if defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define CHOOSES_NOTHING
#endif
#endif

#if defined(__x86_64__) && defined(__linux__) && !defined(CHOOSES_NOTHING)
#define CLONES __attribute__((target_clones("default", "arch=x86-64-v3", "arch=x86-64-v4")))
#else
#define CLONES
#endif

#define JOIN_(a, b) a##_##b
#define JOIN(a, b) JOIN_(a, b)
#define NAME(f) JOIN(f, S)

#define T float
#define S f
#include "elementwise.inc"
#undef T
#undef S

#define T double
#define S d
#include "elementwise.inc"
#undef T
#undef S

// The single-precision phasor is written as straight arithmetic so that it vectorises: the phase is reduced to
// [-pi/4, pi/4] in three steps (Cody and Waite), and the two minimax polynomials are Cephes' sinf and cosf, whose error is
// below one unit in the last place there. Phases beyond 1e5 radians lose accuracy; layers never come near.
CLONES void optics_phasor_f(const float *restrict phase, float *restrict phasor, int64_t count) {
  for (int64_t i = 0; i < count; i++) {
    float turns = phase[i] * 0.63661977236758134f;
    float whole = __builtin_rintf(turns);
    int quadrant = (int)whole;
    float r = phase[i] - whole * 1.5703125f;
    r = r - whole * 4.837512969970703125e-4f;
    r = r - whole * 7.54978995489188216e-8f;
    float r2 = r * r;
    float s = r + r * r2 * (-1.6666654611e-1f + r2 * (8.3321608736e-3f - r2 * 1.9515295891e-4f));
    float c = 1.0f - 0.5f * r2 + r2 * r2 * (4.166664568298827e-2f + r2 * (-1.388731625493765e-3f + r2 * 2.443315711809948e-5f));
    int swap = quadrant & 1;
    float cosine = swap ? s : c, sine = swap ? c : s;
    phasor[2 * i] = ((quadrant + 1) & 2) ? -cosine : cosine;
    phasor[2 * i + 1] = (quadrant & 2) ? -sine : sine;
  }
}

void optics_phasor_d(const double *restrict phase, double *restrict phasor, int64_t count) {
  for (int64_t i = 0; i < count; i++) {
    phasor[2 * i] = __builtin_elementwise_cos(phase[i]);
    phasor[2 * i + 1] = __builtin_elementwise_sin(phase[i]);
  }
}
