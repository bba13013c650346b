// Tiny kernels whose rates bound what any program can do on this machine; see rates.py.
// Each does its work `rounds` times on numbers that stay in the nearest cache, and returns
// something that depends on all of it, so that no compiler leaves it out.
#include <math.h>

extern "C" {

// glibc's vector versions, without -ffast-math
#ifdef VECTOR_MATH
#pragma omp declare simd notinbranch
double exp(double) noexcept;
#pragma omp declare simd notinbranch
double log(double) noexcept;
#endif

enum { LENGTH = 1024, LANES = 64 };
static double in[LENGTH], out[LENGTH];

static void fill() {
  for (int i = 0; i < LENGTH; i++) in[i] = 1 + i / (double)LENGTH;
}

#define KERNEL(NAME, FORMULA)                                   \
  double NAME(long rounds) {                                    \
    fill();                                                     \
    for (long r = 0; r < rounds; r++) {                         \
      _Pragma("omp simd")                                       \
      for (int i = 0; i < LENGTH; i++) out[i] = FORMULA;        \
      in[r % LENGTH] = 1 + out[(r * 7) % LENGTH] * 1e-9;        \
    }                                                           \
    return out[rounds % LENGTH];                                \
  }

KERNEL(exponential, exp(in[i]))
KERNEL(logarithm, log(in[i]))
KERNEL(division, 1 / in[i])
KERNEL(root, sqrt(in[i]))

// rounds * LENGTH multiply-adds in registers, LANES at once
double arithmetic(long rounds) {
  double held[LANES], sum = 0;
  for (int i = 0; i < LANES; i++) held[i] = i;
  for (long r = 0; r < rounds * (LENGTH / LANES); r++)
    for (int i = 0; i < LANES; i++) held[i] = held[i] * 0.999 + 0.001;
  for (int i = 0; i < LANES; i++) sum += held[i];
  return sum;
}

// rounds * LENGTH multiply-adds, each waiting for the one before
double chain(long rounds) {
  volatile double begin = 0.5;
  double held = begin;
  for (long r = 0; r < rounds * LENGTH; r++) held = held * 0.999 + 0.001;
  return held;
}

// the sum of numbers that lie in memory, by every core
double bytes(const double *numbers, long length) {
  double sum = 0;
#pragma omp parallel for simd reduction(+ : sum)
  for (long i = 0; i < length; i++) sum += numbers[i];
  return sum;
}
}
