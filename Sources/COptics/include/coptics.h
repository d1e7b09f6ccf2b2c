#ifndef COPTICS_H
#define COPTICS_H

#include <stdint.h>

#include "coptics_block.h"

// Elementwise kernels over complex planes stored as interleaved real and imaginary parts. `count` is the number of
// complex elements. Every kernel exists for float (suffix f) and double (suffix d) and is built for several instruction
// sets, chosen when the program starts.

#define COPTICS_DECLARE(S, T)                                                                                  \
  /* product = field * factor; product may be field */                                                          \
  void optics_multiply_##S(const T *field, const T *factor, T *product, int64_t count);                         \
  /* field *= conj(factor) */                                                                                   \
  void optics_multiply_conjugate_##S(T *field, const T *factor, int64_t count);                                 \
  /* field = amplitude, amplitude real */                                                                       \
  void optics_widen_##S(const T *amplitude, T *field, int64_t count);                                           \
  /* weighted = scale * weight * field, weight real */                                                          \
  void optics_weight_##S(const T *field, const T *weight, T scale, T *weighted, int64_t count);                 \
  /* intensity = |field|^2 */                                                                                   \
  void optics_intensity_##S(const T *field, T *intensity, int64_t count);                                       \
  /* gradient += Im(conj(field) * adjoint): the derivative of a real loss with respect to a phase */            \
  void optics_add_phase_gradient_##S(const T *adjoint, const T *field, T *gradient, int64_t count);             \
  /* gradient += conj(field) * adjoint: the derivative with respect to a complex factor */                      \
  void optics_add_gradient_##S(const T *adjoint, const T *field, T *gradient, int64_t count);                   \
  /* phasor = exp(i phase) */                                                                                   \
  void optics_phasor_##S(const T *phase, T *phasor, int64_t count);                                             \
  /* one step of Adam (Kingma & Ba 2015) on count real values; rate and correction carry the bias terms */      \
  void optics_adam_##S(T *value, const T *gradient, T *mean, T *square, int64_t count, T beta1, T beta2,        \
                       T rate, T correction, T epsilon);                                                        \
  /* a symmetric convolution along x, and along y, of side * side real values */                                \
  void optics_convolve_rows_##S(const T *source, T *target, int64_t side, const double *weights, int64_t count);\
  void optics_convolve_columns_##S(const T *source, T *target, int64_t side, const double *weights,             \
                                   int64_t count);                                                              \
  /* the same with a weight for each of the offsets -reach to reach, from a value to where it arrives */        \
  void optics_convolve_rows_sided_##S(const T *source, T *target, int64_t side, const double *weights,          \
                                      int64_t reach);                                                           \
  void optics_convolve_columns_sided_##S(const T *source, T *target, int64_t side, const double *weights,       \
                                         int64_t reach);                                                        \
  /* cubic convolution of side * side complex values at (x0 + c j + s i, y0 + c i - s j) of column j, row i */  \
  void optics_resample_##S(const T *plane, T *output, int64_t side, double x0, double y0, double c, double s);  \
  /* output += its transpose */                                                                                 \
  void optics_resample_adjoint_##S(const T *gradient, T *output, int64_t side, double x0, double y0, double c,  \
                                   double s);                                                                   \
  /* sums of Re conj(gradient) * slope: along x, along y, turned from x to y, stretched, about center */        \
  void optics_resample_slopes_##S(const T *gradient, const T *plane, int64_t side, double x0, double y0,        \
                                  double c, double s, double center, double *sums);                             \
  /* output += the change of the values when they are turned and stretched about center */                      \
  void optics_resample_tangent_##S(const T *plane, T *output, int64_t side, double x0, double y0, double c,     \
                                   double s, double center, double turn, double growth);

COPTICS_DECLARE(f, float)
COPTICS_DECLARE(d, double)

#endif
