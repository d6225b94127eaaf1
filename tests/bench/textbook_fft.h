/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the kernels are measured against: a real transform in plain C as textbooks give it, with whole tables of roots.
 * Decimation in frequency in radix 4, one pass of radix 2 where the number of factors is odd, bit reversal at the end
 * (Oppenheim and Schafer, chapter 9), and the usual split of a complex transform of half the length. */
#ifndef EMBER_TEXTBOOK_FFT_H
#define EMBER_TEXTBOOK_FFT_H

/* `re` and `im` hold the even and the odd samples; `cosine` and `sine` those of 2 pi i / (2 n) for i < n. Results as of
 * realFft(): bin k in re[k], im[k], the last one in im[0]. n is a power of two. */
static void textbook_complex_fft(float* re, float* im, unsigned n, const float* cosine, const float* sine)
{
    unsigned length = n;
    while (length >= 4) {
        unsigned quarter = length / 4;
        unsigned step = 2 * n / length;
        for (unsigned j = 0; j < quarter; ++j) {
            float c1 = cosine[j * step], s1 = sine[j * step];
            float c2 = cosine[2 * j * step % (2 * n)], s2 = sine[2 * j * step % (2 * n)];
            float c3 = cosine[3 * j * step % (2 * n)], s3 = sine[3 * j * step % (2 * n)];
            for (unsigned i = j; i < n; i += length) {
                float* r = re + i;
                float* m = im + i;
                float ar = r[0] + r[2 * quarter], ai = m[0] + m[2 * quarter];
                float br = r[0] - r[2 * quarter], bi = m[0] - m[2 * quarter];
                float cr = r[quarter] + r[3 * quarter], ci = m[quarter] + m[3 * quarter];
                float dr = r[quarter] - r[3 * quarter], di = m[quarter] - m[3 * quarter];
                float xr = ar - cr, xi = ai - ci;
                float yr = br + di, yi = bi - dr;
                float zr = br - di, zi = bi + dr;
                r[0] = ar + cr;
                m[0] = ai + ci;
                r[quarter] = xr * c2 + xi * s2;
                m[quarter] = xi * c2 - xr * s2;
                r[2 * quarter] = yr * c1 + yi * s1;
                m[2 * quarter] = yi * c1 - yr * s1;
                r[3 * quarter] = zr * c3 + zi * s3;
                m[3 * quarter] = zi * c3 - zr * s3;
            }
        }
        length = quarter;
    }
    if (length == 2) {
        for (unsigned i = 0; i < n; i += 2) {
            float r = re[i + 1], m = im[i + 1];
            re[i + 1] = re[i] - r;
            im[i + 1] = im[i] - m;
            re[i] += r;
            im[i] += m;
        }
    }
    for (unsigned i = 1, j = 0; i < n; ++i) {
        unsigned bit = n >> 1;
        for (; j & bit; bit >>= 1)
            j ^= bit;
        j |= bit;
        if (i < j) {
            float r = re[i], m = im[i];
            re[i] = re[j];
            im[i] = im[j];
            re[j] = r;
            im[j] = m;
        }
    }
}

static void textbook_real_fft(float* re, float* im, unsigned n, const float* cosine, const float* sine)
{
    textbook_complex_fft(re, im, n, cosine, sine);
    float first = re[0];
    re[0] = first + im[0];
    im[0] = first - im[0];
    for (unsigned k = 1; k <= n / 2; ++k) {
        float er = 0.5f * (re[k] + re[n - k]), ei = 0.5f * (im[k] - im[n - k]);
        float orr = 0.5f * (im[k] + im[n - k]), oi = 0.5f * (re[n - k] - re[k]);
        float tr = orr * cosine[k] + oi * sine[k], ti = oi * cosine[k] - orr * sine[k];
        re[n - k] = er - tr;
        im[n - k] = ti - ei;
        re[k] = er + tr;
        im[k] = ei + ti;
    }
}

#endif
