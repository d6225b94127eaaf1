// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/packed.h"

#include <QtEndian>
#include <QtTest>

using namespace ember;

class TestPacked : public QObject
{
    Q_OBJECT

    static constexpr qsizetype kMost = 1 << 20;

    static QByteArray claiming(QByteArray packed, quint32 bytes)
    {
        qToBigEndian(bytes, packed.data());
        return packed;
    }

private Q_SLOTS:
    void whatWasPackedComesBack()
    {
        QByteArray bytes;
        for (const int size : {0, 1, 1000, int(kMost)}) {
            bytes.resize(size);
            for (int i = 0; i < size; ++i)
                bytes[i] = static_cast<char>(i % 251 * (i % 241) % 239);
            const auto back = unpack(pack(bytes), kMost);
            QVERIFY2(back, qPrintable(QString::number(size)));
            QCOMPARE(*back, bytes);
        }
        QCOMPARE(*unpack(qCompress("as Qt writes it"), kMost), QByteArray("as Qt writes it"));
    }

    void whatIsDamagedOrClaimsOtherSizesIsRefused()
    {
        const QByteArray bytes(100'000, 'x');
        const QByteArray packed = pack(bytes);
        QVERIFY(unpack(packed, bytes.size()));
        QCOMPARE(unpack(packed, bytes.size() - 1).error().kind, ErrorKind::BadData);
        QVERIFY(!unpack(claiming(packed, 99'999), kMost)); // holds more than it says
        QVERIFY(!unpack(claiming(packed, 100'001), kMost));
        QVERIFY(!unpack(claiming(packed, 0xffffffffu), kMost));
        for (qsizetype length = 0; length < packed.size(); ++length)
            QVERIFY(!unpack(packed.left(length), kMost));
        // Where a flipped bit means nothing to zlib, its check sum still tells whether the bytes are the same.
        for (qsizetype at = 4; at < packed.size(); ++at) {
            QByteArray flipped = packed;
            flipped[at] = static_cast<char>(flipped[at] ^ 0x10);
            const auto back = unpack(flipped, kMost);
            QVERIFY(!back || *back == bytes);
        }
        QByteArray wrongSum = packed;
        wrongSum.back() = static_cast<char>(wrongSum.back() ^ 1);
        QVERIFY(!unpack(wrongSum, kMost));
    }
};

QTEST_GUILESS_MAIN(TestPacked)
#include "tst_packed.moc"
