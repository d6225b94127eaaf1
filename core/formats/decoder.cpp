// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/formats/decoder.h"

#include <algorithm>

namespace ember::formats {

void Decoder::countGap(qint64 rows)
{
    m_counts.linkGaps += rows;
    m_nextRow += rows;
}

void Decoder::skipRows(qint64 count)
{
    countGap(std::max<qint64>(0, count));
}

QString printable(QByteArrayView bytes, qsizetype most)
{
    QString text = QString::fromUtf8(bytes.first(std::min(bytes.size(), most)));
    for (QChar& c : text) {
        if (c == QLatin1Char('\t'))
            c = QLatin1Char(' ');
        else if (!c.isPrint())
            c = QChar(QChar::ReplacementCharacter);
    }
    if (bytes.size() > most)
        text += QChar(0x2026);
    return text;
}

} // namespace ember::formats
