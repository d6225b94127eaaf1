// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/signal/block_sink.h"

#include "core/base/quantity.h"

namespace ember::signal {

QString lossText(const Ledger& ledger)
{
    const QString lost = QStringLiteral("%1 lost").arg(formatCount(ledger.lostRows()));
    if (ledger.seesLoss)
        return lost;
    return ledger.lostRows() > 0 ? QStringLiteral("at least %1").arg(lost) : QStringLiteral("losses not visible");
}

} // namespace ember::signal
