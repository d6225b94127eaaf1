// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/signal/block_sink.h"

#include "core/base/quantity.h"

namespace ember::signal {

QString arrivalText(const ArrivalHistogram& arrivals)
{
    const auto within = [&arrivals](double share) {
        const double ms = arrivals.withinMs(share);
        return qIsInf(ms) ? QStringLiteral("more than a second late") : QStringLiteral("within %1 ms").arg(ms);
    };
    return arrivals.total() == 0 ? QString() : QStringLiteral("half %1, 99 % %2").arg(within(0.5), within(0.99));
}

QString lossText(const Ledger& ledger)
{
    const QString lost = QStringLiteral("%1 lost").arg(formatCount(ledger.lostRows()));
    if (ledger.seesLoss)
        return lost;
    return ledger.lostRows() > 0 ? QStringLiteral("at least %1").arg(lost) : QStringLiteral("losses not visible");
}

} // namespace ember::signal
