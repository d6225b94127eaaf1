// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtGlobal>

#include <span>

namespace ember::learn {

/// How two models differ on the same rows.
struct McNemar
{
    qint64 onlyFirst = 0;  ///< rows that only the first one gets right
    qint64 onlySecond = 0; ///< rows that only the second one gets right
    double pValue = 1;     ///< of a difference at least so large, were both equally good
};

/// McNemar's test in its exact form: two-sided, binomial with 1/2 over the rows on which exactly one is right (McNemar
/// 1947; Dietterich 1998). Rows count as independent, which windows of one recording are not quite: a small value is
/// weaker evidence than it looks. All spans have one entry per row.
McNemar mcNemar(std::span<const qint32> truth, std::span<const qint32> first, std::span<const qint32> second);

/// The probability of at most min(a, b) or at least max(a, b) heads in a + b throws of a fair coin.
double exactBinomialTwoSided(qint64 a, qint64 b);

} // namespace ember::learn
