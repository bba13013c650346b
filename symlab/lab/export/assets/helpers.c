/* 1/(1 + e^-z), without overflow. */
static double sigmoid(double z)
{
    const double decay = exp(-fabs(z));
    return (z < 0 ? decay : 1) / (1 + decay);
}

/* log(1 + e^z), without overflow. */
static double softplus(double z)
{
    return (z <= 0 ? 0 : z) + log1p(exp(-fabs(z)));
}

/* The larger of z and 0; not a number stays none. */
static double relu(double z)
{
    return z <= 0 ? 0 : z;
}

static double softsign(double z)
{
    return z / (1 + fabs(z));
}

/* The larger of 1 - z and 0. */
static double hinge(double z)
{
    return relu(1 - z);
}

/* x log(x), and its limit 0 at x = 0. */
static double xlogx(double x)
{
    return x == 0 ? 0 : x * log(x);
}

/* log(cosh(z)). */
static double logcosh(double z)
{
    const double size = fabs(z);
    const double half = sinh(size / 2);
    return size < 20 ? log1p(2 * half * half) : size - 0.6931471805599453;
}

/* log(sinh(z)) of z > 0. */
static double logsinh(double z)
{
    return z < 20 ? log(sinh(z)) : z - 0.6931471805599453;
}

/* log(1 - e^u) of u < 0. */
static double log1mexp(double u)
{
    return u > -0.6931471805599453 ? log(-expm1(u)) : log1p(-exp(u));
}

/* log(e^u - 1) of u > 0. */
static double logexpm1(double u)
{
    return u < 1 ? log(expm1(u)) : u + log1p(-exp(-u));
}

/* log(p/(1 - p)), which keeps its digits where p is near 1/2. */
static double logit(double p)
{
    return fabs(p - 0.5) < 0.25 ? 2 * atanh(2 * p - 1) : log(p) - log1p(-p);
}

/* log(x/y), from the difference x - y where that is small. */
static double logquotient(double x, double y, double difference)
{
    const double quotient = x / y;
    if (fabs(difference) < fabs(y) / 2) return log1p(difference / y);
    if (quotient != 0 && !isinf(quotient)) return log(quotient);
    return log(fabs(x)) - log(fabs(y));
}

/* log(x) - log(y) of positive x and y. */
static double logdifference(double x, double y, double difference)
{
    return y > 0 ? logquotient(x, y, difference) : NAN;
}

/* x log(x/y), and its limit 0 at x = 0. */
static double xlogquotient(double x, double y, double difference)
{
    return x == 0 ? 0 : x * logquotient(x, y, difference);
}

/* p - r, from the difference of their squares where the two nearly agree. */
static double lineless(double p, double r, double squares)
{
    return p > r / 2 ? squares / (p + r) : p - r;
}

/* log(e^a + e^b), without overflow. */
static double logsumexp(double a, double b)
{
    const double most = a > b ? a : b;
    return isinf(most) ? most : most + log1p(exp(-fabs(a - b)));
}

static double cot(double z)
{
    return 1 / tan(z);
}

static double sec(double z)
{
    return 1 / cos(z);
}

static double csc(double z)
{
    return 1 / sin(z);
}

static double coth(double z)
{
    return 1 / tanh(z);
}

/* sin(z)/z, and its limit 1 at z = 0. */
static double sinc(double z)
{
    return z == 0 ? 1 : sin(z) / z;
}

/* The rest of a division, with the sign of what is divided by. */
static double modulo(double a, double b)
{
    return a - b * floor(a / b);
}

/* 1/cosh(z), without overflow. */
static double sech(double z)
{
    const double decay = exp(-fabs(z));
    return 2 * decay / (1 + decay * decay);
}

/* 1/sinh(z), without overflow. */
static double csch(double z)
{
    const double size = fabs(z);
    return copysign(2 * exp(-size) / -expm1(-2 * size), z);
}

/* The larger of two numbers; not a number stays none, which fmax would lose. */
static double larger(double a, double b)
{
    return a > b || a != a ? a : b;
}

/* The smaller of two numbers; not a number stays none. */
static double smaller(double a, double b)
{
    return a < b || a != a ? a : b;
}

static double sign(double z)
{
    return z > 0 ? 1 : z < 0 ? -1 : z;
}

/* 0 below zero, 1 above, and a given value at it. */
static double heaviside(double z, double middle)
{
    return z > 0 ? 1 : z < 0 ? 0 : z == 0 ? middle : z;
}

/* The slope of a jump: nothing beside it, and no number at it. */
static double pulse(double z)
{
    return z == 0 ? INFINITY : z * 0;
}

/* Solve a p = b by elimination with pivots; p is left in b, and a is lost. */
static void solve(int n, double a[], double b[])
{
    for (int column = 0; column < n; ++column) {
        int pivot = column;
        for (int row = column + 1; row < n; ++row)
            if (fabs(a[row * n + column]) > fabs(a[pivot * n + column])) pivot = row;
        for (int j = column; j < n; ++j) {
            const double kept = a[column * n + j];
            a[column * n + j] = a[pivot * n + j];
            a[pivot * n + j] = kept;
        }
        const double moved = b[column];
        b[column] = b[pivot];
        b[pivot] = moved;
        for (int row = column + 1; row < n; ++row) {
            const double factor = a[row * n + column] / a[column * n + column];
            for (int j = column; j < n; ++j) a[row * n + j] -= factor * a[column * n + j];
            b[row] -= factor * b[column];
        }
    }
    for (int row = n - 1; row >= 0; --row) {
        for (int j = row + 1; j < n; ++j) b[row] -= a[row * n + j] * b[j];
        b[row] /= a[row * n + row];
    }
}
