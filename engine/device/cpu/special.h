/* SPDX-License-Identifier: Apache-2.0 */
/* Special functions of double; float takes them and rounds. Relative errors of about
 * 1e-14, absolute where a function passes through zero. Outside of their domain and for
 * NaN they give NaN, at their poles what TensorFlow gives. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* The constants of Selu: its slope above zero, and the limit below it. */
#define GW_SELU_SCALE 1.0507009873554804934193349852946
#define GW_SELU_NEGATIVE 1.7580993408473768599402175208123

/* ln |Γ(x)|, infinity at 0, -1, -2, … */
double gw_log_gamma (double x);
/* Γ'(x) / Γ(x), NaN at 0, -1, -2, … */
double gw_digamma (double x);
/* The derivative of that of the given order, a whole number; order 0 is digamma. */
double gw_polygamma (double order, double x);
/* Σ (q + k)^-x over k = 0, 1, …, for x > 1. */
double gw_hurwitz_zeta (double x, double q);

/* The regularised incomplete gamma function P(a, x), 1 - P, and ∂P/∂a; a > 0, x ≥ 0. */
double gw_igamma (double a, double x);
double gw_igammac (double a, double x);
double gw_igamma_grad_a (double a, double x);
/* The regularised incomplete beta function; a, b > 0 and finite, 0 ≤ x ≤ 1. */
double gw_betainc (double a, double b, double x);

/* The y below which a standard normal number is with probability p. */
double gw_normal_quantile (double p);

/* The modified Bessel functions of the first kind times e^-|x|. */
double gw_bessel_i0e (double x);
double gw_bessel_i1e (double x);

G_END_DECLS
